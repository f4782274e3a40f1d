"""Pictures of pages inside a Word document: a scan pasted where a report should be typed.

Rules:

1. Only pictures of the body, in its order, each once whatever stands in for it; nothing outside the package.
2. A page is PNG, JPEG or TIFF and large enough to be legible: seals, signatures and logos are smaller.
3. Who asks for them and opens them: ``pasted``.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from PIL import Image as Pictures

from parsers import limits
from parsers.readers.docx_styles import W
from parsers.readers.ooxml import Package

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_OLD = "{urn:schemas-microsoft-com:vml}imagedata"
_FORMATS = ("PNG", "JPEG", "TIFF")
_SIDES = (600, 800)  # pixels of the shorter and the longer side of a picture a page is legible on


def page_pictures(package: Package, main: str) -> tuple[str, ...]:
    """The members that are pictures of pages, in the body's order."""
    body = package.xml(main).find(f"{W}body")
    relations = package.relationships(main)
    found: list[str] = []
    for reference in _references(body) if body is not None else ():
        _, target, external = relations.get(reference, ("", "", True))
        new = not external and target not in found and package.has(target)
        if new and len(found) < limits.SCAN_PAGES_MAX and is_page(package.read(target)):
            found.append(target)
    return tuple(found)


def _references(body: object) -> Iterator[str]:
    for element in body.iter(_BLIP, _OLD):  # type: ignore[attr-defined]
        yield element.get(f"{_R}embed") or element.get(f"{_R}id") or ""


def is_page(data: bytes) -> bool:
    """Whether bytes are a picture large enough to be a page."""
    try:
        with Pictures.open(BytesIO(data), formats=_FORMATS) as picture:
            sides = sorted(picture.size)
    except (OSError, ValueError, SyntaxError, EOFError, Pictures.DecompressionBombError):
        return False
    return sides[0] >= _SIDES[0] and sides[1] >= _SIDES[1]
