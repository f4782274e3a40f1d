"""A delivery report: which letter of ours came back (faults: envelope sender of all letters).

Rules:

1. The returned Message-ID decides, wherever the report holds it: threading headers, the returned mail, its returned headers.
2. Else Final-Recipient: the latest letter that left for that address within the five days before.
3. A report that names none of our letters touches none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from parsers.values import Envelope
from storage.queries import Queries
from storage.records import Letter

WITHIN = timedelta(days=5)
CLOCKS_APART = timedelta(minutes=2)  # the mailbox's clock beside ours
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_HEADERS = ("text/rfc822-headers", "message/global-headers")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(
    rb"^(?:final|original)-recipient:[^;\n]*;\s*<?([^\s<>;]{1,250}@[^\s<>;]{1,250})", re.IGNORECASE | re.MULTILINE
)


def returned_letter(q: Queries, envelope: Envelope, received_at: datetime) -> Letter | None:
    """The letter this delivery report returns, None when it names none."""
    for message_id in _message_ids(envelope):
        if letter := q.letter_by_message_id(message_id):
            return letter
    for address in _recipients(envelope):
        left = q.letters_to(address, received_at - WITHIN)
        if before := [x for x in left if x.sent_at and x.sent_at <= received_at + CLOCKS_APART]:
            return before[-1]
    return None


def _message_ids(envelope: Envelope) -> Iterator[str]:
    yield from envelope.in_reply_to
    yield from envelope.references
    yield from (inner.message_id for inner in envelope.inner if inner.message_id)
    yield from _found(envelope, _HEADERS, _MESSAGE_ID)


def _recipients(envelope: Envelope) -> Iterator[str]:
    yield from (address.lower() for address in _found(envelope, _STATUS, _RECIPIENT))
    yield from (value.strip().lower() for name, value in envelope.headers if name == "x-failed-recipients")


def _found(envelope: Envelope, types: tuple[str, ...], pattern: re.Pattern[bytes]) -> Iterator[str]:
    for leaf in envelope.leaves:
        if leaf.declared_type in types:
            yield from (match.decode("ascii", "replace") for match in pattern.findall(leaf.data))
