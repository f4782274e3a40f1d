"""What a reading states, light: written with it, for good, and the same as the report itself says."""

from __future__ import annotations

import importlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.ledger import Ledger
from storage.read_console import _NUMBERS
from storage.records import Reading
from storage.stated_tables import follows, report_of, stated_by
from tests.storage.ledger_samples import EARLY, kept

REPORT = {
    "n": 1,
    "type": "weekly",
    "form": "weekly@1",
    "number": "245/BC-STC",
    "figures": {
        "received": {"value": 1625, "state": "number", "basis": "period", "raw": "1.625", "where": {"page": 1}},
        "share": {"value": 95.51, "state": "number", "basis": "cumulative", "raw": "95,51", "where": None},
        "none": {"value": None, "state": "nil", "basis": "period", "raw": "không", "where": None},
    },
    "findings": [{"code": "A01"}],
    "texts": {},
}


def test_a_reading_leaves_what_it_states_and_nothing_changes_that(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        number = tx.add_reading(Reading(mail_id, 1, 1, "weekly@1", "0" * 64, "docx/1", EARLY, REPORT))
    with ledger.read() as q:
        assert q.report_numbers([number, number + 1]) == {number: "245/BC-STC"}
        if q.connection.dialect.name == "sqlite":  # a row holds every figure of a report: none is read for its number
            plan = q.connection.execute(text(f"EXPLAIN QUERY PLAN {_NUMBERS['sqlite']}"), {"readings": "[1]"}).all()
            assert "COVERING INDEX ix_stated_number" in str(plan)
        assert q._stated([number]) == {number: report_of(**stated_by(REPORT))}
    for how in ("UPDATE stated SET number = ''", "DELETE FROM stated"):
        with pytest.raises(DBAPIError, match="append-only"), ledger.bare_write() as connection:
            connection.execute(text(how))


def test_of_each_figure_state_basis_and_value_are_kept_as_they_are() -> None:
    light = report_of(**stated_by(REPORT))
    assert light["number"] == REPORT["number"]
    for key, figure in REPORT["figures"].items():
        assert light["figures"][key] == {name: figure[name] for name in ("state", "basis", "value")}
    assert stated_by({}) == {"number": "", "figures": {}}


def test_readings_of_earlier_versions_are_filled_in(ledger: Ledger) -> None:
    migration = importlib.import_module("storage.migrations.versions.0011_stated")
    assert migration._row(7, REPORT) == {
        "reading_id": 7,
        "number": "245/BC-STC",
        "figures": '{"none":["nil","period",null],"received":["number","period",1625],"share":["number","cumulative",95.51]}',
    }
    with pytest.raises(NotImplementedError):
        migration.downgrade()


def test_only_about_how_many_is_kept_and_a_row_written_before_that_holds_still():
    figure = {"state": "number", "basis": "period", "value": 100, "flags": ["approximate", "ocr"]}
    report = {"number": "9/BC", "figures": {"received": figure}}
    said = stated_by(report)
    assert report_of(**said)["figures"]["received"]["flags"] == ["approximate"]
    assert follows(report, **said)
    assert follows(report, "9/BC", {"received": ["number", "period", 100]})
    assert not follows(report, "9/BC", {"received": ["number", "period", 101]})
    assert not follows(report, None, None)
