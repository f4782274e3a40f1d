"""A plain sheet's rows kept in the counting pass say what openpyxl says that parses the sheet itself; any other is left to it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest

from parsers.readers import Budget, Unreadable, xlsx
from parsers.readers import sheet_plain as plain_module
from parsers.readers.ooxml import Package
from parsers.readers.sheet_scan import scan_sheet
from parsers.readers.xlsx_values import Values

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT = f'xmlns="{MAIN}" xmlns:x14ac="urn:x"'
SHEET = "xl/worksheets/sheet1.xml"


def package(rows: str, root: str = ROOT) -> Package:
    """A workbook whose only sheet has these rows, with three shared strings: plain, in pieces, empty."""
    out, made = BytesIO(), BytesIO()
    openpyxl.Workbook().save(made)
    strings = (
        "<si><t>một</t></si><si><r><t>h</t></r><r><t xml:space='preserve'>ai </t></r></si><si/><si><t>_x005F_</t></si>"
    )
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/_rels/workbook.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
                item = f'<Relationship Id="s" Type="{kind}" Target="sharedStrings.xml"/>'
                data = data.replace(b"</Relationships>", item.encode() + b"</Relationships>")
            if name == SHEET:
                data = f"<worksheet {root}><sheetData>{rows}</sheetData></worksheet>".encode()
            if "sharedStrings" not in name:
                new.writestr(name, data)
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
    return Package(out.getvalue(), Budget())


def both(rows: str, root: str = ROOT) -> tuple[object, object, bool]:
    """What is read with the rows kept and without them; whether they were kept."""
    book = package(rows, root)
    scan = scan_sheet(book.read(SHEET), SHEET)
    return said(book, scan), said(book, replace(scan, plain=None)), scan.plain is not None


def said(book: Package, scan) -> object:
    try:
        return list(Values(book).rows(SHEET, scan))
    except (ValueError, IndexError, TypeError) as error:
        return str(error)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="C1" t="s"><v>0</v></c></row><row r="3"><c t="s"><v>1</v></c><c><v>2.5</v></c></row>',
        '<row><c t="s"><v>3</v></c><c t="s"><v>2</v></c></row><row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>trong ô</t></is></c><c r="B1" t="inlineStr"><is><t/></is></c><c r="C1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is/></c><c r="B1"><f>A1+1</f><v>7</v></c><c r="C1"><f>1</f><v/></c><c r="D1"><v>1</v></c></row>',
        '<row r="1" x14ac:dyDescent="0.3"><c r="A1" t="d"><v>2017-07-21</v></c></row>',
        '<row r="1"><c r="A1" t="str"><f>1</f><v>chữ</v></c><c r="A1"><v>2</v></c></row><row r="1"><c r="A1"><v>9</v></c></row>',
        '<row r="2"><c r="A1"><v>1</v></c></row><row r="3"><c r="B7"><v>1<!-- -->2</v></c></row>',
        '<row r="x"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
        '<row r="1"><c r="1A"><v>9</v></c></row>',
        '<row r="1"><c r="A1" s="x"><v>9</v></c></row>',
        '<row r="1"><c r="A1"><v>chín</v></c></row>',
    ],
)
def test_a_plain_sheet_reads_as_openpyxl_reads_it(rows):
    kept, parsed, plain = both(rows)
    assert plain
    assert kept == parsed


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>hai</t></r><r><t> mẩu</t></r></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>một</t><rPh sb="0" eb="1"><t>hai</t></rPh></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><v>1</v><is><t>một</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>một</t></is><is><t>hai</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>một</t><t>hai</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is lang="vi"><t>một</t></is></c></row>',
        '<row r="1"><c r="A1"><is><t>một</t></is><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1<x/>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><extLst/></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><extLst/></row>',
        f'<row r="1"><x:c xmlns:x="{MAIN}" r="A1"><x:v>1</x:v></x:c></row>',
        f'<x:row xmlns:x="{MAIN}" r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>',
        '<row r="1" xmlns="urn:other"><c r="A1"><v>1</v></c></row>',
        '<group><row r="1"><c r="A1"><v>1</v></c></row></group>',
        '<row r="1"><c r="A1" x:s="1" xmlns:x="urn:x"><v>1</v></c></row>',
        '<row x:r="7" xmlns:x="urn:x"><c><v>1</v></c></row>',
    ],
)
def test_what_is_not_plain_is_left_to_openpyxl(rows):
    kept, parsed, plain = both(rows)
    assert not plain
    assert kept == parsed


def test_a_sheet_in_another_namespace_or_outside_the_sheets_data_is_not_plain():
    assert both('<row r="1"><c r="A1"><v>1</v></c></row>', 'xmlns="urn:other"') == ([], [], False)
    data = f'<worksheet xmlns="{MAIN}"><row r="1"><c r="A1"><v>1</v></c></row></worksheet>'.encode()
    assert scan_sheet(data, SHEET).plain is None


def test_more_cells_than_are_kept_are_read_as_they_come(monkeypatch):
    monkeypatch.setattr(plain_module, "_KEPT_MAX", 2)
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c>{}</row>'
    assert both(row.format(""))[2]
    kept, parsed, plain = both(row.format('<c r="C1"><v>3</v></c>'))
    assert not plain
    assert kept == parsed


def test_shared_strings_beyond_what_is_held_whole_are_read_one_by_one(monkeypatch):
    rows = "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(4))
    whole = both(rows)[0]
    monkeypatch.setattr("parsers.readers.xlsx_values._DOM_MAX", 10)
    assert both(rows)[0] == whole == [(("một", ""),), (("hai ", ""),), (("", ""),), (("_", ""),)]


def test_a_workbook_of_the_strict_edition_is_read_like_any_other():
    """As Excel saves "Strict Open XML Spreadsheet"; it was read as empty."""
    made, out = BytesIO(), BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Tổng số hồ sơ", 17])
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            common = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            new.writestr(name, data.replace(common, b"http://purl.oclc.org/ooxml/officeDocument/relationships"))
    strict, common_ = xlsx.read(out.getvalue()), xlsx.read(made.getvalue())
    assert strict.blocks == common_.blocks
    assert strict.blocks[0].table.rows[0][1].number == 17


def test_shared_strings_that_are_not_xml_are_corrupt():
    book = BytesIO()
    good = package("<row><c t='s'><v>0</v></c></row>")
    with zipfile.ZipFile(book, "w") as new:
        for name in good.names:
            new.writestr(name, b"<sst><si>" if "sharedStrings" in name else good.read(name))
    with pytest.raises(Unreadable) as refused:
        xlsx.read(book.getvalue())
    assert refused.value.reason == "corrupt"
