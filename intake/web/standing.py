"""The class of every due of recent periods, remembered.

A period whose dues have all passed changes only when something is written about it, and the ledger says what was.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from intake.board import board_of
from intake.desk import Desk
from storage.queries import Queries
from storage.read_console import Stamp

Classes = dict[str, str]  # agency → class


@dataclass(slots=True)
class Standing:
    """Period → class of each due, as of now."""

    _known: dict[str, Classes] = field(default_factory=dict)
    _stamp: Stamp = field(default_factory=Stamp)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def classes(self, desk: Desk, q: Queries, keys: Sequence[str], now: datetime) -> dict[str, Classes]:
        """The classes of these periods, in their order."""
        with self._lock:
            self._refresh(q)
            return {key: self._of(desk, q, key, now) for key in keys}

    def _refresh(self, q: Queries) -> None:
        stamp = q.stamp()
        if stamp == self._stamp:
            return
        if stamp.roster != self._stamp.roster:
            self._known.clear()
        else:
            for key in q.touched_since(self._stamp):
                self._known.pop(key, None)
        self._stamp = stamp

    def _of(self, desk: Desk, q: Queries, key: str, now: datetime) -> Classes:
        found = self._known.get(key)
        if found is None:
            board = board_of(desk, q, key, now)
            found = {line.agency: line.due_class for line in board.lines}
            if "not_yet_due" not in found.values():
                self._known[key] = found
        return found
