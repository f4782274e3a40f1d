"""A warm process and its children: everything imported once, then a confined child for each job.

Rules (plan, promise 3, and faults, "Confining the parsers"):

1. A process of its own, started before anything is opened: one thread, no database, no mailbox, no inherited
   descriptors but its two pipes. It never looks into what a child answers.
2. One job, one child, one empty folder to write in (``parsers.child``). Several children may be at work; each answer
   bears the number of its job.
3. After a quiet moment one child is made ahead and stands ready (ADR 7): it takes the next order that asks for it. It does one
   job like any other. Nothing waits for it: while it is not ready, orders have children of their own.
4. A child that takes too long is killed with all it started; one that says too much is killed; how it ended is told as
   a status, never guessed from what it wrote.
5. Signals meant for the service do not end it; the end of the service does, and so does a time without orders, if set.

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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from parsers import limits
from parsers.child import READY, Trade, serve, stand_ready
from parsers.confine import prepare
from parsers.frames import CHUNK, Closed, Head, framed, read_frame, write_frame
from parsers.owned import Memory, memory

_TOLD = (b"ok", b"memory", b"failed")  # what a child may say of itself
_RARELY = (100_000, 20, 100)  # objects, rounds, rounds: a child lives for a moment, its memory is bounded anyway
_MEMORY_SHARE = 0.7  # of the address space in use when a crash is told as lack of memory
_QUIET = (
    0.05  # seconds without work after which a child is made ahead: in a backlog it would only take time from others
)


def stand_apart() -> tuple[int, int]:
    """Let go of everything of the service but the descriptors of orders and answers, which are returned."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    orders, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    return orders, answers


def _nothing_new() -> bool:
    """What has to be done before each job of a worker that keeps nothing."""
    return False


@dataclass(slots=True)
class _Child:
    """A process and its two pipes."""

    pid: int
    reading: int  # descriptor of its answer
    folder: Path  # the only one it may write in
    writing: int | None = None  # descriptor of its order, of a child made ahead; does not block
    ready: bool = False


@dataclass(slots=True)
class _Job:
    """One child at work."""

    number: int  # the service's; its answer bears it
    child: _Child
    until: float  # on the monotonic clock
    cpu: int  # seconds
    unsaid: list[memoryview] = field(default_factory=list)  # of the order, to a child made ahead
    answer: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Warm:
    """One warm process, a child for each job."""

    orders: int  # descriptor
    answers: int
    folder: Path
    trade: Trade
    before: Callable[[], bool] = _nothing_new  # called before each job; whether what children know has changed
    idle: float | None = None  # seconds without a job after which the process ends; None: it stays
    jobs: dict[int, _Job] = field(default_factory=dict)  # by the descriptor of the child's answer
    ahead: _Child | None = None
    failed_ahead: bool = False  # the last one made ahead died before its job: none is made until another job was done
    memory: Memory | None = None  # what a child made ahead has copied; None: to be asked before the next is made
    since: float = 0.0  # the last job began or ended, on the monotonic clock

    def live(self) -> None:
        """Answer jobs until the service is gone, or nothing was asked for a while."""
        self.before()
        prepare()
        gc.set_threshold(*_RARELY)
        _freeze()
        write_frame(self.answers, {"status": "ready"})
        try:
            self.since = time.monotonic()
            with contextlib.suppress(Closed, BrokenPipeError):
                while not self._is_idle():
                    self._serve()
        finally:
            for job in list(self.jobs.values()):
                self._end(job)
            self._dismiss()

    def _serve(self) -> None:
        """Whatever comes next: an order, a piece of an answer, the end of somebody's time, a quiet moment."""
        for descriptor, _ in self._poller().poll(self._patience()):
            self._attend(descriptor)
        now = time.monotonic()
        for job in [job for job in self.jobs.values() if job.until <= now]:
            self._finish(job, "timeout")
        if self._wants_one_ahead() and now - self.since >= _QUIET:
            self.ahead = self._made_ahead()

    def _poller(self) -> select.poll:
        poller = select.poll()
        # children are heard before the next order is taken: poll answers in the order of registration
        for job in self.jobs.values():
            poller.register(job.child.reading, select.POLLIN | select.POLLHUP)
            if job.unsaid and job.child.writing is not None:
                poller.register(job.child.writing, select.POLLOUT)
        if self.ahead:
            poller.register(self.ahead.reading, select.POLLIN | select.POLLHUP)
        poller.register(self.orders, select.POLLIN | select.POLLHUP)
        return poller

    def _attend(self, descriptor: int) -> None:
        if descriptor == self.orders:
            self._begin(*read_frame(self.orders, limits.MAIL_MAX + limits.PART_MAX))
        elif self.ahead and descriptor == self.ahead.reading:
            self._hear_ahead(self.ahead)
        elif descriptor in self.jobs:
            self._hear(self.jobs[descriptor])
        else:
            for job in self.jobs.values():
                if job.child.writing == descriptor:
                    _say(job)
                    break

    def _is_idle(self) -> bool:
        return self.idle is not None and not self.jobs and time.monotonic() - self.since >= self.idle

    def _wants_one_ahead(self) -> bool:
        return self.trade.ahead and not self.ahead and not self.jobs and not self.failed_ahead

    def _patience(self) -> float | None:
        """Milliseconds until somebody's time is over, or the worker's own without a job."""
        moments = [job.until for job in self.jobs.values()]
        if self.idle is not None and not moments:
            moments.append(self.since + self.idle)
        if self._wants_one_ahead():
            moments.append(self.since + _QUIET)
        return max(0.0, 1000 * (min(moments) - time.monotonic())) if moments else None

    # ---- children --------------------------------------------------------------------------------------------------

    def _begin(self, head: Head, body: bytearray) -> None:
        """A child for this order: the one that stands ready, if it may, or a new one."""
        if self._changed():
            self._dismiss()
        self.since = time.monotonic()
        until = self.since + float(head.get("wall", limits.WORKER_WALL))
        number, cpu = int(head.get("number", 0)), int(head.get("cpu", limits.WORKER_CPU))
        if self.ahead and self.ahead.ready and head.get("ahead"):
            child, self.ahead = self.ahead, None
            job = _Job(number, child, until, cpu, [memoryview(piece) for piece in framed(head, body)])
            _say(job)
        else:
            job = _Job(number, self._made(head, bytes(body)), until, cpu)
        self.jobs[job.child.reading] = job
        self.failed_ahead = False

    def _made(self, head: Head, content: bytes) -> _Child:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover  # the child
            serve(self.trade, writing, folder, head, content)
        os.close(writing)
        return _Child(pid, reading, folder)

    def _changed(self) -> bool:
        """Whether what children know has changed just now."""
        if not self.before():
            return False
        _freeze()
        self.memory = None
        return True

    def _made_ahead(self) -> _Child:
        self._changed()
        if self.memory is None:
            self.memory = memory()
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (reading, writing), (order, ordering) = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover  # the child
            stand_ready(self.trade, writing, folder, order, self.memory)
        os.close(writing)
        os.close(order)
        os.set_blocking(ordering, False)
        return _Child(pid, reading, folder, ordering)

    def _hear_ahead(self, child: _Child) -> None:
        """It stands ready; or it died before it had a job."""
        if os.read(child.reading, 1) == READY:
            child.ready = True
        else:
            self._dismiss()
            self.failed_ahead = True

    def _dismiss(self) -> None:
        child, self.ahead = self.ahead, None
        if child:
            _bury(child)

    def _hear(self, job: _Job) -> None:
        """The next piece of a child's answer; its end; or that it says too much."""
        piece = os.read(job.child.reading, CHUNK)
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
        """How it ended and what it used."""
        del self.jobs[job.child.reading]
        self.since = time.monotonic()
        return _bury(job.child)


def _freeze() -> None:
    """What there is now stays: no child looks for garbage in it, which would copy all of it."""
    gc.collect()
    gc.freeze()


def _say(job: _Job) -> None:
    """As much of the order as the pipe takes; a child that died is heard of by its answer."""
    assert job.child.writing is not None
    try:
        while job.unsaid:
            job.unsaid[0] = job.unsaid[0][os.write(job.child.writing, job.unsaid[0][:CHUNK]) :]
            if not job.unsaid[0]:
                job.unsaid.pop(0)
    except BlockingIOError:
        pass
    except BrokenPipeError:
        job.unsaid.clear()


def _bury(child: _Child) -> tuple[int, resource.struct_rusage]:
    """Kill what is left of a child and all it started; how it ended and what it used."""
    os.close(child.reading)
    if child.writing is not None:
        os.close(child.writing)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)  # had it not yet become a group of its own
    _, ended, used = os.wait4(child.pid, 0)
    shutil.rmtree(child.folder, ignore_errors=True)
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
