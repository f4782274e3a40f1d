"""The judge: every claim of one agency and one report type, each with its period, timing and outcome.

Rules:

1. Claims are taken in order of receipt (``slots.in_order``), each seeing only what came before it, so that the order of
   fetching, recording or re-reading can never change a word.
2. Acceptable: a report of this type in which every core line is stated. Creditable: recognised, with at least half of them.
   Warnings never reject. What only a person can read is in review; what the sender must send again is refused.
3. A person's word wins over everything automatic: accepted, credited (counts as having come, as it is), refused, withdrawn
   (the due is open again), not a report (belongs to no due).
4. The same content for the same due is a duplicate and adds nothing, unless the first copy waits for a person and this one
   does not, or the first was withdrawn before this one came. What a person refused and is sent again after that waits for a
   person: what was wrong may have stood outside the figures (a signature). The same content for another due is a finding.
5. On time or late is decided by the due's own moment (moved or extended); it is unknown while the clocks disagree, and where
   an outage of our own may be why a report is late, until a person has said which moment counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from intake.rules.calendar import Calendar
from intake.rules.slots import BEYOND, Placement, Slots, Window, in_order, window_of
from intake.rules.values import Assignment, Claim, DueState, How, Outcome, Period, ReportType, Timing

SAME_CONTENT = "same_content_as"  # note: the same content came for another due
REFUSED_BEFORE = "refused_before"  # note: a person refused this very content, and it was sent again
HELD_UP = "own_outage"  # note and reason: late, perhaps for an outage of our own
_WINDOW_RULES = ("window", "window+receipt", "person")


Pair = tuple[Claim, Assignment]
HeldUp = Callable[[Claim, datetime], bool]


@dataclass(slots=True)
class Judged:
    """What was judged so far, as the slot rules ask of it (``slots.Book``); looked up, for a book grows with the years."""

    pairs: list[Pair] = field(default_factory=list)
    _dues: dict[str | None, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    _contents: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    _windows: dict[Window, tuple[str, How]] = field(default_factory=dict)

    def add(self, claim: Claim, word: Assignment) -> None:
        """One more claim with the word on it."""
        pair = (claim, word)
        self.pairs.append(pair)
        self._dues[word.period].append(pair)
        self._contents[claim.content_key].append(pair)
        sure = word.period and word.how in _WINDOW_RULES and BEYOND not in word.notes
        if sure and word.period and (window := window_of(claim)):
            self._windows[window] = (word.period, word.how)

    def has_acceptable(self, key: str) -> bool:
        """Whether the due has an acceptable report."""
        return any(word.acceptable for _, word in self._of(key))

    def has_earlier_window(self, key: str, window: Window) -> bool:
        """Whether the due has an acceptable report of an earlier window."""
        return any(word.acceptable and (own := window_of(claim)) and own < window for claim, word in self._of(key))

    def placed_before(self, window: Window) -> tuple[str, How] | None:
        """The due that this very window was placed in by the window rules or a person."""
        return self._windows.get(window)

    def has_content(self, key: str, content_key: str) -> bool:
        """Whether a report of the due had this very content."""
        return any(claim.content_key == content_key for claim, _ in self._of(key))

    def first_copy(self, claim: Claim, key: str, *, clean: bool) -> tuple[Claim, Assignment] | None:
        """The claim this one repeats for the same due; ``clean``: this one needs no person."""
        for other, word in self._of(key):
            waits = word.outcome == "in_review" and clean
            if (
                other.content_key == claim.content_key
                and word.duplicate_of is None
                and not waits
                and not _sent_again(other, claim)
            ):
                return other, word
        return None

    def refused_before(self, claim: Claim, key: str) -> bool:
        """Whether a person had refused this very content of the due when the claim came."""
        return any(
            other.content_key == claim.content_key and other.person_outcome == "refused" and _sent_again(other, claim)
            for other, _ in self._of(key)
        )

    def other_due(self, claim: Claim, key: str | None) -> str | None:
        """The first claim with the same content for another due."""
        same = (o for o, w in self._contents.get(claim.content_key, ()) if w.period not in (None, key))
        return next((o.ref for o in same), None)

    def _of(self, key: str) -> Sequence[Pair]:
        return self._dues.get(key, ())


def judge(
    claims: Sequence[Claim],
    type: ReportType,  # noqa: A002 (the word the whole project uses)
    calendar: Calendar,
    owes: Callable[[Period], bool],
    due_of: Callable[[str], DueState | None],
    window_shift: int = 0,
    *,
    slips: bool = True,
    held_up: HeldUp = lambda _claim, _due_at: False,
) -> tuple[Assignment, ...]:
    """Judge all claims of one agency and type, in order of receipt.

    ``slips=False``: a form was forced, no window is doubted. ``held_up``: whether an outage of our own may be why it came after
    that due moment.
    """
    slots = Slots(type, calendar, owes, due_of, window_shift, slips=slips)
    book = Judged()
    for claim in in_order(claims):
        book.add(claim, _assign(claim, slots, book, held_up))
    return tuple(word for _, word in book.pairs)


def _assign(claim: Claim, slots: Slots, book: Judged, held_up: HeldUp) -> Assignment:
    if claim.person_outcome == "not_a_report":
        return Assignment(claim.ref, None, "person", "refused", reason="no_report")
    placement = slots.place(claim, book)
    outcome, reason = _outcome(claim, placement)
    word = Assignment(
        claim.ref,
        placement.period.key if placement.period else None,
        placement.how,
        outcome,
        acceptable=outcome in ("accepted", "accepted_with_warnings"),
        creditable=outcome not in ("in_review", "refused", "withdrawn") and _creditable(claim),
        reason=reason,
        notes=placement.notes,
    )
    if placement.period:
        word = _timed(word, claim, placement.period, slots)
    word = _compared(word, claim, book) if claim.content_key else word
    return _doubted(word) if _in_doubt(word, claim, held_up) else word


def _in_doubt(word: Assignment, claim: Claim, held_up: HeldUp) -> bool:
    """Whether a person has still to say if it came in time, though it came late."""
    stands = word.timing == "late" and word.outcome not in ("refused", "withdrawn") and not word.duplicate_of
    return stands and not claim.deemed and word.due_at is not None and held_up(claim, word.due_at)


def _doubted(word: Assignment) -> Assignment:
    reason = HELD_UP if word.acceptable else word.reason
    return replace(word, timing="unknown", reason=reason, notes=(*word.notes, HELD_UP))


def _outcome(claim: Claim, placement: Placement) -> tuple[Outcome, str | None]:
    """The outcome by the claim's own facts and the person's word, with the reason for review or refusal."""
    if claim.person_outcome in ("refused", "withdrawn"):
        return claim.person_outcome, claim.refused
    if claim.person_outcome is None:
        if claim.blocked:
            return "in_review", claim.blocked
        if claim.refused:
            return "refused", claim.refused
        if placement.doubtful or placement.period is None:
            return "in_review", "ambiguous_period"
    if claim.person_outcome == "accepted" or (
        claim.recognised and not claim.refused and claim.core_stated >= claim.core_total
    ):
        return "accepted_with_warnings" if claim.warnings else "accepted", None
    return "incomplete", claim.refused


def _creditable(claim: Claim) -> bool:
    if claim.person_outcome in ("accepted", "credited"):
        return True
    return claim.recognised and 2 * claim.core_stated >= claim.core_total


def _timed(word: Assignment, claim: Claim, period: Period, slots: Slots) -> Assignment:
    due = slots.due(period.key)
    due_at, why = (due.due_at, due.due_why) if due else (period.due_at, period.due_why)
    original = due.due_original if due else period.due_original
    timing, late = _timing(word, claim, due_at, slots)
    return replace(
        word,
        timing=timing,
        late_seconds=late,
        due_at=due_at,
        due_original=original,
        due_why=why,
        notes=(*word.notes, *(("moved",) if due_at != original else ()), *_due_notes(claim, due, period, slots)),
    )


def _timing(word: Assignment, claim: Claim, due_at: datetime, slots: Slots) -> tuple[Timing, int]:
    """On time or late, and by how many seconds."""
    if word.outcome == "in_review" and word.reason == "clock_disagrees":
        return "unknown", 0
    if slots.calendar.is_on_time(claim.received_at, due_at, slots.kind):
        return "on_time", 0
    return "late", slots.calendar.late_seconds(claim.received_at, due_at)


def _due_notes(claim: Claim, due: DueState | None, period: Period, slots: Slots) -> tuple[str, ...]:
    """Codes for letters: what is special about the due."""
    status = (due.status,) if due and due.status != "required" else ()
    if not period.covers or not claim.recognised:
        return status
    if not slots.carries(claim, period):
        return (*status, "skipped_wanted")
    return (*status, "covers_skipped" if slots.reaches(claim, period) else "own_wanted")


def _compared(word: Assignment, claim: Claim, book: Judged) -> Assignment:
    """Mark a repeated content: a duplicate of the same due adds nothing, for another due it is a finding."""
    copy, period = None, word.period
    if period and claim.person_outcome is None:
        if word.outcome not in ("in_review", "refused") and book.refused_before(claim, period):
            word = _refused_before(word)
        copy = book.first_copy(claim, period, clean=word.outcome != "in_review")
    if copy is None:
        other = book.other_due(claim, word.period)
        return replace(word, same_content_as=other, notes=(*word.notes, SAME_CONTENT)) if other else word
    first = copy[1]
    return replace(
        word, duplicate_of=first.ref, outcome=first.outcome, reason=first.reason, acceptable=False, creditable=False
    )


def _refused_before(word: Assignment) -> Assignment:
    """The same word, waiting for a person."""
    notes = (*word.notes, REFUSED_BEFORE)
    return replace(word, outcome="in_review", reason=None, acceptable=False, creditable=False, notes=notes)


def _sent_again(first: Claim, later: Claim) -> bool:
    """Whether a person had withdrawn or refused the first copy before the later one came: the later one counts anew.

    Nobody knows when it was withdrawn: it does; when it was refused: it is the copy it looks like.
    """
    if first.person_outcome not in ("withdrawn", "refused"):
        return False
    if first.decided_at is None:
        return first.person_outcome == "withdrawn"
    return later.received_at >= first.decided_at
