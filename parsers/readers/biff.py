"""What an old workbook says beside its values: under which formats its numbers are seen, which cells are struck out, which rows and columns are hidden, what is drawn.

The library that reads the values says nothing of this. [MS-CFB] 2.3–2.6 for the way to the stream, [MS-XLS] 2.4 for its
records. Every loop is bounded by the file's own length; whatever does not fit ends in None, and the reader then claims
no number that might be a share.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.readers.biff_texts import (
    Strikes,
    Text,
    drawn_text,
    is_note,
    object_number,
    own_text,
    shared_texts,
    unstyled_text,
)
from parsers.readers.number_format import telling

_NONE = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_ENTRY = 128
_NAME = "Workbook\0".encode("utf-16-le")
_BOF, _EOF, _SHEET, _FONT, _FORMAT, _XF = 0x0809, 0x000A, 0x0085, 0x0031, 0x041E, 0x00E0
_LABEL, _SHARED_LABEL, _RICH_LABEL = 0x0204, 0x00FD, 0x00D6
_ROW, _COLUMNS, _NUMBER, _RK, _MULTIPLE_RK, _FORMULA = 0x0208, 0x007D, 0x0203, 0x027E, 0x00BD, 0x0006
_DRAWINGS, _CONTINUE, _SHARED, _OBJECT, _DRAWN = 0x00EB, 0x003C, 0x00FC, 0x005D, 0x01B6
_NOTE = 0x001C
_NAMES_DRAWN = struct.pack("<H", _DRAWN)
_HEAD, _FOOT, _WINDOW = 0x0014, 0x0015, 0x023E
_SHOWS_ZEROS = 0x0010
_CHART = 0x0020  # what a substream is
_BIFF8 = 0x0600
_PERCENT = (9, 10)  # built-in formats 0% and 0.00%
_HIDDEN_ROW = 0x20
_STRIKES = 0x0008
_UNNUMBERED = 4
_CELLS = (_NUMBER, _RK, _FORMULA, _LABEL, _SHARED_LABEL, _RICH_LABEL)


@dataclass(slots=True)
class Looks:
    """One sheet; rows and columns from 0."""

    codes: dict[tuple[int, int], str] = field(default_factory=dict)  # number formats that say more than the value
    struck: set[tuple[int, int]] = field(default_factory=set)  # taken back by their writer
    kept: dict[tuple[int, int], str] = field(default_factory=dict)  # of texts struck out in part: what stands
    drawn: list[str] = field(default_factory=list)  # texts of boxes over the sheet, a letterhead often
    notes: list[tuple[str, tuple[int, int] | None]] = field(default_factory=list)  # stuck to cells, where that is told
    head: str = ""  # printed above the sheet, codes and all
    foot: str = ""
    charts: bool = False
    zeros_unseen: bool = False  # the sheet shows nothing where a zero stands
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    def hides(self, row: int, column: int) -> bool:
        """Whether that cell is out of sight."""
        return row in self.hidden_rows or any(first <= column <= last for first, last in self.hidden_columns)


def looks_of(data: bytes) -> list[Looks] | None:
    """How every sheet looks, in the workbook's order; None when this is not for us to say."""
    try:
        stream = _workbook(data)
        return _sheets(stream)
    except (struct.error, IndexError, ValueError):
        return None


def drawings_of(data: bytes) -> bytes:
    """The bytes of all pictures of the workbook, one behind the other with what describes them; b"" where there are none to be found.

    [MS-XLS] 2.4.170: they are kept once for all sheets, in pieces of 8,224 bytes at most.
    """
    try:
        return b"".join(_gathered(_workbook(data), _DRAWINGS))
    except (struct.error, IndexError, ValueError):
        return b""


def _gathered(stream: bytes, wanted: int) -> list[bytes]:
    """The bodies of all records of one kind before the sheets, and of those that go on with them."""
    found: list[bytes] = []
    inside = False
    for kind, body, _ in _records(stream, 0):
        inside = kind == wanted or (inside and kind == _CONTINUE)
        if inside:
            found.append(body)
    return found


@dataclass(frozen=True, slots=True)
class _Styles:
    """What the numbers in a cell's record mean."""

    codes: dict[int, str]  # by style: number formats that say more than the value
    struck: frozenset[int]  # styles whose font strikes out
    strikes: Strikes  # by the number of a font
    texts: tuple[Text, ...]  # shared; none when nothing strikes out


def _sheets(stream: bytes) -> list[Looks] | None:
    formats = dict.fromkeys(_PERCENT, "0%")
    cells: list[tuple[int, int]] = []  # font and format of each style
    fonts: list[bool] = []  # whether it strikes out
    places: list[int] = []
    for kind, body, _ in _records(stream, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return None
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = unstyled_text(body[2:])
        elif kind == _XF:
            cells.append(struct.unpack_from("<HH", body))
        elif kind == _FONT:
            fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & _STRIKES))
        elif kind == _SHEET:
            places.append(struct.unpack_from("<I", body)[0])
    shared = _gathered(stream, _SHARED) if True in fonts else []
    styles = _Styles(
        {n: code for n, (_, number) in enumerate(cells) if (code := telling(formats.get(number)))},
        frozenset(n for n, (font, _) in enumerate(cells) if _strikes(fonts, font)),
        lambda number: _strikes(fonts, number),
        tuple(shared_texts(shared)) if shared else (),
    )
    return [_look(stream, place, styles) for place in places]


def _strikes(fonts: list[bool], number: int) -> bool:
    """Whether that font strikes out; the fifth one has no number ([MS-XLS] 2.5.129)."""
    at = number - (number > _UNNUMBERED)
    return at < len(fonts) and fonts[at]


def _look(stream: bytes, place: int, styles: _Styles) -> Looks:
    found = Looks()
    for kind, body, depth in _records(stream, place):
        if kind == _BOF and struct.unpack_from("<H", body, 2)[0] == _CHART:
            found.charts = True
        if depth > 1:  # what a chart remembers of cells is no cell
            continue
        if kind == _ROW and struct.unpack_from("<I", body, 12)[0] & _HIDDEN_ROW:
            found.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & 1:
            found.hidden_columns.append(struct.unpack_from("<HH", body))
        elif kind in _CELLS:
            _cell(found, kind, body, styles)
        elif kind == _WINDOW:
            found.zeros_unseen = not struct.unpack_from("<H", body)[0] & _SHOWS_ZEROS
        elif kind == _HEAD and body:
            found.head = unstyled_text(body)
        elif kind == _FOOT and body:
            found.foot = unstyled_text(body)
        elif kind == _MULTIPLE_RK:
            row, first = struct.unpack_from("<HH", body)
            for n, at in enumerate(range(4, len(body) - 2, 6)):
                (style,) = struct.unpack_from("<H", body, at)
                if style in styles.codes:
                    found.codes[row, first + n] = styles.codes[style]
                if style in styles.struck:
                    found.struck.add((row, first + n))
    if _NAMES_DRAWN in stream:
        stuck = _stuck(stream, place)
        for note, number, text in _drawn(stream, place, styles.strikes):
            if note and text.strip():
                found.notes.append((text, stuck.get(number)))
            elif text.strip():
                found.drawn.append(text)
    return found


def _cell(found: Looks, kind: int, body: bytes, styles: _Styles) -> None:
    row, column, style = struct.unpack_from("<HHH", body)
    struck = style in styles.struck
    if style in styles.codes:
        found.codes[row, column] = styles.codes[style]
    text = _text(kind, body, styles)
    if text and text.runs:
        kept = text.kept(styles.strikes, whole=struck)
        if kept != text.letters:
            found.kept[row, column] = kept
    elif struck:
        found.struck.add((row, column))


def _text(kind: int, body: bytes, styles: _Styles) -> Text | None:
    """A cell's text with its runs, where anything is struck out at all."""
    if kind == _SHARED_LABEL and styles.texts:
        number: int = struct.unpack_from("<I", body, 6)[0]
        return styles.texts[number]
    return own_text(body) if kind == _RICH_LABEL else None


def _stuck(stream: bytes, place: int) -> dict[int | None, tuple[int, int]]:
    """The cells remarks are stuck to, by the number of the object drawn ([MS-XLS] 2.4.179)."""
    notes = (
        struct.unpack_from("<HHHH", body)
        for kind, body, _ in _records(stream, place)
        if kind == _NOTE and len(body) >= 8
    )
    return {number: (row, column) for row, column, _, number in notes}


def _drawn(stream: bytes, place: int, strikes: Strikes) -> Iterator[tuple[bool, int | None, str]]:
    """The texts of a sheet's boxes, whether each is a remark stuck to a cell, and the number of its object."""
    note = inside = False
    number: int | None = None
    bodies: list[bytes] = []
    for kind, body, _ in _records(stream, place):
        if inside and kind != _CONTINUE:
            yield note, number, drawn_text(bodies).kept(strikes)
            inside = False
        if kind == _OBJECT:
            note, number = is_note(body), object_number(body)
        elif kind == _DRAWN:
            inside, bodies = True, [body]
        elif inside:
            bodies.append(body)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
    """The records of one substream, up to its end: kind, body, how deep it stands."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += kind == _BOF  # a chart in a sheet is a substream inside it
        yield kind, stream[at + 4 : at + 4 + size], depth
        at += 4 + size
        depth -= kind == _EOF
        if depth <= 0:
            return


# ---- the way to the stream -------------------------------------------------------------------------------------------


def _workbook(data: bytes) -> bytes:
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise ValueError("sector size")
    size = 1 << shift
    fat: list[int] = []
    for sector in struct.unpack_from("<109I", data, 76):
        if sector < _NONE:
            fat += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    directory = _chain(data[size:], fat, struct.unpack_from("<I", data, 48)[0], size)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    for entry in entries:
        if entry.startswith(_NAME):
            return _stream(data, entry, entries[0], fat, size)
    raise ValueError("no workbook")


def _stream(data: bytes, entry: bytes, root: bytes, fat: list[int], size: int) -> bytes:
    first, length = struct.unpack_from("<II", entry, 116)
    if length >= struct.unpack_from("<I", data, 56)[0]:
        return _chain(data[size:], fat, first, size)[:length]
    small = _chain(data[size:], fat, struct.unpack_from("<I", root, 116)[0], size)
    table = _chain(data[size:], fat, struct.unpack_from("<I", data, 60)[0], size)
    return _chain(small, list(struct.unpack(f"<{len(table) // 4}I", table)), first, 64)[:length]


def _chain(body: bytes, table: list[int], sector: int, size: int) -> bytes:
    out = bytearray()
    while sector < _NONE:
        if len(out) > len(body):
            raise ValueError("a chain that bites its tail")
        out += body[sector * size : (sector + 1) * size]
        sector = table[sector]
    return bytes(out)
