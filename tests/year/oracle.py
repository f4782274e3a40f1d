"""The oracle: product.md read again from scratch, as slowly and plainly as it can be written. It shares no code with the service.

``classes(year, period, as_of)`` says for every agency that owes a period what its class is at a moment, from the facts of the year
alone: who sent what when, what people decided, when the service looked. Every function starts from the facts again.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any

from tests.year.facts import ZONE, Act, Mail, Report, Year

DAY = timedelta(days=1)
_KNOWN: dict[tuple[Any, ...], Any] = {}


def remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same question about the same year has the same answer: asked once."""

    @wraps(function)
    def ask(year: Year, *rest: Any) -> Any:
        key = (function.__name__, id(year), *rest)
        if key not in _KNOWN:
            _KNOWN[key] = function(year, *rest)
        return _KNOWN[key]

    return ask


LATE_DAYS = {"weekly": 3, "monthly": 10, "quarterly": 20}
RANK = ("on_time", "cured", "late", "incomplete", "missing")


@dataclass(frozen=True)
class Slot:
    """A period, by its cutoff before and after any move."""

    key: str
    type: str
    cutoff: date
    first: date  # data window
    last: date
    due: datetime
    skipped: bool
    carries: int = 0  # skipped weeks right before it


@dataclass(frozen=True)
class Claim:
    """One report of one agency for some period of its type."""

    mail: Mail
    report: Report
    held: bool  # a person must say whose it is
    gone: bool  # withdrawn by a person


# ---- days ------------------------------------------------------------------------------------------------------------
@remembered
def works(year: Year, day: date) -> bool:
    if day in year.days_off:
        return False
    return day in year.days_worked or day.weekday() < 5


def next_workday(year: Year, day: date) -> date:
    day += DAY
    while not works(year, day):
        day += DAY
    return day


def workday_before(year: Year, day: date) -> date:
    day -= DAY
    while not works(year, day):
        day -= DAY
    return day


def workdays_after(year: Year, day: date, until: date) -> int:
    n = 0
    while day < until:
        day += DAY
        n += works(year, day)
    return n


def moment(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), tzinfo=ZONE)


# ---- periods ---------------------------------------------------------------------------------------------------------
@remembered
def slots(year: Year, type_: str, as_of: datetime) -> list[Slot]:
    """Every period of the year, with what people had changed by then."""
    if type_ == "weekly":
        plain = [_week(year, day) for day in _fridays(year)]
    elif type_ == "monthly":
        plain = [_month(year, n) for n in range(1, 13)]
    else:
        plain = [_quarter(year, n) for n in range(1, 5)]
    changed = [_changed(year, slot, as_of) for slot in plain if slot.cutoff >= year.start]
    found = []
    for n, slot in enumerate(changed):
        carries = 0
        while slot.type == "weekly" and not slot.skipped and n - carries >= 1 and changed[n - carries - 1].skipped:
            carries += 1
        found.append(
            Slot(
                slot.key,
                slot.type,
                slot.cutoff,
                slot.first - carries * 7 * DAY,
                slot.last,
                slot.due,
                slot.skipped,
                carries,
            )
        )
    return found


def knows(year: Year, key: str) -> bool:
    """Whether that period is one of the year, or a week of the January after."""
    type_ = key.partition(":")[0]
    return any(slot.key == key for slot in slots(year, type_, datetime.max.replace(tzinfo=ZONE)))


def _fridays(year: Year) -> list[date]:
    day = date(year.start.year, 1, 1)
    while day.weekday() != 4:
        day += DAY
    found = []
    while day <= date(year.start.year + 1, 1, 31):
        found.append(day)
        day += 7 * DAY
    return found


def _week(year: Year, friday: date) -> Slot:
    due_day, skipped = friday, False
    if not works(year, friday):
        due_day = next_workday(year, friday)
        between = workdays_after(year, due_day, friday + 6 * DAY)  # strictly between it and the next cutoff day
        skipped = between < 3
    return Slot(f"weekly:{friday}", "weekly", friday, friday - 7 * DAY, friday - DAY, moment(due_day, 10), skipped)


def _month(year: Year, n: int) -> Slot:
    last = date(year.start.year, n, monthrange(year.start.year, n)[1])
    friday = last
    while friday.weekday() != 4:
        friday -= DAY
    due_day = friday if works(year, friday) else next_workday(year, friday)
    return Slot(
        f"monthly:{year.start.year}-{n:02d}", "monthly", friday, last.replace(day=1), last, moment(due_day, 10), False
    )


def _quarter(year: Year, n: int) -> Slot:
    month = 3 * n
    last = date(year.start.year, month, monthrange(year.start.year, month)[1])
    day = date(year.start.year, month, 19)
    due_day = day if works(year, day) else workday_before(year, day)
    key = f"quarterly:{year.start.year}-Q{n}"
    return Slot(key, "quarterly", day, date(year.start.year, month - 2, 1), last, moment(due_day, 23, 59, 59), False)


def _changed(year: Year, slot: Slot, as_of: datetime) -> Slot:
    for key, due in year.set_periods:
        if key == slot.key:
            slot = _moved(slot, due)
    for act in year.acts:
        if act.what in ("skip", "move") and act.period == slot.key and act.at <= as_of:
            slot = _moved(slot, act.until)
    return slot


def _moved(slot: Slot, due: datetime | None) -> Slot:
    return Slot(slot.key, slot.type, slot.cutoff, slot.first, slot.last, due or slot.due, due is None)


# ---- who owes ---------------------------------------------------------------------------------------------------------
def in_force(year: Year, code: str, day: date) -> bool:
    for row in year.agencies:
        if row.code == code and row.owes and (row.first or date.min) <= day <= (row.last or date.max):
            return True
    return False


def owes(year: Year, code: str, slot: Slot) -> bool:
    """Valid at the cutoff moment and on the last day of the data window before it."""
    last = min(slot.last, slot.cutoff - DAY)
    return in_force(year, code, slot.due.astimezone(ZONE).date()) and in_force(year, code, last)


def due_of(year: Year, code: str, slot: Slot, as_of: datetime) -> tuple[str, datetime]:
    """Status and own moment of a due, after what people did."""
    status, due = "required", slot.due
    for act in year.acts:
        if act.at > as_of or act.period != slot.key or act.agency != code:
            continue
        if act.what == "extend":
            assert act.until
            status, due = "extended", act.until
        elif act.what == "reopen":
            status, due = "required", slot.due
        elif act.what in ("waive", "not-applicable"):
            status = {"waive": "waived"}.get(act.what, "not_applicable")
    return status, due


# ---- whose report, for which period -----------------------------------------------------------------------------------
def claims(year: Year, code: str, type_: str, as_of: datetime) -> list[Claim]:
    """Everything that may be this agency's, of that type, in order of receipt."""
    found = claims_of_all(year, as_of).get((code, type_), [])
    return sorted(found, key=lambda c: (c.mail.received, c.mail.n))


@remembered
def claims_of_all(year: Year, as_of: datetime) -> dict[tuple[str, str], list[Claim]]:
    """Every claim the service had seen by then, by agency and type."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for mail in year.mails:
        if seen_at(year, mail.received) > as_of:
            continue
        for report in map(legible, mail.reports):
            whose, held = attributed(year, mail, report, as_of)
            found.setdefault((whose, report.type), []).append(Claim(mail, report, held, withdrawn(year, mail, as_of)))
    return found


def legible(report: Report) -> Report:
    """What anybody can know of a report: of a file that cannot be opened neither window, period nor letterhead."""
    return replace(report, window=None, stated=None, letterhead="") if report.broken else report


@remembered
def seen_at(year: Year, received: datetime) -> datetime:
    """When the service first looked after the mail had come."""
    for stop in year.stops:
        if stop >= received:
            return stop
    return datetime.max.replace(tzinfo=ZONE)


def attributed(year: Year, mail: Mail, report: Report, as_of: datetime) -> tuple[str, bool]:
    """The agency, and whether a person must say so first. Full address decides; letterhead only asks."""
    day = mail.received.astimezone(ZONE).date()
    for act in year.acts:
        if act.what == "attribute" and act.mail == mail.n and act.at <= as_of:
            return act.agency, False
    sender = ""
    for row in year.agencies:
        if row.address == mail.sender and (row.first or date.min) <= day <= (row.last or date.max):
            sender = row.code
    if not sender:
        return (
            (report.letterhead, True) if report.letterhead and in_force(year, report.letterhead, day) else ("", False)
        )
    for row in year.agencies:  # a successor may correct its predecessor's closed dues
        if row.code == report.letterhead and row.successor == sender:
            return row.code, False
    return (sender, False) if in_force(year, sender, day) else ("", False)


def withdrawn(year: Year, mail: Mail, as_of: datetime) -> bool:
    return any(act.what == "withdraw" and act.mail == mail.n and act.at <= as_of for act in year.acts)


def acceptable(claim: Claim) -> bool:
    """Every core line stated."""
    return not (claim.held or claim.gone or claim.report.broken) and all(v is not None for v in claim.report.core)


def creditable(claim: Claim) -> bool:
    """At least half of the core lines stated."""
    stated = sum(v is not None for v in claim.report.core)
    return not (claim.held or claim.gone or claim.report.broken) and 2 * stated >= len(claim.report.core)


@remembered
def placed(year: Year, code: str, type_: str, as_of: datetime) -> list[tuple[Claim, Slot | None]]:
    """Each claim with its period, decided one after the other by what came before."""
    every = slots(year, type_, as_of)
    owed = [s for s in every if not s.skipped and owes(year, code, s)]
    done: list[tuple[Claim, Slot | None]] = []
    for claim in claims(year, code, type_, as_of):
        done.append((claim, _place(year, code, claim, every, owed, done, as_of)))
    return done


def _place(
    year: Year,
    code: str,
    claim: Claim,
    every: list[Slot],
    owed: list[Slot],
    done: list[tuple[Claim, Slot | None]],
    as_of: datetime,
) -> Slot | None:
    named = [s for s in every if s.key == claim.mail.names]
    if named:
        return named[0]
    report = claim.report
    if report.type == "weekly" and report.window:
        return _by_window(year, code, claim, owed, done, as_of)
    if report.stated:
        return next((s for s in owed if s.key == f"{report.type}:{report.stated}"), None)
    return _unstated(year, code, claim, owed, done, as_of)


def _by_window(
    year: Year, code: str, claim: Claim, owed: list[Slot], done: list[tuple[Claim, Slot | None]], as_of: datetime
) -> Slot | None:
    assert claim.report.window
    first, last = claim.report.window
    for other, slot in done:  # the same window again is of the same due
        if slot and other.report.window == claim.report.window and not other.mail.names:
            return slot
    best: list[tuple[int, Slot]] = []
    for slot in owed:
        week_first = slot.cutoff - (6 + 7 * slot.carries) * DAY
        days = (min(last, slot.cutoff) - max(first, week_first)).days + 1
        if days > 0:
            best.append((days, slot))
    if not best:
        following = [s for s in owed if last <= s.cutoff <= last + 7 * DAY]
        return following[0] if following else None
    most = max(days for days, _ in best)
    winners = [slot for days, slot in best if days == most]
    long = (last - first).days + 1 > 9
    slot = best[-1][1] if long or len(winners) > 1 else winners[0]
    after = [s for s in owed if s.cutoff > slot.cutoff]
    if last < slot.cutoff or not after:
        return slot
    received = claim.mail.received
    if received > due_of(year, code, after[0], as_of)[1]:
        return slot
    passed = workdays_after(year, slot.cutoff, received.astimezone(ZONE).date())
    earlier = any(
        s == slot
        and acceptable(other)
        and other.report.window
        and other.report.window[::-1] < claim.report.window[::-1]
        for other, s in done
    )
    return after[0] if passed > LATE_DAYS["weekly"] or earlier else slot


def _unstated(
    year: Year, code: str, claim: Claim, owed: list[Slot], done: list[tuple[Claim, Slot | None]], as_of: datetime
) -> Slot | None:
    """The period just closed if it has no acceptable report yet and few working days have passed; else the open one."""
    received = claim.mail.received
    expected = [s for s in owed if due_of(year, code, s, as_of)[0] in ("required", "extended")]
    closed = [s for s in expected if s.due < received]
    still_open = [s for s in expected if s.due >= received]
    if closed:
        last = closed[-1]
        mine = [other for other, slot in done if slot == last]
        if any(other.report.content == claim.report.content for other in mine):
            return last
        due = due_of(year, code, last, as_of)[1]
        grace = max(due, moment(next_workday(year, due.astimezone(ZONE).date()), 17))
        few = workdays_after(year, last.cutoff, received.astimezone(ZONE).date()) <= LATE_DAYS[claim.report.type]
        if not any(acceptable(other) for other in mine) and (received <= grace or few):
            return last
    return still_open[0] if still_open else (closed[-1] if closed else None)


# ---- classes ----------------------------------------------------------------------------------------------------------
def classes(year: Year, key: str, as_of: datetime) -> dict[str, str]:
    """Agency → class of that period at that moment."""
    type_ = key.partition(":")[0]
    slot = next(s for s in slots(year, type_, as_of) if s.key == key)
    found = {}
    for code in dict.fromkeys(row.code for row in year.agencies):
        if frozen(year, code, key):
            found[code] = class_of(year, code, slot, as_of)
    return found


def frozen(year: Year, code: str, key: str) -> bool:
    """Whether the due was frozen when the period opened: by what was known of the calendar then."""
    type_ = key.partition(":")[0]
    now = next(s for s in slots(year, type_, datetime.max.replace(tzinfo=ZONE)) if s.key == key)
    opened = next((stop for stop in year.stops if stop >= moment(now.first, 0)), year.stops[-1])
    then = next(s for s in slots(year, type_, opened) if s.key == key)
    return not then.skipped and owes(year, code, then)


def class_of(year: Year, code: str, slot: Slot, as_of: datetime) -> str:
    if slot.skipped:
        return "not_applicable"
    status, due = due_of(year, code, slot, as_of)
    if status in ("waived", "not_applicable"):
        return status
    if due > as_of:
        return "not_yet_due"
    mine = [c for c, s in placed(year, code, slot.type, as_of) if s and s.key == slot.key and not c.gone]
    plain = _reached(year, [c for c in mine if not c.held], due)
    if any(c.held for c in mine):
        hoped = [Claim(c.mail, _whole(c.report), False, False) if c.held else c for c in mine]
        if RANK.index(_reached(year, hoped, due)) < RANK.index(plain):
            return "in_review"
    return plain


def _whole(report: Report) -> Report:
    return Report(report.type, report.window, report.stated, (1, 1, 1, 1, 1), letterhead=report.letterhead)


def _reached(year: Year, mine: list[Claim], due: datetime) -> str:
    if not mine:
        return "missing"
    good = sorted(c.mail.received for c in mine if acceptable(c))
    if not good:
        return "incomplete"
    if good[0] <= due:
        return "on_time"
    cure = moment(next_workday(year, due.astimezone(ZONE).date()), 17)
    came = any(creditable(c) and c.mail.received <= due for c in mine)
    return "cured" if came and good[0] <= cure else "late"


# ---- the province's sums ------------------------------------------------------------------------------------------------
def total(year: Year, key: str, line: int, as_of: datetime) -> tuple[int, int, int]:
    """Sum of a core line over the top level only, how many stated it, of how many expected."""
    type_ = key.partition(":")[0]
    slot = next(s for s in slots(year, type_, as_of) if s.key == key)
    summed = stated = expected = 0
    for code, due_class in classes(year, key, as_of).items():
        if not top_level(year, code, slot.due.astimezone(ZONE).date()) or due_class not in (*RANK, "in_review"):
            continue
        expected += 1
        good = [c for c, s in placed(year, code, type_, as_of) if s and s.key == key and acceptable(c)]
        if good:
            value = max(good, key=lambda c: (c.mail.received, c.mail.n)).report.core[line]
            assert value is not None
            summed, stated = summed + value, stated + 1
    return summed, stated, expected


def top_level(year: Year, code: str, day: date) -> bool:
    row = next(r for r in year.agencies if r.code == code)
    return not any(
        r.code == row.reports_to and (r.first or date.min) <= day <= (r.last or date.max) for r in year.agencies
    )


def acts_of(year: Year, *kinds: str) -> list[Act]:
    return [act for act in year.acts if act.what in kinds]
