"""A whole mail in one child: opened, then its bodies read, then one file (plan, step 4 READ; ADR 7).

Rules:

1. What is known is said at once, before the next bytes are looked at: the envelope, then what became of each leaf. What was
   said cannot be unsaid; so whatever a file does to the child that reads it, who sent the mail stands already.
2. At most one file, and nothing after it: no file is read where another one was. Those that are left, and any that went
   wrong here, are read by a child of their own, and what goes wrong there is told.
3. No further leaf is begun once ``_LONG`` seconds of processor time are spent.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from parsers.form import FormSet
from parsers.mail import open_mail
from parsers.part import Parts, read_leaf
from parsers.values import Envelope, Hints
from parsers.wire import WireError, pack, unpack

_ANSWER = 3  # the descriptor of ``parsers.child``
_LONG = 2.0  # seconds
_LENGTH = struct.Struct(">Q")  # of a piece


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


def say_whole(order: MailOrder, forms: FormSet) -> None:  # pragma: no cover  # in the worker's child
    """Answer with what is known, piece by piece."""
    _say(b"ok\n")
    for piece in read_whole(order, forms):
        _say(framed(piece))


def _say(piece: bytes) -> None:  # pragma: no cover  # in the worker's child
    left = memoryview(piece)
    while left:
        left = left[os.write(_ANSWER, left) :]


def read_whole(order: MailOrder, forms: FormSet) -> Iterator[Envelope | Parts]:
    """The envelope, then what became of each leaf, as far as one child goes."""
    begun = time.process_time()
    envelope = open_mail(order.raw)
    yield envelope
    for leaf in envelope.leaves if envelope.reason is None else ():
        if time.process_time() - begun > _LONG:
            return
        try:
            yield read_leaf(leaf, forms, hints_of(envelope, leaf.name, order.received), order.as_form)
        except Exception:  # noqa: BLE001  # the leaf's own child will tell
            return
        if leaf.role != "body":
            return


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
