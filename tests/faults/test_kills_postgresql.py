"""F1 to F15 on PostgreSQL: kill -9 at every step and at random moments; the judge finds nothing (tests/faults/checker.py)."""

from __future__ import annotations

import pytest

from tests.faults import kills
from tests.faults.cells import cell
from tests.faults.province import Maker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@cell("F1-F14")
def test_killed_at_every_step_nothing_is_lost_and_nothing_is_said_twice(make: Maker, postgres: str):
    kills.every_step(make(url=postgres))


@cell("F15")
@pytest.mark.parametrize("seed", kills.SEEDS)
def test_killed_at_any_moment_week_after_week_every_promise_holds(make: Maker, postgres: str, seed: int):
    kills.weeks(make(url=postgres), seed)
