"""A question asked twice is asked of the database once, and a write to what it was answered from is seen at once."""

from __future__ import annotations

from sqlalchemy import event

from storage.engine import open_engine
from storage.ledger import Ledger
from tests.storage.ledger_samples import DUE, PERIOD, due, period


def test_a_question_is_put_to_the_database_once_until_its_table_is_written_to(sqlite_url: str):
    engine = open_engine(sqlite_url)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with Ledger(engine).write(DUE) as tx:
        tx.open_period(period(), [due("SNV"), due("STC")])
        first = tx.dues(PERIOD)
        asked.clear()
        assert tx.dues(PERIOD) == first
        assert tx.due(PERIOD, "STC") == first[1]
        assert asked == []
        tx.change_due(due("STC", status="waived"))
        changed = tx.due(PERIOD, "STC")
    assert changed is not None
    assert changed.status == "waived"
    assert any("due" in statement for statement in asked)
