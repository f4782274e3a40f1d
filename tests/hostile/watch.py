"""What a process opens for writing and whom it calls, told by the interpreter itself (PEP 578 audit events)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(slots=True)
class Seen:
    """Everything that happened while it was watched."""

    written: set[str] = field(default_factory=set)  # absolute paths
    called: set[str] = field(default_factory=set)  # addresses connected or sent to
    asked: set[str] = field(default_factory=set)  # names looked up
    started: set[str] = field(default_factory=set)  # programs


_watching: list[Seen] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for seen in _watching:
        if event == "open" and isinstance(arguments[0], (str, bytes)) and _writes(arguments):
            seen.written.add(str(Path(os.fsdecode(arguments[0])).absolute()))
        elif event in ("os.rename", "os.mkdir", "os.symlink", "os.link") and isinstance(arguments[0], (str, bytes)):
            target = arguments[0] if event == "os.mkdir" else arguments[1]
            seen.written.add(str(Path(os.fsdecode(target)).absolute()))
        elif event in ("socket.connect", "socket.sendto"):
            seen.called.add(str(arguments[1]))
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            seen.asked.add(str(arguments[0]))
        elif event == "subprocess.Popen":
            seen.started.add(str(arguments[0]))


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    return any(c in mode for c in "wax+") if isinstance(mode, str) else bool((flags or 0) & _WRITING)


@contextmanager
def watched() -> Iterator[Seen]:
    """What this process does meanwhile."""
    if not getattr(sys, "_hostile_watch", False):
        sys.addaudithook(_hook)
        sys._hostile_watch = True
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)
