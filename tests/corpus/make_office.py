"""Writes the office files of ``documents/``: one weekly report as other people's programs save it.

    python tests/corpus/make_office.py        (needs soffice on the path; the tests do not)

The source is written by python-docx and openpyxl; LibreOffice saves it in the other formats.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import docx
import openpyxl
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


def convert(soffice: str, source: Path, kind: str, filter_name: str = "") -> None:
    wanted = f"{kind}:{filter_name}" if filter_name else kind
    subprocess.run(
        [soffice, "--headless", "--convert-to", wanted, "--outdir", str(HERE), str(source)], check=True, timeout=120
    )


def main() -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        sys.exit("soffice is not on the path")
    with tempfile.TemporaryDirectory() as folder:
        for make in (lines, table, legacy):
            source = Path(folder) / f"weekly-{make.__name__}.docx"
            make(source)
            for kind, named in (("odt", ""), ("rtf", ""), ("doc", "MS Word 97")):
                convert(soffice, source, kind, named)
        source = Path(folder) / "weekly-sheet.xlsx"
        sheet(source)
        convert(soffice, source, "ods")
        convert(soffice, source, "csv", "Text - txt - csv (StarCalc):59,34,76")


if __name__ == "__main__":
    main()
