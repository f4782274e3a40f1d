"""The guarded way into an OpenDocument file (odt, ods): the package rules of ``ooxml``, OpenDocument's own names.

Rules:

1. A file under a password says so in its manifest: ``encrypted``.
2. Fonts and hidden text are looked up only when the file names an old Vietnamese font or hides anything.
3. Nothing outside the package is fetched; what an office program would fetch or run is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.ooxml import OLD_FONTS, Package, holds
from parsers.values import Finding

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, STYLE, DRAW = (f"{{{_NS}{name}:1.0}}" for name in ("office", "text", "table", "style", "drawing"))
FO, SVG = f"{{{_NS}xsl-fo-compatible:1.0}}", f"{{{_NS}svg-compatible:1.0}}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_TELLING = (
    b'text:display="none"',
    b'line-through-style="solid"',
    b'line-through-type="single"',
    b'text-position="super',
)
_STRUCK = ("text-line-through-style", "text-line-through-type")
_NETWORK = ("http:", "https:", "ftp:", "\\\\", "//", "smb:", "webdav:", "file://")
_CLICKED = frozenset({f"{TEXT}a", f"{DRAW}a"})
_RUNS = (b"<office:event-listeners", b"<office:dde-source", b"<text:dde-connection", b"<text:execute-macro")
_CHAIN_MAX = 20  # styles based on one another; a ring must end


class OdfPackage(Package):
    """An opened odt or ods."""

    must_have = "content.xml"

    def __init__(self, data: bytes, budget: Budget) -> None:
        try:
            super().__init__(data, budget)
        except Unreadable as refused:
            if b"encrypted-package" in data:  # the newer way: the whole package is one locked member
                raise Unreadable("encrypted", "encrypted-package") from refused
            raise
        self._roots: dict[str, Any] = {}
        if self.has("META-INF/manifest.xml") and b"encryption-data" in self.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted", "the manifest names a cipher")

    def xml(self, name: str) -> Any:
        """The root element of an XML member, parsed once."""
        if name not in self._roots:
            self._roots[name] = super().xml(name)
        return self._roots[name]

    def body(self, kind: str) -> Any:
        """The element all content stands in: ``text`` or ``spreadsheet``."""
        found = self.xml("content.xml").find(f"{OFFICE}body/{OFFICE}{kind}")
        if found is None:
            raise Unreadable("corrupt", f"no office:{kind}")
        return found

    def images(self) -> Iterator[str]:
        """The members its content shows as pictures, in reading order."""
        for image in self.xml("content.xml").iter(f"{DRAW}image"):
            name = (image.get(_HREF) or "").removeprefix("./")
            if self.has(name):
                yield name

    def findings(self) -> Iterator[Finding]:
        """What a person should know before opening the file in an office program."""
        if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in self.names):
            yield Finding("macro_present", "warning")
        content = self.read("content.xml")
        if holds(content, *_RUNS):
            yield Finding("active_content", "warning")
        if any(_fetches(element) for element in self.xml("content.xml").iter() if element.get(_HREF)):
            yield Finding("remote_ref", "warning")
        if any(self._holds_text(name) for name in self.names):
            yield Finding("embedded_document", "warning")
        if any(name.endswith("/content.xml") and b"<office:chart" in self.read(name) for name in self.names):
            yield Finding("graphics_unread", "info")

    def _holds_text(self, name: str) -> bool:
        """Whether a member is a whole document embedded in this one; charts and formulas are not."""
        if not name.endswith("/content.xml"):
            return False
        inner = self.read(name)
        return b"<office:spreadsheet" in inner or b"<office:text" in inner


def _tells(data: bytes) -> bool:
    return OLD_FONTS.search(data) is not None or holds(data, *_TELLING)


def _fetches(element: Any) -> bool:
    target = (element.get(_HREF) or "").strip().lower()
    return element.tag not in _CLICKED and target.startswith(_NETWORK)


class OdfStyles:
    """Which font a style sets and whether it hides its text."""

    def __init__(self, package: OdfPackage) -> None:
        parts = [name for name in ("styles.xml", "content.xml") if package.has(name)]
        self.matters = any(_tells(package.read(name)) for name in parts)
        self._styles: dict[tuple[str, str], Any] = {}
        self._faces: dict[str, str] = {}
        for name in parts if self.matters else ():
            root = package.xml(name)
            for face in root.iter(f"{STYLE}font-face"):
                self._faces[face.get(f"{STYLE}name") or ""] = (face.get(f"{SVG}font-family") or "").strip("'\" ")
            for style in root.iter(f"{STYLE}style", f"{STYLE}default-style"):
                self._styles[style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""] = style

    def font(self, name: str, family: str) -> str:
        """The font a style of that family sets, "" when it leaves it as it is."""
        for properties in self._chain(name, family):
            face = properties.get(f"{STYLE}font-name")
            found = self._faces.get(face, face) if face else (properties.get(f"{FO}font-family") or "").strip("'\" ")
            if found:
                return str(found)
        return ""

    def hides(self, name: str, family: str) -> bool:
        """Whether text of that style is not shown, or struck out: its writer took it back."""
        if self._said(name, family, f"{TEXT}display") == "none":
            return True
        return self.strikes(name, family)

    def raises(self, name: str) -> bool:
        """Whether text of that style stands above the line."""
        return self.matters and self._said(name, "text", f"{STYLE}text-position").startswith("super")

    def strikes(self, name: str, family: str) -> bool:
        """Whether text of that style is struck out."""
        return self.matters and any(self._said(name, family, f"{STYLE}{one}") not in ("", "none") for one in _STRUCK)

    def _said(self, name: str, family: str, attribute: str) -> str:
        """What the nearest style says."""
        return next((said for p in self._chain(name, family) if (said := p.get(attribute))), "")

    def _chain(self, name: str, family: str) -> Iterator[Any]:
        for _ in range(_CHAIN_MAX):
            style = self._styles.get((family, name))
            if style is None:
                return
            properties = style.find(f"{STYLE}text-properties")
            if properties is not None:
                yield properties
            if not name:
                return
            name = style.get(f"{STYLE}parent-style-name") or ("" if family == "paragraph" else "\0")


def amount(element: Any, attribute: str, most: int) -> int:
    """A count stated in an attribute, 1 when it states none."""
    value = element.get(attribute) or ""
    return max(1, min(int(value), most)) if value.isascii() and value.isdigit() and len(value) < 10 else 1
