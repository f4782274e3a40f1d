"""A warm process and its children: everything imported once, then a confined child for each job.

Rules (plan, promise 3, and faults, "Confining the parsers"):

1. A process of its own, started before anything is opened: one thread, no database, no mailbox, no inherited
   descriptors but its two pipes. It never looks into what a child answers.
2. One job, one child, one empty folder to write in; the child confines itself before it touches the bytes, and has
   nothing open but the pipe for its answer. Several children may be at work; each answer bears the number of its job.
3. A child that takes too long is killed with all it started; one that says too much is killed; how it ended is told as
   a status, never guessed from what it wrote.
4. Signals meant for the service do not end it; the end of the service does, and so does a time without orders, if set.

Which jobs there are is for the program: ``parsers.zygote`` reads mails and parts.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parsers import limits
from parsers.confine import Confinement, confine, die_with_parent, prepare
from parsers.frames import CHUNK, Closed, Head, read_frame, write_frame

_TOLD = (b"ok", b"memory", b"failed")  # what a child may say of itself
_RARELY = (100_000, 20, 100)  # objects, rounds, rounds: a child lives for a moment, its memory is bounded anyway
_MEMORY_SHARE = 0.7  # of the address space in use when a crash is told as lack of memory

Work = Callable[[Head, bytes, Confinement], bytes]  # done in the child


def stand_apart() -> tuple[int, int]:
    """Let go of everything of the service but the descriptors of orders and answers, which are returned."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    orders, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    return orders, answers


def _nothing() -> None:
    """What has to be done before each job of a worker that keeps nothing."""


@dataclass(slots=True)
class _Job:
    """One child at work."""

    number: int  # the service's; its answer bears it
    pid: int
    reading: int  # descriptor of the child's answer
    folder: Path  # the only one it may write in
    until: float  # on the monotonic clock
    cpu: int  # seconds
    answer: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Warm:
    """One warm process, a child for each job."""

    orders: int  # descriptor
    answers: int
    folder: Path
    work: Work
    before: Callable[[], None] = _nothing  # called before each child is made
    readable: Sequence[Path] = ()  # what children may read beside the interpreter
    idle: float | None = None  # seconds without a job after which the process ends; None: it stays
    jobs: dict[int, _Job] = field(default_factory=dict)  # by the descriptor of the child's answer
    since: float = 0.0  # the last job ended, on the monotonic clock

    def live(self) -> None:
        """Answer jobs until the service is gone, or nothing was asked for a while."""
        self.before()
        prepare()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_RARELY)
        write_frame(self.answers, {"status": "ready"})
        try:
            self.since = time.monotonic()
            with contextlib.suppress(Closed, BrokenPipeError):
                while not self._is_idle():
                    self._serve()
        finally:
            for job in list(self.jobs.values()):
                self._end(job)

    def _serve(self) -> None:
        """Whatever comes next: an order, a piece of an answer, the end of somebody's time."""
        poller = select.poll()
        for descriptor in (self.orders, *self.jobs):
            poller.register(descriptor, select.POLLIN | select.POLLHUP)
        for descriptor, _ in poller.poll(self._patience()):
            if descriptor == self.orders:
                self._begin(*read_frame(self.orders, limits.MAIL_MAX + limits.PART_MAX))
            else:
                self._hear(self.jobs[descriptor])
        now = time.monotonic()
        for job in [job for job in self.jobs.values() if job.until <= now]:
            self._finish(job, "timeout")

    def _is_idle(self) -> bool:
        return self.idle is not None and not self.jobs and time.monotonic() - self.since >= self.idle

    def _patience(self) -> float | None:
        """Milliseconds until somebody's time is over, or the worker's own without a job."""
        leave = None if self.idle is None else self.since + self.idle
        until = min((job.until for job in self.jobs.values()), default=leave)
        return None if until is None else max(0.0, 1000 * (until - time.monotonic()))

    def _begin(self, head: Head, body: bytearray) -> None:
        """A child for this order."""
        self.before()
        content = bytes(body)
        cpu = int(head.get("cpu", limits.WORKER_CPU))
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover  # the child
            _child(writing, folder, cpu, self.readable, lambda told: self.work(head, content, told))
        os.close(writing)
        until = time.monotonic() + float(head.get("wall", limits.WORKER_WALL))
        self.jobs[reading] = _Job(int(head.get("number", 0)), pid, reading, folder, until, cpu)

    def _hear(self, job: _Job) -> None:
        """The next piece of a child's answer; its end; or that it says too much."""
        piece = os.read(job.reading, CHUNK)
        job.answer += piece
        if not piece:
            self._finish(job, "")
        elif len(job.answer) > limits.WORKER_OUTPUT:
            self._finish(job, "too_large")

    def _finish(self, job: _Job, verdict: str) -> None:
        """Tell the service what became of a job; ``verdict`` is "" unless the child had to be stopped."""
        ended, used = self._end(job)
        overtime = used.ru_utime + used.ru_stime >= job.cpu
        status, detail, answer = _judged(verdict, job.answer, ended, used.ru_maxrss * limits.KIB, overtime=overtime)
        write_frame(self.answers, {"number": job.number, "status": status, "detail": detail}, answer)

    def _end(self, job: _Job) -> tuple[int, resource.struct_rusage]:
        """Kill what is left of a child and all it started; how it ended and what it used."""
        del self.jobs[job.reading]
        self.since = time.monotonic()
        os.close(job.reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(job.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGKILL)  # had it not yet become a group of its own
        _, ended, used = os.wait4(job.pid, 0)
        shutil.rmtree(job.folder, ignore_errors=True)
        return ended, used


def _judged(verdict: str, answer: bytearray, ended: int, used: int, *, overtime: bool) -> tuple[str, str, bytearray]:
    if verdict:
        return verdict, "", bytearray()
    said, newline, body = answer.partition(b"\n")
    # the pipe closes just before the process ends, so our own SIGKILL may meet a child that has said everything
    if newline and said in _TOLD and not _crashed(ended):
        detail = bytes(body).decode("utf-8", "replace") if said == b"failed" else ""
        return said.decode(), detail, bytearray() if said == b"failed" else body
    number = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0
    if number == signal.SIGXCPU or overtime:
        return "timeout", "processor time", bytearray()
    if used > _MEMORY_SHARE * limits.WORKER_ADDRESS_SPACE:
        return "memory", f"signal {number} at {used // limits.MIB} MiB", bytearray()
    return "crashed", f"signal {number}", bytearray()


def _crashed(ended: int) -> bool:
    return os.WIFSIGNALED(ended) and os.WTERMSIG(ended) != signal.SIGKILL


def _child(
    answer: int, folder: Path, cpu: int, readable: Sequence[Path], work: Callable[[Confinement], bytes]
) -> None:  # pragma: no cover  # never returns
    """Everything the child does; ends the process."""
    try:
        os.setsid()
        die_with_parent()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        answer = os.dup2(answer, 3)
        os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        os.chdir(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
            signal.signal(number, signal.SIG_DFL)
        told = confine(folder, readable, cpu)
        try:
            status, body = b"ok", work(told)
        except MemoryError:
            status, body = b"memory", b""
        except BaseException as error:  # noqa: BLE001  # whatever happened, the service must be told what
            status, body = b"failed", _trace(error)
        with open(answer, "wb", closefd=False) as pipe:  # a descriptor, not a path
            pipe.write(status + b"\n")
            pipe.write(body)
    finally:
        os._exit(0)


def _trace(error: BaseException) -> bytes:  # pragma: no cover  # in the worker's child
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    spot = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
    return f"{type(error).__name__} at {spot}: {error}"[:500].encode("utf-8", "replace")
