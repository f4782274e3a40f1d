"""The class of every due of any period, remembered: in the process for the last periods asked for, in the ledger for all of them.

A period whose dues have all passed changes only when something is written about it. The ledger throws its classes away in
the transaction of that write (``storage.search_tables``); what is remembered here is thrown away by what was written since.
Classes rest on the rules and the calendar as well: when either has changed, those are worked out again which that may have
changed (``intake.web.resting``).
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from intake.board import NoSuchPeriod, board_of
from intake.desk import Desk
from intake.rules.values import CLASSES
from intake.web.console import Console
from intake.web.resting import basis, gone
from intake.web.summing import keep_sums
from storage.errors import StorageError
from storage.queries import Queries
from storage.read_console import Stamp
from storage.records import Json

Classes = dict[str, str]  # agency → class
BASIS = "classes_rest_on"  # what the kept classes were worked out by
_ORDER = (*CLASSES, "waived", "not_applicable", "not_yet_due")
_REMEMBERED = 200  # periods


@dataclass(slots=True)
class Standing:
    """Period → class of each due, as of now."""

    _known: OrderedDict[str, Classes] = field(default_factory=OrderedDict)
    _stamp: Stamp = field(default_factory=Stamp)
    _basis: bool = False  # whether the kept classes rest on the rules in force
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def classes(self, desk: Desk, q: Queries, keys: Sequence[str], now: datetime) -> dict[str, Classes]:
        """The classes of these periods, in their order."""
        with self._lock:
            self._refresh(desk, q)
            self._recall(q, keys)
            return {key: self._of(desk, q, key, now) for key in keys}

    def of(self, desk: Desk, q: Queries, dues: set[tuple[str, str]], now: datetime) -> dict[tuple[str, str], str]:
        """(period, agency) → class; a due nobody knows is left out."""
        with self._lock:
            self._refresh(desk, q)
            unknown = {due for due in dues if due[0] not in self._known}
            found = q.classes_of(unknown) if self._basis else {}
            left = dues - found.keys()
            self._recall(q, sorted({period for period, _ in left}))  # who owes nothing there has no class to be found
            for period, agency in left:
                if (due_class := self._of(desk, q, period, now).get(agency)) is not None:
                    found[period, agency] = due_class
        return found

    def counts(self, desk: Desk, q: Queries, keys: Sequence[str], now: datetime) -> dict[str, dict[str, int]]:
        """Period → class → how many dues."""
        with self._lock:
            self._refresh(desk, q)
            found = q.class_counts(keys) if self._basis else {}
            for key in keys:
                if key not in found:
                    found[key] = dict(Counter(self._of(desk, q, key, now).values()))
        return {key: {name: found[key][name] for name in _ORDER if name in found[key]} for key in keys}

    def _refresh(self, desk: Desk, q: Queries) -> None:
        self._basis = self._basis or q.meta(BASIS) == basis(desk.calendar)
        stamp = q.stamp()
        if stamp == self._stamp:
            return
        if (stamp.roster, stamp.aside) != (self._stamp.roster, self._stamp.aside):
            self._known.clear()
        else:
            for key in q.touched_since(self._stamp):
                self._known.pop(key, None)
        self._stamp = stamp

    def _recall(self, q: Queries, keys: Sequence[str]) -> None:
        """Take from the ledger what it keeps of these periods; those remembered are the last to be forgotten."""
        for key in keys:
            if key in self._known:
                self._known.move_to_end(key)
        unknown = [key for key in keys if key not in self._known]
        if unknown and self._basis:
            for key, classes in q.due_classes(unknown).items():
                self._remember(key, classes)

    def _remember(self, key: str, classes: Classes) -> None:
        self._known[key] = classes
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _of(self, desk: Desk, q: Queries, key: str, now: datetime) -> Classes:
        found = self._known.get(key)
        if found is None:
            found = classes_of(desk, q, key, now)
            if "not_yet_due" not in found.values():
                self._remember(key, found)
        return found


def classes_of(desk: Desk, q: Queries, key: str, now: datetime) -> Classes:
    """Worked out: the class of each due of a period."""
    return {line.agency: line.due_class for line in board_of(desk, q, key, now).lines}


def keep(console: Console, most: int = 0) -> int:
    """Work out and keep the classes of closed periods that are not kept, the latest first; how many. 0: all there are."""
    desk, kept = console.reader, 0
    _rest_on(console, basis(desk.calendar))
    with console.ask() as q:
        missing = q.without_classes(1_000_000)
    for key in missing:
        if most and kept >= most:
            break
        now = console.now()
        with console.ask() as q:
            stamp, found = q.stamp(), _worked_out(desk, q, key, now)
        if not found or "not_yet_due" in found.values():
            continue
        with console.write() as tx:
            kept += tx.keep_classes(key, found, stamp)
    return kept


def _rest_on(console: Console, now: Json) -> None:
    """See to it that every class kept rests on that."""
    with console.ask() as q:
        if (before := q.meta(BASIS)) == now:
            return
        lost = gone(q, before, now)
    with console.write() as tx:
        if tx.meta(BASIS) == before:
            tx.drop_classes(None if lost.everything else lost.periods)
            tx.set_meta(BASIS, now)


def _worked_out(desk: Desk, q: Queries, key: str, now: datetime) -> Classes:
    """The same; none of a period that this calendar does not have."""
    try:
        return classes_of(desk, q, key, now)
    except NoSuchPeriod:
        return {}


class Keeper:
    """Keeps the classes of closed periods while the console is up, in a thread of its own."""

    def __init__(self, console: Console, every: float = 60.0) -> None:
        self._console = console
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="classes", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the period under way."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                kept = keep(self._console, most=20) or keep_sums(self._console, most=20)
            except StorageError:
                kept = 0  # locked, or gone for a while: the pages work the classes out themselves
            self._stop.wait(0.05 if kept else self._every)
