"""``unar``, for the archives the library in the reader cannot open (solid ones of the old rar, zips packed otherwise than by deflate): the one program that is executed.

Rules (faults, "Confining the parsers"; issue 4, "Hostile input"):

1. Only inside bubblewrap: no network, no other process, no file of the machine but ``/usr``, read only, an empty folder in memory to
   write in, no capability, no environment. Without either program nothing is run: ``tool_missing``, a person looks.
2. Its limits are a reader's: memory, processor time, size and number of files, and the wall clock.
3. What it unpacked comes back as one tar through a pipe, counted while it comes, and is looked into by the confined reader only.
4. It needs neither ``/proc`` nor the machine's users: what it asks of them is made up, so that it runs inside the service's unit too.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence

from parsers import limits
from parsers.unpacked import Unpacked

PROGRAMS = ("bwrap", "unar")
_UNAR = ("unar", "-q", "-D", "-o", "/out", "/in.rar")
# bwrap itself is the first process in there, the shell the second; GNUstep looks for its arguments under /proc
_THIRD = "/proc/3/cmdline"
_USER = b"reader:x:1000:1000::/out:/bin/false\n"
_SCRIPT = """\
ulimit -v {memory} && ulimit -t {cpu} && ulimit -n {files} && ulimit -f {size} || exit 125
unar -q -D -o /out /in.rar >&2; ended=$?
tar -cf - -C /out . 2>/dev/null && exit $ended
"""
_CHUNK = 1 << 18
_SAID_MAX = 4096  # bytes of what it prints that are looked at
_LOCKED = b"password"


def missing() -> tuple[str, ...]:
    """Which of the programs are not installed."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


def obstacle() -> str:
    """Why nothing can be run behind the walls here; "" when it can."""
    lacking = missing()
    if lacking:
        return " ".join("bubblewrap" if name == "bwrap" else name for name in lacking) + " is missing"
    try:
        _, out, said = run("echo inside", b"", limits.KIB, 20.0)
    except (OSError, OverflowError) as error:  # TimeoutError is one
        return f"bubblewrap: {error or type(error).__name__}"
    return "" if out == b"inside\n" else f"bubblewrap: {said.decode('utf-8', 'replace').strip()[:200]}"


def unpack(data: bytes, sha256: str, most: int = limits.UNAR_OUT_MAX, wall: float = limits.WORKER_WALL) -> Unpacked:
    """The archive's files as a tar of at most so many bytes, or why not."""
    if missing():
        return Unpacked(sha256, reason="tool_missing")
    try:
        ended, tar, said = run(_script(), data, most, wall)
    except TimeoutError:
        return Unpacked(sha256, reason="timeout")
    except OverflowError:
        return Unpacked(sha256, reason="too_large")
    if not tar or ended not in (0, 1, 2):  # tar gives a folder at least: bubblewrap or the shell could not begin
        return Unpacked(sha256, reason="tool_missing")
    if len(tar) > limits.RATIO_FROM and len(tar) > limits.RATIO * len(data):
        return Unpacked(sha256, reason="zip_bomb")
    if _LOCKED in said:
        return Unpacked(sha256, reason="encrypted")
    return Unpacked(sha256, tar, whole=ended == 0)


def _script() -> str:
    return _SCRIPT.format(
        memory=limits.WORKER_ADDRESS_SPACE // limits.KIB,
        cpu=limits.WORKER_CPU,
        files=limits.WORKER_FILES,
        size=limits.WORKER_FILE_SIZE // 512,
    )


def run(script: str, data: bytes, most: int, wall: float) -> tuple[int, bytes, bytes]:
    """A shell script inside the walls, with ``/in.rar``: how it ended, what it gave, what it printed.

    Raises ``TimeoutError``, or ``OverflowError`` when it gives more than so many bytes.
    """
    with _given(data, "\0".join((*_UNAR, "")).encode(), _USER) as (archive, arguments, user):
        walls = _walls(archive, arguments, user)
        with subprocess.Popen(  # noqa: S603  # our own words, and descriptors
            [*walls, "/bin/sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(archive, arguments, user),
            env={},
            start_new_session=True,
        ) as process:
            try:
                tar, said = _heard(process, most, time.monotonic() + wall)
                return process.wait(wall), tar, said
            except subprocess.TimeoutExpired as error:
                raise TimeoutError from error
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _walls(archive: int, arguments: int, user: int) -> Sequence[str]:
    return (
        shutil.which("bwrap") or "bwrap",
        "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000",
        "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8", "--setenv", "HOME", "/out",
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
        "--dir", "/dev", "--dev-bind", "/dev/null", "/dev/null",
        "--ro-bind-data", str(arguments), _THIRD, "--ro-bind-data", str(user), "/etc/passwd", "--ro-bind-data", str(archive), "/in.rar",
        "--size", str(limits.INFLATED_MAX), "--tmpfs", "/out", "--chdir", "/out",
    )  # fmt: skip


@contextlib.contextmanager
def _given(*contents: bytes) -> Iterator[tuple[int, ...]]:
    """Files in memory, by descriptor, at their beginning."""
    found: list[int] = []
    try:
        for content in contents:
            found.append(os.memfd_create("in", 0))
            with open(found[-1], "wb", closefd=False) as file:  # a descriptor, not a path
                file.write(content)
            os.lseek(found[-1], 0, os.SEEK_SET)
        yield tuple(found)
    finally:
        for one in found:
            os.close(one)


def _heard(process: subprocess.Popen[bytes], most: int, until: float) -> tuple[bytes, bytes]:
    """What it gives and what it prints, to the end."""
    assert process.stdout
    assert process.stderr
    out, said = process.stdout.fileno(), process.stderr.fileno()
    heard = {out: bytearray(), said: bytearray()}
    waiting = {out, said}
    while waiting:
        ready, _, _ = select.select(sorted(waiting), [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        for one in ready:
            piece = os.read(one, _CHUNK)
            if not piece:
                waiting.discard(one)
            elif one == out or len(heard[one]) < _SAID_MAX:
                heard[one] += piece
        if len(heard[out]) > most:
            raise OverflowError
    return bytes(heard[out]), bytes(heard[said])
