"""The wording is complete: every code the service may put into a letter has its Vietnamese."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

import pytest

from intake.findings import NOTE_CODES
from notifier import wording
from notifier.compose import compose
from notifier.facts import CorrectionFact, FigureFact, FileFact, FindingFact
from notifier.figure_words import last_text, value_text
from notifier.texts import catalogue, environment, words
from tests.notifier.letters import ANSWER, LATE, LOCKED, OFFICE, WEEKLY, letter, local, with_report

REASONS = [
    "encrypted",
    "corrupt",
    "empty",
    "unsupported_type",
    "type_mismatch",
    "tool_missing",
    "reader_crashed",
    "too_large",
    "too_many_parts",
    "mime_too_deep",
    "zip_bomb",
    "zip_nested_too_deep",
    "zip_too_many_entries",
    "xml_entity",
    "xml_too_deep",
    "pdf_bomb",
    "page_too_large",
    "too_many_pages",
    "image_too_large",
    "timeout",
    "memory",
    "no_text",
    "low_text_quality",
    "unreadable_scan",
    "encrypted_mail",
    "mime_defect",
    "partial_message",
    "external_body",
    "link_only",
    "no_report",
    "no_from",
    "ambiguous_from",
    "sender_unverified",
    "sender_unknown",
    "loop_suspected",
    "body_parts_disagree",
    "ambiguous_period",
    "ambiguous_agency",
    "clock_disagrees",
    "empty_message",
]
CLASSES = [
    "on_time",
    "cured",
    "late",
    "incomplete",
    "in_review",
    "missing",
    "waived",
    "not_applicable",
    "not_yet_due",
    "extended",
]
HOWS = ["window", "window+receipt", "stated", "answer", "inferred", "person", "guess"]
AGENCY_HOWS = [
    "address",
    "forwarded",
    "secretariat",
    "letterhead",
    "number",
    "formerly",
    "successor",
    "person",
]  # what the rules and persons may say
NOTES = [
    "only_last_credited",
    "refused_before",
    "beyond_last",
    "inferred",
    "stated_elsewhere",
    "covers_skipped",
    "successor",
]
ASKED = ["same_content_as", "skipped_wanted", "own_wanted"]
TYPES = ["weekly", "monthly", "quarterly", "half", "yearly", "other"]
OUTCOMES = ["read", "copy", "enclosure", "needs_review", "refused"]


def test_the_closed_list_of_reasons_has_its_wording_and_nothing_else():
    assert set(catalogue("reasons")) == set(REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_told_as_a_cause_a_remedy_and_a_few_words(reason):
    for form in ("file", "fix", "page"):
        told = wording.reason_word(reason, form, "rar")
        assert told
        assert "{" not in told
        assert not told.endswith(".")
        assert not re.search(r"\s{2}", wording.reason_word(reason, form))


@pytest.mark.parametrize("nameless", ["data", "ole", "opc", "iwork", ""])
def test_a_file_of_no_known_type_is_given_no_ending_of_our_making(nameless):
    assert wording.reason_word("unsupported_type", "file", nameless) == "định dạng chưa được hỗ trợ"


def test_an_unknown_reason_still_makes_a_sentence():
    assert wording.reason_word("something_new", "file") == wording.reason_word(None, "page")
    assert wording.reason_word("something_new", "fix")


@pytest.mark.parametrize("code", CLASSES)
def test_every_class_has_its_three_wordings(code):
    entry = words("class")[code]
    assert all(entry[form] for form in ("page", "letter", "verdict", "subject", "mood"))


def test_classes_are_called_as_agreed():
    assert [words("class")[code]["page"] for code in CLASSES] == [
        "Đúng hạn",
        "Hoàn thiện bổ sung",
        "Nộp chậm",
        "Chưa đạt yêu cầu",
        "Đang xem xét",
        "Chưa nhận",
        "Được miễn",
        "Không thuộc diện",
        "Chưa đến hạn",
        "Gia hạn đến {until}",
    ]
    assert wording.class_word("cured", "letter") == "nộp đúng hạn, đã hoàn thiện trong thời gian bổ sung"
    assert wording.class_word("something_new", "letter") == "something_new"


@pytest.mark.parametrize("how", HOWS)
def test_every_way_of_finding_a_period_is_told(how):
    assert words("how")[how]


@pytest.mark.parametrize("how", AGENCY_HOWS)
def test_every_way_of_finding_an_agency_is_told(how):
    assert words("agency_how")[how]


def test_every_remark_of_the_judge_is_told_or_asks_for_something():
    assert all(words("note")[code] for code in NOTES)
    assert set(words("asked")) == set(ASKED)
    assert not set(words("asked")) & set(words("note"))


def test_a_way_without_words_is_left_out_and_never_shown_as_a_code():
    assert wording.agencies_told(with_report(ANSWER, agency_how="something_new")) == ()
    assert wording.agencies_told(ANSWER) == (("Sở Tài chính", "theo địa chỉ thư gửi"),)


@pytest.mark.parametrize("report_type", TYPES)
def test_every_report_type_has_its_names(report_type):
    assert set(words("type")[report_type]) >= {"full", "bare", "short", "subject", "own_period"}


def test_a_report_type_of_the_configuration_is_called_by_its_own_name():
    assert wording.type_full("vpdt") == 'Báo cáo "vpdt"'
    assert wording.type_full("vpdt", "ra-soat") == 'Báo cáo "ra-soat"'
    assert wording.type_subject("vpdt", "ra-soat") == 'báo cáo "ra-soat"'
    assert wording.type_digest("monthly", "monthly:2017-07") == "báo cáo CCHC tháng 7/2017"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_fate_of_a_file_is_told(outcome):
    assert wording.file_fate(FileFact("a.docx", outcome))


def test_the_words_of_a_mail_are_no_document_enclosed_with_it():
    assert wording.file_fate(FileFact("part-1", "enclosure")) == "đã lưu"
    assert wording.file_fate(FileFact("QĐ 12.doc", "enclosure")) == "tài liệu kèm theo, đã lưu"


def test_a_refused_file_says_why():
    assert wording.file_fate(FileFact("a.rar", "refused", "unsupported_type", 1, "rar")) == (
        "chưa đọc được: định dạng .rar chưa được hỗ trợ"
    )


def test_every_template_can_be_loaded_and_every_section_has_one():
    jinja = environment()
    there = {p.name for p in files("notifier").joinpath("texts/vi/section").iterdir()}
    needed = "on_time cured late held_up kept awaiting incomplete in_review refused duplicate withdrawn waived test waiting owes_nothing explained"
    assert {
        f"{name}.j2"
        for name in f"{needed} declined not_a_report refused_mail no_report link_only empty_message elsewhere".split()
    } == there
    for name in there:
        jinja.get_template(f"section/{name}")
    results = catalogue("subjects")["result"]
    assert {name.removesuffix(".j2") for name in there} <= set(results)


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ({"due_class": "on_time"}, "on_time"),
        ({"due_class": "late", "timing": "late"}, "late"),
        ({"due_class": "in_review", "timing": "unknown", "notes": ("own_outage",)}, "held_up"),
        ({"due_class": "cured", "timing": "late"}, "cured"),
        ({"due_class": "on_time", "timing": "late"}, "kept"),
        ({"due_class": "late", "timing": "late", "decided_by": "CCHC-20170721-W-STC-r1", "receipt": "x"}, "kept"),
        ({"due_class": "on_time", "outcome": "incomplete"}, "incomplete"),
        ({"due_class": "in_review"}, "awaiting"),
        ({"outcome": "refused", "reason": "link_only"}, "link_only"),
        ({"due_class": "incomplete"}, "incomplete"),
        ({"due_class": "not_applicable"}, "waived"),
        ({"due_class": "", "timing": "late"}, "late"),
        ({"due_class": "not_yet_due", "timing": "on_time"}, "on_time"),
        ({"due_class": "", "timing": "unknown"}, "in_review"),
        ({"duplicate_of": "r1", "outcome": "in_review"}, "duplicate"),
    ],
)
def test_the_section_follows_the_verdict(changes, section):
    assert wording.section_of(with_report(ANSWER, **changes).reports[0]) == section


def test_last_periods_value_and_flags_stand_beside_a_figure():
    figures = {figure.key: figure for figure in WEEKLY.figures}
    assert value_text(figures["level3_resolved"]) == "120 (số ước)"
    assert value_text(figures["returned"]) == "không phát sinh"
    assert value_text(figures["feedback_resolved"]) == "bỏ trống"
    assert last_text(figures["feedback_resolved"]) == ""


@pytest.mark.parametrize(
    ("due_class", "shown"),
    [("late", "late"), ("not_yet_due", "duplicate"), ("missing", "duplicate"), ("", "duplicate")],
)
def test_a_duplicate_names_the_class_the_period_already_has(due_class, shown):
    assert wording.shown_class(replace(WEEKLY, duplicate_of="r1", due_class=due_class)) == shown
    assert wording.shown_class(replace(WEEKLY, due_class="waived")) == "waived"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "số 245/BC-STC ngày 21/7/2017; số liệu từ ngày 14/7/2017 đến ngày 20/7/2017"),
        ({"number": ""}, "ngày 21/7/2017; số liệu từ ngày 14/7/2017 đến ngày 20/7/2017"),
        ({"date": None, "window_to": None}, "số 245/BC-STC; kỳ ngày 21/7/2017"),
        ({"number": "", "date": None, "window_from": None, "period": None}, ""),
        ({"number": "", "date": None, "window_from": None, "revision": 2}, "kỳ ngày 21/7/2017; lần nộp thứ 02"),
    ],
)
def test_a_report_is_identified_by_what_is_known_of_it(changes, told):
    assert wording.identity(replace(WEEKLY, **changes)) == told


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (FigureFact("a", "A", "98,81%", "98.81", percent=True), "98,81%"),
        (FigureFact("a", "A", "3227.885", None, "unreadable"), "không đọc được: 3227.885"),
        (FigureFact("a", "A", "", None, "unreadable"), "không đọc được"),
        (FigureFact("a", "A", "00", "0", "zero"), "0"),
        (FigureFact("a", "A", "??", None, "something_new"), "??"),
        (FigureFact("a", "A", "5", "5", flags=("ocr", "approximate", "new_flag")), "5 (đọc từ bản quét, số ước)"),
    ],
)
def test_a_state_that_is_no_number_is_named_and_never_nought(figure, told):
    assert value_text(figure) == told


def test_a_moment_a_person_set_says_so():
    deemed = with_report(LATE, received_at=local(21, 10, 30), late_seconds=1800)
    told = compose(letter(deemed), OFFICE).text
    assert "lúc 10 giờ 30 phút 00 giây, ngày 21/7/2017, sau thời hạn 30 phút 00 giây" in told
    assert "Thời điểm nhận do Sở Nội vụ xác định." in told


def test_a_mail_whose_files_wait_for_a_person_is_in_review():
    waits = replace(LOCKED, files=(FileFact("quét.pdf", "needs_review", "no_text"),), reason="no_text", outcome="read")
    told = compose(letter(waits), OFFICE)
    assert 'Tệp "quét.pdf" là bản chụp/quét' in told.text
    assert "Đã nhận, đang xem xét" in told.subject


def test_a_refused_file_that_is_not_among_the_files_is_still_named():
    odd = with_report(ANSWER, outcome="refused", due_class="incomplete", file="a.doc", reason="corrupt", figures=())
    told = compose(letter(replace(odd, files=())), OFFICE).text
    assert 'chưa đọc được tệp "a.doc"' in told
    assert "– Lý do: tệp bị lỗi, không mở được." in told


def test_a_cutoff_that_excludes_its_own_second_says_before():
    told = compose(letter(with_report(ANSWER, at_cutoff="late")), OFFICE).text
    assert "(thời hạn: trước 10 giờ 00 phút, thứ Sáu, ngày 21/7/2017;" in told


def test_the_next_cutoff_bounds_what_is_sent_again():
    told = compose(letter(replace(LOCKED, owed=(), next_due_at=local(28, 10, 0))), OFFICE).text
    assert "chậm nhất 10 giờ 00 phút, ngày 28/7/2017 để được tính đúng hạn" in told


def test_an_adjustment_that_leaves_the_class_alone_says_so():
    figures = replace(ANSWER, correction=CorrectionFact("on_time", "on_time", "figures"))
    told = compose(letter(figures, kind="correction"), OFFICE).text
    assert 'kết quả "nộp đúng hạn" không thay đổi. Lý do: số liệu được đọc lại.' in told
    moved = replace(ANSWER, correction=CorrectionFact("weekly:2017-07-14", "weekly:2017-07-21", "do nhầm kỳ."))
    told = compose(letter(moved, kind="correction"), OFFICE).text
    assert 'từ "kỳ ngày 14/7/2017" thành "kỳ ngày 21/7/2017". Lý do: do nhầm kỳ.' in told


def test_a_part_nobody_named_is_called_the_text_of_the_mail():
    assert wording.place_text(FindingFact("W02", file="part-1", section="III")) == "nội dung thư, mục III"
    assert wording.place_text(FindingFact("W02", file="a.docx", table=1, row=2, cell=3)) == (
        'tệp "a.docx", bảng 1, dòng 2, cột 3'
    )
    assert wording.place_text(FindingFact("W02")) == ""
    assert wording.file_label("") == 'tệp "(tệp không tên)"'


@pytest.mark.parametrize(
    ("text", "told"),
    [("Trả lời thư này.", "trả lời thư này"), ("UBND xã", "UBND xã"), ("", ""), ("1.590 + 20", "1.590 + 20")],
)
def test_a_sentence_of_a_form_becomes_part_of_ours(text, told):
    assert wording.inside(text) == told


def test_a_finding_without_a_title_is_headed_by_its_message():
    bare = FindingFact("copies_disagree", "warning", message="Hai bản có số liệu khác nhau", place="Tổng số: 15")
    told = compose(letter(with_report(ANSWER, findings=(bare, replace(bare, severity="info")))), OFFICE).text
    assert "1. [copies_disagree] Hai bản có số liệu khác nhau\n– Vị trí: Tổng số: 15.\n– Cách xử lý: " in told
    assert "2. [" not in told


def test_the_codes_of_the_judges_remarks_are_those_they_are_answered_by():
    asked = {note: entry["code"] for note, entry in words("asked").items()}
    assert asked == NOTE_CODES
