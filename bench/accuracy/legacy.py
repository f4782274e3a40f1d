"""Text → the old Vietnamese encodings: TCVN3 (ABC), VNI, VISCII, windows-1258, decomposed letters. Tables in data/encodings.toml."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass

from bench.accuracy.office import Written
from bench.accuracy.words import load

TABLES = load("encodings")
TONES = {"\u0300": "grave", "\u0301": "acute", "\u0303": "tilde", "\u0309": "hook", "\u0323": "dot"}


def _through(error: UnicodeError) -> tuple[str | bytes, int]:
    """cp1252 has five holes; what stands there goes through as its own byte, as Windows does it."""
    assert isinstance(error, UnicodeEncodeError)
    return bytes(ord(c) for c in error.object[error.start : error.end]), error.end


codecs.register_error("latin-1-through", _through)


def tcvn3(text: str) -> bytes:
    """One byte a letter; capitals with tones have none of their own, so they are typed small (fonts ending in H show capitals)."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        if ord(char) < 128:
            out.append(ord(char))
        else:
            out.append(
                TABLES["tcvn3"].get(char) or TABLES["tcvn3"].get(char.lower()) or TABLES["common"].get(char) or 63
            )
    return bytes(out)


def vni(text: str) -> bytes:
    """Two bytes an accented letter: the letter, then its marks."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        if ord(char) < 128:
            out.append(ord(char))
        elif char in TABLES["vni_single"]:
            out.append(TABLES["vni_single"][char])
        else:
            out += _vni_letter(char)
    return bytes(out)


def _vni_letter(char: str) -> bytes:
    parts = unicodedata.normalize("NFD", char)
    tone = next((TONES[p] for p in parts if p in TONES), "")
    base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in TONES))
    upper = base != base.lower()
    if base.lower() in TABLES["vni_single"]:  # ơ, ư: a byte of their own, then the tone
        return bytes([TABLES["vni_single"][base], _mark("", tone, upper=upper)])
    letter = unicodedata.normalize("NFD", base)[0]
    shape = {"\u0302": "circumflex", "\u0306": "breve"}.get(unicodedata.normalize("NFD", base)[1:], "")
    mark = _mark(shape, tone, upper=upper)
    return bytes([ord(letter), mark]) if ord(letter) < 128 and mark else bytes([TABLES["common"].get(char, 63)])


def _mark(shape: str, tone: str, *, upper: bool) -> int:
    code = TABLES["vni_marks"].get(" ".join(word for word in (shape, tone) if word), 0)
    return code - 32 if upper and code else code


def viscii(text: str) -> bytes:
    table = TABLES["viscii"]
    composed = unicodedata.normalize("NFC", text)
    return bytes(table.get(c) or (ord(c) if ord(c) < 128 else TABLES["plain"].get(c, 63)) for c in composed)


def cp1258(text: str) -> bytes:
    """Base letters composed with their shape, tones behind them, as the Windows keyboard leaves them."""
    out = []
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(p for p in parts if p in TONES)
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in TONES))
        out.append(base + tone)
    return "".join(out).encode("cp1258", "replace")


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@dataclass(frozen=True, slots=True)
class InFont(Written):
    """Text typed in an old font: each byte stands as the character of code page 1252."""

    font: str = ".VnTime"
    by: str = "tcvn3"

    def __call__(self, text: str) -> str:
        data = tcvn3(text) if self.by == "tcvn3" else vni(text)
        return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)

    def face(self, text: str) -> str:
        return self.font + "H" if self.by == "tcvn3" and text.isupper() else self.font


@dataclass(frozen=True, slots=True)
class Decomposed(Written):
    """Letters and tones apart, as files from a Mac have them."""

    def __call__(self, text: str) -> str:
        return nfd(text)
