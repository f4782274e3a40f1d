"""A report known by its labels alone, under a heading of another span: "BÁO CÁO … quý II năm 2017" is no report of a week.

Rules:

1. Asked only where no title of a form was found and no days from … to are stated: the heading ("báo cáo …" with the one or two lines
   below it) is then all that says what its figures are of.
2. Quarters, so many months, a year behind the words for the subject matter, a single month and a week are told apart; a date is none
   of them, and a heading that names the form's own span is no contradiction. A form whose span nobody knows is never contradicted.
3. What it is of, nobody knows: the part waits for a person (``ambiguous_period``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.findings import finding
from parsers.fold import fold
from parsers.form import Form
from parsers.lines import TextLine, Unit
from parsers.titles import heading
from parsers.values import Finding, Window

CODE = "other_span"
_BELOW = 2  # lines under a heading that belong to it
_LINE = 160  # characters of such a line
_SPANS = {
    "week": re.compile(r"\btuan\b"),
    "quarter": re.compile(r"\bquy (?:iv|i{1,3}|0?[1-4])\b"),
    "half": re.compile(r"\b(?:0?[2-9]|1[0-2]|sau|chin|ba|muoi hai) thang\b"),
    "month": re.compile(r"\bthang (?:\d{1,2}|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi)\b"),
    "year": re.compile(r"\b(?:hanh chinh|nha nuoc|cchc|tthc|cong tac|tong ket|ca) nam (?:20)?\d\d\b"),
}
_BODY = re.compile(r"\s*(?:[-–—+*•]|(?:[IVX]{1,4}|\d{1,2})[.)])\s|[^:]*:\s*\S")  # a line of the report itself
_DATE = re.compile(r"\bngay (?:\d{1,2}|\W{1,9}) ?thang (?:\d{1,2}|\W{1,9}) ?(?:nam )?(?:20\d\d)?")


def of_other_span(form: Form, head: Sequence[Unit], window: Window) -> tuple[Finding, ...]:
    """The finding where the heading names another span than the form's."""
    own = _span_of(form)
    if own is None or (window.start and window.end):
        return ()
    for n, unit in enumerate(head):
        if text := heading(unit):
            named = " ".join((text, *_under(head, n)))
            plain = _DATE.sub(" ", " ".join(re.sub(r"[^\w\s]", " ", fold(named)).split()))
            spans = {span for span, words in _SPANS.items() if words.search(plain)}
            if spans and own not in spans:
                return (finding(CODE, form.core, text=named[:200]),)
    return ()


def _span_of(form: Form) -> str | None:
    """The span a form's reports are of, as far as the form says it; None when it does not."""
    if form.states or form.states_month:
        return form.states or "month"
    return "week" if any(_SPANS["week"].search(fold(word)) for word in form.hint) else None


def _under(head: Sequence[Unit], n: int) -> list[str]:
    lines = []
    for unit in head[n + 1 : n + 1 + _BELOW]:
        if not isinstance(unit, TextLine) or len(unit.text) > _LINE or _BODY.match(unit.text):
            break
        lines.append(unit.text)
    return lines
