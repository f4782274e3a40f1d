"""What the tables are made of: their naming convention and their kinds of fields.

No ``from __future__ import annotations`` here or in ``storage.tables``: SQLModel reads the real types.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, MetaData
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
BIG = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only an INTEGER key


def text(**more: Any) -> Any:
    """Text any database keeps."""
    return Field(sa_type=CleanText, **more)


def moment(**more: Any) -> Any:
    """An aware moment, kept as UTC."""
    return Field(sa_type=Moment, **more)


def day(**more: Any) -> Any:
    """A day."""
    return Field(sa_type=Date, **more)


def plain(**more: Any) -> Any:
    """A plain value, kept as canonical JSON."""
    return Field(sa_type=JsonText, **more)


def several(**more: Any) -> Any:
    """A tuple of plain values, kept as canonical JSON."""
    return Field(sa_type=JsonTuple, **more)


def number() -> Any:
    """The row's own number."""
    return Field(default=None, sa_column=Column("id", BIG, primary_key=True, autoincrement=True))


def points_to(target: str, *, null: bool = False, index: bool = False) -> Any:
    """The number of a row of another table; of the log, its position."""
    name = target.split(".", maxsplit=1)[0]
    column = {"log_entry": "seq"}.get(name, f"{name}_id")
    return Field(default=None, sa_column=Column(column, BIG, ForeignKey(target), nullable=null, index=index))


class Row(SQLModel):
    """What all tables share."""

    metadata = METADATA
