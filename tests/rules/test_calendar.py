"""Periods and cutoffs. Sentences in quotes are the plan's, its forms', or the definitions the project was built from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.values import PeriodOverride, ReportType
from tests.rules.makers import MONTHLY, QUARTERLY, WEEKLY, ZONE, calendar, day, days, local, period

TET_2018 = days("2018-02-14", "2018-02-15", "2018-02-16", "2018-02-17", "2018-02-18", "2018-02-19", "2018-02-20")


class TestKeysAndWindows:
    def test_weekly_key_is_its_cutoff_friday_and_the_window_the_friday_before_to_the_thursday_before_the_cutoff(self):
        week = period(calendar(), "weekly:2017-07-21")
        assert (week.window_from, week.window_to, week.cutoff_day) == (
            day("2017-07-14"),
            day("2017-07-20"),
            day("2017-07-21"),
        )
        assert week.due_at == local("2017-07-21 10:00") == datetime(2017, 7, 21, 3, tzinfo=UTC)
        assert (week.due_original, week.due_why, week.due_day) == (week.due_at, None, day("2017-07-21"))

    def test_thu_sau_tuan_cuoi_cung_cua_thang_is_the_last_friday_of_the_month(self):
        """Plan: "thứ Sáu tuần cuối cùng của tháng"; default: the last Friday of the month."""
        month = period(calendar(), "monthly:2017-07")
        assert month.due_at == local("2017-07-28 10:00")
        assert (month.window_from, month.window_to) == (day("2017-07-01"), day("2017-07-31"))

    def test_the_alternative_is_the_friday_of_the_week_that_holds_the_months_last_day(self):
        month = period(calendar(month_friday="week_of_last_day"), "monthly:2017-07")
        assert month.due_at == local("2017-08-04 10:00")
        assert month.key == "monthly:2017-07"

    def test_the_two_readings_of_the_last_friday_differ_in_75_of_132_months_2017_to_2027(self):
        one, other = calendar(), calendar(month_friday="week_of_last_day")
        keys = [f"monthly:{year}-{month:02d}" for year in range(2017, 2028) for month in range(1, 13)]
        assert len(keys) == 132
        assert sum(period(one, k).due_at != period(other, k).due_at for k in keys) == 75

    def test_truoc_ngay_20_is_the_last_moment_of_the_19th_moved_to_the_working_day_before(self):
        """ "trước ngày 20" of March, June, September, December: "the last moment of the 19th, and moved to the working day
        BEFORE when that is a day off"."""
        cal = calendar()
        dues = [cal.local(period(cal, f"quarterly:2017-Q{n}").due_at) for n in (1, 2, 3, 4)]
        assert [d.date() for d in dues] == [day("2017-03-17"), day("2017-06-19"), day("2017-09-19"), day("2017-12-19")]
        assert {d.time() for d in dues} == {time(23, 59, 59)}
        first = period(cal, "quarterly:2017-Q1")
        assert (first.cutoff_day, first.due_why) == (day("2017-03-19"), "weekend:2017-03-19")

    def test_before_day_implies_previous_unless_its_report_says_otherwise(self):
        """ "implies holiday = "previous" unless its [[report]] says otherwise"."""
        nxt = calendar(replace(QUARTERLY, holiday="next"))
        assert nxt.day(period(nxt, "quarterly:2017-Q1").due_at) == day("2017-03-20")

    def test_half_years_and_years_are_due_in_their_last_month(self):
        half = ReportType("half", "half", "half", "day 15 16:30")
        year = ReportType("yearly", "year", "yearly", "before day 1", holiday="fixed")
        cal = calendar(half, year)
        assert period(cal, "half:2017-H2").due_at == local("2017-12-15 16:30")
        assert period(cal, "half:2017-H1").window_to == day("2017-06-30")
        assert period(cal, "yearly:2017").due_at == local("2017-11-30 23:59:59")

    def test_a_day_the_month_lacks_is_its_last_day(self):
        cal = calendar(ReportType("monthly", "month", "monthly", "day 31 10:00", holiday="fixed"))
        assert period(cal, "monthly:2017-02").due_at == local("2017-02-28 10:00")

    def test_ad_hoc_reports_are_due_once_under_their_own_name_and_no_hour_is_the_end_of_the_day(self):
        """ "đột xuất, e.g. the plan's own "chậm nhất ngày 30/7/2017", no hour = end of day"."""
        fixed = ReportType("adhoc", "once", "", "2017-07-30", holiday="fixed", key="ra-soat-2017")
        cal = calendar(fixed, ReportType("other", "once", "", "2017-10-05 17:00"))
        assert period(cal, "ra-soat-2017").due_at == local("2017-07-30 23:59:59")
        assert period(cal, "other").due_at == local("2017-10-05 17:00")
        assert cal.period("adhoc") is None
        assert [p.key for p in cal.periods("adhoc", day("2017-07-01"), day("2017-07-31"))] == ["ra-soat-2017"]
        assert cal.periods("adhoc", day("2017-08-01"), day("2017-08-31")) == ()

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "weekly",
            "weekly:2017-07-20",
            "weekly:20170721",
            "weekly:x",
            "monthly:2017-7",
            "daily:2017-07-21",
            "weekly:0001-01-05",
        ],
    )
    def test_what_is_no_period_has_none(self, key):
        assert calendar().period(key) is None

    def test_no_due_exists_for_a_cutoff_before_calendar_start(self):
        """ "calendar.start: first day answered for: no due exists for a cutoff before it"."""
        cal = calendar(start="2017-07-17")
        assert cal.period("weekly:2017-07-14") is None
        assert cal.periods("weekly", day("2017-07-01"), day("2017-07-31"))[0].key == "weekly:2017-07-21"
        assert [p.key for p in cal.periods(MONTHLY, day("2017-01-01"), day("2017-08-31"))] == [
            "monthly:2017-07",
            "monthly:2017-08",
        ]
        assert cal.periods(MONTHLY, day("2017-01-01"), day("2017-02-28")) == ()

    def test_periods_are_found_by_cutoff_day_even_when_it_lies_outside_the_span(self):
        cal = calendar(month_friday="week_of_last_day")
        assert [p.key for p in cal.periods("monthly", day("2017-08-01"), day("2017-08-31"))] == ["monthly:2017-07"]

    def test_weekly_and_monthly_fall_due_in_the_same_minute_on_the_last_friday(self):
        cal = calendar()
        assert period(cal, "weekly:2017-07-28").due_at == period(cal, "monthly:2017-07").due_at

    @given(st.dates(date(2017, 1, 8), date(2035, 12, 31)))
    def test_every_day_lies_in_exactly_one_week_and_every_key_finds_its_period(self, any_day):
        cal = calendar(holiday="fixed")
        weeks = cal.periods("weekly", any_day - timedelta(days=14), any_day + timedelta(days=14))
        assert sum(w.window_from <= any_day <= w.window_to for w in weeks) == 1
        assert all(cal.period(w.key) == w for w in weeks)


class TestOnTime:
    def test_cham_nhat_10_gio_means_10_00_00_is_on_time(self):
        """Plan body "chậm nhất 10 giờ" (10:00:00 is on time); default: received ≤ due, to the second."""
        cal = calendar()
        due_at = period(cal, "weekly:2017-07-21").due_at
        assert cal.is_on_time(local("2017-07-21 10:00:00"), due_at, WEEKLY)
        assert cal.is_on_time(local("2017-07-21 10:00:00.900000"), due_at, "weekly")
        assert not cal.is_on_time(local("2017-07-21 10:00:01"), due_at, WEEKLY)
        assert cal.rule("weekly") == "internaldate<=due"
        assert cal.rule("weekly", "border") == "border<=due"

    def test_truoc_10_gio_means_10_00_00_is_late(self):
        """Both forms "trước 10 giờ" (it is late)."""
        cal = calendar(at_cutoff="late")
        due_at = period(cal, "weekly:2017-07-21").due_at
        assert not cal.is_on_time(local("2017-07-21 10:00:00"), due_at, WEEKLY)
        assert cal.is_on_time(local("2017-07-21 09:59:59"), due_at, WEEKLY)
        assert cal.rule("weekly") == "internaldate<due"

    def test_at_cutoff_does_not_apply_to_before_day(self):
        cal = calendar(at_cutoff="late")
        due_at = period(cal, "quarterly:2017-Q3").due_at
        assert cal.is_on_time(local("2017-09-19 23:59:59"), due_at, QUARTERLY)
        assert not cal.is_on_time(local("2017-09-20 00:00:00"), due_at, QUARTERLY)
        assert cal.rule("quarterly") == "internaldate<=due"

    def test_grace_seconds_are_added_and_named_in_the_rule(self):
        cal = calendar(grace_seconds=60)
        due_at = period(cal, "weekly:2017-07-21").due_at
        assert cal.is_on_time(local("2017-07-21 10:01:00"), due_at, WEEKLY)
        assert not cal.is_on_time(local("2017-07-21 10:01:01"), due_at, WEEKLY)
        assert cal.rule("weekly") == "internaldate<=due+60s"

    def test_lateness_is_counted_in_whole_seconds_after_the_due(self):
        cal = calendar()
        due_at = period(cal, "weekly:2017-07-21").due_at
        assert cal.late_seconds(local("2017-07-21 11:25:10"), due_at) == 1 * 3600 + 25 * 60 + 10
        assert cal.late_seconds(local("2017-07-21 09:00"), due_at) == 0

    def test_a_naive_moment_is_refused(self):
        with pytest.raises(ValueError, match="without an offset"):
            calendar().local(datetime(2017, 7, 21, 10))

    def test_days_are_those_of_the_office(self):
        assert calendar().day(datetime(2017, 7, 20, 18, tzinfo=UTC)) == day("2017-07-21")
        assert calendar().local(datetime(2017, 7, 20, 18, tzinfo=UTC)).tzinfo == ZONE


class TestDaysOff:
    def test_default_is_the_next_working_day_at_the_same_hour(self):
        """ "Holidays: default next working day, same hour"."""
        cal = calendar(holidays=days("2017-09-01"))
        week = period(cal, "weekly:2017-09-01")
        assert (week.due_at, week.due_original) == (local("2017-09-04 10:00"), local("2017-09-01 10:00"))
        assert (week.due_why, week.due_day, week.skipped) == ("holiday:2017-09-01", day("2017-09-04"), False)

    def test_friday_2026_01_02_was_off_the_tables_in_config_win(self):
        """ "The `holidays` package only seeds the calendar: it misses swapped days (Friday 2026-01-02 was off); the tables in
        config win"; and Saturday 2026-01-10 was worked."""
        cal = calendar(days_off=days("2026-01-02"), days_worked=days("2026-01-10"))
        week = period(cal, "weekly:2026-01-02")
        assert (week.due_at, week.skipped) == (local("2026-01-05 10:00"), False)
        assert cal.working_day(day("2026-01-10"))
        assert not cal.working_day(day("2026-01-11"))
        package_wrong = calendar(holidays=days("2026-01-02"), days_worked=days("2026-01-02"))
        assert period(package_wrong, "weekly:2026-01-02").due_why is None

    def test_other_policies_previous_fixed_and_skip_are_settings_per_report(self):
        off = days("2017-09-01")

        def moved(policy):
            return period(calendar(replace(WEEKLY, holiday=policy), holidays=off), "weekly:2017-09-01")

        assert moved("previous").due_at == local("2017-08-31 10:00")
        assert moved("fixed").due_at == local("2017-09-01 10:00")
        assert moved("fixed").due_why is None
        assert moved("skip").skipped
        assert period(calendar(holiday="previous", holidays=off), "weekly:2017-09-01").due_at == local(
            "2017-08-31 10:00"
        )

    def test_a_moved_weekly_due_with_fewer_than_3_working_days_before_the_next_cutoff_is_skipped_and_the_next_covers_both(
        self,
    ):
        """ "A moved weekly due with fewer than 3 working days strictly between it and the next cutoff day is skipped, and the
        next report covers both weeks": Tết 2018, Friday 16/2 moves to Wednesday 21/2, one working day before Friday 23/2."""
        cal = calendar(holidays=TET_2018)
        tet, after = period(cal, "weekly:2018-02-16"), period(cal, "weekly:2018-02-23")
        assert (tet.skipped, tet.due_at, tet.due_why) == (True, local("2018-02-21 10:00"), "holiday:2018-02-16")
        assert not after.skipped
        assert after.covers == ("weekly:2018-02-16",)
        assert (after.window_from, after.window_to) == (day("2018-02-09"), day("2018-02-22"))
        assert [p.key for p in cal.periods("weekly", day("2018-02-10"), day("2018-02-24"))] == [tet.key, after.key]

    def test_exactly_three_working_days_between_are_enough(self):
        """Friday off, due on Monday: Tuesday, Wednesday, Thursday lie strictly between it and the next cutoff day."""
        assert not period(calendar(holidays=days("2018-01-05")), "weekly:2018-01-05").skipped
        assert period(calendar(holidays=days("2018-01-05", "2018-01-10")), "weekly:2018-01-05").skipped

    def test_two_skipped_weeks_in_a_row_are_carried_by_the_one_after(self):
        cal = calendar(
            holidays=TET_2018, overrides=(PeriodOverride("weekly:2018-02-09", skip=True, reason="Nghỉ Tết"),)
        )
        after = period(cal, "weekly:2018-02-23")
        assert after.covers == ("weekly:2018-02-09", "weekly:2018-02-16")
        assert after.window_from == day("2018-02-02")

    def test_a_skipped_week_before_the_calendars_start_is_not_carried(self):
        assert period(calendar(holidays=TET_2018, start="2018-02-20"), "weekly:2018-02-23").covers == ()

    def test_the_monthly_slot_stays_tied_to_the_reported_month_even_if_its_due_moves_into_the_next(self):
        """"The slot stays tied to the reported month even if the due date moves into the next.""" ""
        cal = calendar(holidays=days("2017-09-29"))
        month = period(cal, "monthly:2017-09")
        assert month.due_at == local("2017-10-02 10:00")
        assert (month.key, month.window_to, month.skipped) == ("monthly:2017-09", day("2017-09-30"), False)

    def test_single_periods_can_be_skipped_or_moved_for_all_with_a_reason(self):
        cal = calendar(
            overrides=(
                PeriodOverride("weekly:2026-02-20", skip=True, reason="Nghỉ Tết"),
                PeriodOverride("monthly:2026-02", due_at=local("2026-02-24 10:00"), reason="Họp"),
            )
        )
        week, month = period(cal, "weekly:2026-02-20"), period(cal, "monthly:2026-02")
        assert (week.skipped, week.due_why) == (True, "override: Nghỉ Tết")
        assert (month.due_at, month.due_original) == (local("2026-02-24 10:00"), local("2026-02-27 10:00"))
        assert (month.due_day, month.due_why) == (day("2026-02-24"), "override: Họp")

    def test_a_person_who_moves_a_week_decides_it_is_not_skipped(self):
        moved = PeriodOverride("weekly:2018-02-16", due_at=local("2018-02-22 10:00"), reason="override: Tết")
        cal = calendar(holidays=TET_2018).with_overrides([moved])
        week = period(cal, "weekly:2018-02-16")
        assert (week.skipped, week.due_at, week.due_why) == (False, local("2018-02-22 10:00"), "override: Tết")
        assert period(cal, "weekly:2018-02-23").covers == ()

    def test_later_changes_of_a_period_win(self):
        first = PeriodOverride("weekly:2017-07-21", skip=True, reason="a")
        cal = calendar(overrides=(first,))
        again = cal.with_overrides([PeriodOverride("weekly:2017-07-21", due_at=local("2017-07-24 10:00"), reason="b")])
        assert not period(again, "weekly:2017-07-21").skipped

    def test_working_days_count_after_the_first_up_to_and_including_the_second(self):
        cal = calendar(holidays=days("2017-07-19"))
        assert cal.working_days(day("2017-07-14"), day("2017-07-21")) == 4
        assert cal.working_days(day("2017-07-21"), day("2017-07-14")) == 0

    def test_a_year_without_a_working_day_is_a_mistake_of_the_tables(self):
        cal = calendar(days_off=frozenset(day("2017-01-01") + timedelta(days=n) for n in range(800)))
        with pytest.raises(ValueError, match="check days_off"):
            cal.next_working_day(day("2017-01-01"))


class TestCureAndReminders:
    def test_the_cure_window_ends_at_17_00_of_the_next_working_day(self):
        """ "default to 17:00 of the next working day; "" = off"."""
        cal = calendar()
        due_at = period(cal, "weekly:2017-07-21").due_at
        assert cal.cure_until(WEEKLY, due_at) == local("2017-07-24 17:00")
        assert calendar(replace(WEEKLY, cure_until=None)).cure_until("weekly", due_at) is None

    def test_reminders_are_set_relative_to_the_due_day_after_any_move(self):
        """ "(`D-1 14:00`, `D 08:00`; D-1 is the working day before)"."""
        cal = calendar(holidays=days("2017-09-01"))
        specs = ("D 08:00", "D-1 14:00")
        assert cal.reminders(period(cal, "weekly:2017-07-21"), specs) == (
            ("D-1 14:00", local("2017-07-20 14:00")),
            ("D 08:00", local("2017-07-21 08:00")),
        )
        moved = cal.reminders(period(cal, "weekly:2017-09-01"), specs)
        assert [m for _, m in moved] == [local("2017-08-31 14:00"), local("2017-09-04 08:00")]


class TestVersion:
    def test_the_version_changes_with_every_date_that_could(self):
        base = calendar()
        others = [
            calendar(WEEKLY),
            calendar(grace_seconds=1),
            calendar(holidays=days("2017-09-01")),
            calendar(days_off=days("2017-09-01")),
            calendar(days_worked=days("2017-09-02")),
            base.with_overrides([PeriodOverride("weekly:2017-07-21", skip=True)]),
        ]
        versions = {base.version, *(c.version for c in others)}
        assert len(versions) == 1 + len(others)
        assert all(len(v) == 12 for v in versions)

    def test_the_version_stays_with_what_a_type_is_called(self):
        called = replace(WEEKLY, title="Báo cáo tuần", basis="Kế hoạch 20", words=("cchc",))
        assert calendar(called).version == calendar(WEEKLY).version
        assert calendar(replace(called, due="THU 10:00")).version != calendar(WEEKLY).version

    def test_the_same_changes_asked_for_again_are_not_built_again(self):
        base, skipped = calendar(), PeriodOverride("weekly:2017-07-21", skip=True)
        changed = base.with_overrides([skipped])
        assert base.with_overrides([skipped]) is changed
        assert base.with_overrides([replace(skipped, reason="Tết")]) is not changed

    def test_the_version_does_not_depend_on_the_order_of_the_tables(self):
        one = calendar(days_off=frozenset([day("2017-09-01"), day("2017-09-04")]))
        other = calendar(days_off=frozenset([day("2017-09-04"), day("2017-09-01")]))
        assert one.version == other.version

    def test_report_types_are_found_by_name(self):
        assert calendar().report_type("weekly") == WEEKLY
        assert calendar().report_type("daily") is None
