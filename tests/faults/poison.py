"""Loaded into the real worker before it confines anything (``CCHC_BOX_PROBES``): a text file that holds a word of ``DEATHS`` is a flaw
of the reader's, met by its child behind every wall (F32)."""

from __future__ import annotations

import ctypes
import os
import time
from typing import Any

from parsers import part

DEATHS = ("abort", "segfault", "memory", "recursion", "mistake", "hang")
_MARK = "POISON-"
_real = part.read_document


def word(death: str) -> bytes:
    """The text that makes the reader die so."""
    return f"{_MARK}{death}\n".encode()


def _read(data: bytes, *more: Any, **how: Any) -> Any:
    for death in DEATHS:
        if word(death) in bytes(data):
            globals()[f"_{death}"]()
    return _real(data, *more, **how)


def _abort() -> None:
    os.abort()


def _segfault() -> None:
    ctypes.string_at(0)


def _memory() -> None:
    held = []
    while True:
        held.append(bytearray(1 << 24))


def _recursion() -> None:
    _recursion()


def _mistake() -> None:
    raise ZeroDivisionError


def _hang() -> None:
    time.sleep(3600)


part.read_document = _read
