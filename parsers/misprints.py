"""Words of the forms that recognition misread, put right by the words beside them; never a figure.

Rules (issue 3, "Scans"):

1. Only a word the vocabulary (labels, headings and titles of the forms, ``words.toml``) does not know is looked at, and none
   that holds a digit, unless it is a word the one before asks for, but for one letter taken for a digit ("1SO"). It becomes the one word of the vocabulary that stands between its neighbours in some phrase and is one
   letter away, tones aside; at the end of a line, beside a number or a mark, one neighbour is enough.
2. Words run together ("quáhạn", "độ3") are parted where the vocabulary knows every piece and that it follows the one before.
3. The abbreviation of "thủ tục hành chính" is read as "1 LHC", "11HC" and worse: what stands in its place is that word.
4. What was put right is in the text only; the numbers seen on the page stay as they were seen.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from parsers.fold import fold, nfc
from parsers.form import FormSet
from parsers.values import Block, Cell, Document

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[\s,()\-–]*\Z")  # what may part two words of a phrase
_SHORT, _LONG = 3, 7  # letters from which one letter may be wrong, and two
_LETTER = {"1": "i", "0": "o", "5": "s"}  # letters taken for digits
_LETTERS_FOR = re.compile(r"[105]")
_ONE_DIGIT = re.compile(r"(?=.{3})[a-z]*[105][a-z]+|[a-z]{2,}[105]")
_EDGE = ""  # instead of a neighbour: nothing that belongs to the phrase
_PROCEDURES = "tthc"
_MANGLED_MAX = 6  # letters of what stands where the abbreviation should


class _Token(NamedTuple):
    start: int
    end: int
    key: str  # folded


@dataclass(slots=True)
class _Vocabulary:
    """Which words there are, and which stand beside which."""

    known: set[str] = field(default_factory=set)  # lower case, with tones
    toned: dict[str, set[str]] = field(default_factory=dict)  # folded → with tones
    behind: dict[str, set[str]] = field(default_factory=dict)  # folded word → folded words that follow it
    before: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, phrase: str) -> None:
        words = [nfc(word).lower() for word in _WORD.findall(phrase)]
        keys = [fold(word) for word in words]
        self.known.update(words)
        for word, key in zip(words, keys, strict=True):
            self.toned.setdefault(key, set()).add(word)
        for one, other in pairwise(keys):
            self.behind.setdefault(one, set()).add(other)
            self.before.setdefault(other, set()).add(one)


def put_right(document: Document, forms: FormSet) -> Document:
    """The document with the misread words of its recognised pages put right."""
    words = _vocabulary(forms)
    pages = set(document.scanned)
    blocks = tuple(_block(block, words) if block.page in pages else block for block in document.blocks)
    return replace(document, blocks=blocks)


def _block(block: Block, words: _Vocabulary) -> Block:
    if block.table is None:
        return replace(block, text=_text(block.text, words))
    rows = tuple(tuple(_cell(cell, words) for cell in row) for row in block.table.rows)
    return replace(block, table=replace(block.table, rows=rows))


def _cell(cell: Cell, words: _Vocabulary) -> Cell:
    return replace(cell, text=_text(cell.text, words)) if cell.text else cell


@lru_cache(maxsize=4)
def _vocabulary(forms: FormSet) -> _Vocabulary:
    words = _Vocabulary()
    for form in forms.all():
        for line in form.lines:
            for phrase in (*line.labels, *line.short):
                words.learn(phrase)
        for phrase in (*form.headings, *(part for title in form.titles for part in re.split(r"[*#]", title))):
            words.learn(phrase)
    common = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    for phrase in _phrases(common):
        words.learn(phrase)
    return words


def _phrases(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield from re.split(r"#", thing)
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from _phrases(value)
    elif isinstance(thing, Iterable):
        for value in thing:
            yield from _phrases(value)


# ---- one text ---------------------------------------------------------------------------------------------------------


def _text(text: str, words: _Vocabulary) -> str:
    text = _WORD.sub(lambda found: _parted(found[0], words), _named(text, words))
    tokens = [_Token(*m.span(), fold(m[0])) for m in _WORD.finditer(text)]
    out, at = "", 0
    keys = [token.key for token in tokens]
    for n, token in enumerate(tokens):
        right = _right(text, tokens, keys, n, words)
        if right:
            keys[n] = fold(right)
            out += text[at : token.start] + _cased(right, text[token.start : token.end])
            at = token.end
    return out + text[at:]


def _parted(word: str, words: _Vocabulary) -> str:
    """A word nobody knows as the words that were run together in it, if they are some."""
    shown = nfc(word).lower()
    if len(shown) < _SHORT or shown in words.known or shown.isdigit():
        return word
    pieces = _pieces(nfc(word), words, words.toned if len(shown) >= _LONG else words.known)
    return " ".join(pieces) if len(pieces) > 1 else word


def _pieces(word: str, words: _Vocabulary, known: Container[str]) -> list[str]:
    """The words a word is made of, each following the one before it; none when it is not."""
    if _is_known(word, known):
        return [word]
    for at in range(2, len(word)):
        if word[:at].isalpha() and _is_known(word[:at], known):
            rest = _pieces(word[at:], words, known)
            if rest and fold(rest[0]) in words.behind.get(fold(word[:at]), ()):
                return [word[:at], *rest]
    return []


def _is_known(word: str, known: Container[str]) -> bool:
    return word.lower() in known or fold(word) in known


def _right(text: str, tokens: Sequence[_Token], keys: Sequence[str], n: int, words: _Vocabulary) -> str | None:
    """The word this one should be."""
    token = tokens[n]
    shown = nfc(text[token.start : token.end]).lower()
    if shown in words.known or len(token.key) < 2:
        return None
    if any(c.isdigit() for c in shown):
        meant = _LETTERS_FOR.sub(lambda found: _LETTER[found[0]], token.key)
        asked = n > 0 and meant in words.behind.get(keys[n - 1], ()) and len(words.toned.get(meant, ())) == 1
        return next(iter(words.toned[meant])) if asked and _ONE_DIGIT.fullmatch(token.key) else None
    before = keys[n - 1] if n and _BETWEEN.match(text[tokens[n - 1].end : token.start]) else _EDGE
    behind = keys[n + 1] if n + 1 < len(keys) and _BETWEEN.match(text[token.end : tokens[n + 1].start]) else _EDGE
    before, behind = (_EDGE if key[:1].isdigit() else key for key in (before, behind))
    if before == behind == _EDGE:
        return None
    fits = [
        key
        for key in (words.behind.get(before, set()) if before else words.before.get(behind, set()))
        if (not behind or behind in words.behind.get(key, ()))
        and _near(token.key, key, between=bool(before and behind))
    ]
    toned = {word for key in fits for word in words.toned[key]}
    same = {word for word in toned if fold(word) == token.key}
    wanted = same or toned
    return next(iter(wanted)) if len(wanted) == 1 else None


def _near(read: str, meant: str, *, between: bool) -> bool:
    """Whether a word may be another misread; the shortest only where a neighbour on either side asks for it."""
    if read == meant:
        return True
    least = min(len(read), len(meant))
    return least >= _SHORT - between and _distance(read, meant) <= 1 + (least >= _LONG)


def _distance(one: str, other: str) -> int:
    """Letters to change, add or leave out."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() and len(like) > 1 else word.capitalize() if like[:1].isupper() else word


def _named(text: str, words: _Vocabulary) -> str:
    """The abbreviation put where the words around it ask for it."""
    tokens = [_Token(*m.span(), fold(m[0])) for m in re.finditer(r"[^\W_'‘’`|]+", text)]
    for n in range(len(tokens) - 1, 0, -1):
        if tokens[n - 1].key not in words.before.get(_PROCEDURES, ()):
            continue
        for last in (n + 1, n):
            if last >= len(tokens) or text[tokens[n].start : tokens[last].end] == _PROCEDURES.upper():
                continue
            follows = tokens[last + 1].key if last + 1 < len(tokens) else _EDGE
            held = text[tokens[n].start : tokens[last].end]
            if follows in words.behind.get(_PROCEDURES, ()) and _is_mangled(held):
                start = tokens[n - 1].end
                lead = text[start : tokens[n].start].rstrip("'‘’`|")
                text = text[:start] + (lead or " ") + _PROCEDURES.upper() + text[tokens[last].end :]
                return _named(text, words)
    return text


def _is_mangled(held: str) -> bool:
    letters = re.sub(r"[\s'‘’`|]", "", held)
    return len(letters) <= _MANGLED_MAX and any(c in "HC" for c in letters) and "\n" not in held
