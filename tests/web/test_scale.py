"""The great ledger at a small size: what is written in bulk is what the service would have written, and every page is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import great_ledger, pages
from intake.config import load
from intake.wiring import open_reader_ledger
from storage.proof import examine

MAILS, AGENCIES = 400, 8
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_page_of_a_ledger_written_in_bulk_is_given(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sqlite = f"sqlite:///{tmp_path}/ledger.db"
    url = sqlite if database == "sqlite" else request.getfixturevalue("empty_postgres_url")
    config = great_ledger.place(tmp_path, url, MAILS, AGENCIES)
    written = great_ledger.fill(config, MAILS, AGENCIES)
    assert written["mail"] == pytest.approx(MAILS, rel=0.1)
    assert written["log_entry"] >= written["mail"] + written["submission"]
    with open_reader_ledger(load(config, {})) as ledger, ledger.read() as q:
        chain = [
            problem for problem in examine(q, None).problems if problem["code"] in ("gap", "link", "entry", "payload")
        ]
        place = q.log_page(text="dakrong", limit=2)
        assert len(place) == 2
        assert len(q.log_page(agency="X003", type="weekly", limit=3)) == 3
    assert chain == []
    found = pages.measured(tmp_path, 1, rounds=2)
    assert len(found) > 30
    assert all(took.status in (200, 303) for some in found.values() for took in some)
