"""The tables. SQLModel stays inside this room; what comes out are the frozen rows of ``storage.records``.

Once-only is a constraint here, never an ``if`` elsewhere: mail(sha256), sighting(account, folder, uidvalidity, uid,
sha256), submission(mail, part, report), receipt and (type, period, agency, revision), letter(about, kind, n),
step(type, period, step). ``log_entry``, ``reading``, ``verdict``, ``decision`` and ``mail_state`` refuse every change of
a written row (triggers of the first migration). ``seq`` in any table is the log entry written with the row.

Column names are those of the records; no ``from __future__ import annotations`` here: SQLModel reads the real types.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import CleanText, JsonText, JsonTuple, Moment

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Big = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only an INTEGER key


def _text(**more: Any) -> Any:
    return Field(sa_type=CleanText, **more)


def _moment(**more: Any) -> Any:
    return Field(sa_type=Moment, **more)


def _date(**more: Any) -> Any:
    return Field(sa_type=Date, **more)


def _json(**more: Any) -> Any:
    return Field(sa_type=JsonText, **more)


def _tuple(**more: Any) -> Any:
    return Field(sa_type=JsonTuple, **more)


def _key() -> Any:
    return Field(default=None, sa_column=Column("id", _Big, primary_key=True, autoincrement=True))


def _to(target: str, *, null: bool = False, index: bool = False) -> Any:
    name = target.split(".", maxsplit=1)[0]
    column = {"log_entry": "seq"}.get(name, f"{name}_id")
    return Field(default=None, sa_column=Column(column, _Big, ForeignKey(target), nullable=null, index=index))


class Row(SQLModel):
    """What all tables share."""

    metadata = METADATA


class LogEntryRow(Row, table=True):
    """The chain. The primary key is given by the ledger, gapless."""

    __tablename__ = "log_entry"
    seq: int = Field(sa_column=Column("seq", _Big, primary_key=True, autoincrement=False))
    at: datetime = _moment(index=True)
    clock: str = _text()
    kind: str = _text(index=True)
    actor: str = _text()
    subject: str = _text(index=True)
    payload_sha256: str = _text()
    prev: str = _text(unique=True)
    hash: str = _text(unique=True)


class PayloadRow(Row, table=True):
    """An entry's payload, erasable: the chain holds only its salted hash. ``text`` is what was hashed, byte for byte."""

    __tablename__ = "payload"
    seq: int = Field(sa_column=Column("seq", _Big, ForeignKey("log_entry.seq"), primary_key=True, autoincrement=False))
    salt: str = _text()
    text: str = _text()


class MailRow(Row, table=True):
    """One distinct raw mail."""

    __tablename__ = "mail"
    id: int | None = _key()
    sha256: str = _text(unique=True)
    size: int = Field(sa_type=BigInteger)
    state: str = _text(index=True)
    reason: str | None = _text(default=None)
    automatic: str | None = _text(default=None)
    version: int = 1
    attempts: int = 0
    received_at: datetime = _moment(index=True)
    internaldate: datetime = _moment()
    border_received: datetime | None = _moment(default=None)
    seen_at: datetime = _moment(index=True)
    sent_at: datetime | None = _moment(default=None)
    judged_at: datetime | None = _moment(default=None)
    from_address: str = _text(default="", index=True)
    subject: str = _text(default="")
    message_id: str | None = _text(default=None, index=True)
    facts: dict[str, Any] = _json(default_factory=dict)
    search: str = _text(default="")
    erased_seq: int | None = Field(default=None, sa_type=BigInteger)


class SightingRow(Row, table=True):
    """A mail seen at a UID of a folder."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("account", "folder", "uidvalidity", "uid", "sha256"),)
    id: int | None = _key()
    account: str = _text()
    folder: str = _text()
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    sha256: str = _text()
    internaldate: datetime = _moment()
    size: int = Field(sa_type=BigInteger)
    border_received: datetime | None = _moment(default=None)
    mail_id: int = _to("mail.id", index=True)
    seen_at: datetime = _moment()
    filed: bool = False
    gone: bool = False


class CursorRow(Row, table=True):
    """How far a folder has been fetched inside its UIDVALIDITY epoch."""

    __tablename__ = "cursor"
    account: str = _text(primary_key=True)
    folder: str = _text(primary_key=True)
    uidvalidity: int = Field(sa_type=BigInteger)
    last_uid: int = Field(sa_type=BigInteger)
    at: datetime = _moment()


class MailStateRow(Row, table=True):
    """A change of a mail's state; append-only."""

    __tablename__ = "mail_state"
    id: int | None = _key()
    mail_id: int = _to("mail.id", index=True)
    before: str | None = _text(default=None)
    after: str = _text()
    why: str | None = _text(default=None)
    seq: int = _to("log_entry.seq")
    at: datetime = _moment(index=True)


class PartRow(Row, table=True):
    """One part of a mail as last read."""

    __tablename__ = "part"
    mail_id: int = Field(sa_column=Column("mail_id", _Big, ForeignKey("mail.id"), primary_key=True))
    n: int = Field(primary_key=True)
    path: list[str] = _tuple()
    name: str = _text()
    sha256: str = _text(index=True)
    size: int = Field(sa_type=BigInteger)
    type: str = _text()
    outcome: str = _text()
    reason: str | None = _text(default=None)
    copy_of: int | None = None
    findings: list[Any] = _tuple(default_factory=list)


class ReadingRow(Row, table=True):
    """One reading of one report; append-only."""

    __tablename__ = "reading"
    id: int | None = _key()
    mail_id: int = _to("mail.id", index=True)
    part_n: int
    report_n: int
    form: str = _text()
    form_sha256: str = _text()
    reader: str = _text()
    at: datetime = _moment()
    report: dict[str, Any] = _json()
    seq: int = _to("log_entry.seq")


class SubmissionRow(Row, table=True):
    """What one report claims."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("mail_id", "part_n", "report_n"), Index(None, "agency", "type"))
    id: int | None = _key()
    mail_id: int = _to("mail.id")
    part_n: int
    report_n: int
    type: str = _text()
    agency: str = _text()
    received_at: datetime = _moment()
    content_key: str = _text(default="", index=True)
    candidates: list[str] = _tuple(default_factory=list)
    window_from: date | None = _date(default=None)
    window_to: date | None = _date(default=None)
    stated_period: str | None = _text(default=None)
    answers: str | None = _text(default=None)
    core_stated: int = 0
    core_total: int = 0
    recognised: bool = True
    blocked: str | None = _text(default=None)
    refused: str | None = _text(default=None)
    findings: list[Any] = _tuple(default_factory=list)
    reading_id: int | None = _to("reading.id", null=True)
    recorded_at: datetime = _moment(index=True)
    seq: int = _to("log_entry.seq")


class VerdictRow(Row, table=True):
    """The judge's word; append-only."""

    __tablename__ = "verdict"
    __table_args__ = (Index(None, "agency", "type"), Index(None, "submission_id", "id"))
    id: int | None = _key()
    submission_id: int = _to("submission.id")
    agency: str = _text()
    type: str = _text()
    period: str | None = _text(default=None, index=True)
    how: str = _text()
    outcome: str = _text()
    timing: str = _text()
    late_seconds: int = Field(sa_type=BigInteger)
    received_at: datetime = _moment()
    acceptable: bool
    creditable: bool
    due_at: datetime | None = _moment(default=None)
    due_original: datetime | None = _moment(default=None)
    due_why: str | None = _text(default=None)
    receipt: str | None = _text(default=None, index=True)
    revision: int | None = None
    duplicate_of: str | None = _text(default=None)
    reason: str | None = _text(default=None)
    notes: list[str] = _tuple(default_factory=list)
    versions: dict[str, Any] = _json(default_factory=dict)
    rule: str = _text(default="")
    seq: int = _to("log_entry.seq")
    at: datetime = _moment(index=True)


class ReceiptRow(Row, table=True):
    """A receipt given; never reused, kept by its submission for that due."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("type", "period", "agency", "revision"),
        UniqueConstraint("submission_id", "period", "agency"),
    )
    receipt: str = _text(primary_key=True)
    type: str = _text()
    period: str = _text()
    agency: str = _text()
    revision: int
    submission_id: int = _to("submission.id")


class DecisionRow(Row, table=True):
    """What a person decided; append-only."""

    __tablename__ = "decision"
    id: int | None = _key()
    target: str = _text(index=True)
    what: str = _text()
    before: str | None = _text(default=None)
    after: str | None = _text(default=None)
    reason: str = _text()
    who: str = _text()
    second: str | None = _text(default=None)
    seq: int = _to("log_entry.seq")
    at: datetime = _moment()


class ReviewRow(Row, table=True):
    """Something a person must look at."""

    __tablename__ = "review"
    id: int | None = _key()
    kind: str = _text()
    reason: str = _text()
    mail_id: int | None = _to("mail.id", null=True, index=True)
    submission_id: int | None = _to("submission.id", null=True, index=True)
    detail: dict[str, Any] = _json(default_factory=dict)
    seq: int = _to("log_entry.seq")
    opened_at: datetime = _moment()
    closed_at: datetime | None = _moment(default=None, index=True)
    version: int = 1


class PeriodTable(Row, table=True):
    """A period as opened, or a change of it for everybody; the latest row counts."""

    __tablename__ = "period"
    id: int | None = _key()
    key: str = _text(index=True)
    type: str = _text(index=True)
    window_from: date = _date()
    window_to: date = _date()
    due_original: datetime = _moment()
    due_at: datetime = _moment()
    due_why: str | None = _text(default=None)
    skipped: bool = False
    calendar_version: str = _text(default="")
    roster_version: str = _text(default="")
    change: bool = False  # made after (or before) the opening, for everybody
    seq: int = _to("log_entry.seq")
    at: datetime = _moment()


class DueTable(Row, table=True):
    """A due as frozen at opening, or one change of it; the latest row counts."""

    __tablename__ = "due"
    __table_args__ = (Index(None, "period", "agency"),)
    id: int | None = _key()
    period: str = _text()
    type: str = _text()
    agency: str = _text(index=True)
    status: str = _text()
    due_at: datetime = _moment()
    due_original: datetime = _moment()
    due_why: str | None = _text(default=None)
    paper: str = _text(default="not_required")
    paper_number: str = _text(default="")
    reason: str = _text(default="")
    after_cutoff: bool = False
    seq: int = _to("log_entry.seq")
    at: datetime = _moment()


class LetterRow(Row, table=True):
    """The outbox."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("about", "kind", "n"), Index(None, "state", "next_try_at"))
    id: int | None = _key()
    kind: str = _text()
    about: str = _text()
    to: list[str] = _tuple()
    facts: dict[str, Any] = _json()
    state: str = _text()
    n: int
    withheld_because: str | None = _text(default=None)
    agency: str | None = _text(default=None, index=True)
    period: str | None = _text(default=None, index=True)
    message_id: str = _text(unique=True)
    seq: int = _to("log_entry.seq")
    hash: str = _text()
    created_at: datetime = _moment()
    attempts: int = 0
    next_try_at: datetime | None = _moment(default=None)
    claimed_at: datetime | None = _moment(default=None)
    sent_at: datetime | None = _moment(default=None)
    smtp_reply: str | None = _text(default=None)
    raw_sha256: str | None = _text(default=None)


class LetterStateRow(Row, table=True):
    """A change of a letter's state; append-only."""

    __tablename__ = "letter_state"
    id: int | None = _key()
    letter_id: int = _to("letter.id", index=True)
    before: str | None = _text(default=None)
    after: str = _text()
    why: str | None = _text(default=None)
    at: datetime = _moment()


class StepRow(Row, table=True):
    """A thing the clock owed and did."""

    __tablename__ = "step"
    type: str = _text(primary_key=True)
    period: str = _text(primary_key=True)
    step: str = _text(primary_key=True)
    at: datetime = _moment()
    detail: dict[str, Any] = _json(default_factory=dict)
    seq: int = _to("log_entry.seq")


class RosterRow(Row, table=True):
    """A roster as imported, whole."""

    __tablename__ = "roster"
    id: int | None = _key()
    csv: str = _text()
    sha256: str = _text()
    effective: date = _date()
    seq: int = _to("log_entry.seq")
    at: datetime = _moment()


class MetaRow(Row, table=True):
    """Small facts about ourselves: last good poll, instance epoch."""

    __tablename__ = "meta"
    key: str = _text(primary_key=True)
    value: Any = _json(nullable=True)


def table(name: str) -> Table:
    """The table of that name."""
    return METADATA.tables[name]


APPEND_ONLY = ("log_entry", "reading", "verdict", "decision", "mail_state", "letter_state", "period", "due", "roster")
