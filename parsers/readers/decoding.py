"""Text files and pages as characters: the mail's rules, then the old Vietnamese encodings no label names.

A text that reads as no Vietnamese under any charset of today is tried as TCVN3, VNI, VISCII and VPS, the encodings of old fonts and
systems; the best reading is kept, and that it was a guess is told: ``charset_guess``. TCVN3 and VNI were typed under windows-1252: the dots
of a form's line, dashes and quotes are its bytes. A label of a single-byte charset of the West is
no more believed than none: old mail programs wrote it whatever they sent, windows-1258 as well. UTF-8 that a program took for a Western
charset and wrote as UTF-8 once more is put back.
"""

from __future__ import annotations

import codecs

from parsers import limits
from parsers.charset import decode, known, printable
from parsers.readers.errors import Unreadable
from parsers.values import Finding
from parsers.vietnamese import from_font, quality

GUESS = Finding("charset_guess", "warning")
_OLD_FONTS = (".VnTime", "VNI-Times", "VISCII", "VPS")
_WINDOWS_FONTS = _OLD_FONTS[:2]  # none of their letters stands where windows-1252 has its signs
_SIGNS = {ord(code): sign for code, sign in zip("\x85\x91\x92\x93\x94\x95\x96\x97", "…‘’“”•–—", strict=True)}
_WESTERN = frozenset(["iso8859-1", "cp1252", "latin-1", "iso8859-15", "cp1258"])
_SAMPLE = 20_000  # characters looked at
_TWICE = "\u00ba"  # of "áº": how a letter with two marks begins that was written twice
_NULS = 0.2  # share of NUL bytes that makes text without a mark UTF-16
_BETTER = 0.1  # how much better an old encoding must read before it is believed


def characters(data: bytes, charset: str = "") -> tuple[str, bool]:
    """The text, NFC and without control characters but line ends and tabs, and whether its charset was guessed."""
    if b"\0" in data[:4000] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = _utf16(data) or charset
    text, guessed = decode(data, charset)
    if (guessed or known(charset) in _WESTERN) and (old := _old(data, quality(text[:_SAMPLE]))):
        text, guessed = old, True
    elif once := _once_less(text):
        text, guessed = once, True
    if len(text) > limits.TEXT_MAX:
        raise Unreadable("too_large", f"{len(text)} characters")
    return "".join(c for c in text if c >= " " or c in "\n\r\t\f\v"), guessed


def _utf16(data: bytes) -> str:
    head = data[:4000].rstrip(b"\0")  # some programs fill up with NULs
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _NULS * len(head) / 2:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _old(data: bytes, found: float) -> str:
    raw = data.decode("latin-1")
    best, best_quality = "", max(found + _BETTER, limits.TEXT_QUALITY_MIN)
    for font in _OLD_FONTS:
        text = from_font(_signed(raw[:_SAMPLE], font), font)
        if quality(text) > best_quality:
            best, best_quality = font, quality(text)
    if (windows := _windows(data)) and quality(windows[:_SAMPLE]) > best_quality:
        return windows
    return printable(from_font(_signed(raw, best), best)) if best else ""


def _windows(data: bytes) -> str:
    """As windows-1258, "" where that has no such bytes."""
    try:
        return printable(data.decode("cp1258"))
    except UnicodeError:
        return ""


def _once_less(text: str) -> str:
    """UTF-8 written as UTF-8 twice ("SÆ¡"), put back where that reads better; "" where it is none."""
    if _TWICE not in text[:_SAMPLE]:
        return ""
    try:
        once = printable("".join(map(_western, text)).encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return ""
    return once if quality(once[:_SAMPLE]) > quality(text[:_SAMPLE]) + _BETTER else ""


def _western(char: str) -> str:
    """A letter as the byte windows-1252 has for it, or Latin-1 where that has none."""
    try:
        return char.encode("cp1252").decode("latin-1")
    except UnicodeError:
        return char


def _signed(raw: str, font: str) -> str:
    return raw.translate(_SIGNS) if font in _WINDOWS_FONTS else raw
