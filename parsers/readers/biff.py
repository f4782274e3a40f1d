"""What an old workbook says beside its values: which cells are shown as per cent, which rows and columns are hidden, which pictures it holds.

The library that reads the values says nothing of this. [MS-CFB] 2.3–2.6 for the way to the stream, [MS-XLS] 2.4 for its
records. Every loop is bounded by the file's own length; whatever does not fit ends in None, and the reader then claims
no number that might be a share.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_NONE = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_ENTRY = 128
_NAME = "Workbook\0".encode("utf-16-le")
_BOF, _EOF, _SHEET, _FONT, _FORMAT, _XF = 0x0809, 0x000A, 0x0085, 0x0031, 0x041E, 0x00E0
_LABEL, _SHARED_LABEL, _RICH_LABEL = 0x0204, 0x00FD, 0x00D6
_ROW, _COLUMNS, _NUMBER, _RK, _MULTIPLE_RK, _FORMULA = 0x0208, 0x007D, 0x0203, 0x027E, 0x00BD, 0x0006
_DRAWINGS, _CONTINUE = 0x00EB, 0x003C
_BIFF8 = 0x0600
_PERCENT = (9, 10)  # built-in formats 0% and 0.00%
_HIDDEN_ROW = 0x20
_STRIKES = 0x0008
_UNNUMBERED = 4
_CELLS = (_NUMBER, _RK, _FORMULA, _LABEL, _SHARED_LABEL, _RICH_LABEL)


@dataclass(slots=True)
class Looks:
    """One sheet; rows and columns from 0."""

    percent: set[tuple[int, int]] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)  # taken back by their writer
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
        stream = _workbook(data)
        pieces: list[bytes] = []
        inside = False
        for kind, body in _records(stream, 0):
            inside = kind == _DRAWINGS or (inside and kind == _CONTINUE)
            if inside:
                pieces.append(body)
    except (struct.error, IndexError, ValueError):
        return b""
    return b"".join(pieces)


def _sheets(stream: bytes) -> list[Looks] | None:
    formats = dict.fromkeys(_PERCENT, True)
    styles: list[tuple[int, int]] = []  # font and format of each
    fonts: list[bool] = []  # whether it strikes out
    places: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return None
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = b"%" in body[5:]
        elif kind == _XF:
            styles.append(struct.unpack_from("<HH", body))
        elif kind == _FONT:
            fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & _STRIKES))
        elif kind == _SHEET:
            places.append(struct.unpack_from("<I", body)[0])
    shares = {n for n, (_, number) in enumerate(styles) if formats.get(number)}
    struck = {n for n, (font, _) in enumerate(styles) if _strikes(fonts, font)}
    return [_look(stream, place, shares, struck) for place in places]


def _strikes(fonts: list[bool], number: int) -> bool:
    """Whether that font strikes out; the fifth one has no number ([MS-XLS] 2.5.129)."""
    at = number - (number > _UNNUMBERED)
    return at < len(fonts) and fonts[at]


def _look(stream: bytes, place: int, shares: set[int], struck: set[int]) -> Looks:
    found = Looks()
    for kind, body in _records(stream, place):
        if kind == _ROW and struct.unpack_from("<I", body, 12)[0] & _HIDDEN_ROW:
            found.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & 1:
            found.hidden_columns.append(struct.unpack_from("<HH", body))
        elif kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", body)
            if style in shares and kind in (_NUMBER, _RK, _FORMULA):
                found.percent.add((row, column))
            if style in struck:
                found.struck.add((row, column))
        elif kind == _MULTIPLE_RK:
            row, first = struct.unpack_from("<HH", body)
            for n, at in enumerate(range(4, len(body) - 2, 6)):
                (style,) = struct.unpack_from("<H", body, at)
                if style in shares:
                    found.percent.add((row, first + n))
                if style in struck:
                    found.struck.add((row, first + n))
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream, up to its end."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)  # a chart in a sheet is a substream inside it
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
