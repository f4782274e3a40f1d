"""The process that writes letters beside us, and our side of it (``notifier.scribe``).

Rules:

1. It knows no database, no mail server and no secret: letter, office and the places of files come to it, bytes go back; nothing for
   a letter it cannot write.
2. One that was killed, or has left because it was idle, is started anew by the next letter.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from notifier.titles import Title, own_titles

if TYPE_CHECKING:
    from notifier.scribe import Job

IDLE = 300.0  # seconds without work after which it leaves
_LENGTH = struct.Struct(">Q")


class ScribeProcess:
    """Our side: for one thread, but for ``lives`` and ``kill``."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def lives(self) -> bool:
        """Whether it was started and has not left."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of the process started last, None before the first and after ``leave``."""
        return self._process.pid if self._process else None

    def write(self, order: tuple[Sequence[Title], Job]) -> bytes | None:
        """What it makes of a job, None when it cannot."""
        for _ in range(2):
            try:
                process = self._living()
                assert process.stdin
                assert process.stdout
                _say(process.stdin, pickle.dumps(order))
                return _hear(process.stdout) or None
            except (OSError, EOFError):
                self.leave()
        return None

    def kill(self) -> None:
        """End it at once."""
        if process := self._process:
            process.kill()

    def leave(self) -> None:
        """Let it end, and wait until it has."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        with suppress(OSError):
            process.stdin.close()
        process.wait()
        process.stdout.close()

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-P", "-m", "notifier.scribe_process", str(self._idle)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # a signal typed at the service's terminal is not for it
            )
        return self._process


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
