"""Bytes of a text as characters, whatever their label says; a guess is always told.

Rules, in order:

1. A byte order mark wins.
2. Bytes that are valid UTF-8 with letters beyond ASCII are UTF-8 whatever the label says (mislabelled mails are common).
3. The declared charset, when it is one a mail may name: UTF-7, IDNA and the escape codecs are code, not text.
4. Otherwise windows-1258, the charset of old Vietnamese systems, then Latin-1: a guess.
5. Out comes NFC without NUL; what cannot be a character is U+FFFD.
"""

from __future__ import annotations

import codecs
import html
import re

from parsers.fold import nfc

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that run a little language over the bytes, or take quadratic time (CVE-2022-45061); never a mail's charset.
_NEVER = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_NOT_ASCII = ("utf-16", "utf-32", "iso2022", "hz", "cp037", "cp500")  # their bytes look like ASCII and are not
# what Vietnamese of today has no use for, so that letters of another encoding may be shown; degrees, squares and the like are left out
ODD = re.compile("[\x80-\x9f¡-¦¨-¯´µ¸-¼¾¿ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïðñöøûüþÿ]")
_NUMBERED = re.compile(r"&#(?:\d{3,5}|x[0-9A-Fa-f]{2,4});")
_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """NFC, without NUL, lone surrogates as U+FFFD: safe for JSON and for every database."""
    text = text.replace("\0", "")
    return nfc(_SURROGATE.sub("�", text) if has_halves(text) else text)


def has_halves(text: str) -> bool:
    """Whether a text holds halves of letters beyond the basic plane: they alone cannot be coded, which is found out at once."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def unnumbered(text: str) -> str:
    """Plain text with the letters old web mail wrote as their numbers ("B&#225;o")."""
    return printable(html.unescape(text)) if _NUMBERED.search(text) else text


def known(charset: str) -> str:
    """The codec a declared charset names, "" when it is unknown or never a mail's charset."""
    try:
        info = codecs.lookup(charset.strip().strip("\"'"))
    except (LookupError, ValueError):
        return ""
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and info.name.replace("_", "-") not in _NEVER else ""


def decode(data: bytes, charset: str = "") -> tuple[str, bool]:
    """The text of the bytes and whether its charset had to be guessed against the label."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return printable(data[len(mark) :].decode(name, "replace")), False
    declared = known(charset)
    if not declared.startswith(_NOT_ASCII):
        if data.isascii():
            return printable(data.decode("ascii")), bool(charset) and not declared
        utf8 = _strict(data, "utf-8", "surrogatepass")  # lone surrogates become U+FFFD below
        if utf8 is not None:
            return printable(utf8), declared not in ("utf-8", "")
    text = _strict(data, declared) if declared else None
    if text is not None:
        return printable(text), False
    return printable(_guess(data, declared)), True


def _guess(data: bytes, declared: str) -> str:
    if declared and declared not in ("utf-8", "ascii"):
        return data.decode(declared, "replace")
    if declared == "utf-8" and _mostly_utf8(data):
        return data.decode("utf-8", "replace")
    return _strict(data, "cp1258") or data.decode("latin-1")


def _mostly_utf8(data: bytes) -> bool:
    """A few broken bytes in long UTF-8 are damage, not another charset."""
    text = data.decode("utf-8", "replace")
    return text.count("�") * 4 < sum(not c.isascii() for c in text)


def _strict(data: bytes, name: str, errors: str = "strict") -> str | None:
    try:
        return data.decode(name, errors)
    except (UnicodeError, LookupError, ValueError):
        return None
