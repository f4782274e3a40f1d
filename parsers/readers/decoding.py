"""Text files and pages as characters: the mail's rules, then the old Vietnamese encodings no label names.

A text that reads as no Vietnamese under any charset of today is tried as TCVN3, VNI, VISCII and VPS, the encodings of old fonts and
systems; the best reading is kept, and that it was a guess is told: ``charset_guess``. TCVN3 and VNI were typed under windows-1252: the dots
of a form's line, dashes and quotes are its bytes. A label of a single-byte charset of the West is
no more believed than none: old mail programs wrote it whatever they sent, windows-1258 as well. UTF-8 that a program took for a Western
charset and wrote as UTF-8 once more is put back. A page that names old fonts is left to them.
"""

from __future__ import annotations

import codecs
import re

from parsers import limits
from parsers.charset import decode, known, printable
from parsers.old_letters import BETTER, GUESS, OLD_FONTS, SIGNS, from_old, once_less
from parsers.readers.errors import Unreadable
from parsers.vietnamese import is_todays, quality

__all__ = ["GUESS", "characters", "utf16"]

_FONTS = re.compile(rb"""(?:face|font-family)\s*[=:]\s*["']?\s*(?:\.vn|vni)""", re.IGNORECASE)
_WESTERN = frozenset(["iso8859-1", "cp1252", "latin-1", "iso8859-15", "cp1258"])
_SAMPLE = 20_000  # characters looked at
_TWICE = "\u00ba"  # of "áº": how a letter with two marks begins that was written twice
_NULS = 0.2  # share of NUL bytes that makes text without a mark UTF-16


def characters(data: bytes, charset: str = "") -> tuple[str, bool]:
    """The text, NFC and without control characters but line ends and tabs, and whether its charset was guessed."""
    if b"\0" in data[:4000] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = utf16(data) or charset
    text, guessed = decode(data, charset)
    doubtful = guessed or known(charset) in _WESTERN
    if doubtful and _FONTS.search(data):  # each run of letters is read by its own font
        text = printable(data.decode("latin-1").translate(SIGNS))
    elif doubtful and (old := _old(data, quality(text[:_SAMPLE]))):
        text, guessed = old, True
    elif once := _once_less(text):
        text, guessed = once, True
    if len(text) > limits.TEXT_MAX:
        raise Unreadable("too_large", f"{len(text)} characters")
    return "".join(c for c in text if c >= " " or c in "\n\r\t\f\v"), guessed


def utf16(data: bytes) -> str:
    """Which UTF-16 bytes without a mark are, by where their NULs stand; "" when they are none."""
    head = data[:4000].rstrip(b"\0")  # some programs fill up with NULs
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _NULS * len(head) / 2:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _old(data: bytes, found: float) -> str:
    raw = data.decode("latin-1")
    best, best_quality = "", max(found + BETTER, limits.TEXT_QUALITY_MIN)
    for font in OLD_FONTS:
        if (worth := quality(from_old(raw[:_SAMPLE], font))) > best_quality:
            best, best_quality = font, worth
    if (windows := _windows(data)) and quality(windows[:_SAMPLE]) > best_quality:
        return windows
    return printable(from_old(raw, best)) if best else ""


def _windows(data: bytes) -> str:
    """As windows-1258, "" where that has no such bytes."""
    try:
        return printable(data.decode("cp1258"))
    except UnicodeError:
        return ""


def _once_less(text: str) -> str:
    """UTF-8 written as UTF-8 twice ("SÆ¡"), put back where that reads better; "" where it is none."""
    if _TWICE not in text[:_SAMPLE] or is_todays(text):
        return ""
    once = printable(once_less(text))
    return once if quality(once[:_SAMPLE]) > quality(text[:_SAMPLE]) + BETTER else ""
