"""Runs the real ``cchc read --json`` from outside, on batches of files; nothing of the program is imported.

Rules:

1. Files of one group share a call, so that a call's processor time is that group's. Groups with pictures of pages go first, a few
   files a call: the processes end together, and the estimate is of the slow files.
2. Every file read is written down at once with its bytes' hash and the program's; ``--resume`` reads only what is not written
   down so, and nothing is recognised twice.
3. A line of progress every ten seconds, with what is left by the weight of the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

BATCH = 24  # files a call: a call starts a program and a worker, half a second
BATCH_SLOW = 3  # of files with pictures of pages
SECONDS = 1800  # of one call
SLOW = ("scan", "photo", "broken")  # groups whose names begin so hold pictures of pages
WEIGHT = 25  # how much longer such a file takes, for the estimate
TOLD_EVERY = 10.0  # seconds
ROOT = Path(__file__).resolve().parent.parent.parent
CALL = (
    "import resource,runpy,sys\n"
    "try: runpy.run_module('intake', run_name='__main__')\n"
    "except SystemExit: pass\n"
    "used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
    "print('USED', sum(u.ru_utime + u.ru_stime for u in used), sum(u.ru_maxrss for u in used), file=sys.stderr)"
)
Say = Callable[[str], object]


@dataclass(slots=True)
class Read:
    """What was read, and what it took."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)  # by file name
    milliseconds: dict[str, float] = field(default_factory=dict)  # of processor a file, median of its group's calls
    peak_mb: float = 0.0  # of the program and the largest of its children
    again: int = 0  # files whose reading was written down before


@dataclass(frozen=True, slots=True)
class Done:
    """One call: its items, its processor time in seconds without the start, its peak of memory in MB."""

    group: str
    files: tuple[Path, ...]
    items: dict[str, dict[str, Any]]
    seconds: float
    peak_mb: float


def read(
    files: Sequence[Path],
    workers: int,
    groups: dict[str, str] | None = None,
    book: Path | None = None,
    say: Say | None = None,
) -> Read:
    """Every file read. ``groups`` by file name (without them nothing is timed); ``book``: where readings are written down, and what is there is not read again."""
    known = _written_down(files, book) if book else {}
    out = Read({name: line["item"] for name, line in known.items()}, again=len(known))
    lines = [*known.values()]
    batches = list(_batches([file for file in files if file.name not in known], groups or {}))
    told = _Progress(batches, say)
    empty = _start() if batches and groups else 0.0
    with ThreadPoolExecutor(workers) as pool:
        for job in as_completed([pool.submit(_call, batch, group, empty) for group, batch in batches]):
            done = job.result()
            out.items |= done.items
            new = list(_lines(done))
            lines += new
            if book:
                with book.open("a", encoding="utf-8") as kept:
                    kept.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in new)
            told.one(done)
    each: dict[str, list[float]] = {}
    for line in lines:
        each.setdefault(line["group"], []).append(line["ms"])
        out.peak_mb = max(out.peak_mb, line["peak_mb"])
    out.milliseconds = {group: statistics.median(ms) for group, ms in each.items()}
    return out


@cache
def program() -> str:
    """The hash of everything the program is made of: its code and its data."""
    taken = hashlib.sha256()
    for room in ("parsers", "storage", "notifier", "intake"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                taken.update(path.read_bytes())
    return taken.hexdigest()[:16]


def slow(group: str) -> bool:
    return group.startswith(SLOW)


def _batches(files: Sequence[Path], groups: dict[str, str]) -> Iterator[tuple[str, tuple[Path, ...]]]:
    by_group: dict[str, list[Path]] = {}
    for file in files:
        by_group.setdefault(groups.get(file.name, ""), []).append(file)
    for group in sorted(by_group, key=lambda name: not slow(name)):
        size = BATCH_SLOW if slow(group) else BATCH
        for start in range(0, len(by_group[group]), size):
            yield group, tuple(by_group[group][start : start + size])


def _written_down(files: Sequence[Path], book: Path) -> dict[str, dict[str, Any]]:
    """Readings of these very bytes by this very program; a line cut by a stop is none."""
    if not book.exists():
        return {}
    now, out = program(), {}
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    for text in book.read_text("utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if line["program"] == now and hashes.get(line["file"]) == line["sha256"]:
            out[line["file"]] = line
    return out


def _lines(done: Done) -> Iterator[dict[str, Any]]:
    now = program()
    for file in done.files:
        yield {
            "file": file.name,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "program": now,
            "group": done.group,
            "ms": 1000 * done.seconds / len(done.files),
            "peak_mb": done.peak_mb,
            "item": done.items[file.name],
        }


def _call(files: tuple[Path, ...], group: str, empty: float) -> Done:
    """A batch that dies is read file by file, so that one file's fault is its own."""
    call = [sys.executable, "-c", CALL, "read", "--json", *map(str, files)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=SECONDS, check=False, env=_environment())
    seconds, peak = _used(done.stderr)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        if len(files) > 1:
            parts = [_call((file,), group, empty) for file in files]
            items = {name: item for part in parts for name, item in part.items.items()}
            return Done(group, files, items, sum(p.seconds for p in parts), max(p.peak_mb for p in parts))
        broken = {"outcome": f"exit {done.returncode}", "parts": [], "error": done.stderr[-300:]}
        return Done(group, files, {files[0].name: broken}, seconds, peak)
    items = {item["file"]: item for item in answer["items"]}
    return Done(group, files, items, max(0.0, seconds - empty), peak)


def _start() -> float:
    """Seconds of processor a call takes that finds nothing to read: the program, its worker, a child."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "nothing.txt"
        nothing.write_text("-\n", "utf-8")
        return min(_call((nothing,), "", 0.0).seconds for _ in range(2))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CCHC_CONFIG"}


def _used(said: str) -> tuple[float, float]:
    for line in reversed(said.splitlines()):
        if line.startswith("USED "):
            _, seconds, kilobytes = line.split()
            return float(seconds), int(kilobytes) / 1024
    return 0.0, 0.0


class _Progress:
    """Says how far it is, at most every ten seconds and at the end."""

    def __init__(self, batches: Sequence[tuple[str, tuple[Path, ...]]], say: Say | None) -> None:
        self._say, self._began, self._told, self._lock = say, time.monotonic(), 0.0, threading.Lock()
        self._files = self._weight = 0
        self._all_files = sum(len(files) for _, files in batches)
        self._all_weight = sum(_weight(group) * len(files) for group, files in batches)

    def one(self, done: Done) -> None:
        with self._lock:
            self._files += len(done.files)
            self._weight += _weight(done.group) * len(done.files)
            took = time.monotonic() - self._began
            if self._say and (took - self._told >= TOLD_EVERY or self._files == self._all_files):
                self._told = took
                left = took * (self._all_weight - self._weight) / self._weight
                self._say(f"reading: {self._files} of {self._all_files} files, {took:.0f} s, about {left:.0f} s left")


def _weight(group: str) -> int:
    return WEIGHT if slow(group) else 1
