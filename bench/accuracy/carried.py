"""Reports inside something: mail bodies, attachments, archives, signed mail. Each carries a Word or Excel file written by ``native``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bench.accuracy import legacy, mail, office, packed, plain, sheets
from bench.accuracy.mail import HANOI, Envelope
from bench.accuracy.native import Format
from bench.accuracy.page import Page
from bench.accuracy.truth import Truth

SUBJECTS = {"weekly": "Báo cáo tuần về công tác CCHC", "monthly": "Báo cáo công tác CCHC tháng"}
NOTE = "Kính gửi: Sở Nội vụ.\nĐơn vị xin gửi báo cáo về công tác cải cách hành chính (tệp đính kèm).\nTrân trọng.\n"
GROUP = "mail and containers"


def envelope(truth: Truth) -> Envelope:
    """Sent on the morning of the cutoff, or of the day the report is dated."""
    day = truth.period.split(":")[1] if truth.type == "weekly" and truth.period else truth.date
    assert day
    sent = datetime.fromisoformat(day).replace(hour=8, minute=12, tzinfo=HANOI)
    return Envelope(SUBJECTS[truth.type], sent)


def text_body(page: Page, truth: Truth) -> bytes:
    return mail.body(envelope(truth), plain.text(page))


def html_body(page: Page, truth: Truth) -> bytes:
    return mail.html_body(envelope(truth), office.markup(page))


def both_bodies(page: Page, truth: Truth) -> bytes:
    return mail.html_body(envelope(truth), office.markup(page), with_text=plain.text(page, separator=" "))


def viscii_body(page: Page, truth: Truth) -> bytes:
    return mail.raw_body(envelope(truth), legacy.viscii(plain.text(page)), "viscii")


def cp1258_body(page: Page, truth: Truth) -> bytes:
    return mail.raw_body(envelope(truth), legacy.cp1258(plain.text(page)), "windows-1258")


def mislabelled(page: Page, truth: Truth) -> bytes:
    """UTF-8 that its header calls Latin-1."""
    return mail.raw_body(envelope(truth), plain.text(page).encode("utf-8"), "iso-8859-1")


def name(truth: Truth, suffix: str) -> str:
    return f"{SUBJECTS[truth.type]}.{suffix}"


def in_mail(page: Page, truth: Truth) -> bytes:
    return mail.attached(envelope(truth), {name(truth, "docx"): office.docx(page)}, NOTE)


def sheet_in_mail(page: Page, truth: Truth) -> bytes:
    return mail.attached(envelope(truth), {name(truth, "xlsx"): sheets.xlsx(page)}, NOTE)


def _packed(pack: Callable[[packed.Files], bytes], suffix: str) -> Callable[[Page, Truth], bytes]:
    def write(page: Page, truth: Truth) -> bytes:
        archive = pack({name(truth, "docx"): office.docx(page)})
        return mail.attached(envelope(truth), {f"bao cao.{suffix}": archive}, NOTE)

    return write


def winmail(page: Page, truth: Truth) -> bytes:
    return mail.attached(
        envelope(truth), {"winmail.dat": packed.winmail({name(truth, "docx"): office.docx(page)})}, NOTE
    )


def msg(page: Page, truth: Truth) -> bytes:
    sent = envelope(truth)
    return packed.msg(sent.subject, sent.sender, NOTE, {name(truth, "docx"): office.docx(page)})


def signed(page: Page, truth: Truth) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return packed.signed(in_mail(page, truth), Path(folder))


def within(page: Page, truth: Truth) -> bytes:
    """A mail handed on as an attachment of another one."""
    sent = envelope(truth)
    outer = Envelope(f"Fwd: {sent.subject}", sent.sent + timedelta(minutes=20), "tonghop@donvi.example")
    return mail.attached(outer, {"thu.eml": in_mail(page, truth)}, "Chuyển tiếp thư của đơn vị.\n")


LETTERS: tuple[Format, ...] = (
    Format("mail, text body", "eml", text_body, group=GROUP),
    Format("mail, HTML body", "eml", html_body, group=GROUP),
    Format("mail, text and HTML body", "eml", both_bodies, group=GROUP),
    Format("mail, VISCII body", "eml", viscii_body, group="old encodings"),
    Format("mail, windows-1258 body", "eml", cp1258_body, group="old encodings"),
    Format("mail, UTF-8 called Latin-1", "eml", mislabelled, group="old encodings"),
    Format("mail, docx attached", "eml", in_mail, group=GROUP),
    Format("mail, xlsx attached", "eml", sheet_in_mail, group=GROUP),
    Format("mail, zip", "eml", _packed(packed.zipped, "zip"), group=GROUP),
    Format("mail, 7z", "eml", _packed(packed.seven, "7z"), group=GROUP),
    Format("mail, tar.gz", "eml", _packed(packed.tarred, "tar.gz"), group=GROUP),
    Format("mail, rar", "eml", _packed(packed.rar, "rar"), group=GROUP),
    Format("mail, winmail.dat", "eml", winmail, group=GROUP),
    Format("msg", "msg", msg, group=GROUP),
    Format("mail, p7m", "eml", signed, group=GROUP),
    Format("mail in mail", "eml", within, group=GROUP),
)
