"""The checks warn and ask, with the numbers in them; they never reject, never correct, and keep quiet where parts are not exact."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parsers.reports import codes, corpus, flagged, forms, read, stated, weekly

GOOD = {
    "Tổng số hồ sơ đã tiếp nhận": "125",
    "Tổng số hồ sơ đã giải quyết": "120",
    "Hồ sơ trả đúng hạn": "118",
    "Hồ sơ quá hạn": "2",
    "Hồ sơ trả lại (tổ chức, cá nhân)": "0",
}
SHORT = {"received": "Tổng số hồ sơ đã tiếp nhận", "resolved": "Tổng số hồ sơ đã giải quyết", "on_time": "Hồ sơ trả đúng hạn",
         "overdue": "Hồ sơ quá hạn", "returned": "Hồ sơ trả lại (tổ chức, cá nhân)"}  # fmt: skip


def report(extra: str = "", **changes: str):
    rows = GOOD | {SHORT[key]: value for key, value in changes.items()}
    return weekly("\n".join(f"- {label}: {value}" for label, value in rows.items()) + ("\n" + extra if extra else ""))


def quiet(found) -> list[str]:
    """Codes apart from the missing signature."""
    return [code for code in codes(found) if code != "W09"]


def test_figures_that_add_up_raise_nothing() -> None:
    assert quiet(report()) == []


def test_the_finding_of_the_sum_tells_its_numbers_and_the_difference() -> None:
    found = report(resolved="1.615", on_time="1.590", overdue="20", received="2.000")
    (finding,) = [f for f in found.findings if f.code == "W03"]
    assert finding.figures == ("on_time", "overdue", "resolved")
    assert finding.message == (
        "1.590 (trả đúng hạn) + 20 (quá hạn) = 1.610; tổng số đã giải quyết: 1.615; chênh lệch 05 hồ sơ."
    )
    assert finding.severity == "warning"
    assert finding.title
    assert finding.fix
    assert finding.example == "W03: 05 hồ sơ do người nộp đề nghị rút"
    assert finding.place is not None
    assert finding.place.block
    assert stated(found)["resolved"] == 1615


@pytest.mark.parametrize(
    ("changes", "extra", "code"),
    [
        ({"returned": "……"}, "", "W01"),
        ({"received": "3227.885"}, "", "W02"),
        ({"overdue": "5"}, "", "W03"),
        ({"received": "100"}, "", "W04"),
        ({"returned": "130"}, "", "W05"),
        ({}, "- Số văn bản đi được phát hành dưới dạng điện tử: 160/150", "W06"),
        ({"on_time": "118 (đạt 90%)"}, "", "W07"),
        ({}, "- Số văn bản đi được phát hành dưới dạng điện tử: 120/150 (90%)", "W07"),
        ({"received": "gần 130"}, "", "W08"),
        ({"received": "125 TTHC"}, "", "W10"),
        ({}, "- Hồ sơ tiếp nhận mới: 100\n- Hồ sơ kỳ trước chuyển sang: 20", "W11"),
        ({}, "- Hồ sơ đang giải quyết: 7", "W12"),
        ({}, "- Hồ sơ quá hạn: 3", "W13"),
        ({"received": "lũy kế 3.450"}, "", "W15"),
        ({"received": "cấp xã 125"}, "", "W16"),
        ({"returned": "10 tổ chức, 24 cá nhân"}, "", "W17"),
        ({"returned": "34 (tổ chức: 10; cá nhân: 25)"}, "", "W18"),
        ({}, "- Số hồ sơ được giải quyết mức độ 3: 5/……", "W19"),
        ({"received": "125 và 12"}, "", "W21"),
        ({}, "- Hồ sơ đang giải quyết: 5\n- Hồ sơ đang giải quyết trong hạn: 3\n- Hồ sơ đang giải quyết quá hạn: 1", "W22"),
        ({"on_time": "121", "overdue": "không phát sinh"}, "", "W24"),
        ({}, "1. Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận: 6/5", "W25"),
    ],
)  # fmt: skip
def test_each_check_speaks_when_it_should(changes: dict[str, str], extra: str, code: str) -> None:
    found = report(extra, **changes)
    assert code in codes(found)
    for finding in found.findings:
        assert finding.message
        assert "{" not in finding.message + finding.fix + finding.example


@pytest.mark.parametrize(
    ("changes", "extra"),
    [
        ({"overdue": "không phát sinh", "resolved": "118"}, ""),
        ({"on_time": "118 (98,3%)"}, ""),
        ({"on_time": "118, đạt 94,4%"}, ""),
        ({"on_time": "118 (98%)"}, ""),
        ({}, "- Số văn bản đi được phát hành dưới dạng điện tử: 120/150 (80%)"),
        ({}, "- Hồ sơ tiếp nhận mới: 105\n- Hồ sơ kỳ trước chuyển sang: 20"),
        ({}, "- Hồ sơ đang giải quyết: 5"),
        ({}, "- Hồ sơ kỳ trước chuyển sang: 10\n- Hồ sơ đang giải quyết: 15"),
        ({"received": "115"}, "- Hồ sơ kỳ trước chuyển sang: 10"),
        ({"returned": "34 (tổ chức: 10; cá nhân: 24)"}, ""),
        ({}, "- Số hồ sơ được giải quyết mức độ 3: 0/0"),
    ],
)
def test_figures_that_agree_keep_every_check_quiet(changes: dict[str, str], extra: str) -> None:
    assert quiet(report(extra, **changes)) == []


def test_an_identity_with_an_approximate_part_warns_of_that_and_not_of_the_sum() -> None:
    found = codes(report(resolved="khoảng 130"))
    assert "W08" in found
    assert "W03" not in found


def test_an_identity_with_a_blank_part_is_not_judged() -> None:
    assert "W03" not in codes(report(overdue="……"))


def test_a_cumulative_part_is_not_added_to_one_of_the_period() -> None:
    found = codes(report(resolved="lũy kế 3.450"))
    assert "W15" in found
    assert "W03" not in found


def test_a_whole_narrative_of_missing_lines_is_one_finding_that_names_them_all() -> None:
    (report_,) = read("BÁO CÁO TUẦN CCHC\nKhông có số liệu.")
    (finding,) = [f for f in report_.findings if f.code == "W01"]
    assert finding.figures == forms().get("weekly").core
    assert finding.message.startswith("Chưa đọc được số liệu của 05 dòng")


def test_the_monthly_checks_carry_their_own_codes() -> None:
    (found,) = read(corpus("monthly_filled.txt").replace("Hồ sơ quá hạn: 10", "Hồ sơ quá hạn: 11"))
    assert "M03" in codes(found)
    assert all(code.startswith("M") for code in codes(found))


def test_a_share_of_units_is_checked_against_the_units() -> None:
    line = "Tỷ lệ đơn vị sự nghiệp công lập đủ điều kiện đã được phê duyệt Đề án vận dụng cơ chế tài chính như doanh nghiệp"
    title = "BÁO CÁO CÔNG TÁC CCHC THÁNG 7/2017\n"
    (right,) = read(f"{title}- {line}: 40% (2/5 đơn vị)")
    assert stated(right) == {
        "units_enterprise_finance": 2,
        "units_enterprise_eligible": 5,
        "units_enterprise_finance_pct": 40,
    }
    assert "M07" not in codes(right)
    (wrong,) = read(f"{title}- {line}: 50% (2/5 đơn vị)")
    assert "M07" in codes(wrong)
    (share,) = read(f"{title}- {line}: 40%")
    assert stated(share) == {"units_enterprise_finance": "blank", "units_enterprise_finance_pct": 40}


@settings(max_examples=60, deadline=None)
@given(*[st.integers(0, 300)] * 4)
def test_the_sum_is_questioned_exactly_when_it_does_not_hold(
    received: int, resolved: int, on_time: int, overdue: int
) -> None:
    found = report(received=str(received), resolved=str(resolved), on_time=str(on_time), overdue=str(overdue))
    assert ("W03" in codes(found)) == (on_time + overdue != resolved)
    assert ("W04" in codes(found)) == (resolved > received)
    assert ("W24" in codes(found)) == (on_time > resolved)
    assert stated(found)["resolved"] == resolved


def test_running_text_is_flagged_unless_arithmetic_confirms_it_or_it_is_plain_in_a_titled_report() -> None:
    (loose,) = read("Đơn vị chúng tôi vui mừng tiếp nhận 125 hồ sơ.", as_form="weekly")
    assert "received" in flagged(loose)
    (sums,) = read(
        "Tiếp nhận 125 hồ sơ; đã giải quyết 120 hồ sơ (đúng hạn 118 hồ sơ, quá hạn 2 hồ sơ).", as_form="weekly"
    )
    assert not {"resolved", "on_time", "overdue"} & (flagged(sums) - {"returned"})
    plain = weekly("Trong tuần tiếp nhận 125 hồ sơ.")
    assert "received" not in flagged(plain)
