"""The mails being read just now, a few side by side; the service records them one after the other.

Rules (plan, step 4 READ, promise 3):

1. A thread reads one mail through the confined worker; it touches no database.
2. They are taken in the order they were begun. Only a mail that takes longer than ``PATIENCE`` is passed by: a scan of sixty
   pages delays nobody, and a quick run of many mails is recorded in their order. ``in_order``: nobody is passed by.
3. A slow mail gives up its place: another is begun beside it, while fewer than ``SLOW_MAX`` are slow.
4. A pass that is one of many need not wait for the slow ones; whoever is done knocks (``told``).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from parsers.values import MailReading
from storage.records import Mail

AT_ONCE = (
    min(4, os.cpu_count() or 1) + 1
)  # mails: one more than there are cores, for part of the time a mail waits for a child
SLOW_MAX = 4  # mails; each is held in memory whole
PATIENCE = 1.0  # seconds, wall: some twenty times what an ordinary mail takes


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """One mail under way."""

    mail: Mail  # this attempt counted
    reading: Future[MailReading] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)

    @property
    def slow(self) -> bool:
        """Whether it has had its time and is still being read."""
        return not self.reading.done() and self.left == 0

    @property
    def left(self) -> float:
        """Of its time, seconds."""
        return max(0.0, self.since + PATIENCE - time.monotonic())


class Readers:
    """``read`` is called in threads; everything else is for the one thread that records."""

    def __init__(self, read: Callable[[Mail], MailReading], at_once: int = AT_ONCE) -> None:
        self._read = read
        self._at_once = at_once
        self._begun: list[Begun] = []  # in this order
        self._alone: set[int] = set()
        self.told: Callable[[], None] = lambda: None
        self.in_order = False

    @property
    def busy(self) -> frozenset[int]:
        """Mails begun and not taken yet."""
        return frozenset(begun.mail.id for begun in self._begun) | self._alone

    @property
    def room(self) -> bool:
        """Whether another mail may be begun."""
        slow = sum(self._passed_by(begun) for begun in self._begun)
        return slow < SLOW_MAX and len(self._begun) - slow < self._at_once

    def begin(self, mail: Mail) -> None:
        """Start reading a mail."""
        begun = Begun(mail)
        self._begun.append(begun)
        threading.Thread(target=self._work, args=(begun,), name=f"reader-{mail.id}", daemon=True).start()

    @contextmanager
    def alone(self, mail: Mail) -> Iterator[Begun]:
        """One mail read here and now, in whichever thread asks; busy until it is recorded."""
        begun = Begun(mail)
        self._alone.add(mail.id)
        try:
            self._work(begun)
            yield begun
        finally:
            self._alone.discard(mail.id)

    def next(self) -> Begun | None:
        """The next to be recorded, waited for; None when only slow ones are left."""
        while first := next((begun for begun in self._begun if not self._passed_by(begun)), None):
            if not first.reading.done():
                wait([first.reading], None if self.in_order else first.left)
            if first.reading.done():
                return self._taken(first)
        return None

    def linger(self) -> Begun | None:
        """Whoever is done first, however long it takes; None when nobody is being read."""
        if not self._begun:
            return None
        wait([begun.reading for begun in self._begun], return_when=FIRST_COMPLETED)
        return self._taken(next(begun for begun in self._begun if begun.reading.done()))

    def leave(self) -> list[Begun]:
        """Whoever is still being read is given up; their threads end by themselves."""
        left, self._begun = self._begun, []
        return left

    def _passed_by(self, begun: Begun) -> bool:
        return begun.slow and not self.in_order

    def _taken(self, begun: Begun) -> Begun:
        self._begun.remove(begun)
        return begun

    def _work(self, begun: Begun) -> None:
        try:
            begun.reading.set_result(self._read(begun.mail))
        except BaseException as error:  # noqa: BLE001  # told to whoever takes it
            begun.reading.set_exception(error)
        if begun.left == 0:
            self.told()
