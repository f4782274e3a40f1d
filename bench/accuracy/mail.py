"""A report as a mail: in the body as text or HTML, or attached. Written by the standard library's e-mail package."""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.utils import format_datetime

HANOI = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who wrote, about what, when."""

    subject: str
    sent: datetime
    sender: str = "vanthu@donvi.example"
    to: str = "cchc@tinh.example"

    def onto(self, message: Message) -> None:
        message["From"], message["To"] = self.sender, self.to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.sent)
        message["Message-ID"] = f"<{abs(hash((self.subject, self.sent))):x}@donvi.example>"


def body(envelope: Envelope, text: str) -> bytes:
    message = EmailMessage()
    envelope.onto(message)
    message.set_content(text.replace("\r\n", "\n"))
    return bytes(message)


def html_body(envelope: Envelope, markup: str, *, with_text: str | None = None) -> bytes:
    message = EmailMessage()
    envelope.onto(message)
    if with_text is None:
        message.set_content(markup, subtype="html")
    else:
        message.set_content(with_text.replace("\r\n", "\n"))
        message.add_alternative(markup, subtype="html")
    return bytes(message)


def attached(envelope: Envelope, files: dict[str, bytes], note: str) -> bytes:
    message = EmailMessage()
    envelope.onto(message)
    message.set_content(note)
    for name, data in files.items():
        main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return bytes(message)


def raw_body(envelope: Envelope, data: bytes, charset: str, *, subtype: str = "plain") -> bytes:
    """A body whose bytes are given, under a charset that may not be theirs."""
    message = MIMEMultipart()
    envelope.onto(message)
    part = Message()
    part["Content-Type"] = f'text/{subtype}; charset="{charset}"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(data).decode("ascii"))
    message.attach(part)
    return bytes(message)
