"""Turning table rows into the frozen records and back: columns carry the names of the record's fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row, Table

_Record = TypeVar("_Record")


class Snapshot:
    """What every question is put to: one consistent snapshot, or the running write transaction."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


_NAMES: dict[type[Any], tuple[str, ...]] = {}


def names(kind: type[Any]) -> tuple[str, ...]:
    """The field names of a record; remembered, this is asked for every row."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return _NAMES[kind]


def columns(table: Table, kind: type[Any]) -> list[Any]:
    """The columns of the table that a record has, in the record's order."""
    return [table.c[name] for name in names(kind) if name in table.c]


def record(kind: type[_Record], row: Row[*tuple[Any, ...]], prefix: str = "", **more: Any) -> _Record:
    """The record of one row whose columns are labelled ``prefix`` + field; other columns are ignored."""
    found = dict(zip(row._fields, row, strict=True))
    if prefix:
        return kind(**{name: found[prefix + name] for name in names(kind) if prefix + name in found}, **more)
    return kind(**{name: found[name] for name in names(kind) if name in found}, **more)


def records(connection: Connection, statement: Executable, kind: type[_Record]) -> tuple[_Record, ...]:
    """All records of a statement."""
    return tuple(record(kind, row) for row in connection.execute(statement))


def values(table: Table, item: Any, without: Iterable[str] = ("id",), **more: Any) -> dict[str, Any]:
    """What to insert for a record: its fields that the table has, with ``more`` on top."""
    skipped = set(without)
    found = {name: getattr(item, name) for name in names(type(item)) if name in table.c and name not in skipped}
    return found | more
