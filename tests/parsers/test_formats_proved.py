"""What offices really send, each by a small file, through ``cchc read --json``: one call for all of them.

The files are made here, so that a test says exactly what it is about; pages are drawn by reportlab.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2 as pdfium
import pytest
from openpyxl.utils import get_column_letter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from intake.cli import main
from tests.parsers.document_builders import cell, docx_bytes, docx_of, paragraph, part, relation, run, table
from tests.parsers.scan_builders import FONT, Wear, jpeg, rendered, report_pdf, scan_pdf, truth, worn

HEAD = (
    "UBND TỈNH MẪU",
    "SỞ NỘI VỤ",
    "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
    "Từ ngày 14/7/2017 đến ngày 20/7/2017",
)
LABELS = (
    "Tổng số hồ sơ đã tiếp nhận",
    "Tổng số hồ sơ đã giải quyết",
    "Hồ sơ trả đúng hạn",
    "Hồ sơ quá hạn",
    "Hồ sơ trả lại (tổ chức, cá nhân)",
)
VALUES = (1625, 1615, 1590, 25, 10)
KEYS = ("received", "resolved", "on_time", "overdue", "returned")
SEED = 31
T = '<w:t xml:space="preserve">{}</w:t>'


# ---- Word -------------------------------------------------------------------------------------------------------------


def head() -> str:
    return "".join(map(paragraph, HEAD))


def lines(*, skip: int = -1) -> str:
    return "".join(
        paragraph(f"- {label}: {value}")
        for n, (label, value) in enumerate(zip(LABELS, VALUES, strict=True))
        if n != skip
    )


def numbered() -> bytes:
    """Headings and lines whose numbers Word writes itself; a table whose first column is numbered so."""
    level = '<w:lvl w:ilvl="{}"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="7">{level.format(0, "upperRoman", "%1.")}{level.format(1, "decimal", "%2.")}'
        f"{level.format(2, 'lowerLetter', '%3)')}</w:abstractNum>"
        f'<w:abstractNum w:abstractNumId="8">{level.format(0, "bullet", "·")}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    )
    item = '<w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr></w:pPr>'
    body = head() + paragraph("Kết quả giải quyết TTHC", item.format(0, 1))
    for label, value in zip(LABELS, VALUES, strict=True):
        body += paragraph(f"{label}: {value}", item.format(1, 1))
    body += paragraph("Đánh giá (điểm mạnh, hạn chế, vướng mắc, khó khăn)", item.format(0, 1))
    body += paragraph("Công tác được thực hiện nghiêm túc.", item.format(0, 2))
    return docx_of(
        body, {"word/numbering.xml": part("numbering", numbering)}, relation("n", "numbering", "numbering.xml")
    )


def changed() -> bytes:
    """Received was 999, hidden 4, and was changed; what was deleted is not read, what was inserted is."""
    received = (
        run(T.format(f"- {LABELS[0]}: "))
        + f"<w:del>{run('<w:delText>999</w:delText>')}</w:del>"
        + run(T.format("4"), "<w:vanish/>")
        + f"<w:ins>{run(T.format('1625'))}</w:ins>"
    )
    return docx_of(head() + f"<w:p>{received}</w:p>" + lines(skip=0))


def boxed() -> bytes:
    """A line in a text box, which Word stores twice: the new drawing and the old one for older programs."""
    content = f"<w:txbxContent>{paragraph(f'- {LABELS[0]}: {VALUES[0]}')}</w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    return docx_of(head() + f"<w:p><w:r>{both}</w:r></w:p>" + lines(skip=0))


def nested() -> bytes:
    rows = [cell(label) + cell(str(value)) for label, value in zip(LABELS, VALUES, strict=True)]
    inner = table(*rows)
    return docx_of(head() + table(f"<w:tc>{paragraph('Số liệu')}{inner}<w:p/></w:tc>"))


def noted() -> bytes:
    """A footnote beside the figures: its number is none of theirs."""
    notes = f'<w:footnote w:id="2">{paragraph("Tổng số hồ sơ đã tiếp nhận năm trước: 77")}</w:footnote>'
    mark = '<w:p><w:r><w:t xml:space="preserve">- Hồ sơ quá hạn: 25</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    body = head() + lines(skip=3) + mark
    return docx_of(body, {"word/footnotes.xml": part("footnotes", notes)}, relation("f", "footnotes", "footnotes.xml"))


def pasted() -> bytes:
    """A scan pasted into Word, under a line of text."""
    picture = jpeg(worn(rendered(report_pdf(SEED), 200), Wear(200, 0.4, 2)), 90)
    blip = '<w:p><w:r><w:drawing><a:blip r:embed="i"/></w:drawing></w:r></w:p>'
    return docx_of(
        paragraph("Kính gửi Sở Nội vụ") + blip,
        {"word/media/image1.jpeg": picture},
        relation("i", "image", "media/image1.jpeg"),
    )


# ---- sheets -----------------------------------------------------------------------------------------------------------


def sheet(rows: list[tuple[Any, ...]], *, hidden_row: int = 0, second: bool = False) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for text in HEAD:
        page.append([text])
    page.merge_cells(f"A3:{get_column_letter(3)}3")
    for row in rows:
        page.append(list(row))
    if hidden_row:
        page.row_dimensions[hidden_row].hidden = True
    if second:
        other = book.create_sheet("Nháp")
        other.append(["Danh sách cán bộ trực", "Số điện thoại"])
        other.append(["Nguyễn Văn A", "0912"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def as_text() -> bytes:
    """Numbers stored as text, several sheets, a merged title."""
    return sheet([(label, str(value)) for label, value in zip(LABELS, VALUES, strict=True)], second=True)


def hidden() -> bytes:
    return sheet(list(zip(LABELS, VALUES, strict=True)), hidden_row=len(HEAD) + 5)


def formula() -> bytes:
    """The last figure is a formula nobody ever calculated."""
    return sheet([*zip(LABELS[:4], VALUES[:4], strict=True), (LABELS[4], "=B5-B6")])


# ---- PDF --------------------------------------------------------------------------------------------------------------


def canvas() -> tuple[Canvas, BytesIO]:
    pdfmetrics.registerFont(TTFont("F", FONT))
    out = BytesIO()
    return Canvas(out, pagesize=A4, invariant=1), out


def fields() -> bytes:
    """Figures typed into the fields of a form."""
    page, out = canvas()
    page.setFont("F", 12)
    for n, text in enumerate((*HEAD, *LABELS)):
        page.drawString(60, 780 - 24 * n, text)
        if n >= len(HEAD):
            page.acroForm.textfield(
                name=KEYS[n - 4], value=str(VALUES[n - 4]), x=330, y=776 - 24 * n, width=80, height=16, fontSize=10
            )
    page.save()
    return out.getvalue()


def ruled(page: Canvas, top: float, rows: list[tuple[str, str]]) -> None:
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            page.rect(60 + 300 * c, top - 24 * (r + 1), 300 if c == 0 else 100, 24)
            page.drawString(66 + 300 * c, top - 24 * r - 17, text)


def two_pages() -> bytes:
    """A table the page cuts, its heading repeated; the second page is turned."""
    rows = [(label, str(value)) for label, value in zip(LABELS, VALUES, strict=True)]
    page, out = canvas()
    page.setFont("F", 12)
    for n, text in enumerate(HEAD):
        page.drawString(60, 780 - 24 * n, text)
    ruled(page, 680, [("Nội dung", "Số liệu"), *rows[:3]])
    page.showPage()
    page.setFont("F", 12)
    ruled(page, 780, [("Nội dung", "Số liệu"), *rows[3:]])
    page.save()
    return out.getvalue()


def turned() -> bytes:
    document = pdfium.PdfDocument(two_pages())
    for page in document:
        page.set_rotation(90)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def holding() -> bytes:
    """A letter as PDF that holds the report as an attached Word file."""
    page, out = canvas()
    page.setFont("F", 12)
    page.drawString(60, 780, "Kính gửi Sở Nội vụ: báo cáo đính kèm trong tệp này.")
    page.save()
    document = pdfium.PdfDocument(out.getvalue())
    document.new_attachment("Báo cáo tuần.docx").set_data(docx_bytes())
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def mixed() -> bytes:
    """A page of text, then a scanned one that is the report."""
    page, out = canvas()
    page.setFont("F", 12)
    for n in range(12):
        page.drawString(60, 780 - 20 * n, "Kính gửi Sở Nội vụ, đơn vị gửi kèm báo cáo của đơn vị trong trang sau.")
    page.save()
    target = pdfium.PdfDocument.new()
    scan = scan_pdf([worn(rendered(report_pdf(SEED), 200), Wear(200, 0.4, 2))], 90)
    for data in (out.getvalue(), scan):
        target.import_pages(pdfium.PdfDocument(data))
    saved = BytesIO()
    target.save(saved)
    return saved.getvalue()


FILES = {
    "danh số.docx": numbered, "sửa đổi.docx": changed, "khung chữ.docx": boxed, "bảng lồng.docx": nested,
    "cước chú.docx": noted, "ảnh dán.docx": pasted, "số là chữ.xlsx": as_text, "hàng ẩn.xlsx": hidden,
    "công thức.xlsx": formula, "biểu mẫu.pdf": fields, "hai trang.pdf": two_pages, "xoay.pdf": turned,
    "đính kèm.pdf": holding, "lẫn ảnh.pdf": mixed,
}  # fmt: skip


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What one call says of every file."""
    folder = tmp_path_factory.mktemp("formats")
    for name, made in FILES.items():
        (folder / name).write_bytes(made())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CCHC_CONFIG", raising=False)
        patch.chdir(folder)
        return said(folder)


def said(folder: Path) -> Mapping[str, Any]:
    import contextlib  # noqa: PLC0415
    import io  # noqa: PLC0415

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["read", "--json", *(str(folder / name) for name in FILES)])
    return {item["file"]: item for item in json.loads(out.getvalue())["items"]}


def report(item: Any) -> Any:
    (found,) = [report for part in item["parts"] for report in part["reports"]]
    return found


def values(item: Any) -> tuple[Any, ...]:
    return tuple(report(item)["figures"][key]["value"] for key in KEYS)


def warned(item: Any) -> set[str]:
    return {
        key
        for found in report(item)["findings"]
        if found["severity"] in ("warning", "error")
        for key in found["figures"]
    }


@pytest.mark.parametrize(
    "name", [name for name in FILES if name not in ("ảnh dán.docx", "lẫn ảnh.pdf", "công thức.xlsx", "hàng ẩn.xlsx")]
)
def test_the_five_figures_are_read_right_and_unflagged(items: Mapping[str, Any], name: str) -> None:
    assert items[name]["outcome"] == "read"
    assert values(items[name]) == VALUES
    assert warned(items[name]) & set(KEYS) == set()


def test_the_numbers_word_writes_itself_stand_before_their_lines(items: Mapping[str, Any]) -> None:
    figures = report(items["danh số.docx"])["figures"]
    assert figures["received"]["where"]["text"].startswith("1. Tổng số")
    assert figures["returned"]["where"]["text"].startswith("5. Hồ sơ trả lại")
    assert "nghiêm túc" in report(items["danh số.docx"])["texts"]["assessment"]


@pytest.mark.parametrize("name", ["ảnh dán.docx", "lẫn ảnh.pdf"])
def test_a_scan_pasted_into_word_or_behind_a_letter_is_recognised(items: Mapping[str, Any], name: str) -> None:
    figures = report(items[name])["figures"]
    wrong = [key for key in KEYS if figures[key]["value"] != truth(SEED)[key]]
    assert (items[name]["outcome"], wrong) == ("read", [])
    place = figures["received"]["where"]
    assert "ocr" in figures["received"]["flags"]
    assert place["page"] == (1 if name.endswith("docx") else 2)
    assert place["box"][2] > place["box"][0]


def test_hidden_rows_are_read_and_marked(items: Mapping[str, Any]) -> None:
    figures = report(items["hàng ẩn.xlsx"])["figures"]
    assert figures["returned"]["value"] == VALUES[4]
    assert "hidden" in figures["returned"]["flags"]
    assert "hidden" not in figures["received"]["flags"]


def test_a_formula_without_a_result_is_no_figure(items: Mapping[str, Any]) -> None:
    figures = report(items["công thức.xlsx"])["figures"]
    assert figures["returned"]["value"] is None
    assert figures["returned"]["state"] == "unreadable"


@pytest.mark.parametrize("name", ["hai trang.pdf", "xoay.pdf"])
def test_every_cell_of_a_table_knows_its_page_and_place(items: Mapping[str, Any], name: str) -> None:
    figures = report(items[name])["figures"]
    first, last = figures["received"]["where"], figures["returned"]["where"]
    assert (first["page"], last["page"]) == (1, 2)
    assert first["box"] != figures["resolved"]["where"]["box"]
    wide, high = first["box"][2] - first["box"][0], first["box"][3] - first["box"][1]
    assert sorted((round(wide), round(high))) == [24, 100]


def test_a_file_attached_inside_a_pdf_is_a_part_of_its_own(items: Mapping[str, Any]) -> None:
    letter, attached = items["đính kèm.pdf"]["parts"]
    assert (letter["outcome"], letter["type"], letter["reports"]) == ("enclosure", "pdf", [])
    assert (attached["outcome"], attached["type"], attached["name"]) == ("read", "docx", "Báo cáo tuần.docx")
    assert attached["path"][-1] == "Báo cáo tuần.docx"
