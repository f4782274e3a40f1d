"""What is a report, which one, how many; and what lies beside a report and must not become one."""

from __future__ import annotations

import pytest

from parsers.form import load_forms
from tests.parsers.reports import TITLE, WINDOW, Hints, corpus, read, stated, table

FIVE = """- Tổng số hồ sơ đã tiếp nhận: 125
- Tổng số hồ sơ đã giải quyết: 120
- Hồ sơ trả đúng hạn: 118
- Hồ sơ quá hạn: 2
- Hồ sơ trả lại (tổ chức, cá nhân): 0"""


@pytest.mark.parametrize(
    "title",
    [
        "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
        "BÁO CÁO TUẦN CCHC",
        "Báo cáo tuần 29 về công tác cải cách hành chính",
        "BÁO CÁO TUẦN 29\nVề công tác cải cách hành chính",
        "BÁO CÁO\nTuần 29 về công tác CCHC",
        "BÁO CÁO\nKết quả công tác cải cách hành chính tuần 29",
        "BAO CAO TUAN CCHC",
        "MẪU BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH",
        "Báo cáo tuần….từ ngày… về cải cách hành chính",
    ],
)
def test_titles_of_the_weekly_report(title: str) -> None:
    (report,) = read(f"{title}\n- Hồ sơ quá hạn: 2")
    assert report.type == "weekly"


@pytest.mark.parametrize(
    "title",
    [
        "BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017",
        "BÁO CÁO\nCông tác cải cách hành chính tháng .../2017",
        "BÁO CÁO CÔNG TÁC CCHC THÁNG 7",
        "BÁO CÁO\nKết quả thực hiện công tác cải cách hành chính tháng 7 năm 2017",
        "Báo cáo tháng 7 về công tác cải cách hành chính",
    ],
)
def test_titles_of_the_monthly_report(title: str) -> None:
    (report,) = read(f"{title}\n- Hồ sơ quá hạn: 2")
    assert report.type == "monthly"


@pytest.mark.parametrize(
    "text",
    [
        "BÁO CÁO\nCông tác cải cách hành chính 6 tháng đầu năm 2017",
        "BÁO CÁO\nCông tác cải cách hành chính quý III năm 2017",
        "BÁO CÁO\nCông tác cải cách hành chính năm 2017",
        "BÁO CÁO TUẦN VỀ CÔNG TÁC AN TOÀN GIAO THÔNG",
        "Kính gửi Sở Nội vụ, xin gửi báo cáo tuần về công tác cải cách hành chính.",
        "Thực hiện báo cáo tuần về công tác cải cách hành chính, Sở kính gửi báo cáo.",
        "QUYẾT ĐỊNH\nVề việc ban hành báo cáo tuần về công tác cải cách hành chính",
    ],
)
def test_other_headings_and_mere_mentions_are_no_title(text: str) -> None:
    assert read(f"{text}\nNội dung khác.") == ()


def test_without_a_title_three_labels_with_values_make_a_report_and_two_do_not() -> None:
    lines = FIVE.splitlines()
    (report,) = read("\n".join(lines[:3]))
    assert report.type == "weekly"
    assert read("\n".join(lines[:2])) == ()
    assert read("- Tổng số hồ sơ đã tiếp nhận:……\n- Tổng số hồ sơ đã giải quyết:……\n- Hồ sơ trả đúng hạn:……") == ()


def test_between_forms_the_subject_or_the_file_name_decides() -> None:
    for hints, kind in (
        (Hints(subject="Báo cáo CCHC tháng 7"), "monthly"),
        (Hints(name="bc_tuan_29.docx"), "weekly"),
        (Hints(), "weekly"),
    ):
        (report,) = read(FIVE, hints=hints)
        assert report.type == kind


def test_labels_of_the_monthly_form_alone_make_it_monthly() -> None:
    text = corpus("monthly_filled.txt").split("tháng 7/2017", 1)[1]
    (report,) = read(text)
    assert report.type == "monthly"


def test_weekly_then_monthly_in_one_document_are_two_reports_each_with_its_own_head() -> None:
    first, second = corpus("weekly_filled.txt"), corpus("monthly_filled.txt").replace("123/BC-SNV", "124/BC-SNV")
    one, two = read(f"{first}\n{second}")
    assert (one.n, one.type, one.number) == (1, "weekly", "123/BC-SNV")
    assert (two.n, two.type, two.number) == (2, "monthly", "124/BC-SNV")
    assert stated(one)["received"] == 1625
    assert stated(two)["received"] == 5432
    assert "5.432" not in dict(one.texts)["assessment"]


def test_two_weeks_in_one_document_are_two_reports() -> None:
    one, two = read(f"{TITLE}\n{WINDOW}\n{FIVE}\n{TITLE}\n(Báo cáo tuần 30 từ ngày 21/7 đến ngày 27/7/2017)\n{FIVE}")
    assert (one.window.week, two.window.week) == ("29", "30")


def test_a_title_repeated_without_labels_between_is_one_report() -> None:
    (report,) = read(f"{TITLE}\n{TITLE}\n{WINDOW}\n{FIVE}")
    assert stated(report)["received"] == 125


def test_a_cover_letter_in_front_of_a_report_does_not_hide_it() -> None:
    letter = "SỞ NỘI VỤ\nSố: 12/SNV-CCHC\nV/v gửi báo cáo tuần\nKính gửi: Sở Nội vụ\nSở gửi báo cáo tuần kèm theo."
    (report,) = read(f"{letter}\n{TITLE}\n{WINDOW}\n{FIVE}")
    assert stated(report)["received"] == 125


def test_the_plan_that_prescribes_the_forms_is_no_report() -> None:
    assert read(corpus("plan_with_forms.txt")) == ()


@pytest.mark.parametrize(
    "heading", ["QUYẾT ĐỊNH", "KẾ HOẠCH", "THÔNG BÁO", "TỜ TRÌNH", "V/v đôn đốc báo cáo tuần", "Kế hoạch"]
)
def test_enclosures_with_some_figures_stay_enclosures(heading: str) -> None:
    body = "\n".join(FIVE.splitlines()[:2])
    assert read(f"UBND TỈNH MẪU\n{heading}\nVề cải cách hành chính\n{body}") == ()
    assert read(f"{heading}\n{TITLE}\n{WINDOW}\n- Tổng số hồ sơ đã tiếp nhận:……\n- Hồ sơ quá hạn:……") == ()


def test_in_a_mails_own_text_a_title_alone_is_a_mention() -> None:
    for kind in ("txt", "html"):
        assert read("Báo cáo tuần CCHC\nXin gửi kèm theo.", kind=kind) == ()
        (report,) = read("Báo cáo tuần CCHC\n- Tổng số hồ sơ đã tiếp nhận: 125", kind=kind)
        assert stated(report) == {"received": 125}


def test_an_attachment_with_the_title_and_nothing_readable_is_a_report_that_states_nothing() -> None:
    (report,) = read(f"{TITLE}\n{WINDOW}\nNội dung trình bày theo cách khác.")
    assert report.core_stated == 0


def test_the_title_and_a_label_may_share_a_line() -> None:
    (report,) = read("BAO CAO TUAN CCHC - Tong so ho so da tiep nhan: 1234", kind="pdf")
    assert stated(report) == {"received": 1234}


def test_a_title_in_the_first_row_of_a_sheet_is_a_title() -> None:
    (report,) = read(table("BÁO CÁO TUẦN CCHC | \nTổng số hồ sơ đã tiếp nhận | #1234"), kind="xlsx")
    assert stated(report) == {"received": 1234}


def test_a_document_may_be_read_under_a_form_without_asking_whether_it_is_one() -> None:
    (report,) = read("Trong tuần tiếp nhận 1.073 hồ sơ.", as_form="weekly")
    assert report.form == load_forms().get("weekly").id, "nothing says when it was written: today's form"
    assert stated(report) == {"received": 1073}
    (empty,) = read("", as_form="monthly")
    assert {figure.state for figure in empty.figures} == {"absent"}
    with pytest.raises(KeyError):
        read("", as_form="quarterly")


def test_running_headers_and_footers_are_not_read() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from parsers.extract import extract  # noqa: PLC0415
    from tests.parsers.reports import document, forms  # noqa: PLC0415

    plain = document(f"{TITLE}\n{FIVE}")
    headed = replace(plain, blocks=(replace(plain.blocks[0], where="header"), *plain.blocks[1:3]))
    assert extract(headed, forms(), Hints()) == ()


def test_the_content_key_is_that_of_the_content_not_of_the_file() -> None:
    (docx,) = read(corpus("weekly_filled.txt"))
    (pdf,) = read(corpus("weekly_filled.txt").replace("  ", " "), kind="pdf")
    (corrected,) = read(corpus("weekly_filled.txt").replace("1.625", "1.626"))
    (reworded,) = read(corpus("weekly_filled.txt").replace("tốt", "khá"))
    assert docx.content_key == pdf.content_key
    assert len({docx.content_key, corrected.content_key, reworded.content_key}) == 3


def test_a_sheet_and_a_document_with_the_same_figures_have_the_same_content_key() -> None:
    (sheet,) = read(
        table("Tổng số hồ sơ đã tiếp nhận | #1625\nTổng số hồ sơ đã giải quyết | #1600\nHồ sơ quá hạn | #0"),
        kind="xlsx",
    )
    (text,) = read("- Tổng số hồ sơ đã tiếp nhận: 1.625\n- Tổng số hồ sơ đã giải quyết: 1.600\n- Hồ sơ quá hạn: 0")
    assert sheet.content_key == text.content_key


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("- Tham mưu ban hành văn bản QPPL thuộc lĩnh vực quản lý: 04 văn bản;", "legal_documents_advised", 4),
        ("- Tham mưu ban hành 03 văn bản QPPL thuộc lĩnh vực quản lý;", "legal_documents_advised", 3),
        ("- Ban hành văn bản QPPL thuộc thẩm quyền: 02 văn bản;", "legal_documents_issued", 2),
        ("- Rà soát, hệ thống hóa 33 văn bản QPPL.", "legal_documents_reviewed", 33),
        ("- Rà soát, kiến nghị sửa đổi, bổ sung 06 TTHC;", "procedures_reviewed", 6),
        ("- Thực hiện tinh giản biên chế: 3", "staff_reduced", 3),
    ],
)
def test_counts_of_the_month_beside_a_text_are_read_in_their_short_wordings(line: str, key: str, value: int) -> None:
    title = "BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017"
    (found,) = read(f"{title}\nII. Một số nội dung cụ thể:\n{line}")
    figure = found.figure(key)
    assert figure is not None
    assert figure.value == value


_TOLD = "Trong tuần, Sở đã tiếp nhận 125 hồ sơ; đã giải quyết 120 hồ sơ, đúng hạn 118 hồ sơ."


@pytest.mark.parametrize("kind", ["txt", "html"])
@pytest.mark.parametrize(
    ("name", "head", "told", "reports"),
    [
        ("", "", _TOLD, 1),  # a mail's own text
        ("", "Số: 45/BC-SXD\n", "Trong tuần đã trả lời 125 thư.", 0),
        ("", "", "Bộ phận một cửa đã trả trước hạn 120 hồ sơ.", 0),
        ("bc.txt", "", "Bộ phận một cửa đã trả trước hạn 120 hồ sơ.", 1),
        ("bc.txt", "Số: 45/BC-SXD\n", "Tình hình bình thường.", 1),
        ("bc.txt", "", "Tình hình bình thường.", 0),
    ],
)
def test_a_titled_text_is_a_report_by_the_figures_its_sentences_tell(
    kind: str, name: str, head: str, told: str, reports: int
) -> None:
    assert len(read(f"{head}{TITLE}\n{WINDOW}\n{told}", kind=kind, hints=Hints(name=name))) == reports
