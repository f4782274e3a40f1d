"""A report as an agency would write it, before it becomes a file of any kind.

The Vietnamese of it lies in ``texts/*.toml``; this puts names, days and numbers into it, and nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

BLANK = "......."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the form."""

    text: str  # as in a letter: "- Hồ sơ quá hạn: 05"
    rows: tuple[tuple[str, str], ...]  # as in a sheet: label, value; a heading has an empty value


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report, top to bottom."""

    agency: str  # as in the letterhead, capitals
    number: str
    place_date: str
    title: str
    subtitle: str  # window or month; "" when the title says all
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    signer_title: str
    signer_name: str
    footer: str = ""  # the form's own instructions, when nobody took them out

    def lines(self) -> tuple[str, ...]:
        """Everything from the letterhead to the signature, a line each."""
        body = [text for heading, lines in self.sections for text in (heading, *(line.text for line in lines))]
        head = (self.agency, self.number, self.place_date, "", self.title, self.subtitle, "")
        return (*head, *body, "", self.signer_title, self.signer_name)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Days:
    """What a report covers and when it is signed."""

    start: date
    end: date
    signed: date

    def words(self) -> dict[str, Any]:
        """The placeholders the texts may use."""
        return {
            "week": self.end.isocalendar().week,
            "start": _day(self.start),
            "start_short": f"{self.start.day}/{self.start.month}",
            "start_day": self.start.day,
            "end": _day(self.end),
            "end_day": self.end.day,
            "end_month": self.end.month,
            "end_year": self.end.year,
            "month": self.end.month,
            "year": self.end.year,
        }


@cache
def texts(name: str) -> dict[str, Any]:
    """The texts of one file of ``intake/demo/texts``."""
    return tomllib.loads((files("intake.demo") / "texts" / f"{name}.toml").read_text(encoding="utf-8"))


def written(kind: str, author: Author, days: Days, figures: Mapping[str, int | None], rng: Random) -> Paper:
    """A filled form of that kind ("weekly", "monthly"); blank lines stay dots."""
    form, head = texts(kind), texts("mails")["letterhead"]
    phrases = {key: rng.choice(choices) for key, choices in texts("mails")["phrases"].items()}
    values = phrases | {key: _shown(value) for key, value in figures.items()}
    words = days.words()
    window = rng.choice(form["windows"]) if form["windows"] else form["subtitle"]
    return Paper(
        agency=author.name.upper(),
        number=head["number"].format(number=rng.randint(20, 480), code=author.code),
        place_date=head["place_date"].format(day=days.signed.day, month=days.signed.month, year=days.signed.year),
        title=form["title"],
        subtitle=window.format(**words),
        sections=_sections(form, values),
        signer_title=rng.choice(head["signer_titles"]),
        signer_name=rng.choice(head["signer_names"]),
        footer=head["footer"] if rng.random() < 0.3 else "",
    )


def blank_form(kind: str, figures: Mapping[str, int | None]) -> Paper:
    """The form as handed out, with nothing filled in."""
    form, head = texts(kind), texts("mails")["letterhead"]
    keys = {*texts("mails")["phrases"], *figures}
    window = (form["windows"] or [form["subtitle"]])[0]
    return Paper(
        agency=head["blank_agency"],
        number=head["blank_number"],
        place_date=head["blank_date"],
        title=form["title"],
        subtitle=window.format_map(_Dots()),
        sections=_sections(form, dict.fromkeys(keys, BLANK)),
        signer_title="",
        signer_name="",
        footer=head["footer"],
    )


class _Dots(dict[str, str]):
    """Answers dots for every placeholder."""

    def __missing__(self, key: str) -> str:
        return "…."


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _shown(value: int | None) -> str:
    """A count as administrative letters write it: 05, 1.625; dots when left blank."""
    if value is None:
        return BLANK
    return f"{value:02d}" if 0 < value < 10 else f"{value:,}".replace(",", ".")


def _sections(form: Mapping[str, Any], values: Mapping[str, str]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    return tuple(
        (section["heading"], tuple(_line(line, values) for line in section["lines"])) for section in form["section"]
    )


def _line(line: str | Mapping[str, Any], values: Mapping[str, str]) -> Line:
    """Text and sheet rows of one line; without a label of its own the words before the last colon are the label."""
    given = {"text": line} if isinstance(line, str) else line
    text = given["text"].format(**values)
    if "label" in given:
        return Line(text, ((given["label"], given["value"].format(**values)),))
    pieces = given["text"].split("; ") if given.get("split") else [given["text"]]
    return Line(text, tuple(_row(piece, values) for piece in pieces))


def _row(piece: str, values: Mapping[str, str]) -> tuple[str, str]:
    label, colon, value = piece.rpartition(": ")
    if not colon:
        label, value = (piece, "") if "{" not in piece else ("", piece)
    return label.lstrip("-+ "), value.format(**values)
