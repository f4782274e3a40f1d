"""Parts of a value kept as JSON, taken out by the database: what the whole holds there, to the digit."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage.picking import picked
from storage.tables import table

_meta = table("meta")
WHOLE = {
    "number": '245/BC-"STC"',
    "texts": {"proposals": "Kiến nghị\n“A”"},
    "figures": {"on_time": {"value": 95.5, "flags": ["x"], "where": None}, "resolved": {"value": 12345678901234567890}},
}


@pytest.fixture
def connection(engine):
    with engine.begin() as opened:
        opened.execute(_meta.insert(), [{"key": "a", "value": WHOLE}, {"key": "b", "value": {"figures": {}}}])
        yield opened


def of(connection, under, keys):
    asked = select(_meta.c.key, picked(connection, _meta.c.value, under, keys)).order_by(_meta.c.key)
    return [said for key, said in connection.execute(asked).all() if key in ("a", "b")]


def test_only_what_is_asked_for_comes_and_it_is_what_was_kept(connection) -> None:
    figures = of(connection, "figures", ("on_time", "resolved", "nothing"))
    assert figures == [
        {**WHOLE["figures"], "nothing": None},
        {"on_time": None, "resolved": None, "nothing": None},
    ]
    texts = of(connection, "", ("number", "texts"))
    assert texts == [{"number": WHOLE["number"], "texts": WHOLE["texts"]}, {"number": None, "texts": None}]
