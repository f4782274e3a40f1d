"""Jobs that try the walls of the box or break its worker; loaded by a worker only when a test names this file."""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import mmap
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import parsers

_KEPT: list[bytearray] = []


def _tried(attempt: Callable[[], object]) -> str:
    try:
        return f"allowed: {attempt()!r}"[:200]
    except BaseException as error:
        return type(error).__name__


def read_passwd(_: bytes) -> str:
    return _tried(lambda: Path("/etc/passwd").read_text())


def read_file(path: bytes) -> str:
    return _tried(lambda: Path(path.decode()).read_bytes())


def list_folder(path: bytes) -> str:
    return _tried(lambda: list(Path(path.decode()).iterdir()))


def write_file(path: bytes) -> str:
    return _tried(lambda: Path(path.decode()).write_text("out"))


def write_package(_: bytes) -> str:
    return _tried(lambda: Path(parsers.__file__).with_name("planted.py").write_text("out"))


def write_own_folder(_: bytes) -> str:
    def attempt():
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("mine")
            file.seek(0)
            return file.read(), list(Path(tempfile.gettempdir()).iterdir()) == [Path(file.name)]

    return _tried(attempt)


def tcp(port: bytes) -> str:
    return _tried(lambda: socket.create_connection(("127.0.0.1", int(port)), 2))


def udp(_: bytes) -> str:
    return _tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


def unix_socket(_: bytes) -> str:
    return _tried(lambda: socket.socket(socket.AF_UNIX))


def execute(_: bytes) -> str:
    return _tried(lambda: os.execv("/bin/true", ["true"]))


def start_program(_: bytes) -> str:
    return _tried(lambda: subprocess.run(["/bin/true"], check=False))


def fork(_: bytes) -> str:
    return _tried(os.fork)


def kill_parent(_: bytes) -> str:
    return _tried(lambda: os.kill(os.getppid(), 0))


def kill_service(pid: bytes) -> str:
    return _tried(lambda: os.kill(int(pid), 9))


def parent_memory(_: bytes) -> str:
    return _tried(lambda: Path(f"/proc/{os.getppid()}/mem").open("rb").read(1))


def trace_parent(_: bytes) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.ptrace(16, os.getppid(), 0, 0)  # PTRACE_ATTACH
    return "allowed" if done == 0 else os.strerror(ctypes.get_errno())


def new_session(_: bytes) -> str:
    return _tried(os.setsid)


def raise_limits(_: bytes) -> str:
    return _tried(lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))


def big_file(_: bytes) -> str:
    def attempt():
        with tempfile.TemporaryFile() as file:
            for _ in range(200):
                file.write(b"\0" * (1 << 20))

    return _tried(attempt)


def big_memory(_: bytes) -> str:
    return _tried(lambda: len(bytearray(1 << 30)))


def many_files(_: bytes) -> str:
    return _tried(lambda: [os.open(Path(os.__file__).parent, os.O_RDONLY) for _ in range(100)])


def descriptors(_: bytes) -> str:
    open_now = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        open_now.append(number)
    return str(open_now)


def environment(_: bytes) -> str:
    return " ".join(sorted(os.environ))


def lazy_imports(_: bytes) -> str:
    def attempt():
        return [importlib.import_module(name).__name__ for name in ("encodings.cp437", "encodings.utf_7", "wave")]

    return _tried(attempt)


def whoami(_: bytes) -> str:
    return str(os.getpid())


def as_whom(order: bytes) -> str:
    """Another probe, told together with the process that did it: "4711 PermissionError"."""
    name, _, body = order.partition(b" ")
    return f"{os.getpid()} {globals()[name.decode()](body)}"


def allowance(_: bytes) -> str:
    """Seconds of processor time and MiB of address space that may still be used."""
    seconds = resource.getrlimit(resource.RLIMIT_CPU)[0] - round(time.process_time())
    held: list[mmap.mmap] = []
    try:
        while True:
            held.append(mmap.mmap(-1, 1 << 20))
    except OSError:
        return f"{seconds} {len(held)}"


def remember(word: bytes) -> str:
    _KEPT.append(bytearray(word))
    return "kept"


def remembered(_: bytes) -> str:
    return str(_KEPT)


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# ---- jobs that end badly ---------------------------------------------------------------------------------------------


def segfault(_: bytes) -> str:
    ctypes.string_at(0)
    return "unreachable"


def abort(_: bytes) -> str:
    os.abort()


def leave(_: bytes) -> str:
    os._exit(7)


def spin(_: bytes) -> str:
    while True:
        pass


def until_told(_: bytes) -> str:
    """At work until somebody sends SIGUSR1, however long that takes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.signal(
        signal.SIGUSR1, lambda *_: None
    )  # by which it is known from outside: held back already, it cannot be missed
    signal.sigwait({signal.SIGUSR1})
    return "told"


def sleep(seconds: bytes) -> str:
    time.sleep(float(seconds))
    return "slept"


def interval(seconds: bytes) -> str:
    """When it slept, on the clock all processes share."""
    began = time.monotonic()
    time.sleep(float(seconds))
    return f"{began} {time.monotonic()}"


def eat_memory(_: bytes) -> str:
    while True:
        _KEPT.append(bytearray(1 << 24))


def abort_for_memory(_: bytes) -> str:
    """As pdfium ends: takes what there is, then aborts instead of raising."""
    try:
        while True:
            held = mmap.mmap(-1, 1 << 24)
            held.write(b"\1" * (1 << 24))
            _KEPT.append(held)
    except (OSError, MemoryError):
        os.abort()
    return "unreachable"


def recurse(_: bytes) -> str:
    return recurse(_)


def shout(megabytes: bytes) -> str:
    return "x" * (int(megabytes) << 20)


def lie(_: bytes) -> str:
    """Answers with bytes that are no value at all and ends."""
    os.write(3, b"ok\n" + b"\xff" * 100)
    os._exit(0)


def raise_error(_: bytes) -> str:
    raise ValueError("bên trong")


def priority(_: bytes) -> str:
    return str(os.getpriority(os.PRIO_PROCESS, 0))


def unlock(locked: bytes) -> str:
    """Bytes locked with an empty key, opened as pdfminer does."""
    from pdfminer import pdfdocument, utils  # noqa: PLC0415 - by the worker, which leaves out what it seldom needs

    def attempt():
        aes, mode = pdfdocument.algorithms.AES(bytes(16)), pdfdocument.modes.CBC(bytes(16))
        opener = pdfdocument.Cipher(aes, mode, backend=pdfdocument.default_backend()).decryptor()
        return utils.make_compat_str(opener.update(locked) + opener.finalize())

    return _tried(attempt)
