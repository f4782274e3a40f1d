"""Values of a workbook with no more of it read than they need: formats by style, days by epoch, rows where they stand."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from parsers.readers import Unreadable, xlsx


def book(epoch: object = None) -> bytes:
    """A percentage in a format of its own, a built-in one, a day, a span of time, and text, with rows left out."""
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    sheet = made.active
    for place, value, code in (
        ("A1", 0.955, "0.0%"),
        ("B1", 0.5, '0.000"x"%'),
        ("A4", date(2017, 7, 21), "dd/mm/yyyy"),
        ("B4", 1.5, "[h]:mm:ss"),
        ("C4", "chu", "0.0%"),
    ):
        sheet[place] = value
        sheet[place].number_format = code
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data: bytes, **members: tuple[bytes, bytes] | None) -> bytes:
    """The package with pieces of members replaced (``styles``: of xl/styles.xml), or without a member."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            piece = members.get(stem, (b"", b""))
            if piece is not None:
                assert piece[0] in old.read(name)
                new.writestr(name, old.read(name).replace(*piece) if piece[0] else old.read(name))
    return out.getvalue()


def texts(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in xlsx.read(data).blocks[0].table.rows]


READ = [["95,5%", "50x%", ""], ["", "", ""], ["", "", ""], ["21/7/2017", "36:00:00", "chu"]]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_values_are_shown_as_their_formats_say(epoch):
    assert texts(book(epoch)) == READ


def test_without_styles_numbers_are_plain():
    assert texts(changed(book(), styles=None))[0] == ["0,955", "0,5", ""]


def test_a_style_or_a_format_no_list_holds_is_plain():
    """Other programs open such files too; the numbers are what counts."""
    assert texts(changed(book(), sheet1=(b's="1"', b's="99"')))[0] == ["0,955", "50x%", ""]
    assert texts(changed(book(), styles=(b'<xf numFmtId="164"', b'<xf numFmtId="999"')))[0][:2] == ["0,955", "50x%"]


def test_a_row_stored_twice_or_backwards_counts_once():
    """As openpyxl reads it: rows never go back."""
    again = (b'<row r="4"', b'<row r="1"><c r="A1"><v>7</v></c></row><row r="4"')
    assert texts(changed(book(), sheet1=again)) == READ


def test_a_text_no_list_holds_cannot_be_read():
    shared = (b't="inlineStr"><is><t>chu</t></is>', b't="s"><v>0</v>')
    with pytest.raises(Unreadable) as refused:
        xlsx.read(changed(book(), sheet1=shared, sharedStrings=None))
    assert refused.value.reason == "corrupt"
