"""The bytes of the year's mails: short, as clerks write them, in the body or as a Word file."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import date
from email.utils import format_datetime
from functools import cache

from tests.year.facts import Agency, Mail, Report, Year

TITLES = {
    "weekly": "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
    "monthly": "BÁO CÁO\nCông tác cải cách hành chính",
    "quarterly": "BÁO CÁO QUÝ VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
}
LABELS = (
    "Tổng số hồ sơ đã tiếp nhận",
    "Tổng số hồ sơ đã giải quyết",
    "Hồ sơ trả đúng hạn",
    "Hồ sơ quá hạn",
    "Hồ sơ trả lại (tổ chức, cá nhân)",
)
SUBJECTS = {"weekly": "Báo cáo tuần CCHC", "monthly": "Báo cáo CCHC tháng", "quarterly": "Báo cáo CCHC quý"}
CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def raw_mail(year: Year, mail: Mail) -> bytes:
    """The mail as it came over the line."""
    report = mail.reports[0] if mail.reports else None
    subject = SUBJECTS[report.type] if report else "Hỏi về lịch họp"
    if mail.names:
        subject = f"Re: {subject} [{receipt(mail.names, report.letterhead if report else '')}]"
    text = report_text(year, report) if report else "Xin hỏi lịch họp tuần tới. Trân trọng."
    attached = report is not None and mail.shape == "docx"
    head = [
        f"From: {mail.sender}",
        "To: cchc@tinh.example",
        f"Subject: =?utf-8?B?{base64.b64encode(subject.encode()).decode()}?=",
        f"Date: {format_datetime(mail.received)}",
        f"Message-ID: <m{mail.n}@tinh.example>",
        "MIME-Version: 1.0",
    ]
    if not attached:
        return _lines(
            *head,
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            "",
            _wrapped(text.encode()),
        )
    assert report
    data = b"PK\x03\x04 this is no Word file at all" if report.broken else docx(text)
    name = (
        "bao cao tuan.docx"
        if report.type == "weekly"
        else "bao cao thang.docx"
        if report.type == "monthly"
        else "bao cao quy.docx"
    )
    parts = (
        "--=_b", 'Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit", "", "Kính gửi Sở Nội vụ.",
        "--=_b", f'Content-Type: application/octet-stream; name="{name}"', f'Content-Disposition: attachment; filename="{name}"',
        "Content-Transfer-Encoding: base64", "", _wrapped(data), "--=_b--", "",
    )  # fmt: skip
    return _lines(*head, 'Content-Type: multipart/mixed; boundary="=_b"', "", *parts)


def _lines(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def _wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode().replace("\n", "\r\n")


def receipt(key: str, code: str) -> str:
    """A receipt's number, as our letters print it."""
    type_, _, label = key.partition(":")
    return f"CCHC-{label.replace('-', '')}-{type_[0].upper()}-{code}-r1"


def report_text(year: Year, report: Report) -> str:
    """The form filled in: only what the report states."""
    names = _names(year.agencies)
    lines = [names[report.letterhead].upper()] if report.letterhead else []
    title = TITLES[report.type]
    if report.type == "monthly" and report.stated:
        title += f" tháng {int(report.stated[5:])}/{report.stated[:4]}"
    if report.type == "quarterly" and report.stated:
        title += f" {report.stated[5:].replace('Q', 'QUÝ ')}/{report.stated[:4]}"
    lines.append(title)
    if report.window:
        lines.append(f"(Báo cáo tuần từ ngày {_day(report.window[0])} đến ngày {_day(report.window[1])})")
    lines.append("Kết quả giải quyết TTHC theo cơ chế một cửa, một cửa liên thông:")
    lines += [
        f"- {label}: {'……' if value is None else value}" for label, value in zip(LABELS, report.core, strict=True)
    ]
    lines.append(f"- Số văn bản đi được phát hành dưới dạng điện tử {report.more}/{2 * report.more}")
    return "\n".join(lines) + "\n"


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


@cache
def _names(agencies: tuple[Agency, ...]) -> dict[str, str]:
    return {row.code: row.name for row in agencies}


def docx(text: str) -> bytes:
    """The smallest Word file with these paragraphs."""
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in text.splitlines())
    body = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}"><w:body>{paragraphs}</w:body></w:document>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in (
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", RELS),
            ("word/document.xml", body),
        ):
            file.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def roster_csv(year: Year) -> str:
    """The roster file of the province, in the contract's columns."""
    lines = ["code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors"]
    for row in year.agencies:
        owed = "weekly;monthly;quarterly" if row.owes else ""
        days = [str(day) if day else "" for day in (row.first, row.last)]
        lines.append(
            ",".join(
                (
                    row.code,
                    row.name,
                    row.level,
                    row.reports_to,
                    row.reports_to,
                    row.address,
                    "",
                    owed,
                    *days,
                    row.successor,
                )
            )
        )
    return "\n".join(lines) + "\n"
