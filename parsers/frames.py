"""Frames on a pipe between the service and its warm workers.

A frame: length of the head, length of the body (8 bytes each), head (JSON), body.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any

from parsers import limits

_SIZES = struct.Struct(">QQ")
CHUNK = 1 << 20
_HEAD_MAX = 64 * limits.KIB

Head = dict[str, Any]


class Closed(Exception):  # the other side is gone
    """The pipe ended."""


def framed(head: Head, body: bytes | bytearray = b"") -> tuple[bytes, bytes | bytearray]:
    """The pieces of one frame, to be written one after the other."""
    text = json.dumps(head).encode()
    return _SIZES.pack(len(text), len(body)) + text, body


def write_frame(descriptor: int, head: Head, body: bytes | bytearray = b"", deadline: float | None = None) -> None:
    """Send one frame; raises TimeoutError at the deadline, when the descriptor does not block."""
    for piece in framed(head, body):
        view = memoryview(piece)
        while view:
            try:
                view = view[os.write(descriptor, view[:CHUNK]) :]
            except BlockingIOError:
                _wait(descriptor, select.POLLOUT, deadline)


def read_frame(descriptor: int, body_max: int, deadline: float | None = None) -> tuple[Head, bytearray]:
    """Receive one frame; raises ``Closed`` when the pipe ends or lies about itself, TimeoutError at the deadline."""
    head_size, body_size = _SIZES.unpack(_exactly(descriptor, _SIZES.size, deadline))
    if head_size > _HEAD_MAX or body_size > body_max:
        raise Closed("a frame beyond all bounds")
    head = json.loads(_exactly(descriptor, head_size, deadline))
    return head, _exactly(descriptor, body_size, deadline)


def _exactly(descriptor: int, count: int, deadline: float | None) -> bytearray:
    got = bytearray()
    while len(got) < count:
        if deadline is not None:
            _wait(descriptor, select.POLLIN, deadline)
        piece = os.read(descriptor, min(CHUNK, count - len(got)))
        if not piece:
            raise Closed("the pipe ended")
        got += piece
    return got


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    left = None if deadline is None else 1000 * (deadline - time.monotonic())
    poller = select.poll()
    poller.register(descriptor, event | select.POLLHUP)
    if (left is not None and left <= 0) or not poller.poll(left):
        raise TimeoutError
