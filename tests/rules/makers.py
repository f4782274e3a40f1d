"""Values for the tests of the rules: the plan's calendar of 2017, its roster, claims and revisions in one line each."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.rules.calendar import Calendar
from intake.rules.judge import judge
from intake.rules.roster import Roster, parse_roster
from intake.rules.values import Assignment, CalendarRules, Claim, DueState, Period, ReportType, Revision

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CORPUS = Path(__file__).parents[1] / "corpus"
WEEKLY = ReportType("weekly", "week", "weekly", "FRI 10:00")
MONTHLY = ReportType("monthly", "month", "monthly", "last FRI 10:00", late_days=10)
QUARTERLY = ReportType("quarterly", "quarter", "quarterly", "before day 20", late_days=20)


def local(text: str) -> datetime:
    """A moment of the office: "2017-07-21 10:00" or with seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> frozenset[date]:
    return frozenset(map(day, texts))


def calendar(*types: ReportType, start: str = "2017-01-01", **rules) -> Calendar:
    return Calendar(types or (WEEKLY, MONTHLY, QUARTERLY), CalendarRules(start=day(start), **rules))


def period(cal: Calendar, key: str) -> Period:
    found = cal.period(key)
    assert found is not None, key
    return found


def roster() -> Roster:
    return parse_roster((CORPUS / "roster.csv").read_text(encoding="utf-8"))


def claim(ref: str, received: str, window: tuple[str, str] | None = None, **facts) -> Claim:
    """A complete weekly report unless told otherwise; its content is its own."""
    given = {
        "type": "weekly",
        "agency": "STC",
        "mail_sha256": f"{ref:0>12}",
        "content_key": ref,
        "core_stated": 5,
        "core_total": 5,
    }
    if window:
        given |= {"window_start": day(window[0]), "window_end": day(window[1])}
    return Claim(ref=ref, received_at=local(received), **{**given, **facts})


def judged(
    *claims: Claim, kind: ReportType = WEEKLY, cal: Calendar | None = None, owes=None, dues=None, **more
) -> dict[str, Assignment]:
    """The judge's words by ref; every period owed unless told otherwise."""
    known: dict[str, DueState] = {d.period: d for d in dues or ()}
    words = judge(claims, kind, cal or calendar(), owes or (lambda p: True), known.get, **more)
    return {word.ref: word for word in words}


def due(
    key: str,
    agency: str = "STC",
    at: str = "2017-07-21 10:00",
    status: str = "required",
    original: str | None = None,
    **more,
) -> DueState:
    return DueState(key, key.partition(":")[0], agency, status, local(at), local(original or at), **more)


def revision(
    received: str, outcome: str = "accepted", n: int = 1, late: int = 0, creditable: bool | None = None
) -> Revision:
    good = outcome.startswith("accepted")
    return Revision(
        f"{n}.1.1", f"r{n}", n, local(received), late, outcome, good, good if creditable is None else creditable
    )
