"""The province the faults fall upon: eight agencies that owe a weekly report, their mails, and the configuration.

Mails are made from one Word file whose numbers are put in place by text, so that thousands cost nothing.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.pipeline.world import weekly_docx

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_CUTOFF = datetime(2017, 7, 21, 10, 0, tzinfo=ZONE)  # the plan: Friday 10:00
AGENCIES = {
    "SNV": "Sở Nội vụ",
    "STC": "Sở Tài chính",
    "SYT": "Sở Y tế",
    "SXD": "Sở Xây dựng",
    "SCT": "Sở Công Thương",
    "STP": "Sở Tư pháp",
    "SVH": "Sở Văn hóa",
    "HDT": "UBND huyện Đại Từ",
}
SECRETARIAT, SELF_COPY, MAILBOX = "thuky@tinh.example", "ban-sao@tinh.example", "cchc@tinh.example"
PASSWORD_ENV = "TEST_FAULTS_PASSWORD"
PASSWORD = "only-for-tests"

CONFIG = """[office]
name = "Sở Nội vụ"
contact = "Phòng Cải cách hành chính"
phone = "0208 000 0000"
[mailbox]
url = "{mailbox}"
password_env = "{password_env}"
{mailbox_more}
[smtp]
url = "smtp://127.0.0.1:{smtp}?starttls=no"
from = "CCHC <{address}>"
{smtp_more}
[storage]
url = "{database}"
vault = "vault"
[calendar]
start = 2017-07-17
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
basis = "Kế hoạch số 121/KH-UBND ngày 19/7/2017 của UBND tỉnh"
[roster]
file = "roster.csv"
[notify]
quiet_days_off = false
secretariat = ["{secretariat}"]
{notify_more}
"""


def address_of(agency: str) -> str:
    return f"{agency.lower()}@tinh.example"


def roster() -> str:
    head = "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"
    lines = (
        f"{code},{name},department,TINH,TINH,{address_of(code)},{code},weekly,2017-07-01,,\n"
        for code, name in AGENCIES.items()
    )
    return head + "".join(lines)


def write_configuration(folder: Path, mailbox: str, database: str, smtp: int, **more: str) -> Path:
    """config.toml and roster.csv; ``more``: mailbox_more, smtp_more, notify_more."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roster.csv").write_text(roster(), encoding="utf-8")
    lines = {"mailbox_more": "", "smtp_more": f'self_copy = "{SELF_COPY}"', "notify_more": "", **more}
    text = CONFIG.format(
        mailbox=mailbox,
        database=database,
        smtp=smtp,
        address=MAILBOX,
        secretariat=SECRETARIAT,
        password_env=PASSWORD_ENV,
        **lines,
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder / "config.toml"


def cutoff(week: int) -> datetime:
    """The cutoff of the n-th week, the first being 0."""
    return FIRST_CUTOFF + timedelta(weeks=week)


def period(week: int) -> str:
    return f"weekly:{cutoff(week):%Y-%m-%d}"


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns='
    '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


@lru_cache(maxsize=1)
def _document() -> str:
    """The text of a Word file made by python-docx, with words in the places of the figures."""
    figures = ("@A@", "@A@", "@A@", "0", "10")
    made = weekly_docx("@AGENCY@", "từ ngày @FROM@ đến ngày @TO@", figures, "@NO@/BC", "@DAY@")
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        return packed.read("word/document.xml").decode()


def report_docx(agency: str, week: int, received: int) -> bytes:
    """The weekly form of that agency and week, ``received`` files taken in and all of them resolved on time."""
    first, last = cutoff(week) - timedelta(days=7), cutoff(week) - timedelta(days=1)
    words = {
        "@AGENCY@": AGENCIES[agency].upper(),
        "@FROM@": f"{first.day}/{first.month}",
        "@TO@": f"{last.day}/{last.month}/{last.year}",
        "@DAY@": f"{last.day} tháng {last.month} năm {last.year}",
        "@NO@": str(received),
        "@A@": str(received),
    }
    text = _document()
    for word, value in words.items():
        text = text.replace(word, value)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", text),
        ):
            packed.writestr(zipfile.ZipInfo(name, (2017, 7, 20, 0, 0, 0)), data)
    return out.getvalue()


def mail_of(
    sender: str,
    subject: str,
    text: str,
    files: dict[str, bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """A mail as it lies on a server: lines ended by CR LF."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = MAILBOX
    message["Subject"] = subject
    message["Date"] = "Thu, 20 Jul 2017 09:00:00 +0700"
    seed = repr((sender, subject, text, sorted((files or {}).items())))
    message["Message-ID"] = f"<{hashlib.sha256(seed.encode()).hexdigest()[:20]}@tinh.example>"
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    for name, data in (files or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
