"""Forms as data: every line of the official forms, versions, and bad files refused with file, line and reason."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from parsers.answers import read_answer
from parsers.form import PACKAGED, FormError, load_forms
from parsers.labels import labels_of
from tests.parsers.reports import forms, read, stated

WEEKLY_KEYS = [
    "received",
    "resolved",
    "on_time",
    "overdue",
    "returned",
    "returned_organisations",
    "returned_individuals",
    "overdue_kind",
    "feedback_resolved",
    "feedback_received",
    "modernization_note",
    "outgoing_electronic",
    "outgoing_total",
    "level3_resolved",
    "level3_total",
    "level4_resolved",
    "level4_total",
    "postal_total",
    "postal_received",
    "postal_returned",
    "directives_done",
    "directives_issued",
    "directives_issued_count",
    "meetings_publicity_inspections",
    "meetings_count",
    "news_count",
    "inspections_count",
    "assessment",
    "plan_progress",
]
MONTHLY_KEYS = [
    "directives_issued",
    "directives_issued_count",
    "meetings",
    "meetings_count",
    "publicity",
    "news_count",
    "inspections",
    "units_inspected",
    "inspection_recommendations",
    "initiatives",
    "initiatives_count",
    "legal_documents",
    "legal_documents_advised",
    "legal_documents_issued",
    "legal_review",
    "legal_documents_reviewed",
    "procedure_review",
    "procedures_reviewed",
    "procedures_published",
    "procedures_total",
    "procedures_published_pct",
    "procedures_published_online",
    "procedures_published_online_pct",
    "procedures_published_other",
    "feedback_received",
    "feedback_resolved",
    "organisation",
    "decentralisation_inspections",
    "decentralisation",
    "staff_reduced",
    "staff_reduction",
    "staffing",
    "staff_assigned",
    "staff_present",
    "job_positions_admin",
    "job_positions_units",
    "officials_rotated",
    "officials_transferred",
    "officials_switched",
    "staff_management",
    "officials_recruited",
    "employees_recruited",
    "heads_appointed",
    "staff_other",
    "staff_trained",
    "classes_held",
    "trainees",
    "training_content",
    "promotions_done",
    "promotions_due",
    "commune_officials_trained",
    "units_self_financed",
    "units_enterprise_finance",
    "units_enterprise_eligible",
    "units_enterprise_finance_pct",
    "outgoing_electronic",
    "outgoing_total",
    "level3_resolved",
    "level3_total",
    "level4_resolved",
    "level4_total",
    "postal_received",
    "postal_returned",
    "iso_units",
    "one_stop_procedures",
    "one_stop_procedures_department",
    "one_stop_procedures_district",
    "one_stop_procedures_commune",
    "received",
    "resolved",
    "on_time",
    "overdue",
    "returned",
    "assessment",
    "directions",
    "proposals",
    "assigned_tasks",
    "investment",
    "new_enterprises",
]
OPTIONAL_KEYS = ["carried_over", "new_received", "early", "pending", "pending_within", "pending_overdue", "withdrawn"]
CORE = ("received", "resolved", "on_time", "overdue", "returned")

GOOD = """name = "weekly"
version = "2030-01-01"
valid_from = 2030-01-01
title = "Báo cáo tuần"
titles = ["báo cáo tuần * cchc"]

[[line]]
key = "received"
kind = "count"
core = true
label = "Tiếp nhận"
labels = ["Tổng hồ sơ nhận trong kỳ"]

[[check]]
code = "W01"
kind = "core"
severity = "warning"
title = "Thiếu"
message = "Thiếu {count} dòng: {labels}."
"""


@pytest.mark.parametrize(("name", "keys"), [("weekly", WEEKLY_KEYS), ("monthly", MONTHLY_KEYS)])
def test_the_packaged_forms_carry_every_line_of_the_official_ones(name: str, keys: list[str]) -> None:
    form = forms().get(name)
    assert set(keys) | set(OPTIONAL_KEYS) <= {line.key for line in form.lines}
    assert form.core == CORE
    assert [one.id for one in forms().all() if one.name == name] == [f"{name}@2017-07-19", f"{name}@2022-08-15"]
    assert len(form.sha256) == 64


@pytest.mark.parametrize("name", ["weekly", "monthly"])
def test_every_label_of_a_form_is_found_as_its_own_line(name: str) -> None:
    form = forms().get(name)
    for line in form.lines:
        for label in line.labels:
            (hit, *_) = labels_of(form).find(f"- {label}: ", 2)
            assert hit.key == line.key, label


@pytest.mark.parametrize("name", ["weekly", "monthly"])
def test_every_line_has_a_short_vietnamese_label_for_letters(name: str) -> None:
    for line in forms().get(name).lines:
        assert 3 <= len(line.label) <= 70


@pytest.mark.parametrize("name", ["weekly", "monthly"])
def test_codes_are_stable_words_and_texts_say_how_to_put_it_right(name: str) -> None:
    for check in forms().get(name).checks:
        assert re.fullmatch(r"[WM]\d\d", check.code)
        assert check.title
        assert check.message
        assert check.fix
        assert check.severity != "error"


def test_names_versions_and_days_pick_a_form(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, "utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("2030-01-01", "2035-01-01"), "utf-8")
    both = load_forms([tmp_path])
    assert both.names() == ("monthly", "tasks", "weekly")
    assert both.get("weekly").version == "2035-01-01"
    assert both.get("weekly@2030-01-01").version == "2030-01-01"
    assert both.pick("weekly", date(2031, 1, 1)).version == "2030-01-01"
    assert both.pick("weekly", date(2036, 1, 1)).version == "2035-01-01"
    assert both.pick("weekly", date(2017, 7, 21)).version == "2035-01-01"
    assert len(both.all()) == 5
    with pytest.raises(KeyError):
        both.get("quarterly")


def test_a_form_no_longer_in_force_gives_way(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace("title =", "valid_to = 2030-12-31\ntitle =", 1), "utf-8")
    (tmp_path / "b.toml").write_text(GOOD.replace("2030-01-01", "2031-01-01"), "utf-8")
    both = load_forms([tmp_path])
    assert both.pick("weekly", date(2030, 12, 31)).version == "2030-01-01"
    assert both.pick("weekly", date(2031, 1, 1)).version == "2031-01-01"


def test_a_folder_wins_over_the_package_by_name_and_a_new_variant_is_read(tmp_path: Path) -> None:
    text = (PACKAGED / "weekly.toml").read_text("utf-8")
    text = text.replace(
        'labels = ["Tổng số hồ sơ đã tiếp nhận",', 'labels = ["Số bộ giấy nhận về", "Tổng số hồ sơ đã tiếp nhận",', 1
    )
    (tmp_path / "weekly.toml").write_text(text, "utf-8")
    mine = load_forms([tmp_path])
    line = mine.get("weekly").line("received")
    assert line is not None
    assert "Số bộ giấy nhận về" in line.labels
    assert mine.get("weekly").sha256 != forms().get("weekly").sha256
    from parsers.extract import extract  # noqa: PLC0415
    from tests.parsers.reports import TITLE, Hints, document  # noqa: PLC0415

    (report,) = extract(document(f"{TITLE}\n- Số bộ giấy nhận về: 125"), mine, Hints())
    assert stated(report)["received"] == 125


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("[[line]]", "[[line"), 7, "not TOML"),
        (('kind = "count"', 'kind = "number"'), 9, "kind must be one of"),
        (('key = "received"', 'key = "Nhận"'), 8, "lower-case"),
        (('key = "received"\n', ""), 7, "key is missing"),
        (("core = true", 'core = "yes"'), 10, "core must be bool"),
        (("core = true", "corre = true"), 10, "unknown field 'corre'"),
        (('labels = ["Tổng hồ sơ nhận trong kỳ"]', "labels = []"), 8, "needs labels"),
        (('labels = ["Tổng hồ sơ nhận trong kỳ"]', 'labels = ["…"]'), 12, "hold a word"),
        (('labels = ["Tổng', 'over = "resolved"\nlabels = ["Tổng'), 9, "a ratio, and only a ratio"),
        (('labels = ["Tổng', 'inside = "texts"\nlabels = ["Tổng'), 12, "no key of this form"),
        (('labels = ["Tổng', 'parts = ["a"]\nlabels = ["Tổng'), 12, "no key of this form"),
        (('labels = ["Tổng', 'means = ["flying"]\nlabels = ["Tổng'), 12, "does not know"),
        (('code = "W01"', 'code = "1"'), 15, "code"),
        (('kind = "core"', 'kind = "corr"'), 16, "kind must be one of"),
        (('severity = "warning"', 'severity = "loud"'), 17, "severity must be one of"),
        (('kind = "core"', 'kind = "equal"'), 16, "needs left and right"),
        (('kind = "core"', 'kind = "equal"\nleft = ["x"]\nright = ["received"]'), 17, "no figure of this form"),
        (("{labels}", "{lables}"), 19, "neither a figure nor a known word"),
        (("{labels}", "{labels"), 19, "message"),
        (("{labels}", "{labels!r}"), 19, "alone, without"),
        (("valid_from = 2030-01-01", "valid_from = 2030-01-01T10:00:00"), 3, "without an hour"),
        (("valid_from = 2030-01-01", "valid_from = 2030-01-01\nvalid_to = 2029-01-01"), 4, "before valid_from"),
        (('titles = ["báo cáo tuần * cchc"]', "titles = []"), 5, "titles must not be empty"),
        (('name = "weekly"', 'name = "Báo cáo"'), 1, "name must be"),
    ],
)
def test_a_bad_form_is_refused_with_file_line_and_reason(
    tmp_path: Path, change: tuple[str, str], line: int, reason: str
) -> None:
    assert change[0] in GOOD
    file = tmp_path / "weekly.toml"
    file.write_text(GOOD.replace(*change, 1), "utf-8")
    with pytest.raises(FormError) as refused:
        load_forms([tmp_path])
    assert any(problem.startswith(f"{file}:{line}: ") and reason in problem for problem in refused.value.problems), (
        refused.value.problems
    )


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace('kind = "count"', 'kind = "x"').replace("W01", "1"), "utf-8")
    (tmp_path / "b.toml").write_bytes(b'name = "weekly"\nversion = "\xff"')
    with pytest.raises(FormError) as refused:
        load_forms([tmp_path, tmp_path / "nowhere"])
    told = str(refused.value)
    assert "a.toml:9:" in told
    assert "a.toml:15:" in told
    assert "b.toml:2: not UTF-8" in told
    assert "no such folder" in told


def test_the_same_label_on_two_lines_and_the_same_key_twice_are_problems(tmp_path: Path) -> None:
    twice = GOOD + '\n[[line]]\nkey = "received"\nkind = "count"\nlabel = "Khác"\nlabels = ["Khác"]\n'
    shared = GOOD + '\n[[line]]\nkey = "other"\nkind = "count"\nlabel = "Khác"\nlabels = ["TỔNG HỒ SƠ NHẬN TRONG KỲ"]\n'
    for text, reason in ((twice, "stands twice"), (shared, "also a label of")):
        (tmp_path / "weekly.toml").write_text(text, "utf-8")
        with pytest.raises(FormError, match=reason):
            load_forms([tmp_path])


def test_one_form_in_two_files_is_a_problem_and_so_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, "utf-8")
    (tmp_path / "b.toml").write_text(GOOD, "utf-8")
    (tmp_path / "c.toml").mkdir()
    with pytest.raises(FormError) as refused:
        load_forms([tmp_path])
    assert "stands in two files" in str(refused.value)
    assert "cannot be read" in str(refused.value)


def test_lines_must_stand_under_headings_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD.split("[[line]]", maxsplit=1)[0] + "line = [1]\n", "utf-8")
    with pytest.raises(FormError, match=re.escape("[[line]]")):
        load_forms([tmp_path])


def test_the_clerks_guide_names_every_field_a_line_may_have() -> None:
    from parsers.form_file import _LINE_FIELDS  # noqa: PLC0415

    guide = (PACKAGED / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in guide for name in _LINE_FIELDS)


def test_the_sample_variant_of_the_clerks_guide_is_already_understood() -> None:
    assert "Tổng hồ sơ nhận trong kỳ" in (PACKAGED / "README.md").read_text("utf-8")
    (report,) = read("BÁO CÁO TUẦN CCHC\n- Tổng hồ sơ nhận trong kỳ: 125")
    assert stated(report)["received"] == 125
    assert read_answer(": 125").value == 125
