"""Scans pasted into office files of every kind: asked for, opened by their number, and read with what was seen on them."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import olefile
import pytest
import xlwt

from parsers.readers import Budget, Unreadable, pasted, read_document
from parsers.readers.biff import drawings_of
from parsers.scan import PageScan, ScannedItem, ScannedLine
from parsers.values import Block, Document
from tests.parsers.document_builders import docx_of, paragraph, relation
from tests.parsers.office_builders import XLINK, odt_of, rtf_of
from tests.parsers.ole_builder import ole_of
from tests.parsers.scan_builders import jpeg, png


def pixels(shade: int, side: int = 900) -> np.ndarray:
    return np.full((side, side, 3), shade, np.uint8)


PAGES = (jpeg(pixels(200), 90), png(pixels(90)))
SEAL = png(pixels(30, 200))


def an_odt() -> bytes:
    frames = "".join(
        f'<draw:frame><draw:image {XLINK} xlink:href="Pictures/{n}"/></draw:frame>' for n in (0, 1, 0, 2, 9)
    )
    return odt_of(f"<text:p>Kính gửi</text:p><text:p>{frames}</text:p>", members={f"Pictures/{n}": one for n, one in enumerate((*PAGES, SEAL))})  # fmt: skip


def a_docx() -> bytes:
    blips = "".join(f'<w:p><w:r><w:drawing><a:blip r:embed="i{n}"/></w:drawing></w:r></w:p>' for n in range(3))
    held = {f"word/media/{n}.png": one for n, one in enumerate((*PAGES, SEAL))}
    return docx_of(
        paragraph("Kính gửi") + blips, held, "".join(relation(f"i{n}", "image", f"media/{n}.png") for n in range(3))
    )


def an_rtf() -> bytes:
    pictures = "".join(rf"{{\pict\jpegblip {one.hex()}}}\par " for one in (*PAGES, SEAL))
    return rtf_of(r"Kinh gui\par " + pictures)


def an_xlsx() -> bytes:
    import openpyxl  # noqa: PLC0415
    from openpyxl.drawing.image import Image  # noqa: PLC0415

    book = openpyxl.Workbook()
    book.active["A1"] = "Kính gửi"
    for n, one in enumerate((*PAGES, SEAL)):
        book.active.add_image(Image(BytesIO(one)), f"B{n + 2}")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def an_xls() -> bytes:
    """As Excel keeps them: in one record of the workbook, cut into pieces of 8,224 bytes wherever that falls."""
    book, out = xlwt.Workbook(), BytesIO()
    book.add_sheet("1").write(0, 0, "Kính gửi")
    book.save(out)
    with olefile.OleFileIO(out.getvalue()) as file:
        stream = file.openstream("Workbook").read()
    blips = b"".join(b"\x46\xf0" + bytes(23) + one for one in (*PAGES, SEAL))
    pieces = [blips[at : at + 8224] for at in range(0, len(blips), 8224)]
    kinds = [0x00EB, *[0x003C] * (len(pieces) - 1)]
    held = b"".join(struct.pack("<HH", kind, len(one)) + one for kind, one in zip(kinds, pieces, strict=True))
    return ole_of({"Workbook": with_record(stream, held)})


def with_record(stream: bytes, record: bytes) -> bytes:
    """The workbook's stream with a record more before the end of its first part; the sheets stand so much further behind."""
    out, at = bytearray(stream), 0
    while struct.unpack_from("<H", out, at)[0] != 0x000A:
        kind, size = struct.unpack_from("<HH", out, at)
        if kind == 0x0085:
            struct.pack_into("<I", out, at + 4, struct.unpack_from("<I", out, at + 4)[0] + len(record))
        at += 4 + size
    out[at:at] = record
    return bytes(out)


MADE = [("odt", an_odt), ("docx", a_docx), ("rtf", an_rtf), ("xlsx", an_xlsx), ("xls", an_xls)]


@pytest.mark.parametrize(("kind", "made"), MADE)
def test_pictures_as_large_as_pages_are_asked_for_each_once(kind: str, made):
    data = made()
    document = read_document(data, kind)
    assert document.wanted == (1, 2)
    assert [pasted.picture_of(data, kind, n)[:3] for n in document.wanted] == [PAGES[0][:3], PAGES[1][:3]]
    with pytest.raises(Unreadable):
        pasted.picture_of(data, kind, 3)


def test_what_was_seen_follows_the_words():
    line = ScannedItem(line=ScannedLine("Hồ sơ quá hạn: 5", (1.0, 1.0, 9.0, 9.0), 0.97))
    document = read_document(an_odt(), "odt", scans={2: PageScan(2, 900.0, 900.0, 0, (line,))})
    assert [block.text for block in document.blocks] == ["Kính gửi", "Hồ sơ quá hạn: 5"]
    assert (document.scanned, document.wanted, document.blocks[0].page) == ((2,), (), None)


def test_a_file_of_nothing_but_pictures_has_no_text_and_says_which_to_look_at():
    frame = f'<text:p><draw:frame><draw:image {XLINK} xlink:href="Pictures/0"/></draw:frame></text:p>'
    data = odt_of(frame, members={"Pictures/0": PAGES[0]})
    for scans, wanted in ((None, (1,)), ({}, ())):
        with pytest.raises(Unreadable) as caught:
            read_document(data, "odt", scans=scans)
        assert (caught.value.reason, caught.value.wanted) == ("no_text", wanted)


def test_a_file_of_words_is_not_searched():
    document = Document("odt", "odt/1", (Block(1, "x" * 600),), images=3)
    assert pasted.with_pages(document, b"", Budget(), None) is document


def test_the_pictures_of_old_word_are_found_among_its_data(monkeypatch: pytest.MonkeyPatch):
    class File:
        data = struct.pack("<I", 7) + PAGES[0] + b"\0" * 40 + SEAL + b"\xff\xd8\xff\xe0broken" + PAGES[1]
        main = b"\0" * 512

    monkeypatch.setattr(pasted, "WordFile", lambda _: File)
    found = pasted.pictures_in(b"", "doc", Budget())
    assert [one[:8] for one in found] == [PAGES[0][:8], PAGES[1][:8]]


def an_empty_workbook() -> tuple[bytes, bytes]:
    """An old workbook without a value, and its stream of records."""
    book, out = xlwt.Workbook(), BytesIO()
    book.add_sheet("1")
    book.save(out)
    with olefile.OleFileIO(out.getvalue()) as file:
        return out.getvalue(), file.openstream("Workbook").read()


def test_an_old_workbook_of_nothing_but_a_scan_is_no_empty_workbook():
    plain_file, stream = an_empty_workbook()
    piece = PAGES[1][:8000]
    data = ole_of({"Workbook": with_record(stream, struct.pack("<HH", 0x00EB, len(piece)) + piece)})
    with pytest.raises(Unreadable) as caught:
        read_document(data, "xls")
    assert (caught.value.reason, caught.value.wanted) == ("no_text", (1,))
    plain = read_document(plain_file, "xls")
    assert (plain.blocks, plain.images) == ((), 0)
    assert drawings_of(b"\xd0\xcf" * 10) == b""


def test_an_old_workbook_of_nothing_but_a_bitmap_waits_for_a_person():
    _, stream = an_empty_workbook()
    bitmap = b"\x80\x7a\x1f\xf0" + struct.pack("<I", 57) + bytes(57)
    data = ole_of({"Workbook": with_record(stream, struct.pack("<HH", 0x00EB, len(bitmap)) + bitmap)})
    with pytest.raises(Unreadable) as caught:
        read_document(data, "xls")
    assert (caught.value.reason, caught.value.wanted) == ("unreadable_scan", ())
