"""The digest: the identity always shown, shares with n/E, what is missing shown as missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notifier.compose import compose
from notifier.digest import (
    UNSTATED_MAX,
    UnequalBoardError,
    province_text,
    review_reason,
    trouble_text,
    urge_text,
)
from notifier.facts import TaskFact
from notifier.facts_of_many import LineFact, PeriodFact, ReviewFact, TotalFact, TypeSummaryFact
from notifier.tasks import overdue_text
from tests.notifier.letters import ANSWER, FIGURES, OFFICE, board, letter, local, with_report
from tests.notifier.samples import RESULTS, SUMMARY, classes


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
    none = tuple(replace(total, value=None, n=0, expected=0) for total in board().totals)
    told = text_of(replace(board(), expected=0, classes={}, lines=(), totals=none, results=RESULTS, waived=2))
    assert "không có cơ quan, đơn vị nào đến hạn nộp báo cáo" in told
    assert "02 được miễn" in told
    assert "%" not in told
    assert "0/0" not in told, "nothing is listed of which nothing was due"


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
    stated = TotalFact("received", "Tiếp nhận", "5", 1, 29)
    nobody = tuple(TotalFact(f"x{n}", f"Dòng {n}", None, 0, 29) for n in range(UNSTATED_MAX + 1))
    told = text_of(replace(board(), totals=(stated, *nobody[:2])))
    assert "– Tiếp nhận: 5 (số cơ quan: 1/29)\n\nChưa có số liệu (số cơ quan: 0/29): Dòng 0; Dòng 1." in told
    told = text_of(replace(board(), totals=(stated, *nobody)))
    assert "07 chỉ tiêu khác của mẫu chưa có số liệu (số cơ quan: 0/29), xem tệp kèm theo." in told
    assert "Dòng" not in told, "a monthly form's fifty lines are no reading matter"


def test_figures_of_a_form_of_its_own_are_told_without_calling_them_missing():
    told = text_of(replace(board(), totals=(TotalFact("tasks", "Số nhiệm vụ", "5", 2, 29),)))
    assert "Số liệu toàn tỉnh (23/29 cơ quan):\n\n– Số nhiệm vụ: 5 (số cơ quan: 2/29)" in told
    assert "chưa có số liệu" not in told.lower()


def test_where_only_direct_reports_are_added_up_the_heading_says_how_many():
    told = text_of(replace(board(), totals=(TotalFact("received", "Tiếp nhận", "5", 8, 9),)))
    assert "Số liệu toàn tỉnh (chỉ cộng 09 cơ quan báo cáo trực tiếp): tiếp nhận 5." in told


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
    assert trouble_text("17 a@tinh.example: timeout") == "thư số 17 a@tinh.example: đọc tệp quá thời gian"
    assert trouble_text("something else") == "something else"
    assert "Khó khăn của hệ thống (01):" in told


def test_dues_that_are_not_yet_due_stand_beside():
    assert "Ngoài ra: 0 được miễn, 0 không thuộc diện, 02 chưa đến hạn." in text_of(replace(board(), not_yet_due=2))


def test_cured_counts_beside_timeliness():
    cured = {"on_time": 19, "cured": 1, "late": 3, "incomplete": 1, "in_review": 2, "missing": 3}
    told = text_of(replace(board(), classes=cured))
    assert "Tỷ lệ đúng hạn: 65,5% (19/29); kể cả hoàn thiện bổ sung: 69,0% (20/29)." in told


def test_what_was_said_of_a_task_in_an_earlier_report_is_told_with_that_report():
    task = TaskFact(
        "STP", "Sở Tư pháp", "2.1", "Việc.", "", state="under_way", period="tasks:2017-07", due_text="8/2017"
    )
    assert overdue_text(task, "tasks:2017-07").endswith("2.1. Việc (đang thực hiện)")
    assert overdue_text(task, "tasks:2017-09").endswith("2.1. Việc (đang thực hiện, theo báo cáo tháng 7/2017)")


def test_a_type_of_which_nothing_was_due_in_a_month_takes_one_line_of_its_summary():
    nothing = PeriodFact("weekly:2017-07-21", local(21, 10, 0), 0, classes())
    told = text_of(replace(SUMMARY, types=(TypeSummaryFact("weekly", (nothing,), results=RESULTS),)))
    assert "Không có báo cáo nào đến hạn.\n\nĐịa chỉ" in told


def test_last_periods_figures_are_only_spoken_of_where_there_are_some():
    first = with_report(ANSWER, figures=tuple(replace(figure, last=None) for figure in FIGURES))
    told = compose(letter(first), OFFICE)
    assert "Số liệu đã đọc: xem bảng dưới đây." in told.text
    assert "kỳ trước" not in told.text.lower() + told.html.lower()
    assert "Số liệu đã đọc và số liệu kỳ trước: xem bảng dưới đây." in compose(letter(ANSWER), OFFICE).text
