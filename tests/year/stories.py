"""What the agencies send in the year and what the secretariat decides, drawn with a seed; the mix of a bad year.

Each due gets one story; noise (unknown senders, agencies that owe nothing, other documents) comes beside. Only facts: the bytes of the
mails are made by ``paper``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from tests.year import oracle
from tests.year.facts import ZONE, Act, Agency, Mail, Report, Year
from tests.year.oracle import Slot
from tests.year.province import DAYS_OFF, DAYS_WORKED, REORGANISED, agencies

DAY = timedelta(days=1)
FAR = datetime.max.replace(tzinfo=ZONE)
# weight, story
STORIES = (
    (560, "in time"),
    (70, "late by minutes"),
    (40, "late by days"),
    (60, "missing"),
    (50, "blank lines, mended in time"),
    (25, "blank lines, mended after the cure window"),
    (25, "blank lines for good"),
    (15, "nearly empty for good"),
    (30, "sent twice"),
    (40, "corrected"),
    (15, "corrected weeks later"),
    (12, "unknown address"),
    (8, "unknown address, attributed"),
    (12, "withdrawn by a person"),
    (10, "broken file for good"),
    (8, "broken file, then whole"),
    (8, "waived"),
    (6, "waived after the cutoff"),
    (6, "extended"),
    (6, "extended after the cutoff"),
)
TYPES = ("weekly", "monthly", "quarterly")
HABITS = ("friday to thursday", "monday to sunday", "monday to friday", "nothing stated")


def simulate(
    seed: int, count: int, start: date, end: date, reorganised: date = REORGANISED, *, often: bool = True
) -> Year:
    """The year (or a part of it) of about ``count`` agencies; periods whose cutoff lies in start..end."""
    chance = Random(seed)
    every = agencies(count, reorganised)
    moved = (("weekly:2025-01-31", None), ("weekly:2025-08-29", datetime(2025, 8, 28, 16, tzinfo=ZONE)))
    set_periods = [(key, due) for key, due in moved if str(start) <= key.partition(":")[2] <= str(end)]
    year = Year(start, end, every, (), (), (), DAYS_OFF, DAYS_WORKED, tuple(set_periods))
    inside = {slot.key for t in TYPES for slot in oracle.slots(year, t, FAR) if slot.cutoff <= end}
    general = tuple(act for act in _general() if act.period in inside)
    year = replace(year, acts=general)
    teller = Teller(year, chance)
    for type_ in TYPES:
        for slot in oracle.slots(year, type_, FAR):
            if not slot.skipped and slot.cutoff <= end:
                teller.tell_all(slot)
    teller.noise()
    mails = sorted(teller.mails, key=lambda mail: (mail.received, mail.n))
    stops = tuple(_stops(year, teller, end, often=often))
    return replace(
        year, mails=tuple(mails), acts=tuple(sorted((*general, *teller.acts), key=lambda a: a.at)), stops=stops
    )


def _general() -> Iterator[Act]:
    """What the secretariat changes for everybody."""
    yield Act(local(date(2025, 3, 10), 9), "move", "weekly:2025-03-14", until=local(date(2025, 3, 14), 16))
    yield Act(local(date(2025, 10, 27), 9), "move", "monthly:2025-10", until=local(date(2025, 11, 3), 10))
    yield Act(local(date(2025, 11, 17), 9), "skip", "weekly:2025-11-21")


def _stops(year: Year, teller: Teller, end: date, *, often: bool) -> Iterator[datetime]:
    """When the service looks: every working day at noon and in the evening, often around cutoffs, and at each decision."""
    moments: set[datetime] = {act.at for act in (*year.acts, *teller.acts)}
    day = year.start - 8 * DAY
    while day <= end + 24 * DAY:
        moments |= {local(day, 0, 2), local(day, 19)} if often or day.weekday() == 4 else set()
        day += DAY
    for type_ in TYPES:
        for slot in oracle.slots(year, type_, FAR):
            if slot.skipped or slot.cutoff > end:
                continue
            due = slot.due
            before = datetime.combine(
                oracle.workday_before(year, due.astimezone(ZONE).date()), time(14, 1), tzinfo=ZONE
            )
            moments |= {
                before,
                local(due.astimezone(ZONE).date(), 8, 1),
                due + timedelta(minutes=1),
                due + timedelta(minutes=6),
            }
            moments |= {due - timedelta(minutes=40), due + timedelta(hours=2)}
    first = local(year.start - 8 * DAY, 0)
    return iter(sorted(m for m in moments if m >= first))


def local(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), tzinfo=ZONE)


class Teller:
    """Tells the story of every due."""

    def __init__(self, year: Year, chance: Random) -> None:
        self.year = year
        self.chance = chance
        self.mails: list[Mail] = []
        self.acts: list[Act] = []
        self.habits: dict[str, str] = {}
        self.pairs: dict[tuple[str, date], list[Mail]] = {}

    def tell_all(self, slot: Slot) -> None:
        for row in self.year.agencies:
            if oracle.owes(self.year, row.code, slot) and _first_row(self.year, row):
                story = self.chance.choices([s for _, s in STORIES], [w for w, _ in STORIES])[0]
                self.tell(slot, row, story)

    def tell(self, slot: Slot, row: Agency, story: str) -> None:
        """The mails and acts of one due."""
        report = self.report(slot, row)
        early, late = self.before(slot, 40), slot.due + timedelta(seconds=self.chance.randrange(1, 3 * 3600))
        cure = _cure(self.year, slot.due)
        holes = (*report.core[:3], None, None)
        if story == "in time":
            self.send(slot, row, early, report, story)
        elif story == "late by minutes":
            self.send(slot, row, late, report, story)
        elif story == "late by days":
            self.send(slot, row, slot.due + timedelta(days=self.chance.choice((1, 3, 4, 5)), minutes=7), report, story)
        elif story == "blank lines, mended in time":
            self.send(slot, row, early, replace(report, core=holes), story)
            self.send(slot, row, cure - timedelta(minutes=self.chance.randrange(0, 200)), report, story, answer=True)
        elif story == "blank lines, mended after the cure window":
            self.send(slot, row, early, replace(report, core=holes), story)
            self.send(
                slot, row, cure + timedelta(hours=2, minutes=self.chance.randrange(60)), report, story, answer=True
            )
        elif story == "blank lines for good":
            self.send(slot, row, self.chance.choice((early, late)), replace(report, core=holes), story)
        elif story == "nearly empty for good":
            self.send(slot, row, early, replace(report, core=(report.core[0], None, None, None, None)), story)
        elif story == "sent twice":
            self.send(slot, row, early, report, story)
            self.send(slot, row, early + timedelta(minutes=self.chance.randrange(1, 600)), report, story)
        elif story.startswith("corrected"):
            self.send(slot, row, early, report, story)
            days = 20 if "weeks" in story else 1
            after = slot.due + timedelta(days=days, minutes=self.chance.randrange(90))
            self.send(slot, row, after, self.other(report), story, answer=True)
        elif story.startswith("unknown address"):
            mail = self.send(slot, row, early, report, story, sender=f"{row.code.lower()}.cu@gmail.example")
            if "attributed" in story:
                self.act(slot, row, "attribute", slot.due + timedelta(hours=4), mail=mail.n)
        elif story == "withdrawn by a person":
            mail = self.send(slot, row, early, report, story)
            self.act(slot, row, "withdraw", slot.due + timedelta(hours=5), mail=mail.n)
        elif story.startswith("broken file"):
            self.send(slot, row, early, replace(report, broken=True), story)
            if "whole" in story:
                self.send(slot, row, cure - timedelta(minutes=30), report, story, answer=True)
        elif story.startswith(("waived", "extended")):
            self.decided(slot, row, report, story)

    def decided(self, slot: Slot, row: Agency, report: Report, story: str) -> None:
        after = story.endswith("after the cutoff")
        when = slot.due + timedelta(hours=3) if after else slot.due - timedelta(days=2, hours=1)
        if story.startswith("waived"):
            self.act(slot, row, "waive", when)
            return
        until = slot.due + timedelta(days=2 + self.chance.randrange(2))
        self.act(slot, row, "extend", when, until=until)
        came = until + timedelta(minutes=self.chance.choice((-300, -20, 0, 15)))
        self.send(slot, row, came, report, story, answer=True)

    def report(self, slot: Slot, row: Agency) -> Report:
        """A complete report for that slot, in the agency's own habit."""
        received = self.chance.randrange(20, 900)
        overdue, returned = self.chance.randrange(0, 9), self.chance.randrange(0, 5)
        core = (received, received - 5, received - 5 - overdue, overdue, returned)
        habit = self.habits.setdefault(f"{slot.type} {row.code}", self.chance.choice(HABITS))
        more = self.chance.randrange(1, 10_000)
        if habit == "nothing stated" and self.unambiguous(slot):
            return Report(slot.type, None, None, core, more, letterhead=row.code)
        if slot.type == "weekly":
            return Report(slot.type, _window(habit, slot), None, core, more, letterhead=row.code)
        return Report(slot.type, None, slot.key.partition(":")[2], core, more, letterhead=row.code)

    def unambiguous(self, slot: Slot) -> bool:
        """Where nothing is stated, nothing around was moved: the report is for the slot it is sent for, or the oracle says which."""
        return slot.type != "quarterly"

    def other(self, report: Report) -> Report:
        core = tuple((v or 0) + 1 for v in report.core[:3]) + report.core[3:]
        return replace(report, core=core)

    def before(self, slot: Slot, hours: int) -> datetime:
        """Some moment before the due; now and then the very second."""
        return slot.due - timedelta(
            seconds=self.chance.choice((0, *[self.chance.randrange(1, hours * 3600) for _ in range(30)]))
        )

    def send(
        self,
        slot: Slot,
        row: Agency,
        when: datetime,
        report: Report,
        story: str,
        *,
        sender: str = "",
        answer: bool = False,
    ) -> Mail:
        """A mail; answers name the due in their subject, as our letters do."""
        names = slot.key if answer else None
        day = when.astimezone(ZONE).date()
        address = sender or _address(self.year, row, day)
        shape = self.chance.choices(("text", "docx"), (3, 1))[0]
        shape = "docx" if report.broken else shape
        mail = Mail(
            len(self.mails) + 1,
            when.replace(microsecond=0),
            address,
            (report,),
            names,
            shape,
            f"{slot.key} {row.code} {story}",
        )
        self.mails.append(mail)
        return mail

    def act(
        self, slot: Slot, row: Agency, what: str, at: datetime, until: datetime | None = None, mail: int = 0
    ) -> None:
        self.acts.append(Act(at, what, slot.key, row.code, until, mail))

    def noise(self) -> None:
        """Mails that are nobody's report."""
        day = self.year.start
        while day <= self.year.end:
            if day.weekday() == 2:
                number = len(self.mails) + 1
                self.mails.append(
                    Mail(number, local(day, 9, 30), "truong@tinh.example", (), None, "text", "owes nothing")
                )
                self.mails.append(
                    Mail(number + 1, local(day, 9, 31), "ai.do@gmail.example", (), None, "text", "a stranger")
                )
            day += DAY


def _first_row(year: Year, row: Agency) -> bool:
    return next(r for r in year.agencies if r.code == row.code) is row


def _address(year: Year, row: Agency, day: date) -> str:
    """The agency's own address, or its successor's once it has ended."""
    if row.last and day > row.last:
        return next(r.address for r in year.agencies if r.code == row.successor) if row.successor else row.address
    return row.address


def _window(habit: str, slot: Slot) -> tuple[date, date]:
    """Stated windows as published: this week's Friday to Thursday, Monday to Friday, or the Monday to Sunday before."""
    if habit == "monday to sunday":
        return slot.cutoff - (11 + 7 * slot.carries) * DAY, slot.cutoff - 5 * DAY
    if habit == "monday to friday":
        return slot.cutoff - (4 + 7 * slot.carries) * DAY, slot.cutoff
    return slot.first, slot.last


def _cure(year: Year, due: datetime) -> datetime:
    return local(oracle.next_workday(year, due.astimezone(ZONE).date()), 17)
