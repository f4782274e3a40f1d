"""The tables of what is owed: periods, dues and the steps the clock took about them. A change of a period or due is a further row.

Dues are frozen when their period opens (``write_dues``); how they stand is computed, never kept here.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index

from storage.fields import Row, day, moment, number, plain, points_to, text


class PeriodTable(Row, table=True):
    """A period as opened, or a change of it for everybody; the latest row counts."""

    __tablename__ = "period"
    id: int | None = number()
    key: str = text(index=True)
    type: str = text(index=True)
    window_from: date = day()
    window_to: date = day()
    due_original: datetime = moment()
    due_at: datetime = moment()
    due_why: str | None = text(default=None)
    skipped: bool = False
    calendar_version: str = text(default="")
    roster_version: str = text(default="")
    change: bool = False  # made after (or before) the opening, for everybody
    seq: int = points_to("log_entry.seq")
    at: datetime = moment()


class DueTable(Row, table=True):
    """A due as frozen at opening, or one change of it; the latest row counts."""

    __tablename__ = "due"
    __table_args__ = (Index(None, "period", "agency"), Index(None, "period", "due_at"))
    id: int | None = number()
    period: str = text()
    type: str = text()
    agency: str = text(index=True)
    status: str = text()
    due_at: datetime = moment()
    due_original: datetime = moment()
    due_why: str | None = text(default=None)
    paper: str = text(default="not_required")
    paper_number: str = text(default="")
    reason: str = text(default="")
    after_cutoff: bool = False
    seq: int = points_to("log_entry.seq")
    at: datetime = moment()


class StepRow(Row, table=True):
    """A thing the clock owed and did."""

    __tablename__ = "step"
    type: str = text(primary_key=True)
    period: str = text(primary_key=True)
    step: str = text(primary_key=True)
    at: datetime = moment()
    detail: dict[str, Any] = plain(default_factory=dict)
    seq: int = points_to("log_entry.seq")
