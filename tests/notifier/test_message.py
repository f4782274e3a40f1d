"""Letter bytes: headers nobody can break out of, the sender's thread, the same bytes for the same letter."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from notifier import subject
from notifier.compose import compose
from notifier.facts import FileFact
from notifier.facts_of_many import AlarmFacts
from notifier.message import Attachment, BadAddressError, Heading, message_bytes, strict_ids
from notifier.plain import neutral, one_line, whole
from tests.notifier.letters import ANSWER, HASH, OFFICE, WEEKLY, board, letter, local, with_report
from tests.notifier.samples import SAMPLES

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ANY_TEXT = st.text(st.characters(codec=None), max_size=120)
HOSTILE = st.one_of(
    ANY_TEXT,
    st.sampled_from(["a\r\nBcc: x@y", "=?utf-8?q?=0d=0a?=", "\u202etxt.exe", "{{ 7 }}", "<b>*x*</b>", "\ud800"]),
)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_an_answer_stays_in_the_senders_thread():
    facts = replace(ANSWER, in_reply_to="<a1@tinh.example>", references=("<first@tinh.example>", "<a0@tinh.example>"))
    message = parsed(compose(letter(facts), OFFICE).raw)
    assert message["In-Reply-To"] == "<a1@tinh.example>"
    assert message["References"].split() == ["<first@tinh.example>", "<a0@tinh.example>", "<a1@tinh.example>"]
    assert message["Message-ID"] == f"<acknowledgement.1.{'0' * 32}@mail.example>"


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.lists(st.binary(max_size=300), max_size=2))
def test_any_text_and_any_files_come_back_as_they_were(text, files):
    where = Heading("CCHC <a@b.example>", ("x@y.example",), "Tiêu đề", local(21, 9, 0), "<a.b@c.example>")
    names = [f'so "{n}" lieu.xlsx' for n in range(len(files))]
    raw = message_bytes(
        where, HANOI, text, f"<p>{text}</p>", [Attachment(*one) for one in zip(names, files, strict=True)]
    )
    message = parsed(raw)
    assert raw.isascii()
    assert not set(b"\r\n") & set(raw.replace(b"\r\n", b""))
    assert max(map(len, raw.split(b"\r\n"))) <= 100
    assert not message.defects
    for kind, sent in (("plain", text), ("html", f"<p>{text}</p>")):
        assert message.get_body((kind,)).get_content().splitlines() == (whole(sent).splitlines() or [""])
    assert [(part.get_filename(), part.get_content()) for part in message.iter_attachments()] == [
        *zip(names, files, strict=True)
    ]


def test_answers_and_notices_are_marked_as_automatic():
    answer = parsed(compose(SAMPLES["on_time"], OFFICE).raw)
    notice = parsed(compose(SAMPLES["missing"], OFFICE).raw)
    assert (answer["Auto-Submitted"], notice["Auto-Submitted"]) == ("auto-replied", "auto-generated")
    assert answer["X-Auto-Response-Suppress"] == notice["X-Auto-Response-Suppress"] == "All"
    assert answer["Precedence"] is None


def test_a_letter_carries_its_receipt_and_its_place_in_the_log():
    message = parsed(compose(SAMPLES["on_time"], OFFICE).raw)
    assert message["X-CCHC-Receipt"] == WEEKLY.receipt
    assert message["X-CCHC-Log"] == f"311 {HASH}"
    assert message["X-CCHC-Mail"] == "ab" * 32


def test_a_letter_is_dated_when_it_goes_out_on_the_offices_clock():
    sent = parsed(compose(SAMPLES["on_time"], OFFICE, local(21, 9, 13, 0)).raw)
    assert sent["Date"] == "Fri, 21 Jul 2017 09:13:00 +0700"
    assert sent["From"] == "CCHC Sở Nội vụ <cchc@mail.example>"
    assert sent["To"] == "stc@tinh.example"


def test_the_same_letter_at_the_same_moment_is_the_same_bytes():
    for name in ("on_time", "digest"):
        assert compose(SAMPLES[name], OFFICE).raw == compose(SAMPLES[name], OFFICE).raw


def test_text_comes_first_then_html_and_everything_is_seven_bit():
    raw = compose(SAMPLES["on_time"], OFFICE).raw
    message = parsed(raw)
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    assert [p.get_content_charset() for p in message.iter_parts()] == ["utf-8", "utf-8"]
    assert "ĐÚNG HẠN" in message.get_body(("plain",)).get_content()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_digest_brings_its_workbook():
    message = parsed(compose(SAMPLES["digest"], OFFICE).raw)
    (book,) = message.iter_attachments()
    assert book.get_filename() == "bang-tong-hop-weekly-2017-07-21.xlsx"
    assert book.get_content().startswith(b"PK")
    assert message.get_body(("plain",)) is not None


def test_a_long_subject_in_vietnamese_arrives_letter_by_letter():
    title = "Báo cáo tuần về công tác cải cách hành chính của Sở Tài chính từ ngày 14/7/2017 đến ngày 20/7/2017"
    made = compose(letter(replace(ANSWER, subject=title)), OFFICE)
    assert made.subject == f"Re: {title} – Đúng hạn [{WEEKLY.receipt}]"
    assert parsed(made.raw)["Subject"] == made.subject


def test_a_very_long_message_id_is_answered_as_it_is():
    long = f"<{'a' * 200}@{'b' * 120}.example>"
    raw = compose(letter(replace(ANSWER, in_reply_to=long)), OFFICE).raw
    assert f"In-Reply-To: {long}\r\n".encode() in raw


def test_ids_that_are_none_are_left_out():
    hostile = ("x", "<a@b>\r\nBcc: x@y", "<a b@c>", "<ä@b>", "<ok@b>", "<ok@b>", "<@>", "<a@b@c>", f"<{'x' * 900}@b>")
    assert strict_ids(hostile) == ("<ok@b>",)
    raw = compose(letter(replace(ANSWER, in_reply_to="<a@b>\r\nBcc: x@y", references=hostile)), OFFICE).raw
    assert "Bcc" not in parsed(raw)
    assert "In-Reply-To" not in parsed(raw)


def test_of_a_long_thread_the_first_and_the_latest_are_kept():
    ids = tuple(f"<{n}@b>" for n in range(100))
    kept = strict_ids(ids)
    assert (kept[0], kept[1], kept[-1], len(kept)) == ("<0@b>", "<81@b>", "<99@b>", 20)


@pytest.mark.parametrize("address", ["", "stc", "stc@tỉnh.example", "a@b\r\nBcc: x", "@b.example"])
def test_nobody_to_write_to_is_an_error_of_ours(address):
    with pytest.raises(BadAddressError):
        compose(letter(ANSWER, to=(address,)), OFFICE)
    with pytest.raises(BadAddressError):
        compose(letter(ANSWER, to=()), OFFICE)
    with pytest.raises(BadAddressError):
        compose(letter(ANSWER, message_id="nothing"), OFFICE)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('"CCHC, Sở" <cchc@mail.example>', "CCHC, Sở"),
        ('"A \\"b\\", c" <cchc@mail.example>', 'A "b", c'),
        ("", ""),
    ],
)
def test_who_we_are_is_written_so_that_any_program_reads_it(given, name):
    sent = parsed(compose(letter(ANSWER), replace(OFFICE, from_header=given)).raw)
    (we,) = sent["From"].addresses
    assert (we.display_name, we.addr_spec) == (name, "cchc@mail.example")


def test_an_office_without_an_address_cannot_write():
    with pytest.raises(BadAddressError):
        compose(letter(ANSWER), replace(OFFICE, from_header="CCHC", mailbox_address="CCHC"))


def test_a_plain_title_is_written_plainly_and_one_that_looks_encoded_is_not_taken_for_it():
    plain = compose(letter(ANSWER), OFFICE)
    odd = compose(letter(replace(ANSWER, subject="=?utf-8?q?=41?=")), OFFICE)
    assert parsed(odd.raw)["Subject"].startswith("Re: =?utf-8?q?=41?= – ")
    assert parsed(plain.raw)["Subject"] == plain.subject


def test_a_letter_without_any_moment_is_refused():
    with pytest.raises(ValueError, match="moment"):
        compose(letter(ANSWER, created_at=None), OFFICE)


@settings(max_examples=60, deadline=None)
@given(title=HOSTILE, name=HOSTILE, agency=HOSTILE, detail=HOSTILE)
def test_whatever_a_sender_wrote_makes_a_letter_with_our_headers_only(title, name, agency, detail):
    facts = with_report(
        replace(ANSWER, subject=title, agency_name=agency, files=(FileFact(name, "read"),)), file=name, number=detail
    )
    raw = compose(letter(facts), OFFICE).raw
    head, _, _ = raw.partition(b"\r\n\r\n")
    fields = re.findall(rb"(?m)^([A-Za-z-]+):", head)
    assert len(fields) == len(set(fields))
    assert not {b"Bcc", b"Cc"} & set(fields)
    told = parsed(raw)
    assert told["Subject"].endswith(f"[{WEEKLY.receipt}]")
    assert "\u202e" not in told.get_body(("plain",)).get_content()


def test_markup_and_templates_in_a_name_stay_text():
    facts = replace(ANSWER, agency_name="**Sở** <b>*A*</b> {{ 7*7 }} &amp; @figures0 !good")
    made = compose(letter(facts), OFFICE)
    assert made.text.startswith("Kính gửi: **Sở** <b>*A*</b> {{ 7*7 }} &amp; @figures0 !good\n")
    assert "<b>" not in made.html
    assert "&lt;b&gt;" in made.html


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Báo cáo tuần", "Báo cáo tuần"),
        ("Re: RE: Fwd: Báo cáo tuần", "Báo cáo tuần"),
        ("Re: Báo cáo tuần – Đúng hạn [CCHC-20170721-W-STC-r1]", "Báo cáo tuần"),
        ("", "(thư không có tiêu đề)"),
        ("\r\n \t", "(thư không có tiêu đề)"),
        ("Báo cáo – Sở Tài chính", "Báo cáo – Sở Tài chính"),
        ("x" * 500, "x" * 149 + "…"),
    ],
)
def test_the_senders_title_is_kept_and_ours_taken_off(title, kept):
    assert subject.of_acknowledgement(replace(ANSWER, subject=title)) == f"Re: {kept} – Đúng hạn [{WEEKLY.receipt}]"


def test_several_reports_with_one_result_say_it_once():
    both = replace(ANSWER, reports=(WEEKLY, replace(WEEKLY, type="monthly", period="monthly:2017-07")))
    assert subject.of_acknowledgement(both) == f"Re: Báo cáo tuần CCHC – Đúng hạn [{WEEKLY.receipt}]"


def test_a_digest_of_another_day_says_the_day():
    later = replace(board(), at=local(24, 9, 0))
    assert subject.of_digest(later, OFFICE).endswith("(tính đến 09 giờ 00 phút, ngày 24/7/2017)")
    nobody = replace(board(), expected=0, classes={})
    assert "không có cơ quan đến hạn" in subject.of_digest(nobody, OFFICE)


def test_an_alarm_nobody_named_is_told_in_its_own_words():
    assert subject.of_alarm(AlarmFacts("đĩa gần đầy", datetime(2017, 7, 21, tzinfo=UTC))) == "[CẢNH BÁO] đĩa gần đầy"


@given(ANY_TEXT)
def test_one_line_is_one_printable_line(text):
    line = one_line(text, 60)
    assert len(line) <= 60
    assert len(line.splitlines()) <= 1
    line.encode("utf-8")
    assert line.strip() == line


@pytest.mark.parametrize(
    "text", ["=1+1", "+84", "-5", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "＝1", "  =1", "\n=1", "＠x"]
)
def test_a_cell_that_would_compute_gets_a_quote_before_it(text):
    assert neutral(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Sở Tài chính", "1.625", "'=1", "–", "a=b"])
def test_an_ordinary_cell_stays_as_it_is(text):
    assert neutral(text) == text


@given(ANY_TEXT)
def test_a_neutral_cell_can_always_be_written(text):
    cell = Workbook().create_sheet().cell(1, 1, neutral(text))
    assert cell.data_type in ("s", "n")
