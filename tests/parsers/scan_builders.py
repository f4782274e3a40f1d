"""Scans and photographs of reports, made from a seeded truth: pages drawn with reportlab, rendered, then worn.

Shares nothing with the reader: the picture of a page is all that goes over.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pypdfium2 as pdfium
from docx import Document
from font_manrope import Manrope
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

FONT = Manrope
AGENCY = "SỞ NỘI VỤ"
WINDOW = "(Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 năm 2017)"
ROWS = (
    ("received", "Tổng số hồ sơ đã tiếp nhận"),
    ("resolved", "Tổng số hồ sơ đã giải quyết"),
    ("on_time", "Hồ sơ trả đúng hạn"),
    ("overdue", "Hồ sơ quá hạn"),
    ("returned", "Hồ sơ trả lại (tổ chức, cá nhân)"),
)


@dataclass(frozen=True)
class Wear:
    """What scanning did to a page."""

    dpi: int = 200
    blur: float = 0.0  # pixels
    noise: float = 0.0  # grey levels
    skew: float = 0.0  # degrees
    jpeg: int = 90
    contrast: float = 1.0
    specks: int = 0


CLEAN = Wear(300, 0.4, 2, 0.4, 90)
OFFICE = Wear(200, 0.7, 6, 0.9, 75, 0.9, 60)
POOR = Wear(150, 0.8, 12, 1.6, 55, 0.75, 200)


def truth(seed: int) -> dict[str, int]:
    """Figures of a weekly report whose sums add up."""
    chance = random.Random(seed)
    on_time, overdue = chance.randint(20, 9000), chance.randint(0, 60)
    resolved = on_time + overdue
    received = resolved + chance.randint(0, 300)
    level3, level4, out = chance.randint(10, 900), chance.randint(10, 300), chance.randint(50, 700)
    return {
        "received": received, "resolved": resolved, "on_time": on_time, "overdue": overdue, "returned": chance.randint(0, 15),
        "feedback_resolved": (done := chance.randint(0, 12)), "feedback_received": done + chance.randint(0, 3),
        "outgoing_electronic": chance.randint(20, out), "outgoing_total": out,
        "level3_resolved": chance.randint(5, level3), "level3_total": level3,
        "level4_resolved": chance.randint(5, level4), "level4_total": level4, "postal_total": chance.randint(0, 400),
    }  # fmt: skip


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def report_pdf(
    seed: int,
    *,
    agency: str = AGENCY,
    table: bool = False,
    size: float = 13,
    font: str = FONT,
    points: bool = True,
    garbled: bool = False,
) -> bytes:
    """The weekly form of ``truth(seed)`` as a PDF with a text layer; ``garbled``: one that says other letters than it shows."""
    name = f"F{abs(hash(font))}"
    pdfmetrics.registerFont(TTFont(name, font))
    out = BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    figures = {key: grouped(value) if points else str(value) for key, value in truth(seed).items()}
    top = _head(page, name, size, agency)
    lines = _lines(figures)
    if table:
        top = _write(page, name, size, lines[:1], top)
        top = _table(page, name, size, figures, top)
        lines = lines[6:]
    _write(page, name, size, lines, top)
    page.save()
    return _garbled(out.getvalue()) if garbled else out.getvalue()


def report_docx(seed: int, agency: str = AGENCY) -> bytes:
    """The same report as a Word file."""
    document = Document()
    lines = _lines({key: grouped(value) for key, value in truth(seed).items()})
    for line in (agency, "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH", WINDOW, *lines):
        document.add_paragraph(line)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _garbled(pdf: bytes) -> bytes:
    """The same page without the tables that say which letter a shape stands for."""
    return re.sub(rb"/ToUnicode \d+ 0 R", lambda match: b" " * len(match[0]), pdf)


def _head(page: Canvas, font: str, size: float, agency: str) -> float:
    page.setFont(font, size - 1)
    for n, (left, right) in enumerate(
        ((agency, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), ("", "Độc lập - Tự do - Hạnh phúc"), ("Số: 123/BC-SNV", "Thái Nguyên, ngày 21 tháng 7 năm 2017"))
    ):  # fmt: skip
        page.drawCentredString(150, 790 - n * 1.7 * size, left)
        page.drawCentredString(410, 790 - n * 1.7 * size, right)
    page.setFont(font, size + 1)
    page.drawCentredString(297, 710, "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH")
    page.setFont(font, size)
    page.drawCentredString(297, 690, WINDOW)
    return 665


def _lines(f: dict[str, str]) -> list[str]:
    return [
        "I. Kết quả giải quyết TTHC theo cơ chế một cửa, một cửa liên thông:",
        *(f"- {label}: {f[key]}" for key, label in ROWS),
        "II. Một số nội dung cụ thể:",
        f"1. Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận: {f['feedback_resolved']}/{f['feedback_received']}",
        "2. Kết quả thực hiện hiện đại hóa hành chính:",
        f"- Số văn bản đi được phát hành dưới dạng điện tử {f['outgoing_electronic']}/tổng số văn bản đi {f['outgoing_total']}",
        f"- Số hồ sơ được giải quyết mức độ 3: {f['level3_resolved']}/tổng số hồ sơ áp dụng đối với TTHC mức độ 3: {f['level3_total']}",
        f"- Số hồ sơ được giải quyết mức độ 4: {f['level4_resolved']}/tổng số hồ sơ áp dụng đối với TTHC mức độ 4: {f['level4_total']}",
        f"- Số hồ sơ được tiếp nhận, trả kết quả qua dịch vụ bưu chính công ích: {f['postal_total']}",
        "III. Kết quả thực hiện nhiệm vụ CCHC (nếu có)",
        "- Kết quả thực hiện các văn bản chỉ đạo: Đơn vị đã triển khai đầy đủ các văn bản chỉ đạo của UBND tỉnh về cải cách hành chính.",
        "IV. Đánh giá (điểm mạnh hạn chế, vướng mắc, khó khăn)",
        "Công tác cải cách hành chính được thực hiện nghiêm túc, đúng quy định.",
        "",
        "Nơi nhận:                                                                       GIÁM ĐỐC",
    ]


def _write(page: Canvas, font: str, size: float, lines: Sequence[str], top: float) -> float:
    page.setFont(font, size)
    for line in lines:
        for piece in simpleSplit(line, font, size, 460) or [""]:
            page.drawString(72, top, piece)
            top -= size * 1.5
        top -= size * 0.25
    return top


def _table(page: Canvas, font: str, size: float, f: dict[str, str], top: float) -> float:
    style = ParagraphStyle("cell", fontName=font, fontSize=size - 1, leading=(size - 1) * 1.35)
    rows = [["TT", "Nội dung", "Số lượng"], *([str(n), label, f[key]] for n, (key, label) in enumerate(ROWS, 1))]
    drawn = Table([[Paragraph(cell, style) for cell in row] for row in rows], colWidths=[35, 320, 95])
    drawn.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.6, colors.black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    _, height = drawn.wrapOn(page, 460, 600)
    drawn.drawOn(page, 72, top - height + size)
    return top - height - size


# ---- pictures of pages ------------------------------------------------------------------------------------------------


def rendered(pdf: bytes, dpi: int, page: int = 0) -> np.ndarray:
    """A page as a BGR picture."""
    document = pdfium.PdfDocument(pdf)
    try:
        return np.ascontiguousarray(document[page].render(scale=dpi / 72).to_numpy()[:, :, :3])
    finally:
        document.close()


def worn(image: np.ndarray, wear: Wear, seed: int = 0) -> np.ndarray:
    """The picture after the scanner."""
    chance = np.random.default_rng(seed)
    out = image.astype(np.float32)
    if wear.skew:
        out = turned(out, wear.skew)
    if wear.blur:
        out = cv2.GaussianBlur(out, (0, 0), wear.blur)
    out = 255 - (255 - out) * wear.contrast
    out += chance.normal(0, wear.noise, out.shape[:2])[:, :, None] if wear.noise else 0
    for x, y in chance.integers(0, (image.shape[1], image.shape[0]), (wear.specks, 2)):
        cv2.circle(out, (int(x), int(y)), int(chance.integers(1, 3)), (90, 90, 90), -1)
    return np.clip(out, 0, 255).astype(np.uint8)


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned about its middle, paper around it."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255))


def stamped(image: np.ndarray, at: tuple[float, float], radius: float = 0.08) -> np.ndarray:
    """A red round seal over the picture, its middle at these shares of width and height."""
    height, width = image.shape[:2]
    x, y, r = int(at[0] * width), int(at[1] * height), int(radius * width)
    seal = np.full_like(image, 255)
    red = (60, 40, 215)
    cv2.circle(seal, (x, y), r, red, max(2, r // 18))
    cv2.circle(seal, (x, y), int(r * 0.7), red, max(1, r // 30))
    for n in range(5):
        angle = n * 4 * np.pi / 5
        after = (n + 1) * 4 * np.pi / 5
        a = (int(x + r * 0.3 * np.sin(angle)), int(y - r * 0.3 * np.cos(angle)))
        b = (int(x + r * 0.3 * np.sin(after)), int(y - r * 0.3 * np.cos(after)))
        cv2.line(seal, a, b, red, max(1, r // 25))
    cv2.putText(
        seal, "UBND TINH", (int(x - r * 0.8), int(y - r * 0.4)), cv2.FONT_HERSHEY_SIMPLEX, r / 90, red, max(1, r // 40)
    )
    return np.minimum(image, seal)


def photographed(image: np.ndarray, seed: int = 0, *, tilt: float = 0.06, width: int = 2400) -> np.ndarray:
    """The page on a dark table, seen askew, under a shadow."""
    chance = np.random.default_rng(seed)
    height, wide = image.shape[:2]
    scale = width * 0.86 / wide
    h, w = int(height * scale * 1.12), width
    corners = np.float32([[0, 0], [wide, 0], [wide, height], [0, height]])
    left, top, right, low = w * 0.07, h * 0.05, w * 0.93, h * 0.95
    moved = chance.uniform(-tilt, tilt, (4, 2)) * (w * 0.5, h * 0.4)
    target = np.float32([[left, top], [right, top], [right, low], [left, low]]) + moved.astype(np.float32)
    target = np.clip(target, [8, 8], [w - 8, h - 8]).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    desk = np.full((h, w, 3), (58, 72, 90), np.float32)
    desk += cv2.GaussianBlur(chance.normal(0, 30, (h, w)).astype(np.float32), (0, 0), 6)[:, :, None]
    mask = cv2.warpPerspective(np.ones((height, wide), np.float32), matrix, (w, h), flags=cv2.INTER_AREA)[:, :, None]
    page = cv2.warpPerspective(image.astype(np.float32), matrix, (w, h), flags=cv2.INTER_LINEAR)
    out = desk * (1 - mask) + page * mask * 0.93
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    light = 0.62 + 0.38 / (1 + np.exp(-(xs * np.cos(0.7) + ys * np.sin(0.7) - 0.55 * w) / (0.12 * w)))
    out = cv2.GaussianBlur(out * light[:, :, None], (0, 0), 0.8) + chance.normal(0, 4, (h, w, 1))
    return np.clip(out, 0, 255).astype(np.uint8)


# ---- files ------------------------------------------------------------------------------------------------------------


def jpeg(image: np.ndarray, quality: int = 85, exif_turn: int | None = None) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    if exif_turn:
        exif[0x0112] = exif_turn
    Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def tiff(images: Sequence[np.ndarray]) -> bytes:
    out = BytesIO()
    first, *rest = [Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)) for image in images]
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_deflate", dpi=(200, 200))
    return out.getvalue()


def scan_pdf(images: Sequence[np.ndarray], quality: int = 80) -> bytes:
    """A PDF of A4 pages, each one picture."""
    out = BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    for image in images:
        page.drawImage(ImageReader(BytesIO(jpeg(image, quality))), 0, 0, *A4)
        page.showPage()
    page.save()
    return out.getvalue()
