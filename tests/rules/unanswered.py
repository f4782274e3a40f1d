"""Mails nobody must answer, as mail systems really write them: bounces, absence notices, lists, unknown senders; by seed.

Formats from RFC 3464, RFC 3834, RFC 5230, RFC 2369, and what Postfix, Exim, qmail, Exchange, Exchange Online, Gmail,
Dovecot Sieve, Outlook, Zimbra, Lotus Notes, Mailman, Sympa and Google Groups put around them.
"""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import Header

KNOWN = ("stc@tinh.example", "sotaichinh@tinh.example", "snv@tinh.example", "syt@tinh.example", "hdt@tinh.example")
OURS = "cchc@tinh.example"
AGENCIES = ("Sở Tài chính", "Sở Nội vụ", "Sở Y tế", "UBND huyện Đại Từ", "SNV", "Văn phòng UBND tỉnh")
SUBJECTS = (
    "Báo cáo tuần CCHC", "Re: Báo cáo tuần CCHC – Đúng hạn [CCHC-20170721-W-STC-r1]", "BC CCHC tháng 7/2017", "Fwd: Giấy mời họp",
    "V/v gửi báo cáo", "",
)  # fmt: skip
TEXTS = (
    "Kính gửi Sở Nội vụ, xin gửi báo cáo.",
    "Hệ thống tự động trả lời.",
    "Your message could not be delivered.",
    "- Tổng số hồ sơ đã tiếp nhận: 1625",
)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One generated mail."""

    family: str  # bounce | vacation | list | unknown
    name: str  # of the format
    raw: bytes


def generated(count: int, seed: int) -> Iterator[Unanswered]:
    """So many mails, a quarter of each family, the same for the same seed."""
    rng = random.Random(seed)
    families = list(FAMILIES.items())
    for number in range(count):
        family, formats = families[number % len(families)]
        make = rng.choice(formats)
        yield Unanswered(family, make.__name__.strip("_"), make(rng, number))


# ---- pieces ----------------------------------------------------------------------------------------------------------


def _mail(rng: random.Random, number: int, headers: list[tuple[str, str]], body: str, kind: str = "") -> bytes:
    """Header fields in any order and case, folded or not, with either line end, in one of three encodings."""
    fields = [*headers, ("To", OURS), ("Date", "Fri, 21 Jul 2017 09:00:00 +0700"), ("MIME-Version", "1.0")]
    if rng.random() < 0.9 and "Message-ID" not in dict(headers):
        fields.append(("Message-ID", f"<{number}.{rng.randrange(10**9)}@mail.example>"))
    payload = body.encode()
    if not kind:
        how = rng.choice(("8bit", "base64", "quoted-printable"))
        payload = b64encode(payload) if how == "base64" else payload
        payload = "".join(f"={b:02X}" for b in body.encode()).encode() if how == "quoted-printable" else payload
        fields += [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", how)]
    else:
        fields.append(("Content-Type", kind))
    top = [f"Return-Path: {value}" for name, value in fields if name == "Return-Path"]
    fields = [field for field in fields if field[0] != "Return-Path"]
    rng.shuffle(fields)
    end = rng.choice(("\n", "\r\n"))
    lines = [*top, "Received: from a.example by mx.tinh.example; Fri, 21 Jul 2017 09:00:03 +0700"]
    for name, value in fields:
        spelled = rng.choice((name, name.lower(), name.upper()))
        folded = value.replace("; ", f";{end}\t") if rng.random() < 0.3 else value
        lines.append(f"{spelled}:{rng.choice((' ', '', '  '))}{folded}")
    return (end.join(lines) + end * 2).encode() + payload + end.encode()


def _subject(rng: random.Random, text: str | None = None) -> tuple[str, str]:
    text = rng.choice(SUBJECTS) if text is None else text
    plain = text.isascii() or rng.random() < 0.2  # raw 8-bit, as some programs do
    return "Subject", text if plain else Header(text, "utf-8", maxlinelen=60).encode()


def _known(rng: random.Random) -> str:
    """From one of the roster's addresses: only the other signs tell."""
    address = rng.choice(KNOWN)
    return rng.choice((address, f"<{address}>", f'"{address}" <{address}>', f"So <{address.upper()}>"))


def _report(rng: random.Random, about: str, status: str) -> tuple[str, str]:
    """multipart/report with its three parts (RFC 3464); the third one sometimes left out."""
    mark = f"=_{rng.randrange(10**9)}"
    original = f"\n\nMessage-ID: <acknowledgement.1.{rng.getrandbits(128):032x}@tinh.example>\nSubject: x\n"
    parts = ["Content-Type: text/plain\n\nYour letter could not be delivered.", f"Content-Type: {about}\n\n{status}"]
    if rng.random() < 0.8:
        kind = rng.choice(("text/rfc822-headers", "message/rfc822"))
        parts.append(f"Content-Type: {kind}{original}")
    body = "".join(f"--{mark}\n{part}\n" for part in parts) + f"--{mark}--\n"
    report = about.partition("/")[2].removeprefix("global-")
    return f'multipart/report; report-type={report}; boundary="{mark}"', body


def _status(rng: random.Random) -> str:
    address = rng.choice((*KNOWN, "xa.a@tinh.example"))
    return f"Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"


# ---- bounces ---------------------------------------------------------------------------------------------------------


def _postfix(rng: random.Random, number: int) -> bytes:
    kind, body = _report(rng, "message/delivery-status", _status(rng))
    sender = "MAILER-DAEMON@mail.example (Mail Delivery System)"
    headers = [("Return-Path", "<>"), ("From", sender), ("Auto-Submitted", "auto-replied")]
    return _mail(rng, number, [*headers, _subject(rng, "Undelivered Mail Returned to Sender")], body, kind)


def _exchange(rng: random.Random, number: int) -> bytes:
    kind, body = _report(rng, "message/delivery-status", _status(rng))
    sender = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tinh.example>"
    headers = [("Return-Path", "<>"), ("From", sender), _subject(rng, "Undeliverable: Báo cáo tuần CCHC")]
    return _mail(rng, number, headers, body, kind)


def _from_an_agency(rng: random.Random, number: int) -> bytes:
    """A delivery report some gateways send in the recipient's own name."""
    kind, body = _report(rng, rng.choice(("message/delivery-status", "message/global-delivery-status")), _status(rng))
    return _mail(rng, number, [("From", _known(rng)), _subject(rng)], body, kind)


def _qmail(rng: random.Random, number: int) -> bytes:
    headers = [("Return-Path", "<>"), ("From", "MAILER-DAEMON@mail.example"), _subject(rng, "failure notice")]
    return _mail(rng, number, headers, f"Hi. This is the qmail-send program.\n<{rng.choice(KNOWN)}>:\nno mailbox")


def _exim(rng: random.Random, number: int) -> bytes:
    headers = [
        ("X-Failed-Recipients", rng.choice(KNOWN)),
        ("From", "Mail Delivery System <Mailer-Daemon@mail.example>"),
    ]
    return _mail(rng, number, [*headers, _subject(rng, "Mail delivery failed: returning message to sender")], "x")


def _null_path(rng: random.Random, number: int) -> bytes:
    return _mail(rng, number, [("Return-Path", "<>"), ("From", _known(rng)), _subject(rng)], rng.choice(TEXTS))


def _bare_status(rng: random.Random, number: int) -> bytes:
    return _mail(rng, number, [("From", _known(rng)), _subject(rng)], _status(rng), "message/delivery-status")


def _postmaster(rng: random.Random, number: int) -> bytes:
    headers = [
        ("From", f"postmaster@{rng.choice(('mail.example', 'tinh.example'))}"),
        _subject(rng, "Delivery delayed"),
    ]
    return _mail(rng, number, headers, rng.choice(TEXTS))


# ---- absence notices and programs ------------------------------------------------------------------------------------

_ABSENT = (
    "Automatic reply: Báo cáo tuần CCHC", "Out of Office: Re: Báo cáo", "Re: Out of office", "Auto: Báo cáo", "Trả lời tự động: Báo cáo tuần",
    "Thư trả lời tự động", "Vắng mặt đến hết 30/7", "AutoReply: x", "Out of Office AutoReply: Báo cáo",
)  # fmt: skip


def _outlook(rng: random.Random, number: int) -> bytes:
    headers = [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"), ("From", _known(rng))]
    return _mail(rng, number, [*headers, _subject(rng, "Automatic reply: Báo cáo tuần CCHC")], "Tôi vắng mặt.")


def _gmail(rng: random.Random, number: int) -> bytes:
    headers = [
        ("Precedence", "bulk"),
        ("X-Autoreply", "yes"),
        ("Auto-Submitted", "auto-replied"),
        ("From", _known(rng)),
    ]
    return _mail(rng, number, [*headers, _subject(rng)], "Tôi đi công tác.")


def _sieve(rng: random.Random, number: int) -> bytes:
    said = rng.choice(("auto-replied (vacation)", "auto-replied", 'AUTO-REPLIED; owner-email="a@b"', "auto-generated"))
    return _mail(rng, number, [("Auto-Submitted", said), ("From", _known(rng)), _subject(rng)], rng.choice(TEXTS))


def _zimbra(rng: random.Random, number: int) -> bytes:
    return _mail(rng, number, [("Precedence", "BULK"), ("From", _known(rng)), _subject(rng, "Nghỉ phép")], "vắng")


def _notes(rng: random.Random, number: int) -> bytes:
    headers = [("X-Autorespond", "I am away"), ("From", _known(rng)), _subject(rng)]
    return _mail(rng, number, headers, rng.choice(TEXTS))


def _subject_only(rng: random.Random, number: int) -> bytes:
    headers = [("From", _known(rng)), _subject(rng, rng.choice(_ABSENT)), ("In-Reply-To", "<a.1.b@tinh.example>")]
    return _mail(rng, number, headers, "Tôi đang đi công tác, sẽ trả lời sau.")


def _read_receipt(rng: random.Random, number: int) -> bytes:
    disposed = (
        "Final-Recipient: rfc822; stc@tinh.example\nDisposition: manual-action/MDN-sent-automatically; displayed\n"
    )
    kind, body = _report(rng, "message/disposition-notification", disposed)
    return _mail(rng, number, [("From", _known(rng)), _subject(rng, "Đã đọc: Báo cáo tuần")], body, kind)


def _robot(rng: random.Random, number: int) -> bytes:
    local = rng.choice(("noreply", "no-reply", "do-not-reply", "donotreply"))
    return _mail(rng, number, [("From", f"{local}@tinh.example"), _subject(rng)], rng.choice(TEXTS))


def _our_own(rng: random.Random, number: int) -> bytes:
    """A copy of ours, a loop, or our letter sent back by somebody's rule."""
    ours = f"<acknowledgement.1.{rng.getrandbits(128):032x}@tinh.example>"
    headers = rng.choice(
        (
            [("From", OURS)],
            [("From", _known(rng)), ("X-CCHC-Log", "12 abc")],
            [("From", _known(rng)), ("Message-ID", ours)],
        )
    )
    return _mail(rng, number, [*headers, _subject(rng)], rng.choice(TEXTS))


# ---- lists -----------------------------------------------------------------------------------------------------------


def _mailman(rng: random.Random, number: int) -> bytes:
    headers = [
        ("List-Id", "CCHC <cchc.lists.example>"),
        ("Precedence", "list"),
        ("Sender", "cchc-bounces@lists.example"),
    ]
    return _mail(rng, number, [*headers, ("From", _known(rng)), _subject(rng)], rng.choice(TEXTS))


def _groups(rng: random.Random, number: int) -> bytes:
    field = rng.choice(("List-Unsubscribe", "List-Post", "List-Help", "List-Archive", "List-Owner", "List-Subscribe"))
    return _mail(rng, number, [(field, "<mailto:x@groups.example>"), ("From", _known(rng)), _subject(rng)], "x")


def _precedence(rng: random.Random, number: int) -> bytes:
    headers = [("Precedence", rng.choice(("list", "junk", "Bulk", "List"))), ("From", _known(rng)), _subject(rng)]
    return _mail(rng, number, headers, rng.choice(TEXTS))


def _owner(rng: random.Random, number: int) -> bytes:
    local = rng.choice(("owner-cchc", "cchc-owner", "cchc-request", "cchc-bounces"))
    sign = rng.choice((("Sender", f"{local}@lists.example"), ("Return-Path", f"<{local}@lists.example>")))
    return _mail(rng, number, [sign, ("From", _known(rng)), _subject(rng)], rng.choice(TEXTS))


# ---- unknown senders -------------------------------------------------------------------------------------------------


def _stranger(rng: random.Random, number: int) -> bytes:
    name = rng.choice((*AGENCIES, "", *KNOWN))
    address = f"{rng.choice(('stc', 'a.b', 'snv', 'cchc', 'x' * 60))}@{rng.choice(('gmail.example', 'tinh.example.evil.example', 'tính.example'))}"
    shown = f"{Header(name, 'utf-8').encode()} <{address}>" if name else address
    return _mail(rng, number, [("From", shown), ("Reply-To", rng.choice(KNOWN)), _subject(rng)], rng.choice(TEXTS))


def _lookalike(rng: random.Random, number: int) -> bytes:
    domain = rng.choice(
        (
            "tinh.exаmple",
            "tinh-example.test",
            "xn--tnh-sma.example",
            "tinh.example.test",
            "ｔinh.example",
            "tinh.examp1e",
        )
    )
    return _mail(rng, number, [("From", f"stc@{domain}"), _subject(rng)], rng.choice(TEXTS))


def _two_senders(rng: random.Random, number: int) -> bytes:
    headers = rng.choice(
        ([("From", "stc@tinh.example, x@evil.example")], [("From", "stc@tinh.example"), ("From", "x@evil.example")])
    )
    return _mail(rng, number, [*headers, _subject(rng)], rng.choice(TEXTS))


def _nobody(rng: random.Random, number: int) -> bytes:
    headers = rng.choice(
        ([], [("From", "undisclosed:;")], [("From", "<>")], [("From", "Sở Tài chính")], [("From", "stc")])
    )
    return _mail(rng, number, [*headers, _subject(rng)], rng.choice(TEXTS))


def _in_the_name(rng: random.Random, number: int) -> bytes:
    """The registered address stands anywhere but where it counts."""
    known = rng.choice(KNOWN)
    sender = rng.choice(
        (f'"{known}" <a@evil.example>', f"({known}) a@evil.example", f'"a@evil.example\\" <{known}>" <b@evil.example>')
    )
    return _mail(rng, number, [("From", sender), ("Sender", known), _subject(rng)], rng.choice(TEXTS))


Make = Callable[[random.Random, int], bytes]
FAMILIES: dict[str, tuple[Make, ...]] = {
    "bounce": (_postfix, _exchange, _from_an_agency, _qmail, _exim, _null_path, _bare_status, _postmaster),
    "vacation": (_outlook, _gmail, _sieve, _zimbra, _notes, _subject_only, _read_receipt, _robot, _our_own),
    "list": (_mailman, _groups, _precedence, _owner),
    "unknown": (_stranger, _lookalike, _two_senders, _nobody, _in_the_name),
}
