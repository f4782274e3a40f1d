"""What leaders ask beside punctuality, with the reports behind it: shares this period, since 1 January and before; difficulties told.

Rules: the sums are those of the digest (``intake.results``); behind each stand the agencies, and behind an agency its receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intake import difficulties, results
from intake.asking import NotFound
from intake.board import period_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.digests import before
from intake.letters import latest_name
from intake.results import Kept, Result
from intake.rules.plausibility import Stated
from intake.rules.values import Period
from intake.web.summing import kept
from notifier.facts_of_many import ResultFact, ShareFact
from storage.queries import Queries
from storage.read_words import Word


@dataclass(frozen=True, slots=True)
class Told:
    """One agency's words on difficulties and proposals."""

    agency: str
    name: str
    text: str
    word: Word | None  # the report they stand in


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The results of a period."""

    period: Period
    earlier: str  # key of the period compared with, "" for none
    results: tuple[ResultFact, ...]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One agency's part of a result."""

    agency: str
    name: str
    share: ShareFact
    word: Word | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What one result was added up from."""

    period: Period
    result: Result
    fact: ResultFact
    shares: tuple[Share, ...]
    periods: tuple[tuple[str, ShareFact], ...]  # since 1 January, oldest first


def has_results(desk: Desk, period: Period) -> bool:
    """Whether the type's form holds figures a result is made of."""
    form = desk.form(period.type, desk.calendar.day(period.due_at))
    return form is not None and bool(results.asked_of(form))


def outcomes(desk: Desk, q: Queries, key: str, now: datetime) -> Outcomes:
    """The results of a period and what its reports tell of difficulties. Raises ``NoSuchPeriod``, ``NotFound``."""
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key)
    earlier = before(law, period)
    words = _words(q, period, now)
    told = difficulties.difficulties_by(q, law, period, now)
    return Outcomes(
        period,
        earlier[0].key if earlier else "",
        _facts(desk, q, law, period, now, _known(desk, q, law, period)),
        tuple(Told(code, latest_name(law, code), text, words.get(code)) for code, text in told.items()),
    )


def behind(desk: Desk, q: Queries, key: str, name: str, now: datetime) -> Behind:
    """One result, agency by agency and period by period. Raises ``NoSuchPeriod``, ``NotFound``."""
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key)
    known = _known(desk, q, law, period)
    fact = next((one for one in _facts(desk, q, law, period, now, known) if one.key == name), None)
    form = desk.form(period.type)
    if fact is None or form is None:
        raise NotFound(f"{key}: {name}")
    result = next(one for one in results.definitions() if one.key == name)
    counted = results.counted_in(q, law, period, now)
    stated = results.stated_by(q, form, period, now, counted, (result,))
    year = results.since_january(q, law, period)
    return Behind(
        period,
        result,
        fact,
        _shares(
            law,
            result,
            [code for code in law.roster_for(period).codes if code in counted],
            stated,
            _words(q, period, now),
        ),
        tuple((one.key, (known.get(one.key) or results.of_period(desk, q, law, one, now))[name].fact) for one in year),
    )


def _shares(
    law: Law, result: Result, codes: list[str], stated: Mapping[str, Mapping[str, Stated]], words: Mapping[str, Word]
) -> tuple[Share, ...]:
    return tuple(
        Share(
            code,
            latest_name(law, code),
            results.pooled(result, [stated[code]] if code in stated else [], 1).fact,
            words.get(code),
        )
        for code in codes
    )


def _known(desk: Desk, q: Queries, law: Law, period: Period) -> Kept:
    """The sums kept of every period its results are compared with. Raises ``NotFound`` for one without results."""
    if not has_results(desk, period):
        raise NotFound(period.key)
    return kept(desk, q, [one.key for one in (*results.since_january(q, law, period), period, *before(law, period))])


def _facts(desk: Desk, q: Queries, law: Law, period: Period, now: datetime, known: Kept) -> tuple[ResultFact, ...]:
    return results.results(desk, q, law, (period,), before(law, period), now, known)


def _words(q: Queries, period: Period, now: datetime) -> dict[str, Word]:
    return {word.agency: word for word in q.words(period.key, as_of=now) if word.acceptable and not word.duplicate_of}
