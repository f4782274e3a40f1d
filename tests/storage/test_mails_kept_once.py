"""Promises 1 and 2: no mail is lost, each is recorded exactly once, however often and wherever it is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.errors import NotFound, Stale
from storage.ledger import Ledger
from storage.read_mails import _PRESENT, _UNFILED
from storage.records import Decision, Explanation, Part, RosterVersion
from storage.tables import APPEND_ONLY, table
from storage.vault import Vault
from tests.storage.ledger_samples import (
    ACCOUNT,
    DUE,
    EARLY,
    PERIOD,
    due,
    kept,
    period,
    plan_of,
    recorded,
    sha,
    sighting,
)

HOUR = timedelta(hours=1)


def test_the_same_bytes_are_one_mail_wherever_they_are_seen(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        first, new = tx.keep(sighting())
        again, new_again = tx.keep(sighting())
        junk, new_junk = tx.keep(sighting(folder="Junk", uid=3))
    assert (new, new_again, new_junk) == (True, False, False)
    assert first == again == junk
    with ledger.read() as q:
        assert len(q.mails()) == 1
        assert [(s.folder, s.uid) for s in q.sightings(mail_id=first)] == [("INBOX", 7), ("Junk", 3)]
        assert q.sighting_count() == 2


def test_another_content_under_the_same_uid_is_another_mail(ledger: Ledger) -> None:
    assert kept(ledger, b"one", uid=7) != kept(ledger, b"other", uid=7)
    with ledger.read() as q:
        assert [s.folder for s in q.sightings()].count("INBOX") == 2


def test_received_is_the_earliest_internaldate_seen(ledger: Ledger) -> None:
    mail_id = kept(ledger, at=DUE + HOUR)
    with ledger.write(DUE + 2 * HOUR) as tx:
        tx.keep(sighting(folder="Junk", at=DUE - HOUR))
        tx.keep(sighting(folder="Archive", at=DUE + 2 * HOUR))
    with ledger.read() as q:
        mail = q.mail(mail_id)
        kinds = [entry["kind"] for entry in q.timeline(mail_id)]
    assert mail is not None
    assert mail.received_at == DUE - HOUR
    assert kinds == ["kept", "received_earlier"]


def test_the_same_sighting_with_another_date_moves_nothing(ledger: Ledger) -> None:
    mail_id = kept(ledger, at=DUE)
    with ledger.write(DUE) as tx:
        assert tx.keep(sighting(at=DUE - HOUR)) == (mail_id, False)
        mail = tx.mail(mail_id)
    assert mail is not None
    assert mail.received_at == DUE


def test_the_border_decides_when_it_spoke(ledger: Ledger) -> None:
    with ledger.write(DUE + HOUR) as tx:
        mail_id, _ = tx.keep(sighting(at=DUE + HOUR, border_received=DUE - timedelta(seconds=5)))
        tx.keep(sighting(folder="Junk", at=DUE - HOUR))
        mail = tx.mail(mail_id)
    assert mail is not None
    assert (mail.received_at, mail.internaldate) == (DUE - timedelta(seconds=5), DUE - HOUR)


def test_a_border_found_on_opening_moves_the_receipt_and_says_so(ledger: Ledger) -> None:
    mail_id = kept(ledger, at=DUE - HOUR)
    with ledger.write(DUE) as tx:
        mail = tx.set_mail_facts(mail_id, border_received=DUE)
        assert mail.received_at == DUE
        assert [entry["kind"] for entry in tx.timeline(mail_id)] == ["kept", "received_later"]


def test_a_state_moves_only_from_where_it_was_expected(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        assert tx.begin_attempt(mail_id).attempts == 1
    with pytest.raises(Stale, match="is reading, not stored"), ledger.write(EARLY) as tx:
        tx.begin_attempt(mail_id)
    with pytest.raises(NotFound), ledger.write(EARLY) as tx:
        tx.begin_attempt(99)
    with ledger.write(EARLY) as tx:
        mail = tx.move_mail(mail_id, "stored", expect=("reading",), why="passing", attempts=0)
    assert (mail.state, mail.attempts, mail.reason, mail.version) == ("stored", 0, "passing", 3)
    with ledger.read() as q:
        assert [(c.before, c.after, c.why) for c in q.states(mail_id)] == [
            (None, "stored", None),
            ("stored", "reading", None),
            ("reading", "stored", "passing"),
        ]
        assert q.state_counts() == {"stored": 1}


def test_a_state_somebody_else_moved_in_between_is_stale(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        seen = tx.mail(mail_id)
        assert seen is not None
        tx.move_mail(mail_id, "reading", expect=("stored",))
        with pytest.raises(Stale):
            tx.move_mail(mail_id, "set_aside", expect=("stored", "needs_review"))


def test_only_facts_of_a_mail_can_be_set(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        with pytest.raises(ValueError, match="received_at"):
            tx.set_mail_facts(mail_id, received_at=DUE)
        with pytest.raises(NotFound):
            tx.set_mail_facts(99, subject="x")


def test_a_write_that_fails_leaves_nothing_behind_not_even_in_the_log(ledger: Ledger) -> None:
    kept(ledger)
    with pytest.raises(NotFound), ledger.write(EARLY) as tx:  # noqa: PT012 - the whole block is taken back
        tx.keep(sighting(b"other", uid=8))
        tx.set_cursor(ACCOUNT, "INBOX", 1, 8)
        tx.begin_attempt(99)
    with ledger.read() as q:
        head = q.head()
        assert head is not None
        assert (len(q.mails()), head.seq, q.cursor(ACCOUNT, "INBOX")) == (1, 1, None)


def test_rows_and_cursor_are_one_commit_and_a_new_epoch_replaces_the_cursor(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        tx.keep(sighting())
        tx.set_cursor(ACCOUNT, "INBOX", 1, 7)
    with ledger.write(EARLY) as tx:
        tx.keep(sighting(uidvalidity=2, uid=1))
        tx.set_cursor(ACCOUNT, "INBOX", 2, 1)
    with ledger.read() as q:
        assert q.cursor(ACCOUNT, "INBOX") == (2, 1)
        assert len(q.mails()) == 1
        assert q.known_uids(ACCOUNT, "INBOX") == {1, 7}
        assert q.known_uids(ACCOUNT, "INBOX", [1, 5]) == {1}
        assert q.known_uids(ACCOUNT, "INBOX", []) == q.known_uids(ACCOUNT, "Junk") == frozenset()


def test_a_mail_is_filed_once_it_is_terminal_and_followed_to_its_new_place(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.read() as q:
        assert q.unfiled(ACCOUNT, ("recorded",)) == ()
        ((place, mail),) = q.unfiled(ACCOUNT, ("stored",))
    assert (place.uid, mail.id) == (7, mail_id)
    with ledger.write(EARLY) as tx:
        tx.mark_filed(place, "CCHC/2017", 9, 41)
    with ledger.read() as q:
        assert q.unfiled(ACCOUNT, ("stored",)) == ()
        assert [(s.folder, s.uid, s.filed, s.gone) for s in q.sightings()] == [
            ("INBOX", 7, True, True),
            ("CCHC/2017", 41, True, False),
        ]
        assert [s.folder for s in q.sightings(gone=False)] == ["CCHC/2017"]


def test_mails_to_be_filed_or_compared_are_found_without_walking_those_moved_away(ledger: Ledger) -> None:
    kept(ledger)
    with ledger.read() as q:
        plan = plan_of(q, _UNFILED.limit(500).offset(None), of_account=ACCOUNT, states=["recorded"])
        there = plan_of(q, _PRESENT, account=ACCOUNT, folder="INBOX", uidvalidity=1)
    assert "ix_sighting_unfiled" in plan
    assert "ix_sighting_there" in there


@pytest.mark.parametrize(
    ("folder", "moved", "gone"), [("CCHC/2017", True, True), ("CCHC/2017", False, False), (None, True, False)]
)
def test_filing_without_a_new_uid_waits_for_reconcile(
    ledger: Ledger, folder: str | None, moved: bool, gone: bool
) -> None:
    kept(ledger)
    with ledger.write(EARLY) as tx:
        tx.mark_filed(sighting(), folder, moved=moved)
    with ledger.read() as q:
        assert [(s.filed, s.gone) for s in q.sightings()] == [(True, gone)]


def test_what_the_server_no_longer_has_is_marked_gone_and_comes_back_when_seen_again(ledger: Ledger) -> None:
    for uid in range(1, 6):
        kept(ledger, b"%d" % uid, uid)
    with ledger.write(EARLY) as tx:
        assert tx.mark_gone(ACCOUNT, "INBOX", 1, [2, 3, 99]) == 2
        there = [s for s in tx.sightings(gone=False) if s.uidvalidity == 1]
        moments, mails = {s.uid: s.internaldate for s in there}, {s.uid: s.mail_id for s in there}
        assert len(there) == 3
        assert tx.present(ACCOUNT, "INBOX", 1) == (moments, mails)
        assert tx.present(ACCOUNT, "INBOX", 9) == ({}, {})
        assert tx.mark_gone(ACCOUNT, "INBOX", 1, [2, 3]) == 0
    with ledger.write(EARLY) as tx:
        tx.keep(sighting(b"2", 2, filed=True))
        assert tx.sighting_count() == 4
        assert tx.mark_gone(ACCOUNT, "INBOX", 1) == 4
        assert tx.mark_gone(ACCOUNT, "INBOX", 2) == 0


def test_mails_are_found_by_prefix_state_message_id_and_time(ledger: Ledger) -> None:
    one, two = kept(ledger, b"one", 1), kept(ledger, b"two", 2, at=EARLY + HOUR)
    with ledger.write(EARLY + HOUR) as tx:
        tx.move_mail(two, "test", expect=("stored",), facts={"sender": "SNV"}, message_id="<a@b>")
    with ledger.read() as q:
        found = q.mail_by_sha256(sha(b"one")[:8])
        assert found is not None
        assert found.id == one
        assert q.mail_by_sha256("") is None
        assert q.mail_by_sha256("0%") is None
        assert [m.id for m in q.mails(state=("stored", "test"))] == [one, two]
        assert [m.id for m in q.mails(state="test")] == [two]
        assert [m.id for m in q.mails_by_message_id("<a@b>")] == [two]
        assert [m.id for m in q.test_mails("SNV", EARLY, DUE + HOUR)] == [two]
        assert q.test_mails("SYT", EARLY, DUE + HOUR) == ()
        assert q.mail(99) is None


def test_a_prefix_of_two_mails_names_none(ledger: Ledger) -> None:
    twins: dict[str, int] = {}
    for n in range(40):
        first = sha(b"%d" % n)[0]
        if first in twins:
            kept(ledger, b"%d" % n, n)
            kept(ledger, b"%d" % twins[first], twins[first])
            with ledger.read() as q:
                assert q.mail_by_sha256(first) is None
            return
        twins[first] = n


def test_a_part_read_again_replaces_the_former_reading_of_it(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    part = Part(
        mail_id,
        1,
        ("1.2", "goi.zip"),
        "a.doc",
        sha(b"p"),
        1,
        "doc",
        "needs_review",
        "tool_missing",
        findings=({"code": "x"},),
    )
    with ledger.write(EARLY) as tx:
        tx.add_part(part)
        tx.add_part(Part(mail_id, 2, ("2",), "b.pdf", sha(b"q"), 1, "pdf", "copy", copy_of=1))
    with ledger.read() as q:
        assert q.parts(mail_id)[0] == part
    with ledger.write(EARLY) as tx:
        tx.add_part(Part(mail_id, 1, ("1.2",), "a.doc", sha(b"p"), 1, "doc", "read"))
        assert [p.outcome for p in tx.parts(mail_id)] == ["read", "copy"]


def test_small_facts_are_kept_under_their_key(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        assert tx.meta("last_good_poll") is None
        tx.set_meta("last_good_poll", {"began": "a"})
        tx.set_meta("last_good_poll", {"began": "b"})
        tx.set_meta("nothing", None)
    with ledger.read() as q:
        assert q.meta("last_good_poll") == {"began": "b"}
        assert q.meta("nothing") is None


def test_written_history_refuses_every_change(ledger: Ledger, vault: Vault) -> None:
    recorded(ledger, vault, b"raw")
    with ledger.write(EARLY) as tx:
        tx.open_period(period(), [due("SNV")])
        tx.add_decision(Decision("mail:1", "agency", None, "SNV", "because", "cli:root"))
        tx.import_roster(RosterVersion("code\n", sha(b"r"), DUE.date()))
        (submission,) = tx.submissions(1)
        verdict = tx.latest_verdict(submission.id)
        tx.add_asked(verdict, [{"code": "P01"}])
        why = ("received:up",), "Số tiếp nhận cao hơn thường lệ", "Đợt cấp đổi giấy phép"
        tx.add_explanation(Explanation(submission.id, "SNV", "weekly", PERIOD, "P01", *why, 1))
    sqlite = ledger.engine.dialect.name == "sqlite"
    whole = "INSERT OR REPLACE INTO {t} SELECT * FROM {t}" if sqlite else "TRUNCATE {t} CASCADE"
    for name in APPEND_ONLY:
        for how in ("UPDATE {t} SET at = at", "DELETE FROM {t}", whole):
            with pytest.raises(DBAPIError, match="append-only"), ledger.bare_write() as connection:
                connection.execute(text(how.format(t=name)))
            with ledger.read() as q:
                assert q.connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() > 0


def test_a_mail_row_twice_is_refused_by_the_database_itself(ledger: Ledger) -> None:
    kept(ledger)
    with ledger.read() as q:
        row = dict(q.connection.execute(table("mail").select()).one()._mapping)
    del row["id"]
    with pytest.raises(IntegrityError), ledger.bare_write() as connection:
        connection.execute(insert(table("mail")), row)
