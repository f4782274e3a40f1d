"""Periods, dues, steps of the clock and rosters: opened once, changed only by further rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from storage.errors import ClockBackwards, NotFound
from storage.ledger import Ledger
from storage.records import RosterVersion, Step
from storage.write_log import JITTER
from tests.storage.ledger_samples import DUE, EARLY, PERIOD, due, period, sha

WEEK = timedelta(days=7)
LATER = "weekly:2017-07-28"


def test_a_period_opens_once_with_its_dues_frozen(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        assert tx.open_period(period(), [due("SYT"), due("SNV")])
        assert not tx.open_period(period(calendar_version="other"), [due("SGD")])
    with ledger.read() as q:
        assert [d.agency for d in q.dues(PERIOD)] == ["SYT", "SNV"]
        row = q.period(PERIOD)
        assert row is not None
        assert (row.due_at, row.calendar_version, q.is_open(PERIOD), q.is_open(LATER)) == (DUE, "", True, False)
        assert q.period(LATER) is None


def test_a_due_of_another_period_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="given with"), ledger.write(EARLY) as tx:
        tx.open_period(period(), [due("SNV", LATER)])
    with ledger.write(EARLY) as tx, pytest.raises(NotFound):
        tx.change_due(due("SNV"))


def test_the_latest_row_of_a_due_counts_and_as_of_finds_the_former(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [due("SNV"), due("SYT")])
    with ledger.write(DUE) as tx:
        tx.change_due(due("SNV", status="extended", due_at=DUE + WEEK, reason="storm", paper="awaited"))
        entry = tx.change_due(due("SNV", status="waived", after_cutoff=True))
    assert (entry.subject, entry.kind) == (f"due:{PERIOD}/SNV", "due_changed")
    with ledger.read() as q:
        assert [(d.agency, d.status) for d in q.dues(PERIOD)] == [("SNV", "waived"), ("SYT", "required")]
        assert [(d.agency, d.status) for d in q.dues(PERIOD, EARLY)] == [("SNV", "required"), ("SYT", "required")]
        now, then = q.due(PERIOD, "SNV"), q.due(PERIOD, "SNV", EARLY)
        assert now is not None
        assert then is not None
        assert (now.status, now.after_cutoff, then.status) == ("waived", True, "required")
        assert [d.status for d in q.due_history(PERIOD, "SNV")] == ["required", "extended", "waived"]
        assert [d.status for d in q.dues_of("SNV")] == ["waived"]
        assert q.due(PERIOD, "SGD") is None


def test_the_dues_at_a_moment_of_their_own_are_found_by_their_latest_word(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [due("SNV"), due("SYT"), due("STC"), due("SGD")])
        assert tx.moved_dues() == {}
        tx.change_due(due("SNV", status="extended", due_at=DUE + WEEK))
        tx.change_due(due("SYT", status="extended", due_at=DUE + WEEK))
        tx.change_due(due("SYT"))
        assert [d.agency for d in tx.moved_dues()[PERIOD]] == ["SNV"]
        tx.change_period(period(due_at=DUE + WEEK, due_why="storm"))
        assert {d.agency for d in tx.moved_dues()[PERIOD]} == {"SYT", "STC", "SGD"}


def test_a_period_is_moved_for_everybody_by_a_further_row(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [])
        tx.open_period(period(LATER, DUE + WEEK), [])
        tx.open_period(period("monthly:2017-07", DUE + WEEK, type="monthly"), [])
    with ledger.write(DUE) as tx:
        tx.change_period(period(due_at=DUE + 2 * WEEK, due_why="storm"))
    with ledger.read() as q:
        assert [p.key for p in q.periods("weekly")] == [LATER, PERIOD]
        assert [p.key for p in q.periods("weekly", as_of=EARLY)] == [PERIOD, LATER]
        assert [p.key for p in q.periods(until=DUE + WEEK)] == ["monthly:2017-07", LATER]
        assert [p.key for p in q.periods(since=DUE + 2 * WEEK)] == [PERIOD]
        assert [(p.key, p.due_why) for p in q.period_changes()] == [(PERIOD, "storm")]
        assert q.period_changes(EARLY) == ()


def test_a_period_changed_before_it_opens_still_opens_once(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.change_period(period(skipped=True, due_why="holiday"))
        assert tx.periods() == ()
        assert tx.open_period(period(skipped=True), [])
        assert not tx.open_period(period(skipped=True), [])
        assert [p.skipped for p in tx.period_changes()] == [True]
        assert [p.key for p in tx.periods()] == [PERIOD]


def test_a_step_of_the_clock_is_done_once(ledger: Ledger) -> None:
    step = Step("weekly", PERIOD, "closed", EARLY, {"due_at": "x"})
    with ledger.write(EARLY) as tx:
        assert tx.add_step(step)
    with ledger.write(DUE) as tx:
        assert not tx.add_step(step)
        assert tx.add_step(Step("weekly", PERIOD, "digest", DUE))
    with ledger.read() as q:
        assert [s.step for s in q.steps("weekly", PERIOD)] == ["closed", "digest"]
        assert q.step("weekly", PERIOD, "closed") == step
        assert q.step("weekly", PERIOD, "missing") is None
        assert q.finished_periods("digest") == {PERIOD}
        assert len(q.steps()) == 2


def test_the_roster_last_imported_is_in_force(ledger: Ledger) -> None:
    old = RosterVersion("code\nSNV\n", sha(b"1"), date(2017, 7, 17))
    new = RosterVersion("code\nSNV\nSYT\n", sha(b"2"), date(2017, 8, 1))
    with ledger.read() as q:
        assert q.roster() is None
    with ledger.write(EARLY) as tx:
        first = tx.import_roster(old)
        assert tx.import_roster(old) == first
    with ledger.write(DUE) as tx:
        second = tx.import_roster(new)
    with ledger.read() as q:
        assert q.roster() == second
        assert q.roster(EARLY) == first
        assert q.rosters() == (first, second)


def test_nothing_is_written_before_the_last_entry(ledger: Ledger) -> None:
    with ledger.write(DUE) as tx:
        tx.log("note", "ledger")
    for clock, at in (("given", DUE - timedelta(microseconds=1)), ("system", DUE - JITTER - timedelta(seconds=1))):
        with pytest.raises(ClockBackwards, match="before the last log entry 1"), ledger.write(at, clock):
            pass


def test_a_machines_clock_that_steps_back_a_little_stands_still(ledger: Ledger) -> None:
    with ledger.write(DUE) as tx:
        tx.log("note", "ledger")
    with ledger.write(DUE - timedelta(seconds=2)) as tx:
        assert tx.at == DUE
        assert tx.log("note", "ledger").at == DUE


def test_the_roster_of_a_day_is_the_one_effective_last_by_then(ledger: Ledger) -> None:
    first, autumn, spring, mended = (
        RosterVersion(f"code\n{name}\n", sha(name.encode()), day)
        for name, day in (
            ("A", date(2017, 7, 17)),
            ("B", date(2017, 10, 1)),
            ("C", date(2018, 3, 1)),
            ("D", date(2017, 10, 1)),
        )
    )
    with ledger.write(EARLY) as tx:
        for version in (first, spring, autumn):
            tx.import_roster(version)
    with ledger.write(DUE) as tx:
        tx.import_roster(mended)
    days = (date(2017, 1, 1), date(2017, 7, 17), date(2017, 9, 30), date(2017, 10, 1), date(2018, 3, 1))
    with ledger.read() as q:
        assert [q.roster(day=day).csv[5] for day in days] == ["A", "A", "A", "D", "C"]
        assert [q.roster(EARLY, day).csv[5] for day in days] == ["A", "A", "A", "B", "C"]
        assert q.roster().csv[5] == "D"
        assert q.roster(EARLY - timedelta(days=1), days[0]) is None
