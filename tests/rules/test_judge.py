"""The judge's word on each claim. Sentences in quotes are the definitions the project was built from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.rules.judge import judge
from intake.rules.slots import in_order
from tests.rules.makers import MONTHLY, WEEKLY, calendar, claim, day, days, due, judged, local

FRI_THU = ("2017-07-14", "2017-07-20")
NEXT = ("2017-07-21", "2017-07-27")


class TestOutcomes:
    def test_acceptable_means_every_core_line_is_stated_warnings_never_reject(self):
        """ "Checks warn and ask; they never reject and never correct"."""
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU),
            claim("2.1.1", "2017-07-28 09:00", NEXT, warnings=True),
        )
        assert (words["1.1.1"].outcome, words["2.1.1"].outcome) == ("accepted", "accepted_with_warnings")
        assert all(w.acceptable and w.creditable for w in words.values())

    @pytest.mark.parametrize(("stated", "creditable"), [(4, True), (3, True), (2, False), (0, False)])
    def test_creditable_means_at_least_half_of_the_core_lines(self, stated, creditable):
        word = judged(claim("1.1.1", "2017-07-21 09:00", FRI_THU, core_stated=stated))["1.1.1"]
        assert (word.outcome, word.acceptable, word.creditable) == ("incomplete", False, creditable)

    def test_half_of_an_even_number_is_half(self):
        assert judged(claim("1.1.1", "2017-07-21 09:00", core_stated=2, core_total=4))["1.1.1"].creditable

    def test_what_is_not_recognised_as_this_report_is_neither(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", recognised=False))["1.1.1"]
        assert (word.outcome, word.acceptable, word.creditable) == ("incomplete", False, False)

    def test_what_only_our_reader_could_not_read_is_in_review_never_incomplete(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", blocked="unreadable_scan", core_stated=0, content_key=""))[
            "1.1.1"
        ]
        assert (word.outcome, word.reason, word.period, word.timing) == (
            "in_review",
            "unreadable_scan",
            "weekly:2017-07-21",
            "on_time",
        )
        assert not word.acceptable
        assert not word.creditable

    def test_what_the_sender_must_send_again_is_refused(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", refused="encrypted", core_stated=0, content_key=""))["1.1.1"]
        assert (word.outcome, word.reason, word.acceptable, word.creditable) == ("refused", "encrypted", False, False)

    def test_no_word_says_late_while_the_clocks_disagree(self):
        """ "no letter says "late" until a person confirms"."""
        held = claim("1.1.1", "2017-07-21 10:30", FRI_THU, blocked="clock_disagrees")
        word = judged(held)["1.1.1"]
        assert (word.outcome, word.timing, word.late_seconds, word.due_at) == (
            "in_review",
            "unknown",
            0,
            local("2017-07-21 10:00"),
        )
        assert judged(replace(held, person_outcome="accepted"))["1.1.1"].timing == "late"

    def test_whether_it_is_late_is_unknown_where_our_own_outage_may_be_why_until_a_person_says_which_moment_counts(
        self,
    ):
        late = claim("1.1.1", "2017-07-21 10:30", FRI_THU)
        word = judged(late, held_up=lambda _claim, due_at: due_at == local("2017-07-21 10:00"))["1.1.1"]
        assert (word.outcome, word.timing, word.late_seconds, word.notes) == (
            "accepted",
            "unknown",
            1800,
            ("own_outage",),
        )
        assert word.reason == "own_outage"
        for settled in ({"deemed": True}, {"person_outcome": "withdrawn"}, {"refused": "encrypted"}):
            word = judged(replace(late, **settled), held_up=lambda *_: True)["1.1.1"]
            assert (word.timing, word.notes) == ("late", ())
        assert judged(claim("1.1.1", "2017-07-21 09:30", FRI_THU), held_up=lambda *_: True)["1.1.1"].timing == "on_time"


class TestTiming:
    def test_late_by_1_25_10(self):
        word = judged(claim("1.1.1", "2017-07-21 11:25:10", FRI_THU))["1.1.1"]
        assert (word.timing, word.late_seconds) == ("late", 5110)

    def test_within_the_grace_nothing_is_late(self):
        word = judged(claim("1.1.1", "2017-07-21 10:00:30", FRI_THU), cal=calendar(grace_seconds=60))["1.1.1"]
        assert (word.timing, word.late_seconds) == ("on_time", 0)

    def test_the_dues_own_moment_decides_when_it_was_extended(self):
        extended = due(
            "weekly:2017-07-21", at="2017-07-25 10:00", status="extended", original="2017-07-21 10:00", due_why="Lũ lụt"
        )
        word = judged(claim("1.1.1", "2017-07-25 09:59:59", FRI_THU), dues=[extended])["1.1.1"]
        assert (word.timing, word.due_at, word.due_original, word.due_why) == (
            "on_time", local("2017-07-25 10:00"), local("2017-07-21 10:00"), "Lũ lụt",
        )  # fmt: skip
        assert word.notes == ("moved", "extended")

    def test_a_due_moved_by_a_holiday_says_so(self):
        word = judged(
            claim("1.1.1", "2017-09-04 09:00", ("2017-08-25", "2017-08-31")), cal=calendar(holidays=days("2017-09-01"))
        )["1.1.1"]
        assert (word.timing, word.due_why, word.notes) == ("on_time", "holiday:2017-09-01", ("moved",))


class TestPeople:
    """ "A person's verdict is never overwritten by a later automatic reading"."""

    @pytest.mark.parametrize(
        ("facts", "decision", "outcome", "acceptable", "creditable"),
        [
            ({"core_stated": 0}, "accepted", "accepted", True, True),
            ({"blocked": "unreadable_scan", "warnings": True}, "accepted", "accepted_with_warnings", True, True),
            ({"core_stated": 0}, "credited", "incomplete", False, True),
            ({"refused": "encrypted"}, "credited", "incomplete", False, True),
            ({"blocked": "sender_unverified"}, "credited", "accepted", True, True),
            ({}, "refused", "refused", False, False),
            ({"blocked": "unreadable_scan"}, "refused", "refused", False, False),
            ({}, "withdrawn", "withdrawn", False, False),
        ],
    )
    def test_a_persons_word_wins(self, facts, decision, outcome, acceptable, creditable):
        word = judged(claim("1.1.1", "2017-07-21 09:00", FRI_THU, person_outcome=decision, **facts))["1.1.1"]
        assert (word.outcome, word.acceptable, word.creditable) == (outcome, acceptable, creditable)
        assert word.period == "weekly:2017-07-21"

    def test_what_is_not_a_report_belongs_to_no_due(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", FRI_THU, person_outcome="not_a_report"))["1.1.1"]
        assert (word.period, word.how, word.outcome, word.reason) == (None, "person", "refused", "no_report")

    def test_a_withdrawn_report_reopens_the_due(self):
        """ "A withdrawn report reopens the due": the next unlabelled one is for it again."""
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, person_outcome="withdrawn"),
            claim("2.1.1", "2017-07-21 11:00"),
        )
        assert words["2.1.1"].period == "weekly:2017-07-21"


class TestSameContent:
    def test_the_same_content_for_the_same_due_is_a_duplicate_and_adds_nothing(self):
        """ "Duplicate = the same content for the SAME due, adds nothing"."""
        words = judged(
            claim("1.1.1", "2017-07-20 09:00", FRI_THU, content_key="x", warnings=True),
            claim("2.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", warnings=True),
            claim("3.1.1", "2017-07-21 09:30", FRI_THU, content_key="x", warnings=True),
        )
        assert [w.duplicate_of for w in words.values()] == [None, "1.1.1", "1.1.1"]
        second = words["2.1.1"]
        assert (second.outcome, second.acceptable, second.creditable) == ("accepted_with_warnings", False, False)

    def test_the_same_content_for_another_due_is_a_new_submission_with_a_finding(self):
        """ "the same content for another due is a new submission with a finding"."""
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x"),
            claim("2.1.1", "2017-07-28 09:00", content_key="x", answers="weekly:2017-07-28"),
        )
        second = words["2.1.1"]
        assert (second.period, second.duplicate_of, second.same_content_as, second.acceptable) == (
            "weekly:2017-07-28",
            None,
            "1.1.1",
            True,
        )
        assert "same_content_as" in second.notes

    def test_files_nobody_could_read_are_never_duplicates(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", refused="encrypted", content_key=""),
            claim("2.1.1", "2017-07-21 09:10", refused="encrypted", content_key=""),
        )
        assert words["2.1.1"].duplicate_of is None

    def test_a_copy_that_needs_no_person_counts_although_the_first_one_waits(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", blocked="sender_unverified"),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x", blocked="sender_unverified"),
            claim("3.1.1", "2017-07-21 09:20", FRI_THU, content_key="x"),
            claim("4.1.1", "2017-07-21 09:30", FRI_THU, content_key="x"),
        )
        assert [w.duplicate_of for w in words.values()] == [None, "1.1.1", None, "3.1.1"]
        assert words["3.1.1"].acceptable

    def test_what_a_person_refused_stays_refused_in_a_copy(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", person_outcome="refused"),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x"),
        )
        assert (words["2.1.1"].duplicate_of, words["2.1.1"].outcome) == ("1.1.1", "refused")

    def test_what_a_person_refused_waits_for_a_person_when_it_is_sent_again(self):
        refused = {"person_outcome": "refused", "decided_at": local("2017-07-21 09:05")}
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", **refused),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x"),  # now signed, say: the figures are the same
            claim("3.1.1", "2017-07-21 09:20", FRI_THU, content_key="x"),
        )
        second = words["2.1.1"]
        assert (second.outcome, second.acceptable, "refused_before" in second.notes) == ("in_review", False, True)
        assert second.duplicate_of is None
        assert words["3.1.1"].duplicate_of == "2.1.1"

    def test_of_what_was_refused_and_then_accepted_a_further_copy_adds_nothing(self):
        refused = {"person_outcome": "refused", "decided_at": local("2017-07-21 09:05")}
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", **refused),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x", person_outcome="accepted"),
            claim("3.1.1", "2017-07-21 09:20", FRI_THU, content_key="x"),
        )
        assert (words["3.1.1"].duplicate_of, words["3.1.1"].outcome) == ("2.1.1", "accepted")

    def test_what_a_person_decided_is_no_duplicate(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", person_outcome="refused"),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x", person_outcome="accepted"),
        )
        assert (words["2.1.1"].duplicate_of, words["2.1.1"].acceptable) == (None, True)

    @pytest.mark.parametrize(
        ("decided", "counts"), [("2017-07-21 09:30", False), ("2017-07-21 09:05", True), (None, True)]
    )
    def test_a_copy_sent_after_the_withdrawal_counts_one_sent_before_does_not(self, decided, counts):
        gone = claim(
            "1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x", person_outcome="withdrawn",
            decided_at=local(decided) if decided else None,
        )  # fmt: skip
        word = judged(gone, claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x"))["2.1.1"]
        assert word.acceptable is counts
        assert word.outcome == ("accepted" if counts else "withdrawn")

    def test_content_of_a_claim_without_a_period_is_compared_with_every_due(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", content_key="x"),
            claim("2.1.1", "2018-07-21 09:00", FRI_THU, content_key="x"),
            owes=lambda p: p.cutoff_day <= day("2017-07-21"),
        )
        assert (words["2.1.1"].period, words["2.1.1"].same_content_as) == (None, "1.1.1")


class TestOrder:
    def test_claims_of_one_mail_are_taken_part_by_part_whatever_the_mails_number(self):
        one = claim("9.10.1", "2017-07-21 09:00", mail_sha256="a")
        two = claim("9.2.2", "2017-07-21 09:00", mail_sha256="a")
        other = claim("1.1.1", "2017-07-21 09:00", mail_sha256="b")
        assert [c.ref for c in in_order([other, one, two])] == ["9.2.2", "9.10.1", "1.1.1"]

    def test_weekly_and_monthly_of_one_mail_are_judged_apart(self):
        """ "On the last Friday weekly AND monthly fall due in the same minute, often in one mail. Classify per part"."""
        weekly = judged(claim("1.1.1", "2017-07-28 09:00", NEXT))["1.1.1"]
        monthly = judged(
            claim("1.2.1", "2017-07-28 09:00", type="monthly", stated_period="monthly:2017-07"), kind=MONTHLY
        )["1.2.1"]
        assert (weekly.period, monthly.period) == ("weekly:2017-07-28", "monthly:2017-07")
        assert weekly.due_at == monthly.due_at


_windows = st.sampled_from(
    [
        None,
        FRI_THU,
        NEXT,
        ("2017-07-10", "2017-07-16"),
        ("2017-07-17", "2017-07-23"),
        ("2017-07-23", "2017-07-17"),
        ("2017-07-01", "2017-07-28"),
    ]
)


@st.composite
def books(draw):
    """A handful of an agency's mails around three Fridays, no two alike in what orders them."""
    made = []
    for n in range(draw(st.integers(1, 6))):
        minute = draw(
            st.sampled_from(
                [
                    "07-20 16:00",
                    "07-21 09:20",
                    "07-21 10:00",
                    "07-21 11:00",
                    "07-24 09:00",
                    "07-27 15:00",
                    "07-28 09:20",
                ]
            )
        )
        made.append(
            claim(
                f"{n + 1}.{draw(st.integers(1, 3))}.1",
                f"2017-{minute}",
                draw(_windows),
                mail_sha256=f"{draw(st.integers(0, 9))}{n}",
                content_key=draw(st.sampled_from(["x", "y", "z", ""])),
                core_stated=draw(st.integers(0, 5)),
                answers=draw(st.sampled_from([None, None, "weekly:2017-07-21"])),
                blocked=draw(st.sampled_from([None, None, "unreadable_scan"])),
                person_outcome=draw(st.sampled_from([None, None, None, "accepted", "withdrawn", "not_a_report"])),
            )
        )
    return made


class TestProperties:
    @settings(max_examples=150, deadline=None)
    @given(books(), st.randoms(use_true_random=False))
    def test_any_order_of_the_same_claims_gives_the_same_words(self, claims, chance):
        """ "the same set of mails fetched in any order ends in the same classes, periods and decisive receipt times"."""
        cal = calendar()
        shuffled = list(claims)
        chance.shuffle(shuffled)
        renumbered = [replace(c, recorded=n) for n, c in enumerate(shuffled)]
        first = judge(claims, WEEKLY, cal, lambda p: True, lambda key: None)
        assert first == judge(renumbered, WEEKLY, cal, lambda p: True, lambda key: None)

    @settings(max_examples=100, deadline=None)
    @given(books())
    def test_a_claim_never_changes_the_word_on_an_earlier_one(self, claims):
        cal = calendar()
        ordered = in_order(claims)
        whole = judge(ordered, WEEKLY, cal, lambda p: True, lambda key: None)
        part = judge(ordered[:-1], WEEKLY, cal, lambda p: True, lambda key: None)
        assert whole[:-1] == part

    @settings(max_examples=100, deadline=None)
    @given(books())
    def test_every_word_is_consistent_in_itself(self, claims):
        for word in judge(claims, WEEKLY, calendar(), lambda p: True, lambda key: None):
            assert word.acceptable <= word.creditable
            assert not (
                word.acceptable
                and (word.duplicate_of or word.outcome in ("in_review", "refused", "withdrawn", "incomplete"))
            )
            assert (word.timing == "late") >= (word.late_seconds > 0)
            assert (word.period is None) <= (word.due_at is None)
