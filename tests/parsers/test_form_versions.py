"""Levels 3 and 4 became "một phần" and "toàn trình" on 15/8/2022 (Nghị định 42/2022/NĐ-CP): two versions of each form."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from parsers.form import FormError, load_forms
from parsers.values import Hints, Report
from tests.parsers.reports import TITLE, read, table

OLD, NEW = ("mức độ 3", "mức độ 4"), ("trực tuyến một phần", "trực tuyến toàn trình")
KEYS = ("level3_resolved", "level3_total", "level4_resolved", "level4_total")
IN_2017, IN_2023 = "(từ ngày 14/7 đến ngày 20/7/2017)", "(từ ngày 14/7 đến ngày 20/7/2023)"


def told(window: str, words: tuple[str, str]) -> Report:
    lines = [
        f"- Số hồ sơ được giải quyết {name}: {top}/tổng số hồ sơ áp dụng đối với TTHC {name}: {below}"
        for name, top, below in zip(words, (5, 3), (6, 4), strict=True)
    ]
    (report,) = read("\n".join([TITLE, window, "- Tổng số hồ sơ đã tiếp nhận: 10", *lines]))
    return report


def levels(report: Report) -> list[int | None]:
    return [int(f.value) if (f := report.figure(key)) and f.value is not None else None for key in KEYS]


def said(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    return [(found.severity, found.figures) for found in report.findings if found.code == "W26"]


@pytest.mark.parametrize(
    ("window", "words", "version", "finding"),
    [
        (IN_2017, OLD, "weekly@2017-07-19", []),
        (IN_2023, NEW, "weekly@2022-08-15", []),
        (IN_2023, OLD, "weekly@2022-08-15", [("info", KEYS)]),
        (IN_2017, NEW, "weekly@2017-07-19", [("warning", KEYS)]),
    ],
)
def test_the_words_of_the_other_version_are_read_and_named(
    window: str, words: tuple[str, str], version: str, finding: list[tuple[str, tuple[str, ...]]]
) -> None:
    report = told(window, words)
    assert (report.form, levels(report), said(report)) == (version, [5, 6, 3, 4], finding)


def test_a_table_with_the_levels_in_its_heading_is_named_too() -> None:
    rows = """Nội dung | Trực tuyến một phần | Trực tuyến toàn trình
              Tổng số hồ sơ đã giải quyết | 5 | 3"""
    (report,) = read(f"{TITLE}\n{IN_2017}\n- Tổng số hồ sơ đã tiếp nhận: 10", table(rows))
    stated = [key for key in KEYS if (figure := report.figure(key)) and figure.value is not None]
    assert not stated or said(report)


@pytest.mark.parametrize(
    ("lines", "received", "version"),
    [
        ("Tỉnh lỵ, ngày 12 tháng 8 năm 2022\n" + TITLE, None, "weekly@2017-07-19"),
        ("Tỉnh lỵ, ngày 19 tháng 8 năm 2022\n" + TITLE, None, "weekly@2022-08-15"),
        (TITLE, date(2017, 7, 21), "weekly@2017-07-19"),
        (TITLE, date(2024, 7, 19), "weekly@2022-08-15"),
        (TITLE + "\n" + IN_2017, date(2024, 7, 19), "weekly@2017-07-19"),
    ],
)
def test_the_version_is_the_one_in_force_on_the_day_the_report_speaks_of(
    lines: str, received: date | None, version: str
) -> None:
    (report,) = read(f"{lines}\n- Tổng số hồ sơ đã tiếp nhận: 10", hints=Hints("", "", received))
    assert report.form == version


def test_a_version_asked_for_by_its_id_is_used() -> None:
    (report,) = read(f"{TITLE}\n{IN_2023}\n- Tổng số hồ sơ đã tiếp nhận: 10", as_form="weekly@2017-07-19")
    assert report.form == "weekly@2017-07-19"


def test_a_month_told_in_the_title_decides() -> None:
    title = "CÔNG TÁC CẢI CÁCH HÀNH CHÍNH THÁNG 9 NĂM 2022"
    (report,) = read(
        f"BÁO CÁO\n{title}\n- Tổng số hồ sơ tiếp nhận: 10\n- Tổng số hồ sơ giải quyết: 9\n- Hồ sơ quá hạn: 0"
    )
    assert report.form == "monthly@2022-08-15"


class TestFilesThatTellOnlyWhatIsNew:
    BASE = (
        'name = "x"\nversion = "1"\nvalid_to = 2020-12-31\ntitle = "X"\ntitles = ["báo cáo x"]\n'
        '[[line]]\nkey = "a"\nkind = "count"\nlabel = "A"\nlabels = ["số a"]\n'
        '[[line]]\nkey = "b"\nkind = "count"\nlabel = "B"\nlabels = ["số b"]\n'
    )

    def folder(self, tmp_path: Path, later: str) -> Path:
        (tmp_path / "x.toml").write_text(self.BASE, encoding="utf-8")
        (tmp_path / "x-2.toml").write_text(later, encoding="utf-8")
        return tmp_path

    def test_the_rest_comes_from_the_version_below(self, tmp_path: Path) -> None:
        later = 'name = "x"\nversion = "2"\nbased_on = "1"\nvalid_from = 2021-01-01\n[[line]]\nkey = "b"\nlabels = ["số bê"]\n'
        form = load_forms([self.folder(tmp_path, later)]).pick("x", date(2021, 1, 1))
        assert [(line.key, line.label, line.labels) for line in form.lines] == [
            ("a", "A", ("số a",)),
            ("b", "B", ("số bê",)),
        ]
        assert form.valid_to is None

    def test_a_mistake_is_told_where_it_stands(self, tmp_path: Path) -> None:
        later = 'name = "x"\nversion = "2"\nbased_on = "1"\n\n[[line]]\nkey = "b"\nover = "c"\n'
        with pytest.raises(FormError) as told:
            load_forms([self.folder(tmp_path, later)])
        assert any(":7: " in problem or ":6: " in problem for problem in told.value.problems)

    def test_a_version_below_that_is_not_there_is_a_mistake(self, tmp_path: Path) -> None:
        later = 'name = "x"\nversion = "2"\nbased_on = "9"\n'
        with pytest.raises(FormError, match="based_on names version '9'"):
            load_forms([self.folder(tmp_path, later)])

    def test_words_nobody_knows_are_a_mistake(self, tmp_path: Path) -> None:
        later = 'name = "x"\nversion = "2"\nbased_on = "1"\nterms = ["nonsense"]\n'
        with pytest.raises(FormError, match="'nonsense', which words"):
            load_forms([self.folder(tmp_path, later)])
