"""Vietnamese text in old encodings, and how much a text looks like Vietnamese at all.

Rules:

1. A font named ``.Vn…`` holds TCVN3 bytes, ``VNI…`` holds VNI; both surface as Latin-1 letters. A name ending in ``H``
   (``.VnTimeH``) draws capitals, so the text is made upper case after conversion.
2. In TCVN3 the letter ư is U+00AD, the soft hyphen: it must reach this function unstripped.
3. Text that already holds Vietnamese letters outside Latin-1 is Unicode whatever its font says: left as it is.
4. Quality looks at syllables, tone-blind: text typed without tones is still Vietnamese; torn or mojibake text is not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from viparse.normalize.encodings import get_charmap
from viparse.normalize.tables import convert

from parsers.fold import fold, nfc

_SUBSET = re.compile(r"^[A-Z]{6}\+")  # the tag of a font embedded in part: ABCDEF+.VnTime
_VNI_GAPS = {"aú": "ẳ", "AÚ": "Ẳ"}  # a + u-acute is ẳ in VNI; the table in use leaves it out
_VOWELS = "aeiouy"
_SYLLABLE = re.compile(
    r"^(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|q|r|s|th|tr|t|v|x)?"
    r"(?:uye|uya|oai|oao|oay|oeo|uay|uoi|uou|uyu|ieu|yeu|iai|uan|[aeiouy]{1,2})"
    r"(?:ch|c|m|ng|nh|n|p|t)?$"
)
_TOKEN = re.compile(r"[^\W\d_]+")
_LONE = set("aeioyu")  # syllables of one letter: à, ở, ý …
_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u0323\u031b")  # tones, circumflex, breve, horn
_MOJIBAKE = re.compile("á[»º]|Ã[\u0080-\u00bf]|Ä[\u0080-\u00bf‘]|\ufffd|\\(cid:[0-9]+\\)")


def from_font(text: str, font: str) -> str:
    """Text typed in an old font as Unicode NFC; text of any other font only normalised.

    >>> from_font("B¸o c¸o tuÇn", ".VnTime")
    'Báo cáo tuần'
    """
    name = _SUBSET.sub("", font.strip()).upper()
    if name.startswith(".VN"):
        table = get_charmap("tcvn3")
    elif name.startswith("VNI"):
        table = get_charmap("vni")
    elif name in ("VISCII", "VPS"):  # encodings of whole files, with fonts of many names
        table = get_charmap(name.lower())
    else:
        return nfc(text)
    if table is None or is_todays(text):
        return nfc(text)
    if table.name == "vni":
        for source, letter in _VNI_GAPS.items():
            text = text.replace(source, letter)
    converted = nfc(convert(text, table))
    capitals = table.name == "tcvn3" and name.endswith("H")
    return converted.upper() if capitals else converted


def is_todays(text: str) -> bool:
    """Whether it holds letters only Vietnamese of today has, so that no old encoding can be meant."""
    return any("\u1ea0" <= char <= "\u1ef9" or char in "ăĂđĐơƠưƯ" for char in nfc(text))


def quality(text: str) -> float:
    """0..1: the share of words that are Vietnamese syllables or abbreviations; 1.0 when the text holds no word."""
    good, total = words_of_worth(text)
    return good / total if total else 1.0


def words_of_worth(text: str) -> tuple[int, int]:
    """How many words are Vietnamese syllables or abbreviations, and how many words there are."""
    words = _TOKEN.findall(nfc(text))
    return max(0, sum(map(_is_word, words)) - 2 * len(_MOJIBAKE.findall(text))), len(words)


def _is_ours(letters: str) -> bool:
    """Whether letters are of our script, with marks we use: not those of others, the ª º of mojibake, å, ë."""
    marks = {c for c in unicodedata.normalize("NFD", letters) if unicodedata.combining(c)}
    return not marks - _MARKS and not any(unicodedata.category(c) == "Lo" for c in letters)


# the letters offices use, asked for one by one no more
_OURS = frozenset(c for c in map(chr, (*range(0x41, 0x1B1), *range(0x1EA0, 0x1EFA))) if c.isalpha() and _is_ours(c))


@lru_cache(4096)
def _is_word(word: str) -> bool:
    if not (_OURS.issuperset(word) or _is_ours(word)) or not (word.isupper() or word[1:].islower() or len(word) == 1):
        return False  # a capital inside a word: an old encoding shown as it is
    bare = fold(word)
    if len(bare) == 1:
        return bare in _LONE
    if word.isupper() and len(word) <= 8 and not _SYLLABLE.match(bare):
        return bare.isascii()  # UBND, CCHC, TTHC, BC
    return bool(_SYLLABLE.match(bare))
