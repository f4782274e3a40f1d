"""A batch of mails is kept as its mails would be one by one, a few statements for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import event, select, text

from storage.ledger import Ledger
from storage.records import Mail
from storage.tables import table
from tests.storage.ledger_samples import DUE, EARLY, sha, sighting

HOUR = timedelta(hours=1)


def about(ledger: Ledger, mail_id: int) -> tuple[Mail, list[object], list[object]]:
    """Its row, its sightings and its log, without what tells one mail from another."""
    with ledger.read() as q:
        mail = q.mail(mail_id)
        assert mail is not None
        seen: list[object] = [replace(one, sha256="", uid=0, size=0, mail_id=0) for one in q.sightings(mail_id=mail_id)]
        hidden = ("sha256", "uid", "size", "row_sha256")
        log: list[object] = [
            (entry.kind, entry.actor, {k: v for k, v in (entry.payload or {}).items() if k not in hidden})
            for entry in q.entries_about([f"mail:{mail_id}"])
        ]
    return replace(mail, id=0, sha256="", size=0), seen, log


def test_a_batch_is_kept_as_its_mails_would_be_one_by_one(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        alone, _ = tx.keep(sighting(b"one", 1, DUE))
        together = tx.keep_all([sighting(b"%d" % n, n, DUE, border_received=None) for n in range(2, 6)])
    assert [new for _, new in together] == [True] * 4
    for mail_id, _ in together:
        assert about(ledger, mail_id) == about(ledger, alone)


def test_each_of_a_batch_has_its_own_content_clocks_and_number(ledger: Ledger) -> None:
    batch = [sighting(b"%d" % n, n, DUE + n * HOUR, border_received=DUE - n * HOUR) for n in (3, 1, 2)]
    with ledger.write(EARLY) as tx:
        ids = [mail_id for mail_id, _ in tx.keep_all(batch)]
    assert ids == sorted(set(ids))
    with ledger.read() as q:
        for mail_id, one in zip(ids, batch, strict=True):
            mail = q.mail(mail_id)
            assert mail is not None
            assert (mail.sha256, mail.internaldate, mail.border_received) == (
                one.sha256,
                one.internaldate,
                one.border_received,
            )
            assert mail.received_at == one.border_received
            assert [(s.uid, s.sha256) for s in q.sightings(mail_id=mail_id)] == [(one.uid, one.sha256)]


def test_the_log_of_a_batch_is_one_chain_and_pins_every_row(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.keep(sighting(b"before", 1))
        tx.keep_all([sighting(b"%d" % n, n) for n in range(2, 30)])
        tx.keep(sighting(b"after", 30))
    with ledger.read() as q:
        entries = q.entries()
        assert [entry.seq for entry in entries] == list(range(1, 31))
        assert all(one.hash == two.prev for one, two in pairwise(entries))
        state = table("mail_state")
        rows = q.connection.execute(select(state.c.mail_id, state.c.seq).order_by(state.c.seq)).all()
    assert [f"mail:{mail_id}" for mail_id, _ in rows] == [entry.subject for entry in entries]


def test_when_the_mails_of_a_batch_were_received_is_known_to_the_search(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.keep_all([sighting(b"%d" % n, n, DUE + n * HOUR) for n in range(5)])
    with ledger.read() as q:
        spans = q.connection.execute(text("SELECT count(*) FROM mail_span")).scalar()
        span = table("mail_span")
        first, last = q.connection.execute(select(span.c.first, span.c.last)).one()
    assert spans == 1
    assert (first, last) == (DUE, DUE + 4 * HOUR)


def test_a_batch_that_holds_a_known_mail_or_one_twice_is_kept_one_by_one(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        known, _ = tx.keep(sighting(b"known", 1))
        kept = tx.keep_all([sighting(b"new", 2), sighting(b"known", 3, folder="Junk"), sighting(b"known", 1)])
        twice = tx.keep_all([sighting(b"twice", 4), sighting(b"twice", 5)])
        assert tx.keep_all([]) == []
    assert [new for _, new in kept] == [True, False, False]
    assert kept[1][0] == kept[2][0] == known
    assert twice[0][0] == twice[1][0]
    assert [new for _, new in twice] == [True, False]
    with ledger.read() as q:
        assert {mail.sha256 for mail in q.mails()} == {sha(raw) for raw in (b"known", b"new", b"twice")}
        assert q.sighting_count() == 5


def test_a_batch_takes_as_many_statements_as_a_few_mails(ledger: Ledger) -> None:
    asked: list[int] = []
    with ledger.write(EARLY) as tx:
        for size in (2, 40):
            said: list[str] = []
            listen = lambda *_, said=said: said.append("")  # noqa: E731
            event.listen(tx.connection, "before_cursor_execute", listen)
            tx.keep_all([sighting(b"%d of %d" % (n, size), 100 * size + n) for n in range(size)])
            event.remove(tx.connection, "before_cursor_execute", listen)
            asked.append(len(said))
    assert asked[0] + 2 >= asked[1]
