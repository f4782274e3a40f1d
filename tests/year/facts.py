"""What happens in a simulated year, as plain facts. Nothing here, in ``province``, ``stories`` or ``oracle`` knows the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency of the province, one row in its life."""

    code: str
    name: str
    level: str
    reports_to: str
    address: str
    owes: bool = True
    first: date | None = None  # first day in force
    last: date | None = None  # last day in force
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What one report in a mail states."""

    type: str
    window: tuple[date, date] | None = None  # stated in the document
    stated: str | None = None  # a period stated in words: "2025-07", "2025-Q3"
    core: tuple[int | None, ...] = ()  # the five core lines; None = left blank
    more: int = 0  # documents sent electronically, of twice as many: two further figures
    broken: bool = False  # the file cannot be opened
    letterhead: str = ""  # code of the agency named on it

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two reports the same."""
        return (self.type, self.letterhead, self.window, self.stated, self.core, self.more)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it entered our side."""

    n: int
    received: datetime
    sender: str  # full address
    reports: tuple[Report, ...]
    names: str | None = None  # the due a receipt in its subject names: "weekly:2025-03-07"
    shape: str = "text"  # text | docx
    tag: str = ""  # the story it belongs to, for people who look


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does at a moment."""

    at: datetime
    what: str  # waive | extend | not-applicable | skip | move | attribute | withdraw | roster
    period: str = ""
    agency: str = ""
    until: datetime | None = None
    mail: int = 0  # n of the mail decided on


@dataclass(frozen=True, slots=True)
class Year:
    """Everything that happens."""

    start: date
    end: date
    agencies: tuple[Agency, ...]
    mails: tuple[Mail, ...]
    acts: tuple[Act, ...]
    stops: tuple[datetime, ...]  # when the service looks: poll and tick
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]
    set_periods: tuple[tuple[str, datetime | None], ...]  # configured: moved there, or skipped (None)
