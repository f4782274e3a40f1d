"""Texts of an old workbook in several fonts, and those drawn over its sheets, without what is struck out ([MS-XLS] 2.5.293, 2.4.329).

Rules:

1. A text's letters before its first run are in the font of its cell; each run goes on to the next.
2. A long text goes on in the records after it, each piece of letters with a word of how wide they are; runs have none.
3. Whoever counts beyond the bytes there are raises ``ValueError``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Run = tuple[int, int]  # first letter, number of its font
Strikes = Callable[[int], bool]  # whether the font of that number strikes out
_WIDE, _MORE, _RUNS = 0x01, 0x04, 0x08
_NOTE = 0x19  # a remark stuck to a cell, no part of the sheet
_OBJECT_TYPE = 4  # bytes before it
_LENGTHS = 10  # bytes before a drawn text's


@dataclass(frozen=True, slots=True)
class Text:
    """Letters and their runs."""

    letters: str
    runs: tuple[Run, ...] = ()

    def kept(self, strikes: Strikes, *, whole: bool = False) -> str:
        """Without the letters struck out; ``whole``: the font they begin in strikes out.

        >>> Text("1.625 1.620", ((6, 5),)).kept(lambda font: font == 4, whole=True)
        '1.620'
        """
        out: list[str] = []
        at, gone = 0, whole
        for first, font in (*self.runs, (len(self.letters), 0)):
            out += "" if gone else self.letters[at:first]
            at, gone = max(at, first), strikes(font)
        return "".join(out)


class Pieces:
    """The bodies of a record and of those that go on with it."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies = bodies
        self._body = self._at = 0

    def take(self, count: int) -> bytes:
        """So many bytes, from as many bodies as it takes."""
        out = b""
        while len(out) < count:
            out += self._some(count - len(out))
        return out

    def letters(self, count: int, *, wide: bool) -> str:
        """So many letters; every further body begins with how wide they are there."""
        out = ""
        while len(out) < count:
            if self._ended():
                wide = bool(self._some(1)[0] & _WIDE)
            width = 1 + wide
            room = (len(self._bodies[self._body]) - self._at) // width
            raw = self.take(width * max(1, min(room, count - len(out))))
            # one position is one letter, halves of rare letters too
            out += "".join(map(chr, struct.unpack(f"<{len(raw) // width}{'H' if wide else 'B'}", raw)))
        return out

    def text(self, count: int, flags: int) -> Text:
        """A text told by its length and flags, with its runs."""
        runs = struct.unpack("<H", self.take(2))[0] if flags & _RUNS else 0
        more = struct.unpack("<I", self.take(4))[0] if flags & _MORE else 0
        letters = self.letters(count, wide=bool(flags & _WIDE))
        found = Text(letters, tuple(struct.iter_unpack("<HH", self.take(4 * runs))))
        self.take(more)
        return found

    def _ended(self) -> bool:
        return self._body < len(self._bodies) and self._at >= len(self._bodies[self._body])

    def _some(self, count: int) -> bytes:
        while self._ended():
            self._body, self._at = self._body + 1, 0
        if self._body >= len(self._bodies):
            raise ValueError("a text beyond its record")
        found = self._bodies[self._body][self._at : self._at + count]
        self._at += len(found)
        return found


def shared_texts(bodies: Sequence[bytes]) -> Iterator[Text]:
    """The texts kept once for all cells, in their order."""
    pieces = Pieces(bodies)
    _, count = struct.unpack("<II", pieces.take(8))
    for _ in range(count):
        length, flags = struct.unpack("<HB", pieces.take(3))
        yield pieces.text(length, flags)


def own_text(body: bytes) -> Text:
    """The text a cell holds itself, runs behind it."""
    pieces = Pieces((body[6:],))
    length, flags = struct.unpack("<HB", pieces.take(3))
    letters = pieces.letters(length, wide=bool(flags & _WIDE))
    (runs,) = struct.unpack("<H", pieces.take(2))
    return Text(letters, tuple(struct.iter_unpack("<HH", pieces.take(4 * runs))))


def unstyled_text(body: bytes) -> str:
    """A text without runs: what is printed above or below a sheet, the code of a number format ([MS-XLS] 2.5.294)."""
    length, flags = struct.unpack_from("<HB", body)
    return Pieces((body[3:],)).letters(length, wide=bool(flags & _WIDE))


def is_note(body: bytes) -> bool:
    """Whether an object drawn is a remark stuck to a cell."""
    return len(body) >= _OBJECT_TYPE + 2 and struct.unpack_from("<H", body, _OBJECT_TYPE)[0] == _NOTE


def object_number(body: bytes) -> int | None:
    """The number by which the record of a remark names the object drawn for it ([MS-XLS] 2.5.143)."""
    at = _OBJECT_TYPE + 2
    number: int | None = struct.unpack_from("<H", body, at)[0] if len(body) >= at + 2 else None
    return number


def drawn_text(bodies: Sequence[bytes]) -> Text:
    """The text of a box drawn over a sheet; its own record first."""
    length, size = struct.unpack_from("<HH", bodies[0], _LENGTHS)
    if not length or len(bodies) == 1:
        return Text("")
    pieces = Pieces(bodies[1:])
    letters = pieces.letters(length, wide=bool(pieces.take(1)[0] & _WIDE))
    found = [(first, font) for first, font, _ in struct.iter_unpack("<HHI", pieces.take(size // 8 * 8))]
    return Text(letters, tuple(found[:-1]))  # the last one tells where the text ends
