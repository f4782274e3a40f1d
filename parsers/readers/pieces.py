"""The runs of one paragraph; neighbours in one font are converted together, for VNI spells a letter with two."""

from __future__ import annotations

from functools import lru_cache

from parsers.charset import has_halves, printable
from parsers.vietnamese import from_font

_SYMBOLS = {0xF000 + code: code for code in range(0x20, 0x100)}  # a font sold as symbols: Word moves its letters there


@lru_cache(maxsize=256)
def is_old(font: str) -> bool:
    """Whether a font of that name holds Vietnamese in an encoding of its own."""
    return font.upper().startswith((".VN", "VNI"))


def _whole(text: str) -> str:
    """Halves of letters beyond the basic plane joined; what is no character replaced."""
    if has_halves(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return printable(text)


def _converted(text: str, font: str) -> str:
    return from_font(text.translate(_SYMBOLS), font)


class Pieces:
    """Letters with the font they are set in; bytes wait for their neighbours, for some charsets need two for a letter."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[tuple[str, str, list[str]]] = []  # font, charset ("": characters), texts

    @property
    def empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._parts

    def add(self, text: str, font: str = "") -> None:
        """Characters set in that font."""
        self._push(font, "", text)

    def add_bytes(self, text: str, font: str, charset: str) -> None:
        """Bytes (as Latin-1) of that charset; in an old font they are what they are."""
        if text.isascii():
            charset = "" if self._parts and self._parts[-1][:2] == (font, "") else charset
        self._push(font, charset, text)

    def _push(self, font: str, charset: str, text: str) -> None:
        if font and not is_old(font):
            font = ""
        if not self._parts or self._parts[-1][:2] != (font, charset):
            self._parts.append((font, charset, []))
        self._parts[-1][2].append(text)

    def take(self) -> str:
        """The paragraph's text; what follows begins a new one."""
        parts, self._parts = self._parts, []
        merged: list[tuple[str, str]] = []
        for font, charset, texts in parts:
            text = "".join(texts)
            if charset and not text.isascii():
                text = text.encode("latin-1", "replace").decode("cp1252" if font else charset, "replace")
            if merged and merged[-1][0] == font:
                merged[-1] = (font, merged[-1][1] + text)
            else:
                merged.append((font, text))
        return _whole("".join(_converted(text, font) if font else text for font, text in merged))
