"""Who met the cutoff: the class of every due, the board of a period, and the rates made from it.

Rules (definitions of the plan's assessment; the first class that matches):

1. in_review: a revision without a verdict exists whose acceptance would give a better class than the one otherwise reached; so
   does one of which a person has still to say whether it came in time. A mail our reader could not open is such a revision.
2. on_time: the first acceptable revision was received by the due moment · cured: a creditable one was, and the first acceptable
   one came within the cure window · late: the first acceptable one came after the due moment · incomplete: something
   attributable came, nothing acceptable · missing: nothing came. A withdrawn report never came.
3. Only dues whose own moment is ≤ ``as_of`` are classed; waived, not applicable and not yet due stand beside, never inside.
4. expected = on_time + cured + late + incomplete + in_review + missing: asserted on every board.
5. Rates are shown as n/E; E = 0 has no rate; ranges pool sums and never average percentages; nothing is clamped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from intake.rules.calendar import Calendar
from intake.rules.values import CLASSES, Board, BoardLine, DueClass, DueState, Period, Revision

SECOND = timedelta(seconds=1)
_BEST_FIRST: tuple[DueClass, ...] = ("on_time", "cured", "late", "incomplete", "missing")


def classify(due: DueState, revisions: Sequence[Revision], at: datetime, calendar: Calendar) -> str:
    """The class of a due at a moment: one of CLASSES, or waived, not_applicable, not_yet_due."""
    if due.status in ("waived", "not_applicable"):
        return due.status
    return "not_yet_due" if due.due_at > at else reached(due, revisions, calendar)


def reached(due: DueState, revisions: Sequence[Revision], calendar: Calendar) -> DueClass:
    """The class by what arrived, whether the due moment has passed or not."""
    here = [r for r in revisions if r.outcome != "withdrawn"]
    plain = _verdict([r for r in here if r.outcome != "in_review"], due, calendar)
    hoped = [_hoped(r, due) for r in here]
    if hoped == here:
        return plain
    best = _verdict(hoped, due, calendar)
    return "in_review" if _BEST_FIRST.index(best) < _BEST_FIRST.index(plain) else plain


def _hoped(revision: Revision, due: DueState) -> Revision:
    """The revision as a person may find it: accepted where it waits, received in time where that is not settled."""
    if revision.outcome == "in_review":
        revision = replace(revision, acceptable=True, creditable=True)
    if not revision.settled:
        revision = replace(revision, received_at=min(revision.received_at, due.due_at - SECOND))
    return revision


def _verdict(revisions: Sequence[Revision], due: DueState, calendar: Calendar) -> DueClass:
    if not revisions:
        return "missing"
    first = first_acceptable(revisions)
    if first is None:
        return "incomplete"
    if calendar.is_on_time(first.received_at, due.due_at, due.type):
        return "on_time"
    cure = calendar.cure_until(due.type, due.due_at)
    came = cure and any(r.creditable and calendar.is_on_time(r.received_at, due.due_at, due.type) for r in revisions)
    return "cured" if came and cure and calendar.late_seconds(first.received_at, cure) == 0 else "late"


def first_acceptable(revisions: Sequence[Revision]) -> Revision | None:
    """The acceptable revision received first: later corrections never move the timeliness date."""
    good = [r for r in revisions if r.acceptable]
    return min(good, key=lambda r: (r.received_at, r.revision), default=None)


def board(
    period: Period,
    dues: Sequence[DueState],
    revisions: Mapping[str, Sequence[Revision]],
    as_of: datetime,
    calendar: Calendar,
    closed: bool,
) -> Board:
    """Every due of a period with its class, in the order of ``dues``; ``revisions`` by agency code."""
    lines = tuple(_line(due, revisions.get(due.agency, ()), as_of, calendar) for due in dues)
    counts = Counter(line.due_class for line in lines)
    classes: dict[str, int] = {name: counts[name] for name in CLASSES}
    expected = sum(line.due_class not in ("waived", "not_applicable", "not_yet_due") for line in lines)
    assert expected == sum(classes.values())
    beside = (counts["waived"], counts["not_applicable"], counts["not_yet_due"])
    return Board(
        period.key, period.due_at, as_of, closed, lines, classes, expected, *beside, expected - classes["missing"]
    )


def _line(due: DueState, revisions: Sequence[Revision], as_of: datetime, calendar: Calendar) -> BoardLine:
    due_class = classify(due, revisions, as_of, calendar)
    here = [r for r in revisions if r.outcome != "withdrawn"]
    if not here:
        return BoardLine(due.agency, due_class, due.status, due.due_at)
    shown = first_acceptable(here) or max(here, key=lambda r: (r.received_at, r.revision))
    return BoardLine(
        due.agency,
        due_class,
        due.status,
        due.due_at,
        received_at=shown.received_at,
        late_seconds=shown.late_seconds,
        receipt=shown.receipt,
        revision=max(r.revision for r in here) or None,
        arrived=reached(due, revisions, calendar) if due_class == "not_yet_due" else None,
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """n of E, never without both."""

    n: int
    expected: int

    @property
    def share(self) -> Fraction | None:
        """n/E exactly; None when nothing was due."""
        return Fraction(self.n, self.expected) if self.expected else None


@dataclass(frozen=True, slots=True)
class Rates:
    """What leaders ask of one period or of several pooled."""

    completeness: Rate  # (on_time + cured + late) / expected
    timeliness: Rate  # on_time / expected
    timeliness_with_cured: Rate  # (on_time + cured) / expected
    receipt: Rate  # anything attributable received / expected


def rates(*boards: Board) -> Rates:
    """The rates of a board, or of a range of boards pooled."""
    total = {name: sum(b.classes[name] for b in boards) for name in CLASSES}
    expected = sum(b.expected for b in boards)
    in_time = total["on_time"] + total["cured"]
    return Rates(
        Rate(in_time + total["late"], expected),
        Rate(total["on_time"], expected),
        Rate(in_time, expected),
        Rate(sum(b.received for b in boards), expected),
    )
