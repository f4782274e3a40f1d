"""Page → PDF by reportlab, with an embedded font that has the Vietnamese letters."""

from __future__ import annotations

import html
import io
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from bench.accuracy.page import Grid, Page, Para

FOLDERS = ("croscore", "dejavu")
FONT, BOLD = "Report", "Report-Bold"
# Times' shapes first; Debian's Liberation has no Vietnamese letters. (fonts-croscore, fonts-dejavu-core)
FACES = (("Tinos", "Tinos-Regular.ttf", "Tinos-Bold.ttf"), ("DejaVu Serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"))


def face() -> tuple[str, str, str]:
    """Name and files of the font that stands for Times New Roman on this machine."""
    for name, *files in FACES:
        for folder in FOLDERS:
            paths = [Path("/usr/share/fonts/truetype") / folder / file for file in files]
            if all(path.exists() for path in paths):
                return name, str(paths[0]), str(paths[1])
    raise FileNotFoundError("no font with Vietnamese letters: install fonts-croscore or fonts-dejavu-core")


def fonts() -> None:
    pdfmetrics.registerFont(TTFont(FONT, face()[1]))
    pdfmetrics.registerFont(TTFont(BOLD, face()[2]))


def pdf(page: Page, *, size: int = 12) -> bytes:
    fonts()
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=size, leading=size * 1.35, spaceAfter=3)
    bold = ParagraphStyle("bold", parent=plain, fontName=BOLD)
    middle = ParagraphStyle("middle", parent=plain, alignment=TA_CENTER)
    middle_bold = ParagraphStyle("middle bold", parent=bold, alignment=TA_CENTER)
    small = ParagraphStyle("letterhead", parent=middle, fontSize=size - 2, leading=size * 1.2)
    small_bold = ParagraphStyle("letterhead bold", parent=small, fontName=BOLD)
    story = []
    for block in page.blocks:
        if isinstance(block, Para):
            style = (middle_bold if block.bold else middle) if block.centred else (bold if block.bold else plain)
            story.append(Paragraph(html.escape(block.text), style) if block.text else Spacer(1, 6))
        else:
            story += [_table(block, (plain, bold) if block.ruled else (small, small_bold)), Spacer(1, 6)]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, leftMargin=75, rightMargin=50, topMargin=50, bottomMargin=50).build(story)
    return out.getvalue()


def _table(grid: Grid, styles: tuple[ParagraphStyle, ParagraphStyle]) -> Table:
    data, look = [], [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    if grid.ruled:
        look.append(("GRID", (0, 0), (-1, -1), 0.6, colors.black))
    for r, row in enumerate(grid.rows):
        line = []
        for c, cell in enumerate(row):
            if cell is None:
                line.append("")
                continue
            style = styles[cell.bold]
            line.append(Paragraph("<br/>".join(html.escape(part) for part in cell.text.split("\n")), style))
            if cell.columns > 1 or cell.rows > 1:
                look.append(("SPAN", (c, r), (c + cell.columns - 1, r + cell.rows - 1)))
        data.append(line)
    shares = grid.widths or [1 / grid.columns] * grid.columns
    return Table(data, colWidths=[470 * share for share in shares], style=TableStyle(look))
