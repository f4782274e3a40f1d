"""A fortnight of mails from some thirty agencies, with what must come of each: the demo's world, made anew from a seed.

1. The first week's cutoff is the given Friday, the second's the Friday after. When that is the last Friday of its month,
   weekly and monthly reports fall due in the same minute (the plan's "thứ Sáu tuần cuối cùng của tháng").
2. Each agency lives one story a week; who lives which is drawn with the seed. The same seed gives the same bytes.
3. No date, agency or year is written here: agencies come from the roster, days from the Friday. The cutoff of the
   stories is 10:00:00 of that day, and the Friday, the Thursday before and the Monday after are working days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib.resources import files
from random import Random

from intake.demo import noise, scans, stories, tasks
from intake.demo.scene import DemoMail, Expectation, Scene
from intake.demo.stories import Story, both, monthly_only, then
from intake.rules.values import Agency

__all__ = ["DemoMail", "Expectation", "classes_at", "fortnight", "last_friday", "roster_csv"]

WEEK_ONE: tuple[tuple[Story, int], ...] = (
    (stories.missing, 2),
    (stories.trial_only, 1),
    (stories.trial_then_report, 1),
    (stories.exactly_ten, 1),
    (stories.one_second_late, 1),
    (stories.minutes_late, 1),
    (stories.hours_late, 1),
    (stories.duplicate, 1),
    (stories.corrected, 1),
    (stories.wrong_sum, 1),
    (stories.unknown_sender, 1),
    (stories.handed_on, 1),
    (stories.with_decision, 1),
    (stories.blank, 1),
    (stories.cured, 1),
    (stories.locked, 1),
    (stories.broken_then_good, 1),
    (stories.decomposed, 1),
    (stories.windows_1258, 1),
    (stories.text_body, 1),
    (stories.html_body, 1),
    (stories.as_xlsx, 1),
    (stories.as_xls, 1),
    (stories.as_pdf, 1),
    (stories.in_zip, 1),
    (stories.signed_copy, 1),
    (stories.last_week, 1),
)
WEEK_TWO: tuple[tuple[Story, int], ...] = (
    (stories.missing, 1),
    (both("docx", "11:05:37", "late"), 1),
    (both("pdf"), 2),
    (both("docx", one_mail=False), 4),
    (both("xlsx", one_mail=False), 2),
    (both("xls", one_mail=False), 2),
    (monthly_only("docx"), 1),
    (stories.as_docx, 3),
    (then(stories.as_pdf, monthly_only("docx", "10:02:11", "late")), 1),
    (then(stories.signed_copy, monthly_only("xlsx", "13:40:00", "late")), 1),
    (then(stories.as_docx, monthly_only("docx", due_class="incomplete", half=True)), 1),
    (then(stories.in_zip, monthly_only("pdf")), 2),
    (then(scans.scan_only, monthly_only("docx")), 1),
)
# Whoever is left over when the stories have been dealt reports as most do.
USUAL_ONE, USUAL_TWO = stories.as_docx, both("docx")
USUAL_WEEK = stories.as_docx  # of a second week that does not end its month


def roster_csv() -> str:
    """The demo's roster, in the columns of the contract."""
    return (files("intake.demo") / "roster.csv").read_text(encoding="utf-8")


def last_friday(day: date) -> bool:
    """Whether this Friday is the last of its month."""
    return (day + timedelta(days=7)).month != day.month


def fortnight(
    seed: int, roster: Sequence[Agency], first_friday: date, timezone: str = "Asia/Ho_Chi_Minh"
) -> tuple[DemoMail, ...]:
    """All mails of two weeks in the order of their arrival. ``first_friday`` must be a Friday."""
    if first_friday.weekday() != 4:
        raise ValueError(f"{first_friday} is not a Friday")
    rng = Random(seed)
    owing = [agency for agency in roster if agency.reports]
    below = [agency for agency in roster if not agency.reports]
    first = Scene(first_friday, timezone, rng)
    second_friday = first_friday + timedelta(days=7)
    second = Scene(second_friday, timezone, rng, month_ends=last_friday(second_friday), last_week=first.last_week)
    mails = [*_first_week(first, owing, below), *_second_week(second, owing), *_noise(first, second, owing, below)]
    return tuple(sorted(mails, key=lambda mail: mail.deliver_at))


def _first_week(scene: Scene, owing: Sequence[Agency], below: Sequence[Agency]) -> list[DemoMail]:
    parents = {agency.code: agency for agency in owing}
    pair = next(((parents[child.parent], child) for child in below if child.parent in parents), None)
    mails = stories.mixed(scene, *pair) if pair else []
    rest = [agency for agency in owing if pair is None or agency is not pair[0]]
    return mails + _dealt(scene, rest, WEEK_ONE, USUAL_ONE)


def _second_week(scene: Scene, owing: Sequence[Agency]) -> list[DemoMail]:
    if not scene.month_ends:
        return _dealt(scene, owing, ((stories.missing, 2), (stories.minutes_late, 1)), USUAL_WEEK)
    return [*_dealt(scene, owing, WEEK_TWO, USUAL_TWO), *tasks.progress(scene, owing)]


def _dealt(scene: Scene, agencies: Sequence[Agency], deck: Sequence[tuple[Story, int]], usual: Story) -> list[DemoMail]:
    """Every agency one story, drawn."""
    cards = [story for story, count in deck for _ in range(count)][: len(agencies)]
    cards += [usual] * (len(agencies) - len(cards))
    scene.rng.shuffle(cards)
    return [mail for agency, story in zip(agencies, cards, strict=True) for mail in story(scene, agency)]


def _noise(first: Scene, second: Scene, owing: Sequence[Agency], below: Sequence[Agency]) -> list[DemoMail]:
    one, two, three = (first.rng.choice(owing) for _ in range(3))
    mails = [
        noise.away(first, one),
        noise.bounce(first),
        noise.newsletter(first, one),
        noise.invitation(first, two),
        noise.newsletter(second, one),
        noise.nested(second, three),
        noise.poison(second, two),
    ]
    return mails + [noise.owes_nothing(scene, agency) for scene, agency in zip((first, second), below, strict=False)]


def classes_at(mails: Sequence[DemoMail], roster: Sequence[Agency], period: str, at: datetime) -> dict[str, str]:
    """Code → class for every agency that owes the period, as of a moment after its cutoff, by what the stories say."""
    kind = period.partition(":")[0]
    classes = {agency.code: "missing" for agency in roster if any(owed.text == kind for owed in agency.reports)}
    for mail in mails:
        for expected in mail.expect:
            if expected.period == period and mail.deliver_at <= at:
                classes[expected.agency] = expected.due_class
    return classes
