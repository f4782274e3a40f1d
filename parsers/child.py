"""A child of a warm process, from its fork to its end: walls first, then one job, then nothing.

Rules (plan, promise 3, and faults, "Confining the parsers"):

1. One job, one child. It has nothing open but the pipe for its answer (3), and writes in its own empty folder only.
2. A child made for an order has the order in memory and confines itself before it looks at the bytes.
3. A child that stands ready has the warm process's memory copied (``parsers.owned``) and has confined itself before its order exists.
   The order comes by a pipe (4), closed before anybody looks at the bytes; processor time and memory are counted from that moment.
4. What it says: ``READY`` if it stood ready, then how it went, a line, and the answer.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from parsers import limits
from parsers.confine import Confinement, confine, die_with_parent, limit, measure, wall_in
from parsers.frames import Head, read_frame
from parsers.owned import Memory

READY = b"."
_ANSWER, _ORDERS = 3, 4  # descriptors
_ABOVE = 16  # descriptors from here on are in nobody's way

Work = Callable[[Head, bytes, Confinement], bytes]  # done in the child


@dataclass(frozen=True, slots=True)
class Trade:
    """What all children of one warm process have in common."""

    work: Work
    ahead: bool = False  # whether a child is made ahead
    readable: Sequence[Path] = ()  # what they may read beside the interpreter


def serve(trade: Trade, answer: int, folder: Path, head: Head, body: bytes) -> None:  # pragma: no cover  # a child
    """Do this order; never returns."""
    try:
        _settle(folder, answer)
        told = confine(folder, trade.readable, _cpu(head))
        _do(trade, head, body, told)
    finally:
        os._exit(0)


def stand_ready(
    trade: Trade, answer: int, folder: Path, orders: int, memory: Memory
) -> None:  # pragma: no cover  # a child
    """Be warm, be confined, wait for one order, do it; never returns."""
    try:
        _settle(folder, answer, orders)
        memory.fetch()
        mapped = measure()
        told = wall_in(folder, trade.readable)
        os.write(_ANSWER, READY)
        head, body = read_frame(_ORDERS, limits.MAIL_MAX + limits.PART_MAX)
        content = bytes(body)
        del body
        told = told.limited(limit(mapped, _cpu(head)))
        os.close(mapped)
        os.close(_ORDERS)
        _do(trade, head, content, told)
    finally:
        os._exit(0)


def _cpu(head: Head) -> int:
    return int(head.get("cpu", limits.WORKER_CPU))


def _settle(folder: Path, *kept: int) -> None:  # pragma: no cover  # in a child
    """A session and a folder of its own; nothing open but ``kept``, from 3 on, and 0 to 2, which lead nowhere."""
    os.setsid()
    die_with_parent()
    null = os.open(os.devnull, os.O_RDWR)
    above = [fcntl.fcntl(number, fcntl.F_DUPFD, _ABOVE) for number in (null, null, null, *kept)]
    for number, descriptor in enumerate(above):
        os.dup2(descriptor, number)
    os.closerange(len(above), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)


def _do(trade: Trade, head: Head, body: bytes, told: Confinement) -> None:  # pragma: no cover  # in a child
    """The job, and what is said of it."""
    try:
        status, answer = b"ok", trade.work(head, body, told)
    except MemoryError:
        status, answer = b"memory", b""
    except BaseException as error:  # noqa: BLE001  # whatever happened, the service must be told what
        status, answer = b"failed", _trace(error)
    with open(_ANSWER, "wb", closefd=False) as pipe:  # a descriptor, not a path
        pipe.write(status + b"\n")
        pipe.write(answer)


def _trace(error: BaseException) -> bytes:  # pragma: no cover  # in a child
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    spot = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
    return f"{type(error).__name__} at {spot}: {error}"[:500].encode("utf-8", "replace")
