"""What a mail's own words say beside the report attached to it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from parsers.assemble import assemble
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.part import read_leaf
from parsers.values import Hints, MailReading
from parsers.wire import pack, unpack
from tests.parsers.document_builders import WEEKLY, docx_bytes

NEXT = tuple(line.replace("14/7", "21/7").replace("20/7", "27/7").replace("1.625", "1.700") for line in WEEKLY)


def mail(body: str, *reports: tuple[str, ...], html: bool = False) -> MailReading:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "snv@tinh.example", "cchc@tinh.example", "Báo cáo tuần"
    made.set_content(body, subtype="html" if html else "plain")
    for n, lines in enumerate(reports, 1):
        made.add_attachment(docx_bytes(lines), maintype="application", subtype="octet-stream", filename=f"bc{n}.docx")
    envelope, forms = open_mail(made.as_bytes()), load_forms()
    parts = [
        one for leaf in envelope.leaves for one in read_leaf(leaf, forms, Hints(subject=envelope.subject)).readings
    ]
    return assemble(envelope, parts, forms)


def told(reading: MailReading) -> list[tuple[str, tuple[str, ...]]]:
    reports = [report for part in reading.parts for report in part.reports]
    return [(str(r.window.start)[5:], one.figures) for r in reports for one in r.findings if one.code == "body_figures"]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("Sở Nội vụ gửi báo cáo tuần: tiếp nhận 1.652 hồ sơ, giải quyết 1.615 hồ sơ.", ("received",)),
        ("Kính gửi Sở Nội vụ.\nXin đính chính: số hồ sơ trả lại là 12, không phải 10.", ("returned",)),
        ("Xin đính chính số liệu: từ 1.590 thành 1.580 hồ sơ.", ("on_time",)),
        ("Hồ sơ quá hạn: 24", ("overdue",)),
        ("- Tổng số hồ sơ đã tiếp nhận: 1.625\n- Hồ sơ quá hạn: 26", ("overdue",)),
    ],
)
def test_words_that_give_a_figure_otherwise_speak_against_it(body: str, keys: tuple[str, ...]):
    reading = mail(body, WEEKLY)
    assert (reading.outcome, told(reading)) == ("read", [("07-14", keys)])
    (said,) = [one.message for part in reading.parts for one in part.reports[0].findings if one.code == "body_figures"]
    assert body.splitlines()[-1].split(":")[0].strip("- ") in said


@pytest.mark.parametrize(
    "body",
    [
        "Kính gửi Sở Nội vụ, xin gửi báo cáo.",
        "Gửi báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7/2017. ĐT: 0208 385 1234.",
        "Trong tuần tiếp nhận 1.625 hồ sơ, giải quyết 1.615 hồ sơ.",
        "Trong tuần tiếp nhận hơn 1.600 hồ sơ.",
        "Tuần trước tiếp nhận 1.500 hồ sơ.",
        "Từ đầu năm tiếp nhận 30.500 hồ sơ.",
        "Báo cáo đính chính thay báo cáo gửi lúc 8 giờ.",
    ],
)
def test_words_that_say_nothing_else_are_no_finding(body: str):
    assert told(mail(body, WEEKLY)) == []


def test_the_body_as_html_is_heard_as_well():
    assert told(mail("<p>Xin đính chính: hồ sơ quá hạn: 24</p>", WEEKLY, html=True)) == [("07-14", ("overdue",))]


def test_a_number_right_in_one_of_two_reports_speaks_against_neither():
    assert told(mail("Trong tuần tiếp nhận 1.700 hồ sơ.", WEEKLY, NEXT)) == []
    assert told(mail("Trong tuần tiếp nhận 1.800 hồ sơ.", WEEKLY, NEXT)) == [
        ("07-14", ("received",)),
        ("07-21", ("received",)),
    ]


def test_a_body_that_is_the_report_itself_is_compared_as_a_copy():
    reading = mail("\n".join(WEEKLY).replace("1.625", "1.652"), WEEKLY)
    assert told(reading) == []
    assert "copies_disagree" in {
        one.code for part in reading.parts for report in part.reports for one in report.findings
    }


def test_words_without_a_report_are_nothing():
    assert mail("Trong tuần tiếp nhận 1.652 hồ sơ.").outcome == "no_report"


def test_what_the_words_say_travels_with_the_reading():
    leaf = next(one for one in open_mail(b"From: a@x\r\n\r\nHo so qua han: 24\r\n").leaves if one.role == "body")
    parts = read_leaf(leaf, load_forms(), Hints())
    assert [one.key for one in parts.readings[0].mentions] == ["overdue"] * len(parts.readings[0].mentions) != []
    assert unpack(pack(parts), type(parts)) == parts
