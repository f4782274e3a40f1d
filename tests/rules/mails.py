"""Envelopes built by hand, as ``parsers.mail`` would open them."""

from __future__ import annotations

from parsers.mail import open_mail
from parsers.values import Address, Envelope, Inner, Leaf

HOP = "from mail.tinh.example (10.0.0.5) by mx.tinh.example; Fri, 21 Jul 2017 09:00:03 +0700"
PASS = "mx.tinh.example; spf=pass smtp.mailfrom=tinh.example; dkim=pass header.d=tinh.example; dmarc=pass header.from=tinh.example"


def opened(*lines: str, body: str = "Kính gửi.") -> Envelope:
    """The envelope of a small mail with these header lines."""
    return open_mail(("\r\n".join(lines) + "\r\n\r\n" + body).encode())


def mail(*senders: str, headers: tuple[tuple[str, str], ...] = (), **facts) -> Envelope:
    """An envelope with everything else empty."""
    given = {
        "from_addresses": tuple(Address("", s) for s in senders), "sender": "", "reply_to": (), "to": (), "cc": (), "return_path": None,
        "subject": "Báo cáo tuần", "message_id": "<1@tinh.example>", "in_reply_to": (), "references": (), "sent_at": None, "received": (),
        "received_count": 0, "headers": headers, "text": "", "html": "", "leaves": (), "inner": (),
    }  # fmt: skip
    return Envelope(**{**given, **facts})


def inside(*senders: str) -> Inner:
    return Inner(("2",), tuple(Address("", s) for s in senders), "Báo cáo tuần", None, None)


def leaf(declared_type: str, role: str = "attachment", path: tuple[str, ...] = ("2",)) -> Leaf:
    return Leaf(path, "x", declared_type, "", b"", "", role)
