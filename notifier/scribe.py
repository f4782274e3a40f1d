"""A process that writes letters beside us: while one letter is handed over, the next ones are being written on another core.

Rules:

1. It is started when so many letters wait that it is worth it, on a machine with more than one core, and leaves when idle; it ends with
   us, whatever ends us.
2. Who takes a letter nobody has begun writes it himself; so nobody ever waits longer than for the one being written. Those with a
   workbook take longest and are begun first.
3. It writes what ``compose`` writes, byte for byte. Whatever goes wrong with it, a letter is then written where it is taken, and so a
   letter that cannot be written fails there, as ever.
4. It knows no database, no mail server and no secret: letter, office and files come to it, bytes go back.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from notifier.compose import compose
from notifier.message import Attachment
from notifier.office import Office
from notifier.titles import Title, in_force, own_titles
from storage.errors import StorageError
from storage.records import Letter

WORTH_IT = 48  # letters waiting, as after a cutoff: it holds 30 MB, which a backlog's few at a time are not worth
PATIENCE = 60.0  # seconds a letter begun is waited for
IDLE = 300.0  # seconds without work after which it leaves
_LONG = frozenset(("digest", "summary"))  # kinds with a workbook
_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Job:
    """A letter to be written."""

    letter: Letter
    office: Office
    at: datetime
    files: tuple[Attachment, ...] = ()

    def bytes(self) -> bytes:
        """The letter, written here; raises whatever ``compose`` does."""
        return compose(self.letter, self.office, self.at, self.files).raw


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
        self._worth_it, self._idle = worth_it, idle
        self._pages: dict[int, _Page] = {}  # by the letter's number
        self._lock = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._over = False

    def ahead(self, jobs: Iterable[Callable[[], Job]], numbers: Sequence[int]) -> None:
        """These letters will be asked for soon; a job is only made when the letter is not known yet."""
        if self._thread is None and len(numbers) < self._worth_it:
            return
        wanted = set(numbers)
        with self._lock:
            self._pages = {n: page for n, page in self._pages.items() if n in wanted}
        for number, job in zip(numbers, jobs, strict=True):
            if number not in self._pages:
                with suppress(OSError, StorageError), self._lock:  # told where it is taken
                    self._pages[number] = _Page(job())
        with self._lock:
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
        if process := self._process:
            process.kill()
        if self._thread:
            self._thread.join()

    def _work(self) -> None:
        try:
            while (page := self._next()) is not None:
                try:
                    page.raw = self._written(page.job)
                finally:
                    page.done.set()
        finally:
            self._leave()

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

    def _written(self, job: Job) -> bytes | None:
        """What the process makes of it, None when it cannot; a process that has left is started anew."""
        for _ in range(2):
            try:
                process = self._living()
                assert process.stdin
                assert process.stdout
                _say(process.stdin, pickle.dumps((in_force(), job)))
                return _hear(process.stdout) or None
            except (OSError, EOFError):
                self._leave()
        return None

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-P", "-m", "notifier.scribe", str(self._idle)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # a signal typed at the service's terminal is not for it
            )
        return self._process

    def _leave(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        with suppress(OSError):
            process.stdin.close()
        process.wait()
        process.stdout.close()


class AtOnce(Scribe):
    """Writes every letter where it is asked for: on one core there is no other to write it."""

    def ahead(self, jobs: Iterable[Callable[[], Job]], numbers: Sequence[int]) -> None:
        """Nothing."""


def scribe_for_this_machine() -> Scribe:
    """One with a process where there is a core for it."""
    return Scribe() if (os.cpu_count() or 1) > 1 else AtOnce()


def _environment() -> dict[str, str]:
    """Where its modules are and how text is coded; no passwords."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR")}
    kept |= {k: v for k, v in os.environ.items() if k.startswith("COVERAGE")}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PYTHONUTF8": "1"}


def _say(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _hear(pipe: IO[bytes]) -> bytes:
    """The next message; EOFError when the other side has left."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError
    return message


def main(idle: float) -> None:  # pragma: no cover  # in the process beside us
    """The process: a job in, its bytes out, nothing for one that cannot be written; until the other side leaves, or it is idle."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed is no answer
    with suppress(EOFError, BrokenPipeError):
        while select.select([orders], [], [], idle)[0]:
            titles: Sequence[Title]
            job: Job
            titles, job = pickle.loads(_hear(orders))  # noqa: S301 - from the process that started us
            try:
                with own_titles(titles):
                    raw = job.bytes()
            except Exception:  # noqa: BLE001 - it fails again where it is taken, and is told there
                raw = b""
            _say(answers, raw)


if __name__ == "__main__":
    main(float(sys.argv[1]))
