"""Word 97–2003: the piece table decides, marks make tables, nothing hidden is read."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from parsers import limits
from parsers.readers import Unreadable, doc_file, read_document
from parsers.readers.doc_looks import letters, mark, operands
from parsers.values import Document
from tests.parsers.office_builders import old
from tests.parsers.ole_builder import ole_of

DOCUMENTS = Path(__file__).parent.parent / "corpus" / "documents"
HIDDEN, DELETED = b"\x3c\x08\x01", b"\x00\x08\x01"
CELL, NESTED = b"\x16\x24\x01", b"\x49\x66\x02\x00\x00\x00"
INNER_CELL, INNER_ROW = NESTED + b"\x4b\x24\x01", NESTED + b"\x4c\x24\x01\x17\x24\x01"

Run = tuple[str | bytes, bytes]


def row_end(*edges: int, flags: tuple[int, ...] = ()) -> bytes:
    cells = bytes([len(edges) - 1]) + struct.pack(f"<{len(edges)}h", *edges)
    cells += b"".join(struct.pack("<H", flag) + bytes(18) for flag in flags)
    return CELL + b"\x17\x24\x01\x08\xd6" + struct.pack("<H", len(cells) + 1) + cells


def fonts(*names: str) -> bytes:
    entries = []
    for name in names:
        entry = bytes(39) + name.encode("utf-16-le") + b"\0\0"
        entries.append(bytes([len(entry)]) + entry)
    return struct.pack("<HH", len(names), 0) + b"".join(entries)


def page(edges: list[int], properties: list[bytes], width: int, head: bytes) -> bytes:
    """A page of formatted runs: their edges, then where each one's properties lie."""
    out = bytearray(512)
    out[-1] = len(properties)
    struct.pack_into(f"<{len(edges)}I", out, 0, *edges)
    at = 510
    for n, found in enumerate(properties):
        stored = head + found if head else found
        size = bytes([len(stored)]) if not head else b"\0" + bytes([(len(stored) + 1) // 2])
        at = (at - len(size) - len(stored) - 1) // 2 * 2
        out[at : at + len(size) + len(stored)] = size + stored
        out[4 * len(edges) + width * n] = at // 2
    return bytes(out)


def doc_of(
    runs: list[Run],
    paragraphs: list[bytes],
    lengths: tuple[int, ...] = (),
    headers: bytes = b"",
    font_names: tuple[str, ...] = (),
    styles: bytes = b"",
    shuffled: bool = False,
    tree: dict[str, object] | None = None,
) -> bytes:
    """A file of these runs; bytes are stored one a character; ``paragraphs``: properties of each mark in order."""
    stored = [
        (text if isinstance(text, bytes) else text.encode("utf-16-le"), isinstance(text, bytes)) for text, _ in runs
    ]
    order = list(range(len(runs)))[:: -1 if shuffled else 1]
    base = 1536
    places: dict[int, int] = {}
    body = b""
    for n in order:
        places[n] = base + len(body)
        body += stored[n][0]
    edges = [places[n] for n in order] + [base + len(body)]
    characters = page(edges, [runs[n][1] for n in order], 1, b"")
    marks, told = [], []
    count = 0
    for n, (data, narrow) in enumerate(stored):
        text = data.decode("latin-1") if narrow else data.decode("utf-16-le", "surrogatepass")
        for at, char in enumerate(text):
            if char in "\r\x07\x0c":
                marks.append((places[n] + at * (1 if narrow else 2), paragraphs[count]))
                count += 1
    for offset, properties in sorted(marks):
        told.append((offset, properties))
    starts = [base - 1 if not n else told[n - 1][0] + 1 for n in range(len(told))]
    paragraph_page = page([*starts, told[-1][0] + 1], [properties for _, properties in told], 13, b"\0\0")
    units = [len(data) if narrow else len(data) // 2 for data, narrow in stored]
    ends = [sum(units[:n]) for n in range(len(units) + 1)]
    pieces = struct.pack(f"<{len(ends)}I", *ends)
    for n, (_, narrow) in enumerate(stored):
        pieces += struct.pack("<HIH", 0, places[n] * 2 | 0x40000000 if narrow else places[n], 0)
    table = b""
    pairs = {}
    plc = struct.pack("<III", base, base + len(body), 1), struct.pack("<III", base, base + len(body), 2)
    for number, data in (
        (33, b"\x01\x02\x00xx\x02" + struct.pack("<I", len(pieces)) + pieces), (12, plc[0]), (13, plc[1]),
        (11, headers), (15, fonts(*font_names) if font_names else b""), (1, styles),
    ):  # fmt: skip
        pairs[number] = (len(table), len(data))
        table += data
    fib = bytearray(512)
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0xC1)
    struct.pack_into("<7I", fib, 76, *(lengths or (ends[-1],)), *[0] * (7 - max(len(lengths), 1)))
    for number, (offset, length) in pairs.items():
        struct.pack_into("<II", fib, 154 + 8 * number, offset, length)
    main = bytes(fib) + characters + paragraph_page + body
    return ole_of({"WordDocument": main, "0Table": table, **(tree or {})})


def read(data: bytes) -> Document:
    return read_document(data, "doc")


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.table is None]


def grid(document: Document, n: int = 0) -> list[list[str]]:
    tables = [block.table for block in document.blocks if block.table]
    return [[cell.text for cell in row] for row in tables[n].rows]


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(data)
    return caught.value.reason


@pytest.mark.parametrize("shuffled", [False, True])
def test_pieces_are_told_in_their_order_wherever_they_lie(shuffled: bool):
    runs: list[Run] = [("Báo cáo ", b""), (b"tu\x96n\r", b""), ("tiếp 😀\r", b"")]
    assert texts(read(doc_of(runs, [b"", b""], shuffled=shuffled))) == ["Báo cáo tu–n", "tiếp 😀"]


def test_hidden_and_deleted_letters_are_not_read():
    runs: list[Run] = [("a", b""), ("hidden", HIDDEN), ("gone", DELETED), ("b\r", b"")]
    assert texts(read(doc_of(runs, [b""]))) == ["ab"]


def test_signs_of_the_program_are_not_letters():
    runs: list[Run] = [("a\x09b\x0bc\x1ed\x1fe\x02\x05\x01\r", b"")]
    document = read(doc_of(runs, [b""]))
    assert (texts(document), document.images) == (["a\tb\nc-de"], 1)


@pytest.mark.parametrize(
    ("instruction", "codes"),
    [("PAGE", []), ("DDEAUTO excel", ["active_content"]), ("INCLUDETEXT http://x.example/a", ["remote_ref"])],
)
def test_a_field_shows_its_result(instruction: str, codes: list[str]):
    document = read(doc_of([(f"a \x13 {instruction} \x14 7\x15 b\x15\r", b"")], [b""]))
    assert texts(document) == ["a  7 b"]
    assert [found.code for found in document.findings] == codes


def test_a_table_has_its_cells_merged_cells_and_nested_table():
    runs: list[Run] = [("TT\x07H\x07\x07\x07a\x07b\x07c\x07\x07in\r\rout\x07x\x07\x07after\r", b"")]
    edges = (0, 1000, 2000, 3000)
    paragraphs = [
        CELL, CELL, CELL, row_end(*edges, flags=(0x60, 1, 2)),
        CELL, CELL, CELL, row_end(*edges, flags=(0x20, 0, 0)),
        INNER_CELL, INNER_ROW, CELL, CELL, row_end(0, 1000, 3000),
        b"",
    ]  # fmt: skip
    document = read(doc_of(runs, paragraphs))
    assert grid(document) == [["TT\na", "H", ""], ["", "b", "c"], ["out", "x", ""]]
    assert grid(document, 1) == [["in"]]
    assert texts(document) == ["after"]


def test_the_stories_stand_where_a_reader_expects_them():
    told = ["body\r", "note\r", "sep\rhead\rfoot\r\r", "box\r"]
    lengths = (5, 5, len(told[2]), 0, 0, 0, 4)
    places = [0, 4, 4, 4, 4, 4, 4, 4, 9, 9, 14, 14, 14, 15]
    headers = struct.pack(f"<{len(places)}I", *places)
    document = read(doc_of([("".join(told), b"")], [b""] * 7, lengths, headers))
    assert [(block.where, block.text) for block in document.blocks] == [
        ("header", "head"), ("body", "body"), ("textbox", "box"), ("footnote", "note"), ("footer", "foot"),
    ]  # fmt: skip


def styles(*found: tuple[int, int, int | None], default: int = 0) -> bytes:
    """A sheet of styles: kind (1 paragraph, 2 letters), what it is based on, font."""
    out = struct.pack("<H9H", 18, len(found), 10, 1, 0, 0, 0, 0, 0, default)
    for kind, parent, font in found:
        looks = b"" if font is None else struct.pack("<HH", 0x4A4F, font)
        upx = struct.pack("<H", len(looks)) + looks
        if kind == 1:
            upx = struct.pack("<HH", 2, 0) + upx
        std = (
            struct.pack("<5H", 0, kind | parent << 4, 0, 0, 0)
            + struct.pack("<H", 1)
            + "S".encode("utf-16-le")
            + b"\0\0"
            + upx
        )
        out += struct.pack("<H", len(std)) + std
    return out


@pytest.mark.parametrize(
    ("sheet", "run", "is_old"),
    [
        (styles((1, 0xFFF, None)), b"\x4f\x4a\x01\x00", True),
        (styles((1, 0xFFF, None)), b"\x4f\x4a\x00\x00\x51\x4a\x01\x00", True),
        (styles((1, 0xFFF, 1)), b"", True),
        (styles((1, 1, None), (1, 0xFFF, 1)), b"", True),
        (styles((1, 0, None)), b"", False),
        (styles((1, 0xFFF, None), (2, 0xFFF, 1)), b"\x30\x4a\x01\x00", True),
        (styles((1, 0xFFF, None), default=1), b"", True),
        (styles((1, 0xFFF, None)), b"\x4f\x4a\x09\x00", False),
    ],
)
def test_an_old_font_is_known_by_run_style_or_default(sheet: bytes, run: bytes, is_old: bool):
    data = doc_of([(old("Tuần") + "\r", run)], [b""], font_names=("Arial", ".VnTime"), styles=sheet)
    assert texts(read(data)) == ["Tuần" if is_old else old("Tuần")]


def test_letters_of_a_font_sold_as_symbols_are_letters():
    moved = "".join(chr(0xF000 + ord(char)) for char in old("Tuần"))
    data = doc_of(
        [(moved + "\x1f\r", b"\x4f\x4a\x00\x00")], [b""], font_names=(".VnTime",), styles=styles((1, 0xFFF, None))
    )
    assert texts(read(data)) == ["Tuầnư"]


def test_macros_are_told():
    data = doc_of([("a\r", b"")], [b""], tree={"Macros": {"VBA": {"dir": b"x"}}})
    assert [found.code for found in read(data).findings] == ["macro_present"]


def test_pictures_alone_are_no_text():
    assert refusal(doc_of([("\x01\r", b"")], [b""])) == "no_text"


WHOLE = (DOCUMENTS / "weekly-lines.doc").read_bytes()


def changed(at: int, value: bytes) -> bytes:
    data = bytearray(doc_of([("a\r", b"")], [b""]))
    data[512 + at : 512 + at + len(value)] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (WHOLE[:9000], "corrupt"),
        (b"not a compound file", "corrupt"),
        (changed(10, b"\x00\x01"), "encrypted"),
        (changed(2, b"\x68\x00"), "unsupported_type"),
        (changed(0, b"\xdc\xa5"), "unsupported_type"),
        (changed(0, b"\x00\x00"), "corrupt"),
        (changed(76, b"\xff\xff\xff\x7f"), "corrupt"),
        (changed(154 + 8 * 33, bytes(8)), "corrupt"),
        (changed(154 + 8 * 33, b"\xff\xff\xff\x7f\xff\x00\x00\x00"), "corrupt"),
        (changed(154 + 8 * 12, b"\x00\x00\x00\x00\xff\xff\xff\x00"), "corrupt"),
        (ole_of({"WordDocument": b"\xec\xa5\xc1\x00"}), "corrupt"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data) == reason


@pytest.mark.parametrize("cut", range(1000, len(WHOLE), 1900))
def test_a_file_cut_or_overwritten_anywhere_never_crashes_the_reader(cut: int):
    for data in (
        WHOLE[:cut],
        WHOLE[:cut] + b"\xff" * 64 + WHOLE[cut + 64 :],
        WHOLE[:cut] + bytes(64) + WHOLE[cut + 64 :],
    ):
        try:
            read(data)
        except Unreadable as refused:
            assert refused.reason in (  # noqa: PT017 both ends are right
                "corrupt",
                "encrypted",
                "unsupported_type",
                "too_large",
                "xml_too_deep",
                "no_text",
            )


def test_more_text_or_runs_than_a_report_holds_are_refused(monkeypatch: pytest.MonkeyPatch):
    data = doc_of([("a long text\r", b"")], [b""])
    monkeypatch.setattr(doc_file, "_RUNS_MAX", 0)
    assert refusal(data) == "too_large"
    monkeypatch.setattr(limits, "TEXT_MAX", 5)
    assert refusal(data) == "too_large"


def test_properties_cut_short_are_left_out():
    assert list(operands(b"\x08\xd6")) == []
    assert list(operands(b"\x15\xc6\xff")) == []
    assert list(operands(b"\x61\xc6")) == []
    assert mark(b"") == mark(b"\0\0")
    assert mark(b"\0\0\x08\xd6\x03\x00\x05\x01").edges == ()
    assert letters(b"\x4f\x4a\x01").font is None
