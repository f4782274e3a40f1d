"""Foreign text made safe to print: what a sender wrote may stand in our letters and headers, but only as one tame line.

Rules: line breaks and control characters become a space (a CR LF in a header would start another one); characters that turn the
direction of text or take no room are dropped; half surrogates become U+FFFD; white space is single; the length is bounded.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_COMPUTING = tuple("=+-@\t\r\n\x00")  # what makes a spreadsheet compute a cell
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 cannot hold them
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile("[\ud800-\udfff]")
_TURNING = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def marked(text: str) -> str:
    """The text with unseen and turning characters as marks such as ⟦U+202E⟧: nothing is lost, nothing reads backwards."""
    return _TURNING.sub(lambda found: f"⟦U+{ord(found.group()):04X}⟧", text)


def spelled(document: str) -> str:
    """The same for a JSON document, where they can be spelled: it holds the same values."""
    return _TURNING.sub(lambda found: f"\\u{ord(found.group()):04x}", document)


def whole(text: str) -> str:
    """The text of a letter without what none may hold: control characters, bidi controls, halves of characters."""
    return _HALVES.sub("\ufffd", _CONTROLS.sub("", text))


def one_line(text: str, limit: int = 2000) -> str:
    """The text as one harmless line of at most ``limit`` characters, the cut marked by "…"."""
    line = text[: limit * 4]
    if line.isprintable():  # nearly every text: none of its characters is a break, a half or unseen, but for the spaces
        line = unicodedata.normalize("NFC", line).strip()
        line = _BREAKS.sub(" ", line) if "  " in line else line
    else:
        line = unicodedata.normalize("NFC", _HALVES.sub("\ufffd", line))
        line = _BREAKS.sub(" ", _UNSEEN.sub("", line)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def neutral(text: str) -> str:
    """The text as a spreadsheet cell that computes nothing: a quote before whatever would start a formula.

    Rule: first character one of = + - @ TAB CR NUL or their full-width forms, also behind white space and what nobody sees (OWASP ASVS 1.2.10).
    """
    tame = "".join(" " if c in "\r\n\x0b\x0c\x85\u2028\u2029" else c for c in _HALVES.sub("\ufffd", text))
    tame = _FORBIDDEN.sub("", tame)  # first: what stands behind them comes to stand at the start
    start = unicodedata.normalize("NFKC", _UNSEEN.sub("", tame).lstrip()[:1])
    return f"'{tame}" if text[:1] in _COMPUTING or start[:1] in _COMPUTING else tame
