"""Which period a report is for: the slot rules, in order. Nothing here says whether the report is good.

Rules (facts of the plan and of published practice; the first that applies):

1. A person's word. Then an answer to our letter, or a receipt in the subject, names the due; a window that plainly belongs to
   another owed due is for a person to confirm, and kept where a report is still waited for.
2. Weekly, a window is stated: at most 9 days → the owed slot whose Saturday–Friday week (ending on its cutoff Friday, with the
   weeks of skipped slots it carries) it overlaps most; a tie or a longer window → the last owed slot it reaches.
   ``window_shift`` moves the window by whole weeks first. The same window again stays with the same due. A short window most of
   which lies behind the slot found (no later one is owed: the agency has ended) is for a person to confirm.
3. If that window ends on or after the slot's cutoff day, the mail came at or before the next owed slot's due moment, and more
   than ``late_days`` working days have passed or the due already has an acceptable report of an earlier window: the next one.
4. Not weekly: the period stated in words; else the one holding the window's last day.
5. Nothing stated: the period just closed if it has no acceptable report yet and at most ``late_days`` working days have passed
   (never ending before the cure window or an extension), or one of its reports had this very content; else the open one.
6. What came for a period before it was skipped for everybody stays with it and counts nowhere: the next one's own must still come.
7. A slip of the pen (reversed, too long, too far from receipt, a period nobody owes) is a guess for a person to confirm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from intake.rules.calendar import Calendar
from intake.rules.schedule import DAY
from intake.rules.values import Claim, DueState, How, Period, ReportType

SHORT_WINDOW = 9  # days; a window up to this belongs to the slot it overlaps most
STATED_ELSEWHERE = (
    "stated_elsewhere"  # note: the report's own window or title names another due than the letter it answers
)
BEYOND = "beyond_last"  # note: most of the stated days lie behind the last slot the agency owes
LONG_WINDOW = 35  # days; a longer weekly window is a slip of the pen
FAR_WINDOW = 45  # days between a weekly window's end and receipt; farther is a slip of the pen
EARLY = 45  # days from receipt to the first day of a month or longer period; one that begins later cannot be meant
FAR_SPAN = 183  # days between a month or longer period's last day and receipt; farther is a slip of the year
WEEK = 7 * DAY
_REACH = {"week": 70, "month": 100, "quarter": 200, "half": 400, "year": 800}  # days searched for the next or last slot
_ONCE_REACH = 36_500  # days; the one period of an ad hoc report is found wherever it lies


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a claim belongs."""

    period: Period | None
    how: How
    notes: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a person must confirm the period."""
        return self.how == "guess" or STATED_ELSEWHERE in self.notes or BEYOND in self.notes


class Book(Protocol):
    """What was judged before, in order of receipt."""

    def has_acceptable(self, key: str) -> bool:
        """Whether the due has an acceptable report."""

    def has_earlier_window(self, key: str, window: Window) -> bool:
        """Whether the due has an acceptable report of an earlier window."""

    def placed_before(self, window: Window) -> tuple[str, How] | None:
        """The due that this very window was placed in by the window rules or a person."""

    def has_content(self, key: str, content_key: str) -> bool:
        """Whether a report of the due had this very content."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stated window with both ends, in days."""

    end: date
    start: date

    @property
    def days(self) -> int:
        """Its length, both ends counted; below 1 when reversed."""
        return (self.end - self.start).days + 1

    def overlap(self, first: date, last: date) -> int:
        """How many of its days lie in first..last."""
        return max(0, (min(self.end, last) - max(self.start, first)).days + 1)


def window_of(claim: Claim) -> Window | None:
    """The claim's window; a missing end is seven days away from the other (weekly windows); None when nothing is stated."""
    start, end = claim.window_start, claim.window_end
    if start and end:
        return Window(end, start)
    if end:
        return Window(end, end - 6 * DAY)
    return Window(start + 6 * DAY, start) if start else None


class Slots:
    """The slots of one agency and one report type."""

    def __init__(
        self,
        kind: ReportType,
        calendar: Calendar,
        owes: Callable[[Period], bool],
        due_of: Callable[[str], DueState | None],
        window_shift: int = 0,
        *,
        slips: bool = True,
    ) -> None:
        self.kind = kind
        self.calendar = calendar
        self._owes = owes
        self._due_of = due_of
        self._dues: dict[str, DueState | None] = {}
        self._owed: dict[str, bool] = {}
        self._shift = window_shift * WEEK
        self._slips = slips
        self._reach = timedelta(days=_REACH.get(kind.every, _ONCE_REACH))

    # ---- what is owed ------------------------------------------------------------------------------------------------
    def due(self, key: str) -> DueState | None:
        """The due as frozen or changed, asked once."""
        if key not in self._dues:
            self._dues[key] = self._due_of(key)
        return self._dues[key]

    def due_at(self, period: Period) -> datetime:
        """The due moment of this agency: its own when extended, else the period's."""
        due = self.due(period.key)
        return due.due_at if due else period.due_at

    def owed(self, period: Period) -> bool:
        """Whether the agency owes the period: by the roster, or because its due was frozen when the period opened."""
        if period.key not in self._owed:
            self._owed[period.key] = not period.skipped and (self._owes(period) or self.due(period.key) is not None)
        return self._owed[period.key]

    def between(self, claim: Claim, first: date, last: date) -> list[Period]:
        """Slots by cutoff day that were owed when the claim came."""
        return [
            p for p in self.calendar.periods(self.kind, first, last) if self.owed(p) or self.skipped_since(claim, p)
        ]

    def skipped_since(self, claim: Claim, period: Period) -> bool:
        """Whether the period was owed when the claim came, and skipped for everybody only after (rule 6)."""
        due = self.due(period.key) if period.skipped else None
        return due is not None and due.since is not None and claim.received_at < due.since

    def after(self, period: Period) -> Period | None:
        """The next owed slot."""
        later = self.calendar.periods(self.kind, period.cutoff_day + DAY, period.cutoff_day + self._reach)
        return next(filter(self.owed, later), None)

    def expected(self, period: Period) -> bool:
        """Whether a report is waited for: a waived or not applicable due is not what an unlabelled report is for."""
        due = self.due(period.key)
        return due is None or due.status in ("required", "extended")

    def carries(self, claim: Claim, period: Period) -> bool:
        """Whether the claim's window holds most days of every skipped slot whose data this period's report is to carry."""
        shifted = self._shifted(claim)
        if shifted is None:
            return False
        skipped = [found for key in period.covers if (found := self.calendar.period(key))]
        return all(
            2 * shifted.overlap(one.window_from, one.window_to) > (one.window_to - one.window_from).days
            for one in skipped
        )

    def reaches(self, claim: Claim, period: Period) -> bool:
        """Whether the claim's window holds any day of the slot's own week, and not of skipped ones alone."""
        shifted = self._shifted(claim)
        return shifted is not None and shifted.end >= period.cutoff_day - WEEK

    def _shifted(self, claim: Claim) -> Window | None:
        window = window_of(claim)
        return Window(window.end + self._shift, window.start + self._shift) if window else None

    # ---- the rules ---------------------------------------------------------------------------------------------------
    def place(self, claim: Claim, book: Book) -> Placement:
        """Where the claim belongs, given what was judged before it."""
        person = self._named(claim.person_period)
        if person:
            return Placement(person, "person")
        answered = self._named(claim.answers)
        stated = self._stated(claim, book)
        if answered:
            return self._answered(claim, answered, stated, book)
        return stated or self.inferred(claim, book)

    def _answered(self, claim: Claim, answered: Period, stated: Placement | None, book: Book) -> Placement:
        """The due the answered letter names, unless the report's own words plainly speak of another one."""
        if stated and BEYOND in stated.notes:
            return Placement(answered, "answer", (BEYOND,))
        other = stated.period if stated and not stated.doubtful else None
        if stated is None or other is None or other == answered or self._either(claim, answered, stated, book):
            return Placement(answered, "answer")
        if claim.content_key and book.has_content(other.key, claim.content_key):
            return stated
        if book.has_acceptable(answered.key) and not book.has_acceptable(other.key):
            return Placement(other, stated.how, (*stated.notes, STATED_ELSEWHERE))
        return Placement(answered, "answer", (STATED_ELSEWHERE,))

    def _either(self, claim: Claim, answered: Period, stated: Placement, book: Book) -> bool:
        """Whether the window may as well be reported for the answered due: one slot later or earlier, as rule 3 weighs it."""
        window = window_of(claim)
        if self.kind.every != "week" or window is None or stated.period is None:
            return False
        end = window.end + self._shift
        if stated.how == "window":
            return end >= stated.period.cutoff_day and self.after(stated.period) == answered
        earlier = end >= answered.cutoff_day and self.after(answered) == stated.period
        return earlier and not book.has_earlier_window(answered.key, window)

    def _named(self, key: str | None) -> Period | None:
        period = self.calendar.period(key) if key else None
        return period if period and period.type == self.kind.type else None

    def _stated(self, claim: Claim, book: Book) -> Placement | None:
        window = window_of(claim)
        if self.kind.every == "week" and window:
            return self._by_week(claim, window, book)
        if claim.stated_period and claim.stated_period.partition(":")[0] == self.kind.type:
            return self._by_name(claim, book)
        if window and self.kind.every not in ("week", "once"):
            return self._by_last_day(claim, window, book)
        return None

    def _by_name(self, claim: Claim, book: Book) -> Placement:
        period = self._named(claim.stated_period)
        owed = period and (self.owed(period) or self.skipped_since(claim, period))
        if period and owed and not self._far(claim, period):
            return Placement(period, "stated")
        return self._guess(claim, book)

    def _by_last_day(self, claim: Claim, window: Window, book: Book) -> Placement:
        if window.days >= 1:
            near = self.between(claim, window.end - self._reach, window.end + self._reach)
            holding = next((p for p in near if p.window_from <= window.end <= p.window_to), None)
            if holding and not self._far(claim, holding):
                return Placement(holding, "window")
        return self._guess(claim, book)

    def _far(self, claim: Claim, period: Period) -> bool:
        received = self.calendar.day(claim.received_at)
        far = abs((period.window_to - received).days) > max(FAR_SPAN, self._reach.days // 2)
        return self._slips and self.kind.every != "once" and (far or (period.window_from - received).days > EARLY)

    def _guess(self, claim: Claim, book: Book) -> Placement:
        return Placement(self.inferred(claim, book).period, "guess")

    # ---- weekly windows ----------------------------------------------------------------------------------------------
    def _by_week(self, claim: Claim, window: Window, book: Book) -> Placement:
        if self._slip(claim, window):
            return self._guess(claim, book)
        if window.days < 1:
            window = Window(window.start, window.end)
        again = book.placed_before(window)
        if again and (period := self._named(again[0])):
            return Placement(period, again[1] if again[1] != "person" else "window")
        shifted = Window(window.end + self._shift, window.start + self._shift)
        slot, notes = self._overlapping(claim, shifted)
        if slot is None:
            return self._before_the_first(claim, shifted, book)
        following = self._by_receipt(claim, window, shifted, slot, book)
        return Placement(following, "window+receipt", notes) if following else Placement(slot, "window", notes)

    def _slip(self, claim: Claim, window: Window) -> bool:
        apart = abs((window.end - self.calendar.day(claim.received_at)).days)
        return self._slips and (window.days < 1 or window.days > LONG_WINDOW or apart > FAR_WINDOW)

    def _overlapping(self, claim: Claim, window: Window) -> tuple[Period | None, tuple[str, ...]]:
        """The owed slot of a window, with the note that only this one is credited when it reached several undecided."""
        near = self.between(claim, window.start, window.end + self._reach)
        reached = [(window.overlap(*self._week(claim, p)), p) for p in near]
        reached = [(days, p) for days, p in reached if days]
        if not reached:
            return None, ()
        most = max(days for days, _ in reached)
        best = [p for days, p in reached if days == most]
        if window.days <= SHORT_WINDOW and len(best) == 1:
            beyond = self._slips and window.end > best[0].cutoff_day and 2 * most < window.days
            return best[0], (BEYOND,) if beyond else ()
        last = reached[-1][1]
        whole = len(reached) == 1 or last.window_from <= window.start  # a report of just what this slot carries
        return last, () if whole else ("only_last_credited",)

    def _week(self, claim: Claim, period: Period) -> tuple[date, date]:
        """Saturday to Friday, ending on the cutoff day, with the weeks of the slots it carries that were skipped when the claim came."""
        skipped = [found for key in period.covers if (found := self.calendar.period(key))]
        carried = sum(not self.skipped_since(claim, one) for one in skipped)
        return period.cutoff_day - WEEK + DAY - carried * WEEK, period.cutoff_day

    def _by_receipt(self, claim: Claim, window: Window, shifted: Window, slot: Period, book: Book) -> Period | None:
        """The next owed slot when the receipt says that the window is reported a week later."""
        following = self.after(slot)
        if shifted.end < slot.cutoff_day or following is None or not self._in_time(claim, following):
            return None
        passed = self.calendar.working_days(slot.cutoff_day, self.calendar.day(claim.received_at))
        return following if passed > self.kind.late_days or book.has_earlier_window(slot.key, window) else None

    def _in_time(self, claim: Claim, period: Period) -> bool:
        return self.calendar.late_seconds(claim.received_at, self.due_at(period)) == 0

    def _before_the_first(self, claim: Claim, window: Window, book: Book) -> Placement:
        """No owed slot is reached: the next one if it is the very next week's and the mail is in time for it."""
        following = next(iter(self.between(claim, window.end, window.end + WEEK)), None)
        if following and self._in_time(claim, following):
            return Placement(following, "window+receipt")
        return self._guess(claim, book)

    # ---- nothing stated ----------------------------------------------------------------------------------------------
    def inferred(self, claim: Claim, book: Book) -> Placement:
        """The period just closed, or the open one (rule 5)."""
        today = self.calendar.day(claim.received_at)
        reach = (today - self._reach, today + self._reach)
        near = [p for p in self.between(claim, *reach) if p.skipped or self.expected(p)]
        closed = [p for p in near if not self.calendar.is_on_time(claim.received_at, p.due_at, self.kind)]
        still_open = next((p for p in near if p not in closed), None)
        last = closed[-1] if closed else None
        if last and (still_open is None or self._still_for(last, claim, book)):
            return Placement(last, "inferred", ("inferred",))
        return Placement(still_open, "inferred" if still_open else "guess", ("inferred",) if still_open else ())

    def _still_for(self, closed: Period, claim: Claim, book: Book) -> bool:
        if claim.content_key and book.has_content(closed.key, claim.content_key):
            return True
        if book.has_acceptable(closed.key):
            return False
        due_at = self.due_at(closed)
        cure = self.calendar.cure_until(self.kind, due_at)
        if self.calendar.late_seconds(claim.received_at, max(filter(None, (due_at, cure)))) == 0:
            return True
        return (
            self.calendar.working_days(closed.cutoff_day, self.calendar.day(claim.received_at)) <= self.kind.late_days
        )


def in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Claims by (received_at, mail_sha256, part, report): never by the order of fetching or recording."""
    return sorted(claims, key=lambda c: (c.received_at, c.mail_sha256, *_position(c.ref)))


def _position(ref: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ref.split(".")[1:])
