"""What was told of the plan's tasks by a period is remembered, and never longer than it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from intake.rules.values import Period
from intake.web import telling
from intake.web.telling import Telling
from storage.engine import open_engine
from storage.ledger import Ledger
from storage.queries import Queries
from tests.storage.ledger_samples import DUE, kept, period, reading, submission, verdict

MONTHS = [f"tasks:2017-0{n}" for n in (7, 8, 9)]


def told(ledger: Ledger, mail: int, key: str, state: str, agency: str = "SNV") -> None:
    """A report of that period says how far task 1.1 is."""
    number = kept(ledger, f"{mail}{state}".encode(), mail, DUE)
    row = {"number": "1.1", "task": "Kiểm tra", "lead": "", "due": "", "due_text": "", "state": state, "said": ""}
    with ledger.write(DUE) as tx:
        read = tx.add_reading(reading(number, report={"n": 1, "figures": {}, "rows": [row]}))
        claim = tx.add_submission(submission(number, agency, type="tasks", reading_id=read))
        tx.add_verdict(verdict(claim.id, agency, type="tasks", period=key, received_at=DUE + timedelta(minutes=mail)))


@pytest.fixture
def listed(sqlite_url: str) -> Iterator[Ledger]:
    """Three months of a list, the first and the third reported."""
    ledger = Ledger(open_engine(sqlite_url))
    with ledger.write(DUE) as tx:
        for n, key in enumerate(MONTHS):
            tx.open_period(period(key, DUE + timedelta(days=30 * n), type="tasks"), [])
    told(ledger, 1, MONTHS[0], "not_begun")
    told(ledger, 3, MONTHS[2], "done")
    yield ledger
    ledger.engine.dispose()


def states(q: Queries, known: Telling, key: str) -> dict[str, str]:
    row = q.period(key)
    assert row is not None
    asked = Period(key, "tasks", row.window_from, row.window_to, row.window_to, row.due_original, row.due_at)
    return {agency: " ".join(one.state for one in mine) for agency, mine in known.by(q, asked, DUE).items()}


def test_what_is_written_about_an_earlier_period_is_seen_by_the_later_ones(
    listed: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[str] = []
    told_after = telling.told_after

    def counted(q: Queries, key: str, *more: Any) -> Any:
        laid.append(key)
        return told_after(q, key, *more)

    monkeypatch.setattr(telling, "told_after", counted)
    known = Telling()
    with listed.read() as q:
        assert [states(q, known, key) for key in MONTHS] == [
            {"SNV": "not_begun"},
            {"SNV": "not_begun"},
            {"SNV": "done"},
        ]
        assert [states(q, known, key) for key in MONTHS[:2]] == [{"SNV": "not_begun"}] * 2
    assert laid == MONTHS, "each period is laid once, whatever is asked for afterwards"
    told(listed, 2, MONTHS[1], "under_way", "SYT")
    with listed.read() as q:
        assert states(q, known, MONTHS[0]) == {"SNV": "not_begun"}
        assert states(q, known, MONTHS[2]) == {"SNV": "done", "SYT": "under_way"}
    assert laid == [*MONTHS, *MONTHS[1:]], "the first month stands as it was laid"


def test_a_period_opened_between_others_or_a_report_moved_to_another_is_laid_anew(listed: Ledger) -> None:
    known = Telling()
    with listed.read() as q:
        assert states(q, known, MONTHS[1]) == {"SNV": "not_begun"}
        moved = q.submissions(1)[0].id
    with listed.write(DUE) as tx:
        tx.open_period(period("tasks:2017-06", DUE - timedelta(days=3), type="tasks"), [])
        tx.add_verdict(verdict(moved, "SNV", type="tasks", period=MONTHS[2], received_at=DUE + timedelta(days=9)))
    with listed.read() as q:
        assert states(q, known, MONTHS[1]) == {}
        assert states(q, known, MONTHS[2]) == {"SNV": "not_begun"}, "the later received report speaks last"
