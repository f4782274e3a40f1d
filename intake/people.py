"""Figures as people read them: what ``decide --set`` stated laid over what the reader had. The reading itself is never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from parsers.form import Form
from storage.queries import Queries
from storage.read_words import Word
from storage.records import Decision, Json, Submission, Verdict

FLAG = "person"  # this value is a person's, not the reader's
STATED = ("number", "zero", "nil")
LARGEST_SHARE = 1000  # per cent: above it a point was meant as the comma, "98.125" for "98,125"


def content_of(q: Queries, submission: Submission) -> Json:
    """The report a submission points at, with the figures people stated; {} when none could be read."""
    return _content(q, submission.reading_id, submission.id)


def _content(q: Queries, reading_id: int | None, submission_id: int) -> Json:
    reading = q.reading(reading_id) if reading_id else None
    return with_decisions(reading.report, q.decisions(f"submission:{submission_id}")) if reading else {}


def with_decisions(report: Json, decisions: Iterable[Decision]) -> Json:
    """The report with the figures people stated by ``decide --set``, the last word of each counting."""
    stated = {}
    for decision in decisions:
        if decision.what == "set" and decision.after:
            key, _, value = decision.after.partition("=")
            stated[key] = value
    return with_stated(report, stated) if stated else report


def with_stated(report: Json, stated: dict[str, str]) -> Json:
    """The report with these figures as people read them; findings about them have been answered."""
    figures = {**report["figures"]}
    for key, value in stated.items():
        number = Decimal(value)
        before = figures.get(key) or {"raw": "", "scope": "total", "basis": "period", "where": None}
        state = "zero" if number == 0 else "number"
        figures[key] = {
            **before,
            "value": int(number) if number == number.to_integral_value() else float(number),
            "state": state,
            "flags": [FLAG],
        }
    findings = [f for f in report["findings"] if not set(f["figures"]) & stated.keys()]
    return {**report, "figures": figures, "findings": findings}


def added(report: Json, key: str) -> Decimal | None:
    """What a report adds to a sum: its number, nothing for a nil; None when it states none, or a cumulative one."""
    return _adds((report.get("figures") or {}).get(key) or {})


def adds(report: Json) -> dict[str, Decimal]:
    """The same of every figure it states so."""
    found = ((key, _adds(figure or {})) for key, figure in (report.get("figures") or {}).items())
    return {key: value for key, value in found if value is not None}


def about(report: Json) -> set[str]:
    """The figures of which it gives only about how many (gần, hơn, khoảng)."""
    figures = (report.get("figures") or {}).items()
    return {key for key, figure in figures if "approximate" in ((figure or {}).get("flags") or ())}


def _adds(figure: Json) -> Decimal | None:
    if figure.get("state") not in STATED or figure.get("basis") == "cumulative":
        return None
    value = figure.get("value")
    return Decimal(0) if value is None else Decimal(value) if isinstance(value, int) else Decimal(str(value))


def wrong_value(form: Form, key: str, value: str) -> str | None:
    """What is wrong with KEY=VALUE for this form; None when nothing is."""
    line = form.line(key)
    if line is None or line.kind == "text":
        return f"--set: {key!r} is no figure of this form"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return f"--set {key}: expected a number such as 1625 or 95.5, got {value!r}"
    share = line.kind == "percentage"
    if not number.is_finite() or number < 0 or not (number <= LARGEST_SHARE if share else number == int(number)):
        return f"--set {key}: expected {'a percentage such as 95.5' if share else 'a whole number'}, got {value!r}"
    return None


def agency_figures(q: Queries, period: str, agency: str) -> Json:
    """The same for one agency; {} when it has no acceptable revision."""
    known = q.knows("words_on_dues", agency)
    said = q.words_on_dues(agency).get(period, ()) if known else q.words_on_due(period, agency)
    words = [word for word in said if word.agency == agency and _counts(word)]
    return _content(q, words[-1].reading_id, words[-1].submission_id) if words else {}


def _counts(verdict: Verdict | Word) -> bool:
    return verdict.acceptable and not verdict.duplicate_of


def figures_of(q: Queries, period: str, as_of: datetime | None = None) -> dict[str, Json]:
    """Agency → report of its latest acceptable revision, people's figures laid over; by order of receipt."""
    return {word.agency: with_decisions(report, decided) for word, report, decided in q.reports_of(period, as_of)}


def stated_figures_of(q: Queries, period: str, as_of: datetime | None = None) -> dict[str, Json]:
    """The same, of each figure only state, basis and value: enough for sums."""
    return {word.agency: with_decisions(said, decided) for word, said, decided in q.stated_of(period, as_of)}
