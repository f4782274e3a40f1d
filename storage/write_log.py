"""Writing the intake log: each entry holds the hash of the one before and lands in the transaction of its fact.

Rules: positions are gapless because writes are serialised and a rolled-back transaction takes its entries with it; an
entry is never dated before the last one. The machine's own clock may step back a little or be asked by two threads at
once: up to ``JITTER`` the last entry's moment is taken; further back, and for a given moment always, ``ClockBackwards``.
The payload lies beside the chain under its own salt. A row written with an entry is pinned by ``row_sha256`` in it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select

from storage.chain import GENESIS, canonical, clean, entry_hash, moment_text, payload_hash, sha256_text
from storage.errors import ClockBackwards
from storage.prepared import WRITING, write, write_many
from storage.queries import Queries
from storage.records import Entry, Json
from storage.rows import columns, insertion, records
from storage.tables import table

JITTER = timedelta(seconds=60)
_entry, _payload = table("log_entry"), table("payload")
_LAST = select(*columns(_entry, Entry)).order_by(_entry.c.seq.desc()).limit(1)


def row_sha256(row: Mapping[str, Any]) -> str:
    """What pins a row to its log entry: every column but its own number and position."""
    plain = json.loads(canonical({name: value for name, value in row.items() if name not in ("id", "seq")}))
    return sha256_text(canonical(plain))


class LogWriting(Queries):
    """One write transaction's moment, clock and actor, and the log it appends to."""

    __slots__ = ("_last", "actor", "at", "clock")

    def __init__(self, connection: Connection, at: datetime, clock: str, actor: str) -> None:
        super().__init__(connection)
        connection.info[WRITING] = self._written
        self.clock, self.actor = clock, actor
        last = records(connection, _LAST, Entry, {})
        self._last = last[0] if last else None
        self.at = _not_before(self._last, at, clock)

    def _written(self, rows: Any) -> None:
        if isinstance(rows, Table):
            self.forget(rows.name)

    def log(self, kind: str, subject: str, payload: Json | None = None) -> Entry:
        """Append an entry; addresses, names and subjects belong into the payload only."""
        return self.log_many([(kind, subject, payload or {})])[0]

    def log_many(self, said: Sequence[tuple[str, str, Json]]) -> list[Entry]:
        """Append entries (kind, subject, payload) one after the other, written together."""
        entries: list[Entry] = []
        rows: list[dict[str, Any]] = []
        payloads: list[dict[str, Any]] = []
        salts = secrets.token_hex(16 * len(said))  # at once: each asking lets another thread go first
        for n, (kind, subject, payload) in enumerate(said):
            last, salt, text = self._last, salts[32 * n : 32 * n + 32], canonical(payload)
            fields: dict[str, Any] = {
                "prev": last.hash if last else GENESIS,
                "seq": last.seq + 1 if last else 1,
                "at": moment_text(self.at),
                "clock": self.clock,
                "kind": kind,
                "actor": clean(self.actor),
                "subject": clean(subject),
                "payload_sha256": payload_hash(salt, text),
            }
            fields |= {"hash": entry_hash(fields), "at": self.at}
            rows.append(fields)
            payloads.append({"seq": fields["seq"], "salt": salt, "text": text})
            self._last = Entry(**fields, payload=payload)
            entries.append(self._last)
        if rows:
            write_many(self.connection, insertion(_entry), rows)
            write_many(self.connection, insertion(_payload), payloads)
        return entries

    def _append(self, name: str, row: dict[str, Any], kind: str, subject: str, **said: Any) -> tuple[int, Entry]:
        """Write a row together with its log entry; gives the row's id (0 for tables without) and the entry."""
        rows = table(name)
        entry = self.log(kind, subject, said | {"table": name, "row_sha256": row_sha256(row)})
        return self._insert(rows, row | {"seq": entry.seq}), entry

    def _insert(self, rows: Table, row: dict[str, Any]) -> int:
        _, number = write(self.connection, insertion(rows), row)
        return number if "id" in rows.c else 0


def _not_before(last: Entry | None, at: datetime, clock: str) -> datetime:
    moment_text(at)  # refuses a naive moment
    if last is None or at >= last.at:
        return at
    if clock == "system" and last.at - at <= JITTER:
        return last.at
    raise ClockBackwards(at, last.at, last.seq)
