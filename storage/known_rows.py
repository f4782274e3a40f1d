"""Rows of a small append-only table, read once for a process: the periods opened and changed, the rosters imported.

Rules:

1. What is known is named by its last row's number and the hash of the log entry written with it. Each question asks the
   database for the rows from that number on: were the first of them not that very row, everything is read again. So nothing
   stale is ever answered, also after a restored backup or a write that was taken back.
2. What a running write transaction sees is never kept: it may be taken back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Select, Table, bindparam, select

from storage.prepared import Row, ask
from storage.tables import table

_Made = TypeVar("_Made")
_entry = table("log_entry")


@dataclass(frozen=True, slots=True)
class _Known(Generic[_Made]):
    """Rows up to one, and what was made of them."""

    last: tuple[int, str]  # its number, the hash of its log entry
    rows: tuple[Row, ...]
    made: _Made


class KnownRows(Generic[_Made]):
    """The rows of one table, for each database this process speaks to."""

    def __init__(self, rows: Table, make: Callable[[tuple[Row, ...]], _Made]) -> None:
        self._rows, self._make = rows, make
        self._known: WeakKeyDictionary[object, _Known[_Made]] = WeakKeyDictionary()  # by the engine's pool
        self._lock = threading.Lock()

    def of(self, connection: Connection) -> _Made:
        """What is made of all rows that snapshot sees, by number."""
        pool = connection.engine.pool
        with self._lock:
            known = self._known.get(pool)
        found = self._continued(connection, known) if known else None
        if found is None:
            found = self._built((), tuple(ask(connection, _since(self._rows), {"number": 0})))
        if found is not known and not connection.get_execution_options().get("writing"):
            with self._lock:
                self._known[pool] = found
        return found.made

    def _continued(self, connection: Connection, known: _Known[_Made]) -> _Known[_Made] | None:
        """What is known with the rows written since; None when the last row known is not there, or another."""
        number, proof = known.last
        first, *new = ask(connection, _since(self._rows), {"number": number}) or (None,)
        if first is None or (first.id, first.log_hash) != (number, proof):
            return None
        return self._built(known.rows, tuple(new)) if new else known

    def _built(self, before: tuple[Row, ...], new: tuple[Row, ...]) -> _Known[_Made]:
        rows = before + new
        last = (rows[-1].id, rows[-1].log_hash) if rows else (0, "")
        return _Known(last, rows, self._make(rows))


@cache
def _since(rows: Table) -> Select[Any]:
    """The rows from a number on, with the hash of each one's log entry."""
    statement = select(rows, _entry.c.hash.label("log_hash")).join(_entry, _entry.c.seq == rows.c.seq)
    return statement.where(rows.c.id >= bindparam("number")).order_by(rows.c.id)
