"""The warm worker: everything imported and rehearsed once, then a confined child for each job (``python -m parsers.zygote``).

Rules (plan, step 4 READ, promise 3, and faults, "Confining the parsers"):

1. A process of its own, started before anything is opened: one thread, no database, no mailbox, no inherited
   descriptors but its two pipes. It never looks into what a child answers.
2. One job, one child, one empty folder to write in; the child confines itself before it touches the bytes, and has
   nothing open but the pipe for its answer.
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


def write_frame(descriptor: int, head: Head, body: bytes | bytearray = b"") -> None:
    """Send one frame."""
    text = json.dumps(head).encode()
    for piece in (_SIZES.pack(len(text), len(body)) + text, body):
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view[:_CHUNK]) :]


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
            left = deadline - time.monotonic()
            if left <= 0 or not _poll(descriptor, left):
                raise TimeoutError
        piece = os.read(descriptor, min(_CHUNK, count - len(got)))
        if not piece:
            raise Closed("the pipe ended")
        got += piece
    return got


def _poll(descriptor: int, seconds: float) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN | select.POLLHUP)
    return bool(poller.poll(seconds * 1000))


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
class Zygote:
    """One warm worker, answering one job at a time."""

    orders: int  # descriptor
    answers: int
    folder: Path
    form_folders: Sequence[Path]
    probes: dict[str, Any] = field(default_factory=dict)
    forms: FormSet | None = None
    seen: tuple[object, ...] = ()

    def live(self) -> None:
        """Answer jobs until the service is gone."""
        self._refresh()
        prepare()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_RARELY)
        write_frame(self.answers, {"status": "ready"})
        with contextlib.suppress(Closed, BrokenPipeError):
            while True:
                head, body = read_frame(self.orders, limits.MAIL_MAX + limits.PART_MAX)
                self._refresh()
                status, detail, answer = self._run(head, bytes(body))
                write_frame(self.answers, {"status": status, "detail": detail}, answer)

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

    def _run(self, head: Head, body: bytes) -> tuple[str, str, bytearray]:
        """Status, detail and answer of one job."""
        assert self.forms is not None
        forms, probes = self.forms, self.probes
        cpu = int(head.get("cpu", limits.WORKER_CPU))
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:  # pragma: no cover  # the child
            _child(writing, folder, cpu, lambda told: _do(head, body, forms, probes, told))
        os.close(writing)
        try:
            verdict, answer = self._listen(reading, float(head.get("wall", limits.WORKER_WALL)))
        finally:
            os.close(reading)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # had it not yet become a group of its own
            _, ended, used = os.wait4(pid, 0)
            shutil.rmtree(folder, ignore_errors=True)
        spent = used.ru_utime + used.ru_stime
        return _judged(verdict, answer, ended, used.ru_maxrss * limits.KIB, overtime=spent >= cpu)

    def _listen(self, reading: int, wall: float) -> tuple[str, bytearray]:
        """The child's whole answer; the verdict is "" unless it had to be stopped."""
        until = time.monotonic() + wall
        answer = bytearray()
        poller = select.poll()
        poller.register(reading, select.POLLIN | select.POLLHUP)
        poller.register(self.orders, select.POLLHUP)
        while True:
            left = until - time.monotonic()
            ready = poller.poll(left * 1000) if left > 0 else []
            if not ready:
                return "timeout", answer
            if any(number == self.orders for number, _ in ready):
                raise Closed("the service is gone")
            piece = os.read(reading, _CHUNK)
            if not piece:
                return "", answer
            answer += piece
            if len(answer) > limits.WORKER_OUTPUT:
                return "too_large", bytearray()


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
