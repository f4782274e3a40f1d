"""The one guarded way into a docx or xlsx: a zip whose real output is counted and whose XML may hold no DOCTYPE.

Rules (plan, faults, "Libraries: advisories and safe floor", and pitfalls, "Documents"):

1. A package without ``[Content_Types].xml``, with overlapping or doubled members, or cut short is ``corrupt``.
2. Inflated bytes are counted as they come, one budget for the whole tree: ``zip_bomb``.
3. A DOCTYPE is refused when the parser reports it, so that UTF-16 cannot hide it: ``xml_entity``. Office files are
   UTF-8 or UTF-16; the strict parser that watches for the DOCTYPE refuses anything else. It is spared what cannot hold one:
   bytes without NUL that are UTF-8 by their own word or by default (XML 1.0, 4.3.3) and nowhere spell ``<!DOCTYPE``.
4. Elements inside one another beyond the parser's own limit: ``xml_too_deep``.
5. Nothing outside the package is ever fetched; a part that would make a viewer fetch something is a finding.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn
from xml.parsers import expat

from lxml import etree

from parsers import limits
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.values import Finding
from parsers.zipped import directory, inflated

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
_CHUNK = 1 << 18
_UTF8 = re.compile(
    rb"""<[a-z_]|<\?xml version=["']1\.0["'] encoding=["']utf-8["']""", re.IGNORECASE
)  # no word of it: UTF-8
OLD_FONTS = re.compile(
    rb"V(?:NI|(?<=\.V)[nN])"
)  # .Vn, .VN, VNI: a large part has few V, and one letter is found at once
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_OLE = "EncryptedPackage".encode("utf-16-le")
_LOCAL_HEADER = 30  # bytes of a member's own header without its name
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument", b"http://schemas.openxmlformats.org/officeDocument/2006"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml", b"http://schemas.openxmlformats.org/drawingml/2006"),
)  # fmt: skip
# relationships that are followed only when a person clicks, or that every document made from a template carries
_HARMLESS = ("/hyperlink", "/customXml")
_GRAPHICS = re.compile(r"/(?:charts/chart|chartsheets/|diagrams/data)[^/]*\.xml$")
_NETWORK = ("http:", "https:", "ftp:", "\\\\", "//", "file://", "smb:", "webdav:")


class Package:
    """An opened docx or xlsx; members are inflated when asked for, each at most once counted against the budget."""

    must_have = "[Content_Types].xml"  # the member without which it is no package of this kind

    def __init__(self, data: bytes, budget: Budget) -> None:
        if data.startswith(_OLE):
            raise Unreadable("encrypted" if _ENCRYPTED_OLE in data else "corrupt", "an OLE file, not a package")
        try:
            self._zip = directory(data)
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
            raise Unreadable("corrupt", f"not a whole zip: {error}") from error
        self._data = data
        self._budget = budget
        self._kept: dict[str, bytes] = {}
        self._related: dict[str, Any] = {}  # roots of the relationship parts, each asked for more than once
        self._relations: dict[str, dict[str, tuple[str, str, bool]]] = {}
        self._members = _checked_members(self._zip)
        if self.must_have.lower() not in self._members:
            raise Unreadable("corrupt", f"no {self.must_have}")

    @property
    def names(self) -> tuple[str, ...]:
        """Every member's name, as stored."""
        return tuple(info.filename for info in self._members.values())

    def has(self, name: str) -> bool:
        """Whether there is such a member; OPC compares names without case."""
        return name.lower() in self._members

    def read(self, name: str) -> bytes:
        """The member's bytes, counted while they come."""
        key = name.lower()
        if key not in self._kept:
            info = self._members.get(key)
            if info is None:
                raise Unreadable("corrupt", f"no member {name}")
            self._kept[key] = self._inflate(info)
        return self._kept[key]

    def xml(self, name: str) -> Any:
        """The root element of an XML member, parsed without entities, network or DTD."""
        return parse_xml(self.read(name), name)

    def relationships(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Relationships of a part (``""``: of the package): id → (kind, target member or address, external)."""
        if part not in self._relations:
            self._relations[part] = self._relations_of(part)
        return self._relations[part]

    def _relations_of(self, part: str) -> dict[str, tuple[str, str, bool]]:
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels".lstrip("/")
        if not self.has(rels):
            return {}
        found = {}
        for item in self._rels(rels):
            if not isinstance(item.tag, str):
                continue
            external = item.get("TargetMode") == "External"
            target = item.get("Target") or ""
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[item.get("Id") or ""] = ((item.get("Type") or "").rpartition("/")[2], target, external)
        return found

    def main_part(self) -> str:
        """The member the whole package is about."""
        for kind, target, external in self.relationships("").values():
            if kind == "officeDocument" and not external and self.has(target):
                return target
        raise Unreadable("corrupt", "no main part")

    def findings(self) -> Iterator[Finding]:
        """What a person should know before opening the file in an office program."""
        if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in self.names):
            yield Finding("macro_present", "warning")
        rels = [name for name in self.names if name.lower().endswith(".rels")]
        if any(_fetches(item) for name in rels for item in self._rels(name) if isinstance(item.tag, str)):
            yield Finding("remote_ref", "warning")
        if any(_GRAPHICS.search(f"/{name.lower()}") for name in self.names):
            yield Finding("graphics_unread", "info")

    def _rels(self, name: str) -> Any:
        key = name.lower()
        if key not in self._related:
            self._related[key] = self.xml(name)
        return self._related[key]

    def _inflate(self, info: zipfile.ZipInfo) -> bytes:
        if info.flag_bits & 0x1:
            raise Unreadable("encrypted", info.filename)
        if info.file_size <= limits.OOXML_MEMBER_MAX and (whole := inflated(self._data, info)) is not None:
            self._budget.take(len(whole))
            return whole
        out = []
        produced = 0
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    produced += len(chunk)
                    self._budget.take(len(chunk))
                    if produced > limits.OOXML_MEMBER_MAX:
                        raise Unreadable("zip_bomb", f"{info.filename} inflates beyond the cap")
                    out.append(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise Unreadable("corrupt", f"{info.filename}: {error}") from error
        return b"".join(out)


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.OOXML_ENTRIES_MAX:
        raise Unreadable("zip_too_many_entries", str(len(infos)))
    members: dict[str, zipfile.ZipInfo] = {}
    end = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        key = info.filename.lower()
        if key in members or info.header_offset < end:
            raise Unreadable("corrupt", f"doubled or overlapping member {info.filename}")
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
        members[key] = info
    return members


def _fetches(relationship: Any) -> bool:
    kind = relationship.get("Type") or ""
    if relationship.get("TargetMode") != "External" or kind.endswith(_HARMLESS):
        return False
    target = (relationship.get("Target") or "").strip().lower()
    local = target.startswith("file:///") and not target.startswith(("file:////", "file:///\\\\"))
    return target.startswith(_NETWORK) and not local


def holds(data: bytes, *words: bytes) -> bool:
    """Whether a part's bytes hold one of the words; sought from the end, which takes Python a quarter of the time."""
    return any(data.rfind(word) >= 0 for word in words)


def refuse_doctype(data: bytes, name: str) -> None:
    """Raise ``xml_entity`` at the parser's first word of a DOCTYPE, ``corrupt`` when it is not XML at all."""
    if _UTF8.match(data) and b"\0" not in data and not (b"!" in data and holds(data, b"<!DOCTYPE")):
        return

    def refuse(*_: object) -> NoReturn:
        raise Unreadable("xml_entity", f"DOCTYPE in {name}")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: an encoding nobody knows
        raise Unreadable("corrupt", f"{name}: {error}") from error


def commonly_named(data: bytes) -> bytes:
    """XML of the strict edition with the common edition's namespaces, which are all our readers and libraries look for."""
    if holds(data, b"http://purl.oclc.org/ooxml/"):
        for strict, common in _STRICT:
            data = data.replace(strict, common)
    return data


def parse_xml(data: bytes, name: str) -> Any:
    """The root element of guarded XML; the strict edition's namespaces are given as the common ones."""
    refuse_doctype(data, name)
    data = commonly_named(data)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        deep = "depth" in str(error).lower()
        raise Unreadable("xml_too_deep" if deep else "corrupt", f"{name}: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("xml_entity", f"DOCTYPE in {name}")
    return root
