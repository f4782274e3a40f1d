"""Pages of the log: by key, filtered, as of a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.ledger import Ledger
from storage.records import Decision
from storage.vault import Vault
from tests.storage.ledger_samples import DUE, EARLY, PERIOD, kept, recorded, verdict

MINUTE = timedelta(minutes=1)


@pytest.fixture
def week(ledger: Ledger, vault: Vault) -> Ledger:
    """Mails 1 … 6, a minute apart, of SNV and SYT in turn; then one nobody has read yet."""
    for n in range(6):
        recorded(ledger, vault, b"%d" % n, ("SNV", "SYT")[n % 2], n + 1, EARLY + n * MINUTE)
    kept(ledger, b"last", 9, EARLY + 6 * MINUTE)
    return ledger


def test_pages_follow_each_other_by_key(week: Ledger) -> None:
    pages, before = [], None
    with week.read() as q:
        while page := q.log_page(before_id=before, limit=3):
            pages.append([mail.id for mail in page])
            before = page[-1].id
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


def test_filters_join(week: Ledger) -> None:
    with week.read() as q:
        assert [m.id for m in q.log_page(agency="SYT")] == [6, 4, 2]
        assert [m.id for m in q.log_page(agency="SYT", since=EARLY + 3 * MINUTE)] == [6, 4]
        assert [m.id for m in q.log_page(until=EARLY + MINUTE)] == [1]
        assert [m.id for m in q.log_page(state="stored")] == [7]
        assert [m.id for m in q.log_page(period=PERIOD, type="weekly", text="tuan syt")] == [6, 4, 2]
        assert q.log_page(period="weekly:2017-07-28") == ()
        assert q.log_page(type="monthly") == ()
        assert q.log_page(text="%") == ()
        assert q.log_page(text="_") == ()


def test_as_of_shows_mails_as_the_log_knew_them(week: Ledger) -> None:
    with week.write(DUE) as tx:
        claim = tx.submissions(2)[0]
        tx.add_verdict(verdict(claim.id, "SGD"))
        tx.move_mail(7, "reading", expect=("stored",))
    with week.read() as q:
        assert [m.id for m in q.log_page(as_of=EARLY)] == [1]
        assert [(m.id, m.state) for m in q.log_page(limit=1)] == [(7, "reading")]
        assert [(m.id, m.state, m.judged_at) for m in q.log_page(limit=1, as_of=DUE - MINUTE)] == [(7, "stored", None)]
        assert [m.id for m in q.log_page(state="stored", as_of=DUE - MINUTE)] == [7]
        assert [m.id for m in q.log_page(agency="SGD")] == [2]
        assert q.log_page(agency="SGD", as_of=DUE - MINUTE) == ()
        assert 2 in [m.id for m in q.log_page(agency="SYT")]  # what it says of itself is still found


def test_a_mail_set_aside_later_was_not_so_then(week: Ledger) -> None:
    with week.write(DUE) as tx:
        tx.begin_attempt(7)
        tx.move_mail(7, "set_aside", expect=("reading",), why="timeout")
    with week.read() as q:
        (then,) = q.log_page(limit=1, as_of=DUE - MINUTE)
        (now,) = q.log_page(limit=1)
    assert (then.state, then.reason, now.state, now.reason) == ("stored", None, "set_aside", "timeout")


def test_the_timeline_of_a_mail_tells_its_whole_story(week: Ledger) -> None:
    with week.write(DUE, actor="cli:root") as tx:
        claim = tx.submissions(1)[0]
        tx.add_decision(Decision(f"submission:{claim.id}", "refuse", "accepted", "refused", "not theirs", "cli:root"))
    with week.read() as q:
        story = q.timeline(1)
    assert [line["kind"] for line in story] == [
        "kept", "state", "reading", "submission", "verdict", "letter", "state", "decision",
    ]  # fmt: skip
    assert (story[-1]["actor"], story[-1]["at"], story[-1]["payload"]["reason"]) == ("cli:root", DUE, "not theirs")
    seqs = [line["seq"] for line in story]
    assert seqs == sorted(seqs)


def test_entries_are_paged_by_position(week: Ledger) -> None:
    with week.read() as q:
        head = q.head()
        assert head is not None
        everything = q.entries()
        assert [e.seq for e in everything] == list(range(1, head.seq + 1))
        assert q.entries(after_seq=3, limit=2) == everything[3:5]
        assert q.entry(head.seq + 1) is None
        assert {e.subject for e in q.entries_about(["mail:1"])} == {"mail:1"}


def test_a_mail_stands_aside_from_when_it_was_noted_until_it_is_taken_up(week: Ledger) -> None:
    for n, agency in enumerate(("SNV", "")):
        with week.write(DUE + n * MINUTE) as tx:
            assert [m.id for m, _ in tx.aside()] == [7] * n
            tx.note_aside(7, agency)
            assert [whose for _, whose in tx.aside()] == [agency] * (not n), "known to the transaction that wrote it"
    with week.read() as q:
        assert q.aside() == q.aside(DUE - MINUTE) == ()
        assert [(mail.id, agency) for mail, agency in q.aside(DUE)] == [(7, "SNV")]
        assert q.stamp().aside > 0
