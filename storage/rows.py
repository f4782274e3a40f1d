"""Turning table rows into the frozen records and back: columns carry the names of the record's fields."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Executable, Insert, Select, Table, Update, bindparam, insert, select, update

from storage.prepared import Row, plain, write

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


@functools.cache
def _places(kind: Any, fields: tuple[str, ...], prefix: str) -> tuple[tuple[str, int], ...]:
    """Which column of a row holds which field of the record."""
    place = {name: n for n, name in enumerate(fields)}
    return tuple((name, place[prefix + name]) for name in names(kind) if prefix + name in place)


def record(kind: type[_Record], row: Row, prefix: str = "", **more: Any) -> _Record:
    """The record of one row whose columns are labelled ``prefix`` + field; other columns are ignored."""
    return kind(**{name: row[n] for name, n in _places(cast("Any", kind), row._fields, prefix)}, **more)


def records(
    connection: Connection, statement: Executable, kind: type[_Record], given: Mapping[str, Any] | None = None
) -> tuple[_Record, ...]:
    """All records of a statement. With ``given`` it is one that is always the same (``storage.prepared``)."""
    if given is not None:
        fields, rows = plain(connection, statement, given)
    else:
        rows = connection.execute(statement).all()
        fields = rows[0]._fields if rows else ()
    if not rows:
        return ()
    places = _places(cast("Any", kind), fields, "")
    return tuple(kind(**{name: row[n] for name, n in places}) for row in rows)


# A statement is built once for each shape: building it and finding what it was compiled to costs more than running it.


@functools.cache
def _matching(rows: Table, kind: Any, given: tuple[str, ...], order: str) -> Select[Any]:
    statement = select(*columns(rows, kind)).where(*(rows.c[name] == bindparam(name) for name in given))
    return statement.order_by(rows.c[order]) if order else statement


def matching(
    connection: Connection, rows: Table, kind: type[_Record], order: str = "", /, **given: Any
) -> tuple[_Record, ...]:
    """The rows of a table whose columns have these values, none of them null; by ``order``."""
    return records(connection, _matching(rows, cast("Any", kind), tuple(given), order), kind, given)


@functools.cache
def _one_column(rows: Table, column: str, given: tuple[str, ...]) -> Select[Any]:
    return select(rows.c[column]).where(*(rows.c[name] == bindparam(name) for name in given))


def one(connection: Connection, rows: Table, column: str, /, **given: Any) -> Any:
    """One column of the first row with these values, None without one."""
    _, found = plain(connection, _one_column(rows, column, tuple(given)), given)
    return found[0][0] if found else None


@functools.cache
def insertion(rows: Table) -> Insert:
    """``INSERT`` into that table; what is inserted is given when it is executed."""
    return insert(rows)


@functools.cache
def _changing(rows: Table, given: tuple[str, ...], fields: tuple[str, ...]) -> Update:
    where = (rows.c[name] == bindparam(f"was_{name}") for name in given)
    return update(rows).where(*where).values({name: bindparam(f"now_{name}") for name in fields})


def change(connection: Connection, rows: Table, fields: Mapping[str, Any], /, **given: Any) -> int:
    """Change these fields of the rows with those values, none of these null; how many rows there were."""
    now = {f"now_{name}": value for name, value in fields.items()}
    was = {f"was_{name}": value for name, value in given.items()}
    return write(connection, _changing(rows, tuple(given), tuple(fields)), now | was)[0]


def values(table: Table, item: Any, without: Iterable[str] = ("id",), **more: Any) -> dict[str, Any]:
    """What to insert for a record: its fields that the table has, with ``more`` on top."""
    skipped = set(without)
    found = {name: getattr(item, name) for name in names(type(item)) if name in table.c and name not in skipped}
    return found | more
