"""Whatever stands in a document: an answer in bounded time, every key present, no number that was not written."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.lines import LINE_MAX
from tests.parsers.reports import TITLE, forms, read, stated, table, weekly

_VOCABULARY = """Tổng số hồ sơ đã tiếp nhận giải quyết trả đúng hạn quá hạn trước hạn trả lại (tổ chức, cá nhân) : ; , . … .... / - 12
1.625 3227.885 00 12/15 80% không có phát sinh lũy kế trong tuần cấp xã toàn huyện mức độ 3 4 văn bản đi điện tử bưu chính gần trên và
trong đó đang kỳ trước chuyển sang phản ánh kiến nghị ngày 14/7/2017 tháng 7 năm 2017 BÁO CÁO TUẦN CCHC Nơi nhận: GIÁM ĐỐC QUYẾT ĐỊNH
+ I. II."""
WORDS = st.sampled_from([*_VOCABULARY.split(), "\n"])
JUMBLE = st.lists(WORDS, max_size=60).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(JUMBLE, st.sampled_from(["weekly", "monthly"]), st.sampled_from(["", f"{TITLE}\n"]))
def test_jumbled_words_of_reports_never_break_and_never_make_numbers_up(text: str, form: str, title: str) -> None:
    written = re.sub(r"[^\d\s]", "", text)
    for report in read(title + text, as_form=form):
        assert [f.key for f in report.figures] == [line.key for line in forms().get(form).figures]
        for figure in report.figures:
            assert (figure.value is not None) == (figure.state in ("number", "zero"))
            if figure.value and "derived" not in figure.flags:
                digits = re.sub(r"\D", "", figure.raw)
                assert digits
                assert digits in written


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["docx", "txt", "html", "pdf"]))
def test_any_text_at_all_has_an_answer(text: str, kind: str) -> None:
    read(text, kind=kind)
    read(f"{TITLE}\n{text}", kind=kind)


SLOW = {
    "words": "Tổng số hồ sơ đã tiếp nhận " * 2000,
    "labels": "Tổng số hồ sơ đã tiếp nhận: 12; " * 1500,
    "clauses": "tiếp nhận 12 hồ sơ, " * 3000,
    "lines": "Trong tuần tiếp nhận 12 hồ sơ và giải quyết 11 hồ sơ; đúng hạn 10 hồ sơ.\n" * 600,
    "wrapped": "hồ sơ tiếp nhận đã\n" * 3000,
    "dots": "." * 100_000,
    "digits": "1" * 100_000,
    "groups": "1.000." * 10_000,
    "slashes": "1/" * 20_000,
    "brackets": "(" * 20_000 + "1" + ")" * 20_000,
    "blanks": "Số: " + " " * 100_000 + "x",
    "dates": "từ ngày 1/1 đến " * 4000,
    "bullets": "- " * 30_000 + "x",
    "title": "BÁO CÁO " + "tuần " * 10_000,
    "titles": f"{TITLE}\n" * 1000,
}


@pytest.mark.parametrize("name", SLOW)
def test_texts_made_to_be_slow_are_read_in_bounded_time(name: str) -> None:
    start = time.monotonic()
    read(SLOW[name], as_form="weekly")
    assert time.monotonic() - start < 30  # seconds on a machine shared with others; about one on an idle one


def test_a_report_in_one_endless_line_is_still_read() -> None:
    filler = "Nội dung khác không có gì đặc biệt. " * (LINE_MAX // 30)
    report = weekly(f"{filler}\n- Tổng số hồ sơ đã tiếp nhận: 125; Hồ sơ quá hạn: 2; {filler}")
    assert stated(report) == {"received": 125, "overdue": 2}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=4).map(" ".join), min_size=4, max_size=24), st.integers(1, 5))
def test_tables_of_jumbled_words_never_break(cells: list[str], width: int) -> None:
    rows = [" | ".join(cells[i : i + width]).replace("\n", " ") for i in range(0, len(cells), width)]
    weekly(table("\n".join(rows)))
