"""What is done to a forked call from inside: killed or failed at a kill point, a disk that is full, an fsync that fails.

``arm(trace, "name:n")`` kills at the n-th passing of a point; ``"*:n"`` at the n-th passing of any; ``"name:n=ENOSPC"`` raises
that error there instead. Without a strike the points passed are only written down.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.util import LRUCache

from intake import wiring
from parsers.box import Box
from parsers.confine import Confinement
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.orders import Whole
from parsers.part import read_part
from storage import failpoint as points

FORMS = load_forms()
IN_PARSE = "in_parse"  # a kill point of the tests' own: dead while a file is being read


def arm(trace: Path, setting: str) -> None:
    """Put the striking function in the place of every module's ``failpoint``."""
    where, _, error = setting.partition("=")
    wanted, _, count = where.partition(":")
    left = int(count or "1")
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    turn = threading.Lock()

    def strike(name: str) -> None:
        nonlocal left
        with turn:  # points are passed by several threads
            os.write(handle, f"{name}\n".encode())
            if wanted not in (name, "*"):
                return
            left -= 1
            if left:
                return
        if not error:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))

    for module in holders():
        module.failpoint = strike


@cache
def holders() -> tuple[Any, ...]:
    """The modules that have kill points; found once, before the first fork: looking at two thousand modules copies their pages."""
    loaded = list(sys.modules.values())
    return tuple(module for module in loaded if getattr(module, "failpoint", None) is points.failpoint)


class _HereBox(Box):
    """Reads in this very process: what is confined and what is not is looked at elsewhere."""

    def open_mail(self, raw: bytes) -> Any:
        return open_mail(raw)

    def _whole(self, order: Any) -> Whole:
        return Whole(open_mail(order.raw))

    def read_part(self, leaf: Any, hints: Any, as_form: str | None = None, _parts: Any = None) -> Any:
        points.failpoint(IN_PARSE)  # in the thread that waits for the reader
        return read_part(leaf, FORMS, hints, as_form)

    def confinement(self) -> Confinement:
        return Confinement(rlimits=True, landlock=True, seccomp=True)

    def warm(self) -> None:
        """Nothing is to be started."""

    close = warm


def light() -> None:
    """Read in this very process, with the forms and the compiled SQL the forge already has."""
    wiring.Box = _HereBox  # type: ignore[misc]
    wiring.load_forms = lambda _folders=(): FORMS
    if wiring.open_engine is _open_engine:
        wiring.open_engine = _engine_with_shared_sql


def confined() -> None:
    """Read in the real worker, behind its walls, whatever the rehearsal read in."""
    wiring.Box = Box  # type: ignore[misc]
    wiring.load_forms = load_forms


_open_engine = wiring.open_engine
_COMPILED: dict[str, LRUCache[Any, Any]] = {}
_SPOKEN: dict[str, Any] = {}  # a dialect for each kind: it is part of a compiled statement's key


def _engine_with_shared_sql(url: str, *wait: Any) -> Any:
    engine = _open_engine(url, *wait)
    engine._compiled_cache = _COMPILED.setdefault(engine.dialect.name, LRUCache(5000))
    engine.dialect = _SPOKEN.setdefault(engine.dialect.name, engine.dialect)
    return engine


def fsync_fails(nth: int) -> None:
    """The n-th fsync of this process fails, and with it whatever relied on it."""
    real, left = os.fsync, nth

    def fsync(handle: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(handle)

    os.fsync = fsync


def writes_short(most: int, room: int = 0) -> None:
    """``os.write`` takes no more than so many bytes at a time; after ``room`` bytes (0: endless) the disk is full in mid-write."""
    real, taken, turn = os.write, 0, threading.Lock()

    def write(handle: int, data: Any) -> int:
        nonlocal taken
        with turn:
            fits = min(len(data), most, room - taken if room else most)
            if fits <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written = real(handle, memoryview(data)[:fits])
            taken += written
            return written

    os.write = write


def interrupted(every: float) -> None:
    """A signal every so many seconds breaks off whatever call waits, SQLite's and libpq's among them: EINTR, no restart."""
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.siginterrupt(signal.SIGALRM, True)
    signal.setitimer(signal.ITIMER_REAL, every, every)


def log_takes_half() -> None:
    """Standard error is a pipe that nobody reads and that does not wait: it takes part of what is written, then nothing."""
    _, handle = os.pipe2(os.O_NONBLOCK)
    os.write(handle, bytes(65_536 - 10))  # a pipe's room, all but ten bytes
    os.dup2(handle, 2)


def log_is_full() -> None:
    """Whatever is written to standard error is refused: the disk of the log is full, or nobody reads the pipe any more."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 2)


def disk_fails_from(nth: int, calls: list[str], error: str) -> None:
    """From the n-th kill point on these system calls fail, SQLite's own among them: refused by the kernel, not by Python."""
    import pyseccomp  # noqa: PLC0415

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in calls:
        rules.add_rule(pyseccomp.ERRNO(getattr(errno, error)), call)
    left, turn = nth, threading.Lock()
    for module in holders():

        def passed(point: str, inner: Any = module.failpoint) -> None:
            nonlocal left
            inner(point)
            with turn:
                left -= 1
                if left == 0:
                    rules.load()  # for the thread that passes, and those it starts

        module.failpoint = passed


def files_no_bigger_than(size: int) -> None:
    """RLIMIT_FSIZE: writing beyond it is an error, as on a full disk."""
    import resource  # noqa: PLC0415

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def memory_no_bigger_than(size: int) -> None:
    """RLIMIT_AS over what is used already."""
    import resource  # noqa: PLC0415

    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + size, used + size))


def sleeps_at(name: str, seconds: float) -> None:
    """Stand still at a point: so that something may happen to the process meanwhile."""
    for module in list(sys.modules.values()):
        inner = getattr(module, "failpoint", None)
        if callable(inner) and getattr(module, "__name__", "").split(".")[0] in ("intake", "storage", "notifier"):

            def slow(point: str, inner: Any = inner) -> None:
                inner(point)
                if point == name:
                    time.sleep(seconds)

            module.failpoint = slow  # type: ignore[attr-defined]


def short_waits(busy_seconds: float) -> None:
    """A database that is busy is given up after so many seconds instead of 15."""
    from datetime import timedelta  # noqa: PLC0415

    real = wiring.open_engine
    wiring.open_engine = lambda url: real(url, timedelta(seconds=busy_seconds))


def impatient(seconds: float) -> None:
    """Wait so many seconds for an SMTP or IMAP server instead of a minute."""
    from dataclasses import replace  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from intake.mailbox.account import Account  # noqa: PLC0415

    wiring.SmtpSettings = partial(wiring.SmtpSettings, timeout=seconds, final_timeout=seconds)  # type: ignore[misc]
    real = Account.of
    Account.of = classmethod(lambda _cls, *how: replace(real(*how), read_seconds=seconds))  # type: ignore[method-assign]


def hasty_reader(seconds: float) -> None:
    """The real reader gives a file so many seconds instead of a minute."""
    from functools import partial  # noqa: PLC0415

    wiring.Box = partial(wiring.Box, wall=seconds)  # type: ignore[misc, assignment]


def clock_of_its_own() -> None:
    """The moment of ``--at`` is what the machine's own clock says, as under ``cchc run``: slow mails are passed by."""
    from dataclasses import replace  # noqa: PLC0415

    real = wiring.given_clock
    wiring.given_clock = lambda moment: replace(real(moment), kind="system")


def newer_schema(folder: str) -> None:
    """The service of tomorrow: its migrations are those of that folder."""
    from storage import engine  # noqa: PLC0415

    engine.MIGRATIONS = Path(folder)
