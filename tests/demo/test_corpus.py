"""The demo's fortnight: made the same from a seed, readable by strangers' libraries, true to the stories it tells."""

from __future__ import annotations

import csv
import email
import hashlib
import io
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import docx
import openpyxl
import pypdfium2
import pytest
import python_calamine

from intake.demo.corpus import classes_at, fortnight, last_friday, roster_csv
from intake.demo.scene import DemoMail
from intake.demo.tasks import owing_tasks, own_form
from intake.rules.values import CLASSES, Agency, Dated

SEED = 7
FIRST = date(2017, 7, 21)
SECOND = date(2017, 7, 28)


def agencies() -> list[Agency]:
    rows = csv.DictReader(io.StringIO(roster_csv()))
    return [
        Agency(
            code=row["code"],
            name=row["name"],
            level=row["level"],
            parent=row["parent"],
            reports_to=row["reports_to"],
            addresses=tuple(Dated(text) for text in row["addresses"].split(";")),
            aliases=(),
            reports=tuple(Dated(text) for text in row["reports"].split(";") if text),
            order=int(row["order"]),
        )
        for row in rows
    ]


@pytest.fixture(scope="module")
def mails() -> tuple[DemoMail, ...]:
    return fortnight(SEED, agencies(), FIRST)


def opened(mail: DemoMail) -> EmailMessage:
    message = email.message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def of(mails: tuple[DemoMail, ...], story: str) -> DemoMail:
    return next(mail for mail in mails if mail.story == story)


def attachments(mail: DemoMail) -> dict[str, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in opened(mail).walk() if part.get_filename()}


def words_of(name: str, data: bytes) -> str:
    """All text of a file, by a library the service does not read it with, or not in this way."""
    match name.rpartition(".")[2]:
        case "docx":
            document = docx.Document(io.BytesIO(data))
            cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
            return "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])
        case "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
            return "\n".join(
                str(value) for row in sheet.iter_rows(values_only=True) for value in row if value is not None
            )
        case "xls":
            sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
            return "\n".join(
                f"{value:g}" if isinstance(value, float) else str(value) for row in sheet.to_python() for value in row
            )
        case "pdf":
            pages = pypdfium2.PdfDocument(data)
            return "\n".join(page.get_textpage().get_text_range() for page in pages)
    raise AssertionError(name)


def test_every_attachment_opens_with_independent_libraries(mails):
    kinds: Counter[str] = Counter()
    for mail in mails:
        for name, data in attachments(mail).items():
            if mail.story in ("broken", "locked", "scan_only"):
                continue
            members = {name: data}
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    members = {info: archive.read(info) for info in archive.namelist()}
                kinds["zip"] += 1
            for inside, content in members.items():
                kinds[inside.rpartition(".")[2]] += 1
                assert len(words_of(inside, content)) > 100
    assert set(kinds) == {"docx", "xlsx", "xls", "pdf", "zip"}


def test_figures_promised_by_a_story_stand_in_its_file(mails):
    looked = 0
    for mail in mails:
        files = {name: data for name, data in attachments(mail).items() if name.endswith((".docx", ".xlsx", ".pdf"))}
        if mail.story in ("broken", "with_decision", "mixed", "scan_only", "task_list") or not files:
            continue
        text = "\n".join(words_of(name, data) for name, data in files.items())
        for expected in mail.expect:
            for _, value in expected.figures:
                written = {str(value), f"{value:02d}", f"{value:,}".replace(",", ".")}
                assert any(form in text for form in written), (mail.story, value)
                looked += 1
    assert looked > 500


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process():
    code = (
        "import sys; sys.path.insert(0, 'tests/demo')\n"
        "from test_corpus import *\n"
        "print(hashlib.sha256(b''.join(m.raw for m in fortnight(SEED, agencies()[:9], FIRST))).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    here = hashlib.sha256(b"".join(mail.raw for mail in fortnight(SEED, agencies()[:9], FIRST))).hexdigest()
    assert runs == {here}


def test_another_seed_gives_other_mails():
    few = agencies()[:9]
    assert [mail.raw for mail in fortnight(1, few, FIRST)] != [mail.raw for mail in fortnight(2, few, FIRST)]


def test_mails_arrive_in_order_and_our_border_says_when(mails):
    moments = [mail.deliver_at for mail in mails]
    assert moments == sorted(moments)
    for mail in mails:
        stamp = opened(mail)["Received"].rpartition(";")[2]
        assert parsedate_to_datetime(stamp) == mail.deliver_at
        assert mail.deliver_at.tzinfo == ZoneInfo("Asia/Ho_Chi_Minh")


def test_every_story_of_the_demo_is_told(mails):
    told = Counter(mail.story for mail in mails)
    once = [
        "exactly_ten",
        "one_second_late",
        "minutes_late",
        "hours_late",
        "duplicate",
        "duplicate_again",
        "corrected",
        "corrected_again",
        "wrong_sum",
        "unknown_sender",
        "handed_on",
        "with_decision",
        "blank",
        "half_filled",
        "cured",
        "locked",
        "broken",
        "broken_mended",
        "decomposed",
        "windows_1258",
        "text_body",
        "html_body",
        "last_week",
        "away",
        "bounce",
        "invitation",
        "nested",
        "mixed",
        "after_trial",
        "scan_only",
    ]
    assert {story: told[story] for story in once} == dict.fromkeys(once, 1)
    assert told["trial"] == told["newsletter"] == told["owes_nothing"] == 2
    assert told["both"] >= 3
    assert told["task_list"] == 4
    assert told["separate_weekly"] == told["separate_monthly"] == 8


@pytest.mark.parametrize("period", ["weekly:2017-07-21", "weekly:2017-07-28", "monthly:2017-07"])
def test_expected_is_the_sum_of_the_six_classes(mails, period):
    classes = Counter(classes_at(mails, agencies(), period, mails[-1].deliver_at).values())
    assert set(classes) <= set(CLASSES)
    assert sum(classes.values()) == 29
    assert classes["missing"] >= 2
    assert classes["late"] >= 1
    assert classes["on_time"] >= 15


def test_a_due_is_missing_until_its_mail_has_come(mails):
    cured = of(mails, "cured")
    code = cured.expect[0].agency
    before = classes_at(mails, agencies(), "weekly:2017-07-21", cured.deliver_at - timedelta(seconds=1))
    after = classes_at(mails, agencies(), "weekly:2017-07-21", cured.deliver_at)
    assert (before[code], after[code]) == ("incomplete", "cured")


def test_exactly_ten_is_ten_o_clock_to_the_second(mails):
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert of(mails, "exactly_ten").deliver_at == datetime(2017, 7, 21, 10, tzinfo=zone)
    assert of(mails, "one_second_late").deliver_at == datetime(2017, 7, 21, 10, 0, 1, tzinfo=zone)


def test_a_wrong_sum_is_wrong_and_nothing_else_is(mails):
    for mail in mails:
        for expected in mail.expect:
            stated = dict(expected.figures)
            if {"resolved", "on_time", "overdue"} <= stated.keys():
                adds_up = stated["on_time"] + stated["overdue"] == stated["resolved"]
                assert adds_up != (mail.story == "wrong_sum")
                assert stated["resolved"] <= stated["received"]


def test_a_locked_zip_opens_only_with_its_password(mails):
    (data,) = attachments(of(mails, "locked")).values()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        with pytest.raises(RuntimeError, match="encrypted"):
            archive.read(name)
        assert docx.Document(io.BytesIO(archive.read(name, pwd=b"matkhau"))).tables


def test_a_scan_is_a_picture_alone_with_one_number_smeared(mails):
    ((name, data),) = attachments(of(mails, "scan_only")).items()
    assert words_of(name, data).strip() == ""
    (picture,) = [found for page in pypdfium2.PdfDocument(data) for found in page.get_objects()]
    assert min(picture.get_px_size()) > 1600


def test_who_owes_tasks_tells_of_its_own_and_the_office_lists_them_all(mails):
    rows = agencies()
    told = {
        mail.expect[0].agency: docx.Document(io.BytesIO(*attachments(mail).values()))
        for mail in mails
        if mail.story == "task_list"
    }
    assert set(told) | {"STC"} == {row.code for row in owing_tasks(rows)}
    for code, document in told.items():
        lead = {row.cells[2].text for row in document.tables[0].rows[1:]}
        assert lead == {row.name for row in rows if row.code == code}
    listed = tomllib.loads(own_form(SECOND, rows))["task"]
    assert {task["lead"] for task in listed} == {row.name for row in owing_tasks(rows)}
    assert {"number": "1.3", "due": "Tháng 6/2017"}.items() <= next(
        task for task in listed if task["number"] == "1.3"
    ).items()


def test_a_broken_docx_does_not_open(mails):
    (data,) = attachments(of(mails, "broken")).values()
    assert data.startswith(b"PK")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(data))


def test_decomposed_text_has_its_tones_apart(mails):
    ((name, data),) = attachments(of(mails, "decomposed")).items()
    text = words_of(name, data)
    assert not unicodedata.is_normalized("NFC", text)
    assert "hồ sơ" in unicodedata.normalize("NFC", text)


def test_the_body_in_windows_1258_decodes_to_vietnamese(mails):
    part = opened(of(mails, "windows_1258")).get_body(("plain",))
    assert part.get_content_charset() == "windows-1258"
    text = unicodedata.normalize("NFC", part.get_payload(decode=True).decode("windows-1258"))
    assert "Tổng số hồ sơ đã tiếp nhận" in text


def test_a_mail_handed_on_carries_the_agencys_own_mail_whole(mails):
    mail = of(mails, "handed_on")
    outer = opened(mail)
    (inner,) = [part.get_content() for part in outer.walk() if part.get_content_type() == "message/rfc822"]
    sender = next(agency for agency in agencies() if agency.code == mail.expect[0].agency)
    assert outer["From"].addresses[0].addr_spec == "thuky@tinh.example"
    assert inner["From"].addresses[0].addr_spec == sender.addresses[0].text


def test_an_unknown_sender_is_in_nobodys_roster(mails):
    known = {address.text for agency in agencies() for address in agency.addresses}
    assert opened(of(mails, "unknown_sender"))["From"].addresses[0].addr_spec not in known


def test_subjects_and_names_survive_their_encoding(mails):
    names = {agency.name for agency in agencies()}
    for mail in mails:
        raw = email.message_from_bytes(mail.raw, policy=policy.compat32)
        subject, sender = (str(make_header(decode_header(raw[name]))) for name in ("Subject", "From"))
        if mail.expect and mail.story != "handed_on":
            assert sender.rpartition(" <")[0] in names
        for words in ("công tác", "gửi báo cáo", "CCHC tháng", "hành chính số"):
            assert words.replace(" ", "") not in subject


def test_the_nested_mail_is_two_hundred_deep(mails):
    raw = of(mails, "nested").raw
    assert raw.count(b"Content-Type: message/rfc822") == 200
    assert b"Content-Type: text/plain" in raw


def test_the_second_week_has_no_monthly_reports_when_the_month_goes_on():
    few = agencies()[:12]
    first = FIRST - timedelta(days=14)
    mails = fortnight(SEED, few, first)
    assert not last_friday(first + timedelta(days=7))
    assert {expected.type for mail in mails for expected in mail.expect} == {"weekly"}


def test_any_friday_of_any_year_will_do():
    mails = fortnight(SEED, agencies()[:12], date(2031, 5, 23))
    assert {mail.deliver_at.year for mail in mails} == {2031}
    assert "monthly:2031-05" in {expected.period for mail in mails for expected in mail.expect}


def test_a_day_that_is_no_friday_is_refused():
    with pytest.raises(ValueError, match="not a Friday"):
        fortnight(SEED, agencies(), date(2017, 7, 20))
