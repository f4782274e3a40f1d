"""Turning table rows into the frozen records and back: columns carry the names of the record's fields."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Executable, Row, Table

_Record = TypeVar("_Record")
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Snapshot:
    """What every question is put to: one consistent snapshot, or the running write transaction.

    Answers marked ``remembered`` are kept for its life; a write to one of their tables throws them away (``forget``).
    """

    __slots__ = ("_answers", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._answers: dict[str, dict[tuple[Any, ...], Any]] = {}

    def forget(self, table: str) -> None:
        """Something was written to that table: what was answered from it no longer holds."""
        for name in _RESTS_ON.get(table, ()):
            self._answers.pop(name, None)

    def knows(self, name: str, *given: Any) -> bool:
        """Whether that question has been answered already."""
        return given in self._answers.get(name, ())


_RESTS_ON: dict[str, list[str]] = {}  # table → the questions answered from it
_Asked = TypeVar("_Asked", bound=Snapshot)


def remembered(
    *tables: str,
) -> Callable[[Callable[Concatenate[_Asked, _Given], _Answer]], Callable[Concatenate[_Asked, _Given], _Answer]]:
    """A question whose answer holds until one of these tables is written to: asked of the database once."""

    def of(question: Callable[Concatenate[_Asked, _Given], _Answer]) -> Callable[Concatenate[_Asked, _Given], _Answer]:
        name = question.__name__
        for table in tables:
            _RESTS_ON.setdefault(table, []).append(name)

        @functools.wraps(question)
        def ask(self: _Asked, *args: _Given.args, **more: _Given.kwargs) -> _Answer:
            given = (*args, *sorted((k, v) for k, v in more.items() if v is not None))
            known = self._answers.setdefault(name, {})
            if given not in known:
                known[given] = question(self, *args, **more)
            answer: _Answer = known[given]
            return answer

        return cast("Callable[Concatenate[_Asked, _Given], _Answer]", ask)

    return of


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
