"""Every cutoff of a year as an iCalendar file, for the office's calendars to take in."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from intake.rules.values import Period
from notifier import vietnamese_format as vf
from notifier import wording
from notifier.calendar_sheet import note_of, why_of, words


def calendar_ics(periods: list[Period], host: str, now: datetime) -> bytes:
    """One event for each cutoff; a period nobody owes stands as a whole day that blocks nothing."""
    calendar = Calendar()
    calendar.add("prodid", "-//cchc-intake//calendar//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", words("name"))
    for period in periods:
        calendar.add_component(_event(period, host, now))
    return bytes(calendar.to_ical())


def _event(period: Period, host: str, now: datetime) -> Event:
    event = Event()
    report = wording.type_subject(period.type, period.key)
    event.add("uid", f"{period.key}@{host or 'cchc-intake'}".replace(":", "-"))
    event.add("dtstamp", now)
    event.add("summary", words("summary_skipped" if period.skipped else "summary", report=report))
    why = ". ".join(filter(None, (why_of(period), note_of(period))))
    days = {"first": vf.day(period.window_from), "last": vf.day(period.window_to)}
    event.add("description", words("description", why=why, **days).strip())
    event.add("transp", "TRANSPARENT")
    if period.skipped:
        event.add("dtstart", period.cutoff_day)
        return event
    event.add("dtstart", period.due_at)
    event.add("dtend", period.due_at)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words("summary", report=report))
    alarm.add("trigger", timedelta(hours=-2))
    event.add_component(alarm)
    return event
