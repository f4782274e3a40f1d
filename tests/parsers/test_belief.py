"""What readings of one number are worth together, and which numbers of a page a figure is judged by (ADR 8)."""

from __future__ import annotations

import re

import pytest

from parsers.belief import agreement, believe
from parsers.extract import extract
from parsers.form import load_forms
from parsers.readers.scan import Scanned
from parsers.scan import Number, PageScan, ScannedCell, ScannedItem, ScannedLine, ScannedTable, Told
from parsers.values import Document, Hints, Report, SeenNumber

FORMS = load_forms()


def seen(text: str, line: tuple[str, float], alone: tuple[str, float], shapes: tuple[str, float]) -> SeenNumber:
    return SeenNumber(1, None, None, text, (line, alone, shapes))


@pytest.mark.parametrize(
    ("line", "alone", "shapes", "worth"),
    [
        (("162", 0.97), ("162", 0.96), ("162", 0.95), 2),
        (("162", 0.97), ("162", 0.96), ("?", 0.0), 2),  # digits that touch: both engines are clear
        (("162", 0.92), ("162", 0.91), ("1?", 0.9), 2),
        (("162", 0.92), ("162", 0.91), ("1?8", 0.9), 1),  # a known shape says otherwise
        (("162", 0.82), ("162", 0.81), ("?", 0.0), 1),
        (("132", 0.87), ("132", 0.92), ("1.32", 0.73), 1),  # "1/32" that lost its stroke
        (("904", 0.97), ("504", 0.96), ("504", 0.97), 0),
        (("", 0.0), ("41", 0.79), ("41", 0.95), 1),  # the line is silent, one of the others unsure
        (("47", 0.9), ("41", 0.79), ("41", 0.95), 0),  # or says otherwise
        (("162", 0.97), ("", 0.0), ("", 0.0), 0),
        (("110", 0.97), ("11,0", 0.96), ("11.0", 0.97), 0),  # the line lost the comma
        (("11,0", 0.97), ("110", 0.96), ("110", 0.97), 0),  # or saw a speck
        (("11,0", 0.97), ("110", 0.96), ("11.0", 0.97), 2),
        (("19", 0.97), ("19", 0.96), ("1.9", 0.97), 2),  # one of three
        (("1.850", 0.97), ("1850", 0.96), ("1850", 0.97), 2),  # the same value
    ],
)
def test_readings_that_share_only_the_paper_are_worth_what_was_measured(line, alone, shapes, worth):
    text = line[0] or alone[0]
    assert agreement(seen(text, line, alone, shapes), text) == worth


def test_of_two_readings_one_that_sees_tenths_is_enough_for_a_doubt():
    assert agreement(seen("19", ("12", 0.8), ("19", 0.97), ("19", 0.97)), "19") == 2
    assert agreement(seen("19", ("12", 0.8), ("19", 0.97), ("1..9", 0.97)), "19") == 0


# ---- a whole page -----------------------------------------------------------------------------------------------------


def line(text: str, y: float, *numbers: Number) -> ScannedItem:
    return ScannedItem(line=ScannedLine(text, (60.0, y, 520.0, y + 12), 0.96, numbers))


def sure(text: str) -> Number:
    return Number(text, Told(text, 0.97), Told(text, 0.96), Told(text, 0.97))


def faint(text: str) -> Number:
    return Number(text, Told(text, 0.5), Told("", 0.0), Told("?", 0.0))


HEAD = ("SỞ NỘI VỤ", "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH", "(Từ ngày 14/7 đến ngày 20/7/2017)")
CORE = ("đã tiếp nhận: 12", "đã giải quyết: 11", "trả đúng hạn: 09", "quá hạn: 02", "trả lại (tổ chức, cá nhân): 01")


def read(items: list[ScannedItem]) -> tuple[Report, str | None]:
    page = Scanned()
    page.add(PageScan(1, 595.0, 842.0, 0, tuple(items)), 1)
    document = Document("pdf", "pdf/1", tuple(page.blocks), scanned=(1,), numbers=tuple(page.numbers))
    (report,) = extract(document, FORMS, Hints(), None)
    found = believe(report, document, FORMS)
    return found.report, found.reason


def head() -> list[ScannedItem]:
    return [line(text, 60 + 20 * n, *map(sure, re.findall(r"\d[\d/]*", text))) for n, text in enumerate(HEAD)]


def a_page(*more: ScannedItem) -> list[ScannedItem]:
    items = head()
    for n, text in enumerate(CORE):
        number = text.split(": ")[1]
        items.append(line(f"- Hồ sơ {text}" if n > 1 else f"- Tổng số hồ sơ {text}", 140 + 20 * n, sure(number)))
    return [*items, *more]


def doubted(report: Report) -> set[str]:
    return {key for one in report.findings if one.code == "ocr_doubtful" for key in one.figures}


def test_a_figure_is_judged_by_its_own_number_not_by_others_that_hold_its_digits():
    report, reason = read(
        a_page(line("Kế hoạch số 15/KH-UBND ngày 24/09/2021, số 12/KH", 400, faint("24/09/2021"), faint("12")))
    )
    assert (doubted(report), reason) == (set(), None)


def test_a_figure_on_the_line_below_its_label_is_judged_by_the_number_there():
    label = "- Số hồ sơ được giải quyết mức độ 3/tổng số hồ sơ áp dụng đối với TTHC mức độ 3:"
    below = [
        line(label, 300, sure("3"), sure("3")),
        line("04/09", 330, sure("04/09")),
        line("Ngày 24/09/2021", 380, faint("24/09/2021")),
    ]
    report, reason = read(a_page(*below))
    level3 = report.figure("level3_total")
    assert level3
    assert (level3.value, "ocr" in level3.flags, doubted(report), reason) == (9, True, set(), None)
    report, _ = read(a_page(below[0], line("04/09", 330, faint("04/09"))))
    assert doubted(report) == {"level3_resolved", "level3_total"}


# ---- tables over two pages --------------------------------------------------------------------------------------------


def a_table(y: float, *rows: tuple[str, ...]) -> ScannedItem:
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            box = (60.0 + 230 * c, y + 20 * r, 290.0 + 230 * c, y + 20 * r + 18)
            numbers = (sure(text),) if text.isdigit() else ()
            lines = tuple(ScannedLine(piece, box, 0.96, numbers) for piece in text.split("|"))
            cells.append(ScannedCell(r, c, 1, 1, box, lines, inked=True))
    return ScannedItem(table=ScannedTable(len(rows), len(rows[0]), (60.0, y, 520.0, y + 20 * len(rows)), tuple(cells)))


def test_a_ruled_table_goes_on_over_the_page_and_its_numbers_with_it():
    seen_ = Scanned()
    first = a_table(
        200, ("Chỉ tiêu", "Kỳ này"), ("Tổng số hồ sơ đã tiếp nhận", "12"), ("Tổng số hồ sơ|đã giải quyết", "11")
    )
    second = a_table(
        60,
        ("Chỉ tiêu", "Kỳ này"),
        ("Hồ sơ trả đúng hạn", "9"),
        ("Hồ sơ quá hạn", "2"),
        ("Hồ sơ trả lại|(tổ chức,|cá nhân)", "1"),
    )
    seen_.follow(PageScan(1, 595.0, 842.0, 0, (*head(), first)), 1)
    seen_.follow(PageScan(2, 595.0, 842.0, 0, (second, line("Ngày 21/7/2017", 300))), len(seen_.blocks) + 1)
    assert [block.n for block in seen_.blocks] == list(range(1, len(seen_.blocks) + 1))
    (table,) = [block.table for block in seen_.blocks if block.table]
    assert [row[0].text for row in table.rows][2:] == [
        "Tổng số hồ sơ đã giải quyết", "Hồ sơ trả đúng hạn", "Hồ sơ quá hạn", "Hồ sơ trả lại (tổ chức, cá nhân)",
    ]  # fmt: skip
    assert [(one.row, one.text) for one in seen_.numbers if one.row] == [
        (2, "12"),
        (3, "11"),
        (4, "9"),
        (5, "2"),
        (6, "1"),
    ]
    document = Document("pdf", "pdf/1", tuple(seen_.blocks), scanned=(1, 2), numbers=tuple(seen_.numbers))
    (report,) = extract(document, FORMS, Hints(), None)
    overdue = report.figure("overdue")
    assert overdue
    assert overdue.place
    assert (overdue.value, overdue.place.page, overdue.place.box) == (2, 2, (290.0, 100.0, 520.0, 118.0))
    assert believe(report, document, FORMS).reason is None


def test_a_table_of_other_columns_is_another_table():
    seen_ = Scanned()
    seen_.follow(PageScan(1, 595.0, 842.0, 0, (a_table(200, ("a", "1"), ("b", "2")),)), 1)
    seen_.follow(PageScan(2, 595.0, 842.0, 0, (a_table(60, ("a", "b", "c")),)), 2)
    assert len(seen_.blocks) == 2


# ---- arithmetic -------------------------------------------------------------------------------------------------------


def of_files(**numbers: Number) -> set[str]:
    """What is doubted of files resolved, on time and overdue."""
    said = {"resolved": "Tổng số hồ sơ đã giải quyết", "on_time": "Hồ sơ trả đúng hạn", "overdue": "Hồ sơ quá hạn"}
    items = [item for item in a_page() if item.line and not any(label in item.line.text for label in said.values())]
    report, _ = read(
        [
            *items,
            *(line(f"- {said[key]}: {one.text}", 300 + 20 * n, one) for n, (key, one) in enumerate(numbers.items())),
        ]
    )
    assert all((figure := report.figure(key)) and figure.state in ("number", "zero") for key in said)
    return doubted(report)


def test_a_figure_two_readers_agree_on_stands_when_it_is_what_others_that_stand_leave_over():
    assert of_files(resolved=sure("31"), on_time=fair("31"), overdue=sure("00")) == set()
    assert of_files(resolved=fair("31"), on_time=sure("30"), overdue=sure("01")) == set()
    assert of_files(resolved=sure("31"), on_time=sure("31"), overdue=fair("00")) == set()


def test_it_does_not_when_the_sum_is_another_or_another_figure_of_it_is_doubtful_too_or_one_reader_alone_gives_it():
    assert of_files(resolved=sure("31"), on_time=fair("37"), overdue=sure("00")) == {"on_time"}
    assert of_files(resolved=fair("31"), on_time=fair("31"), overdue=sure("00")) == {"resolved", "on_time"}
    assert of_files(resolved=sure("31"), on_time=faint("31"), overdue=sure("00")) == {"on_time"}


# ---- a percentage stated beside ------------------------------------------------------------------------------------------


def fair(text: str) -> Number:
    """Two engines give it less than clearly; no shape is known."""
    return Number(text, Told(text, 0.82), Told(text, 0.81), Told("?", 0.0))


def outgoing(text: str, *numbers: Number) -> set[str]:
    """What is doubted of a line of outgoing documents."""
    report, _ = read(a_page(line(f"- Số văn bản đi được phát hành dưới dạng điện tử: {text}", 300, *numbers)))
    values = [report.figure(key) for key in ("outgoing_electronic", "outgoing_total")]
    assert all(one and one.state == "number" for one in values), values
    return doubted(report)


BOTH = {"outgoing_electronic", "outgoing_total"}


def test_a_stated_share_bears_out_both_figures_of_a_ratio_when_it_tells_them_from_their_neighbours():
    ratio = "215/tổng số văn bản đi: 240"
    assert outgoing(ratio, fair("215"), fair("240")) == BOTH
    assert outgoing(f"{ratio} (đạt 89,58%)", fair("215"), fair("240"), fair("89,58")) == set()
    assert outgoing(f"{ratio}, đạt 89,6%", fair("215"), fair("240"), sure("89,6")) == set()


@pytest.mark.parametrize(
    ("share", "number"),
    [
        ("90%", sure("90")),  # of 240 it is 214 to 217
        ("87,92%", sure("87,92")),  # of 211
        ("89,58%", faint("89,58")),  # nobody is sure of the share itself
    ],
)
def test_a_share_that_is_coarse_or_another_or_hardly_read_bears_nothing_out(share, number):
    assert outgoing(f"215/tổng số văn bản đi: 240 (đạt {share})", fair("215"), fair("240"), number) == BOTH


def test_a_share_of_all_and_a_number_nobody_reads_are_not_borne_out():
    assert outgoing("24/tổng số văn bản đi: 24 (đạt 100%)", fair("24"), fair("24"), sure("100")) == BOTH
    told = outgoing("215/tổng số văn bản đi: 240 (89,58%)", faint("215"), fair("240"), sure("89,58"))
    assert told == BOTH


def test_of_two_shares_on_one_line_none_bears_out():
    text = "215/tổng số văn bản đi: 240 (đạt 89,58%, tuần trước 88,1%)"
    assert outgoing(text, fair("215"), fair("240"), sure("89,58"), sure("88,1")) == BOTH


def test_a_small_share_tells_the_part_but_not_the_whole():
    report, _ = read(a_page(line("- Số văn bản đi được phát hành dưới dạng điện tử: 11/tổng số văn bản đi: 1.201 (0,92%)", 300,
                                 fair("11"), fair("1.201"), sure("0,92"))))  # fmt: skip
    assert doubted(report) == {"outgoing_total"}


# ---- dashes -----------------------------------------------------------------------------------------------------------


def dash(*, borne: bool) -> Number:
    return Number("-", Told("-", 0.93), Told("", 0.0), Told("-", 1.0) if borne else Told("", 0.0))


def with_dash(text: str, *dashes: Number) -> tuple[Report, str | None]:
    return read([*a_page()[:-1], line(text, 220, *dashes)])


def test_a_dash_whose_ink_is_a_dash_is_a_figure_that_stands():
    report, reason = with_dash("- Hồ sơ trả lại (tổ chức, cá nhân): -", dash(borne=True))
    assert (report.figure("returned").state, reason) == ("nil", None)
    assert not [one for one in report.findings if one.code == "ocr_doubtful"]


@pytest.mark.parametrize(
    ("text", "dashes"),
    [
        ("- Hồ sơ trả lại (tổ chức, cá nhân): -", (dash(borne=False),)),
        ("- Hồ sơ trả lại (tổ chức, cá nhân): -", ()),
        ("- Hồ sơ trả lại (tổ chức - cá nhân): -", (dash(borne=True),)),  # which of them was borne out is not known
    ],
)
def test_any_other_dash_is_doubted(text, dashes):
    report, reason = with_dash(text, *dashes)
    assert (report.figure("returned").state, reason) == ("nil", "unreadable_scan")


# ---- the days of the title --------------------------------------------------------------------------------------------


def half(text: str) -> Number:
    """Two readers agree, the third contradicts."""
    return Number(text, Told(text, 0.97), Told("9", 0.96), Told(text, 0.97))


def unsure(text: str) -> Number:
    """The line alone tells it."""
    return Number(text, Told(text, 0.97), Told("9", 0.96), Told("8", 0.97))


def titled(text: str, *numbers: Number) -> list[ScannedItem]:
    items = a_page()
    items[2] = line(text, 100, *numbers)
    return items


@pytest.mark.parametrize(
    ("title", "numbers", "waits"),
    [
        ("(Từ ngày 17/10 đến ngày 25/10/2026)", (sure("17/10"), unsure("25/10/2026")), True),  # a 3 taken for a 5
        ("(Từ ngày 17/10 đến ngày 25/10/2026)", (sure("17/10"), sure("25/10/2026")), False),
        ("(Từ ngày 17/10 đến ngày 23/10/2026)", (sure("17/10"), unsure("23/10/2026")), False),
        ("(Từ ngày 17/10 đến ngày 23/10/2026)", (half("17/10"), unsure("23/10/2026")), False),
        ("(Từ ngày 17/10 đến ngày 23/10/2026)", (unsure("17/10"), unsure("23/10/2026")), True),
        ("(Từ ngày 19/10 đến ngày 23/10/2026)", (sure("19/10"), half("23/10/2026")), False),
        ("(Từ ngày 19/10 đến ngày 23/10/2026)", (sure("19/10"), unsure("23/10/2026")), True),
        ("(Từ ngày 17/10 đến ngày 25/10/2026)", (sure("17/10"),), True),
    ],
    ids=[
        "nine days",
        "nine, surely",
        "a week",
        "a week, one end fair",
        "a week, no end read",
        "five days",
        "five, one end unsure",
        "not looked at",
    ],
)
def test_days_of_the_title_that_do_not_stand_are_for_a_person(title, numbers, waits):
    report, reason = read(titled(title, *numbers))
    assert ([one.code for one in report.findings if one.code == "ocr_window"], reason) == (
        (["ocr_window"], "unreadable_scan") if waits else ([], None)
    )


def test_days_of_the_title_are_judged_by_the_title_not_by_the_same_number_elsewhere():
    elsewhere = line("Công văn ngày 25/10/2026 của Sở Nội vụ", 400, sure("25/10/2026"))
    page = titled("(Từ ngày 17/10 đến ngày 25/10/2026)", sure("17/10"), unsure("25/10/2026"))
    assert read([*page, elsewhere])[1] == "unreadable_scan"


# ---- a required line left on its dots ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown", "waits"),
    [("…", "…", False), ("…", "", True), ("", "", True)],
    ids=["empty paper", "something is drawn", "not found"],
)
def test_a_required_line_left_on_its_dots_is_the_senders_where_the_paper_is_empty(text, shown, waits):
    items = a_page()
    dots = Number("…", Told("", 0.0), Told("", 0.0), Told(shown, 1.0 if shown else 0.0))
    items[-1] = line(f"- Hồ sơ trả lại (tổ chức, cá nhân): {text}", 220, *((dots,) if text else ()))
    report, reason = read(items)
    assert report.figure("returned").state not in ("number", "zero", "nil")
    assert reason == ("unreadable_scan" if waits else None)


# ---- two readings and the sums ----------------------------------------------------------------------------------------


def test_a_figure_one_reader_contradicts_stands_only_where_the_sums_bear_it_out():
    items = a_page()
    items[5] = line("- Hồ sơ trả đúng hạn: 09", 180, half("09"))  # 11 = 09 + 02
    assert read(items)[1] is None
    items[5] = line("- Hồ sơ trả đúng hạn: 08", 180, half("08"))
    assert read(items)[1] == "unreadable_scan"
    items[5] = line("- Hồ sơ trả đúng hạn: 09", 180, unsure("09"))
    assert read(items)[1] == "unreadable_scan"
