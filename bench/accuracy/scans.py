"""Page → what a scanner or a telephone makes of it: three qualities as PDF, TIFF, PNG, JPEG, and photographs.

- clean: 300 dpi, hardly turned, a little noise; also turned by a quarter or upside down;
- fair: 200 dpi, turned by about a degree, a stamp and a signature over the last lines;
- poor: 150 dpi, turned by two, blurred, uneven paper, specks, strong compression;
- photo: perspective, a shadow across the sheet, the table behind it, sometimes turned by a quarter.

Everything is drawn from the document's own seed.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from bench.accuracy import pdf
from bench.accuracy.page import Page

Picture = np.ndarray


@dataclass(frozen=True, slots=True)
class Quality:
    """One machine in one mood."""

    dpi: int
    turn: float  # degrees, either way
    noise: float  # standard deviation of grey, of 255
    blur: float  # pixels
    jpeg: int  # quality
    stamp: bool
    paper: float  # how uneven, share of white
    specks: int  # dark dots a page
    ink: float = 1.0  # 1: black; less: faded


CLEAN = Quality(300, 0.3, 3, 0, 88, stamp=False, paper=0, specks=0)
FAIR = Quality(200, 1.2, 7, 0.5, 65, stamp=True, paper=0.04, specks=40)
POOR = Quality(150, 2.3, 13, 0.8, 40, stamp=True, paper=0.14, specks=200, ink=0.75)
PHOTO = Quality(200, 0, 6, 0.7, 72, stamp=True, paper=0.05, specks=0)


def pictures(page: Page, quality: Quality) -> list[Picture]:
    """The pages, in colour, as they come out of the machine."""
    rng = random.Random(f"{len(page.blocks)} {quality.dpi} {page.blocks[0]}")
    document = pypdfium2.PdfDocument(pdf.pdf(page, size=13))
    out = []
    for n, sheet in enumerate(document):
        grey = sheet.render(scale=quality.dpi / 72).to_numpy()[:, :, :3].copy()
        last = n == len(document) - 1
        out.append(_scanned(grey, quality, rng, stamp=quality.stamp and last))
    return out


def _scanned(picture: Picture, quality: Quality, rng: random.Random, *, stamp: bool) -> Picture:
    height, width = picture.shape[:2]
    dice = np.random.default_rng(rng.getrandbits(32))
    inked = cv2.convertScaleAbs(picture, alpha=quality.ink, beta=255 * (1 - quality.ink))
    inked = _stamped(inked, rng) if stamp else inked
    if quality.paper:
        low = cv2.resize(dice.random((6, 4), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        inked = cv2.multiply(inked, cv2.merge([1 - quality.paper * low] * 3), dtype=cv2.CV_8U)
    out = _turned(inked, rng.uniform(-quality.turn, quality.turn))
    if quality.blur:
        out = cv2.GaussianBlur(out, (0, 0), quality.blur)
    for _ in range(quality.specks):
        x, y = rng.randrange(width), rng.randrange(height)
        cv2.circle(out, (x, y), rng.choice([0, 0, 1]), (90, 90, 90), -1)
    noise = np.empty((height, width), np.int16)
    cv2.setRNGSeed(rng.getrandbits(31))
    cv2.randn(noise, 0, quality.noise)
    return cv2.add(out, cv2.merge([noise] * 3), dtype=cv2.CV_8U)


def _stamped(picture: Picture, rng: random.Random) -> Picture:
    """A red round stamp and a blue flourish where the signature stands: over the last lines, on the right."""
    height, width = picture.shape[:2]
    rows = np.where(picture.min(axis=(1, 2)) < 140)[0]
    bottom = int(rows.max()) if rows.size else height // 2
    radius = int(0.085 * width)
    x, y = int(width * rng.uniform(0.58, 0.66)), bottom - int(radius * rng.uniform(0.6, 1.2))
    red, blue = (60, 50, 210), (170, 70, 40)
    layer = np.full_like(picture, 255)
    cv2.circle(layer, (x, y), radius, red, max(2, radius // 18))
    cv2.circle(layer, (x, y), int(radius * 0.62), red, max(1, radius // 30))
    cv2.putText(layer, "*", (x - radius // 6, y + radius // 6), cv2.FONT_HERSHEY_SIMPLEX, radius / 60, red, 3)
    points = [
        (x + int(t * radius * 0.12), y + int(radius * 0.5 * np.sin(t * 1.7) * rng.uniform(0.4, 1))) for t in range(12)
    ]
    cv2.polylines(layer, [np.array(points).reshape(-1, 1, 2)], False, blue, max(2, radius // 25))
    return np.minimum(picture, layer)


def _turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(245, 245, 245))


def photographed(page: Page) -> list[Picture]:
    """The sheets on a table, seen at an angle, with the shadow of whoever holds the telephone."""
    rng = random.Random(f"photo {len(page.blocks)} {page.blocks[0]}")
    quarter = rng.choice([0, 0, 0, 1, 3])
    return [np.rot90(_photo(picture, rng), quarter).copy() for picture in pictures(page, PHOTO)]


def _photo(picture: Picture, rng: random.Random) -> Picture:
    height, width = picture.shape[:2]
    out_h, out_w = int(height * 1.12), int(width * 1.14)
    slip = lambda share: rng.uniform(0, share)  # noqa: E731
    source = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    corners = [[0.06 + slip(0.05), 0.05 + slip(0.03)], [0.95 - slip(0.05), 0.04 + slip(0.04)]]
    corners += [[0.97 - slip(0.03), 0.96 - slip(0.03)], [0.03 + slip(0.03), 0.97 - slip(0.03)]]
    target = np.float32([[x * out_w, y * out_h] for x, y in corners])
    matrix = cv2.getPerspectiveTransform(source, target)
    table = (70 + rng.randrange(40), 90 + rng.randrange(40), 120 + rng.randrange(40))
    out = cv2.warpPerspective(picture, matrix, (out_w, out_h), flags=cv2.INTER_CUBIC, borderValue=table).astype(
        np.float32
    )
    across, down = np.meshgrid(np.linspace(0, 1, out_w, dtype=np.float32), np.linspace(0, 1, out_h, dtype=np.float32))
    slope, place = rng.uniform(-0.6, 0.6), rng.uniform(0.45, 0.8)
    shade = 1 - 0.38 / (1 + np.exp(-(across + slope * down - place) * 14))
    light = 0.86 + 0.14 * (1 - down)
    return np.clip(out * (shade * light)[:, :, None], 0, 255).astype(np.uint8)


# ---- as files ----------------------------------------------------------------------------------------------------------------


def as_pdf(pages: list[Picture], quality: int, *, rotate: int = 0) -> bytes:
    out = io.BytesIO()
    target = canvas.Canvas(out)
    for picture in pages:
        data = io.BytesIO(as_jpeg(picture, quality))
        size = A4 if picture.shape[0] >= picture.shape[1] else (A4[1], A4[0])
        target.setPageSize(
            size[::-1] if rotate in (90, 270) else size
        )  # reportlab exchanges the sides of a turned page
        if rotate:
            target.setPageRotation(rotate)
        target.drawImage(ImageReader(data), 0, 0, *size)
        target.showPage()
    target.save()
    return out.getvalue()


def as_jpeg(picture: Picture, quality: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(out, "JPEG", quality=quality, dpi=(200, 200))
    return out.getvalue()


def as_png(picture: Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture[:, :, ::-1]).convert("L").save(out, "PNG")
    return out.getvalue()


def as_tiff(pages: list[Picture], dpi: int, *, black: bool) -> bytes:
    """All pages in one file: black and white as fax machines and copiers do it, or grey."""
    images = [Image.fromarray(picture[:, :, ::-1]).convert("L") for picture in pages]
    if black:
        images = [image.point(lambda grey: 255 if grey > 150 else 0).convert("1") for image in images]
    out = io.BytesIO()
    packing = "group4" if black else "tiff_lzw"
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression=packing, dpi=(dpi, dpi))
    return out.getvalue()
