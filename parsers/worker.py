"""The service's side of one warm process: start it, ask it, replace it; safe for several threads.

Rules:

1. Nothing is started before the first job. A worker that died is started again; one that does not answer is killed.
   Neither costs more than its job.
2. A crash is tried once more; the second is the file's fault: ``reader_crashed``. Time, memory and output have reasons
   of their own and are not tried again.
3. An answer is decoded against the type it must have (``parsers.wire``).
4. At most ``at_once`` children at work; a further job waits for its turn.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from parsers import limits
from parsers.frames import Closed, Head, read_frame, write_frame
from parsers.wire import WireError, unpack

T = TypeVar("T")
_START = 60.0  # seconds a worker may take to import everything on a slow machine
_GRACE = 15.0  # seconds beyond the job's own wall after which the worker itself is taken for dead
_LEAVE = 2.0  # seconds a worker has to notice that its orders ended
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TESSDATA_PREFIX", "CCHC_BOX_PROBES", "CCHC_PAGE_IDLE")
_REASONS = {"crashed": "reader_crashed", "failed": "reader_crashed", "dead": "reader_crashed"}
_AGAIN = ("crashed", "failed", "dead")


class BoxFailure(Exception):  # it states what became of a job
    """The worker could not do it: ``reason`` is one of reader_crashed, timeout, memory, too_large, tool_missing."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Program:
    """What a worker runs, and the limits of each of its jobs."""

    module: str  # "parsers.zygote"
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()  # beside what every worker may know
    wall: float = limits.WORKER_WALL  # seconds
    cpu: int = limits.WORKER_CPU  # seconds


class Worker:
    """One warm process, asked by any thread."""

    def __init__(self, program: Program, at_once: int = 1) -> None:
        self._program = program
        self._process = _Process(program)
        self._turns = threading.BoundedSemaphore(max(1, at_once))

    def try_once(self, head: Head, body: bytes, share: float) -> bytearray | None:
        """A job's answer as it came, done within that share of the time a job may take; None when it went wrong."""
        wall, cpu = share * self._program.wall, max(1, int(share * self._program.cpu))
        with self._turns:
            status, _, answer = self._process.ask({**head, "wall": wall, "cpu": cpu}, body, wall + _GRACE)
        return answer if status == "ok" else None

    def do(self, head: Head, body: bytes, kind: type[T]) -> T:
        """One job's answer; raises ``BoxFailure``."""
        order = {**head, "wall": self._program.wall, "cpu": self._program.cpu}
        status, detail = "", ""
        for _ in range(limits.WORKER_TRIES):
            with self._turns:
                status, detail, answer = self._process.ask(order, body, self._program.wall + _GRACE)
            if status == "ok":
                try:
                    return unpack(answer, kind)
                except WireError as error:
                    status, detail = "failed", f"answer: {error}"
            if status not in _AGAIN:
                break
        raise BoxFailure(_REASONS.get(status, status), detail)

    def stop(self) -> None:
        """End the process; the worker may still be used, it starts a new one."""
        self._process.stop()

    @property
    def pid(self) -> int | None:
        """Of the process, when there is one."""
        return self._process.pid


Answer = tuple[str, str, bytearray]  # status, detail, body


class _Process:
    """One warm process, started when first asked and again after its death; a thread hears its answers."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._numbers = itertools.count(1)
        self._talking = threading.Lock()  # held by whoever starts the process or writes an order
        self._life: _Life | None = None

    def ask(self, head: Head, body: bytes, seconds: float) -> Answer:
        """Status, detail and answer; "dead" when the worker itself broke."""
        number = next(self._numbers)
        with self._talking:
            life = self._living()
            found = life.expect(number)
            try:
                write_frame(life.orders, {**head, "number": number}, body, time.monotonic() + seconds)
            except BaseException as error:
                life.end()  # interrupted half-way through a frame: nothing more can be understood from it
                if not isinstance(error, OSError | ValueError):
                    raise
        try:
            return found.result(seconds)
        except TimeoutError:
            life.end()
            return "timeout", "worker", bytearray()
        except CancelledError:
            return "dead", "worker", bytearray()

    def stop(self) -> None:
        """Kill the process and remove its folder."""
        life, self._life = self._life, None
        if life:
            life.end()

    @property
    def pid(self) -> int | None:
        """Of the process, when there is one."""
        return self._life.process.pid if self._life else None

    def _living(self) -> _Life:
        life = self._life
        if life is None or life.over or life.process.poll() is not None:
            self.stop()
            life = self._life = _Life(self._program)
        return life


class _Life:
    """One warm process from its start to its death, and the answers still owed by it."""

    def __init__(self, program: Program) -> None:
        """Raises ``BoxFailure('tool_missing')`` when it does not start."""
        self._folder = tempfile.mkdtemp(prefix="cchc-box-")
        self._owed: dict[int, Future[Answer]] = {}
        self._lock = threading.Lock()
        self.over = False
        try:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
                [sys.executable, "-P", "-m", program.module, self._folder, *program.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=_environment(self._folder, program.environment),
                cwd=self._folder,
                start_new_session=True,  # a signal typed at the service's terminal is not for it
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise BoxFailure("tool_missing", f"worker: {error}") from error
        assert self.process.stdin
        assert self.process.stdout
        self.orders, self._answers = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.orders, False)
        self._greet()
        threading.Thread(target=self._hear, name="box", daemon=True).start()

    def expect(self, number: int) -> Future[Answer]:
        """The answer to come; cancelled when the process dies before it."""
        found: Future[Answer] = Future()
        with self._lock:
            self._owed[number] = found
        if self.over:
            found.cancel()
        return found

    def end(self) -> None:
        """Kill the process, remove its folder, owe nothing more."""
        with self._lock:
            first, self.over = not self.over, True
            owed, self._owed = self._owed, {}
        if first:
            self._bury()
        for found in owed.values():
            found.cancel()

    def _bury(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_LEAVE)
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _greet(self) -> None:
        """Wait until it is ready."""
        try:
            head, _ = read_frame(self._answers, 0, time.monotonic() + _START)
            said = "" if head.get("status") == "ready" else str(head.get("detail", ""))
        except (Closed, OSError, ValueError) as error:
            said = f"worker did not start: {error}"
        if said:
            self.end()
            self._deaf()
            raise BoxFailure("tool_missing", said)

    def _deaf(self) -> None:
        assert self.process.stdout
        with contextlib.suppress(OSError):
            self.process.stdout.close()

    def _hear(self) -> None:
        """Hand each answer to whoever waits for it, until the process is gone."""
        with contextlib.suppress(Closed, OSError, ValueError):
            while True:
                head, answer = read_frame(self._answers, limits.WORKER_OUTPUT)
                with self._lock:
                    found = self._owed.pop(int(head["number"]), None)
                if found:
                    found.set_result((str(head.get("status")), str(head.get("detail", "")), answer))
        self.end()
        self._deaf()


def _environment(folder: str, more: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What the worker may know: where its modules are and how text is coded, no passwords, no paths of the service."""
    kept = {k: v for k, v in os.environ.items() if k in _PASSED_ON or k.startswith("COVERAGE")}
    code = str(Path(__file__).resolve().parent.parent)
    return {**kept, "PYTHONPATH": code, "PYTHONUTF8": "1", "TMPDIR": folder, **dict(more)}
