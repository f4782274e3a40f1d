"""What the two files of kills share: every step killed by name, and weeks lived through under random kills (F1 to F15)."""

from __future__ import annotations

from datetime import timedelta

from tests.faults import scene
from tests.faults.province import Province
from tests.faults.story import POINTS, Story

AT_CLOSING = ("after_close",)
EACH = 60  # kills of one story: a week and its closing
SEEDS = (1, 2, 3)  # one story each, on each database
STEPS = len(POINTS)  # kills by name, on each database
PROMISED = 280  # in ``make check``


def every_step(province: Province) -> None:
    """Killed once at every point of the pipeline, the clock and the outbox; after each the next call puts everything right."""
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    agencies = tuple(scene.AGENCIES)
    for number, point in enumerate(p for p in POINTS if p not in AT_CLOSING):
        province.pass_time(minutes=17)
        province.report(agencies[number % len(agencies)])
        assert province.killed("poll", strike=point), f"{point} is not passed by a poll"
        province.pass_time(seconds=30)
        province.well("poll")
        province.good(quiet=False)
    province.now = scene.cutoff(0) + timedelta(minutes=6)
    province.well("poll")
    for point in AT_CLOSING:
        assert province.killed("tick", strike=point)
    province.settle()
    province.well("tick")
    province.pass_time(hours=1)
    province.settle()
    province.good()
    assert sum(province.tally.values()) == STEPS


def weeks(province: Province, seed: int) -> None:
    """Killed at points and moments drawn by the seed until there were enough of them."""
    story = Story(province, seed)
    for _ in story.rounds():
        if story.kills >= EACH:
            break
    province.settle()
    province.good()
    assert story.kills >= EACH
