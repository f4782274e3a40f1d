"""Word documents as one XML file: what Word 2003 wrote ("Word XML document", named .xml or .doc) and Word's flat package.

Rules:

1. Both are put into the package they would be today and read as that (``docx``): one story, one set of rules, the same caps.
2. The DOCTYPE is refused before anything else is looked at: ``xml_entity``. A part's bytes count against the budget.
3. In Word 2003 a deletion tracked is not there, an insertion is; the number of a list stands in the file as it was shown.
"""

from __future__ import annotations

import base64
import binascii
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from parsers import limits
from parsers.readers import docx
from parsers.readers.budget import Budget
from parsers.readers.docx_pictures import page_pictures
from parsers.readers.docx_styles import W
from parsers.readers.errors import Unreadable
from parsers.readers.ooxml import Package, parse_xml
from parsers.values import Document, Finding

READER = "wordxml/1"
WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
FLAT = "http://schemas.microsoft.com/office/2006/xmlPackage"
_OLD, _AML = f"{{{WORD_2003}}}", "{http://schemas.microsoft.com/aml/2001/core}"
_PKG = f"{{{FLAT}}}"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_NAMES = {"vmerge": "vMerge", "hmerge": "hMerge", "h-ansi": "hAnsi"}
_DELETED = ("Word.Deletion", "Word.MoveFrom")
_CONTENT = b'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset
    counted = budget or Budget()
    root = parse_xml(data, "document")
    if root.tag == f"{_PKG}package":
        parts, active = _flat(root, counted), False
    elif root.tag == f"{_OLD}wordDocument":
        parts, active = _word_2003(root), root.get(f"{_OLD}macrosPresent") == "yes"
    else:
        raise Unreadable("unsupported_type", "XML that is no Word document")
    told = docx.read(_packed(parts), budget=counted)
    macro = (Finding("macro_present", "warning"),) if active else ()
    return Document("wordxml", READER, told.blocks, (*told.findings, *macro), images=told.images, quality=told.quality)


def pictures(data: bytes, budget: Budget) -> Iterator[bytes]:
    """The pictures such a document holds, those of a flat package in the body's order; raises ``Unreadable``."""
    root = parse_xml(data, "document")
    if root.tag == f"{_PKG}package":
        package = Package(_packed(_flat(root, budget)), budget)
        yield from (package.read(name) for name in page_pictures(package, package.main_part()))
        return
    for held in root.iter(f"{_OLD}binData"):
        try:
            picture = base64.b64decode("".join(held.itertext()))
        except (binascii.Error, ValueError):
            continue  # a picture that cannot be opened is none
        budget.take(len(picture))
        yield picture


def _packed(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {"[Content_Types].xml": _CONTENT, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _flat(root: Any, budget: Budget) -> dict[str, bytes]:
    """The parts of a flat package by name."""
    parts: dict[str, bytes] = {}
    for part in root.iterfind(f"{_PKG}part"):
        name = (part.get(f"{_PKG}name") or "").lstrip("/")
        held, binary = part.find(f"{_PKG}xmlData"), part.find(f"{_PKG}binaryData")
        if not name or name.lower() in {known.lower() for known in parts} or len(parts) >= limits.OOXML_ENTRIES_MAX:
            raise Unreadable("corrupt", f"part {name!r}")
        if held is not None and len(held):
            parts[name] = etree.tostring(held[0], encoding="utf-8", xml_declaration=True, with_tail=False)
        elif binary is not None:
            try:
                parts[name] = base64.b64decode("".join(binary.itertext()))
            except (binascii.Error, ValueError) as error:
                raise Unreadable("corrupt", f"{name}: {error}") from error
            budget.take(len(parts[name]))
    return parts


def _word_2003(root: Any) -> dict[str, bytes]:
    """A Word 2003 document as a package of its body and its styles."""
    body, styles = root.find(f"{_OLD}body"), root.find(f"{_OLD}styles")
    if body is None:
        raise Unreadable("corrupt", "no body")
    for held in (body, styles):
        if held is not None:
            _renamed(held)
    document = etree.Element(f"{W}document")
    document.append(body)
    parts = {"_rels/.rels": _related("officeDocument", "word/document.xml"), "word/document.xml": _told(document)}
    if styles is not None:
        parts["word/styles.xml"] = _told(styles)
        parts["word/_rels/document.xml.rels"] = _related("styles", "styles.xml")
    return parts


def _related(kind: str, target: str) -> bytes:
    line = f'<Relationship Id="r1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_RELATIONS}">{line}</Relationships>'.encode()


def _told(element: Any) -> bytes:
    return bytes(etree.tostring(element, encoding="utf-8", with_tail=False))


def _renamed(root: Any) -> None:
    """Word 2003's names as today's; what was deleted under tracking taken out."""
    for gone in [one for one in root.iter(f"{_AML}annotation") if one.get(f"{_OLD}type") in _DELETED]:
        parent = gone.getparent()
        if parent is not None:
            parent.remove(gone)
    for mark in list(root.iterfind(f".//{_OLD}p/{_OLD}pPr/{_OLD}listPr/{_HINT}t")):
        _number_shown(mark.getparent().getparent(), mark.get(f"{_HINT}val") or "")
    for element in root.iter(etree.Element):
        if element.tag.startswith(_OLD):
            element.tag = W + _today(element.tag)
        for name, value in element.attrib.items():
            if name.startswith(_OLD):
                del element.attrib[name]
                element.set(W + _today(name), value)


def _number_shown(properties: Any, text: str) -> None:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = f"{text} "
    properties.addnext(run)


def _today(name: str) -> str:
    local = name.removeprefix(_OLD)
    return _NAMES.get(local, local)
