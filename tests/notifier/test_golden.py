"""Every sort of letter, word by word: subject and plain text as one text, and the HTML saying the same."""

from __future__ import annotations

import html
import re

import pytest

from notifier.compose import compose
from tests.notifier.golden import FOLDER, text_of
from tests.notifier.letters import OFFICE
from tests.notifier.samples import SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_reads_as_agreed(name):
    assert text_of(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_no_golden_text_is_left_over():
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_html_says_what_the_text_says(name):
    made = compose(SAMPLES[name], OFFICE)
    shown = _words(html.unescape(re.sub(r"<[^>]+>", " ", made.html.partition("<body")[2])))
    for line in made.text.splitlines():
        beside = re.sub(r" \([^()]*: [^()]*\)$", "", line)  # the text puts the columns of a table in brackets
        for piece in re.split(r"^– |: ", beside):
            assert _words(piece) in shown, piece


def _words(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("--", "")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_html_loads_nothing_and_carries_its_style_inline(name):
    page = compose(SAMPLES[name], OFFICE).html
    assert "<style" not in page
    assert "style=" in page
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert 'name="viewport"' in page


@pytest.mark.parametrize("name", [n for n in SAMPLES if SAMPLES[n].kind in ("acknowledgement", "correction")])
def test_the_verdict_stands_in_the_first_three_lines(name):
    lines = [line for line in compose(SAMPLES[name], OFFICE).text.splitlines() if line]
    assert lines[0].startswith("Kính gửi: ")
    assert any(re.match(r"(?:Kết quả|Điều chỉnh (?:kết quả|nội dung)|THƯ THỬ)", line) for line in lines[1:3])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_keeps_to_the_manners_of_the_office(name):
    made = compose(SAMPLES[name], OFFICE)
    said = f"{made.subject}\n{made.text}"
    for banned in ("chúng tôi", "bạn ", "từ chối", "nợ báo cáo", "thứ sáu", "CỘNG HÒA", "None", "{{", "{%", "  "):
        assert banned not in said, banned
    body = made.text.partition("Số liệu đã đọc")[0]  # "quá hạn" is a figure, never a report sent late
    assert not re.search(r"(?:nộp|gửi|báo cáo) quá hạn", body)
    assert "Nhật ký số 311 · Mã đối chứng: " in made.text


def test_no_word_of_lateness_while_the_clocks_disagree():
    made = compose(SAMPLES["clock_disagrees"], OFFICE)
    said = f"{made.subject} {made.text}".lower()
    assert "chậm" not in said
    assert "sau thời hạn" not in said
    assert "10 giờ 04 phút 00 giây" in said
    assert "09 giờ 59 phút 00 giây" in said


def test_what_is_still_possible_depends_on_when_the_letter_goes_out():
    assert "chậm nhất 10 giờ 00 phút, ngày 21/7/2017 để được tính đúng hạn" in text_of("locked_before_cutoff")
    assert "thời điểm nhận tệp đọc được là thời điểm nộp" in text_of("locked_after_cutoff")
    assert "chậm nhất 17 giờ 00 phút, ngày 24/7/2017" in text_of("incomplete_in_cure_window")
    assert "chậm nhất 17 giờ" not in text_of("incomplete_too_late")
