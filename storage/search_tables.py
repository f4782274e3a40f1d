"""What the log is searched by: every row here follows from other rows and is written in the same transaction as they.

``search_word``: every word any mail was ever found by. ``log_key``: key → mails, for each filter of the log; a mail may keep a
key that no longer holds (whoever asks looks again), it never lacks one that does. An agency's types and classes are keys as well,
so that what is asked of one agency stands together: beside its mails those of the others are not walked. ``mail_span``: first and last receipt
within each block of ids. ``due_class``: the class of every due of a period whose dues have all passed; a write that could
change one throws the period's away.

The text index ``mail_text`` itself is no table of ours: FTS5 on SQLite, a tsvector on PostgreSQL, kept by triggers on
``mail.search`` (migration 0005).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Text
from sqlmodel import Field

from storage.fields import BIG, Row, moment, plain, text

BLOCK = 1024  # mails of one span
UNOPENED = "unopened"  # stands for the class of a report whose period was not open when it was judged
ANY_CLASS = f"class:{UNOPENED}"  # looked under for every class
BY_BYTES = Text().with_variant(Text(collation="C"), "postgresql")  # in order of code points: words by how they begin


def within(agency: str | None, key: str) -> str:
    """The key of a type or class among the mails of that agency, or among all."""
    return f"agency:{agency} {key}" if agency else key


class SearchWordRow(Row, table=True):
    """A word of some mail."""

    __tablename__ = "search_word"
    word: str = Field(sa_column=Column("word", BY_BYTES, primary_key=True))


class LogKeyRow(Row, table=True):
    """A mail under a key: ``agency:STC``, ``type:weekly``, ``period:weekly:2017-07-21``, ``class:late``, ``agency:STC class:late``."""

    __tablename__ = "log_key"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key: str = text(primary_key=True)
    mail_id: int = Field(sa_column=Column("mail_id", BIG, ForeignKey("mail.id"), primary_key=True))


class MailSpanRow(Row, table=True):
    """When the mails of a block of ids were received: at the earliest, at the latest."""

    __tablename__ = "mail_span"
    block: int = Field(sa_column=Column("block", BIG, primary_key=True, autoincrement=False))
    first: datetime = moment()
    last: datetime = moment()


class DueClassRow(Row, table=True):
    """The class of a due that has passed."""

    __tablename__ = "due_class"
    __table_args__ = ({"sqlite_with_rowid": False},)
    period: str = text(primary_key=True)
    agency: str = text(primary_key=True)
    due_class: str = text()


class ClassCountRow(Row, table=True):
    """A period whose classes stand in ``due_class``, how many dues are of each, and the sums of its results once these were added up."""

    __tablename__ = "class_count"
    __table_args__ = ({"sqlite_with_rowid": False},)
    period: str = text(primary_key=True)
    counts: dict[str, int] = plain()
    sums: dict[str, list[Any]] | None = plain(default=None, nullable=True)
