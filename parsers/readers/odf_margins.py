"""What an OpenDocument file prints above and below its pages, and what is stuck to its text.

Its styles, ninety kilobytes as LibreOffice writes them, are parsed only where the bytes of its pages' styles name a header or a footer.
"""

from __future__ import annotations

from typing import Any

from parsers.readers.odf import OFFICE, STYLE, OdfPackage
from parsers.readers.ooxml import refuse_doctype


def margins(package: OdfPackage) -> tuple[list[Any], list[Any]]:
    """The headers and footers of the pages that are used."""
    if not package.has("styles.xml"):
        return [], []
    styles = package.read("styles.xml")
    pages = styles.partition(b"master-styles")[2]  # nothing in UTF-16, which is parsed
    if pages and b"header" not in pages and b"footer" not in pages:
        refuse_doctype(styles, "styles.xml")
        return [], []
    content = package.read("content.xml")
    heads: list[Any] = []
    feet: list[Any] = []
    for n, page in enumerate(package.xml("styles.xml").iter(f"{STYLE}master-page")):
        name = page.get(f"{STYLE}name") or ""
        if n and f'master-page-name="{name}"'.encode() not in content:
            continue
        for part in page:
            if part.get(f"{STYLE}display") != "false" and isinstance(part.tag, str):
                kind = part.tag.removeprefix(STYLE)
                (heads if kind.startswith("header") else feet if kind.startswith("footer") else []).append(part)
    return heads, feet


def comments(package: OdfPackage) -> list[Any]:
    """The comments, sought only where the file's bytes name one."""
    if b"annotation" not in package.read("content.xml"):
        return []
    return list(package.xml("content.xml").iter(f"{OFFICE}annotation"))
