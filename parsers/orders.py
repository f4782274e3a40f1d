"""What the service asks of the warm worker and what it hears, as values: nothing that reads is imported for them.

Rules:

1. The service stays for months beside its worker; what only reading needs (4 MB) is not in its memory.
2. An answer about a whole mail comes in pieces, each with its length: what was said stands, whatever becomes of the child.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from parsers.scan import ScannedPart, WantedPages
from parsers.unpacked import Unpacked
from parsers.values import Document, Envelope, Hints, Leaf, PartReading
from parsers.wire import WireError, pack, unpack

# Reasons that are our reader's weakness, not the sender's mistake (definitions: in_review, never incomplete).
REVIEW = frozenset(
    {"no_text", "low_text_quality", "unreadable_scan", "timeout", "memory", "reader_crashed", "tool_missing"}
)
_LENGTH = struct.Struct(">Q")  # of a piece


@dataclass(frozen=True, slots=True)
class PartOrder:
    """What a child needs to read one part."""

    leaf: Leaf
    hints: Hints
    as_form: str | None
    scans: tuple[ScannedPart, ...] = ()  # what the page worker saw
    unpacked: tuple[Unpacked, ...] = ()  # what ``parsers.unar`` made of archives


@dataclass(frozen=True, slots=True)
class Took:
    """How long a part took, in seconds, from its bytes to its figures."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What became of one leaf, and the pages the page worker should look at."""

    readings: tuple[PartReading, ...]
    wanted: tuple[WantedPages, ...] = ()
    archives: tuple[bytes, ...] = ()  # for ``parsers.unar``


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as a person sees it; both None when there is no such part, or only in an archive nobody has unpacked yet."""

    leaf: Leaf | None
    document: Document | None
    archives: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class MailOrder:
    """What a child needs to read a mail."""

    raw: bytes
    received: date | None  # local day of receipt
    as_form: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A mail opened, and what became of its first leaves."""

    envelope: Envelope
    parts: tuple[Parts, ...] = ()


def hints_of(envelope: Envelope, name: str, received: date | None) -> Hints:
    """What the mail says beside one of its leaves."""
    return Hints(envelope.subject, name, received)


def framed(piece: Envelope | Parts) -> bytes:
    """One piece of the answer."""
    message = pack(piece)
    return _LENGTH.pack(len(message)) + message


def heard(answer: bytes | bytearray) -> Whole:
    """What a child said, as far as its pieces are whole; raises ``WireError`` without an envelope."""
    pieces = _pieces(memoryview(answer))
    envelope = unpack(next(pieces, b""), Envelope)
    parts: list[Parts] = []
    with suppress(WireError):
        for _, piece in zip(envelope.leaves, pieces, strict=False):
            parts.append(unpack(piece, Parts))
    return Whole(envelope, tuple(parts))


def _pieces(left: memoryview) -> Iterator[bytes]:
    while len(left) >= _LENGTH.size:
        (length,) = _LENGTH.unpack(left[: _LENGTH.size])
        if _LENGTH.size + length > len(left):
            return
        yield bytes(left[_LENGTH.size : _LENGTH.size + length])
        left = left[_LENGTH.size + length :]
