"""A page of a file as pixels: PDF pages rendered by pdfium, pictures (those in a Word file too) decoded by Pillow, within limits.

Rules:

1. Sizes are looked at before anything is decoded: ``page_too_large``, ``image_too_large``.
2. Only PNG, JPEG and TIFF are decoded, whatever else Pillow could open; an EXIF turn is applied.
3. A fax of dots that are not square is stretched to the shape of its page, and told in units of that picture.
4. A very fine picture is scaled down: print needs no more than ``WORK_SIDE`` pixels on a page. A picture far longer than
   a page is several of them (``pages_on``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from PIL import Image as Pictures
from PIL import ImageOps

from parsers import limits
from parsers.readers import PASTED
from parsers.readers.errors import Unreadable
from parsers.readers.pasted import picture_of

Pixels = npt.NDArray[Any]  # grey or BGR, 0..255

DPI = 220  # of a rendered page
WORK_SIDE = 3400  # pixels of the longer side looked at
_LONG = 2.1  # times its width a picture is high when it holds more than one page, one under the other
_PAGE_SHAPE = 1.414
_SHEETS_MAX = 4  # pages looked for on one picture
_FAX = (1.5, 2.5)  # dots an inch across for one downwards with which a picture is stretched to its shape
_FORMATS = ("PNG", "JPEG", "TIFF")
Pictures.MAX_IMAGE_PIXELS = limits.IMAGE_PIXELS_MAX


@dataclass(frozen=True, slots=True)
class Source:
    """A page's pixels and how they lie on the page."""

    pixels: Pixels  # height, width, BGR
    scale: float  # pixels here for one unit of the page (a point of a PDF, a pixel of a picture)
    width: float  # of the page, in its units
    height: float
    drawn: bool  # a PDF's page, drawn by us: paper has no edge and light no shadow unless a picture on it has


def load(data: bytes, kind: str, number: int) -> Source:
    """The page with that number (1-based); raises ``Unreadable``."""
    if kind == "pdf":
        return _rendered(data, number)
    return _decoded(picture_of(data, kind, number), 1) if kind in PASTED else _decoded(data, number)


def _rendered(data: bytes, number: int) -> Source:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Unreadable("corrupt", str(error)) from error
    try:
        if not 1 <= number <= len(document):
            raise Unreadable("corrupt", f"no page {number}")
        if document.get_formtype():
            document.init_forms()
        page = document[number - 1]
        width, height = page.get_size()
        longer = max(width, height)
        if not math.isfinite(longer) or longer > limits.PAGE_POINTS_MAX or min(width, height) < 1:
            raise Unreadable("page_too_large", f"{width:.0f} x {height:.0f} points")
        scale = min(DPI / 72, WORK_SIDE / longer)
        pixels = page.render(scale=scale, may_draw_forms=True).to_numpy()
        return Source(_bgr(pixels), scale, width, height, drawn=True)
    except pdfium.PdfiumError as error:
        raise Unreadable("corrupt", f"page {number}: {error}") from error
    finally:
        document.close()


def _decoded(data: bytes, number: int) -> Source:
    try:
        with Pictures.open(BytesIO(data), formats=_FORMATS) as picture:
            if number > 1:
                picture.seek(number - 1)
            check_size(*picture.size)
            width, height = _shown_size(picture)
            if picture.format == "JPEG":  # the decoder itself leaves out what is too fine
                picture.draft(None, _wanted(picture.size))
            tall = _tallness(picture)
            image = ImageOps.exif_transpose(picture)
            pixels = np.asarray(_flat(image))
    except (OSError, ValueError, SyntaxError, EOFError, Pictures.DecompressionBombError) as error:
        raise Unreadable("corrupt", f"{type(error).__name__}: {error}") from error
    height = round(height * tall)
    scale = min(1.0, _side(width, height) / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if pixels.shape[1::-1] != size:
        way = cv2.INTER_AREA if tall <= 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, size, interpolation=way)
    return Source(_bgr(pixels[:, :, ::-1]), scale, width, height, drawn=False)


def pages_on(width: int, height: int) -> int:
    """How many pages a picture of that size holds, one under the other as they were stuck together."""
    shape = height / max(1, width)
    return 1 if shape < _LONG else min(_SHEETS_MAX, round(shape / _PAGE_SHAPE))


def _side(width: int, height: int) -> int:
    """Pixels of the longer side looked at."""
    return WORK_SIDE * pages_on(width, height)


def check_size(width: int, height: int) -> None:
    """Raises ``Unreadable('image_too_large')``."""
    if width * height > limits.IMAGE_PIXELS_MAX or max(width, height) > limits.IMAGE_SIDE_MAX:
        raise Unreadable("image_too_large", f"{width} x {height} pixels")


def _shown_size(picture: Any) -> tuple[int, int]:
    width, height = picture.size
    return (height, width) if picture.getexif().get(0x0112, 1) in (5, 6, 7, 8) else (width, height)


def _tallness(picture: Any) -> float:
    """How many times as high a picture is shown as it has rows: a fax has half as many dots an inch downwards."""
    across, down = (float(v) for v in picture.info.get("dpi", (1, 1)))
    share = across / down if across > 0 and down > 0 else 1.0
    return share if _FAX[0] <= share <= _FAX[1] and picture.format == "TIFF" else 1.0


def _wanted(size: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, _side(*size) / max(size))
    return math.ceil(size[0] * share), math.ceil(size[1] * share)


def _flat(image: Any) -> Any:
    """RGB, what is transparent on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Pictures.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        return ground.convert("RGB")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        top = float(values.max()) or 1.0
        return Pictures.fromarray((values * 255 / top).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


def _bgr(pixels: Any) -> Pixels:
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(pixels[:, :, :3], dtype=np.uint8)
