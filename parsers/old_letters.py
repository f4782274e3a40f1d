"""Letters of another encoding: text that shows the bytes of TCVN3, VNI, VISCII, VPS or windows-1258, or of UTF-8, as Western letters.

Rules:

1. Only a text that holds signs no Vietnamese of today is written with is looked at, so that nothing else pays for it.
2. Each encoding is tried; the one that reads best as Vietnamese counts, and only where it reads far better than what stands.
3. A document all of whose letters are such is put into today's whole; of a mixed one only the texts that hold such signs and read
   better for it. That it was a guess is told: ``charset_guess``.
4. What was torn on the way, so that no encoding gives it back, makes the document doubtful; it never passes for one that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from parsers.charset import ODD
from parsers.fold import nfc
from parsers.limits import TEXT_QUALITY_MIN
from parsers.values import Block, Document, Finding
from parsers.vietnamese import from_font, is_todays, quality

GUESS = Finding("charset_guess", "warning")
BETTER = 0.1  # how much better an old encoding must read before it is believed
OLD_FONTS = (".VnTime", "VNI-Times", "VISCII", "VPS")
_WINDOWS_FONTS = OLD_FONTS[:2]  # none of their letters stands where windows-1252 has its signs
SIGNS = {ord(code): sign for code, sign in zip("\x85\x91\x92\x93\x94\x95\x96\x97", "…‘’“”•–—", strict=True)}
_TWICE = re.compile("[\u00c3-\u00f3][\u0080-\u00bf\u0152-\u2122]{1,3}")  # a letter's bytes under windows-1252
_TORN = re.compile("á[»º]|Ã[\u0080-\u00bf]|[ÄÆ][\u0080-\u00bf‘]|\ufffd")
_TORN_MIN = 5  # in a document
_ODD_MIN = 3  # in a document
_SAMPLE = 20_000  # characters looked at
_LINE_BETTER, _LINE_MIN = 0.25, 0.75  # of a title or a name, which has few words

Way = Callable[[str], str]


def once_less(text: str) -> str:
    """UTF-8 written as UTF-8 twice ("SÆ¡"), letter by letter; what was written once stays."""
    return nfc(_TWICE.sub(lambda found: _utf8(found[0]), text))


def from_old(text: str, font: str) -> str:
    """Bytes of an old encoding, as Latin-1 letters; TCVN3 and VNI were typed under windows-1252, whose signs they keep."""
    return from_font(text.translate(SIGNS) if font in _WINDOWS_FONTS else text, font)


def todays(line: str) -> str:
    """A title, a subject or a file's name in today's letters; as it stands where nothing reads far better."""
    way = _best(line, max(quality(_words(line)) + _LINE_BETTER, _LINE_MIN))
    return way(line) if way else line


def read_as(text: str) -> str:
    """A page's text in today's letters; as it stands where nothing reads better."""
    lines = text.split("\n")
    way = _way(lines)
    return "\n".join(map(way, lines)) if way else text


def put_back(document: Document) -> Document:
    """The document in today's letters."""
    odd = _odd(_texts(document))
    if not odd:
        return document
    way = _way(list(_texts(document)))
    if way is None:
        torn = sum(1 for _ in _TORN.finditer(odd)) >= _TORN_MIN
        worth = quality("\n".join(_texts(document))[:_SAMPLE]) if torn else 1.0
        return replace(document, quality=worth) if worth < document.quality else document
    told = document.findings if GUESS in document.findings else (*document.findings, GUESS)
    return replace(document, blocks=tuple(_block(block, way) for block in document.blocks), findings=told)


def _odd(texts: Iterable[str]) -> str:
    """The texts that hold odd signs, as far as they are looked at; "" when there are hardly any."""
    odd = "\n".join(text for text in texts if not text.isascii() and ODD.search(text))[:_SAMPLE]
    return odd if len(ODD.findall(odd)) >= _ODD_MIN else ""


def _way(texts: Sequence[str]) -> Way | None:
    """How each of these texts is put into today's letters; None where nothing reads better."""
    odd = _odd(texts)
    way = _best(odd, max(quality(odd) + BETTER, TEXT_QUALITY_MIN)) if odd else None
    if way is None or not any(map(is_todays, texts)):
        return way

    def in_part(text: str) -> str:
        tried = way(text) if ODD.search(text) else text
        return tried if quality(tried) > quality(text) else text

    return in_part


def _best(text: str, least: float) -> Way | None:
    """The way that reads better than ``least``, and best of all; None when there is none."""
    best: Way | None = None
    for way in _WAYS:
        tried = _words(way(text))
        if _is_clean(tried) and (worth := quality(tried)) > least:
            best, least = way, worth
    return best


def _is_clean(text: str) -> bool:
    """Whether hardly anything is left that no Vietnamese text holds."""
    return len(ODD.findall(text)) * 50 <= len(text)


def _words(line: str) -> str:
    """Without the ending of a file's name."""
    return re.sub(r"\.[A-Za-z0-9]{1,5}\Z", "", line)


def _utf8(letters: str) -> str:
    try:
        return _bytes(letters).decode("utf-8")
    except UnicodeError:
        return letters


def _bytes(text: str) -> bytes:
    """The bytes windows-1252 has for these letters, or Latin-1 where that has none; raises ``UnicodeError``."""
    return "".join(map(_western, text)).encode("latin-1")


def _western(char: str) -> str:
    try:
        return char.encode("cp1252").decode("latin-1")
    except UnicodeError:
        return char


def _windows(text: str) -> str:
    """Windows-1258 shown as windows-1252."""
    try:
        return nfc(_bytes(text).decode("cp1258"))
    except UnicodeError:
        return text


def _of(font: str) -> Way:
    return lambda text: from_old("".join(map(_western, text)), font)


_WAYS: tuple[Way, ...] = (once_less, _windows, *map(_of, OLD_FONTS))


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        yield block.text
        if block.table:
            yield from (cell.text for row in block.table.rows for cell in row if cell.text)


def _block(block: Block, way: Way) -> Block:
    if block.table is None:
        return replace(block, text=way(block.text))
    rows = tuple(tuple(replace(cell, text=way(cell.text)) for cell in row) for row in block.table.rows)
    return replace(block, text=way(block.text), table=replace(block.table, rows=rows))
