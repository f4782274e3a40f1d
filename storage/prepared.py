"""Statements that are always the same, made ready once and given to SQLite's driver as they are.

Rules:

1. A statement comes here only when it is built once for its shape and kept (a constant of a module, or cached): it is remembered for good.
2. What it does is what SQLAlchemy would do: its text, its values as the columns' types write and read them, its errors, and a write is
   told to whoever listens. Finding all that out anew for each of some hundred statements a mail cost several times what SQLite takes.
3. On PostgreSQL, outside a transaction, or with a statement that has more to it, SQLAlchemy runs it as ever. One that asks for many values
   takes them as one (``storage.among``).
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Row = Any  # a tuple whose fields have the columns' names
Given = Mapping[str, Any]
Turn = Callable[[Any], Any]  # a value of ours into the driver's, or back
WRITING = "cchc writes"  # in a connection's ``info``: who is to be told of each table written to
KEPT = 128  # statements the driver keeps compiled; 512 of them cost the service 5 MB


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value the statement asks for: given under that name, or always the same."""

    name: str
    turn: Turn | None
    always: Any = None  # as the driver wants it
    given: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it."""

    text: str
    wanted: tuple[Wanted, ...]  # in the order of the text
    row: Callable[[Sequence[Any]], Row]
    names: tuple[str, ...]
    turns: tuple[tuple[int, Turn], ...]  # place in a row → how to read it
    table: Any = None  # written to

    def values(self, given: Given) -> list[Any]:
        """What the driver is given."""
        return [
            (one.turn(given[one.name]) if one.turn else given[one.name]) if one.given else one.always
            for one in self.wanted
        ]

    def read(self, rows: Sequence[Any]) -> list[Sequence[Any]]:
        """The rows with every value as its type reads it."""
        if not self.turns or not rows:
            return list(rows)
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for place, turn in self.turns:
            columns[place] = map(turn, columns[place])
        return list(zip(*columns, strict=True))


_ready: dict[
    tuple[int, tuple[str, ...]], tuple[Any, Prepared | None]
] = {}  # with the statement, so that its id stays its own


def prepared(connection: Connection, statement: Any, given: Given) -> Prepared | None:
    """The statement made ready for these values; None where SQLAlchemy is to run it."""
    if connection.dialect.name != "sqlite" or not connection.in_transaction():
        return None
    key = (id(statement), tuple(given) if isinstance(statement, Insert) else ())
    known = _ready.get(key)
    if known is None:
        known = _ready[key] = (statement, _made(statement, connection.dialect, key[1]))
    return known[1]


def ask(connection: Connection, statement: Any, given: Given | None = None) -> list[Row]:
    """The rows of a statement that is always the same."""
    given = given or {}
    ready = prepared(connection, statement, given)
    if ready is None:
        return list(connection.execute(statement, given).all())
    return [ready.row(row) for row in ready.read(_run(connection, ready, given).fetchall())]


def plain(connection: Connection, statement: Any, given: Given | None = None) -> tuple[tuple[str, ...], Sequence[Any]]:
    """The same as the columns' names and bare rows."""
    given = given or {}
    ready = prepared(connection, statement, given)
    if ready is None:
        result = connection.execute(statement, given)
        return tuple(result.keys()), result.all()
    return ready.names, ready.read(_run(connection, ready, given).fetchall())


def write(connection: Connection, statement: Any, given: Given) -> tuple[int, int]:
    """Run an INSERT, UPDATE or DELETE that is always the same: how many rows it met, and the number of the row inserted."""
    ready = prepared(connection, statement, given)
    if ready is None:
        done = connection.execute(statement, given)
        key = done.inserted_primary_key if isinstance(statement, Insert) else None
        return done.rowcount, int(key[0]) if key is not None and isinstance(key[0], int) else 0
    _tell(connection, ready)
    cursor = _run(connection, ready, given)
    return cursor.rowcount, cursor.lastrowid or 0


def write_many(connection: Connection, statement: Insert, given: Sequence[Given]) -> None:
    """Insert several rows with the same columns."""
    ready = prepared(connection, statement, given[0])
    if ready is None:
        connection.execute(statement, given)
        return
    _tell(connection, ready)
    values = [ready.values(one) for one in given]
    try:
        _driver(connection).executemany(ready.text, values)
    except sqlite3.Error as fault:
        raise _as_ever(ready.text, values, fault, connection.dialect) from fault


def straight(connection: Connection, text: str) -> None:
    """Say to SQLite's driver what asks for nothing and answers nothing."""
    try:
        _driver(connection).execute(text).close()
    except sqlite3.Error as fault:
        raise _as_ever(text, (), fault, connection.dialect) from fault


def _tell(connection: Connection, ready: Prepared) -> None:
    if told := connection.info.get(WRITING):
        told(ready.table)


def _run(connection: Connection, ready: Prepared, given: Given) -> sqlite3.Cursor:
    values = ready.values(given)
    try:
        return _driver(connection).execute(ready.text, values)
    except sqlite3.Error as fault:
        raise _as_ever(ready.text, values, fault, connection.dialect) from fault


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver  # type: ignore[no-any-return]


def _as_ever(text: str, values: Any, fault: sqlite3.Error, dialect: Dialect) -> BaseException:
    """The error SQLAlchemy would raise."""
    return DBAPIError.instance(text, values, fault, sqlite3.Error, dialect=dialect)


def _made(statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> Prepared | None:
    compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    assert isinstance(compiled, SQLCompiler)
    if any(column.default is None or not column.default.is_scalar for column in compiled.insert_prefetch):
        return None  # a value SQLAlchemy makes anew for every row
    wanted = tuple(_wanted(compiled, name, dialect, columns) for name in compiled.positiontup or ())
    answers = [] if statement.is_dml else list(statement.selected_columns)
    names = tuple(str(column.key) for column in answers)
    turns = ((n, column.type.dialect_impl(dialect).result_processor(dialect, None)) for n, column in enumerate(answers))
    return Prepared(
        str(compiled),
        wanted,
        _row(names),
        names,
        tuple((n, turn) for n, turn in turns if turn),
        statement.table if statement.is_dml else None,
    )


def _row(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Row]:
    kind: Any = namedtuple("Found", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - the fields are the statement's
    return kind._make


def _wanted(compiled: SQLCompiler, name: str, dialect: Dialect, columns: tuple[str, ...]) -> Wanted:
    bound = compiled.binds[name]
    turn = bound.type.dialect_impl(dialect).bind_processor(dialect)
    if name in columns or bound.required:
        return Wanted(bound.key, turn)
    left_out: dict[str, Any] = {column.key: column.default for column in compiled.insert_prefetch}
    value = left_out[name].arg if name in left_out else bound.effective_value
    return Wanted(bound.key, None, always=turn(value) if turn else value, given=False)
