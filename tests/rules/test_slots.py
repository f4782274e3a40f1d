"""Which period a report is for. Sentences in quotes are the slot rules the project was built from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.rules.values import PeriodOverride, ReportType
from tests.rules.makers import MONTHLY, QUARTERLY, WEEKLY, calendar, claim, day, days, due, judged, local, period

FRI_THU = ("2017-07-14", "2017-07-20")
MON_SUN = ("2017-07-10", "2017-07-16")


def placed(*claims, **more):
    return {ref: (word.period, word.how) for ref, word in judged(*claims, **more).items()}


class TestShortWindows:
    @pytest.mark.parametrize(
        ("window", "received", "slot"),
        [
            (FRI_THU, "2017-07-21 09:00", "weekly:2017-07-21"),  # Friday–Thursday
            (("2017-07-17", "2017-07-23"), "2017-07-21 09:00", "weekly:2017-07-21"),  # Monday–Sunday, not over yet
            (("2017-07-17", "2017-07-21"), "2017-07-21 09:00", "weekly:2017-07-21"),  # Monday–Friday
            (("2017-07-15", "2017-07-21"), "2017-07-21 09:00", "weekly:2017-07-21"),  # the slot's own week
            (("2017-07-13", "2017-07-21"), "2017-07-21 09:00", "weekly:2017-07-21"),  # nine days
            (("2017-07-20", "2017-07-20"), "2017-07-21 09:00", "weekly:2017-07-21"),  # one day
        ],
    )
    def test_a_window_of_at_most_9_days_belongs_to_the_slot_it_overlaps_most(self, window, received, slot):
        """ "a window of at most 9 days belongs to the one whose Saturday–Friday week (ending on its cutoff Friday) it
        overlaps most"; windows "run Friday–Thursday, others Monday–Sunday or Monday–Friday"."""
        word = judged(claim("1.1.1", received, window))["1.1.1"]
        assert (word.period, word.how, word.notes) == (slot, "window", ())

    def test_a_tie_goes_to_the_last_owed_slot_it_reaches_and_only_this_one_is_credited(self):
        """Thursday 13/7 to Sunday 16/7: two days of each week."""
        word = judged(claim("1.1.1", "2017-07-14 09:00", ("2017-07-13", "2017-07-16")))["1.1.1"]
        assert (word.period, word.notes) == ("weekly:2017-07-21", ("only_last_credited",))

    def test_a_longer_window_goes_to_the_last_owed_slot_it_reaches_and_only_this_one_is_credited(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", ("2017-07-07", "2017-07-20")))["1.1.1"]
        assert (word.period, word.notes) == ("weekly:2017-07-21", ("only_last_credited",))

    def test_only_slots_the_agency_owes_count(self):
        """ "among the slots the agency owes": one that began on 15/7 owes no slot of 14/7."""
        cal = calendar(start="2017-07-15")
        word = judged(claim("1.1.1", "2017-07-21 09:00", ("2017-07-08", "2017-07-20")), cal=cal)["1.1.1"]
        assert (word.period, word.notes) == ("weekly:2017-07-21", ())
        skipped = judged(
            claim("1.1.1", "2017-07-28 09:00", FRI_THU),
            cal=calendar(overrides=(PeriodOverride("weekly:2017-07-21", skip=True, reason="x"),)),
        )["1.1.1"]
        assert skipped.period == "weekly:2017-07-28"
        assert "own_wanted" in skipped.notes

    @pytest.mark.parametrize(
        ("received", "answers"), [("2017-07-27 09:00", None), ("2017-07-27 09:00", "weekly:2017-07-21")]
    )
    def test_a_window_behind_the_last_slot_owed_is_for_a_person(self, received, answers):
        """The agency ended on 21/7; its successor goes on under the old name: 21–27/7 is no correction of the week before."""

        def ended(slot):
            return slot.cutoff_day <= day("2017-07-21")

        after = ("2017-07-21", "2017-07-27")
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU),
            claim("2.1.1", received, after, answers=answers),
            claim("3.1.1", "2017-07-27 10:00", after),
            owes=ended,
        )
        for ref in ("2.1.1", "3.1.1"):
            assert (words[ref].outcome, words[ref].reason) == ("in_review", "ambiguous_period"), ref
            assert "beyond_last" in words[ref].notes
        own_week = claim("1.1.1", "2017-07-21 09:00", ("2017-07-17", "2017-07-23"))  # Monday to Sunday
        assert judged(own_week, owes=ended)["1.1.1"].outcome == "accepted"

    @pytest.mark.parametrize(
        "said",
        [{"stated_period": "monthly:2017-07"}, {"window_start": day("2017-07-01"), "window_end": day("2017-07-31")}],
    )
    def test_so_it_is_with_a_month(self, said):
        cal = calendar(overrides=(PeriodOverride("monthly:2017-07", skip=True, reason="Bão"),))
        skipped = due("monthly:2017-07", status="not_applicable", since=local("2017-07-27 12:00"))
        for received, key in (("2017-07-27 09:00", "monthly:2017-07"), ("2017-07-27 13:00", "monthly:2017-08")):
            word = judged(claim("1.1.1", received, type="monthly", **said), kind=MONTHLY, cal=cal, dues=[skipped])
            assert word["1.1.1"].period == key

    @pytest.mark.parametrize("window", [FRI_THU, None])
    def test_what_had_come_for_a_period_before_it_was_skipped_for_everybody_stays_with_it(self, window):
        """Owed when it came: it is nobody's report of the week after, whose own must still come."""
        cal = calendar(overrides=(PeriodOverride("weekly:2017-07-21", skip=True, reason="Bão"),))
        skipped = due("weekly:2017-07-21", status="not_applicable", since=local("2017-07-20 12:00"))
        dues = [skipped]
        words = judged(
            claim("1.1.1", "2017-07-20 09:00", window),
            claim("2.1.1", "2017-07-28 09:00", ("2017-07-21", "2017-07-27"), content_key="b"),
            cal=cal,
            dues=dues,
        )
        assert [words[ref].period for ref in ("1.1.1", "2.1.1")] == ["weekly:2017-07-21", "weekly:2017-07-28"]
        later = judged(claim("1.1.1", "2017-07-20 13:00", window), cal=cal, dues=dues)["1.1.1"]
        assert later.period == "weekly:2017-07-28", "whoever sent it later could know"

    def test_tet_a_window_over_both_weeks_is_the_one_report_that_covers_both(self):
        """Tết 2018: Friday 16/2 is skipped, "the next report covers both weeks"; one that ends with the skipped week is asked about."""
        cal = calendar(holidays=days("2018-02-14", "2018-02-15", "2018-02-16", "2018-02-19", "2018-02-20"))
        both = judged(claim("1.1.1", "2018-02-23 09:00", ("2018-02-09", "2018-02-22")), cal=cal)["1.1.1"]
        one = judged(claim("1.1.1", "2018-02-23 09:00", ("2018-02-09", "2018-02-15")), cal=cal)["1.1.1"]
        assert both.period == one.period == "weekly:2018-02-23"
        assert (both.notes, one.notes) == (("covers_skipped",), ("own_wanted",))
        behind = judged(claim("1.1.1", "2018-02-23 09:00", ("2018-02-12", "2018-02-18")), cal=cal)["1.1.1"]
        assert behind.notes == ("covers_skipped",), "an agency that reports Monday to Sunday loses nothing"

    @pytest.mark.parametrize(
        ("window", "note"), [(("2018-02-16", "2018-02-22"), "skipped_wanted"), (None, "skipped_wanted")]
    )
    def test_a_report_without_the_skipped_weeks_data_is_asked_for_it(self, window, note):
        cal = calendar(holidays=days("2018-02-14", "2018-02-15", "2018-02-16", "2018-02-19", "2018-02-20"))
        word = judged(claim("1.1.1", "2018-02-23 09:00", window), cal=cal)["1.1.1"]
        assert word.period == "weekly:2018-02-23"
        assert note in word.notes
        assert "covers_skipped" not in word.notes
        unread = claim("1.1.1", "2018-02-23 09:00", recognised=False, refused="encrypted")
        assert judged(unread, cal=cal)["1.1.1"].notes == ("inferred",)

    def test_a_due_frozen_when_its_period_opened_is_owed_whatever_the_roster_says_today(self):
        word = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU), owes=lambda p: False, dues=[due("weekly:2017-07-21")]
        )
        assert word["1.1.1"].period == "weekly:2017-07-21"

    def test_one_stated_end_is_enough(self):
        only_end = claim("1.1.1", "2017-07-21 09:00", window_end=day("2017-07-20"))
        only_start = claim("2.1.1", "2017-07-21 09:01", window_start=day("2017-07-14"))
        assert set(placed(only_end, only_start).values()) == {("weekly:2017-07-21", "window")}


class TestWindowAndReceipt:
    def test_window_10_16_7_2017_mail_of_friday_21_7_09_20_is_slot_21_7(self):
        """ "example for an agency owing both: window 10–16/7/2017, mail of Friday 21/7 09:20 → slot 21/7"."""
        assert placed(claim("1.1.1", "2017-07-21 09:20", MON_SUN)) == {"1.1.1": ("weekly:2017-07-21", "window+receipt")}

    @pytest.mark.parametrize(
        ("window", "received", "late_days", "slot"),
        [
            (MON_SUN, "2017-07-19 17:00", 3, "weekly:2017-07-14"),  # the third working day: not more than late_days
            (MON_SUN, "2017-07-20 08:00", 3, "weekly:2017-07-21"),  # the fourth
            (MON_SUN, "2017-07-21 10:00:00", 3, "weekly:2017-07-21"),  # "at or before the next owed slot's due moment"
            (MON_SUN, "2017-07-21 10:00:01", 3, "weekly:2017-07-14"),
            (("2017-07-07", "2017-07-13"), "2017-07-21 09:20", 3, "weekly:2017-07-14"),  # ends before the cutoff day
            (("2017-07-10", "2017-07-14"), "2017-07-21 09:20", 3, "weekly:2017-07-21"),  # ends on the cutoff day
            (MON_SUN, "2017-07-20 08:00", 4, "weekly:2017-07-14"),
        ],
    )
    def test_each_condition_of_the_rule_counts(self, window, received, late_days, slot):
        """ "If the window ends on or after that slot's cutoff day, the mail came at or before the next owed slot's due moment,
        and either more than `late_days` working days have passed (days after the cutoff day, the mail's day included) ..."."""
        kind = replace(WEEKLY, late_days=late_days)
        word = judged(claim("1.1.1", received, window), kind=kind, cal=calendar(kind))["1.1.1"]
        assert word.period == slot

    def test_or_that_due_already_has_an_acceptable_report_of_an_earlier_window(self):
        words = placed(
            claim("1.1.1", "2017-07-14 09:00", ("2017-07-03", "2017-07-09")),
            claim("2.1.1", "2017-07-17 09:00", MON_SUN),
        )
        assert words == {
            "1.1.1": ("weekly:2017-07-14", "window+receipt"),
            "2.1.1": ("weekly:2017-07-21", "window+receipt"),
        }

    def test_an_incomplete_report_of_an_earlier_window_does_not_fill_the_due(self):
        words = placed(
            claim("1.1.1", "2017-07-14 09:00", ("2017-07-03", "2017-07-09"), core_stated=1),
            claim("2.1.1", "2017-07-17 09:00", MON_SUN),
        )
        assert words["2.1.1"] == ("weekly:2017-07-14", "window")

    def test_a_report_without_a_window_is_no_report_of_an_earlier_window(self):
        words = placed(claim("1.1.1", "2017-07-14 09:00"), claim("2.1.1", "2017-07-17 09:00", MON_SUN))
        assert words["2.1.1"] == ("weekly:2017-07-14", "window")

    def test_the_next_slots_own_extension_counts(self):
        extended = due("weekly:2017-07-21", at="2017-07-24 17:00", status="extended")
        assert placed(claim("1.1.1", "2017-07-24 09:00", MON_SUN), dues=[extended]) == {
            "1.1.1": ("weekly:2017-07-21", "window+receipt")
        }

    def test_without_a_next_owed_slot_the_window_stays(self):
        word = judged(claim("1.1.1", "2017-07-21 09:20", MON_SUN), owes=lambda p: p.key == "weekly:2017-07-14")
        assert word["1.1.1"].period == "weekly:2017-07-14"

    def test_a_calendar_of_monday_to_sunday_reports_fills_every_week_once(self):
        """An agency that always reports the week before on Friday morning: each due has exactly one report."""
        fridays = ["2017-07-14", "2017-07-21", "2017-07-28", "2017-08-04"]
        windows = [("2017-07-03", "2017-07-09"), MON_SUN, ("2017-07-17", "2017-07-23"), ("2017-07-24", "2017-07-30")]
        words = placed(
            *(claim(f"{n}.1.1", f"{f} 09:20", w) for n, (f, w) in enumerate(zip(fridays, windows, strict=True), 1))
        )
        assert [p for p, _ in words.values()] == [f"weekly:{f}" for f in fridays]


class TestTheSameWindowAgain:
    def test_it_is_a_revision_of_the_same_due(self):
        """ "The same window again is a revision or duplicate of the same due"."""
        words = placed(
            claim("1.1.1", "2017-07-17 09:00", MON_SUN),
            claim("2.1.1", "2017-07-20 09:00", MON_SUN),
        )
        assert words["2.1.1"] == words["1.1.1"] == ("weekly:2017-07-14", "window")

    def test_also_when_the_receipt_or_a_person_had_placed_it(self):
        words = placed(
            claim("1.1.1", "2017-07-21 09:20", MON_SUN),
            claim("2.1.1", "2017-07-24 09:00", MON_SUN),
        )
        assert words["2.1.1"] == ("weekly:2017-07-21", "window+receipt")
        by_person = placed(
            claim("1.1.1", "2017-07-21 09:20", FRI_THU, person_period="weekly:2017-07-28"),
            claim("2.1.1", "2017-07-24 09:00", FRI_THU),
        )
        assert by_person["2.1.1"] == ("weekly:2017-07-28", "window")

    def test_what_an_answer_named_says_nothing_of_the_window(self):
        """A clerk answers last week's letter with this week's report, then sends it properly."""
        words = placed(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, answers="weekly:2017-07-14"),
            claim("2.1.1", "2017-07-21 09:30", FRI_THU),
        )
        assert words == {"1.1.1": ("weekly:2017-07-14", "answer"), "2.1.1": ("weekly:2017-07-21", "window")}


class TestAnswersAndPeople:
    def test_an_answer_to_our_letter_names_the_due_before_any_of_these_rules(self):
        word = judged(claim("1.1.1", "2017-07-24 09:00", FRI_THU, answers="weekly:2017-07-14"))["1.1.1"]
        assert (word.period, word.how, word.notes) == ("weekly:2017-07-14", "answer", ("stated_elsewhere",))
        same = judged(claim("1.1.1", "2017-07-24 09:00", FRI_THU, answers="weekly:2017-07-21"))["1.1.1"]
        assert (same.how, same.notes) == ("answer", ())

    def test_a_window_of_another_owed_due_in_an_answer_is_for_a_person_to_confirm(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", FRI_THU, answers="weekly:2017-07-14"))["1.1.1"]
        assert (word.outcome, word.reason, word.notes) == ("in_review", "ambiguous_period", ("stated_elsewhere",))
        month = {"type": "monthly", "stated_period": "monthly:2017-07", "answers": "monthly:2017-06"}
        word = judged(claim("1.1.1", "2017-07-28 09:00", **month), kind=MONTHLY)["1.1.1"]
        assert (word.period, word.outcome) == ("monthly:2017-06", "in_review")

    def test_it_is_kept_where_a_report_is_still_waited_for(self):
        words = judged(
            claim("1.1.1", "2017-07-14 09:00", ("2017-07-07", "2017-07-13")),
            claim("2.1.1", "2017-07-21 09:00", FRI_THU, answers="weekly:2017-07-14"),
            claim("3.1.1", "2017-07-21 09:10", FRI_THU),
        )
        second = words["2.1.1"]
        assert (second.period, second.how, second.outcome) == ("weekly:2017-07-21", "window", "in_review")
        assert second.notes == ("stated_elsewhere",)
        assert words["3.1.1"].outcome == "accepted"

    def test_the_very_content_of_another_due_is_its_copy_whatever_letter_it_answers(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", FRI_THU, content_key="x"),
            claim("2.1.1", "2017-07-21 09:10", FRI_THU, content_key="x", answers="weekly:2017-07-14"),
        )
        assert (words["2.1.1"].duplicate_of, words["2.1.1"].notes) == ("1.1.1", ())

    @pytest.mark.parametrize(
        ("received", "window", "answers", "doubted"),
        [
            ("2017-07-24 09:00", MON_SUN, "weekly:2017-07-21", False),  # reported a week later, and late
            ("2017-07-24 09:00", MON_SUN, "weekly:2017-07-28", True),
            ("2017-07-21 09:20", MON_SUN, "weekly:2017-07-14", False),  # by receipt it could be the next slot's
            ("2017-07-21 09:20", MON_SUN, "weekly:2017-07-07", True),
        ],
    )
    def test_a_window_that_may_be_reported_a_week_later_does_not_contradict_an_answer(
        self, received, window, answers, doubted
    ):
        word = judged(claim("1.1.1", received, window, answers=answers))["1.1.1"]
        assert (word.period, word.how, word.outcome == "in_review") == (answers, "answer", doubted)

    def test_it_does_when_the_answered_due_has_an_earlier_window_already(self):
        words = judged(
            claim("1.1.1", "2017-07-14 09:00", ("2017-07-03", "2017-07-09"), answers="weekly:2017-07-14"),
            claim("2.1.1", "2017-07-21 09:20", MON_SUN, answers="weekly:2017-07-14"),
        )
        assert (words["2.1.1"].period, words["2.1.1"].outcome) == ("weekly:2017-07-21", "in_review")

    def test_an_answer_about_another_kind_of_report_names_nothing(self):
        assert placed(claim("1.1.1", "2017-07-21 09:00", FRI_THU, answers="monthly:2017-06"))["1.1.1"][1] == "window"
        assert placed(claim("1.1.1", "2017-07-21 09:00", FRI_THU, answers="weekly:2016-07-01"))["1.1.1"][1] == "window"

    def test_a_slip_of_the_pen_in_an_answer_does_not_matter(self):
        word = judged(claim("1.1.1", "2017-07-24 09:00", ("2017-07-20", "2017-07-14"), answers="weekly:2017-07-21"))[
            "1.1.1"
        ]
        assert (word.period, word.how, word.outcome, word.notes) == ("weekly:2017-07-21", "answer", "accepted", ())

    def test_a_persons_word_wins_over_an_answer(self):
        told = claim(
            "1.1.1", "2017-07-24 09:00", FRI_THU, answers="weekly:2017-07-14", person_period="weekly:2017-07-07"
        )
        assert placed(told) == {"1.1.1": ("weekly:2017-07-07", "person")}


class TestWindowShift:
    def test_windows_that_always_end_before_the_preceding_friday_are_shifted_by_the_roster(self):
        """ "An agency whose windows always end before the Friday preceding the cutoff may carry `window_shift = 1`"."""
        reported = claim("1.1.1", "2017-07-21 09:20", ("2017-07-07", "2017-07-13"))
        assert placed(reported) == {"1.1.1": ("weekly:2017-07-14", "window")}
        assert placed(reported, window_shift=1) == {"1.1.1": ("weekly:2017-07-21", "window")}


class TestSlipsOfThePen:
    @pytest.mark.parametrize(
        "window",
        [
            ("2017-07-20", "2017-07-14"),  # reversed
            ("2017-06-15", "2017-07-20"),  # 36 days
            ("2016-07-14", "2016-07-20"),  # a slip of the year
            ("2017-09-04", "2017-09-05"),  # ends 46 days from receipt
        ],
    )
    def test_a_window_reversed_too_long_or_too_far_is_ambiguous_with_our_guess_in_review(self, window):
        """ "A weekly window that is reversed, longer than 35 days or ends more than 45 days from receipt is a slip of the pen:
        `ambiguous_period`, our guess shown, in review"."""
        word = judged(claim("1.1.1", "2017-07-21 09:00", window))["1.1.1"]
        assert (word.period, word.how, word.outcome, word.reason) == (
            "weekly:2017-07-21", "guess", "in_review", "ambiguous_period",
        )  # fmt: skip
        assert not word.acceptable

    @pytest.mark.parametrize(
        "window", [("2017-06-16", "2017-07-20"), ("2017-09-03", "2017-09-04"), ("2017-06-01", "2017-06-06")]
    )
    def test_35_days_of_length_and_45_of_distance_are_still_believed(self, window):
        assert placed(claim("1.1.1", "2017-07-21 09:00", window))["1.1.1"][1] == "window"

    def test_not_applied_when_a_form_was_forced(self):
        """ "(not applied under `--as`)"."""
        reverse = claim("1.1.1", "2017-07-21 09:00", ("2017-07-20", "2017-07-14"))
        assert placed(reverse, slips=False) == {"1.1.1": ("weekly:2017-07-21", "window")}
        assert placed(
            claim("1.1.1", "2017-07-21 09:00", ("2016-07-15", "2016-07-21")),
            slips=False,
            cal=calendar(start="2016-01-01"),
        ) == {"1.1.1": ("weekly:2016-07-22", "window")}

    def test_a_persons_period_or_acceptance_ends_the_doubt(self):
        slip = claim("1.1.1", "2017-07-21 09:00", ("2017-07-20", "2017-07-14"))
        assert judged(replace(slip, person_period="weekly:2017-07-14"))["1.1.1"].outcome == "accepted"
        accepted = judged(replace(slip, person_outcome="accepted"))["1.1.1"]
        assert (accepted.outcome, accepted.period, accepted.how) == ("accepted", "weekly:2017-07-21", "guess")

    def test_a_window_no_owed_slot_reaches_is_for_the_next_one_when_it_came_in_time_for_it(self):
        """First week of the obligation: the window of the week before, sent by the first cutoff."""
        cal = calendar(start="2017-07-17")
        early = ("2017-07-10", "2017-07-14")
        assert placed(claim("1.1.1", "2017-07-21 09:20", early), cal=cal) == {
            "1.1.1": ("weekly:2017-07-21", "window+receipt")
        }
        assert placed(claim("1.1.1", "2017-07-21 10:20", early), cal=cal)["1.1.1"] == ("weekly:2017-07-21", "guess")
        assert placed(claim("1.1.1", "2017-07-18 09:20", ("2017-07-07", "2017-07-13")), cal=cal)["1.1.1"][1] == "guess"

    def test_an_agency_that_owes_nothing_at_all_gets_no_period(self):
        word = judged(claim("1.1.1", "2017-07-21 09:00", FRI_THU), owes=lambda p: False)["1.1.1"]
        assert (word.period, word.how, word.outcome, word.reason) == (None, "guess", "in_review", "ambiguous_period")
        assert word.timing == "unknown"


class TestMonthly:
    def test_a_month_in_title_subject_or_file_name_is_a_stated_period(self):
        """ ""tháng 7/2017" in title, subject or file name is a stated period"."""
        stated = claim("1.1.1", "2017-08-01 09:00", type="monthly", stated_period="monthly:2017-07")
        assert placed(stated, kind=MONTHLY) == {"1.1.1": ("monthly:2017-07", "stated")}

    @pytest.mark.parametrize(
        "window",
        [
            ("2017-07-01", "2017-07-31"),
            ("2017-06-21", "2017-07-20"),
            ("2017-06-15", "2017-07-14"),
            ("2017-01-01", "2017-07-27"),
        ],
    )
    def test_a_month_may_be_calendar_21st_to_20th_15th_to_14th_or_since_january(self, window):
        """ "a month may be calendar, 21st–20th or 15th–14th"."""
        assert placed(claim("1.1.1", "2017-07-28 09:00", window, type="monthly"), kind=MONTHLY) == {
            "1.1.1": ("monthly:2017-07", "window")
        }

    @pytest.mark.parametrize(
        "facts",
        [
            {"stated_period": "monthly:2016-06"},  # before the calendar
            {"stated_period": "monthly:2018-06"},  # a slip of the year
            {"stated_period": "monthly:2017-10"},  # begins in two months
            {"window_start": day("2017-07-31"), "window_end": day("2017-07-01")},
            {"window_start": day("2018-06-01"), "window_end": day("2018-06-30")},
            {"window_start": day("2015-06-01"), "window_end": day("2015-06-30")},
        ],
    )
    def test_a_month_that_cannot_be_meant_is_a_guess_for_a_person(self, facts):
        word = judged(claim("1.1.1", "2017-07-28 09:00", type="monthly", **facts), kind=MONTHLY)["1.1.1"]
        assert (word.period, word.how, word.reason) == ("monthly:2017-07", "guess", "ambiguous_period")

    def test_a_month_about_to_begin_is_believed(self):
        stated = claim("1.1.1", "2017-07-28 09:00", type="monthly", stated_period="monthly:2017-08")
        assert placed(stated, kind=MONTHLY) == {"1.1.1": ("monthly:2017-08", "stated")}

    def test_a_month_the_agency_does_not_owe_is_a_guess_for_a_person(self):
        stated = claim("1.1.1", "2017-07-28 09:00", type="monthly", stated_period="monthly:2017-06")
        word = judged(stated, kind=MONTHLY, owes=lambda p: p.key != "monthly:2017-06")["1.1.1"]
        assert (word.period, word.how) == ("monthly:2017-07", "guess")

    def test_the_stated_period_of_another_type_says_nothing(self):
        stated = claim("1.1.1", "2017-09-19 09:00", type="quarterly", stated_period="monthly:2017-09")
        assert placed(stated, kind=QUARTERLY) == {"1.1.1": ("quarterly:2017-Q3", "inferred")}

    def test_a_quarterly_window_belongs_to_the_quarter_of_its_last_day(self):
        asked = claim("1.1.1", "2017-09-18 09:00", ("2017-06-15", "2017-09-14"), type="quarterly")
        assert placed(asked, kind=QUARTERLY) == {"1.1.1": ("quarterly:2017-Q3", "window")}

    def test_an_ad_hoc_report_has_one_period_wherever_its_window_lies(self):
        once = ReportType("adhoc", "once", "", "2017-10-05 17:00", key="ra-soat")
        asked = claim("1.1.1", "2017-11-20 09:00", ("2016-01-01", "2016-12-31"), type="adhoc")
        assert placed(asked, kind=once, cal=calendar(once)) == {"1.1.1": ("ra-soat", "inferred")}


class TestNothingStated:
    def test_before_the_cutoff_it_is_the_open_one_marked_inferred(self):
        earlier = claim("1.1.1", "2017-07-14 09:00")
        word = judged(earlier, claim("2.1.1", "2017-07-21 10:00:00"))["2.1.1"]
        assert (word.period, word.how, word.notes) == ("weekly:2017-07-21", "inferred", ("inferred",))

    @pytest.mark.parametrize(
        ("received", "slot"),
        [
            ("2017-07-21 10:00:01", "weekly:2017-07-21"),
            ("2017-07-26 23:59:59", "weekly:2017-07-21"),  # the third working day
            ("2017-07-27 00:00:00", "weekly:2017-07-28"),
        ],
    )
    def test_the_period_just_closed_for_late_days_working_days_else_the_open_one(self, received, slot):
        """ "the period just closed if it has no acceptable report yet and at most `late_days` working days have passed ...,
        else the open one"."""
        assert placed(claim("1.1.1", received)) == {"1.1.1": (slot, "inferred")}

    def test_once_the_closed_one_has_an_acceptable_report_it_is_the_open_one(self):
        words = placed(claim("1.1.1", "2017-07-21 09:00"), claim("2.1.1", "2017-07-21 11:00"))
        assert words["2.1.1"] == ("weekly:2017-07-28", "inferred")
        still = placed(claim("1.1.1", "2017-07-21 09:00", core_stated=3), claim("2.1.1", "2017-07-21 11:00"))
        assert still["2.1.1"] == ("weekly:2017-07-21", "inferred")

    def test_a_second_report_before_the_cutoff_is_a_revision_of_the_open_one(self):
        words = placed(
            claim("0.1.1", "2017-07-14 09:00"), claim("1.1.1", "2017-07-20 09:00"), claim("2.1.1", "2017-07-21 09:00")
        )
        assert words["1.1.1"] == words["2.1.1"] == ("weekly:2017-07-21", "inferred")

    def test_never_ending_before_the_cure_window_or_an_extension(self):
        short = replace(WEEKLY, late_days=0)
        cal = calendar(short)
        assert placed(claim("1.1.1", "2017-07-24 17:00:00"), kind=short, cal=cal)["1.1.1"][0] == "weekly:2017-07-21"
        assert placed(claim("1.1.1", "2017-07-24 17:00:01"), kind=short, cal=cal)["1.1.1"][0] == "weekly:2017-07-28"
        extended = due("weekly:2017-07-21", at="2017-07-27 10:00", status="extended")
        no_cure = replace(WEEKLY, late_days=0, cure_until=None)
        words = placed(claim("1.1.1", "2017-07-27 10:00:00"), kind=no_cure, cal=calendar(no_cure), dues=[extended])
        assert words["1.1.1"][0] == "weekly:2017-07-21"

    def test_content_identical_to_a_revision_of_the_closed_due_is_a_duplicate_of_that_due(self):
        words = judged(
            claim("1.1.1", "2017-07-21 09:00", content_key="same"),
            claim("2.1.1", "2017-07-21 11:00", content_key="same"),
        )
        assert (words["2.1.1"].period, words["2.1.1"].duplicate_of) == ("weekly:2017-07-21", "1.1.1")

    def test_a_waived_due_is_not_what_an_unlabelled_report_is_for(self):
        waived = due("weekly:2017-07-21", status="waived")
        assert placed(claim("1.1.1", "2017-07-21 11:00"), dues=[waived])["1.1.1"][0] == "weekly:2017-07-28"

    def test_with_nothing_open_any_more_the_last_closed_one_is_meant(self):
        words = placed(claim("1.1.1", "2017-08-21 11:00"), owes=lambda p: p.cutoff_day <= day("2017-07-21"))
        assert words["1.1.1"] == ("weekly:2017-07-21", "inferred")

    def test_monthly_and_quarterly_have_their_own_late_days(self):
        """ "(weekly 3, monthly 10, quarterly 20)"."""
        assert placed(claim("1.1.1", "2017-08-11 09:00", type="monthly"), kind=MONTHLY)["1.1.1"][0] == "monthly:2017-07"
        assert placed(claim("1.1.1", "2017-08-14 09:00", type="monthly"), kind=MONTHLY)["1.1.1"][0] == "monthly:2017-08"
        assert (
            placed(claim("1.1.1", "2017-07-17 09:00", type="quarterly"), kind=QUARTERLY)["1.1.1"][0]
            == "quarterly:2017-Q2"
        )
        assert (
            placed(claim("1.1.1", "2017-07-18 09:00", type="quarterly"), kind=QUARTERLY)["1.1.1"][0]
            == "quarterly:2017-Q3"
        )

    def test_a_moved_due_is_open_until_its_moved_moment(self):
        cal = calendar(holidays=days("2017-09-01"))
        assert placed(claim("1.1.1", "2017-09-04 10:00:00"), cal=cal)["1.1.1"][0] == "weekly:2017-09-01"
        assert period(cal, "weekly:2017-09-01").due_why == "holiday:2017-09-01"
