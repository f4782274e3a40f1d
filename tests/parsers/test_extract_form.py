"""The official forms filled by hand: every figure, every text, whatever the paper and the typing look like."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parsers.reports import (
    TITLE,
    WINDOW,
    Hints,
    answers,
    codes,
    corpus,
    differences,
    document,
    flagged,
    forms,
    lines_of,
    read,
    stated,
    weekly,
)

LABELS = [
    ("received", "Tổng số hồ sơ đã tiếp nhận"),
    ("resolved", "Tổng số hồ sơ đã giải quyết"),
    ("on_time", "Hồ sơ trả đúng hạn"),
    ("overdue", "Hồ sơ quá hạn"),
    ("returned", "Hồ sơ trả lại (tổ chức, cá nhân)"),
]
RATIOS = [
    ("feedback_resolved", "feedback_received", "Số lượng phản ánh kiến nghị đã giải quyết", "tổng số tiếp nhận"),
    ("outgoing_electronic", "outgoing_total", "Số văn bản đi được phát hành dưới dạng điện tử", "tổng số văn bản đi"),
    ("level3_resolved", "level3_total", "Số hồ sơ được giải quyết mức độ 3", "tổng số hồ sơ áp dụng đối với TTHC mức độ 3"),
    ("level4_resolved", "level4_total", "Số hồ sơ được giải quyết mức độ 4", "tổng số hồ sơ áp dụng đối với TTHC mức độ 4"),
]  # fmt: skip


def without_tones(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def other_tone_style(text: str) -> str:
    """hòa ↔ hoà: the mark on the other vowel."""
    for a, b in (("òa", "oà"), ("óa", "oá"), ("hóa", "hoá"), ("ủy", "uỷ"), ("lũy", "luỹ"), ("thủy", "thuỷ")):
        text = text.replace(a, b)
    return text


TYPINGS = {
    "as printed": str,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "capitals": str.upper,
    "no tones": without_tones,
    "other tone style": other_tone_style,
    "wide blanks": lambda text: text.replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("typing", TYPINGS)
@pytest.mark.parametrize("form", ["weekly", "monthly"])
@pytest.mark.parametrize("kind", ["docx", "pdf", "txt"])
def test_every_figure_of_the_filled_form_is_right_and_unflagged(form: str, typing: str, kind: str) -> None:
    (report,) = read(TYPINGS[typing](corpus(f"{form}_filled.txt")), kind=kind)
    assert report.type == form
    assert not differences(report, answers(f"{form}_filled.json"))
    assert not flagged(report)


@pytest.mark.parametrize("width", [60, 72, 100])
def test_a_form_wrapped_at_any_width_reads_the_same(width: int) -> None:
    import textwrap  # noqa: PLC0415

    text = "\n".join(textwrap.fill(line, width) for line in corpus("weekly_filled.txt").splitlines())
    (report,) = read(text, kind="txt")
    assert not differences(report, answers("weekly_filled.json"))


@pytest.mark.parametrize("form", ["weekly", "monthly"])
def test_every_key_of_the_form_stands_in_the_figures_in_its_order_with_its_place(form: str) -> None:
    (report,) = read(corpus(f"{form}_filled.txt"))
    assert [figure.key for figure in report.figures] == [line.key for line in forms().get(form).figures]
    for figure in report.figures:
        if figure.state in ("number", "zero", "nil"):
            assert figure.place is not None
            assert figure.place.block
            assert figure.place.text
            assert figure.raw in figure.place.text or figure.raw.rstrip("%") in figure.place.text


@pytest.mark.parametrize("form", ["weekly", "monthly"])
def test_the_unfilled_form_is_still_the_form_and_states_nothing(form: str) -> None:
    (report,) = read(corpus(f"{form}_blank.txt"))
    assert report.type == form
    assert {figure.state for figure in report.figures} <= {"blank", "absent"}
    assert all(report.figure(key).state == "blank" for key in report.core)  # type: ignore[union-attr]
    assert report.core_stated == 0
    assert report.texts == ()
    assert (report.agency_text, report.number, report.date) == ("", "", None)
    assert (report.window.start, report.window.end, report.window.month) == (None, None, None)


def test_texts_are_whole_in_order_and_without_the_printed_prompts() -> None:
    (report,) = read(corpus("weekly_filled.txt"))
    texts = dict(report.texts)
    assert texts["directives_issued"] == (
        "02 văn bản:\n+ Công văn số 12/SNV-CCHC về việc tự kiểm tra;\n+ Công văn số 13/SNV-CCHC."
    )
    assert texts["assessment"].startswith("Nhìn chung việc tiếp nhận hồ sơ tốt.")
    assert texts["assessment"].endswith("- Khó khăn: còn 10 hồ sơ quá hạn lĩnh vực đất đai.")
    assert list(texts) == ["directives_done", "directives_issued", "meetings_publicity_inspections", "assessment"]


def test_the_sub_headings_of_an_assessment_stay_in_it() -> None:
    (report,) = read(corpus("monthly_filled.txt"))
    texts = dict(report.texts)
    assert texts["assessment"] == "1. Điểm mạnh: công tác CCHC được quan tâm."
    assert texts["directions"] == "tiếp tục rà soát TTHC."
    assert texts["proposals"] == "đề nghị hỗ trợ kinh phí."
    assert texts["job_positions_units"] == "đang thẩm định"


def test_addresses_in_a_text_are_kept_and_their_digits_are_nobodys_figures() -> None:
    report = weekly(
        "- Hồ sơ quá hạn: 2\nIV. Đánh giá: xem https://dvc.example/ho-so-5000 hoặc hoi@dvc2018.example\nTốt."
    )
    assert "https://dvc.example/ho-so-5000" in dict(report.texts)["assessment"]
    assert stated(report) == {"overdue": 2}


# ---- generated forms -------------------------------------------------------------------------------------------------
COUNT = st.integers(0, 99_999)
NUMBER_STYLES = {
    "plain": str,
    "dots": lambda n: f"{n:,}".replace(",", "."),
    "commas": lambda n: f"{n:,}",
    "hard blanks": lambda n: f"{n:,}".replace(",", "\u00a0"),
    "two digits": lambda n: f"{n:02}",
}
PAPER = [
    "{label}: {n}",
    "{label}:{n}",
    "{label}:……{n}",
    "{label}: ...{n}...",
    "{label} : {n} hồ sơ;",
    "{label}……{n}……",
    "{label}:\t{n}",
]
BULLETS = ["- ", "+ ", "", "* ", "• ", "1. ", "a) "]


@settings(max_examples=60, deadline=None)
@given(
    figures=st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT),
    style=st.sampled_from(sorted(NUMBER_STYLES)),
    paper=st.sampled_from(PAPER),
    bullet=st.sampled_from(BULLETS),
    typing=st.sampled_from(sorted(TYPINGS)),
)
def test_generated_forms_are_read_exactly(
    figures: tuple[int, ...], style: str, paper: str, bullet: str, typing: str
) -> None:
    lines = [
        bullet + paper.format(label=label, n=NUMBER_STYLES[style](n))
        for (_, label), n in zip(LABELS, figures, strict=True)
    ]
    text = TYPINGS[typing]("\n".join([TITLE, WINDOW, *lines]))
    (report,) = read(text)
    expected = {key: n for (key, _), n in zip(LABELS, figures, strict=True)}
    assert not differences(report, expected, quiet=False)
    asked = {key for f in report.findings if f.code in ("W02", "W13", "W14", "W21") for key in f.figures}
    assert asked <= (
        {"returned"} if style == "commas" else set()
    )  # "10,240" may be 10 organisations and 240 individuals


@settings(max_examples=60, deadline=None)
@given(
    top=COUNT,
    bottom=COUNT,
    which=st.sampled_from(RATIOS),
    paper=st.sampled_from(
        [
            "{a}: {t}/{b}: {n}",
            "{a} {t}/{b} {n}",
            "{a}……{t}/{b}……{n}",
            "{a}/{b}: {t}/{n}",
            "{a}: {t}/{n}",
            "{a}/{b}; {t}/{n}",
            "{a}: {t}/{b}: {n} (80%)",
        ]
    ),
)
def test_generated_ratios_are_read_exactly(top: int, bottom: int, which: tuple[str, str, str, str], paper: str) -> None:
    over, under, a, b = which
    report = weekly("- " + paper.format(a=a, b=b, t=f"{top:,}".replace(",", "."), n=f"{bottom:,}".replace(",", ".")))
    assert not differences(report, {over: top, under: bottom}, quiet=False)
    assert not {"W02", "W13", "W21"} & set(codes(report))


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(5)), st.integers(0, 4))
def test_lines_may_stand_in_any_order_and_any_may_be_blank(order: list[int], blank: int) -> None:
    rows = [(LABELS[i][1], "……" if i == blank else str(100 + i)) for i in order]
    report = weekly(lines_of(rows))
    assert stated(report) == {LABELS[i][0]: "blank" if i == blank else 100 + i for i in range(5)}


# ---- single lines ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- Hồ sơ trả lại (tổ chức, cá nhân): 34 (tổ chức 10; cá nhân 24)", {"returned": 34, "returned_organisations": 10, "returned_individuals": 24}),
        ("- Hồ sơ trả lại (tổ chức, cá nhân): 10 tổ chức, 24 cá nhân", {"returned": 34, "returned_organisations": 10, "returned_individuals": 24}),
        ("- Hồ sơ trả lại (tổ chức, cá nhân): 34 tổ chức, cá nhân", {"returned": 34}),
        ("- Hồ sơ trả đúng hạn: 118 (trong đó trước hạn 50)", {"on_time": 118, "early": 50}),
        ("- Hồ sơ trả trước hạn: 50\n- Hồ sơ trả đúng hạn: 68", {"early": 50, "on_time": 118}),
        ("- Hồ sơ trả trước và đúng hạn: 118", {"on_time": 118}),
        ("- Hồ sơ đang giải quyết: 30\n + Trong hạn: 28\n + Quá hạn: 2", {"pending": 30, "pending_within": 28, "pending_overdue": 2}),
        ("- Tổng số hồ sơ đã tiếp nhận: 125 (lũy kế từ đầu năm: 3.450)", {"received": 125}),
        ("- Tổng số hồ sơ đã tiếp nhận (lũy kế): 3.450; trong tuần: 125", {"received": 125}),
        ("* Lũy kế từ đầu năm:\n- Hồ sơ quá hạn: 40\n* Trong tuần:\n- Hồ sơ quá hạn: 2", {"overdue": 2}),
        ("I.1 Cấp huyện:\n- Hồ sơ quá hạn: 1\nI.2 Cấp xã:\n- Hồ sơ quá hạn: 4\nI.3 Toàn huyện:\n- Hồ sơ quá hạn: 5", {"overdue": 5}),
        ("- Số hồ sơ TTHC đã được giải quyết trước và đúng hạn trong tuần: 118", {"on_time": 118}),
        ("- Tổng sôố hồ sơ đã tiếp nhậnn: 125", {}),
        ("- Tổng số hồ sơ đã tiếp nhânj: 125", {"received": 125}),
        ("- Hồ sơ tiếp nhận trực tuyến: 45", {}),
        ("- Số hồ sơ được giải quyết mức độ 3, 4: 15/20", {}),
        ("- Hồ sơ trả kết quả qua mạng: 15", {}),
        ("- Tổng số thủ tục hành chính đã tiếp nhận: 12", {}),
        ("- Số hồ sơ được tiếp nhận, trả kết quả qua dịch vụ bưu chính công ích: tiếp nhận 12, trả kết quả 8", {"postal_total": "blank", "postal_received": 12, "postal_returned": 8}),
        ("1. Số lượng phản ánh kiến nghị đã giải quyết/tổng số tiếp nhận: không phát sinh", {"feedback_resolved": "nil", "feedback_received": "nil"}),
        ("- Số văn bản đi được phát hành dưới dạng điện tử 5/tổng số văn bản đi……", {"outgoing_electronic": 5, "outgoing_total": "blank"}),
    ],
)  # fmt: skip
def test_single_lines(line: str, expected: dict[str, int | str]) -> None:
    assert stated(weekly(line)) == expected


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("- Hồ sơ trả lại (tổ chức, cá nhân): 10 tổ chức, 24 cá nhân", "returned"),
        ("- Hồ sơ trả trước hạn: 50\n- Hồ sơ trả đúng hạn: 68", "on_time"),
        ("- Tổng số hồ sơ đã tiếp nhận: 3227.885", "received"),
        ("- Tổng số hồ sơ đã tiếp nhận: gần 1.600", "received"),
        ("- Tổng số hồ sơ đã tiếp nhận: lũy kế 3.450", "received"),
        ("- Cấp xã: Tổng số hồ sơ đã tiếp nhận: 100", "received"),
        ("- Tổng số hồ sơ đã tiếp nhận: 125 130", "received"),
        ("- Tổng số hồ sơ đã tiếp nhận: 125/130", "received"),
        ("- Tổng số hồ sơ đã tiếp nhận và giải quyết: 120", "resolved"),
        ("- Tổng số hồ sơ đã tiếp nhận: 125\n- Tổng số hồ sơ đã tiếp nhận: 130", "received"),
        ("- Hồ sơ quá hạn: 5 hồ sơ chưa giải quyết", "overdue"),
        ("- Tổng số hồ sơ đã tiếp nhận:\n1.625", "received"),
        ("- Số hồ sơ được giải quyết mức độ 3: 05 TTHC/12 TTHC", "level3_resolved"),
        ("- Số văn bản đi được phát hành dưới dạng điện tử/tổng số văn bản đi: 150", "outgoing_electronic"),
    ],
)
def test_what_is_doubtful_is_flagged(line: str, key: str) -> None:
    assert key in flagged(weekly(line))


def test_two_values_that_disagree_are_both_told() -> None:
    report = weekly("- Tổng số hồ sơ đã tiếp nhận: 125\n- Tổng số hồ sơ đã tiếp nhận: 130")
    (finding,) = [finding for finding in report.findings if finding.code == "W13"]
    assert "125" in finding.message
    assert "130" in finding.message


def test_stacked_labels_over_stacked_values_are_unreadable_not_shifted() -> None:
    report = weekly("- Tổng số hồ sơ đã tiếp nhận:\n- Tổng số hồ sơ đã giải quyết:\n1.625\n1.615")
    assert report.figure("resolved").value is None  # type: ignore[union-attr]
    assert report.figure("received").value is None  # type: ignore[union-attr]


def test_the_kind_of_overdue_files_is_kept_as_told() -> None:
    report = weekly("- Hồ sơ quá hạn: 5 (chưa giải quyết 3, đã giải quyết 2)")
    assert dict(report.texts)["overdue_kind"] == "chưa giải quyết 3, đã giải quyết 2"
    assert stated(report)["overdue"] == 5


def test_hidden_lines_are_read_only_when_nothing_else_is_and_then_flagged() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from parsers.extract import extract  # noqa: PLC0415

    plain = document(f"{TITLE}\n{WINDOW}\n- Hồ sơ quá hạn: 5\n- Hồ sơ quá hạn: 2")
    blocks = tuple(replace(block, hidden=block.text.endswith("5")) for block in plain.blocks)
    (report,) = extract(replace(plain, blocks=blocks), forms(), Hints())
    assert stated(report)["overdue"] == 2
    (lone,) = extract(replace(plain, blocks=blocks[:-1]), forms(), Hints())
    assert lone.figure("overdue").flags == ("hidden",)  # type: ignore[union-attr]
    assert "overdue" in flagged(lone)


def test_nothing_is_read_behind_the_forms_printed_instructions() -> None:
    report = weekly(
        "- Hồ sơ quá hạn: 2\n* Yêu cầu thực hiện báo cáo:\n- Hồ sơ trả đúng hạn: 6 lĩnh vực, trước 10 giờ (thứ 6)"
    )
    assert stated(report) == {"overdue": 2}
