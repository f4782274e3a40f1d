"""A warm process that forks: each call of the command line runs in a fresh fork of a process that has the service imported.

A real process, killed for real, without the half second an interpreter needs to start. ``python -m tests.faults.forge`` is
the process; ``Forge`` talks to it by lines of JSON. An order names the verb, where to strike (``strike.py``), after how many
seconds to send SIGKILL or SIGSTOP, and whether the reader is the real confined worker or runs inside the process.
"""

from __future__ import annotations

import ctypes
import gc
import itertools
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
THRIFTY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TOP_PAD_": str(8 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}  # glibc
HUGE, MADV_COLLAPSE = 2 << 20, 25  # bytes of a huge page; Linux 6.1
LONGEST = 110.0  # seconds any call may take before it is a failure of the test


@dataclass(frozen=True)
class Call:
    """What became of one call."""

    code: int  # exit code, minus the signal that ended it
    out: str
    err: str
    memory: int  # KiB, at its highest
    passed: tuple[str, ...]  # the kill points passed, in order; the last one is where it died, if it died at one

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Forge:
    """Running between ``start`` and ``stop``."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="forge-")))
    _process: subprocess.Popen[str] | None = None
    _turn: int = 0

    def start(self) -> Forge:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forge", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**environment, **THRIFTY, "PYTHONPATH": str(ROOT), "FAILPOINT": ""},
            start_new_session=True,
        )
        assert self._ask({"ready": True}) == {"ready": True}
        return self

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def rehearse(self, url: str) -> None:
        """Get ready for another kind of database."""
        self._ask({"rehearse": url})

    def run(self, *argv: str, **how: Any) -> Call:
        """One call, to its end. ``how``: env, strike, inject, box, kill_after and longest (seconds)."""
        return self.end(self.begin(*argv, **how))

    def begin(self, *argv: str, **how: Any) -> int:
        """Start a call; its process id."""
        return int(self._ask({"argv": argv, **how})["pid"])

    def end(self, pid: int) -> Call:
        """Wait for a call begun."""
        answer = self._ask({"wait": pid})
        return Call(answer["code"], answer["out"], answer["err"], answer["memory"], tuple(answer["passed"]))

    def reached(self, pid: int, point: str, within: float = 60.0) -> None:
        """Wait until a call begun has passed that point."""
        until = time.monotonic() + within
        while point not in self._ask({"peek": pid})["passed"]:
            assert time.monotonic() < until, f"{point} was not reached"
            time.sleep(0.02)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._turn += 1
        self._process.stdin.write(json.dumps({"turn": self._turn, **order}) + "\n")
        self._process.stdin.flush()
        while True:  # an answer nobody waited for, its test having been cut short, is passed over
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
            if answer.pop("turn") == self._turn:
                return answer


# ---- the process itself ----------------------------------------------------------------------------------------------


def _serve(folder: Path) -> None:  # one thread only: what is forked must hold no lock
    _warm(folder, "")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    began: dict[int, tuple[Path, float | None, float]] = {}
    for number, line in zip(itertools.count(1), sys.stdin, strict=False):
        order = json.loads(line)
        if "ready" in order:
            answer: dict[str, Any] = order
        elif "rehearse" in order:
            answer = order
            _warm(folder, order["rehearse"])
        elif "peek" in order:
            answer = {"passed": _text(began[order["peek"]][0] / "passed").split()}
        elif "wait" in order:
            answer = _wait(order["wait"], *began.pop(order["wait"]))
        else:
            place = folder / f"call{number}"
            place.mkdir()
            pid = _fork(place, order)
            began[pid] = (place, order.get("kill_after"), order.get("longest", LONGEST))
            answer = {"pid": pid}
        answers.write(json.dumps({**answer, "turn": order["turn"]}) + "\n")
        answers.flush()


def _warm(folder: Path, url: str) -> None:
    """Import everything a call imports and compile what it asks, by living a week on a mailbox of its own."""
    from tests.faults.rehearsal import rehearse  # noqa: PLC0415 - the service, imported in this process alone

    rehearse(folder, url)
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401, PLC0415

    from tests.faults.strike import holders  # noqa: PLC0415 - it imports the service

    holders.cache_clear()
    holders()
    gc.collect()
    gc.freeze()  # a fork copies only the pages it writes to
    _collapse()


def _collapse() -> None:
    """Put the heap into huge pages where the kernel can: a fork then copies a hundred entries instead of thirty thousand."""
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in Path("/proc/self/maps").read_text("ascii").splitlines():
        span, rights, *_, inode = line.split()[:5]
        first, beyond = (int(end, 16) for end in span.split("-"))
        first, beyond = -(-first // HUGE) * HUGE, beyond // HUGE * HUGE
        if inode == "0" and rights == "rw-p" and first < beyond:
            advise(first, beyond - first, MADV_COLLAPSE)


def _fork(place: Path, order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        for name, number in (("out", 1), ("err", 2)):
            handle = os.open(place / name, os.O_WRONLY | os.O_CREAT)
            os.dup2(handle, number)
        os.environ.update(order.get("env", {}))
        code = _call(place, order)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        import traceback  # noqa: PLC0415

        traceback.print_exc()
    finally:
        os._exit(code)


def _call(place: Path, order: dict[str, Any]) -> int:
    from intake.cli import main  # noqa: PLC0415
    from tests.faults import strike  # noqa: PLC0415

    logging.getLogger().handlers.clear()  # those of the rehearsal write to a file that is closed
    strike.arm(place / "passed", order.get("strike", ""))
    if order.get("box") == "real":
        strike.confined()
    else:
        strike.light()
    for name, *arguments in order.get("inject", ()):
        getattr(strike, name)(*arguments)
    return int(main(list(order["argv"])))


def _wait(pid: int, place: Path, kill_after: float | None, longest: float) -> dict[str, Any]:
    watch = os.pidfd_open(pid)
    poller = select.poll()
    poller.register(watch, select.POLLIN)
    began = time.monotonic()
    if kill_after is not None and not poller.poll(kill_after * 1000):
        os.kill(pid, signal.SIGKILL)
    if not poller.poll(max(0.0, longest - (time.monotonic() - began)) * 1000):
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    os.close(watch)
    found = {name: _text(place / name) for name in ("out", "err", "passed")}
    shutil.rmtree(place, ignore_errors=True)
    return {
        "code": os.waitstatus_to_exitcode(status),
        **found,
        "passed": found["passed"].split(),
        "memory": used.ru_maxrss,
    }


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
