"""Take away from this process everything a reader does not need: for good, and inherited by what it might start.

Rules (plan, faults, "Confining the parsers: measured ways"):

1. Limits first (address space, processor time, file size, descriptors, no core), then no new privileges and no
   capabilities, then landlock (read the interpreter and this package, write the job's own folder), then seccomp.
2. Landlock knows only TCP: what stops UDP and name look-ups is the refusal of ``socket`` itself.
3. A layer the kernel or the machine lacks is told, never passed over in silence; the others still hold.
4. Works for root and for an ordinary user alike: nothing here needs a privilege.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from parsers import limits

try:  # imported before anything is confined: finding the library runs helper programs
    import pyseccomp
except (ImportError, OSError, RuntimeError):  # pragma: no cover  # no libseccomp on this machine
    pyseccomp = None

_PACKAGE = Path(__file__).resolve().parent
_LIBC = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # one number on every architecture
_RULE_PATH_BENEATH = 1
_ACCESS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_WRITE = (1 << 1) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8) | (1 << 14)  # write, remove, make, truncate
_NET_TCP = 0b11  # bind, connect
_SCOPED = 0b11  # abstract sockets, signals
_NET_ABI, _SCOPE_ABI, _TRUNCATE_ABI = 4, 6, 3
_CLONE_THREAD = 0x00010000

# Refused outright. What is not named here passes: readers differ too much between machines for a list of what may.
_REFUSED = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "recvfrom", "recvmsg", "recvmmsg", "socketcall", "execve", "execveat", "fork", "vfork", "ptrace",
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "setsid", "setpgid", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd", "memfd_create", "memfd_secret",
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsmount",
    "fsconfig", "name_to_handle_at", "open_by_handle_at", "keyctl", "add_key", "request_key", "init_module",
    "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "quotactl",
    "personality", "syslog", "ioperm", "iopl", "shmget", "shmat", "msgget", "semget", "mq_open", "fanotify_init",
    "inotify_init", "inotify_init1", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
    "capset", "chown", "fchown", "lchown", "fchownat", "mknod", "mknodat", "setpriority", "sched_setaffinity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confinement:
    """Which layers are in force around a reader, as told by a confined process itself."""

    rlimits: bool
    landlock: bool
    seccomp: bool
    notes: tuple[str, ...] = ()  # what is missing and why, in English, for ``check`` and ``status``

    @property
    def complete(self) -> bool:
        """Whether every layer is in force."""
        return self.rlimits and self.landlock and self.seccomp

    def limited(self, missing: tuple[str, ...]) -> Confinement:
        """The same with limits in force, or with what of them is missing."""
        return replace(self, rlimits=not missing, notes=(*missing, *self.notes))


def die_with_parent() -> None:
    """Be killed when the parent ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def die_first() -> None:
    """Where memory runs out, be the one the kernel ends: a part is lost then, not the service."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def confine(
    writable: Path, readable: Sequence[Path] = (), cpu: int = limits.WORKER_CPU
) -> Confinement:  # pragma: no cover  # in the worker's child
    """Confine this process for good; says which layers took hold."""
    mapped = measure()
    notes = limit(mapped, cpu)
    os.close(mapped)
    return wall_in(writable, readable).limited(notes)


def wall_in(writable: Path, readable: Sequence[Path] = ()) -> Confinement:  # pragma: no cover  # in the worker's child
    """Everything but the limits, which count from the job and are set when it is there."""
    notes: list[str] = []
    die_first()  # what is not dumpable may not even raise its own score
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        notes.append("no_new_privs refused")
    _drop_capabilities(notes)
    fenced = _fence(writable, (*_interpreter(), *readable), notes)
    filtered = _filter(notes)
    return Confinement(rlimits=False, landlock=fenced, seccomp=filtered, notes=tuple(notes))


def _interpreter() -> tuple[Path, ...]:  # pragma: no cover  # in the worker's child
    """Where lazily imported modules and codecs lie."""
    return Path(sys.prefix), Path(sys.base_prefix), _PACKAGE


def measure() -> int:  # pragma: no cover  # in the worker's child
    """A descriptor that tells ``limit`` what is mapped; behind the walls it cannot be opened any more."""
    return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)


def limit(mapped: int, cpu: int) -> tuple[str, ...]:  # pragma: no cover  # in the worker's child
    """Limits counted from now; what could not be set, and why."""
    in_use = int(os.pread(mapped, 100, 0).split()[0]) * resource.getpagesize()
    wanted = {
        resource.RLIMIT_CPU: cpu + round(time.process_time()),
        resource.RLIMIT_AS: in_use + limits.WORKER_ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: limits.WORKER_FILE_SIZE,
        resource.RLIMIT_NOFILE: limits.WORKER_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in wanted.items():
        try:
            # a second between the signal that says why (SIGXCPU) and the one that only ends it
            resource.setrlimit(what, (value, value + (what == resource.RLIMIT_CPU)))
        except (OSError, ValueError) as error:
            return (f"rlimit {what}: {error}",)
    return ()


def _drop_capabilities(notes: list[str]) -> None:  # pragma: no cover  # in the worker's child
    head = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if _LIBC.capset(head, struct.pack("=6I", *[0] * 6)) != 0:
        notes.append(f"capabilities kept: {os.strerror(ctypes.get_errno())}")


# ---- landlock ---------------------------------------------------------------------------------------------------------


def landlock_abi() -> int:
    """The kernel's landlock version, 0 when it has none."""
    found: int = _LIBC.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(found, 0)


def _fence(
    writable: Path, readable: Sequence[Path], notes: list[str]
) -> bool:  # pragma: no cover  # in the worker's child
    abi = landlock_abi()
    if abi < 1:
        notes.append("landlock: not in this kernel")
        return False
    handled = _ACCESS_BY_ABI.get(abi, _ACCESS_BY_ABI[5])
    net = _NET_TCP if abi >= _NET_ABI else 0
    attributes = struct.pack("=QQQ", handled, net, _SCOPED if abi >= _SCOPE_ABI else 0)
    size = 24 if abi >= _SCOPE_ABI else 16 if abi >= _NET_ABI else 8
    ruleset = _LIBC.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        notes.append(f"landlock: {os.strerror(ctypes.get_errno())}")
        return False
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR, notes)
        _allow(ruleset, writable, (_READ_FILE | _READ_DIR | _WRITE) & handled, notes)
        # Tesseract prints its warnings there, and crashes where it cannot be opened
        _allow(ruleset, Path(os.devnull), (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled, notes)
        if _LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0)) != 0:
            notes.append(f"landlock: {os.strerror(ctypes.get_errno())}")
            return False
    finally:
        os.close(ruleset)
    return True


def _allow(
    ruleset: int, path: Path, access: int, notes: list[str]
) -> None:  # pragma: no cover  # in the worker's child
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        notes.append(f"landlock: {path}: {error.strerror}")
        return
    try:
        rule = struct.pack("=Qi", access, folder)
        if _LIBC.syscall(_LANDLOCK_ADD, ruleset, _RULE_PATH_BENEATH, rule, ctypes.c_uint32(0)) != 0:
            notes.append(f"landlock: {path}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(folder)


# ---- seccomp ----------------------------------------------------------------------------------------------------------


def prepare() -> None:
    """Gather what every child's filter has in common, once, before the first fork: 2 ms less a child."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        _common()


def _filter(notes: list[str]) -> bool:  # pragma: no cover  # in the worker's child
    if pyseccomp is None:
        notes.append("seccomp: libseccomp is not installed")
        return False
    try:
        _common().load()
        _own(os.getpid()).load()
    except (OSError, ValueError, RuntimeError) as error:
        notes.append(f"seccomp: {error}")
        return False
    return True


@cache
def _common() -> Any:
    """The filter that is the same for every child."""
    if pyseccomp is None:
        raise OSError(errno.ENOSYS, "libseccomp is not installed")
    refused, arg = pyseccomp.ERRNO(errno.EPERM), pyseccomp.Arg
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _REFUSED:
        _add(rules, refused, name)
    _add(rules, refused, "prlimit64", arg(0, pyseccomp.NE, 0))
    _add(rules, refused, "clone", arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
    _add(rules, pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be seen; libc then uses clone
    return rules


def _own(process: int) -> Any:  # pragma: no cover  # in the worker's child
    """A second filter: a process may end itself, and nobody else; abort() must stay a crash."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("kill", "tgkill"):
        _add(rules, pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(0, pyseccomp.NE, process))
    return rules


def _add(rules: Any, action: int, name: str, *args: Any) -> None:
    try:
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    except (OSError, ValueError):
        return  # a call this library has never heard of
    if number >= 0:  # below: a call this architecture does not have
        rules.add_rule(action, number, *args)
