"""What its writer struck out is no longer stated, in every format that can strike out."""

import io
import zipfile
from pathlib import Path

import pytest
import xlwt
from lxml import etree
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from bench.accuracy import harsh_office
from parsers.readers import doc_looks, docx, excelxml, html, odf, ods, rtf, xls, xlsx, xlsx_struck
from tests.parsers.office_builders import ods_of

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"


def texts(document):
    cells = [cell.text for b in document.blocks if b.table for row in b.table.rows for cell in row]
    return [b.text for b in document.blocks if b.text] + cells


def test_word_runs_struck_out_once_or_twice_are_gone_and_those_switched_off_stay():
    body = harsh_office.docx("<p>Tiếp nhận: <s>1.284</s> 1.248</p>")
    assert texts(docx.read(body)) == ["Tiếp nhận:  1.248"]
    for look, kept in (
        ("<w:dstrike/>", ""),
        ('<w:strike w:val="0"/>', "1.284"),
        ('<w:strike w:val="false"/>', "1.284"),
    ):
        members = zipfile.ZipFile(io.BytesIO(body))
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as package:
            for name in members.namelist():
                package.writestr(name, members.read(name).replace(b"<w:strike/>", look.encode()))
        assert texts(docx.read(changed.getvalue())) == [f"Tiếp nhận: {kept} 1.248"]


@pytest.mark.parametrize(
    "struck", ["<s>1.284</s>", "<strike>1.284</strike>", "<del>1.284</del>", '<span style="text-decoration: line-through">1.284</span>',
               '<span style="color:red;text-decoration-line:line-through">1.284</span>'],
)  # fmt: skip
def test_html_struck_out_is_gone(struck):
    assert texts(html.read(f"<p>Tiếp nhận: {struck} 1.248</p>".encode())) == ["Tiếp nhận: 1.248"]


def test_html_underlined_stays():
    assert texts(html.read(b'<p><span style="text-decoration: underline">12</span></p>')) == ["12"]


@pytest.mark.parametrize(("word", "kept"), [(r"\strike", ""), (r"\striked1", ""), (r"\strike0", "1284 ")])
def test_rtf_struck_out_is_gone_until_it_is_switched_off(word, kept):
    written = rf"{{\rtf1\ansi A: {{{word} 1284 }}1248\par}}".encode()
    assert texts(rtf.read(written)) == [f"A: {kept}1248"]


def test_rtf_plain_ends_a_strike():
    assert texts(rtf.read(rb"{\rtf1\ansi A: \strike 1284 \plain 1248\par}")) == ["A: 1248"]


@pytest.mark.parametrize(("number", "hidden"), [(0x0837, True), (0x2A53, True), (0x0835, False)])
def test_word_97_letters_struck_out_are_out_of_sight(number, hidden):
    assert doc_looks.letters(number.to_bytes(2, "little") + b"\x01").hidden is hidden


def test_open_document_styles_that_strike_out_hide_their_text():
    xml = (
        '<office:document-content xmlns:office="{o}office:1.0" xmlns:style="{o}style:1.0"><office:automatic-styles>'
        '<style:style style:name="T1" style:family="text"><style:text-properties style:text-line-through-style="solid" '
        'style:text-line-through-type="single"/></style:style><style:style style:name="T2" style:family="text">'
        '<style:text-properties style:text-line-through-style="none" style:text-line-through-type="none"/></style:style>'
        "</office:automatic-styles></office:document-content>"
    ).replace("{o}", "urn:oasis:names:tc:opendocument:xmlns:")

    class Package:
        def has(self, name):
            return name == "content.xml"

        def read(self, name):
            return xml.encode()

        def xml(self, name):
            return etree.fromstring(xml)

    styles = odf.OdfStyles(Package())
    assert styles.matters
    assert styles.hides("T1", "text")
    assert not styles.hides("T2", "text")


def workbook(*rows):
    book = Workbook()
    for r, value in enumerate(rows, 1):
        book.active.cell(r, 1).value = value
    book.active["A1"].font = Font(strike=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheets_cells_and_runs_struck_out_are_gone():
    run = CellRichText(TextBlock(InlineFont(strike=True), "1.284"), TextBlock(InlineFont(), "1.248"))
    assert [text for text in texts(xlsx.read(workbook(11, 12, run))) if text] == ["12", "1.248"]


def test_shared_strings_lose_their_runs_struck_out_only():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = etree.fromstring(
        f'<sst xmlns="{main}"><si><t>a</t></si><si><r><rPr><strike/></rPr><t>1</t></r><r><t>2</t></r>'
        '<r><rPr><strike val="0"/></rPr><t>3</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si></sst>'
    )
    assert xlsx_struck.kept_strings(table) == ["a", "23"]
    assert xlsx_struck.names_any(etree.tostring(table))
    assert not xlsx_struck.names_any(b"<sst/>")


def test_an_old_workbooks_cells_struck_out_are_gone():
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    struck = xlwt.easyxf("font: struck_out on")
    for r, (value, style) in enumerate([(11, struck), ("x", struck), (12, None), ("y", None)]):
        sheet.write(r, 0, value, *([style] if style else []))
    out = io.BytesIO()
    book.save(out)
    assert [text for text in texts(xls.read(out.getvalue())) if text] == ["12", "y"]


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_workbooks_of_another_program_lose_what_is_struck_out_and_nothing_else(kind):
    read = {"ods": ods, "xls": xls}[kind].read
    table = read((DOCUMENTS / f"struck.{kind}").read_bytes()).blocks[0].table
    assert [tuple(cell.text for cell in row) for row in table.rows] == [
        ("", "1600"), ("", "1.600 hồ sơ"), ("1.620", "Đã giải quyết"), ("", "94,5%"), ("Tiếp nhận: 1.248", "7"),
    ]  # fmt: skip
    assert [row[0].number for row in table.rows] == [None] * 5


STRIKES = '<style:style style:name="S" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'
STANDS = '<style:style style:name="N" style:family="table-cell" style:parent-style-name="S"><style:text-properties style:text-line-through-style="none"/></style:style>'


def test_a_cell_without_a_look_has_its_rows_else_its_columns():
    cell = '<table:table-cell {0} office:value-type="float" office:value="{1}"><text:p>{1}</text:p></table:table-cell>'
    styles = f"<office:automatic-styles>{STRIKES}{STANDS}</office:automatic-styles>"
    column, row = 'table:default-cell-style-name="S"', "<table:table-row {}>{}</table:table-row>"
    looks = [
        ("", 'table:number-columns-repeated="2"'),
        ("", 'table:style-name="N"'),
        (column, ""),
        (column, 'table:style-name="N"'),
    ]
    rows = "".join(row.format(own, cell.format(look, n)) for n, (own, look) in enumerate(looks, 1))
    made = ods_of(f"<table:table-column {column}/><table:table-column/>{rows}", styles)
    told = [[c.text for c in line] for line in ods.read(made).blocks[0].table.rows]
    assert told == [["", "1"], ["2", ""], ["", ""], ["4", ""]]


def test_excel_2003s_xml_loses_what_is_struck_out():
    def cell(kind, text, look="", html=""):
        return f'<Cell{look}><ss:Data ss:Type="{kind}"{html}>{text}</ss:Data></Cell>'

    gone, stands, rich = ' ss:StyleID="g"', ' ss:StyleID="s"', ' xmlns="http://www.w3.org/TR/REC-html40"'
    third = ' ss:Index="3"'
    rows = (
        f"<Row>{cell('Number', 1615, gone)}{cell('Number', 1600)}</Row>"
        f"<Row{gone}>{cell('Number', 1)}{cell('Number', 2, stands)}</Row>"
        f"<Row>{cell('String', '<S>1.284</S><Font> <B>1.248</B></Font> hồ sơ', html=rich)}</Row>"
        f"<Row>{cell('Number', 3, third)}<Cell{gone} ss:Formula='=A1'/></Row>"
    )
    styles = '<Style ss:ID="g"><Font ss:StrikeThrough="1"/></Style><Style ss:ID="s"><Font ss:Bold="1"/></Style>'
    made = (
        f'<Workbook xmlns="{excelxml.SPREADSHEET}" xmlns:ss="{excelxml.SPREADSHEET}"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="a"><Table><Column ss:Index="3"{gone}/>{rows}</Table></Worksheet></Workbook>'
    )
    told = [[c.text for c in row] for row in excelxml.read(made.encode()).blocks[0].table.rows]
    assert told == [["", "1600"], ["", "2"], ["1.248 hồ sơ", ""]]
