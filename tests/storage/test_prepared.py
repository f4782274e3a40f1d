"""Statements given to the driver as they are do what SQLAlchemy does with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from storage.among import among
from storage.engine import reading, writing
from storage.ledger import Ledger
from storage.prepared import WRITING, ask, plain, prepared, write, write_many
from storage.rows import insertion
from storage.tables import table

AT = datetime(2017, 7, 21, 3, tzinfo=UTC)
_due, _step, _mail, _roster = table("due"), table("step"), table("mail"), table("roster")
_STEPS = select(_step).where(_step.c.type == "weekly", among(_step.c.step, "steps"))
_ONE_STEP = select(_step.c.step, _step.c.at, _step.c.detail).where(_step.c.step == bindparam("name"))
_FIRST = select(_step.c.step.label("of"), _step.c.seq).order_by(_step.c.step).limit(bindparam("most"))
_GONE = delete(_step).where(_step.c.step == bindparam("name"))


def step(name: str, seq: int, **detail: Any) -> dict[str, Any]:
    return {"type": "weekly", "period": "weekly:2017-07-21", "step": name, "at": AT, "detail": detail, "seq": seq}


@pytest.fixture
def connection(ledger: Ledger) -> Iterator[Connection]:
    with ledger.write(AT) as tx:
        entries = tx.log_many([("step", "a", {}), ("step", "b", {}), ("step", "c", {})])
        numbers = [entry.seq for entry in entries]
    with writing(ledger.engine) as connection:
        write(connection, insertion(_step), step("closed", numbers[0], who="ai đó"))
        write_many(connection, insertion(_step), [step("digest", numbers[1], n=[1, None]), step("missing", numbers[2])])
        yield connection


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (_STEPS, {"steps": ["closed", "missing", "never"]}),
        (_STEPS, {"steps": []}),
        (_ONE_STEP, {"name": "digest"}),
        (_ONE_STEP, {"name": "never"}),
        (_FIRST, {"most": 2}),
    ],
)
def test_the_rows_are_those_of_sqlalchemy(connection: Connection, statement: Any, given: dict[str, Any]) -> None:
    theirs = connection.execute(statement, given)
    names, rows = tuple(theirs.keys()), [tuple(row) for row in theirs]
    assert [tuple(row) for row in ask(connection, statement, given)] == rows
    found, bare = plain(connection, statement, given)
    assert (found, [tuple(row) for row in bare]) == (names, rows)


def test_a_row_has_the_columns_names_and_values_of_their_types(connection: Connection) -> None:
    (row,) = ask(connection, _ONE_STEP, {"name": "digest"})
    assert (row.step, row.at, row.detail) == ("digest", AT, {"n": [1, None]})
    assert [row.of for row in ask(connection, _FIRST, {"most": 1})] == ["closed"]


def test_days_and_switches_are_read_as_such(ledger: Ledger) -> None:
    with ledger.write(AT) as tx:
        seq = tx.log("roster", "a").seq
        row = {"csv": "", "sha256": "0", "effective": date(2017, 7, 1), "seq": seq, "at": AT}
        _, number = write(tx.connection, insertion(_roster), row)
        (found,) = ask(tx.connection, _ROSTER, {"number": number})
    assert found.effective == date(2017, 7, 1)


_ROSTER = select(_roster.c.effective).where(_roster.c.id == bindparam("number"))


def test_a_write_says_how_many_rows_it_met_and_is_told_to_whoever_listens(connection: Connection) -> None:
    told: list[str] = []
    connection.info[WRITING] = lambda rows: told.append(rows.name)
    assert write(connection, _GONE, {"name": "closed"})[0] == 1
    assert write(connection, _GONE, {"name": "closed"})[0] == 0
    assert told == ["step", "step"]


def test_a_refused_row_is_sqlalchemys_error(connection: Connection) -> None:
    (known,) = ask(connection, _ONE_STEP, {"name": "closed"})
    row = step(known.step, 1)
    with pytest.raises(IntegrityError), connection.begin_nested():
        write(connection, insertion(_step), row)
    with pytest.raises(IntegrityError), connection.begin_nested():
        write_many(connection, insertion(_step), [row])


def test_only_sqlite_inside_a_transaction_is_given_it_bare(ledger: Ledger) -> None:
    with reading(ledger.engine) as inside:
        bare = prepared(inside, _ONE_STEP, {"name": "x"})
    with ledger.engine.connect() as outside:
        assert prepared(outside, _ONE_STEP, {"name": "x"}) is None
        assert ask(outside, _ONE_STEP, {"name": "x"}) == []
    assert (bare is not None) == (ledger.engine.dialect.name == "sqlite")


def test_a_column_left_out_gets_the_tables_value(ledger: Ledger) -> None:
    mail = {
        "sha256": "0",
        "size": 1,
        "state": "stored",
        "received_at": AT,
        "internaldate": AT,
        "seen_at": AT,
        "facts": {},
    }
    with writing(ledger.engine) as connection:
        write(connection, insertion(_mail), mail)
        connection.execute(insertion(_mail), mail | {"sha256": "1"})
        first, second = (dict(zip(*plain_row(connection, sha256), strict=True)) for sha256 in "01")
    assert (first["attempts"], first["version"], first["from_address"]) == (0, 1, "")
    assert first | {"id": 0, "sha256": ""} == second | {"id": 0, "sha256": ""}


def plain_row(connection: Connection, sha256: str) -> tuple[tuple[str, ...], Any]:
    names, rows = plain(connection, _MAIL, {"sha": sha256})
    return names, rows[0]


_MAIL = select(_mail).where(_mail.c.sha256 == bindparam("sha"))


def test_a_value_made_anew_for_every_row_is_made_by_sqlalchemy(connection: Connection) -> None:
    bare = {name: value for name, value in step("opened", 1).items() if name != "detail"}
    write(connection, insertion(_step), bare)
    assert prepared(connection, insertion(_step), bare) is None
    assert [row.detail for row in ask(connection, _ONE_STEP, {"name": "opened"})] == [{}]
