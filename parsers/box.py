"""The service's side of the confined worker: hand a mail or a part over, get values back, whatever the bytes do.

Rules (plan, promise 3, and faults F32 and "Confining the parsers"):

1. Readers run in a child of a warm worker process (``parsers.zygote``), one child a job, confined (``parsers.confine``).
2. A crash is tried once more; the second is the file's fault: ``reader_crashed``. Time, memory and output have reasons
   of their own and are not tried again.
3. A worker that died is started again; one that does not answer is killed. Neither costs more than its job.
4. An answer is decoded against the type it must have (``parsers.wire``).
5. Safe for several threads; each waits for a free worker. Nothing is started before the first job, or ``warm``.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from parsers import limits
from parsers.confine import Confinement
from parsers.part import REVIEW
from parsers.values import Envelope, Hints, Leaf, PartReading
from parsers.wire import WireError, pack, unpack
from parsers.zygote import PROBES, Closed, Head, PartOrder, Said, read_frame, write_frame

T = TypeVar("T")
_START = 60.0  # seconds a worker may take to import everything on a slow machine
_GRACE = 15.0  # seconds beyond the job's own wall after which the worker itself is taken for dead
_LEAVE = 2.0  # seconds a worker has to notice that its orders ended
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", PROBES)
_REASONS = {"crashed": "reader_crashed", "failed": "reader_crashed", "dead": "reader_crashed"}
_AGAIN = ("crashed", "failed", "dead")


class BoxFailure(Exception):  # it states what became of a job
    """The worker could not do it: ``reason`` is one of reader_crashed, timeout, memory, too_large, tool_missing."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Readings:
    readings: tuple[PartReading, ...]


class Box:
    """The confined worker as a context manager; leaving it ends the worker processes."""

    def __init__(
        self,
        forms_folders: Sequence[Path] = (),
        *,
        workers: int = 1,
        wall: float = limits.WORKER_WALL,
        cpu: int = limits.WORKER_CPU,
    ) -> None:
        self._forms = tuple(Path(folder).resolve() for folder in forms_folders)
        self._wall, self._cpu = wall, cpu  # seconds of a job
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._workers = [_Worker(self._forms) for _ in range(max(1, workers))]
        for worker in self._workers:
            self._free.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes; the box may still be used, it starts new ones."""
        for worker in self._workers:
            worker.stop()

    def warm(self) -> None:
        """Start the worker now, so that the first mail need not wait for it."""
        self._do({"job": "confinement"}, b"", Confinement)

    def open_mail(self, raw: bytes) -> Envelope:
        """The mail opened; raises ``BoxFailure``."""
        return self._do({"job": "open_mail"}, raw, Envelope)

    def read_part(self, leaf: Leaf, hints: Hints, as_form: str | None = None) -> tuple[PartReading, ...]:
        """What became of one part; a failure of the worker is a reading with its reason.

        Raises ``BoxFailure('tool_missing')`` when no worker can be started at all: that is not the part's fault.
        """
        try:
            return self._do({"job": "read_part"}, pack(PartOrder(leaf, hints, as_form)), _Readings).readings
        except BoxFailure as failure:
            if failure.reason == "tool_missing":
                raise
            return (_failed(leaf, failure.reason),)

    def confinement(self) -> Confinement:
        """The layers in force around a reader, asked of a confined child just now."""
        return self._do({"job": "confinement"}, b"", Confinement)

    def probe(self, name: str, body: bytes = b"") -> str:
        """A job of the file named by ``CCHC_BOX_PROBES`` when the worker started: how tests look at the walls."""
        return self._do({"job": "probe", "name": name}, body, Said).text

    def _do(self, head: Head, body: bytes, kind: type[T]) -> T:
        worker = self._free.get()
        try:
            return self._tries(worker, {**head, "wall": self._wall, "cpu": self._cpu}, body, kind)
        finally:
            self._free.put(worker)

    def _tries(self, worker: _Worker, head: Head, body: bytes, kind: type[T]) -> T:
        status, detail = "", ""
        for _ in range(limits.WORKER_TRIES):
            status, detail, answer = worker.ask(head, body, self._wall + _GRACE)
            if status == "ok":
                try:
                    return unpack(answer, kind)
                except WireError as error:
                    status, detail = "failed", f"answer: {error}"
            if status not in _AGAIN:
                break
        raise BoxFailure(_REASONS.get(status, status), detail)


def _failed(leaf: Leaf, reason: str) -> PartReading:
    return PartReading(
        path=leaf.path,
        name=leaf.name,
        sha256=leaf.sha256,
        size=len(leaf.data),
        type="data",
        outcome="needs_review" if reason in REVIEW else "refused",
        reason=reason,
        role=leaf.role,
    )


class _Worker:
    """One zygote process, started when first asked and again after its death."""

    def __init__(self, forms: Sequence[Path]) -> None:
        self._forms = forms
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._stopping = threading.Lock()

    def ask(self, head: Head, body: bytes, seconds: float) -> tuple[str, str, bytearray]:
        """Status, detail and answer; "dead" when the worker itself broke."""
        process = self._process
        if process is None or process.poll() is not None:
            self.stop()
            process = self._start()
        assert process.stdin
        assert process.stdout
        try:
            write_frame(process.stdin.fileno(), head, body)
            found, answer = read_frame(process.stdout.fileno(), limits.WORKER_OUTPUT, time.monotonic() + seconds)
        except (Closed, OSError, ValueError) as error:  # TimeoutError is an OSError
            self.stop()
            return "timeout" if isinstance(error, TimeoutError) else "dead", f"worker: {error}", bytearray()
        except BaseException:
            self.stop()  # interrupted half-way through a frame: nothing more can be understood from it
            raise
        return str(found.get("status")), str(found.get("detail", "")), answer

    def stop(self) -> None:
        """Kill the process and remove its folder."""
        with self._stopping:
            process, self._process = self._process, None
            folder, self._folder = self._folder, ""
        if process:
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if pipe:
                        pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVE)
            if process.returncode is None:
                process.kill()
                process.wait()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.mkdtemp(prefix="cchc-box-")
        try:
            process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
                [sys.executable, "-P", "-m", "parsers.zygote", self._folder, *map(str, self._forms)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env=_environment(self._folder),
                cwd=self._folder,
                start_new_session=True,  # a signal typed at the service's terminal is not for it
            )
        except OSError as error:
            raise BoxFailure("tool_missing", f"worker: {error}") from error
        self._process = process
        assert process.stdout
        try:
            head, _ = read_frame(process.stdout.fileno(), 0, time.monotonic() + _START)
        except (Closed, OSError, ValueError) as error:
            self.stop()
            raise BoxFailure("tool_missing", f"worker did not start: {error}") from error
        if head.get("status") != "ready":
            self.stop()
            raise BoxFailure("tool_missing", str(head.get("detail", "")))
        return process


def _environment(folder: str) -> dict[str, str]:
    """What the worker may know: where its modules are and how text is coded, no passwords, no paths of the service."""
    kept = {k: v for k, v in os.environ.items() if k in _PASSED_ON or k.startswith("COVERAGE")}
    code = str(Path(__file__).resolve().parent.parent)
    return {**kept, "PYTHONPATH": code, "PYTHONUTF8": "1", "TMPDIR": folder}
