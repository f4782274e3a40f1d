"""Stored mails read again with today's forms: what would be read differently, and, when asked, recorded as new readings.

What a sent letter stated is never changed: a difference in a letter's figures opens a review item for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from intake.desk import Desk
from intake.reading import read_stored
from parsers.as_json import report_json
from storage.records import Json, Mail, Reading, ReviewItem


def replay(desk: Desk, since: datetime | None, *, apply: bool) -> list[Json]:
    """Differences as {"report", "key", "before", "after"}; recorded when ``apply``."""
    differences: list[Json] = []
    for mail in _mails(desk, since):
        found = _again(desk, mail)
        if not found:
            continue
        differences += [line for _, lines in found for line in lines]
        if apply:
            with desk.write(desk.clock.now()) as tx:
                for reading, _ in found:
                    tx.add_reading(reading)
                    submission = next(
                        (
                            s
                            for s in tx.submissions(mail.id)
                            if (s.part_n, s.report_n) == (reading.part_n, reading.report_n)
                        ),
                        None,
                    )
                    tx.open_review(
                        ReviewItem(
                            "reading_differs",
                            "reading_differs",
                            mail_id=mail.id,
                            submission_id=submission.id if submission else None,
                        )
                    )
    return differences


def _mails(desk: Desk, since: datetime | None) -> Iterator[Mail]:
    before = None
    while True:
        with desk.ledger.read() as q:
            page = q.log_page(since=since, before_id=before, limit=200)
        yield from (mail for mail in page if mail.state in ("recorded", "needs_review", "duplicate"))
        if len(page) < 200:
            return
        before = page[-1].id


def _again(desk: Desk, mail: Mail) -> list[tuple[Reading, list[Json]]]:
    with desk.ledger.read() as q:
        old = {(r.part_n, r.report_n): r for r in q.readings(mail.id)}
        numbers = {part.path: part.n for part in q.parts(mail.id)}
    reading = read_stored(desk.box, desk.forms, desk.vault.path(mail.sha256), desk.calendar.day(mail.received_at))
    found = []
    for part in reading.parts:
        for report in part.reports:
            place = (numbers.get(part.path, 0), report.n)
            content = report_json(report)
            before = old[place].report if place in old else {"figures": {}}
            lines = _differences(f"{mail.id}.{place[0]}.{place[1]}", before, content)
            if lines:
                found.append(
                    (
                        Reading(
                            mail.id,
                            place[0],
                            place[1],
                            report.form,
                            report.form_sha256,
                            report.reader,
                            desk.clock.now(),
                            content,
                        ),
                        lines,
                    )
                )
    return found


def _differences(ref: str, before: Json, after: Json) -> list[Json]:
    lines = []
    for key in {**before["figures"], **after["figures"]}:
        old, new = before["figures"].get(key) or {}, after["figures"].get(key) or {}
        if (old.get("state"), str(old.get("value"))) != (new.get("state"), str(new.get("value"))):
            lines.append(
                {
                    "report": ref,
                    "key": key,
                    "before": f"{old.get('state', 'absent')} {old.get('value')}",
                    "after": f"{new.get('state', 'absent')} {new.get('value')}",
                }
            )
    return lines
