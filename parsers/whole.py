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
import time
from collections.abc import Iterator

from parsers.form import FormSet
from parsers.mail import open_mail
from parsers.orders import MailOrder, Parts, framed, hints_of
from parsers.part import read_leaf
from parsers.values import Envelope

_ANSWER = 3  # the descriptor of ``parsers.child``
_LONG = 2.0  # seconds


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
