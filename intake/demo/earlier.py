"""Quiet weeks before the fortnight: most report in time, a few do not. They give the console a past to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from intake.demo import stories
from intake.demo.corpus import last_friday
from intake.demo.scene import DemoMail, Scene
from intake.demo.stories import Story, both
from intake.demo.tasks import progress
from intake.rules.values import Agency

_TROUBLED: tuple[Story, ...] = (
    stories.missing,
    stories.missing,
    stories.minutes_late,
    stories.minutes_late,
    stories.hours_late,
    stories.cured,
    stories.wrong_sum,
    stories.corrected,
    stories.as_pdf,
    stories.as_xlsx,
)
_MONTH_END: tuple[Story, ...] = (
    stories.missing,
    both("docx", "11:05:37", "late"),
    both("docx", one_mail=False),
    both("pdf"),
)


def quiet_weeks(seed: int, roster: Sequence[Agency], fridays: Sequence[date], timezone: str) -> tuple[DemoMail, ...]:
    """The mails of those weeks in the order of their arrival; the same agencies are often the late ones."""
    rng = Random(seed)
    owing = [agency for agency in roster if agency.reports]
    mails: list[DemoMail] = []
    ends = [friday for friday in fridays if last_friday(friday)]
    for friday in fridays:
        scene = Scene(friday, timezone, rng, month_ends=last_friday(friday))
        usual: Story = both("docx") if scene.month_ends else stories.as_docx
        troubled = _MONTH_END if scene.month_ends else _TROUBLED
        chosen = _often_the_same(rng, owing, len(troubled))
        told = dict(zip((agency.code for agency in chosen), troubled, strict=True))
        for agency in owing:
            mails += told.get(agency.code, usual)(scene, agency)
        if scene.month_ends:
            mails += progress(scene, owing, len(ends) - ends.index(friday))
    return tuple(sorted(mails, key=lambda mail: mail.deliver_at))


def _often_the_same(rng: Random, owing: Sequence[Agency], count: int) -> list[Agency]:
    """Half from the front of a fixed order, half from anywhere, in drawn order."""
    habit = list(owing)[3::4][: count // 2 + 2]
    chosen = rng.sample(habit, min(len(habit), count // 2))
    rest = [agency for agency in owing if agency not in chosen]
    chosen += rng.sample(rest, count - len(chosen))
    rng.shuffle(chosen)
    return chosen


def fridays_before(friday: date, weeks: int) -> tuple[date, ...]:
    """The Fridays of that many weeks before a Friday, oldest first."""
    return tuple(friday - timedelta(days=7 * n) for n in range(weeks, 0, -1))
