"""Where the second of the cutoff itself is late, every letter says "trước 10 giờ", as the verdict does; the plan's body says "chậm nhất"."""

from __future__ import annotations

import pytest

from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, mail

QUARTER = """
[[report]]
type = "quarterly"
every = "quarter"
form = "monthly"
due = "before day 20"
"""


@pytest.fixture
def strict(world: World) -> World:
    world.calendar, world.more = 'at_cutoff = "late"', QUARTER
    world.roster = world.roster.replace("weekly;monthly", "weekly;monthly;quarterly")
    (world.folder / "roster.csv").write_text(world.roster, encoding="utf-8")
    world.write_config()
    world.tick("2017-07-17 08:00:00")
    return world


def last(world: World) -> str:
    return plain(world.letters("stc@tinh.example")[-1])


def test_reminders_notices_and_answers_say_before_the_hour(strict: World):
    strict.tick("2017-07-20 14:00:00")
    assert "trước 10 giờ 00 phút, thứ Sáu, ngày 21/7/2017" in last(strict)
    strict.deliver(mail(subject="Lịch họp", text="Xin gửi lịch họp."), "2017-07-20 15:00:00")
    strict.poll("2017-07-20 15:01:00")
    assert "trước 10 giờ 00 phút, ngày 21/7/2017 để được tính đúng hạn" in last(strict)
    strict.poll("2017-07-21 10:01:00")
    strict.tick("2017-07-21 10:06:00")
    assert "thời hạn: trước 10 giờ 00 phút cùng ngày" in last(strict)
    assert "chậm nhất" not in last(strict)


def test_the_last_second_of_a_whole_day_belongs_to_it(strict: World):
    strict.tick("2017-09-18 14:00:00")
    assert "chậm nhất hết thứ Ba, ngày 19/9/2017" in last(strict)
