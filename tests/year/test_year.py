"""A reduced year: ten weeks of a small province with Tết, a reorganisation, moved cutoffs, corrections, waivers, strangers.

The whole year of 200 agencies is ``make year``. Every class agrees with an oracle that shares no code with the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.servers.smtp_sink import SmtpSink
from tests.year import comparing
from tests.year.replay import Lived, live
from tests.year.stories import simulate

pytestmark = pytest.mark.slow
REORGANISED = date(2025, 3, 1)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    year = simulate(11, 7, date(2025, 1, 13), date(2025, 3, 21), REORGANISED, often=False)
    sink = SmtpSink().start()
    with live(year, tmp_path_factory.mktemp("year"), sink.port) as lived:
        yield lived
    sink.stop()


@pytest.mark.timeout(240)
def test_every_class_agrees_with_the_oracle_when_it_is_over(lived: Lived):
    assert comparing.differences(lived, lived.year.stops[-1]) == []


def test_every_class_agrees_as_of_moments_on_the_way(lived: Lived):
    stops = lived.year.stops
    for at in (stops[len(stops) // 4], stops[len(stops) // 2] + timedelta(minutes=1), stops[-len(stops) // 5]):
        assert comparing.differences(lived, at) == []


def test_the_provinces_sums_are_those_of_the_oracle(lived: Lived):
    for key in ("weekly:2025-02-07", "weekly:2025-03-14", "monthly:2025-02"):
        assert comparing.sums_differ(lived, key, lived.year.stops[-1]) == []


def test_the_ten_weeks_are_worth_something(lived: Lived):
    """Tết is in it, the reorganisation, every class, and both kinds of decisions."""
    with lived.desk.ledger.read() as q:
        keys = {row.key: row for row in q.periods()}
        assert keys["weekly:2025-01-31"].skipped
        assert keys["monthly:2025-01"].due_at > keys["monthly:2025-01"].due_original
        before, after = ({d.agency for d in q.dues(f"weekly:2025-{day}")} for day in ("02-21", "03-14"))
        states = q.state_counts()
    assert before - after
    assert after - before
    assert {act.what for act in lived.year.acts} >= {"move", "withdraw"}
    assert states["recorded"] > 50
    tags = Counter(mail.tag.split(" ", 2)[-1] for mail in lived.year.mails)
    assert len(tags) >= 12


@pytest.mark.timeout(240)
def test_lived_twice_the_log_differs_in_nothing_but_what_is_random_by_design(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The second time on a machine so slow that letters would have left between any two mails, and every mail is slow to read."""
    year = simulate(5, 4, date(2025, 2, 3), date(2025, 2, 14), REORGANISED, often=False)
    logs = []
    for n in ("first", "second"):
        monkeypatch.setattr("intake.flow.SEND_EVERY", 0.0 if n == "second" else 600.0)
        monkeypatch.setattr("intake.readers.PATIENCE", 0.0 if n == "second" else 600.0)
        sink = SmtpSink().start()
        (tmp_path / "office").mkdir()
        with live(year, tmp_path / "office", sink.port) as lived:
            logs.append(comparing.log_of(lived))
        (tmp_path / "office").rename(tmp_path / n)  # the log names the mailbox: the same one both times
        sink.stop()
    assert len(logs[0]) > 50
    assert logs[0] == logs[1]
