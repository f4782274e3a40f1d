"""Many values as one: the same rows as a list of them, by the same index."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, and_, select, text

from storage.among import among
from storage.engine import open_engine, upgrade
from storage.tables import table

_key, _mail = table("log_key"), table("mail")


@pytest.fixture
def connection(engine):
    with engine.begin() as opened:
        one = "VALUES (:n, :sha, 1, 'stored', 1, 0, :at, :at, :at, '', '', '{}', '')"
        names = "id, sha256, size, state, version, attempts, received_at, internaldate, seen_at, from_address, subject, facts, search"
        for n in range(1, 6):
            given = {"n": n, "sha": f"s{n}", "at": "2017-07-21T03:00:00.000000Z"}
            opened.execute(text(f"INSERT INTO mail ({names}) {one}"), given)
        yield opened


def test_numbers_and_texts_are_found_among_many(connection: Connection) -> None:
    ids = select(_mail.c.id).order_by(_mail.c.id)
    assert list(connection.execute(ids.where(among(_mail.c.id, [5, 2, 99]))).scalars()) == [2, 5]
    assert list(connection.execute(ids.where(among(_mail.c.sha256, ("s1", "s\"'", "s4")))).scalars()) == [1, 4]
    assert list(connection.execute(ids.where(among(_mail.c.id, set()))).scalars()) == []
    named = ids.where(and_(among(_mail.c.id, "numbers"), _mail.c.sha256 > "s2"))
    assert list(connection.execute(named, {"numbers": range(1, 5)}).scalars()) == [3, 4]
    assert list(connection.execute(named, {"numbers": range(5000)}).scalars()) == [3, 4, 5]


def test_sqlite_asks_its_index_for_each(tmp_path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/l.db")
    upgrade(engine)
    asked = select(_mail.c.id).where(among(_mail.c.sha256, "many"), _mail.c.state == "stored")
    with engine.connect() as opened:
        sql = str(asked.compile(engine))
        plan = " ".join(str(row) for row in opened.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]", "stored")))
    engine.dispose()
    assert "SEARCH mail USING INDEX" in plan
    assert "SCAN mail" not in plan
