"""The inside of a Word 97–2003 file ([MS-DOC]): streams, the piece table, and the runs of letters and paragraphs.

Rules:

1. Text is told by the piece table, never by the order of bytes: fast-saved files keep pieces anywhere.
2. Every count a file states is checked against the bytes there are; pieces and runs are capped (``corrupt``, ``too_large``).
3. One character position is one UTF-16 unit; halves of letters beyond the basic plane are joined by the reader.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import olefile

from parsers import limits
from parsers.readers.errors import Unreadable

_WORD_97 = 0xC1  # nFib of the first version with this structure
_ENCRYPTED, _ONE_TABLE = 0x0100, 0x0200
_LENGTHS = 76  # ccpText and what follows it
_PAIRS = 154  # fcStshfOrig: offset and length of every structure in the table stream
_PAGE = 512
_PIECES_MAX = 50_000
_RUNS_MAX = 400_000
_SYMBOLS = {n: bytes([n]).decode("cp1252", "ignore") or chr(n) for n in range(0x80, 0xA0)}

STYLES, HEADERS, CHARACTERS, PARAGRAPHS, FONTS, CLX = 1, 11, 12, 13, 15, 33  # numbers of structures


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive characters and where their bytes lie."""

    start: int  # character position
    end: int
    offset: int  # bytes
    width: int  # bytes a character


@dataclass(frozen=True, slots=True)
class Stories:
    """Where each story begins and ends, in character positions."""

    body: tuple[int, int]
    footnotes: tuple[int, int]
    headers: tuple[int, int]
    endnotes: tuple[int, int]
    boxes: tuple[int, int]
    remarks: tuple[int, int]


class WordFile:
    """An opened file; raises ``Unreadable``."""

    def __init__(self, data: bytes) -> None:
        try:
            with olefile.OleFileIO(BytesIO(data)) as container:
                self.names = frozenset("/".join(path) for path in container.listdir(streams=True, storages=True))
                self.main = _stream(container, "WordDocument")
                flags = self._checked_flags()
                self.table = _stream(container, "1Table" if flags & _ONE_TABLE else "0Table")
                self.data = _stream(container, "Data") if "Data" in self.names else b""
        except PermissionError:
            raise  # the worker's box, not the sender
        except (OSError, ValueError, IndexError, struct.error, TypeError, AttributeError) as error:
            raise Unreadable("corrupt", f"compound file: {error}") from error
        try:
            self.pieces = self._pieces()
            self.text = "".join(self._text(piece) for piece in self.pieces)
            self.stories = self._stories()
            self._characters = self._runs(CHARACTERS, _character_properties)
            self._paragraphs = self._runs(PARAGRAPHS, _paragraph_properties)
        except (struct.error, IndexError) as error:
            raise Unreadable("corrupt", f"Word file: {error}") from error
        self._piece_starts = [piece.start for piece in self.pieces]
        self._character_starts = [start for start, _, _ in self._characters]
        self._paragraph_starts = [start for start, _, _ in self._paragraphs]

    def _checked_flags(self) -> int:
        magic, version = struct.unpack_from("<HH", self.main)
        flags: int = struct.unpack_from("<H", self.main, 10)[0]
        if magic != 0xA5EC:
            raise Unreadable("unsupported_type" if magic in (0xA5DC, 0xA5DB) else "corrupt", "not Word 97 or later")
        if version < _WORD_97:
            raise Unreadable("unsupported_type", f"Word before 97 (nFib {version})")
        if flags & _ENCRYPTED:
            raise Unreadable("encrypted", "fEncrypted")
        return flags

    def structure(self, n: int) -> bytes:
        """The n-th structure of the table stream, b"" when there is none."""
        offset, length = struct.unpack_from("<II", self.main, _PAIRS + 8 * n)
        found = self.table[offset : offset + length]
        if len(found) != length:
            raise Unreadable("corrupt", "cut short")
        return found

    def character_runs(self, start: int, end: int) -> list[tuple[int, int, bytes]]:
        """Between two character positions: from, to, properties (grpprl)."""
        found = []
        n = max(bisect_right(self._piece_starts, start) - 1, 0)
        while n < len(self.pieces) and self.pieces[n].start < end:
            piece = self.pieces[n]
            at = max(start, piece.start)
            while at < min(end, piece.end):
                offset = piece.offset + (at - piece.start) * piece.width
                run = _at(self._characters, self._character_starts, offset)
                run_end = piece.start + -(-(run[1] - piece.offset) // piece.width) if run else piece.end
                stop = max(at + 1, min(end, piece.end, run_end))
                found.append((at, stop, run[2] if run else b""))
                at = stop
            n += 1
        return found

    def paragraph_properties(self, position: int) -> bytes:
        """Style number (two bytes) and properties of the paragraph whose mark stands there."""
        n = max(bisect_right(self._piece_starts, position) - 1, 0)
        piece = self.pieces[n]
        offset = piece.offset + (position - piece.start) * piece.width
        run = _at(self._paragraphs, self._paragraph_starts, offset)
        return run[2] if run else b"\0\0"

    def _pieces(self) -> list[Piece]:
        clx = self.structure(CLX)
        at = 0
        while at < len(clx) and clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        if at >= len(clx) or clx[at] != 2:
            raise Unreadable("corrupt", "no piece table")
        (length,) = struct.unpack_from("<I", clx, at + 1)
        count = (length - 4) // 12
        if not 0 < count <= _PIECES_MAX:
            raise Unreadable("corrupt", f"{count} pieces")
        places = struct.unpack_from(f"<{count + 1}I", clx, at + 5)
        if places[-1] > limits.TEXT_MAX:
            raise Unreadable("too_large", f"{places[-1]} characters")
        found = []
        for n, (start, end) in enumerate(pairwise(places)):
            (stated,) = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * n + 2)
            narrow = bool(stated & 0x40000000)
            offset = (stated & 0x3FFFFFFF) // 2 if narrow else stated & 0x3FFFFFFF
            piece = Piece(start, end, offset, 1 if narrow else 2)
            if end < start or offset + (end - start) * piece.width > len(self.main):
                raise Unreadable("corrupt", "a piece beyond the end")
            found.append(piece)
        return found

    def _text(self, piece: Piece) -> str:
        raw = self.main[piece.offset : piece.offset + (piece.end - piece.start) * piece.width]
        if piece.width == 1:
            return raw.decode("latin-1").translate(_SYMBOLS)
        text = raw.decode("utf-16-le", "surrogatepass")
        return (
            text
            if len(text) == piece.end - piece.start
            else "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))
        )

    def _stories(self) -> Stories:
        body, notes, heads, macros, remarks, endnotes, boxes = struct.unpack_from("<7I", self.main, _LENGTHS)
        at = 0
        found = []
        for length in (body, notes, heads, macros, remarks, endnotes, boxes):
            found.append((at, min(at + length, len(self.text))))
            at += length
        if body > len(self.text):
            raise Unreadable("corrupt", "less text than stated")
        return Stories(found[0], found[1], found[2], found[5], found[6], found[4])

    def _runs(
        self, structure: int, properties: Callable[[WordFile, bytes, int, int], bytes]
    ) -> list[tuple[int, int, bytes]]:
        """Byte ranges with their properties, in order."""
        plc = self.structure(structure)
        count = max(0, (len(plc) - 4) // 8)
        found: list[tuple[int, int, bytes]] = []
        for (number,) in struct.iter_unpack("<I", plc[4 * (count + 1) : 8 * count + 4]):
            page = self.main[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
            if len(page) < _PAGE:
                raise Unreadable("corrupt", "cut short")
            runs = page[-1]
            edges = struct.unpack_from(f"<{runs + 1}I", page)
            found += [(start, end, properties(self, page, runs, n)) for n, (start, end) in enumerate(pairwise(edges))]
            if len(found) > _RUNS_MAX:
                raise Unreadable("too_large", f"more than {_RUNS_MAX} runs")
        return sorted(found)


def _stream(container: olefile.OleFileIO, name: str) -> bytes:
    return bytes(container.openstream(name).read())


def _at(runs: list[tuple[int, int, bytes]], starts: list[int], offset: int) -> tuple[int, int, bytes] | None:
    n = bisect_right(starts, offset) - 1
    return runs[n] if n >= 0 and offset < runs[n][1] else None


def _character_properties(_: WordFile, page: bytes, runs: int, n: int) -> bytes:
    place = page[4 * (runs + 1) + n] * 2
    return page[place + 1 : place + 1 + page[place]] if place else b""


def _paragraph_properties(file: WordFile, page: bytes, runs: int, n: int) -> bytes:
    place = page[4 * (runs + 1) + 13 * n] * 2
    if not place:
        return b"\0\0"
    size = page[place] * 2 - 1
    if not page[place]:
        place += 1
        size = page[place] * 2
    found = page[place + 1 : place + 1 + size]
    if found[2:4] in (b"\x46\x66", b"\x45\x66"):  # too many to keep here: they lie in the data stream
        (offset,) = struct.unpack_from("<I", found, 4)
        (length,) = struct.unpack_from("<H", file.data, offset)
        return found[:2] + file.data[offset + 2 : offset + 2 + length]
    return found
