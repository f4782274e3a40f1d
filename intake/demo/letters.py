"""Mails as agencies' mail programs write them, the same bytes every time.

Built with the standard library's ``email``; boundaries, Message-IDs and dates are fixed by the caller's seed and moment.
Each mail carries the ``Received`` field our border would have written. Subjects and names are encoded as a whole: the
library's own folding drops a space between two encoded words on Python 3.11.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from random import Random

BORDER = "mx.tinh.example"
MAILBOX = "cchc@tinh.example"
SECRETARIAT = "thuky@tinh.example"
_TYPES = {
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "xls": ("application", "vnd.ms-excel"),
    "pdf": ("application", "pdf"),
    "zip": ("application", "zip"),
}
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # windows-1258 writes these apart from their letter


class _WholeWords(EmailPolicy):
    """SMTP's policy, but subjects and senders are encoded in one go."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header field as it stands in the mail."""
        if name == "Subject":
            text = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        elif name == "From" and not str(value).isascii():
            sender = value.addresses[0]  # type: ignore[attr-defined]  # the policy's header classes are made at run time
            text = f"{Header(sender.display_name, 'utf-8', header_name=name).encode(linesep=self.linesep)} <{sender.addr_spec}>"
        else:
            return super().fold_binary(name, value)
        return f"{name}: {text}{self.linesep}".encode("ascii")


_POLICY = _WholeWords(linesep=SMTP.linesep)


@dataclass(frozen=True, slots=True)
class File:
    """An attachment."""

    name: str
    data: bytes

    @property
    def type(self) -> tuple[str, str]:
        """What a mail program would declare, from the name alone."""
        return _TYPES.get(self.name.rpartition(".")[2].lower(), ("application", "octet-stream"))


@dataclass(frozen=True, slots=True)
class Draft:
    """What goes into one mail."""

    name: str  # display name of the sender
    address: str
    subject: str
    text: str
    files: tuple[File, ...] = ()
    html: str = ""
    charset: str = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    inner: EmailMessage | None = field(default=None)  # a mail forwarded whole


def written(draft: Draft, arrives: datetime, rng: Random) -> EmailMessage:
    """The mail as it stands in the mailbox after arriving at that moment."""
    message = EmailMessage(policy=_POLICY)
    token = f"{rng.getrandbits(64):016x}"
    sent = arrives - timedelta(seconds=rng.randint(1, 4))
    message["Received"] = f"from mail.{draft.address.rpartition('@')[2]} by {BORDER}; {format_datetime(arrives)}"
    message["From"] = Address(draft.name, addr_spec=draft.address)
    message["To"] = MAILBOX
    message["Subject"] = draft.subject
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = f"<{token}@{draft.address.rpartition('@')[2]}>"
    for name, value in draft.headers:
        message[name] = value
    text = in_windows_1258(draft.text) if draft.charset == "windows-1258" else draft.text
    message.set_content(text, charset=draft.charset, cte="base64")
    if draft.html:
        message.add_alternative(draft.html, subtype="html", charset="utf-8", cte="base64")
    for file in draft.files:
        main, sub = file.type
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    if draft.inner is not None:
        message.add_attachment(draft.inner)
    _fix_boundaries(message, token)
    return message


def _fix_boundaries(message: Message, token: str) -> None:
    """Boundaries are random unless given."""
    for n, part in enumerate(message.walk()):
        if part.get_content_maintype() == "multipart" and part.get_boundary() is None:
            part.set_boundary(f"=_{token}_{n}")


def in_windows_1258(text: str) -> str:
    """The same text with every tone that windows-1258 keeps apart written apart."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        bare = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in bare if mark in _TONES)
        rest = unicodedata.normalize("NFC", "".join(mark for mark in bare if mark not in _TONES))
        out.append(rest + tones)
    return "".join(out)


def nested(depth: int, draft: Draft, arrives: datetime, rng: Random) -> bytes:
    """A mail inside a mail inside a mail …, ``depth`` deep; written by hand, since no library likes it."""
    raw = written(draft, arrives, rng).as_bytes()
    subject = Header(draft.subject, "utf-8").encode()
    head = f"From: {draft.address}\r\nTo: {MAILBOX}\r\nSubject: {subject}\r\n".encode()
    for n in range(depth):
        outermost = n == depth - 1
        extra = (
            f"Received: from mail by {BORDER}; {format_datetime(arrives)}\r\n"
            f"Date: {format_datetime(arrives)}\r\nMessage-ID: <{rng.getrandbits(64):016x}@nested.example>\r\n"
            if outermost
            else ""
        )
        raw = extra.encode() + head + b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" + raw
    return raw


def bounce(draft: Draft, lost_id: str, arrives: datetime, rng: Random) -> bytes:
    """A delivery report for a letter that came back: null return path, multipart/report."""
    token = f"{rng.getrandbits(64):016x}"
    moment = format_datetime(arrives)
    lines: Iterable[str] = (
        "Return-Path: <>",
        f"Received: by {BORDER}; {moment}",
        f"From: MAILER-DAEMON@{BORDER}",
        f"To: {MAILBOX}",
        f"Subject: {draft.subject}",
        f"Date: {moment}",
        f"Message-ID: <{token}@{BORDER}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="=_{token}"',
        "",
        f"--=_{token}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        *draft.text.splitlines(),
        "",
        f"--=_{token}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {BORDER}",
        "",
        f"Final-Recipient: rfc822; {draft.address}",
        "Action: failed",
        "Status: 5.1.1",
        "",
        f"--=_{token}",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {lost_id}",
        f"To: {draft.address}",
        "",
        f"--=_{token}--",
        "",
    )
    return "\r\n".join(lines).encode()
