"""Stored mails read again with today's forms: what would be read differently, and, when asked, recorded as new readings.

Rules:

1. Compared is the reading last recorded for a report with today's: see ``comparing``; and which reports are found at all.
2. What a verdict rests on and what a sent letter stated is never changed: a difference opens a review item for a person.
3. Reports that make no submission (a subordinate's, a stranger's) were not recorded and are not missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from intake.attributed import reading_of
from intake.book import law_of
from intake.comparing import ABSENT, Difference, differences
from intake.desk import Desk
from intake.reading import read_stored
from intake.recording import judge_mail
from storage.records import Json, Mail, Reading, ReviewItem

STATES = frozenset({"recorded", "needs_review", "not_a_report", "duplicate"})
Place = tuple[int, int]  # part, report


@dataclass(frozen=True, slots=True)
class Found:
    """One report that is read differently; ``reading`` is None when it is no longer found."""

    place: Place
    reading: Reading | None
    lines: tuple[Difference, ...]


def replay(desk: Desk, since: datetime | None, *, apply: bool) -> list[Json]:
    """Differences as {"report", "key", "before", "after"}; recorded when ``apply``."""
    said: list[Json] = []
    for mail in _mails(desk, since):
        found = _again(desk, mail)
        said += [_line(mail, report.place, line) for report in found for line in report.lines]
        if apply and found:
            _record(desk, mail, found)
    return said


def _line(mail: Mail, place: Place, line: Difference) -> Json:
    ref = f"{mail.id}.{place[0]}.{place[1]}"
    return {"report": ref, "key": line.key, "before": line.before, "after": line.after}


def _record(desk: Desk, mail: Mail, found: list[Found]) -> None:
    with desk.write(desk.clock.now()) as tx:
        submissions = {(s.part_n, s.report_n): s.id for s in tx.submissions(mail.id)}
        for report in found:
            if report.reading:
                tx.add_reading(report.reading)
            about = submissions.get(report.place)
            tx.open_review(ReviewItem("reading_differs", "reading_differs", mail_id=mail.id, submission_id=about))


def _mails(desk: Desk, since: datetime | None) -> Iterator[Mail]:
    before = None
    while True:
        with desk.ledger.read() as q:
            page = q.log_page(since=since, before_id=before, limit=200)
            erased = q.erased(mail.sha256 for mail in page)
        yield from (mail for mail in page if mail.state in STATES and mail.sha256 not in erased)
        if len(page) < 200:
            return
        before = page[-1].id


def _again(desk: Desk, mail: Mail) -> list[Found]:
    """Every report of the mail that is read differently, found for the first time, or found no longer."""
    received = desk.calendar.day(mail.received_at)
    reading = read_stored(desk.box, desk.forms, desk.vault.path(mail.sha256), received)
    with desk.ledger.read() as q:
        old = {(r.part_n, r.report_n): r.report for r in q.readings(mail.id)}
        numbers = {part.path: part.n for part in q.parts(mail.id)}
        law = law_of(desk, q, received)
        seen = judge_mail(desk, q, law, mail, reading)
    new: dict[Place, Reading] = {}
    for attempt in seen.attempts:
        if attempt.part is None or attempt.report is None:
            continue
        n = numbers.setdefault(attempt.part.path, len(numbers) + 1)
        new[n, attempt.report.n] = reading_of(desk, law, mail, attempt, attempt.report, n, desk.clock.now())
    found = [Found(place, again, _compared(old.get(place), again.report)) for place, again in new.items()]
    gone = (Difference("report", "read", ABSENT),)
    found += [Found(place, None, gone) for place in old if place not in new]
    return sorted((report for report in found if report.lines), key=lambda report: report.place)


def _compared(old: Json | None, new: Json) -> tuple[Difference, ...]:
    if old is None:
        return (Difference("report", ABSENT, "read"), *differences({}, new))
    return tuple(differences(old, new))
