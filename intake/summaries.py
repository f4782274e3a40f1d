"""Summaries of a month and of a quarter for the secretariat: trends, league tables, results, difficulties, and who bounces.

Rules:

1. A span holds the periods whose due moment lies in it. Its summary goes on the first working day after it, once, when the mailbox
   was read beyond that last due moment and nothing received by then still waits to be read.
2. Every figure is as of the moment printed, over the boards ``cchc board PERIOD --as-of`` gives; ranges pool sums.
3. A trend breaks where another number of agencies owed; who stands apart in the league table is told with the reason (``rules.league``).
4. More than seven days late it is recorded and not written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from intake import difficulties, results
from intake.board import board_of
from intake.book import Law, law_of
from intake.desk import Desk
from intake.letters import latest_name
from intake.outgoing import put_out
from intake.rules import near
from intake.rules.league import Standing, league
from intake.rules.values import Board, Period
from notifier.facts_of_many import BounceFact, PeriodFact, StandingFact, SummaryFacts, TypeSummaryFact
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Letter, Step

TYPE = "summary"  # of the clock's steps
HOUR = time(8, 0)
TOO_LATE = timedelta(days=7)
Sure = Callable[[Queries, datetime], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """A month or a quarter."""

    key: str  # "monthly:2017-07"
    first: date
    last: date
    months: int

    @property
    def before(self) -> Span:
        """The span just before."""
        return span_of(self.first - timedelta(days=1), self.months)


def span_of(day: date, months: int) -> Span:
    """The month (1) or quarter (3) that holds a day.

    >>> span_of(date(2017, 8, 3), 3).key, span_of(date(2017, 8, 3), 1).last
    ('quarterly:2017-Q3', datetime.date(2017, 8, 31))
    """
    start = day.month - (day.month - 1) % months
    following = date(day.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)
    key = f"monthly:{day.year}-{start:02d}" if months == 1 else f"quarterly:{day.year}-Q{(start + 2) // 3}"
    return Span(key, date(day.year, start, 1), following - timedelta(days=1), months)


def summaries(desk: Desk, now: datetime, sure: Sure) -> list[Letter]:
    """The summaries owed now."""
    lengths = {"month": 1, "quarter": 3}
    found = []
    for name in desk.settings.notify.summaries:
        span = span_of(desk.calendar.day(now), lengths[name]).before
        if letter := _summary(desk, span, now, sure):
            found.append(letter)
    return found


def owed_at(desk: Desk, span: Span) -> datetime:
    """When the summary of a span goes."""
    return desk.calendar.moment(desk.calendar.next_working_day(span.last), HOUR)


def _summary(desk: Desk, span: Span, now: datetime, sure: Sure) -> Letter | None:
    moment = owed_at(desk, span)
    if now < moment or span.last < desk.calendar.rules.start:
        return None
    with desk.ledger.read() as q:
        if q.step(TYPE, span.key, TYPE):
            return None
        periods = _periods(desk, q, law_of(desk, q), span)
        certain = not periods or sure(q, max(period.due_at for period in periods))
    if not certain:
        return None
    with desk.write(now) as tx:
        late = now > moment + TOO_LATE
        if not tx.add_step(Step(TYPE, span.key, TYPE, now, {"withheld": "too_late"} if late else {})):
            return None
        return None if late or not periods else _post(desk, tx, span, facts(desk, tx, law_of(desk, tx), span, now))


def _periods(desk: Desk, q: Queries, law: Law, span: Span) -> list[Period]:
    return [p for t in desk.calendar.types for p in results.between(q, law, t.type, span.first, span.last)]


def facts(desk: Desk, q: Queries, law: Law, span: Span, at: datetime) -> SummaryFacts:
    """All a summary states, as of a moment."""
    head = q.head()
    types = (_type_summary(desk, q, law, report_type.type, span, at) for report_type in desk.calendar.types)
    return SummaryFacts(
        span=span.key,
        at=at,
        first=span.first,
        last=span.last,
        types=tuple(one for one in types if one.periods),
        bounces=bounces(desk, q, law, span),
        log_seq=head.seq if head else None,
        log_hash=head.hash if head else "",
    )


def _type_summary(desk: Desk, q: Queries, law: Law, report_type: str, span: Span, at: datetime) -> TypeSummaryFact:
    periods = results.between(q, law, report_type, span.first, span.last)
    before = results.between(q, law, report_type, span.before.first, span.before.last)
    boards = [board_of(desk, q, period.key, at) for period in periods]
    return TypeSummaryFact(
        report_type,
        _trend(periods, boards),
        tuple(_standing(law, one) for one in league(boards)),
        results.results(desk, q, law, periods, before, at),
        difficulties.difficulties_over(q, law, periods, at),
    )


def _trend(periods: Sequence[Period], boards: Sequence[Board]) -> tuple[PeriodFact, ...]:
    found: list[PeriodFact] = []
    for period, board in zip(periods, boards, strict=True):
        changed = bool(found) and found[-1].expected + found[-1].waived + found[-1].not_applicable != len(board.lines)
        beside = (board.waived, board.not_applicable)
        found.append(PeriodFact(period.key, period.due_at, board.expected, dict(board.classes), *beside, changed))
    return tuple(found)


def _standing(law: Law, one: Standing) -> StandingFact:
    return StandingFact(
        latest_name(law, one.agency) or one.agency, one.rank, one.expected, one.classes, one.waived, one.apart
    )


def bounces(desk: Desk, q: Queries, law: Law, span: Span) -> tuple[BounceFact, ...]:
    """Addresses of agencies from which letters of that span came back, the most often first."""
    first = near.midnight(desk.calendar, span.first)
    last = near.midnight(desk.calendar, span.last + timedelta(days=1))
    failed = [x for x in q.letters(state="failed") if x.created_at and first <= x.created_at < last]
    counts = Counter((letter.agency or "", address) for letter in failed for address in letter.unreached)
    return tuple(BounceFact(latest_name(law, agency), address, n) for (agency, address), n in counts.most_common())


def _post(desk: Desk, tx: Tx, span: Span, said: SummaryFacts) -> Letter:
    to, about = tuple(desk.settings.notify.secretariat), f"summary:{span.key}"
    return put_out(desk, tx, Letter("digest", about, to, {**said.to_json(), "periods": []}), 1)
