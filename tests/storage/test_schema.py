"""The schema: migrations give what the tables say, on both databases, and one killed half-way starts again."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from storage.engine import newest_revision, open_engine, revision, upgrade
from storage.errors import Unavailable
from storage.ledger import Ledger
from storage.tables import METADATA
from tests.storage.ledger_samples import EARLY, kept


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing in it."""
    url = f"sqlite:///{tmp_path}/new/bare.db"
    engine = open_engine(url if request.param == "sqlite" else request.getfixturevalue("empty_postgres_url"))
    yield engine
    engine.dispose()


def _ours(name: str | None, _kind: str, _of: object) -> bool:
    """Everything but the text index, which each database keeps its own way."""
    return name is None or not name.startswith(("mail_text", "tally"))


def test_migrating_an_empty_database_gives_exactly_the_tables_declared(bare: Engine) -> None:
    upgrade(bare)
    upgrade(bare)
    with bare.connect() as connection:
        assert revision(connection) == newest_revision()
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        assert compare_metadata(context, METADATA) == []


def test_a_migration_killed_half_way_starts_again(bare: Engine) -> None:
    script = "import sys; from storage.engine import *; upgrade(open_engine(sys.argv[1]))"
    url = bare.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", script, url], env=os.environ | {"FAILPOINT": "in_migration"}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    with bare.connect() as connection:
        assert inspect(connection).get_table_names() == []
    upgrade(bare)
    kept(Ledger(bare))


def test_the_intake_log_is_never_taken_down() -> None:
    first = importlib.import_module("storage.migrations.versions.0001_first")
    with pytest.raises(NotImplementedError, match="backup"):
        first.downgrade()


def test_sqlite_is_set_to_keep_what_it_says_it_keeps(sqlite_url: str) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 3000}
    with open_engine(sqlite_url, timedelta(seconds=3)).connect() as connection:
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_only_a_file_or_a_postgresql_server_will_do(url: str) -> None:
    with pytest.raises(ValueError, match="expected sqlite:///path or postgresql://"):
        open_engine(url)


def test_an_unreachable_or_spoilt_database_is_a_passing_fault_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        upgrade(open_engine("postgresql://nobody@127.0.0.1:1/none"))
    (tmp_path / "x.db").mkdir()
    with pytest.raises(Unavailable, match="unable to open"):
        upgrade(open_engine(f"sqlite:///{tmp_path}/x.db"))


def test_a_disk_that_is_full_takes_the_whole_write_back(sqlite_url: str) -> None:
    ledger = Ledger(open_engine(sqlite_url))
    kept(ledger)
    with ledger.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(Unavailable, match="full"), ledger.write(EARLY) as tx:
        tx.log("note", "ledger", {"much": "x" * 100_000})
    with ledger.engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    with ledger.write(EARLY) as tx:
        assert tx.log("note", "ledger").seq == 2
