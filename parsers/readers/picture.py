"""A picture of a report: PNG, JPEG, TIFF with its pages. Nothing is recognised here; that is the page worker's.

Rules:

1. Without what the page worker saw there is only the question for it: ``no_text``, the pages wanted.
2. Sizes are looked at before a pixel is decoded: ``image_too_large``; what is too small to hold a page is an enclosure
   without text.
3. Nothing legible on any page: ``no_text``; a page that could not be looked at gives its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from PIL import Image as Pictures

from parsers import limits
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.scan import Scanned
from parsers.scan import PageScan
from parsers.values import Block, Document, Finding
from parsers.vietnamese import quality

READER = "ocr/1"
_FORMATS = ("PNG", "JPEG", "TIFF")
Pictures.init()  # its plug-ins, while files may still be opened


def read(
    data: bytes, *, charset: str = "", budget: Budget | None = None, scans: Mapping[int, PageScan] | None = None
) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset, budget
    kind, count, small = _looked_at(data)
    if small:
        return Document(kind, READER, (Block(1, ""),), images=1)
    wanted = tuple(range(1, min(count, limits.SCAN_PAGES_MAX) + 1))
    if scans is None:
        raise Unreadable("no_text", f"{count} pages are pictures", wanted)
    seen = Scanned()
    for number in wanted:
        if number in scans:
            seen.follow(scans[number], len(seen.blocks) + 1)
    if not seen.blocks:
        raise Unreadable(seen.failure or "no_text", "nothing legible")
    findings = (Finding("pages_without_text", "warning"),) if count > len(seen.pages) else ()
    return Document(
        kind, READER, tuple(seen.blocks), findings, images=seen.sealed, quality=quality("\n".join(seen.text)),
        scanned=tuple(seen.pages), numbers=tuple(seen.numbers), sure=seen.sure, unread=seen.failure,
    )  # fmt: skip


def _looked_at(data: bytes) -> tuple[str, int, bool]:
    """Format, pages, and whether it is too small for a page; raises ``Unreadable``."""
    try:
        with Pictures.open(BytesIO(data), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > limits.IMAGE_PIXELS_MAX or max(width, height) > limits.IMAGE_SIDE_MAX:
                raise Unreadable("image_too_large", f"{width} x {height} pixels")
            pages = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
            return str(picture.format).lower(), pages, min(width, height) < limits.IMAGE_SIDE_MIN
    except (OSError, ValueError, SyntaxError, EOFError, Pictures.DecompressionBombError) as error:
        raise Unreadable("corrupt", f"{type(error).__name__}: {error}") from error
