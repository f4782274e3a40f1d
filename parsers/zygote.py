"""The warm worker: everything imported and rehearsed once, then a confined child for each job (``python -m parsers.zygote``).

Rules (plan, step 4 READ, promise 3, and faults, "Confining the parsers"):

1. A process of its own, started before anything is opened: one thread, no database, no mailbox, no inherited
   descriptors but its two pipes. It never looks into what a child answers.
2. One job, one child, one empty folder to write in; the child confines itself before it touches the bytes, and has
   nothing open but the pipe for its answer. Several children may be at work; each answer bears the number of its job.
3. A child that takes too long is killed with all it started; one that says too much is killed; how it ended is told as
   a status, never guessed from what it wrote.
4. Signals meant for the service do not end it; the end of the service does.
5. Form files that changed are loaded again before the next job; if they are in error the old ones stay in force.

Frames on both pipes: length of the head, length of the body (8 bytes each), head (JSON), body.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import runpy
import select
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parsers import limits
from parsers.confine import confine, die_with_parent, prepare
from parsers.containers import warm_up as warm_up_containers
from parsers.form import FormError, FormSet, load_forms
from parsers.mail import open_mail
from parsers.part import read_part
from parsers.readers import warm_up
from parsers.rehearsal import rehearse
from parsers.values import Hints, Leaf
from parsers.wire import pack, unpack

PROBES = "CCHC_BOX_PROBES"  # a Python file of extra jobs for tests; looked at once, when the worker starts
_SIZES = struct.Struct(">QQ")
_CHUNK = 1 << 20
_HEAD_MAX = 64 * limits.KIB
_STATUS_MAX = 32
_TOLD = (b"ok", b"memory", b"failed")  # what a child may say of itself
_RARELY = (100_000, 20, 100)  # objects, rounds, rounds: a child lives for a moment, its memory is bounded anyway
_MEMORY_SHARE = 0.7  # of the address space in use when a crash is told as lack of memory

Head = dict[str, Any]


class Closed(Exception):  # the other side is gone
    """The pipe ended."""


def write_frame(descriptor: int, head: Head, body: bytes | bytearray = b"", deadline: float | None = None) -> None:
    """Send one frame; raises TimeoutError at the deadline, when the descriptor does not block."""
    text = json.dumps(head).encode()
    for piece in (_SIZES.pack(len(text), len(body)) + text, body):
        view = memoryview(piece)
        while view:
            try:
                view = view[os.write(descriptor, view[:_CHUNK]) :]
            except BlockingIOError:
                _wait(descriptor, select.POLLOUT, deadline)


def read_frame(descriptor: int, body_max: int, deadline: float | None = None) -> tuple[Head, bytearray]:
    """Receive one frame; raises ``Closed`` when the pipe ends or lies about itself, TimeoutError at the deadline."""
    head_size, body_size = _SIZES.unpack(_exactly(descriptor, _SIZES.size, deadline))
    if head_size > _HEAD_MAX or body_size > body_max:
        raise Closed("a frame beyond all bounds")
    head = json.loads(_exactly(descriptor, head_size, deadline))
    return head, _exactly(descriptor, body_size, deadline)


def _exactly(descriptor: int, count: int, deadline: float | None) -> bytearray:
    got = bytearray()
    while len(got) < count:
        if deadline is not None:
            _wait(descriptor, select.POLLIN, deadline)
        piece = os.read(descriptor, min(_CHUNK, count - len(got)))
        if not piece:
            raise Closed("the pipe ended")
        got += piece
    return got


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    left = None if deadline is None else 1000 * (deadline - time.monotonic())
    poller = select.poll()
    poller.register(descriptor, event | select.POLLHUP)
    if (left is not None and left <= 0) or not poller.poll(left):
        raise TimeoutError


# ---- the jobs, inside a confined child -------------------------------------------------------------------------------


def _do(head: Head, body: bytes, forms: FormSet, probes: dict[str, Any], told: object) -> bytes:  # pragma: no cover
    job = head["job"]
    if job == "open_mail":
        return pack(open_mail(body))
    if job == "read_part":
        order = unpack(body, PartOrder)
        return pack(Parts(read_part(order.leaf, forms, order.hints, order.as_form)))
    if job == "confinement":
        return pack(told)
    if job == "probe":
        return pack(Said(str(probes[head["name"]](body))))
    raise ValueError(job)


@dataclass(frozen=True, slots=True)
class PartOrder:
    """What a child needs to read one part."""

    leaf: Leaf
    hints: Hints
    as_form: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What became of one part."""

    readings: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A probe's answer."""

    text: str


def _child(
    answer: int, folder: Path, cpu: int, work: Callable[[object], bytes]
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
        told = confine(folder, cpu=cpu)
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


# ---- the worker ------------------------------------------------------------------------------------------------------


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
class Zygote:
    """One warm worker, a child for each job."""

    orders: int  # descriptor
    answers: int
    folder: Path
    form_folders: Sequence[Path]
    probes: dict[str, Any] = field(default_factory=dict)
    forms: FormSet | None = None
    seen: tuple[object, ...] = ()
    jobs: dict[int, _Job] = field(default_factory=dict)  # by the descriptor of the child's answer

    def live(self) -> None:
        """Answer jobs until the service is gone."""
        self._refresh()
        prepare()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_RARELY)
        write_frame(self.answers, {"status": "ready"})
        try:
            with contextlib.suppress(Closed, BrokenPipeError):
                while True:
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

    def _patience(self) -> float | None:
        """Milliseconds until somebody's time is over."""
        until = min((job.until for job in self.jobs.values()), default=None)
        return None if until is None else max(0.0, 1000 * (until - time.monotonic()))

    def _refresh(self) -> None:
        seen = tuple(_stamps(self.form_folders))
        if self.forms is not None and seen == self.seen:
            return
        try:
            self.forms = load_forms(self.form_folders)
        except (FormError, OSError):
            if self.forms is None:
                raise
        rehearse(self.forms)
        self.seen = seen

    def _begin(self, head: Head, body: bytearray) -> None:
        """A child for this order."""
        self._refresh()
        assert self.forms is not None
        forms, probes, content = self.forms, self.probes, bytes(body)
        cpu = int(head.get("cpu", limits.WORKER_CPU))
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover  # the child
            _child(writing, folder, cpu, lambda told: _do(head, content, forms, probes, told))
        os.close(writing)
        until = time.monotonic() + float(head.get("wall", limits.WORKER_WALL))
        self.jobs[reading] = _Job(int(head.get("number", 0)), pid, reading, folder, until, cpu)

    def _hear(self, job: _Job) -> None:
        """The next piece of a child's answer; its end; or that it says too much."""
        piece = os.read(job.reading, _CHUNK)
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


def _stamps(folders: Sequence[Path]) -> list[object]:
    found: list[object] = []
    for folder in folders:
        with contextlib.suppress(OSError):
            for entry in sorted(os.scandir(folder), key=lambda e: e.name):
                if entry.name.endswith(".toml"):
                    stat = entry.stat()
                    found.append((str(folder), entry.name, stat.st_mtime_ns, stat.st_size))
    return found


def main(arguments: Sequence[str]) -> int:
    """``parsers.zygote FOLDER [FORMS-FOLDER …]``: the folder is private and empty; orders on 0, answers on 1."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    orders, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    probes: dict[str, Any] = runpy.run_path(os.environ[PROBES]) if os.environ.get(PROBES) else {}
    warm_up()
    warm_up_containers()
    try:
        Zygote(orders, answers, Path(arguments[0]), [Path(a) for a in arguments[1:]], probes).live()
    except FormError as error:
        write_frame(answers, {"status": "broken", "detail": str(error)[:4000]})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
