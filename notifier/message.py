"""Letter bytes: headers that cannot be broken out of, text and HTML as alternatives, attachments.

Rules:

1. every header value goes through ``one_line``: no CR LF, no controls, bounded (``EmailMessage`` would raise on them, and a value
   with a line break would start a header of its own);
2. ids are taken only in the strict form ``<left@right>``, printable ASCII; others are left out;
3. headers are written by ``email.header.Header`` and not by the policy's folder, which on long lines encodes Message-IDs as
   words and drops a space between two encoded words of a subject;
4. the same facts and moment give the same bytes: the boundary is made from the Message-ID.

RFC 3834 (Auto-Submitted), RFC 5322 (threading), RFC 2047 (encoded words).
"""

from __future__ import annotations

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from notifier.plain import one_line, whole

SUBJECT_MAX = 400  # characters; the sender's title inside it is bounded by the caller
NAME_MAX = 120  # characters of a display name
REFERENCES_KEPT = 20  # ids: the first, which names the thread, and the latest
_ID = re.compile(r"<[!-;=?A-~]{1,400}@[!-;=?A-~]{1,255}>")
_ADDRESS = re.compile(r"[!-;=?A-~]{1,64}@[!-;=?A-~]{1,255}")
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class BadAddressError(ValueError):
    """A letter cannot be addressed: the address is not plain ASCII ``local@domain``."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent along; the name is ours and plain ASCII."""

    name: str
    data: bytes
    type: tuple[str, str] = XLSX


@dataclass(frozen=True, slots=True)
class Heading:
    """The headers of a letter as values, before they are made safe."""

    sender: str  # "CCHC <cchc@mail.example>"
    to: tuple[str, ...]
    subject: str
    date: datetime
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: str = "auto-generated"
    extra: tuple[tuple[str, str], ...] = ()  # our own X- headers, ASCII


def strict_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Only well-formed ids, each once, in order; the first and the latest when there are too many."""
    good = tuple(dict.fromkeys(i.strip() for i in ids if _ID.fullmatch(i.strip())))
    return good if len(good) <= REFERENCES_KEPT else (good[0], *good[1 - REFERENCES_KEPT :])


def message_bytes(heading: Heading, zone: ZoneInfo, text: str, html: str, files: Sequence[Attachment] = ()) -> bytes:
    """The whole letter, lines ending CR LF, 7-bit; ``BadAddressError`` when it has nobody to go to."""
    return _head(heading, zone).encode("ascii") + _body(heading.message_id, text, html, files)


def _head(heading: Heading, zone: ZoneInfo) -> str:
    answered = strict_ids([heading.in_reply_to])
    references = strict_ids([*heading.references, *answered])
    lines = [
        ("From", _mailbox(heading.sender)),
        ("To", ",\r\n ".join(_bare(address) for address in heading.to) or _nobody()),
        ("Subject", _words("Subject", one_line(heading.subject, SUBJECT_MAX))),
        ("Date", format_datetime(heading.date.astimezone(zone))),
        ("Message-ID", *(strict_ids([heading.message_id]) or (_nobody(),))),
        *(("In-Reply-To", i) for i in answered),
        *([("References", "\r\n ".join(references))] if references else []),
        ("Auto-Submitted", heading.auto_submitted),
        ("X-Auto-Response-Suppress", "All"),
        *((name, _ascii(value)) for name, value in heading.extra),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in lines)


def _body(message_id: str, text: str, html: str, files: Sequence[Attachment]) -> bytes:
    """The headers of the content and the content; written by hand, for every letter has the same few parts."""
    seal = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:24]
    letter = _multipart("alternative", f"=_cchc_{len(files) and 1}_{seal}", [_text("plain", text), _text("html", html)])
    if files:
        letter = _multipart("mixed", f"=_cchc_0_{seal}", [letter, *map(_attached, files)])
    return b"MIME-Version: 1.0\r\n" + letter


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return (
        head
        + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
        + f"--{boundary}--\r\n".encode()
    )


def _text(kind: str, text: str) -> bytes:
    lines = "\n".join(whole(text).splitlines()) + "\n"
    coded = b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
        + coded
    )


def _attached(file: Attachment) -> bytes:
    name = re.sub(r'(["\\])', r"\\\1", _ascii(file.name))
    head = (
        f"Content-Type: {'/'.join(file.type)}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode() + encodebytes(file.data).replace(b"\n", b"\r\n")


@lru_cache(maxsize=64)  # the sender of every letter
def _mailbox(value: str) -> str:
    name, address = parseaddr(one_line(value, 600))
    if not _ADDRESS.fullmatch(address):
        raise BadAddressError(f"not an address: {value!r}")
    shown = one_line(name, NAME_MAX)
    return f"{_words('From', shown, quoted=True)} <{address}>" if shown else address


def _bare(address: str) -> str:
    """An address of the roster or the configuration, as it is: anything but ``local@domain`` is refused, not repaired."""
    if not _ADDRESS.fullmatch(address):
        raise BadAddressError(f"not an address: {address!r}")
    return address


@lru_cache(maxsize=256)  # hundreds of reminders have one subject
def _words(field: str, value: str, *, quoted: bool = False) -> str:
    if value.isascii() and quoted:
        return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    return Header(value, "utf-8", header_name=field).encode(linesep="\r\n")


def _ascii(value: str) -> str:
    return one_line(value, 200).encode("ascii", "replace").decode("ascii")


def _nobody() -> str:
    raise BadAddressError("no address to write to, or no Message-ID to write under")
