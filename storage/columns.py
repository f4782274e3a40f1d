"""Column types that mean the same in SQLite and PostgreSQL.

- ``Moment``: aware moments only, kept as UTC (text ``2017-07-21T03:00:00.000000Z`` on SQLite, timestamptz on PostgreSQL);
- ``CleanText``: text without NUL and lone surrogates;
- ``JsonText``: canonical JSON as text, a dict or any plain value out; ``JsonTuple``: the same, a tuple out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.chain import canonical, clean, moment_of, moment_text


class Moment(TypeDecorator[datetime]):
    """A point in time; a naive datetime is refused at the door."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Timestamptz where the database has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware in, UTC stored."""
        if value is None:
            return None
        text = moment_text(value)
        return value.astimezone(UTC) if dialect.name == "postgresql" else text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """UTC out; asked for every moment of every row, so it stands in no one's way."""
        del coltype
        return _stored_moment if dialect.name == "sqlite" else _moment_out

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """UTC out."""
        del dialect
        return _moment_out(value)


@lru_cache(maxsize=20_000)  # one moment stands in hundreds of rows: those of one step, one cutoff
def _stored_moment(value: str | None) -> datetime | None:
    return None if value is None else moment_of(value)


def _moment_out(value: Any) -> datetime | None:
    return _stored_moment(value) if value is None or isinstance(value, str) else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text any database can keep."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """NUL and lone surrogates off."""
        del dialect
        return None if value is None else clean(value)


class JsonText(TypeDecorator[Any]):
    """A plain value as canonical JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Canonical text."""
        del dialect
        return None if value is None else canonical(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """The plain value; asked for every value of every row."""
        del dialect, coltype
        return _plain_out

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The plain value."""
        del dialect
        return _plain_out(value)


class JsonTuple(JsonText):
    """A sequence as canonical JSON text, a tuple again when read."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """The tuple; asked for every value of every row."""
        del dialect, coltype
        return _tuple_out

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The tuple."""
        del dialect
        return _tuple_out(value)


def _plain_out(value: str | None) -> Any:
    return None if value is None else _PLAIN(value)


def _tuple_out(value: str | None) -> Any:
    return None if value is None else () if value == "[]" else tuple(_PLAIN(value))


_PLAIN = json.JSONDecoder().decode
