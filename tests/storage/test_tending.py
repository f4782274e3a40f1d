"""The database looks at what its tables hold, so that it chooses its indexes by it."""

from __future__ import annotations

from sqlalchemy import text

from storage.engine import tend
from storage.ledger import Ledger
from tests.storage.ledger_samples import kept


def test_sqlite_knows_its_tables_after_tending_and_nothing_else_changes(ledger: Ledger) -> None:
    for n in range(20):
        kept(ledger, b"%d" % n, n + 1)
    tend(ledger.engine)
    tend(ledger.engine)
    with ledger.read() as q:
        assert len(q.log_page()) == 20
        if ledger.engine.dialect.name == "sqlite":
            looked = set(q.connection.execute(text("SELECT tbl FROM sqlite_stat1")).scalars())
            assert {"mail", "mail_state", "sighting"} <= looked
