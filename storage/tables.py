"""The tables. SQLModel stays inside this room; what comes out are the frozen rows of ``storage.records``.

Once-only is a constraint here, never an ``if`` elsewhere: mail(sha256), sighting(account, folder, uidvalidity, uid,
sha256), submission(mail, part, report), receipt and (type, period, agency, revision), letter(about, kind, n),
step(type, period, step). Tables of ``APPEND_ONLY`` refuse every change of
a written row (triggers of the migrations). ``seq`` in any table is the log entry written with the row.

Column names are those of the records.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from storage import account_tables, due_tables, letter_tables, search_tables, stated_tables
from storage.fields import BIG, METADATA, Row, day, moment, number, plain, points_to, several, text

__all__ = [
    "APPEND_ONLY",
    "METADATA",
    "account_tables",
    "due_tables",
    "letter_tables",
    "search_tables",
    "stated_tables",
    "table",
]


SEVERAL = sql("candidates <> '[]'")  # reports that may be of several agencies: few
UNFILED = sql("NOT filed AND NOT gone")  # mails that still lie where they came: few, however many were ever filed
THERE = sql("NOT gone")  # mails that should lie where they were seen: compared with the mailbox every hour
WINDOWS = (
    "id",
    "submission_id",
    "received_at",
    "acceptable",
    "duplicate_of",
)  # of verdicts: what the days of reports are found by


class LogEntryRow(Row, table=True):
    """The chain. The primary key is given by the ledger, gapless."""

    __tablename__ = "log_entry"
    __table_args__ = (Index(None, "kind", "seq"),)
    seq: int = Field(sa_column=Column("seq", BIG, primary_key=True, autoincrement=False))
    at: datetime = moment(index=True)
    clock: str = text()
    kind: str = text()
    actor: str = text()
    subject: str = text(index=True)
    payload_sha256: str = text()
    prev: str = text(unique=True)
    hash: str = text(unique=True)


class PayloadRow(Row, table=True):
    """An entry's payload, erasable: the chain holds only its salted hash. ``text`` is what was hashed, byte for byte."""

    __tablename__ = "payload"
    seq: int = Field(sa_column=Column("seq", BIG, ForeignKey("log_entry.seq"), primary_key=True, autoincrement=False))
    salt: str = text()
    text: str = text()


class MailRow(Row, table=True):
    """One distinct raw mail."""

    __tablename__ = "mail"
    __table_args__ = (Index(None, "state", "id"), Index(None, "state", "received_at"))
    id: int | None = number()
    sha256: str = text(unique=True)
    size: int = Field(sa_type=BigInteger)
    state: str = text()
    reason: str | None = text(default=None)
    automatic: str | None = text(default=None)
    version: int = 1
    attempts: int = 0
    received_at: datetime = moment(index=True)
    internaldate: datetime = moment()
    border_received: datetime | None = moment(default=None)
    seen_at: datetime = moment(index=True)
    sent_at: datetime | None = moment(default=None)
    judged_at: datetime | None = moment(default=None)
    from_address: str = text(default="", index=True)
    subject: str = text(default="")
    message_id: str | None = text(default=None, index=True)
    facts: dict[str, Any] = plain(default_factory=dict)
    search: str = text(default="")  # its words (storage.search_words), what the text index is made from
    erased_seq: int | None = Field(default=None, sa_type=BigInteger)


class SightingRow(Row, table=True):
    """A mail seen at a UID of a folder."""

    __tablename__ = "sighting"
    __table_args__ = (
        UniqueConstraint("account", "folder", "uidvalidity", "uid", "sha256"),
        Index("ix_sighting_unfiled", "account", "id", sqlite_where=UNFILED, postgresql_where=UNFILED),
        Index(
            "ix_sighting_there", "account", "folder", "uidvalidity", "id", sqlite_where=THERE, postgresql_where=THERE
        ),
    )
    id: int | None = number()
    account: str = text()
    folder: str = text()
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    sha256: str = text()
    internaldate: datetime = moment()
    size: int = Field(sa_type=BigInteger)
    border_received: datetime | None = moment(default=None)
    mail_id: int = points_to("mail.id", index=True)
    seen_at: datetime = moment()
    filed: bool = False
    gone: bool = False


class CursorRow(Row, table=True):
    """How far a folder has been fetched inside its UIDVALIDITY epoch."""

    __tablename__ = "cursor"
    account: str = text(primary_key=True)
    folder: str = text(primary_key=True)
    uidvalidity: int = Field(sa_type=BigInteger)
    last_uid: int = Field(sa_type=BigInteger)
    at: datetime = moment()


class MailStateRow(Row, table=True):
    """A change of a mail's state; append-only."""

    __tablename__ = "mail_state"
    id: int | None = number()
    mail_id: int = points_to("mail.id", index=True)
    before: str | None = text(default=None)
    after: str = text()
    why: str | None = text(default=None)
    seq: int = points_to("log_entry.seq")
    at: datetime = moment(index=True)


class PartRow(Row, table=True):
    """One part of a mail as last read."""

    __tablename__ = "part"
    mail_id: int = Field(sa_column=Column("mail_id", BIG, ForeignKey("mail.id"), primary_key=True))
    n: int = Field(primary_key=True)
    path: list[str] = several()
    name: str = text()
    sha256: str = text(index=True)
    size: int = Field(sa_type=BigInteger)
    type: str = text()
    outcome: str = text()
    reason: str | None = text(default=None)
    copy_of: int | None = None
    findings: list[Any] = several(default_factory=list)


class ReadingRow(Row, table=True):
    """One reading of one report; append-only."""

    __tablename__ = "reading"
    id: int | None = number()
    mail_id: int = points_to("mail.id", index=True)
    part_n: int
    report_n: int
    form: str = text()
    form_sha256: str = text()
    reader: str = text()
    at: datetime = moment()
    report: dict[str, Any] = plain()
    seq: int = points_to("log_entry.seq")


class SubmissionRow(Row, table=True):
    """What one report claims."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("mail_id", "part_n", "report_n"),
        Index(None, "agency", "type"),
        Index("ix_submission_days", "id", "window_from", "window_to"),
        Index("ix_submission_id_several", "id", sqlite_where=SEVERAL, postgresql_where=SEVERAL),
    )
    id: int | None = number()
    mail_id: int = points_to("mail.id")
    part_n: int
    report_n: int
    type: str = text()
    agency: str = text()
    received_at: datetime = moment()
    content_key: str = text(default="", index=True)
    candidates: list[str] = several(default_factory=list)
    window_from: date | None = day(default=None)
    window_to: date | None = day(default=None)
    stated_period: str | None = text(default=None)
    answers: str | None = text(default=None)
    core_stated: int = 0
    core_total: int = 0
    recognised: bool = True
    blocked: str | None = text(default=None)
    refused: str | None = text(default=None)
    findings: list[Any] = several(default_factory=list)
    reading_id: int | None = points_to("reading.id", null=True)
    recorded_at: datetime = moment(index=True)
    seq: int = points_to("log_entry.seq")


class VerdictRow(Row, table=True):
    """The judge's word; append-only."""

    __tablename__ = "verdict"
    __table_args__ = (
        Index(None, "agency", "type"),
        Index("ix_verdict_of_submission", "submission_id", "id", "at"),
        Index("ix_verdict_of_period", "period", "agency", *WINDOWS),
    )
    id: int | None = number()
    submission_id: int = points_to("submission.id")
    agency: str = text()
    type: str = text()
    period: str | None = text(default=None)
    how: str = text()
    outcome: str = text()
    timing: str = text()
    late_seconds: int = Field(sa_type=BigInteger)
    received_at: datetime = moment()
    acceptable: bool
    creditable: bool
    due_at: datetime | None = moment(default=None)
    due_original: datetime | None = moment(default=None)
    due_why: str | None = text(default=None)
    receipt: str | None = text(default=None, index=True)
    revision: int | None = None
    duplicate_of: str | None = text(default=None)
    reason: str | None = text(default=None)
    notes: list[str] = several(default_factory=list)
    versions: dict[str, Any] = plain(default_factory=dict)
    rule: str = text(default="")
    seq: int = points_to("log_entry.seq")
    at: datetime = moment(index=True)


class ReceiptRow(Row, table=True):
    """A receipt given; never reused, kept by its submission for that due."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("type", "period", "agency", "revision"),
        UniqueConstraint("submission_id", "period", "agency"),
    )
    receipt: str = text(primary_key=True)
    type: str = text()
    period: str = text()
    agency: str = text()
    revision: int
    submission_id: int = points_to("submission.id")


class DecisionRow(Row, table=True):
    """What a person decided; append-only."""

    __tablename__ = "decision"
    id: int | None = number()
    target: str = text(index=True)
    what: str = text()
    before: str | None = text(default=None)
    after: str | None = text(default=None)
    reason: str = text()
    who: str = text()
    second: str | None = text(default=None)
    seq: int = points_to("log_entry.seq")
    at: datetime = moment()


class AskedRow(Row, table=True):
    """What the judge asks about a report against the agency's own history; append-only, one row for each verdict that asks."""

    __tablename__ = "asked"
    id: int | None = number()
    verdict_id: int = points_to("verdict.id", index=True)
    submission_id: int = points_to("submission.id", index=True)
    findings: list[Any] = several()
    seq: int = points_to("log_entry.seq")
    at: datetime = moment()


class ExplanationRow(Row, table=True):
    """What an agency said of a finding; append-only, the latest for a finding counts."""

    __tablename__ = "explanation"
    __table_args__ = (Index(None, "agency", "type"),)
    id: int | None = number()
    submission_id: int = points_to("submission.id", index=True)
    agency: str = text()
    type: str = text()
    period: str | None = text(default=None, index=True)
    code: str = text()
    about: list[str] = several(default_factory=list)
    message: str = text(default="")
    reason: str = text()
    mail_id: int = points_to("mail.id")
    seq: int = points_to("log_entry.seq")
    at: datetime = moment(index=True)


class ReviewRow(Row, table=True):
    """Something a person must look at."""

    __tablename__ = "review"
    id: int | None = number()
    kind: str = text()
    reason: str = text()
    mail_id: int | None = points_to("mail.id", null=True, index=True)
    submission_id: int | None = points_to("submission.id", null=True, index=True)
    detail: dict[str, Any] = plain(default_factory=dict)
    seq: int = points_to("log_entry.seq")
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(default=None, index=True)
    version: int = 1


class RosterRow(Row, table=True):
    """A roster as imported, whole."""

    __tablename__ = "roster"
    id: int | None = number()
    csv: str = text()
    sha256: str = text()
    effective: date = day()
    seq: int = points_to("log_entry.seq")
    at: datetime = moment()


class MetaRow(Row, table=True):
    """Small facts about ourselves: last good poll, instance epoch."""

    __tablename__ = "meta"
    key: str = text(primary_key=True)
    value: Any = plain(nullable=True)


def table(name: str) -> Table:
    """The table of that name."""
    return METADATA.tables[name]


APPEND_ONLY = (
    "log_entry",
    "reading",
    "verdict",
    "asked",
    "explanation",
    "decision",
    "mail_state",
    "letter_state",
    "period",
    "due",
    "roster",
)
