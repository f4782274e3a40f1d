"""One week of the demo: its Friday, its time zone, its dice; and what a story may ask of it.

A story is told as mails with what must come of them; see ``intake/demo/stories.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from random import Random
from zoneinfo import ZoneInfo

from intake.demo import documents, figures, letters, paper
from intake.demo.figures import Figures
from intake.demo.letters import Draft, File
from intake.demo.paper import Author, Days, Paper, texts
from intake.rules.values import Agency


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must become of one report of one mail."""

    agency: str  # code of the agency whose due it is
    type: str  # "weekly"
    period: str  # "weekly:2017-07-21"
    outcome: str  # accepted (with warnings or without) | incomplete | refused | in_review | duplicate
    due_class: str  # class of that due once this mail has been judged and the cutoff has passed
    figures: tuple[tuple[str, int], ...] = ()  # what stands in it; a reading may not differ without a flag
    flagged: tuple[str, ...] = ()  # keys that a finding must name


@dataclass(frozen=True, slots=True)
class DemoMail:
    """One mail of the fortnight."""

    raw: bytes
    deliver_at: datetime  # aware; the mailbox's receipt time
    expect: tuple[Expectation, ...]  # one a report; empty when nothing is credited or held for review
    story: str  # "exactly_ten"
    state: str = ""  # the mail's state afterwards; "" = not asserted


@dataclass(frozen=True, slots=True)
class Scene:
    """A week and everything random in it."""

    friday: date
    timezone: str
    rng: Random
    month_ends: bool = False  # the monthly report falls due as well
    last_week: set[str] = field(default_factory=set)  # agencies that always report the calendar week before

    # ---- moments ----------------------------------------------------------------------------------------------------

    def at(self, clock: str, days: int = 0) -> datetime:
        """A moment of the cutoff day, or of a day before (negative) or after it."""
        zone = ZoneInfo(self.timezone)
        return datetime.combine(self.friday + timedelta(days=days), time.fromisoformat(clock), zone)

    def in_time(self) -> datetime:
        """Some moment before the cutoff, when offices are open."""
        start, length = self.rng.choice(
            (
                (self.at("13:30:00", -1), 12_000),
                (self.at("07:30:00"), 8_400),
            )
        )
        return start + timedelta(seconds=self.rng.randint(0, length))

    # ---- periods ----------------------------------------------------------------------------------------------------

    def period(self, kind: str) -> str:
        """The key of what falls due on this Friday."""
        return f"weekly:{self.friday}" if kind == "weekly" else f"{kind}:{self.friday:%Y-%m}"

    def days(self, kind: str, agency: Agency) -> Days:
        """What the report covers: agencies count their weeks each in their own way."""
        if kind == "monthly":
            after = (self.friday.replace(day=1) + timedelta(days=32)).replace(day=1)
            return Days(self.friday.replace(day=1), after - timedelta(days=1), self.friday)
        before, after_ = {0: (4, 2), 1: (4, 0)}.get(agency.order % 5, (7, -1))  # Monday–Sunday, Monday–Friday, or ours
        if agency.code in self.last_week:
            before, after_ = 11, -5
        return Days(self.friday - timedelta(days=before), self.friday + timedelta(days=after_), self.friday)

    # ---- papers and mails -------------------------------------------------------------------------------------------

    def numbers(self, kind: str, agency: Agency) -> Figures:
        """This agency's figures."""
        size = figures.Size(files=400, letters=90) if agency.level == "district" else figures.Size(120, 140)
        return figures.monthly(self.rng, size) if kind == "monthly" else figures.weekly(self.rng, size)

    def paper(self, kind: str, agency: Agency, numbers: Mapping[str, int | None]) -> Paper:
        """The report as written on paper."""
        return paper.written(kind, Author(agency.code, agency.name), self.days(kind, agency), numbers, self.rng)

    def words(self, agency: Agency, kind: str = "weekly") -> dict[str, object]:
        """Placeholders of subjects, bodies and names."""
        what = self.rng.choice(texts(kind)["subjects"][:1])
        words = self.days(kind, agency).words() | {"agency": agency.name, "code": agency.code}
        return words | {"what": what.format(**words)}

    def file(self, kind: str, agency: Agency, written: Paper, form: str) -> File:
        """The paper as a file of that form, under a name such as agencies give."""
        name = self.rng.choice(texts(kind)["file_names"]).format(**self.words(agency, kind))
        make = {"docx": documents.as_docx, "xlsx": documents.as_xlsx, "xls": documents.as_xls, "pdf": documents.as_pdf}
        return File(f"{name}.{form}", make[form](written))

    def subject(self, kind: str, agency: Agency) -> str:
        """A subject such as agencies write."""
        subject: str = self.rng.choice(texts(kind)["subjects"])
        return subject.format(**self.words(agency, kind))

    def body(self, which: str, agency: Agency, kind: str = "weekly", **more: str) -> str:
        """What the mail says around its files."""
        text = texts("mails")["body"][which]
        chosen: str = self.rng.choice(text) if isinstance(text, list) else text
        return chosen.format(**self.words(agency, kind), **more)

    def draft(self, agency: Agency, subject: str, text: str, *files: File) -> Draft:
        """A mail from the agency's first address."""
        return Draft(agency.name, agency.addresses[0].text, subject, text, files)

    def mail(self, story: str, draft: Draft, at: datetime, *expect: Expectation, state: str = "recorded") -> DemoMail:
        """The finished mail."""
        return DemoMail(self.message(draft, at).as_bytes(), at, expect, story, state)

    def message(self, draft: Draft, at: datetime) -> EmailMessage:
        """The mail as a message, to be forwarded or sent."""
        return letters.written(draft, at, self.rng)

    def expect(
        self, kind: str, agency: Agency, outcome: str, due_class: str, numbers: Mapping[str, int | None] | None = None
    ) -> Expectation:
        """What must come of a report of this week."""
        stated = tuple((key, value) for key, value in (numbers or {}).items() if value is not None)
        return Expectation(agency.code, kind, self.period(kind), outcome, due_class, stated)
