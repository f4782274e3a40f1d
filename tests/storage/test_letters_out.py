"""Promise 4: a letter goes out once; every change of its state is a compare-and-set and a row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.ledger import Ledger
from storage.outbox import Fate, Outbox
from storage.read_letters import _READERS_SINCE
from storage.records import Letter
from tests.storage.ledger_samples import BOT, DUE, EARLY, kept, letter, plan_of
from tests.storage.sending import claim, failed, retry, sent, unknown

MINUTE = timedelta(minutes=1)


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    return Outbox(ledger)


def owed(ledger: Ledger, about: str = "mail:1", kind: str = "acknowledgement", **more: object) -> Letter:
    with ledger.write(EARLY) as tx:
        return tx.add_letter(letter(about, kind, **more), BOT)


def test_the_message_id_is_final_and_the_position_printed_is_the_logs(ledger: Ledger) -> None:
    first = owed(ledger)
    assert first.message_id.startswith("<acknowledgement.1.")
    assert first.message_id.endswith(f"@{BOT}>")
    with ledger.read() as q:
        entry = q.entry(first.seq)
        assert entry is not None
        assert entry.payload is not None
        assert (entry.hash, entry.subject, entry.payload["message_id"]) == (first.hash, "mail:1", first.message_id)
        assert q.letter_by_message_id(first.message_id) == first
        assert q.letter_by_message_id("<other@x>") is None


def test_the_same_letter_is_owed_once(ledger: Ledger) -> None:
    first = owed(ledger)
    assert owed(ledger, facts={"other": 1}) == first
    second = owed(ledger, n=2)
    assert second.message_id != first.message_id
    with ledger.read() as q:
        assert q.next_letter_n("mail:1", "acknowledgement") == 3
        assert q.next_letter_n("mail:1", "correction") == 1
        assert len(q.letters()) == 2


def test_claim_send_mark(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (claimed,) = claim(outbox, DUE)
    assert (claimed.state, claimed.attempts, claimed.claimed_at) == ("sending", 1, DUE)
    assert claim(outbox, DUE) == ()
    sent(outbox, claimed, DUE + MINUTE, "250 ok", "a" * 64)
    with ledger.read() as q:
        (done,) = q.letters(state="sent")
        assert (done.sent_at, done.smtp_reply, done.raw_sha256) == (DUE + MINUTE, "250 ok", "a" * 64)
        assert [(c.before, c.after) for c in q.letter_changes(done.id)] == [
            (None, "pending"), ("pending", "sending"), ("sending", "sent"),
        ]  # fmt: skip
        head = q.head()
        assert head is not None
        assert (head.kind, head.subject) == ("letter_sent", "mail:1")
    failed(outbox, claimed, DUE + MINUTE, "550")  # settled already: nothing changes
    with ledger.read() as q:
        assert q.outbox_counts() == {"sent": 1}


def test_a_passing_refusal_waits_for_its_next_try(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (claimed,) = claim(outbox, DUE)
    retry(outbox, claimed, DUE, DUE + 5 * MINUTE, "451 later")
    assert claim(outbox, DUE + MINUTE) == ()
    (again,) = claim(outbox, DUE + 5 * MINUTE)
    assert (again.attempts, again.message_id) == (2, claimed.message_id)
    failed(outbox, again, DUE + 6 * MINUTE, "550 no such user")
    with ledger.read() as q:
        assert [x.smtp_reply for x in q.letters(state="failed")] == ["550 no such user"]
        assert q.outbox_counts() == {"failed": 1}


def test_an_old_claim_cannot_speak_for_a_newer_one(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (first,) = claim(outbox, DUE)
    retry(outbox, first, DUE, DUE, "451")
    claim(outbox, DUE)
    sent(outbox, first, DUE, "250", "a" * 64)
    with ledger.read() as q:
        assert q.outbox_counts() == {"sending": 1}


def test_a_letter_that_is_no_longer_owed_is_not_claimed(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (ready,) = outbox.ready(DUE)
    outbox.settle(ready.message_id, DUE)
    assert outbox.turn(DUE, None, ready, "a" * 64) is None
    assert outbox.pending() == 0


def test_a_letter_left_in_sending_by_a_crash_is_unknown_until_our_copy_shows(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (claimed,) = claim(outbox, DUE)
    (doubtful,) = outbox.stale_sending(DUE + MINUTE)
    assert doubtful.state == "unknown"
    settled = outbox.settle(claimed.message_id, DUE + 2 * MINUTE, "c" * 64)
    assert settled is not None
    assert (settled.state, settled.sent_at, settled.raw_sha256) == ("sent", DUE, "c" * 64)
    assert outbox.settle(claimed.message_id, DUE + 2 * MINUTE) is None
    assert outbox.settle("<nobody@x>", DUE + 2 * MINUTE) is None


def test_unseen_for_a_quarter_of_an_hour_it_goes_again_under_the_same_id(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger)
    (claimed,) = claim(outbox, DUE)
    unknown(outbox, claimed, DUE, "timeout after DATA", "b" * 64)
    assert outbox.resend_unknown(DUE + 14 * MINUTE) == ()
    (again,) = outbox.resend_unknown(DUE + 15 * MINUTE)
    assert (again.state, again.message_id, again.raw_sha256) == ("pending", claimed.message_id, "b" * 64)
    assert [x.attempts for x in claim(outbox, DUE + 15 * MINUTE)] == [2]
    (doubtful,) = outbox.stale_sending(DUE + 16 * MINUTE)
    assert doubtful.raw_sha256 == "b" * 64  # the bytes that may be out there are not forgotten


def test_a_bounce_makes_a_sent_letter_failed(ledger: Ledger, outbox: Outbox) -> None:
    bounce = kept(ledger, b"bounce")
    owed(ledger)
    (claimed,) = claim(outbox, DUE)
    sent(outbox, claimed, DUE, "250", "a" * 64)
    with ledger.write(DUE + MINUTE) as tx:
        assert tx.letter_bounced(claimed.id, bounce)
        assert not tx.letter_bounced(claimed.id, bounce)
        assert not tx.letter_bounced(99, bounce)
        (failed,) = tx.letters(state=("failed", "sent"))
    assert failed.smtp_reply == f"bounced: mail {bounce}"


def test_claims_come_oldest_first_and_no_more_than_asked_for(ledger: Ledger, outbox: Outbox) -> None:
    numbers = [owed(ledger, f"mail:{n}").id for n in range(5)]
    owed(ledger, "mail:9", state="withheld", withheld_because="budget")
    assert [x.id for x in claim(outbox, DUE, limit=3)] == numbers[:3]
    assert [x.id for x in claim(outbox, DUE)] == numbers[3:]


def test_which_letters_left_about_a_period_is_known_without_reading_them(ledger: Ledger, outbox: Outbox) -> None:
    owed(ledger, "due:weekly:2017-07-21/SYT", "reminder", agency="SYT", period="weekly:2017-07-21")
    owed(ledger, "due:weekly:2017-07-21/SNV", "reminder", agency="SNV", period="weekly:2017-07-21")
    owed(ledger, "period:weekly:2017-07-21", "digest", period="weekly:2017-07-21")
    first, _, digest = outbox.ready(DUE)
    for one in (first, digest):
        claimed = outbox.turn(DUE, None, one)
        assert claimed is not None
        outbox.turn(DUE, Fate(claimed, "sent", "250", sent_at=DUE))
    with ledger.read() as q:
        assert q.kinds_sent("weekly:2017-07-21") == (("SYT", "reminder"),)


def test_the_budgets_of_an_hour_walk_no_letter_a_flood_left_unanswered(ledger: Ledger) -> None:
    for n in range(50):
        owed(ledger, f"mail:{n}", state="withheld", withheld_because="automatic")
    with ledger.read() as q:
        assert "ix_letter_created_at_counted" in plan_of(q, _READERS_SINCE, since=EARLY)


def test_letters_are_found_by_what_they_are_about(ledger: Ledger) -> None:
    owed(ledger, "mail:17", agency="SNV", period="weekly:2017-07-21")
    owed(ledger, "due:weekly:2017-07-21/SYT", "reminder", agency="SYT", period="weekly:2017-07-21", to=("a@x", "b@x"))
    owed(ledger, "mail:18", state="withheld", withheld_because="automatic")
    with ledger.read() as q:
        assert [x.about for x in q.letters(mail_id=17)] == ["mail:17"]
        assert [x.about for x in q.letters(kind="reminder")] == ["due:weekly:2017-07-21/SYT"]
        assert [x.to for x in q.letters(agency="SYT")] == [("a@x", "b@x")]
        assert [x.withheld_because for x in q.letters(about="mail:18", state="withheld")] == ["automatic"]
        assert q.letters_since(EARLY) == 2
        assert q.letters_since(EARLY, to="b@x") == 1
        assert q.letters_since(DUE) == 0
        assert q.letter(99) is None
