"""Texts of old workbooks in several fonts: every letter where it belongs, whatever record it lies in; boxes drawn over a sheet."""

from __future__ import annotations

import io
import struct

import pytest
import python_calamine
import xlwt

from parsers.readers.biff import looks_of
from parsers.readers.biff_texts import Pieces, Text, drawn_text, is_note, own_text, shared_texts

STRUCK, PLAIN = xlwt.easyfont("struck_out on"), xlwt.easyfont("bold on")


def saved(book: xlwt.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_texts_in_several_fonts_are_whole_over_thousands_of_records():
    """Against the library that reads the letters alone; every third text has its middle struck out."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    told = [f"{n:05}" + ("Tiếp nhận" if n % 2 else "x") * (n % 61) for n in range(1500)]
    for n, text in enumerate(told):
        if n % 3:
            sheet.write(n, 0, text)
        else:
            sheet.write_rich_text(n, 0, [("đã ", PLAIN), (text, STRUCK), (f" {n}", PLAIN)])
    data = saved(book)
    (look,) = looks_of(data) or [None]
    cells = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [str(row[0]) for row in cells] == [t if n % 3 else f"đã {t} {n}" for n, t in enumerate(told)]
    assert look.kept == {(n, 0): f"đã  {n}" for n in range(0, 1500, 3)}
    assert not look.struck


def test_a_workbook_that_strikes_nothing_out_is_spared_its_texts():
    book = xlwt.Workbook()
    book.add_sheet("a").write_rich_text(0, 0, [("đã ", PLAIN), ("12", xlwt.easyfont("italic on"))])
    (look,) = looks_of(saved(book)) or [None]
    assert (look.kept, look.struck, look.drawn, look.charts) == ({}, set(), [], False)


def test_a_text_goes_on_narrow_where_it_began_wide():
    head = struct.pack("<IIHB", 1, 1, 6, 0x01 | 0x08 | 0x04) + struct.pack("<HI", 1, 3)
    bodies = [head + "Kỳ ".encode("utf-16-le"), b"\x00123" + struct.pack("<H", 3), struct.pack("<H", 7) + b"say"]
    assert list(shared_texts(bodies)) == [Text("Kỳ 123", ((3, 7),))]


def test_a_text_a_cell_holds_itself_has_its_runs_behind_it():
    body = struct.pack("<HHHHB", 0, 0, 15, 4, 0) + b"1615" + struct.pack("<HHH", 1, 2, 6)
    assert own_text(body) == Text("1615", ((2, 6),))
    assert own_text(body).kept(lambda font: font == 6) == "16"


def test_a_drawn_text_ends_where_its_last_run_says():
    runs = struct.pack("<HHI", 0, 0, 0) + struct.pack("<HHI", 2, 9, 0) + struct.pack("<HHI", 4, 0, 0)
    head = struct.pack("<HH6xHHI", 0, 0, 4, len(runs), 0)
    assert drawn_text([head, b"\x001615", runs]) == Text("1615", ((0, 0), (2, 9)))
    assert drawn_text([struct.pack("<HH6xHHI", 0, 0, 0, 0, 0)]) == Text("")


def test_a_remark_stuck_to_a_cell_is_no_text_of_the_sheet():
    assert is_note(struct.pack("<HHH", 0x15, 0x12, 0x19))
    assert not is_note(struct.pack("<HHH", 0x15, 0x12, 0x06))
    assert not is_note(b"")


@pytest.mark.parametrize("short", [b"", b"\0" * 8 + b"\x09", struct.pack("<IIHB", 1, 1, 9, 0) + b"1615"])
def test_who_counts_beyond_the_bytes_there_are_is_refused(short):
    with pytest.raises(ValueError, match="beyond"):
        list(shared_texts([struct.pack("<II", 1, 1) + short[8:]] if short else []))


def test_letters_and_bytes_come_from_as_many_records_as_it_takes():
    assert Pieces([b"ab", b"", b"cd"]).take(4) == b"abcd"
    assert Pieces([b"a", b"\x01" + "ệ".encode("utf-16-le")]).letters(2, wide=False) == "aệ"
