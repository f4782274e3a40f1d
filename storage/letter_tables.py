"""The tables of what we send: the outbox and each change of a letter's state."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql

from storage.fields import Row, moment, number, plain, points_to, several, text

COUNTED = sql("state <> 'withheld'")  # letters that count against the budgets: a flood that nobody answers leaves few


class LetterRow(Row, table=True):
    """The outbox."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("about", "kind", "n"),
        Index(None, "state", "next_try_at"),
        Index(None, "state", "id"),
        Index(None, "agency", "state"),
        Index("ix_letter_created_at_counted", "created_at", sqlite_where=COUNTED, postgresql_where=COUNTED),
    )
    id: int | None = number()
    kind: str = text()
    about: str = text()
    to: list[str] = several()
    facts: dict[str, Any] = plain()
    state: str = text()
    n: int
    withheld_because: str | None = text(default=None)
    agency: str | None = text(default=None)
    period: str | None = text(default=None, index=True)
    message_id: str = text(unique=True)
    seq: int = points_to("log_entry.seq")
    hash: str = text()
    created_at: datetime = moment(index=True)
    attempts: int = 0
    next_try_at: datetime | None = moment(default=None)
    claimed_at: datetime | None = moment(default=None)
    sent_at: datetime | None = moment(default=None)
    smtp_reply: str | None = text(default=None)
    raw_sha256: str | None = text(default=None)


class LetterStateRow(Row, table=True):
    """A change of a letter's state; append-only."""

    __tablename__ = "letter_state"
    id: int | None = number()
    letter_id: int = points_to("letter.id", index=True)
    before: str | None = text(default=None)
    after: str = text()
    why: str | None = text(default=None)
    at: datetime = moment()
