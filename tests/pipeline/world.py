"""A small province in a folder: a Maildir, an SMTP sink, a configuration; and the command line as its only door.

Everything goes through ``intake.cli.main`` with ``--at``, as cron and outside scripts would call it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from docx import Document

from intake.cli import main
from tests.servers.smtp_sink import SmtpSink

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HEADER = "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"
ROSTER = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly;monthly,2017-07-01,,\n"
    + "STC,Sở Tài chính,department,TINH,TINH,stc@tinh.example;sotaichinh@tinh.example,STC,weekly;monthly,2017-07-01,,\n"
    + "SYT,Sở Y tế,department,TINH,TINH,syt@tinh.example,SYT,weekly;monthly,2017-07-01,,\n"
    + "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly;monthly,2017-07-01,,\n"
    + "XHT,UBND xã Hùng Sơn,commune,HDT,HDT,hungson@tinh.example,,,2017-07-01,,\n"
)
CONFIG = """[office]
name = "Sở Nội vụ"
contact = "Phòng Cải cách hành chính"
phone = "0208 000 0000"
[mailbox]
url = "{mailbox_url}"
{mailbox}
[smtp]
url = "smtp://127.0.0.1:{port}?starttls=no"
from = "CCHC <cchc@tinh.example>"
{smtp}
[storage]
url = "{database}"
vault = "vault"
[calendar]
start = {start}
{calendar}
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
basis = "Kế hoạch số 121/KH-UBND ngày 19/7/2017 của UBND tỉnh"
[[report]]
type = "monthly"
every = "month"
form = "monthly"
due = "last FRI 10:00"
[roster]
file = "roster.csv"
[notify]
secretariat = ["thuky@tinh.example"]
{notify}
{more}
"""


def at(text: str) -> datetime:
    """A moment of the office's wall clock: "2017-07-21 09:12:35"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Answer:
    """What one call of the command line gave."""

    code: int
    out: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class World:
    """The province. ``sink`` holds every letter that left."""

    folder: Path
    sink: SmtpSink
    start: str = "2017-07-17"
    roster: str = ROSTER
    database: str = "sqlite:///cchc.db"
    mailbox_url: str = ""  # a Maildir of our own when empty
    mailbox: str = ""
    smtp: str = ""
    calendar: str = ""
    notify: str = ""
    more: str = ""  # further tables
    delivered: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("new", "cur", "tmp"):
            (self.box / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "roster.csv").write_text(self.roster, encoding="utf-8")
        self.write_config()

    @property
    def box(self) -> Path:
        return self.folder / "Maildir"

    def write_config(self) -> None:
        text = CONFIG.format(
            mailbox_url=self.mailbox_url or f"maildir://{self.box}",
            smtp=self.smtp,
            port=self.sink.port,
            database=self.database,
            start=self.start,
            mailbox=self.mailbox,
            calendar=self.calendar,
            notify=self.notify,
            more=self.more,
        )
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def deliver(self, raw: bytes | EmailMessage, when: str | datetime) -> bytes:
        """Put a mail into the mailbox, received at that moment."""
        raw = raw.as_bytes() if isinstance(raw, EmailMessage) else raw
        moment = at(when) if isinstance(when, str) else when
        name = f"{len(self.delivered):05d}.{hashlib.sha256(raw).hexdigest()[:16]}.host"
        target = self.box / "new" / name
        target.write_bytes(raw)
        os.utime(target, (moment.timestamp(), moment.timestamp()))
        self.delivered.append(raw)
        return raw

    def cchc(self, *args: str, now: str | None = None) -> Answer:
        """Call one verb; ``now`` is given as ``--at``."""
        moment = ["--at", at(now).isoformat()] if now else []
        return self.unconfigured("-c", str(self.folder / "config.toml"), *moment, *args)

    def unconfigured(self, *args: str) -> Answer:
        """Call one verb without naming a configuration."""
        out = io.StringIO()
        with redirect_stdout(out):
            code = main(list(args))
        return Answer(code, out.getvalue())

    def poll(self, now: str) -> Any:
        return self.cchc("poll", "--json", now=now).json

    def tick(self, now: str) -> Any:
        return self.cchc("tick", "--json", now=now).json

    def board(self, period: str, now: str, *more: str) -> Any:
        board = self.cchc("board", period, "--json", *more, now=now).json
        assert board["expected"] == sum(board["classes"].values())
        return board

    def classes(self, period: str, now: str) -> dict[str, str]:
        return {due["agency"]: due["class"] for due in self.board(period, now)["dues"]}

    def log(self, now: str, *filters: str) -> list[Any]:
        return self.cchc("log", "--json", *filters, now=now).json["rows"]

    def letters(self, to: str | None = None) -> list[EmailMessage]:
        return [x.message for x in self.sink.received if to is None or to in x.recipients]


# ---- mails as an agency's clerk writes them --------------------------------------------------------------------------

FIGURES = (1625, 1615, 1595, 20, 10)


def weekly_docx(
    agency: str = "SỞ TÀI CHÍNH",
    window: str = "từ ngày 14/7 đến ngày 20/7/2017",
    figures: tuple[object, ...] = FIGURES,
    number: str = "245/BC-STC",
    day: str = "21 tháng 7 năm 2017",
    assessment: str = "Công tác CCHC được triển khai nghiêm túc.",
) -> bytes:
    """The official weekly form filled in Word: received, resolved, on time, overdue, returned."""
    document = Document()
    head = document.add_table(rows=2, cols=2)
    head.cell(0, 0).text = agency
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    head.cell(1, 0).text = f"Số: {number}"
    head.cell(1, 1).text = f"Thái Nguyên, ngày {day}"
    received, resolved, on_time, overdue, returned = figures
    for line in (
        "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
        f"(Báo cáo tuần 29 {window})",
        "I. Kết quả giải quyết TTHC theo cơ chế một cửa, một cửa liên thông:",
        f"- Tổng số hồ sơ đã tiếp nhận: {received}",
        f"- Tổng số hồ sơ đã giải quyết: {resolved}",
        f"- Hồ sơ trả đúng hạn: {on_time}",
        f"- Hồ sơ quá hạn: {overdue}",
        f"- Hồ sơ trả lại (tổ chức, cá nhân): {returned}",
        "II. Một số nội dung cụ thể:",
        "1. Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận: 3/3",
        "2. Kết quả thực hiện hiện đại hóa hành chính:",
        "- Số văn bản đi được phát hành dưới dạng điện tử 180/200",
        f"IV. Đánh giá: {assessment}",
    ):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def monthly_docx(agency: str = "SỞ TÀI CHÍNH", month: str = "7/2017", figures: tuple[object, ...] = FIGURES) -> bytes:
    """The official monthly form with its core lines filled."""
    document = Document()
    received, resolved, on_time, overdue, returned = figures
    for line in (
        agency,
        "BÁO CÁO",
        f"Công tác cải cách hành chính tháng {month}",
        "II. Một số nội dung cụ thể:",
        "7. Thực hiện giải quyết TTHC theo cơ chế một cửa, một cửa liên thông:",
        f"- Tổng số hồ sơ đã tiếp nhận: {received}",
        f"- Tổng số hồ sơ đã giải quyết: {resolved}",
        f"- Hồ sơ trả đúng hạn: {on_time}",
        f"- Hồ sơ quá hạn: {overdue}",
        f"- Hồ sơ trả lại (tổ chức, cá nhân): {returned}",
    ):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def mail(
    sender: str = "stc@tinh.example",
    subject: str = "Báo cáo tuần CCHC",
    files: dict[str, bytes] | None = None,
    text: str = "Kính gửi Sở Nội vụ, xin gửi báo cáo.",
    headers: dict[str, str] | None = None,
    message_id: str = "",
) -> EmailMessage:
    """A mail with attachments, as a mail program writes it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "cchc@tinh.example"
    message["Subject"] = subject
    message["Date"] = "Fri, 21 Jul 2017 09:00:00 +0700"
    unique = hashlib.sha256(repr((sender, subject, text, sorted((files or {}).items()))).encode()).hexdigest()[:16]
    message["Message-ID"] = message_id or f"<{unique}@tinh.example>"
    for name, value in (headers or {}).items():
        del message[name]
        message[name] = value
    message.set_content(text)
    for name, data in (files or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message
