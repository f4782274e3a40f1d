"""What mail-parser makes of a mail: recipients, date, and an independent look at its attachments.

Rules:

1. mail-parser is called inside ``try``: it raises plain AttributeError on a missing boundary.
2. Its addresses and Date (which it recovers from common slips) are used; From is not: it shows only the first field.
3. It is handed the structure, short fields and binary parts only; texts are decoded by ``parsers.charset``.
4. Its attachments are only counted by content. It loses nameless parts, folds boundaries, hands over forwarded attachments
   twice and base64 as wire text; so fewer than ours is its known noise, but bytes it has and we do not are content lost.
"""

from __future__ import annotations

import binascii
import email
import hashlib
import logging
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.policy import compat32
from typing import Any

import mailparser

from parsers import limits
from parsers.headers import one_line
from parsers.values import Address

logging.getLogger("mailparser").setLevel(logging.CRITICAL)  # it warns of every part it does not know; nobody acts on it
FIELDS = frozenset(
    {
        "to",
        "cc",
        "date",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
    }
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """mail-parser's view of one mail."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    sent_at: datetime | None
    attachments: tuple[tuple[str, str], ...]  # name, sha256 of its decoded bytes; empty ones and containers left out


def second_opinion(raw: bytes) -> Opinion | None:
    """mail-parser's view; None when it failed."""
    try:
        message = email.message_from_bytes(raw, policy=compat32)
        _hollow(message)
        mail: Any = mailparser.MailParser(message)
        return Opinion(
            to=_addresses(mail.to),
            cc=_addresses(mail.cc),
            sent_at=mail.date if mail.date is not None and mail.date.tzinfo is not None else None,
            attachments=tuple(_attachments(mail.attachments)),
        )
    except Exception:  # noqa: BLE001 - it raises AttributeError, TypeError, LookupError … on malformed mails; ours goes on
        return None


def _hollow(message: Message) -> None:
    """Take all text out: mail-parser normalises it, which takes minutes on endless combining marks, and we do not ask it."""
    for part in message.walk():
        part.preamble = part.epilogue = ""
        if not part.is_multipart() and part.get_content_maintype() == "text":
            part.set_payload("")


def _addresses(found: Any) -> tuple[Address, ...]:
    out = []
    for name, address in list(found)[: limits.ADDRESSES_MAX]:
        local, at, domain = one_line(str(address), limits.NAME_MAX * 2).rpartition("@")
        out.append(Address(one_line(str(name), limits.NAME_MAX), f"{local}@{domain.lower()}" if at else ""))
    return tuple(out)


def _attachments(found: Any) -> list[tuple[str, str]]:
    out = []
    for attachment in found:
        if not attachment.get("binary") or attachment.get("mail_content_type", "").startswith("message/"):
            continue
        try:
            data = b64decode(attachment["payload"])
        except (binascii.Error, ValueError, TypeError):
            continue
        if data.strip():
            out.append((str(attachment.get("filename") or ""), hashlib.sha256(data).hexdigest()))
    return out
