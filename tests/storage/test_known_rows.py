"""Periods and rosters are read once for a process, and never stale: whoever writes, and whatever is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import known_rows
from storage.engine import open_engine
from storage.ledger import Ledger
from storage.prepared import ask
from storage.records import RosterVersion
from tests.storage.ledger_samples import DUE, EARLY, PERIOD, due, period

WEEK = timedelta(days=7)
LATER = "weekly:2017-07-28"


def keys(ledger: Ledger) -> list[str]:
    with ledger.read() as q:
        return [row.key for row in q.periods()]


def taken_back(ledger: Ledger, seen: list[str]) -> None:
    with ledger.write(DUE) as tx:
        tx.open_period(period(LATER, DUE + WEEK), [])
        seen += [row.key for row in tx.periods()]
        seen[0] += str(1 // 0)


def test_what_another_process_wrote_is_seen_by_the_next_question(ledger: Ledger, url: str) -> None:
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [due("SNV")])
    assert keys(ledger) == [PERIOD]
    other = Ledger(open_engine(url))
    with other.write(DUE) as tx:
        tx.change_period(period(LATER, DUE + WEEK, due_why="storm"))
        tx.open_period(period(LATER, DUE + WEEK), [due("SNV", LATER)])
        tx.import_roster(RosterVersion("code\nSNV\n", "0" * 64, EARLY.date()))
    other.engine.dispose()
    with ledger.read() as q:
        assert [row.key for row in q.periods()] == [PERIOD, LATER]
        assert [row.key for row in q.periods(as_of=EARLY)] == [PERIOD]
        assert [row.key for row in q.period_changes()] == [LATER]
        assert q.period_changes(EARLY) == ()
        assert [row.key for row in q.recent_periods("weekly", DUE + WEEK, 1)] == [LATER]
        assert [version.csv for version in q.rosters()] == ["code\nSNV\n"]
        assert q.rosters(EARLY) == ()


def test_what_was_taken_back_is_forgotten_and_its_number_may_be_another_period_s(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [])
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError):
        taken_back(ledger, seen)
    assert seen == [PERIOD, LATER]
    assert keys(ledger) == [PERIOD]
    with ledger.write(DUE) as tx:
        tx.open_period(period("weekly:2017-08-04", DUE + 2 * WEEK), [])
    assert keys(ledger) == [PERIOD, "weekly:2017-08-04"]


def test_the_same_number_in_another_log_is_another_period(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    ledger = Ledger(engine)
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [])
    assert keys(ledger) == [PERIOD]
    with ledger.bare_write() as connection:  # as a restored backup would: the same numbers, another log
        for name in ("period", "log_entry"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}_no_update")
        connection.exec_driver_sql(f"UPDATE period SET key = '{LATER}'")
        connection.exec_driver_sql("UPDATE log_entry SET hash = 'another'")
    assert keys(ledger) == [LATER]
    engine.dispose()


def test_rows_known_are_not_read_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(sqlite_url)
    ledger = Ledger(engine)
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [])
        tx.open_period(period(LATER, DUE + WEEK), [])
    assert keys(ledger) == [PERIOD, LATER]
    read: list[object] = []
    monkeypatch.setattr(
        known_rows, "ask", lambda *given: read.append((given[2]["number"], len(found := ask(*given)))) or found
    )
    assert keys(ledger) == [PERIOD, LATER]
    assert read == [(2, 1)]  # from the last row known on
    engine.dispose()
