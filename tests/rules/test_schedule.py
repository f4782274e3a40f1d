"""The words of ``due``, ``cure_until`` and reminders."""

from __future__ import annotations

from datetime import date, time

import pytest

from intake.rules.schedule import Schedule, parse_clock, parse_cure, parse_due, parse_reminder, span_of_label, spans


@pytest.mark.parametrize(
    ("text", "every", "expected"),
    [
        ("FRI 10:00", "week", Schedule("weekday", time(10), weekday=4)),
        ("mon 9:30:15", "week", Schedule("weekday", time(9, 30, 15), weekday=0)),
        ("last FRI 10:00", "month", Schedule("last", time(10), weekday=4)),
        ("day 20 10:00", "quarter", Schedule("day", time(10), day=20)),
        ("before day 20", "half", Schedule("before", time(23, 59, 59), day=20)),
        ("2017-10-05 17:00", "once", Schedule("once", time(17), once=date(2017, 10, 5))),
        ("2017-10-05", "once", Schedule("once", time(23, 59, 59), once=date(2017, 10, 5))),
        ("2017-10-05T17:00:00", "once", Schedule("once", time(17), once=date(2017, 10, 5))),
    ],
)
def test_every_due_expression_of_the_contract_is_understood(text, every, expected):
    assert parse_due(text, every) == expected


@pytest.mark.parametrize(
    ("text", "every", "word"),
    [
        ("FRIDAY 10:00", "week", '"FRI 10:00"'),
        ("XYZ 10:00", "week", '"FRI 10:00"'),
        ("FRI 25:00", "week", "HH:MM"),
        ("FRI 10:00", "month", '"last FRI 10:00"'),
        ("last XYZ 10:00", "month", '"last FRI 10:00"'),
        ("day 32 10:00", "month", "1 to 31"),
        ("before day 0", "quarter", "1 to 31"),
        ("before 20", "year", '"before day 20"'),
        ("5/10/2017", "once", '"2017-10-05 17:00"'),
        ("2017-02-30", "once", "not a day"),
        ("FRI 10:00", "fortnight", "expected one of week, month"),
    ],
)
def test_a_due_expression_that_is_not_understood_says_what_is_expected(text, every, word):
    with pytest.raises(ValueError, match=word):
        parse_due(text, every)


def test_a_time_of_day_has_hours_and_minutes():
    assert parse_clock(" 7:05 ") == time(7, 5)
    for wrong in ("10", "24:00", "10:60", "10:00:60", "10:00+07:00", ""):
        with pytest.raises(ValueError, match="expected HH:MM"):
            parse_clock(wrong)


def test_an_empty_cure_until_switches_the_cure_window_off():
    assert parse_cure("") is None
    assert parse_cure("17:00") == time(17)


def test_reminders_are_counted_back_from_the_due_day():
    assert (parse_reminder("D-1 14:00").days, parse_reminder("D 08:00").days) == (1, 0)
    assert parse_reminder("d-2 09:15").clock == time(9, 15)
    for wrong in ("D+1 08:00", "14:00", "D-1", "D-1 24:00"):
        with pytest.raises(ValueError, match="expected"):
            parse_reminder(wrong)


@pytest.mark.parametrize(
    ("every", "label", "first", "last"),
    [
        ("month", "2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("quarter", "2017-Q3", date(2017, 7, 1), date(2017, 9, 30)),
        ("half", "2017-H2", date(2017, 7, 1), date(2017, 12, 31)),
        ("year", "2017", date(2017, 1, 1), date(2017, 12, 31)),
    ],
)
def test_labels_and_spans_are_each_others_inverse(every, label, first, last):
    span = span_of_label(every, label)
    assert (span.first, span.last, span.label) == (first, last, label)
    assert spans(every, first, last) == (span,)


@pytest.mark.parametrize(
    ("every", "label"),
    [
        ("month", "2017-13"),
        ("month", "2017-00"),
        ("quarter", "2017-Q5"),
        ("half", "2017-H3"),
        ("year", "17"),
        ("year", "0000"),
        ("month", "2017-7"),
    ],
)
def test_a_label_that_is_none_has_no_span(every, label):
    assert span_of_label(every, label) is None
