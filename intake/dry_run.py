"""``cchc read``: what would be understood of a mail or a bare document. Stores nothing, sends nothing, needs no configuration.

With a configuration its forms, calendar and roster file are used; without one the packaged forms, the plan's two report types and
no roster, so that every slot of the calendar counts as owed. What the service would hold for a person, a report whose days are a slip
of the pen or whose letterhead is another agency's, is needs_review here as well; under a form given no days are doubted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from intake.desk import EMPTY_ROSTER, parsed_roster
from intake.reading import read_mail
from intake.rules import reply_gate
from intake.rules.calendar import Calendar
from intake.rules.judge import judge
from intake.rules.reply_gate import Own
from intake.rules.roster import Roster
from intake.rules.sender import Trust, identify
from intake.rules.values import Agency, Assignment, CalendarRules, Claim, Period, ReportType, Sender
from intake.rules.whose import attribute
from intake.understanding import stated_period
from intake.wiring import open_box, open_forms, system_now, trust_of
from parsers import limits
from parsers.as_json import part_json
from parsers.box import Box
from parsers.extract import Hints
from parsers.form import FormSet
from parsers.sniff import sniff
from parsers.values import Leaf, MailReading, PartReading, Report
from storage.records import Json

PLAN = (
    ReportType("weekly", "week", "weekly", "FRI 10:00", late_days=3),
    ReportType("monthly", "month", "monthly", "last FRI 10:00", late_days=10),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one file beside its bytes."""

    received: datetime | None
    sender: Sender
    subject: str
    sent_at: datetime | None = None
    as_form: str | None = None


class DryRun:
    """Reads files one after another in one confined worker."""

    def __init__(
        self, box: Box, forms: FormSet, calendar: Calendar, roster: Roster, trust: Trust, stack: ExitStack
    ) -> None:
        self._box, self._forms, self._calendar = box, forms, calendar
        self._roster, self._trust, self._stack = roster, trust, stack

    @classmethod
    def of(cls, given: dict[str, str | None], load: Callable[[], Any]) -> DryRun:
        """With the configuration named on the command line or in the environment, else with none."""
        import os  # noqa: PLC0415

        stack = ExitStack()
        if given["config"] or os.environ.get("CCHC_CONFIG"):
            settings = load()
            calendar = Calendar(settings.reports, settings.calendar)
            path = settings.roster_file
            roster = (
                parsed_roster(path.read_text(encoding="utf-8-sig"))
                if path and path.exists()
                else parsed_roster(EMPTY_ROSTER)
            )
            return cls(
                stack.enter_context(open_box(settings)),
                open_forms(settings),
                calendar,
                roster,
                trust_of(settings),
                stack,
            )
        calendar = Calendar(PLAN, CalendarRules(start=date.min))
        return cls(
            stack.enter_context(open_box(None)), open_forms(None), calendar, parsed_roster(EMPTY_ROSTER), Trust(), stack
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms known here: by name, and by name and version."""
        return (*self._forms.names(), *(form.id for form in self._forms.all()))

    @property
    def timezone(self) -> str:
        """The office's time zone."""
        return self._calendar.rules.timezone

    def read(self, path: str, as_form: str | None, received: datetime | None, from_address: str | None) -> Json:
        """One item of ``cchc.read/1``."""
        data = Path(path).read_bytes()
        day = self._calendar.day(received) if received else None
        if path.lower().endswith(".eml") or sniff(data, Path(path).name).type == "eml":
            return self._mail(
                Path(path).name,
                data,
                read_mail(self._box, self._forms, data, day, as_form),
                received,
                from_address,
                as_form,
            )
        return self._document(Path(path).name, data, as_form, received, from_address)

    def _mail(
        self,
        name: str,
        data: bytes,
        reading: MailReading,
        received: datetime | None,
        from_address: str | None,
        as_form: str | None,
    ) -> Json:
        envelope = reading.envelope
        kind = reply_gate.kind_of(envelope, Own((), ""))
        day = self._calendar.day(received or envelope.sent_at or system_now())
        sender = self._sender(from_address, day) if from_address else identify(envelope, self._roster, day, self._trust)
        outcome, reason = reading.outcome, reading.reason
        if kind.kind in ("automatic", "bounce", "list"):
            outcome, reason = "automatic", None
        elif outcome != "test" and sender.reason and (sender.reason != "sender_unknown" or self._roster.agencies):
            outcome, reason = "needs_review", sender.reason
        known = Known(received, sender, envelope.subject, envelope.sent_at, as_form)
        parts, doubt = self._parts(reading.parts, known)
        if outcome == "read" and doubt:
            outcome, reason = "needs_review", doubt
        return {
            "file": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "kind": "mail",
            "from": sender.address or ", ".join(a.address for a in envelope.from_addresses) or None,
            "subject": envelope.subject,
            "automatic": kind.kind,
            "outcome": outcome,
            "reason": reason,
            "parts": parts,
        }

    def _document(
        self, name: str, data: bytes, as_form: str | None, received: datetime | None, from_address: str | None
    ) -> Json:
        sha256 = hashlib.sha256(data).hexdigest()
        leaf = Leaf((name,), name, "application/octet-stream", "", data, sha256, "attachment")
        day = self._calendar.day(received) if received else None
        if len(data) > limits.PART_MAX:
            parts: tuple[PartReading, ...] = (
                PartReading((name,), name, sha256, len(data), sniff(data[:4096], name).type, "refused", "too_large"),
            )
        else:
            parts = self._box.read_part(leaf, Hints("", name, day), as_form)
        outcomes = [part.outcome for part in parts]
        outcome = next((o for o in ("read", "needs_review", "refused") if o in outcomes), "no_report")
        reason = next((p.reason for p in parts if p.reason and p.outcome == outcome), None)
        reason = None if outcome == "read" else "no_report" if outcome == "no_report" else reason
        sender = self._sender(from_address, day or self._calendar.day(system_now()))
        told, doubt = self._parts(parts, Known(received, sender, "", None, as_form))
        if outcome == "read" and doubt:
            outcome, reason = "needs_review", doubt
        return {
            "file": name,
            "sha256": sha256,
            "kind": "document",
            "from": None,
            "subject": None,
            "automatic": None,
            "outcome": outcome,
            "reason": reason,
            "parts": told,
        }

    def _sender(self, address: str | None, day: date) -> Sender:
        agency: Agency | None = self._roster.by_address(address.lower(), day) if address else None
        if agency:
            return Sender(address or "", agency.code, "address", owes=bool(agency.reports))
        return Sender(address or "", None, "unknown" if address else "none")

    def _parts(self, parts: Iterable[PartReading], known: Known) -> tuple[list[Json], str | None]:
        """Every part as told, and why the service would hold one of its reports for a person; None when it would not."""
        told, doubts = [], []
        for part in parts:
            document = part_json(part)
            for report, item in zip(part.reports, document["reports"], strict=True):
                doubts.append(self._understand(report, item, part, known))
            told.append(document)
        return told, next(filter(None, doubts), None)

    def _understand(self, report: Report, item: Json, part: PartReading, known: Known) -> str | None:
        """Add to a report whose it is, which period and the verdict; returns why it would be held."""
        written = datetime.combine(
            report.window.end or report.date or system_now().date(), datetime.min.time(), system_now().tzinfo
        )
        moment = known.received or known.sent_at or written
        whose = attribute(
            known.sender, report, self._roster, self._calendar.day(known.received or known.sent_at or system_now())
        )
        blocked = whose.blocked if whose.blocked == "ambiguous_agency" else None
        item["agency"] = {**item["agency"], "code": whose.agency, "how": whose.how or item["agency"].get("how")}
        word = self._judge(report, whose.agency or "", part, known, moment, blocked)
        item["period"] = {"key": word.period, "how": word.how} if word and word.period else None
        item["verdict"] = self._verdict(word) if word and known.received and self._roster.agencies else None
        if (
            not known.received
        ):  # when a mail was sent says nothing of days a year back: only what is wrong in itself is doubted
            word = self._judge(report, whose.agency or "", part, known, written, blocked)
        return word.reason if word and word.outcome == "in_review" else None

    def _judge(
        self, report: Report, agency: str, part: PartReading, known: Known, moment: datetime, blocked: str | None
    ) -> Assignment | None:
        report_type = next((t for t in self._calendar.types if t.type == report.type), None)
        if report_type is None:
            return None
        stated = stated_period(report.type, report.window.month, part.name, known.subject)
        claim = Claim(
            "1.1.1",
            part.sha256,
            agency,
            report.type,
            moment,
            report.window.start,
            report.window.end,
            stated if report_type.every == "month" else None,
            content_key=report.content_key,
            core_stated=report.core_stated,
            core_total=len(report.core),
            blocked=blocked,
        )

        def owes(period: Period) -> bool:
            return not self._roster.agencies or not agency or self._roster.owes(agency, report.type, period)

        slips = known.as_form is None
        return judge([claim], report_type, self._calendar, owes, lambda _key: None, slips=slips)[0]

    def _verdict(self, word: Assignment) -> Json | None:
        if word.due_at is None:
            return None
        due = self._calendar.local(word.due_at).replace(microsecond=0).isoformat()
        return {
            "due_at": due,
            "timing": word.timing,
            "late_seconds": max(0, word.late_seconds),
            "outcome": word.outcome,
        }


def print_items(items: Iterable[Json], say: Callable[[str], object]) -> None:
    """For people: what was understood, a line each."""
    for item in items:
        say(f"{item['file']}: {item['kind']}, {item['outcome']} {item['reason'] or ''}".rstrip())
        for part in item["parts"]:
            say(f"  {part['name']} ({part['type']}): {part['outcome']} {part['reason'] or ''}".rstrip())
            for finding in part["findings"]:
                say(f"    [{finding['code']}] {finding['severity']} {finding['message']}")
            for report in part["reports"]:
                period = report["period"] or {}
                say(
                    f"    report {report['n']}: {report['type']}, {report['agency']['text']}, {period.get('key') or 'no period'} ({period.get('how') or '-'})"
                )
                for key, figure in report["figures"].items():
                    if figure["state"] != "absent":
                        say(
                            f"      {key} = {figure['value'] if figure['value'] is not None else figure['state']}   «{figure['raw']}»  {' '.join(figure['flags'])}"
                        )
                for finding in report["findings"]:
                    say(f"      [{finding['code']}] {finding['severity']}: {finding['message']}")
