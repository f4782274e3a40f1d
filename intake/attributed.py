"""A report as it is kept once it is known whose it is: its agency named, nothing asked for that the roster never asks of that agency."""

from __future__ import annotations

from datetime import datetime

from intake.book import Law
from intake.desk import Desk
from intake.understanding import Attempt
from parsers.as_json import report_json
from parsers.checks import without_lines
from parsers.values import Report
from storage.records import Json, Mail, Reading


def not_asked_of(law: Law, mail: Mail, agency: str) -> frozenset[str]:
    """Lines the roster marks not applicable for the agency, on the day the mail came."""
    row = law.roster.row(agency, law.calendar.day(mail.received_at))
    return frozenset(row.not_applicable) if row else frozenset()


def reading_of(
    desk: Desk, law: Law, mail: Mail, attempt: Attempt, report: Report, part_n: int, now: datetime
) -> Reading:
    """The reading recorded of an attempt's report."""
    asked = without_lines(desk.forms.get(report.form), report, not_asked_of(law, mail, attempt.agency))
    content: Json = report_json(asked)
    content["agency"] = {**content["agency"], "code": attempt.agency, "how": attempt.how}
    return Reading(mail.id, part_n, report.n, report.form, report.form_sha256, report.reader, now, content)
