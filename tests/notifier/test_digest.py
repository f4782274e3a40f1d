"""The digest: the identity always shown, shares with n/E, what is missing shown as missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notifier.compose import compose
from notifier.digest import UnequalBoardError, province_text, review_reason, trouble_text, urge_text
from notifier.facts import LineFact, ReviewFact, TotalFact
from tests.notifier.letters import OFFICE, board, letter, local


def text_of(facts):
    return compose(letter(facts, kind="digest", to=("thuky@mail.example",)), OFFICE).text


def test_the_subject_names_what_leaders_ask_first():
    made = compose(letter(board(), kind="digest"), OFFICE)
    assert made.subject == (
        "Tình hình nộp báo cáo tuần CCHC kỳ 21/7/2017: 20/29 đúng hạn, 03 nộp chậm, 03 chưa nhận (tính đến 10 giờ 05)"
    )


def test_the_identity_is_always_shown():
    assert (
        "phải nộp 29 cơ quan, đơn vị = 20 đúng hạn + 0 hoàn thiện bổ sung + 03 nộp chậm + 01 chưa đạt yêu cầu"
        " + 02 đang xem xét + 03 chưa nhận. Ngoài ra: 0 được miễn, 0 không thuộc diện." in text_of(board())
    )


def test_a_board_that_does_not_add_up_is_never_sent():
    with pytest.raises(UnequalBoardError):
        text_of(replace(board(), expected=30))


def test_a_period_nobody_owes_reads_so():
    told = text_of(replace(board(), expected=0, classes={}, lines=(), totals=(), figures=(), waived=2))
    assert "không có cơ quan, đơn vị nào đến hạn nộp báo cáo" in told
    assert "02 được miễn" in told
    assert "%" not in told


def test_until_our_own_polling_is_beyond_doubt_nobody_is_accused():
    told = text_of(replace(board(), provisional=True, last_good_poll=local(21, 9, 58)))
    assert "SỐ LIỆU TẠM TÍNH" in told
    assert "09 giờ 58 phút 00 giây" in told
    assert "Cần đôn đốc ngay" not in told
    assert "liên tiếp" not in told
    assert "03 chưa thấy" in told
    assert "chưa nhận" not in told


def test_a_share_is_only_given_when_the_same_agencies_stand_on_both_sides():
    totals = board().totals
    assert province_text(board()).endswith("trong đó đúng hạn 36.570 (98,5%); quá hạn 460")
    fewer = tuple(replace(t, n=22) if t.key == "on_time" else t for t in totals)
    assert "trong đó đúng hạn 36.570;" in province_text(replace(board(), totals=fewer))
    assert province_text(replace(board(), totals=tuple(t for t in totals if t.key == "on_time"))) == (
        "trong đó đúng hạn 36.570"
    )
    nought = tuple(replace(t, value="0") for t in totals)
    assert province_text(replace(board(), totals=nought)) == "tiếp nhận 0; giải quyết 0, trong đó đúng hạn 0; quá hạn 0"
    assert province_text(replace(board(), totals=())) == ""


def test_a_total_nobody_stated_is_missing_and_not_nought():
    told = text_of(replace(board(), totals=(TotalFact("received", "Tiếp nhận", None, 0, 29),)))
    assert "– Tiếp nhận: chưa có (số cơ quan: 0/29)" in told


def test_a_province_without_any_figure_says_so():
    nobody = {"on_time": 0, "cured": 0, "late": 0, "incomplete": 0, "in_review": 0, "missing": 29}
    told = text_of(replace(board(), classes=nobody, totals=(TotalFact("received", "Tiếp nhận", None, 0, 29),)))
    assert "Số liệu toàn tỉnh (0/29 cơ quan): chưa có số liệu." in told


def test_whom_to_urge_with_telephone_and_streak():
    assert (
        urge_text(LineFact("A", "A", "missing", contact_phone="0208", streak=2)) == "ĐT 0208; chưa nộp 02 kỳ liên tiếp"
    )
    assert urge_text(LineFact("A", "A", "missing", streak=1)) == ""


def test_what_waits_for_a_person_is_told_in_words():
    assert review_reason(ReviewFact("A", "unreadable_scan")) == "bản quét, chờ đọc"
    assert review_reason(ReviewFact("A", "reading_differs")) == "số liệu đọc lại khác với thư đã gửi"
    assert review_reason(ReviewFact("A", "never_heard_of", detail="x")) == "cần công chức xem trực tiếp: x"


def test_troubles_are_told_with_their_codes_in_words():
    told = text_of(
        replace(board(), set_aside=("17: timeout",), letters_failed=("reminder STC: 550 no",), difficulties=("x",))
    )
    assert "17: đọc tệp quá thời gian" in told
    assert "thư nhắc STC: 550 no" in told
    assert trouble_text("something else") == "something else"
    assert "Khó khăn của hệ thống (01):" in told


def test_dues_that_are_not_yet_due_stand_beside():
    assert "Ngoài ra: 0 được miễn, 0 không thuộc diện, 02 chưa đến hạn." in text_of(replace(board(), not_yet_due=2))


def test_cured_counts_beside_timeliness():
    cured = {"on_time": 19, "cured": 1, "late": 3, "incomplete": 1, "in_review": 2, "missing": 3}
    told = text_of(replace(board(), classes=cured))
    assert "Tỷ lệ đúng hạn: 65,5% (19/29); kể cả hoàn thiện bổ sung: 69,0% (20/29)." in told
