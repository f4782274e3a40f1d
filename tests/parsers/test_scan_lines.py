"""Lines seen on a picture become paragraphs as they run on the page turned upright, whichever way it came."""

from __future__ import annotations

import pytest

from parsers.readers.scan import Scanned
from parsers.scan import PageScan, ScannedItem, ScannedLine

WIDE, HIGH = 595.0, 842.0
LINES = (
    ("- Số hồ sơ được giải quyết mức độ 3 … 561/tổng số hồ sơ áp dụng đối với TTHC mức độ", (80, 420, 540, 433)),
    ("3 … 931 …", (80, 437, 158, 450)),
    ("- Hồ sơ quá hạn: 4", (80, 454, 190, 467)),
)


def came(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """Where an upright box lay on the page as it was scanned, before it was turned clockwise by so much."""
    x0, y0, x1, y1 = box
    if turn == 180:
        return WIDE - x1, HIGH - y1, WIDE - x0, HIGH - y0
    if turn == 90:
        return y0, WIDE - x1, y1, WIDE - x0
    return (HIGH - y1, x0, HIGH - y0, x1) if turn == 270 else box


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_line_that_wraps_goes_on_whichever_way_the_page_came(turn: int) -> None:
    size = (HIGH, WIDE) if turn in (90, 270) else (WIDE, HIGH)
    items = tuple(ScannedItem(line=ScannedLine(text, came(box, turn), 0.9, (), box)) for text, box in LINES)
    seen = Scanned()
    seen.add(PageScan(1, *size, turn, items), 1)
    assert [block.text for block in seen.blocks] == [f"{LINES[0][0]} {LINES[1][0]}", LINES[2][0]]
    assert seen.blocks[0].box == came((80, 420, 540, 450), turn)


def test_a_line_that_wraps_goes_on_where_the_page_came_askew() -> None:
    rise = 0.04  # of each point across: two degrees
    items = []
    for text, (x0, y0, x1, y1) in LINES:
        askew = (x0, y0 - rise * x1, x1, y1 - rise * x0)
        items.append(ScannedItem(line=ScannedLine(text, askew, 0.9, (), (x0, y0, x1, y1))))
    seen = Scanned()
    seen.add(PageScan(1, WIDE, HIGH, 0, tuple(items)), 1)
    assert [block.text for block in seen.blocks] == [f"{LINES[0][0]} {LINES[1][0]}", LINES[2][0]]
    assert seen.blocks[0].box == (80, 420 - rise * 540, 540, 450 - rise * 80)


@pytest.mark.parametrize(("step", "parted"), [(17, False), (20.5, True)])
def test_a_heading_that_fills_its_line_ends_where_the_next_line_stands_further_off_than_lines_of_a_paragraph(
    step: float, parted: bool
) -> None:
    heading = ("L. Kết quả giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông", (80, 200, 535, 213))
    texts = [
        "Số hồ sơ tiếp nhận là 88 hồ sơ, số hồ sơ đã giải quyết là 82 hồ sơ, đạt 93,2%; số",
        "hồ sơ trả",
        "lại tổ",
        "chức là 0.",
    ]
    lines = [(text, (80, 200 + step + 17 * n, 540, 213 + step + 17 * n)) for n, text in enumerate(texts)]
    seen = Scanned()
    seen.add(
        PageScan(
            1, WIDE, HIGH, 0, tuple(ScannedItem(line=ScannedLine(text, box, 0.9)) for text, box in [heading, *lines])
        ),
        1,
    )
    assert len(seen.blocks) == 1 + parted
    assert seen.blocks[-1].text.endswith(" ".join(texts))


@pytest.mark.parametrize("mark", ["~", "«", "=", "*"])
def test_a_dash_before_an_item_that_was_read_as_another_mark_begins_the_item_all_the_same(mark: str) -> None:
    upper = ScannedLine(
        "- Số văn bản điện tử/tổng số văn bản đi của đơn vị trong tuần: 88/97 văn bản", (80, 420, 540, 433), 0.9
    )
    lower = ScannedLine(f"{mark} Số hồ sơ mức độ 3: 06/10", (80, 437, 250, 450), 0.9)
    seen = Scanned()
    seen.add(PageScan(1, WIDE, HIGH, 0, (ScannedItem(line=upper), ScannedItem(line=lower))), 1)
    assert [block.text for block in seen.blocks] == [upper.text, "- Số hồ sơ mức độ 3: 06/10"]
