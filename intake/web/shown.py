"""How values are written on pages: moments, stretches, numbers, shares, names of periods and classes."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from intake.rules.calendar import Calendar
from notifier import vietnamese_format as vf
from notifier import wording
from notifier.digest import returned_text
from notifier.facts_of_many import ShareFact
from notifier.results import goal_text, percent
from notifier.tasks import state_text
from notifier.texts import catalogue, phrase, words

GLYPHS = {  # a shape beside every colour: nothing is told by colour alone
    "on_time": "●",
    "cured": "◐",
    "late": "▲",
    "incomplete": "◆",
    "in_review": "?",
    "missing": "✕",
    "waived": "–",
    "not_applicable": "·",
    "not_yet_due": "○",
}


_MONTH = re.compile(r"\d{4}-\d{2}")


class Moments:
    """Moments in the office's time zone."""

    def __init__(self, calendar: Calendar) -> None:
        self._local = lru_cache(maxsize=1024)(
            calendar.local
        )  # a page writes most moments twice, and many rows one cutoff
        self._words = wording.moments(calendar.rules.timezone)

    def iso(self, moment: datetime | None) -> str:
        """For ``<time datetime>``."""
        return self._local(moment).isoformat(timespec="seconds") if moment else ""

    def full(self, moment: datetime | None) -> str:
        """09:12:35 21/7/2017."""
        return f"{self.clock(moment)} {vf.day(self._local(moment))}" if moment else ""

    def clock(self, moment: datetime | None) -> str:
        """09:12:35."""
        return self._local(moment).time().isoformat(timespec="seconds") if moment else ""

    def minute(self, moment: datetime | None) -> str:
        """09:12 21/7/2017."""
        return f"{self._local(moment):%H:%M} {vf.day(self._local(moment).date())}" if moment else ""

    def day(self, moment: datetime | None) -> str:
        """21/7/2017."""
        return vf.day(self._local(moment).date()) if moment else ""

    def due(self, moment: datetime) -> str:
        """10 giờ 00 phút, thứ Sáu, ngày 21/7/2017; a line ends after a comma only."""
        return ", ".join(said.replace(" ", "\u00a0") for said in self._words.due(moment).split(", "))

    def field(self, moment: datetime | None) -> str:
        """For ``<input type=datetime-local>``."""
        return f"{self._local(moment):%Y-%m-%dT%H:%M}" if moment else ""

    def second(self, moment: datetime | None) -> str:
        """The same to the second."""
        return f"{self._local(moment):%Y-%m-%dT%H:%M:%S}" if moment else ""

    def text(self, kept: str) -> str:
        """The same from ISO text, as a proposal keeps it."""
        return self.full(datetime.fromisoformat(kept))

    def stretch(self, seconds: float) -> str:
        """2 ngày 3 giờ 05 phút 00 giây."""
        return self._words.stretch(int(seconds))

    def about(self, seconds: float) -> str:
        """The same without its smaller half: 2 ngày 3 giờ; 3 giờ 05 phút."""
        return self._words.about(int(seconds))


def against(seconds: int | None) -> str:
    """Before or after the due moment, compact: −2:10:05, +2 ngày 0:00:01."""
    if seconds is None:
        return ""
    hours, rest = divmod(abs(seconds), 3600)
    days, hours = divmod(hours, 24)
    text = f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    whole = words("time")["days"].format(n=days) + " " if days else ""
    return f"{'+' if seconds > 0 else '−'}{whole}{text}"


def day(value: date | str | None) -> str:
    """21/7/2017 from a date or its ISO text."""
    if not value:
        return ""
    return vf.day(date.fromisoformat(value) if isinstance(value, str) else value)


def due_class(code: str | None) -> str:
    """A class in words for pages."""
    return wording.class_word(code, "page") if code else ""


def reason(code: str | None) -> str:
    """A reason in a few words; "" for none."""
    return wording.note_word(code) if code else ""


def review_kind(code: str) -> str:
    """What waits, in words."""
    table = catalogue("matters")["review"]
    return str(table.get(code, table["other"]))


def letter_kind(code: str) -> str:
    """A kind of letter in words."""
    return phrase("kind", code) or code


def letter_reply(reply: str | None) -> str:
    """What became of a letter, as the outbox notes it, in words where we wrote it."""
    return returned_text(reply or "")


def paper(code: str) -> str:
    """What is known of the paper copy."""
    return phrase("paper", code) or code


def figure_state(code: str) -> str:
    """The state of a figure that has no value."""
    return phrase("figure_state", code)


def flag(code: str) -> str:
    """A flag of a figure."""
    return phrase("figure_flag", code) or code


def how(code: str | None) -> str:
    """How a period was recognised."""
    return phrase("how", code or "")


def agency_how(code: str | None) -> str:
    """How an agency was recognised."""
    return phrase("agency_how", code or "")


def period(key: str | None) -> str:
    """A period's name, its first letter large: Kỳ ngày 21/7/2017."""
    return wording.sentence(wording.period_name(key)) if key else ""


def period_short(key: str) -> str:
    """For the head of a narrow column: 21/7, T7."""
    kind, _, rest = key.partition(":")
    if kind == "weekly":
        value = date.fromisoformat(rest)
        return f"{value.day:02d}/{value.month}"
    return f"T{int(rest[5:])}" if _MONTH.fullmatch(rest) else rest


def type_name(code: str) -> str:
    """A report type, without a period."""
    return wording.type_full(code)


def weekday(n: int) -> str:
    """Thứ Sáu for 4."""
    return str(words("time")["weekdays"][n])


def percent_text(one: ShareFact) -> str:
    """95,5%; a dash where there is nothing to divide by."""
    exact = percent(one)
    return "–" if exact is None else f"{vf.number(exact.quantize(Decimal('0.1')))}%"


FUNCTIONS: dict[str, Any] = {
    "percent_text": percent_text,
    "goal": goal_text,
    "against": against,
    "day": day,
    "due_class": due_class,
    "reason_word": reason,
    "review_kind": review_kind,
    "letter_kind": letter_kind,
    "letter_reply": letter_reply,
    "paper_word": paper,
    "figure_state": figure_state,
    "flag_word": flag,
    "how_word": how,
    "agency_how": agency_how,
    "period_name": period,
    "period_short": period_short,
    "type_name": type_name,
    "number": vf.number,
    "count": vf.count,
    "counted": lambda numbers: {k: vf.count(v) if isinstance(v, int) else v for k, v in numbers.items()},
    "task_state": state_text,
    "share": vf.share,
    "glyph": lambda code: GLYPHS.get(code, "·"),
}
