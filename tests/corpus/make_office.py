"""Writes the office files of ``documents/``: one weekly report as other people's programs save it.

    python tests/corpus/make_office.py        (needs soffice on the path; the tests do not)

The source is written by python-docx and openpyxl; LibreOffice saves it in the other formats.
"""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from PIL import Image
from viparse.normalize.encodings import get_charmap

HERE = Path(__file__).parent / "documents"
HEAD = ("UBND TỈNH MẪU\nSỞ NỘI VỤ\nSố: 123/BC-SNV", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
TITLE = "BÁO CÁO TUẦN"
WINDOW = "Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 tháng 7 năm 2017"
SECTION = "I. KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
FIGURES = (
    ("Tổng số hồ sơ đã tiếp nhận", "1.625"),
    ("Tổng số hồ sơ đã giải quyết", "1.615"),
    ("Hồ sơ trả đúng hạn", "1.590"),
    ("Hồ sơ quá hạn", "25"),
    ("Hồ sơ trả lại (tổ chức, cá nhân)", "10"),
)
SIGNED = ("Nơi nhận:\n- Như trên.", "GIÁM ĐỐC\n\n\nNguyễn Văn A")


def new(font: str = "Times New Roman") -> docx.document.Document:
    made = docx.Document()
    made.styles["Normal"].font.name = font
    made.core_properties.author = ""
    return made


def beside(made: docx.document.Document, pair: tuple[str, str]) -> None:
    cells = made.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text, cells[1].text = pair


def lines(path: Path) -> None:
    """The official layout: a letterhead table, the form's lines, a signature table."""
    made = new()
    beside(made, HEAD)
    for text in (TITLE, WINDOW, SECTION, *(f"- {label}: {value}" for label, value in FIGURES)):
        made.add_paragraph(text)
    hidden = made.add_paragraph("").add_run("- Tổng số hồ sơ đã tiếp nhận: 9.999")
    hidden.font.hidden = True
    beside(made, SIGNED)
    made.save(str(path))


def table(path: Path) -> None:
    """The figures in a table with a heading over two columns and a cell over two rows."""
    made = new()
    beside(made, HEAD)
    made.add_paragraph(TITLE)
    made.add_paragraph(WINDOW)
    grid = made.add_table(rows=2 + len(FIGURES), cols=4, style="Table Grid")
    grid.cell(0, 0).merge(grid.cell(1, 0)).text = "TT"
    grid.cell(0, 1).merge(grid.cell(1, 1)).text = "Chỉ tiêu"
    grid.cell(0, 2).merge(grid.cell(0, 3)).text = "Kết quả"
    grid.cell(1, 2).text, grid.cell(1, 3).text = "Đơn vị", "Số liệu"
    for n, (label, value) in enumerate(FIGURES, 1):
        row = grid.rows[n + 1].cells
        row[0].text, row[1].text, row[2].text, row[3].text = str(n), label, "hồ sơ", value
    made.add_paragraph("")  # old formats join tables that touch
    beside(made, SIGNED)
    made.save(str(path))


def legacy(path: Path) -> None:
    """Typed in an old font: TCVN3 bytes that only the font's name tells from Latin-1."""
    table = {letter: code for code, letter in get_charmap("tcvn3").pairs}

    def old(text: str) -> str:
        return "".join(table.get(letter, letter) for letter in text)

    made = new(".VnTime")
    for text in (
        "Sở Nội vụ",
        "Báo cáo tuần",
        WINDOW,
        "I. Kết quả giải quyết thủ tục hành chính",
        *(f"- {label}: {value}" for label, value in FIGURES),
    ):
        run = made.add_paragraph().add_run(old(text))
        run.font.name = ".VnTime"
    made.save(str(path))


def sheet(path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.active
    page.title = "Tuần 29"
    for row in (("UBND TỈNH MẪU",), ("SỞ NỘI VỤ",), (TITLE,), (WINDOW,), ("TT", "Chỉ tiêu", "Số liệu")):
        page.append(row)
    page.merge_cells("A3:C3")
    for n, (label, value) in enumerate(FIGURES, 1):
        page.append((n, label, int(value.replace(".", ""))))
    page.append((6, "Mức độ hài lòng của người dân", "=C8/C7"))
    page["C11"].number_format = "0.0%"
    page.append((7, "Bản nháp", 1))
    page.row_dimensions[12].hidden = True
    made.save(path)


def struck(path: Path) -> None:
    """Figures taken back with a stroke: a number, a text, a part of a text, a share, a whole column; each beside one that stands."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = "Gạch"
    gone, stands = InlineFont(strike=True), InlineFont(b=True)
    page.append((1615, 1600))
    page.append(("1.615 hồ sơ", "1.600 hồ sơ"))
    page.append((CellRichText(TextBlock(gone, "1.625"), TextBlock(stands, " 1.620")), "Đã giải quyết"))
    page.append((0.955, 0.945))
    page.append(
        (CellRichText(TextBlock(stands, "Tiếp nhận: "), TextBlock(gone, "1.284 "), TextBlock(stands, "1.248")), 7)
    )
    for row in (1, 2, 4):
        page.cell(row, 1).font = Font(strike=True)
    for cell in (page["A4"], page["B4"]):
        cell.number_format = "0.0%"
    made.save(path)


OOXML = "application/vnd.openxmlformats-officedocument."
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
EMBEDDED = """<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<w:r><w:object><v:shape id="s1" style="width:200pt;height:100pt" o:ole=""><v:imagedata r:id="{picture}"/></v:shape><o:OLEObject
 Type="Embed" ProgID="Excel.Sheet.12" ShapeID="s1" DrawAspect="Content" ObjectID="_1" r:id="{link}"/></w:object></w:r></w:p>"""
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LISTS = {"upperRoman": ("%1.", r"([IVX]+)[.] (.*)"), "decimal": ("%1.", r"(\d{1,2})[.] (.*)"), "lowerLetter": ("%1)", r"([a-zđ])\) (.*)"),
         "bullet": ("-", r"(-) (.*)")}  # fmt: skip
BOX = """<xdr:twoCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>20</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>
<xdr:to><xdr:col>6</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>30</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:sp macro="" textlink="">
<xdr:nvSpPr><xdr:cNvPr id="9" name="Box"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr><a:xfrm xmlns:a="{a}"><a:off x="0" y="0"/>
<a:ext cx="5000000" cy="900000"/></a:xfrm><a:prstGeom xmlns:a="{a}" prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>
<xdr:txBody><a:bodyPr xmlns:a="{a}"/>{paragraphs}</xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor>"""


def drawn(path: Path) -> None:
    """A report typed into a text box over a sheet, a figure of it struck out, beside a chart and a remark stuck to a cell."""
    made = openpyxl.Workbook()
    page = made.active
    for row in (("Kỳ", "Hồ sơ"), ("Tuần 28", 12), ("Tuần 29", 15)):
        page.append(row)
    page["A1"].comment = Comment("Tổng số hồ sơ đã tiếp nhận: 9.999", "A")
    chart = BarChart()
    chart.title = "Tiếp nhận 7.777"
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    page.add_chart(chart, "E2")
    made.save(path)
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    run = '<a:r xmlns:a="{a}"><a:rPr{look}/><a:t>{text}</a:t></a:r>'
    told = [[("", line)] for line in ("SỞ NỘI VỤ", TITLE, WINDOW, *(f"- {label}: {value}" for label, value in FIGURES))]
    told[4] = [("", "- Tổng số hồ sơ đã giải quyết: "), (' strike="sngStrike"', "1.651 "), ("", "1.615")]
    paragraphs = "".join(
        f'<a:p xmlns:a="{a}">' + "".join(run.format(a=a, look=look, text=text) for look, text in line) + "</a:p>"
        for line in told
    )
    box = BOX.format(a=a, paragraphs=paragraphs)
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    name = "xl/drawings/drawing1.xml"
    members[name] = _with_box(members[name].decode(), box).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in members.items():
            book.writestr(name, data)


def _with_box(drawing: str, box: str) -> str:
    """A sheet's drawing with one more, named as the writer of the file names its own."""
    end = drawing.rindex("</")
    ns = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    return (
        drawing[:end] + box.replace("<xdr:twoCellAnchor>", f'<xdr:twoCellAnchor xmlns:xdr="{ns}">', 1) + drawing[end:]
    )


def pictured(path: Path) -> None:
    """A covering letter with a report behind it that is a drawing as Windows keeps one (EMF), and a workbook embedded beside it."""
    made = new()
    made.add_paragraph("Sở Nội vụ gửi báo cáo như hình dưới đây.")
    made.add_picture(io.BytesIO(_png()), width=docx.shared.Cm(16))
    table, kept = openpyxl.Workbook(), io.BytesIO()
    table.active.append(("Tổng số hồ sơ đã tiếp nhận", 9999))
    table.save(kept)
    held = Part(PackURI("/word/embeddings/a.xlsx"), f"{OOXML}spreadsheetml.sheet", kept.getvalue(), made.part.package)
    link = made.part.relate_to(held, RELATION)
    made.element.body.insert(
        2, parse_xml(EMBEDDED.format(link=link, picture=made.part.get_or_add_image(io.BytesIO(_png()))[0]))
    )
    made.save(str(path))
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    for name in [name for name in members if name.endswith(".png")]:
        members[name.replace(".png", ".emf")] = emf(160, 200)
        del members[name]
    for name in [name for name in members if name.endswith((".rels", "[Content_Types].xml"))]:
        members[name] = (
            members[name].replace(b".png", b".emf").replace(b'"png"', b'"emf"').replace(b"image/png", b"image/x-emf")
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)


def numbered(path: Path) -> None:
    """The monthly form filled, every number before a line set by the word processor itself."""
    made = docx.Document()
    lists = made.part.numbering_part.element
    first = lists.find(f"{{{WORD[9:-1]}}}num")
    for n, (kind, (text, _)) in enumerate(LISTS.items(), 300):
        level = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
        first.addprevious(
            parse_xml(f'<w:abstractNum {WORD} w:abstractNumId="{n}"><w:lvl w:ilvl="0">{level}</w:lvl></w:abstractNum>')
        )
    begun: dict[str, int] = {}
    for line in (HERE.parent / "forms" / "monthly_filled.txt").read_text("utf-8").splitlines():
        kind, found = next(((k, m) for k, (_, p) in LISTS.items() if (m := re.fullmatch(p, line.strip()))), ("", None))
        if not found:
            made.add_paragraph(line)
            continue
        if found[1] in ("I", "1", "a") or kind not in begun:
            begun[kind] = 500 + len(lists)
            again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
            told = f'<w:abstractNumId w:val="{300 + list(LISTS).index(kind)}"/>{again}'
            lists.append(parse_xml(f'<w:num {WORD} w:numId="{begun[kind]}">{told}</w:num>'))
        mark = f'<w:numPr {WORD}><w:ilvl w:val="0"/><w:numId w:val="{begun[kind]}"/></w:numPr>'
        made.add_paragraph(found[2])._p.get_or_add_pPr().append(parse_xml(mark))
    made.save(str(path))


SET_RIGHT = "Đính chính: hồ sơ trả đúng hạn: 1.595"


def noted(path: Path) -> None:
    """The agency and the days stand in the header, a figure in the footer, a comment sets another right."""
    made = new()
    for line in (TITLE, SECTION, *(f"- {label}: {value}" for label, value in FIGURES)):
        said = made.add_paragraph(line)
        if line.startswith("- Hồ sơ trả đúng hạn"):
            made.add_comment(said.runs[0], text=SET_RIGHT, author="A")
    margins = made.sections[0]
    margins.header.paragraphs[0].text = HEAD[0].splitlines()[1]
    margins.header.add_paragraph(WINDOW)
    margins.footer.paragraphs[0].text = "Hồ sơ quá hạn: 24"
    made.save(str(path))


def noted_sheet(path: Path) -> None:
    """The same on a sheet."""
    made = openpyxl.Workbook()
    page = made.active
    page.append([TITLE])
    for label, value in FIGURES:
        page.append([label, int(value.replace(".", ""))])
    page["B4"].comment = Comment(SET_RIGHT, "A")
    page.oddHeader.left.text, page.oddHeader.right.text = HEAD[0].splitlines()[1], WINDOW
    page.oddHeader.left.font, page.oddHeader.left.size = "Arial,Bold", 12
    page.oddFooter.left.text, page.oddFooter.right.text = "Hồ sơ quá hạn: 24", "Trang &P/&N"
    made.save(path)


def emf(width: int, height: int) -> bytes:
    """A drawing of so many millimetres with one line on it."""
    line = struct.pack("<IIii", 27, 16, 0, 0) + struct.pack("<IIii", 54, 16, 10 * width, 10 * height)
    end = struct.pack("<IIIII", 14, 20, 0, 16, 20)
    head = struct.pack(
        "<II4i4i4sIIIHHIII4i", 1, 88, 0, 0, 10 * width, 10 * height, 0, 0, 100 * width, 100 * height, b" EMF", 0x10000,
        88 + len(line) + len(end), 4, 1, 0, 0, 0, 0, 1000, 1000, 100, 100,
    )  # fmt: skip
    return head + line + end


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (8, 10), 1).save(out, "PNG")
    return out.getvalue()


def convert(soffice: str, source: Path, kind: str, filter_name: str = "") -> None:
    wanted = f"{kind}:{filter_name}" if filter_name else kind
    subprocess.run(
        [soffice, "--headless", "--convert-to", wanted, "--outdir", str(HERE), str(source)], check=True, timeout=120
    )


_TEXT = (("doc", "MS Word 97"), ("rtf", ""), ("odt", ""))
_BOOK = (("ods", ""), ("xls", "MS Excel 97"))
MADE: tuple[tuple[str, Callable[[Path], None], tuple[tuple[str, str], ...]], ...] = (
    ("weekly-lines.docx", lines, _TEXT),
    ("weekly-table.docx", table, _TEXT),
    ("weekly-legacy.docx", legacy, _TEXT),
    ("weekly-sheet.xlsx", sheet, (("ods", ""), ("csv", "Text - txt - csv (StarCalc):59,34,76"))),
    ("struck.xlsx", struck, _BOOK),
    ("numbered.docx", numbered, _TEXT),
    ("noted.docx", noted, _TEXT),
    ("noted-sheet.xlsx", noted_sheet, _BOOK),
    ("pictured.docx", pictured, _TEXT),
    ("weekly-drawn.xlsx", drawn, _BOOK),
)  # name, what makes it, what LibreOffice makes of it: kind and filter
KEPT = frozenset(
    {"noted.docx", "noted-sheet.xlsx", "pictured.docx", "weekly-drawn.xlsx"}
)  # beside what is made of them


def main() -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        sys.exit("soffice is not on the path")
    with tempfile.TemporaryDirectory() as folder:
        for name, make, kinds in MADE:
            source = Path(folder) / name
            make(source)
            if name in KEPT:
                shutil.copy(source, HERE)
            for kind, named in kinds:
                convert(soffice, source, kind, named)


if __name__ == "__main__":
    main()
