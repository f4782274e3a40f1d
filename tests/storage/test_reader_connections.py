"""The connections of pages on PostgreSQL: taken as they are when they were used a moment ago, else asked first."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text

from storage import engine as engines
from storage.engine import open_reader, reading
from storage.errors import Unavailable

_PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def reader(empty_postgres_url: str):
    engine = open_reader(empty_postgres_url)
    yield engine
    engine.dispose()


def ended(url: str, pid: int) -> None:
    """The server forgets that session, and has done so when this returns."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:pid, 20000)"), {"pid": pid}).scalar()
    engine.dispose()


def pid_of(reader) -> int:
    with reading(reader) as connection:
        return int(connection.execute(_PID).scalar_one())


def test_a_page_cannot_write_and_begins_nothing_that_takes_longer_than_itself(reader) -> None:
    with reading(reader) as connection:
        shown = [connection.execute(text(f"SHOW {name}")).scalar() for name in
                 ("jit", "max_parallel_workers_per_gather", "transaction_read_only", "transaction_isolation")]  # fmt: skip
    assert shown == ["off", "0", "on", "repeatable read"]


def test_one_used_a_moment_ago_is_used_again_and_one_left_alone_is_asked_first(
    reader, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pid_of(reader)
    assert pid_of(reader) == first
    monkeypatch.setattr(engines, "_TRUSTED", -1.0)
    assert pid_of(reader) == first, "it answers"
    ended(empty_postgres_url, first)
    assert pid_of(reader) != first, "another is opened, and nobody notices"


def test_one_that_went_away_between_two_pages_is_a_passing_fault_once(
    reader, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_TRUSTED", 3600.0)
    first = pid_of(reader)
    ended(empty_postgres_url, first)
    with pytest.raises(Unavailable):
        pid_of(reader)
    assert pid_of(reader) != first
