"""What is counted along with every write is what counting through would find, on both databases; also what was taken back."""

from __future__ import annotations

import pytest

from storage.ledger import Ledger
from storage.queries import Queries
from storage.vault import Vault
from tests.storage.ledger_samples import DUE, recorded, sighting


def counted(q: Queries) -> None:
    assert q.tally("mail") == q.state_counts()
    assert q.tally("letter") == q.outbox_counts()
    assert q.tally("sighting").get("there", 0) == q.sighting_count()


def broken_off(ledger: Ledger, mail_id: int) -> None:
    with ledger.write(DUE) as tx:
        tx.keep(sighting(b"third", 9, DUE))
        tx.mark_gone(sighting(b"third", 9, DUE).account, "INBOX", 1, [9])
        counted(tx)
        raise ZeroDivisionError(mail_id)


def test_mails_letters_and_sightings_are_counted_along(ledger: Ledger, vault: Vault) -> None:
    with ledger.read() as q:
        assert q.tally("mail") == {}
    first = recorded(ledger, vault, b"first")
    recorded(ledger, vault, b"second", "SYT", 8, DUE)
    with ledger.read() as q:
        counted(q)
        before = q.tally("mail"), q.tally("letter"), q.tally("sighting")
        assert before[0] == {"recorded": 2}
        assert before[2] == {"there": 2}
    with pytest.raises(ZeroDivisionError):
        broken_off(ledger, first)
    with ledger.read() as q:
        assert (q.tally("mail"), q.tally("letter"), q.tally("sighting")) == before
