"""The example worked by hand, lived: real mails through the real pipeline, and the figures asked of the verbs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.pipeline.world import World, mail, weekly_docx
from tests.rules.worked_example import FRIDAYS, MAILS, ROSTER, WAIVED

CORE = (1625, 1615, 1595, 20, 10)


def report(code: str, friday: str, n: int, core: int) -> dict[str, bytes]:
    """The weekly form of an agency with so many core lines filled in; a second revision says other numbers."""
    day = date.fromisoformat(friday)
    first, last = day - timedelta(days=7), day - timedelta(days=1)
    window = f"từ ngày {first.day}/{first.month} đến ngày {last.day}/{last.month}/{last.year}"
    figures = tuple(value + n for value in CORE[:core]) + ("……",) * (len(CORE) - core)
    return {"bc.docx": weekly_docx(f"SỞ {code[0]}", window, figures, f"{n}/BC-{code}")}


@pytest.mark.slow
def test_15_expected_are_6_on_time_2_cured_2_late_2_incomplete_3_missing(world: World):
    world.start = "2017-07-01"
    (world.folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    world.write_config()
    world.tick("2017-07-24 08:00:00")
    for code, weeks in MAILS.items():
        for friday, came in weeks.items():
            for n, (when, core) in enumerate(came, 1):
                files = report(code, friday, n, core)
                world.deliver(mail(f"{code.lower()}@tinh.example", f"BC tuần {friday} {n}", files), when)
    agency, key = WAIVED
    assert world.cchc("due", key, agency, "--waive", "--reason", "lũ", now="2017-07-27 09:00:00").code == 0
    world.poll("2017-07-28 10:01:00")
    world.tick("2017-07-28 10:06:00")
    now = "2017-08-01 09:00:00"
    (weekly,) = [t for t in world.cchc("export", "2017-07", "--json", now=now).json["types"] if t["type"] == "weekly"]
    classes = {"on_time": 6, "cured": 2, "late": 2, "incomplete": 2, "in_review": 0, "missing": 3}
    assert (weekly["expected"], weekly["classes"], weekly["waived"]) == (15, classes, 1)
    boards = [world.board(f"weekly:{friday}", now) for friday in FRIDAYS]
    assert [board["expected"] for board in boards] == [4, 4, 4, 3]
    complete, in_time = (sum(board[rate]["n"] for board in boards) for rate in ("completeness", "timeliness"))
    assert f"{complete / 15:.1%} {in_time / 15:.1%}" == "66.7% 40.0%"
