"""Letters written beside us: while one letter is handed over, the next ones are being written on another core.

Rules:

1. The process (``notifier.scribe_process``) is started when so many letters wait that it is worth it, on a machine with more than one
   core, and leaves when idle; it ends with us, whatever ends us. While it lives it takes part in writing however few.
2. Who takes a letter nobody has begun writes it himself; so nobody ever waits longer than for the one being written. Those with a
   workbook take longest and are begun first, the others in the order they are named.
3. It writes what ``compose`` writes, byte for byte. Whatever goes wrong with it, a letter is then written where it is taken, and so a
   letter that cannot be written fails there, as ever.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from notifier.compose import compose
from notifier.message import Attachment
from notifier.office import Office
from notifier.scribe_process import IDLE, ScribeProcess
from notifier.titles import in_force
from storage.records import Letter
from storage.vault import kept

WORTH_IT = 55  # letters named, as after a cutoff: it holds 30 MB, which a backlog's few at a time are not worth
PATIENCE = 60.0  # seconds a letter begun is waited for
_LONG = frozenset(("digest", "summary"))  # kinds with a workbook


@dataclass(frozen=True, slots=True)
class Job:
    """A letter to be written."""

    letter: Letter
    office: Office
    at: datetime
    files: tuple[tuple[str, Path], ...] = ()  # name and place in the vault; read only where the letter is written

    def bytes(self) -> bytes:
        """The letter, written here; raises whatever ``compose`` does, ``NotFound`` for a file that is not kept."""
        files = [Attachment(name, kept(place)) for name, place in self.files]
        return compose(self.letter, self.office, self.at, files).raw


@dataclass(slots=True, eq=False)
class _Page:
    """A job, and what came of it."""

    job: Job
    begun: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    raw: bytes | None = None


class Scribe:
    """Writes ahead; for the one thread that sends letters."""

    def __init__(self, *, worth_it: int = WORTH_IT, idle: float = IDLE) -> None:
        self._worth_it = worth_it
        self._process = ScribeProcess(idle)
        self._pages: dict[int, _Page] = {}  # by the letter's number
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        self._over = False

    def ahead(self, jobs: Sequence[Job]) -> None:
        """These letters will be asked for soon, and no others."""
        with self._lock:
            known, self._pages = self._pages, {}
            if len(jobs) < self._worth_it and not self._process.lives:
                return
            for job in jobs:
                page = known.get(job.letter.id)
                self._pages[job.letter.id] = page if page and page.job == job else _Page(job)
            if self._thread is None and not self._over:
                self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
                self._thread.start()
            self._lock.notify()

    def take(self, job: Job) -> bytes:
        """The letter's bytes: written ahead, or here and now."""
        with self._lock:
            page = self._pages.pop(job.letter.id, None)
        if page is None or not page.begun or page.job != job:
            return job.bytes()
        page.done.wait(PATIENCE)
        return job.bytes() if page.raw is None else page.raw

    def forget(self) -> None:
        """Nothing of what was to be asked for will be."""
        with self._lock:
            self._pages = {}

    def close(self) -> None:
        """End the process: nothing is lost with it."""
        with self._lock:
            self._over, self._pages = True, {}
            self._lock.notify()
        self._process.kill()
        if self._thread:
            self._thread.join()

    def _work(self) -> None:
        try:
            while (page := self._next()) is not None:
                try:
                    page.raw = self._process.write((in_force(), page.job))
                finally:
                    page.done.set()
        finally:
            self._process.leave()

    def _next(self) -> _Page | None:
        """The next to be written, waited for; None when it is over."""
        with self._lock:
            while not self._over:
                waiting = [page for page in self._pages.values() if not page.begun]
                if waiting:
                    page = min(waiting, key=lambda page: page.job.letter.kind not in _LONG)
                    page.begun = True
                    return page
                self._lock.wait()
        return None


class AtOnce(Scribe):
    """Writes every letter where it is asked for: on one core there is no other to write it."""

    def ahead(self, jobs: Sequence[Job]) -> None:
        """Nothing."""


def scribe_for_this_machine() -> Scribe:
    """One with a process where there is a core for it."""
    return Scribe() if (os.cpu_count() or 1) > 1 else AtOnce()
