"""Which report a document is, and where each report in it begins.

Rules (contract: a report needs its title, or three or more of a form's labels with values, or ``--as``):

1. A title is a heading of its own that fits a pattern of the form ("báo cáo tuần * cải cách hành chính"), alone or with the
   one or two lines below it; not a sentence that mentions it.
2. Behind the heading of another kind of document (QUYẾT ĐỊNH, KẾ HOẠCH, "V/v …") a title counts only if three labels with
   values follow it: the plan that prescribes the forms carries them blank, as annexes.
3. Several titles in one document are several reports, each from its own letterhead on; a second title of the same form without
   labels between them is the same report.
4. Without a title, the form whose labels carry at least three values; between equals subject and file name decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from parsers.fold import fold
from parsers.form import Form
from parsers.lines import Grid, TextLine, Unit
from parsers.quick import quick
from parsers.values import Hints
from parsers.words import vocabulary, words_of

_TITLE_MAX = 260  # characters of a heading with the lines that belong to it
_HEAD_LINE = 80  # characters of a letterhead's line
_HEAD_ROWS = 4  # rows of a letterhead's table
_TOP = 14  # units back in which a title's letterhead may begin
_SUBJECT = re.compile(r"\s*(?:v/v|về việc|ve viec)\b", re.IGNORECASE)
_OPENS = frozenset("bBmMiIvVxX0123456789")  # letters "báo cáo", "mẫu báo cáo" and a number before them begin with
_DOTS = re.compile(r"(?:\.{2,}|…|_{2,})+")


@quick
@dataclass(frozen=True, slots=True)
class Segment:
    """The units of one report."""

    form: Form
    start: int
    end: int
    title: int | None  # index of the unit holding the title, None when there is none
    body: int  # index of the first unit behind the title


def text_of(unit: Unit) -> str:
    """A unit's text; of a grid its first row with text when that is a single cell."""
    if isinstance(unit, TextLine):
        return unit.text
    for row in unit.rows:
        filled = [cell.text for cell in row if cell.text.strip()]
        if filled:
            return filled[0] if len(filled) == 1 else ""
    return ""


def titled(units: Sequence[Unit], forms: Sequence[Form]) -> list[tuple[int, int, Form]]:
    """Titles as (first unit, unit behind, form)."""
    found: list[tuple[int, int, Form]] = []
    index = 0
    while index < len(units):
        hit = _title_at(units, index, forms)
        if hit:
            found.append((index, *hit))
            index = hit[0]
        else:
            index += 1
    return found


def _title_at(units: Sequence[Unit], index: int, forms: Sequence[Form]) -> tuple[int, Form] | None:
    first = heading(units[index])
    if not first:
        return None
    texts = [first]
    best: tuple[int, Form] | None = None
    for behind in range(index + 1, min(index + 4, len(units) + 1)):
        joined = " ".join(texts)
        if len(joined) > _TITLE_MAX:
            break
        matches = [form for form in forms if _fits(joined, form)]
        if matches and best is None:
            best = (behind, matches[0])
        if best or behind >= len(units) or not isinstance(units[behind], TextLine):
            break
        following = units[behind].text  # type: ignore[union-attr]
        if units[behind].indent or len(following) > 160:  # type: ignore[union-attr]
            break
        texts.append(following)
    return best


def heading(unit: Unit) -> str:
    """The text of a unit that could begin a title."""
    if isinstance(unit, TextLine) and (unit.hidden or unit.where not in ("body", "textbox")):
        return ""
    return _headed(text_of(unit))


@lru_cache(maxsize=1024)
def _headed(text: str) -> str:
    text = " ".join(text.strip().strip("\"'“”*_# ").split())
    if text[:1].isascii() and text[:1] not in _OPENS:
        return ""
    key = fold(text)
    if key.startswith("mau bao cao "):
        text, key = text[text.lower().find("b") :], key[4:]
    if not re.match(r"(?:\d+[.)]\s*|[ivx]+[.)]\s*)?bao cao\b", key) or len(text) > _TITLE_MAX:
        return ""
    sentence = re.search(r"[.;]\s+\S", _DOTS.sub(" ", text)) and not text.isupper()
    return "" if sentence else text


def _fits(text: str, form: Form) -> bool:
    keys = _keys(text)
    if any(_pattern(pattern).fullmatch(keys) for pattern in form.not_titles):
        return False
    return any(_pattern(pattern).match(keys) for pattern in form.titles)


def _keys(text: str) -> str:
    """Folded words; dotted blanks as ``0``."""
    words = [word.key for word in words_of(_DOTS.sub(" 0 ", text))]
    return " ".join(words)


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    for piece in pattern.split():
        if piece == "*":
            parts.append(r"(?:\S+ ){0,14}?" if parts else r"(?:\S+ )*?")
        elif piece == "#":
            parts.append(r"\d\S* ?")
        else:
            parts.append(re.escape(fold(piece)) + r"(?: |\Z)")
    return re.compile("".join(parts) if not pattern.endswith("*") else "".join(parts[:-1]) + r".*")


def other_kind(units: Sequence[Unit], before: int) -> bool:
    """Whether a heading of another kind of document stands before that unit."""
    kinds = vocabulary().kinds
    for unit in units[:before]:
        if isinstance(unit, Grid):
            if _has_subject(unit):
                return True
            continue
        text = text_of(unit).strip()
        if not text:
            continue
        if _SUBJECT.match(text):
            return True
        hit = kinds.first(text)
        if hit and (text.isupper() or hit.last == len(words_of(text))) and len(words_of(text)) <= 40:
            return True
    return False


def _has_subject(grid: Grid) -> bool:
    """A letterhead's table with "V/v …" under the number of an official letter."""
    lines = (line for row in grid.rows[:_HEAD_ROWS] for cell in row for line in cell.text.splitlines())
    return any(_SUBJECT.match(line) for line in lines)


def begins(units: Sequence[Unit], title: int, floor: int) -> int:
    """Where the letterhead of a title begins: at the quốc hiệu above it, not before ``floor``."""
    mottoes = vocabulary().mottoes
    low = max(floor, title - _TOP)
    for index in range(title - 1, low - 1, -1):
        if mottoes.within(_all_text(units[index])):
            first = index
            while first > low and (
                is_letterhead(units[first - 1]) or not re.search(r"[^\W\d_]", text_of(units[first - 1]))
            ):
                first -= 1
            return first
    return low if floor == 0 else title


def is_letterhead(unit: Unit) -> bool:
    """Whether a line may stand above a title: an office, a quốc hiệu, capitals."""
    text = text_of(unit).strip()
    known = vocabulary().offices.first(text) or text.isupper() or vocabulary().mottoes.within(text)
    return bool(text) and len(text) <= _HEAD_LINE and bool(known)


def _all_text(unit: Unit) -> str:
    if isinstance(unit, TextLine):
        return unit.text
    return " ".join(cell.text for row in unit.rows[:4] for cell in row)


def hinted(forms: Sequence[Form], hints: Hints) -> list[Form]:
    """Forms whose words stand in the subject or the file name."""
    spoken = f" {fold(hints.subject)} {re.sub(r'[^a-z0-9]+', ' ', fold(hints.name))} "
    return [form for form in forms if any(f" {fold(word)} " in spoken or fold(word) in spoken for word in form.hint)]
