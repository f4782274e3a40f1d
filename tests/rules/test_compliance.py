"""Classes, boards and rates. Sentences in quotes are the definitions the project was built from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.rules.compliance import board, classify, rates
from intake.rules.judge import judge
from intake.rules.roster import parse_roster
from intake.rules.values import CLASSES, DueState, Revision
from tests.rules.makers import WEEKLY, calendar, claim, due, local, period, revision
from tests.rules.worked_example import FRIDAYS, MAILS, ROSTER, WAIVED

KEY = "weekly:2017-07-21"
AFTER = local("2017-07-31 12:00")


def classed(*revisions: Revision, at=AFTER, cal=None, **more) -> str:
    return classify(due(KEY, **more), revisions, at, cal or calendar())


class TestClasses:
    def test_on_time_the_first_acceptable_revision_was_received_by_the_due_moment(self):
        assert classed(revision("2017-07-21 10:00:00")) == "on_time"

    def test_later_corrections_never_move_the_timeliness_date(self):
        assert classed(revision("2017-07-21 09:00"), revision("2017-07-25 09:00", n=2)) == "on_time"
        assert classed(revision("2017-07-25 09:00", n=2), revision("2017-07-21 09:00")) == "on_time"

    @pytest.mark.parametrize(
        ("first", "creditable", "second", "expected"),
        [
            ("2017-07-21 09:00", True, "2017-07-24 17:00:00", "cured"),
            ("2017-07-21 09:00", True, "2017-07-24 17:00:01", "late"),
            ("2017-07-21 09:00", False, "2017-07-24 09:00", "late"),
            ("2017-07-21 10:00:01", True, "2017-07-24 09:00", "late"),
            ("2017-07-21 09:00", True, "2017-07-21 09:30", "on_time"),
        ],
    )
    def test_cured_a_creditable_revision_came_in_time_and_the_first_acceptable_one_within_the_cure_window(
        self, first, creditable, second, expected
    ):
        """ "a creditable revision was received by the due moment and the first acceptable one after it within the cure window
        (default to 17:00 of the next working day; `""` = off)"."""
        begun = revision(first, "incomplete", creditable=creditable)
        assert classed(begun, revision(second, n=2)) == expected

    def test_with_the_cure_window_off_nothing_is_cured(self):
        off = calendar(replace(WEEKLY, cure_until=None))
        begun = revision("2017-07-21 09:00", "incomplete", creditable=True)
        assert classed(begun, revision("2017-07-24 09:00", n=2), cal=off) == "late"

    @pytest.mark.parametrize(
        ("outcome", "creditable", "second", "expected"),
        [
            ("accepted", True, None, "in_review"),
            ("accepted", True, "2017-07-25 09:00", "in_review"),
            ("accepted", True, "2017-07-21 09:00", "on_time"),
            ("incomplete", True, None, "incomplete"),
            ("incomplete", True, "2017-07-24 09:00", "in_review"),  # cured, if it came in time
            ("incomplete", False, "2017-07-24 09:00", "late"),
            ("in_review", False, "2017-07-25 09:00", "in_review"),  # the clocks disagree
        ],
    )
    @pytest.mark.parametrize("at_cutoff", ["on_time", "late"])
    def test_in_review_whether_it_met_the_cutoff_waits_for_a_person_and_may_give_a_better_class(
        self, outcome, creditable, second, expected, at_cutoff
    ):
        cal = calendar(at_cutoff=at_cutoff)
        doubted = replace(revision("2017-07-21 10:50", outcome, creditable=creditable), settled=False)
        more = [revision(second, n=2)] if second else []
        assert classed(doubted, *more, cal=cal) == expected

    def test_late_incomplete_and_missing(self):
        assert classed(revision("2017-07-21 10:00:01", late=1)) == "late"
        assert classed(revision("2017-07-21 09:00", "incomplete")) == "incomplete"
        assert classed(revision("2017-07-21 09:00", "refused")) == "incomplete"
        assert classed() == "missing"

    def test_a_withdrawn_report_reopens_the_due(self):
        assert classed(revision("2017-07-21 09:00", "withdrawn")) == "missing"
        assert classed(revision("2017-07-21 09:00", "withdrawn"), revision("2017-07-25 09:00", n=2)) == "late"

    @pytest.mark.parametrize(
        ("waiting", "beside", "expected"),
        [
            ("2017-07-21 09:00", [], "in_review"),
            ("2017-07-25 09:00", [], "in_review"),  # late instead of missing is better, too
            ("2017-07-21 09:00", [revision("2017-07-20 09:00", n=2)], "on_time"),
            ("2017-07-21 09:00", [revision("2017-07-25 09:00", n=2)], "in_review"),
            ("2017-07-25 10:00", [revision("2017-07-25 09:00", n=2)], "late"),
            ("2017-07-25 09:00", [revision("2017-07-21 09:00", "incomplete", n=2)], "in_review"),
        ],
    )
    def test_in_review_only_while_accepting_it_would_give_a_better_class(self, waiting, beside, expected):
        """ "a revision without a verdict exists whose acceptance would give a better class than the one otherwise reached"."""
        assert classed(revision(waiting, "in_review"), *beside) == expected

    def test_a_persons_refusal_ends_the_review(self):
        assert classed(revision("2017-07-21 09:00", "refused")) == "incomplete"

    def test_a_scan_in_time_and_its_word_file_on_monday_wait_for_a_person_never_incomplete(self):
        assert classed(revision("2017-07-21 09:00", "in_review"), revision("2017-07-24 09:00", n=2)) == "in_review"

    def test_classes_count_the_dues_whose_own_moment_is_not_after_as_of(self):
        assert classed(at=local("2017-07-21 09:59:59")) == "not_yet_due"
        assert classed(at=local("2017-07-21 10:00:00")) == "missing"
        assert classed(at=local("2017-07-24 12:00"), status="extended") == "missing"
        later = due(KEY, at="2017-07-25 10:00", status="extended", original="2017-07-21 10:00")
        assert classify(later, [], local("2017-07-24 12:00"), calendar()) == "not_yet_due"
        assert classify(later, [revision("2017-07-25 09:00")], AFTER, calendar()) == "on_time"

    @pytest.mark.parametrize("status", ["waived", "not_applicable"])
    def test_waived_and_not_applicable_stand_beside_whatever_arrived(self, status):
        assert classed(revision("2017-07-21 09:00"), status=status) == status


class TestBoard:
    def test_a_line_shows_the_first_acceptable_revision_else_the_latest_and_the_latest_number(self):
        """ "`received_at`, `late_seconds`, `receipt` are of the first acceptable revision, else of the latest; `revision` is the
        latest; null when missing"."""
        cal = calendar()
        dues = [due(KEY, agency=a) for a in ("AA", "BB", "CC", "DD")]
        arrived = {
            "AA": [
                revision("2017-07-21 09:00", "incomplete"),
                revision("2017-07-21 11:00", n=2, late=3600),
                revision("2017-07-25 09:00", n=3),
            ],
            "BB": [revision("2017-07-21 09:00", "incomplete"), revision("2017-07-21 09:30", "incomplete", n=2)],
            "DD": [revision("2017-07-21 09:00", "withdrawn")],
        }
        made = board(period(cal, KEY), dues, arrived, AFTER, cal, closed=True)
        a, b, c, d = made.lines
        assert (a.received_at, a.late_seconds, a.receipt, a.revision) == (local("2017-07-21 11:00"), 3600, "r2", 3)
        assert (b.receipt, b.revision, b.due_class) == ("r2", 2, "incomplete")
        assert (c.received_at, c.receipt, c.revision, c.due_class) == (None, None, None, "missing")
        assert (d.receipt, d.due_class) == (None, "missing")
        assert [x.arrived for x in made.lines] == [None] * 4

    def test_what_has_arrived_for_a_due_not_yet_due_is_shown_beside_it(self):
        cal = calendar()
        dues = [due(KEY, agency="AA"), due(KEY, agency="BB")]
        made = board(
            period(cal, KEY), dues, {"AA": [revision("2017-07-20 09:00")]}, local("2017-07-21 09:00"), cal, closed=False
        )
        assert [(x.due_class, x.arrived) for x in made.lines] == [("not_yet_due", "on_time"), ("not_yet_due", None)]
        assert (made.expected, made.not_yet_due, made.closed) == (0, 2, False)

    def test_nothing_due_has_no_rate(self):
        """ "E = 0 reads "no reports due"". Nothing is divided."""
        cal = calendar()
        none = rates(board(period(cal, KEY), [], {}, AFTER, cal, closed=True))
        assert {r.share for r in (none.completeness, none.timeliness, none.timeliness_with_cured, none.receipt)} == {
            None
        }


class TestWorkedExample:
    """Four Fridays, five agencies, one ended and one begun mid-month, one waiver: 15 expected = 6 on time + 2 cured + 2 late + 2
    incomplete + 3 missing; completeness 66.7 %, timeliness 40.0 %."""

    def boards(self):
        cal = calendar(start="2017-07-01")
        people = parse_roster(ROSTER)
        made = []
        for friday in FRIDAYS:
            week = period(cal, f"weekly:{friday}")
            dues = [
                DueState(
                    week.key,
                    "weekly",
                    code,
                    "waived" if (code, week.key) == WAIVED else "required",
                    week.due_at,
                    week.due_original,
                )
                for code in people.expected(week)
            ]
            arrived = {code: self.revisions(cal, code, friday) for code in people.codes}
            made.append(board(week, dues, arrived, AFTER, cal, closed=True))
        return made

    def revisions(self, cal, code, friday):
        window = (str(period(cal, f"weekly:{friday}").window_from), str(period(cal, f"weekly:{friday}").window_to))
        mails = MAILS[code].get(friday, [])
        claims = [claim(f"{n}.1.1", at, window, agency=code, core_stated=core) for n, (at, core) in enumerate(mails, 1)]
        words = judge(claims, WEEKLY, cal, lambda p: True, lambda key: None)
        assert {w.period for w in words} <= {f"weekly:{friday}"}
        return [
            Revision(w.ref, w.ref, n, c.received_at, w.late_seconds, w.outcome, w.acceptable, w.creditable)
            for n, (c, w) in enumerate(zip(claims, words, strict=True), 1)
        ]

    def test_15_expected_are_6_on_time_2_cured_2_late_2_incomplete_3_missing(self):
        boards = self.boards()
        total = {name: sum(b.classes[name] for b in boards) for name in CLASSES}
        assert total == {"on_time": 6, "cured": 2, "late": 2, "incomplete": 2, "in_review": 0, "missing": 3}
        assert sum(b.expected for b in boards) == 15
        assert [b.expected for b in boards] == [4, 4, 4, 3]
        assert sum(b.waived for b in boards) == 1

    def test_completeness_is_66_7_percent_and_timeliness_40_0_percent(self):
        """ "Ranges pool sums, never average percentages"."""
        pooled = rates(*self.boards())
        assert (pooled.completeness.n, pooled.completeness.expected) == (10, 15)
        assert f"{float(pooled.completeness.share):.1%}" == "66.7%"
        assert pooled.timeliness.share == Fraction(6, 15)
        assert f"{float(pooled.timeliness.share):.1%}" == "40.0%"
        assert (pooled.timeliness_with_cured.n, pooled.receipt.n) == (8, 12)


_OUTCOMES = ("accepted", "accepted_with_warnings", "incomplete", "refused", "in_review", "withdrawn")


@st.composite
def a_due(draw):
    """A due and what came for it, around its cutoff."""
    made = due(
        KEY,
        agency=f"A{draw(st.integers(10, 99))}",
        at=draw(st.sampled_from(["2017-07-21 10:00", "2017-07-25 10:00"])),
        status=draw(st.sampled_from(["required", "required", "extended", "waived", "not_applicable"])),
        original="2017-07-21 10:00",
    )
    outcomes = draw(st.lists(st.sampled_from(_OUTCOMES), max_size=4))
    moments = [local("2017-07-20 10:00") + timedelta(seconds=draw(st.integers(0, 6 * 86_400))) for _ in outcomes]
    good = [o.startswith("accepted") for o in outcomes]
    arrived = [
        Revision(f"{n}.1.1", f"r{n}", n, at, 0, outcome, ok, ok or (outcome == "incomplete" and draw(st.booleans())))
        for n, (outcome, at, ok) in enumerate(zip(outcomes, moments, good, strict=True), 1)
    ]
    return made, arrived


class TestProperties:
    @settings(max_examples=150, deadline=None)
    @given(st.lists(a_due(), max_size=8, unique_by=lambda pair: pair[0].agency), st.integers(0, 8 * 86_400))
    def test_every_due_is_in_exactly_one_class_and_the_identity_holds(self, pairs, seconds):
        """ "Every output asserts expected = on_time + cured + late + incomplete + in_review + missing; waived, not applicable and
        not_yet_due stand beside, never inside"."""
        cal = calendar()
        as_of = local("2017-07-20 00:00") + timedelta(seconds=seconds)
        made = board(period(cal, KEY), [d for d, _ in pairs], {d.agency: r for d, r in pairs}, as_of, cal, closed=True)
        beside = made.waived + made.not_applicable + made.not_yet_due
        assert made.expected == sum(made.classes.values()) == len(pairs) - beside
        assert set(made.classes) == set(CLASSES)
        for line in made.lines:
            assert line.due_class in (*CLASSES, "waived", "not_applicable", "not_yet_due")
        pooled = rates(made)
        assert (
            0
            <= pooled.timeliness.n
            <= pooled.timeliness_with_cured.n
            <= pooled.completeness.n
            <= pooled.receipt.n
            <= made.expected
        )

    @settings(max_examples=100, deadline=None)
    @given(a_due(), st.randoms(use_true_random=False))
    def test_the_class_does_not_depend_on_the_order_of_the_revisions(self, pair, chance):
        made, arrived = pair
        shuffled = list(arrived)
        chance.shuffle(shuffled)
        assert classify(made, arrived, AFTER, calendar()) == classify(made, shuffled, AFTER, calendar())
