"""A delivery report: which letter of ours came back, and from which of its addresses (faults: envelope sender of all letters).

Rules:

1. Only a report that something failed returns a letter. One that says "delayed", "delivered" or "relayed" of every recipient
   (RFC 3464), or in plain words that it is a warning and will be tried again, touches none.
2. The returned Message-ID decides, wherever the report holds it: threading headers, the returned mail, its returned headers, or
   its text, where older servers copy the letter (there only an id of the shape of ours).
3. Else the recipient that failed, as the report states it or names it in its text: the latest letter that left for that address
   within the five days before.
4. A report that names none of our letters touches none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from parsers.fold import fold
from parsers.values import Envelope
from storage.queries import Queries
from storage.records import Letter

WITHIN = timedelta(days=5)
CLOCKS_APART = timedelta(minutes=2)  # the mailbox's clock beside ours
TEXT_MAX = 20_000  # characters of a report's text looked at
NAMED_MAX = 10  # addresses of a report's text looked up
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_HEADERS = ("text/rfc822-headers", "message/global-headers")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_OURS = re.compile(r"<[a-z_]{1,40}\.\d{1,9}\.[0-9a-f]{32}@[^<>\s]{1,250}>")  # storage.write_letters.message_id
_BLOCK = re.compile(rb"\r?\n[ \t]*\r?\n")
_RECIPIENT = re.compile(
    rb"^(?:final|original)-recipient:[^;\n]*;\s*<?([^\s<>;]{1,250}@[^\s<>;]{1,250})", re.IGNORECASE | re.MULTILINE
)
_ACTION = re.compile(rb"^action:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LATER = re.compile(  # of a folded text
    r"\b(?:warning message only|(?:do|does) not need to re-?send|has been delayed|delivery delayed|delivery (?:is )?incomplete"
    r"|(?:still )?being retried|will (?:be retried|retry|keep trying|continue (?:to try|trying))"
    r"|(?:bi|dang) (?:tri hoan|cham tre|gui cham)|(?:se|dang) (?:thu|gui) lai|se tiep tuc (?:thu|gui))\b"
)


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that came back."""

    letter: Letter
    addresses: tuple[str, ...]  # of its recipients those it came back from; all of them where the report names none


def returned_letter(q: Queries, envelope: Envelope, received_at: datetime) -> Returned | None:
    """The letter this delivery report returns, None when it names none, or tells of no failure."""
    failed = _failed(envelope)
    if failed is None:
        return None
    letter = next(filter(None, map(q.letter_by_message_id, _message_ids(envelope))), None)
    named = (*failed, *_named(envelope))
    letter = letter or next(filter(None, (_latest(q, address, received_at) for address in dict.fromkeys(named))), None)
    if letter is None:
        return None
    to = {address.lower() for address in letter.to}
    back = [address for address in failed if address in to] or [address for address in named if address in to]
    return Returned(letter, tuple(dict.fromkeys(back)) or letter.to)


def _latest(q: Queries, address: str, received_at: datetime) -> Letter | None:
    left = q.letters_to(address, received_at - WITHIN)
    return next((x for x in reversed(left) if x.sent_at and x.sent_at <= received_at + CLOCKS_APART), None)


def _failed(envelope: Envelope) -> tuple[str, ...] | None:
    """The recipients the report states as failed, () when it states none; None when it says that nothing has failed (yet)."""
    stated = [(_ACTION.search(block), _RECIPIENT.findall(block)) for block in _blocks(envelope)]
    actions = {action[1].lower() for action, _ in stated if action}
    if actions and b"failed" not in actions:
        return None
    if not actions and _LATER.search(fold(f"{envelope.subject}\n{_text(envelope)}")):
        return None
    found = [r for action, recipients in stated if not action or action[1].lower() == b"failed" for r in recipients]
    said = [value for name, value in envelope.headers if name == "x-failed-recipients"]
    told = [*(r.decode("ascii", "replace") for r in found), *(a for value in said for a in _ADDRESS.findall(value))]
    return tuple(address.lower() for address in told)


def _blocks(envelope: Envelope) -> Iterator[bytes]:
    """The groups of fields of the delivery status: one for the report, then one for each recipient."""
    for leaf in envelope.leaves:
        if leaf.declared_type in _STATUS:
            yield from _BLOCK.split(leaf.data)


def _message_ids(envelope: Envelope) -> Iterator[str]:
    yield from envelope.in_reply_to
    yield from envelope.references
    yield from (inner.message_id for inner in envelope.inner if inner.message_id)
    for leaf in envelope.leaves:
        if leaf.declared_type in _HEADERS:
            yield from (match.decode("ascii", "replace") for match in _MESSAGE_ID.findall(leaf.data))
    yield from _OURS.findall(_text(envelope))


def _named(envelope: Envelope) -> tuple[str, ...]:
    """The addresses a report names in its text."""
    return tuple(dict.fromkeys(a.lower() for a in _ADDRESS.findall(_text(envelope))))[:NAMED_MAX]


def _text(envelope: Envelope) -> str:
    return (envelope.text if envelope.text.strip() else envelope.html)[:TEXT_MAX]
