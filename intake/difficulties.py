"""Difficulties and proposals the reports tell of, on one page: what says something is gathered (``difficulties.toml``).

Rules:

1. A sentence says nothing when every word of it is a known one and one of them denies ("Không có khó khăn, vướng mắc gì."); one word that
   is not known and it says something ("Không có kinh phí"). A heading says what follows it says; numbers and dots say nothing.
2. Of an assessment the text from the first sentence that holds one of the words and says something; praise that ends in "…, không có
   khó khăn, vướng mắc" tells of none. Of proposals the whole text, unless nothing in it says anything.
3. What is left out is left out of the page alone: the submission keeps its text.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files

from intake.book import Law
from intake.letters import latest_name
from intake.rules.values import Period
from notifier.facts_of_many import DifficultyFact
from parsers.fold import fold
from storage.queries import Queries

TEXT_MAX = 700  # characters of one agency's text
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_NUMBERING = re.compile(r"^\W*(?:(?:\d{1,2}|[a-hivx]{1,4})\s*[.):/-]\W*)*")  # "1.", "a)", "- III." before the words


@dataclass(frozen=True, slots=True)
class _Words:
    """What ``difficulties.toml`` says, its words ready to be looked for in folded text."""

    whole: tuple[str, ...]  # keys of the forms
    told: tuple[str, ...]
    words: tuple[str, ...]
    none: re.Pattern[str]
    known: re.Pattern[str]
    calmed: re.Pattern[str]  # "…, không có khó khăn, vướng mắc" at the end of a sentence


@cache
def _words() -> _Words:
    data = tomllib.loads(files("intake").joinpath("difficulties.toml").read_text("utf-8"))
    nothing = data["nothing"]
    none, troubles, beside = (_any(nothing[key]) for key in ("none", "troubles", "beside"))
    known = _any([word for words in nothing.values() for word in words])
    calmed = rf"(?:^|[,:–-])\s*(?:{beside}\W+)*{none}(?:\W+(?:{troubles}|{beside}))*?\W+{troubles}(?:\W+(?:{troubles}|{beside}))*\W*$"
    words = tuple(fold(word) for word in data["words"])
    return _Words(
        tuple(data["whole"]), tuple(data["told"]), words, re.compile(none), re.compile(known), re.compile(calmed)
    )


def _any(phrases: Iterable[str]) -> str:
    """A pattern of whole words, the longest first."""
    longest_first = sorted((fold(phrase) for phrase in phrases), key=len, reverse=True)
    return rf"\b(?:{'|'.join(re.escape(phrase) for phrase in longest_first)})\b"


def difficulties(q: Queries, law: Law, period: Period, as_of: datetime) -> tuple[DifficultyFact, ...]:
    """What the reports of a period say of difficulties and proposals, in protocol order."""
    told = difficulties_by(q, law, period, as_of)
    return tuple(DifficultyFact(latest_name(law, code), text) for code, text in told.items())


def difficulties_over(q: Queries, law: Law, periods: Sequence[Period], as_of: datetime) -> tuple[DifficultyFact, ...]:
    """The same of several periods, by agency; what an agency says again in the same words stands once."""
    said: dict[str, dict[str, DifficultyFact]] = defaultdict(dict)
    for period in periods:
        for code, text in difficulties_by(q, law, period, as_of).items():
            known = said[code].get(fold(text)) or DifficultyFact(latest_name(law, code), text)
            said[code][fold(text)] = replace(known, periods=(*known.periods, period.key))
    order = {code: n for n, code in enumerate(law.roster_for(periods[-1]).codes)} if periods else {}
    return tuple(fact for code in sorted(said, key=lambda c: order.get(c, len(order))) for fact in said[code].values())


def difficulties_by(q: Queries, law: Law, period: Period, as_of: datetime) -> dict[str, str]:
    """The same by agency."""
    reports = q.acceptable_texts(period.key, as_of)
    order = {code: n for n, code in enumerate(law.roster_for(period).codes)}
    told = [(code, told_in(reports[code])) for code in sorted(reports, key=lambda code: order.get(code, len(order)))]
    return {code: text for code, text in told if text}


def says_something(text: str) -> bool:
    """Whether a text says more than that there is nothing to say."""
    return bool(_unless_nothing(text))


def told_in(report: Mapping[str, object]) -> str:
    """The text of one report about difficulties and proposals, shortened; "" when it tells of none."""
    texts = report.get("texts")
    texts = texts if isinstance(texts, dict) else {}
    words = _words()
    found = [_unless_nothing(str(texts.get(key) or "")) for key in words.whole]
    found += [_from_first_told(str(texts.get(key) or "")) for key in words.told]
    text = " ".join(" ".join(found).split())
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX].rsplit(' ', 1)[0]} …"


def _unless_nothing(text: str) -> str:
    """The text, "" when none of its sentences says anything."""
    return text if any(_says(sentence) for sentence in _SENTENCE.split(text)) else ""


def _from_first_told(text: str) -> str:
    """The text from the first sentence that holds one of the words and says something, its heading with it."""
    sentences = _SENTENCE.split(text)
    first = next((n for n in range(len(sentences)) if _tells(sentences[n:])), None)
    return "" if first is None else " ".join(sentences[first:])


def _tells(sentences: Sequence[str]) -> bool:
    """Whether difficulties or proposals begin with the first of these sentences."""
    words = _words()
    left = words.calmed.sub("", _bare(sentences[0]))
    if not any(word in left for word in words.words):
        return False
    under = (one for one in sentences[1:] if _bare(one) and not _heads(one))
    return _says(sentences[0]) or (_heads(sentences[0]) and _says(next(under, "")))


def _says(sentence: str) -> bool:
    """Whether a sentence holds a word that is not one of those that say nothing."""
    return any(letter.isalpha() for letter in _words().known.sub(" ", _bare(sentence)))


def _heads(sentence: str) -> bool:
    """Whether a sentence is a heading alone: known words, none of which denies."""
    return not _says(sentence) and not _words().none.search(_bare(sentence))


def _bare(sentence: str) -> str:
    """A sentence folded, without its number or its dash."""
    return _NUMBERING.sub("", fold(sentence))
