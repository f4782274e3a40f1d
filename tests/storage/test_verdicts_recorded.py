"""Submissions, verdicts, receipts, decisions, reviews: written once, the latest word counts, every former one stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.errors import NotFound, Stale
from storage.ledger import Ledger
from storage.records import Decision, ReviewItem
from tests.storage.ledger_samples import DUE, EARLY, PERIOD, judged, kept, reading, sha, sighting, submission, verdict

HOUR = timedelta(hours=1)


def test_receipts_count_in_recording_order_inside_a_due(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        pass
    first, second = kept(ledger, b"1", 1, at=DUE), kept(ledger, b"2", 2, at=EARLY, now=DUE)
    with ledger.write(DUE) as tx:
        given = [
            judged(tx, first).receipt,
            judged(tx, second).receipt,
            judged(tx, second, part_n=2, agency="SYT").receipt,
        ]
        other = judged(tx, second, part_n=3, type="monthly", period="monthly:2017-07").receipt
    assert given == ["CCHC-20170721-W-SNV-r1", "CCHC-20170721-W-SNV-r2", "CCHC-20170721-W-SYT-r1"]
    assert other == "CCHC-201707-M-SNV-r1"
    with ledger.read() as q:
        found = q.by_receipt("CCHC-20170721-W-SNV-r2")
        assert found is not None
        assert found.mail_id == second
        assert q.by_receipt("CCHC-20170721-W-SNV-r3") is None


def test_judged_again_for_the_same_due_the_receipt_stays(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        first = judged(tx, mail_id)
        moved = tx.add_verdict(verdict(first.submission_id, period="weekly:2017-07-28", receipt="mine", revision=9))
        back = tx.add_verdict(verdict(first.submission_id, outcome="refused", acceptable=False))
    assert (moved.receipt, moved.revision) == ("CCHC-20170728-W-SNV-r1", 1)
    assert (back.receipt, back.revision) == (first.receipt, 1)
    with ledger.read() as q:
        assert q.latest_verdict(first.submission_id) == back
        assert q.verdicts_of(first.submission_id) == (first, moved, back)
        assert [v for _, v in q.verdicts(PERIOD)] == [back]
        assert q.verdicts("weekly:2017-07-28") == ()


def test_a_duplicate_gets_no_receipt_and_takes_no_number(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx:
        pass
    ids = [kept(ledger, b"%d" % n, n) for n in range(3)]
    with ledger.write(EARLY) as tx:
        first = judged(tx, ids[0])
        copy = judged(tx, ids[1], duplicate_of=first.receipt)
        third = judged(tx, ids[2])
    assert (copy.receipt, copy.revision, third.receipt) == (None, None, "CCHC-20170721-W-SNV-r2")


def test_without_a_due_a_mail_is_quoted_by_its_hash(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        said = judged(tx, mail_id, period=None, outcome="in_review", acceptable=False)
    assert (said.receipt, said.revision) == (f"CCHC-X-{sha(b'raw')[:10]}", None)
    with ledger.read() as q:
        found = q.by_receipt(str(said.receipt))
        assert found is not None
        assert found.id == said.submission_id


def test_a_submission_is_recorded_once_and_its_facts_stay(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    claim = submission(
        mail_id,
        candidates=("SNV", "SYT"),
        findings=({"code": "W03"},),
        window_from=EARLY.date(),
        content_key="k",
        blocked="clock_disagrees",
    )
    with ledger.write(EARLY) as tx:
        first = tx.add_submission(claim)
    with ledger.write(EARLY + HOUR) as tx:
        assert tx.add_submission(submission(mail_id, "SYT", content_key="other")) == first
        head = tx.head()
    assert head is not None
    assert (head.seq, first.ref, first.candidates) == (first.seq, f"{mail_id}.1.1", ("SNV", "SYT"))
    with ledger.read() as q:
        assert q.submissions(mail_id) == (first,)
        assert q.submission(first.id) == first
        assert q.submission(99) is None


def test_a_verdict_on_nothing_is_refused(ledger: Ledger) -> None:
    with ledger.write(EARLY) as tx, pytest.raises(NotFound):
        tx.add_verdict(verdict(99))


def test_as_of_tells_what_the_log_knew_then(ledger: Ledger) -> None:
    mail_id = kept(ledger, at=EARLY)
    with ledger.write(DUE) as tx:
        first = judged(tx, mail_id)
    with ledger.write(DUE + HOUR) as tx:
        second = tx.add_verdict(verdict(first.submission_id, outcome="refused", acceptable=False))
        tx.add_decision(
            Decision(f"submission:{first.submission_id}", "refuse", "accepted", "refused", "wrong", "cli:root")
        )
    with ledger.read() as q:
        assert q.verdicts(PERIOD, as_of=EARLY) == ()
        assert [v.id for _, v in q.verdicts(PERIOD, as_of=DUE)] == [first.id]
        assert [v.id for _, v in q.verdicts(PERIOD)] == [second.id]
        assert q.words(PERIOD, as_of=EARLY) == q.words_on_due(PERIOD, "SNV", as_of=EARLY) == ()
        assert [w.outcome for w in q.words(PERIOD, as_of=DUE)] == ["accepted"]
        assert [w.outcome for w in q.words_on_due(PERIOD, "SNV", as_of=DUE)] == ["accepted"]
        assert [w.outcome for w in q.words(PERIOD)] == [w.outcome for w in q.words_on_due(PERIOD, "SNV")] == ["refused"]
        assert q.latest_verdict(first.submission_id, EARLY) is None
        assert q.latest_verdict(first.submission_id, DUE) == first
        assert q.figures_of(PERIOD, DUE)["SNV"]["figures"]["received"]["value"] == 12
        assert q.figures_of(PERIOD) == {}
        assert q.decisions(f"submission:{first.submission_id}", DUE) == ()
        assert [d.second for d in q.decisions(f"submission:{first.submission_id}")] == [None]


def test_received_by_asks_what_had_arrived_with_todays_knowledge(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(DUE + HOUR) as tx:
        judged(tx, mail_id, received_at=DUE - HOUR)
        judged(tx, mail_id, part_n=2, agency="SYT", received_at=DUE + HOUR)
    with ledger.read() as q:
        assert [v.agency for _, v in q.verdicts(PERIOD, received_by=DUE)] == ["SNV"]
        assert [v.agency for _, v in q.verdicts(PERIOD)] == ["SNV", "SYT"]
        assert [w.agency for w in q.words(PERIOD, received_by=DUE)] == ["SNV"]
        assert [w.agency for w in q.words(PERIOD)] == ["SNV", "SYT"]


def test_the_words_on_a_due_are_the_agency_s_own_and_those_in_review_that_may_be(ledger: Ledger) -> None:
    first, second = kept(ledger, b"1", 1, at=DUE), kept(ledger, b"2", 2, at=EARLY, now=DUE)
    with ledger.write(DUE) as tx:
        own = judged(tx, first)
        for n, (agency, candidates, outcome) in enumerate(
            [("SYT", ("SYT", "SNV"), "in_review"), ("SGD", ("SGD", "SNV"), "accepted"), ("STC", ("STC",), "in_review")],
            1,
        ):
            made = tx.add_submission(submission(second, agency, part_n=n, candidates=candidates))
            tx.add_verdict(verdict(made.id, agency, outcome=outcome))
    with ledger.read() as q:
        found = q.words_on_due(PERIOD, "SNV")
        assert [(w.agency, w.ref) for w in found] == [("SYT", f"{second}.1.1"), ("SNV", f"{first}.1.1")]
        assert found[1].submission_id == own.submission_id
        assert [w.agency for w in q.words_on_due(PERIOD, "STC")] == ["STC"]
        assert q.words_on_due("weekly:2017-07-28", "SNV") == ()
        light = [(w.submission_id, w.reading_id, w.receipt, w.outcome) for w in q.words(PERIOD)]
        assert light == [(s.id, s.reading_id, v.receipt, v.outcome) for s, v in q.verdicts(PERIOD)]


def test_words_of_one_due_stand_as_their_mails_are_known_to_have_come(ledger: Ledger) -> None:
    first, second = kept(ledger, b"1", 1, at=EARLY), kept(ledger, b"2", 2, at=DUE)
    with ledger.write(DUE) as tx:
        for mail, agency, at in ((first, "SNV", EARLY), (second, "SNV", DUE), (second, "SYT", DUE)):
            judged(tx, mail, agency, part_n=1 + (agency == "SYT"), received_at=at)
        assert [w.mail_id for w in tx.words_on_due(PERIOD, "SNV")] == [first, second]
        tx.keep(sighting(b"2", 3, EARLY - HOUR, "Archive"))  # seen earlier elsewhere, not judged again yet
        assert [w.mail_id for w in tx.words_on_due(PERIOD, "SNV")] == [second, first]
        assert [w.mail_id for w in tx.words(PERIOD) if w.agency == "SNV"] == [second, first]
        assert [w.mail_id for w in tx.words_on_dues("SNV")[PERIOD]] == [second, first]


def test_the_figures_of_a_period_are_those_of_the_report_received_last(ledger: Ledger) -> None:
    late, early = kept(ledger, b"late", 1, at=DUE), kept(ledger, b"early", 2, at=EARLY, now=DUE)
    with ledger.write(DUE) as tx:
        judged(tx, late, received=20)
        judged(tx, early, received=10)  # recorded later, received earlier
        judged(tx, early, "SYT", received=7, part_n=2, acceptable=False)
    with ledger.read() as q:
        assert {agency: report["figures"]["received"]["value"] for agency, report in q.figures_of(PERIOD).items()} == {
            "SNV": 20
        }


def test_the_book_of_an_agency_follows_what_a_person_decided(ledger: Ledger) -> None:
    one, two = kept(ledger, b"1", 1), kept(ledger, b"2", 2, at=EARLY + HOUR)
    with ledger.write(EARLY + HOUR) as tx:
        judged(tx, two)
        mine = judged(tx, one)
        judged(tx, one, part_n=2, type="monthly", period="monthly:2017-07")
        assert [e.submission.mail_id for e in tx.book("SNV", "weekly")] == [one, two]
        tx.add_decision(Decision(f"mail:{two}", "agency", "SNV", "SYT", "letterhead", "cli:root", "second"))
        assert [e.submission.mail_id for e in tx.book("SYT", "weekly")] == [two]
        for before, after in (("SNV", "SYT"), ("SYT", "SNV")):
            decision = Decision(f"submission:{mine.submission_id}", "agency", before, after, "asked for", "cli:root")
            tx.add_decision(decision)
        entries = tx.book("SNV", "weekly")
    assert [(e.submission.mail_id, len(e.decisions), e.mail_sha256) for e in entries] == [(one, 2, sha(b"1"))]
    assert entries[0].mail_received_at == EARLY


def test_every_reading_is_kept(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        numbers = [tx.add_reading(reading(mail_id, 1)), tx.add_reading(reading(mail_id, 2))]
    with ledger.read() as q:
        found = q.readings(mail_id)
        assert [r.id for r in found] == numbers
        assert [r.report["figures"]["received"]["value"] for r in found] == [1, 2]
        assert q.reading(numbers[0]) == found[0]
        assert q.reading(99) is None


def test_a_review_is_asked_for_once_and_closed_once(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    item = ReviewItem("mail", "no_report", mail_id=mail_id, detail={"agency": "SNV"})
    with ledger.write(EARLY) as tx:
        number = tx.open_review(item)
        assert tx.open_review(item) == number
        other = tx.open_review(ReviewItem("mail", "ambiguous_period", mail_id=mail_id))
        nowhere = tx.open_review(
            ReviewItem("unknown_sender", "sender_unknown", submission_id=judged(tx, mail_id).submission_id)
        )
    with ledger.write(DUE) as tx:
        tx.close_review(number, 1, "decided")
    with pytest.raises(Stale), ledger.write(DUE) as tx:
        tx.close_review(number, 1, "decided")
    with ledger.read() as q:
        assert [r.id for r in q.reviews()] == [other, nowhere]
        closed = q.reviews(open_only=False, mail_id=mail_id)[0]
        assert (closed.closed_at, closed.version, closed.detail) == (DUE, 2, {"agency": "SNV"})
    with ledger.write(DUE) as tx:
        assert tx.open_review(item) not in (number, other)


def test_more_targets_than_one_statement_takes(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        for n in range(1, 601):
            claim = tx.add_submission(submission(mail_id, part_n=n))
        tx.add_decision(Decision(f"submission:{claim.id}", "refuse", None, None, "r", "cli:root"))
        entries = tx.book("SNV", "weekly")
    assert len(entries) == 600
    assert sum(len(entry.decisions) for entry in entries) == 1
    assert entries[0].verdict is None
