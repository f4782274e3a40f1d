"""Document + form → reports: every figure with the place it was read.

The picture: ``lines`` (what a person sees) → ``titles`` (which report, where it begins) → ``header`` (whose, when) → ``body``
(figures and texts: ``stated`` lines, ``tables``, ``prose``) → ``choose`` (one answer a key) → ``checks`` (what to ask).

Rules:

1. A report needs its title, or three or more of a form's labels with values, or ``as_form`` (contract).
2. Every key of the form stands in the report's figures, in the form's order, whatever was found.
3. The content key is the same for the same content in another file format: type, agency, window, raw figures, texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from parsers.body import Reading, read_body
from parsers.checks import run_checks
from parsers.choose import Choice, choose
from parsers.fold import fold
from parsers.form import Form, FormSet
from parsers.header import read_agency, read_day, read_number, read_signature, read_span
from parsers.labels import Labels, labels_of
from parsers.lines import Grid, TextLine, Unit, units_of
from parsers.titles import Segment, begins, hinted, other_kind, text_of, titled
from parsers.values import Document, Finding, Hints, Report, Window

__all__ = ["Hints", "extract"]

LABELS_NEEDED = 3  # labels with values that make a report without its title (contract)
_BODIES = frozenset(["txt", "html"])  # types a mail's own text has: there a title alone is a mention
_NEAR = 6  # units under a title that may state the window


def extract(document: Document, forms: FormSet, hints: Hints, as_form: str | None = None) -> tuple[Report, ...]:
    """The reports of a document; empty: it is not a report (an enclosure)."""
    chosen = [forms.get(as_form)] if as_form else [forms.pick(name, hints.received) for name in forms.names()]
    units = units_of(document, _label_test(chosen))
    segments = _segments(document, units, chosen, hints, forced=as_form is not None)
    return tuple(_report(document, units, segment, hints, n) for n, segment in enumerate(segments, 1))


def _label_test(forms: Sequence[Form]) -> "_AnyLabel":
    return _AnyLabel([labels_of(form) for form in forms])


class _AnyLabel:
    """Whether a line begins with a label of any form."""

    def __init__(self, labels: Sequence[Labels]) -> None:
        self._labels = labels

    def __call__(self, text: str) -> bool:
        return any(labels.starts(text) for labels in self._labels)


# ---- which reports ---------------------------------------------------------------------------------------------------
def _segments(document: Document, units: Sequence[Unit], forms: Sequence[Form], hints: Hints, *, forced: bool) -> list[Segment]:
    segments: list[Segment] = []
    for segment in _by_titles(units, forms):
        reading = read_body(labels_of(segment.form), _body_units(units, segment))
        if forced or _is_report(document, units, segment, reading):
            segments.append(segment)
    if segments:
        return _widened(segments, units)
    if forced:
        return [Segment(forms[0], 0, len(units), None, 0)]
    return _by_labels(units, forms, hints)


def _by_titles(units: Sequence[Unit], forms: Sequence[Form]) -> list[Segment]:
    found = titled(units, forms)
    segments: list[Segment] = []
    for position, (first, behind, form) in enumerate(found):
        end = found[position + 1][0] if position + 1 < len(found) else len(units)
        floor = segments[-1].body if segments else 0
        start = begins(units, first, floor)
        if segments:
            last = segments[-1]
            empty = read_body(labels_of(last.form), units[last.body : start]).found.labels == 0
            if empty and last.form is form:
                segments[-1] = Segment(form, last.start, end, last.title, behind)
                continue
            segments[-1] = Segment(last.form, last.start, start, last.title, last.body)
        segments.append(Segment(form, start, end, first, behind))
    return segments


def _widened(segments: Sequence[Segment], units: Sequence[Unit]) -> list[Segment]:
    """The last report reaches to the end."""
    last = segments[-1]
    return [*segments[:-1], Segment(last.form, last.start, max(last.end, last.body), last.title, last.body)] if units else list(segments)


def _is_report(document: Document, units: Sequence[Unit], segment: Segment, reading: Reading) -> bool:
    stated = len(reading.found.stated)
    if segment.title is not None and other_kind(units, segment.title):
        return stated >= LABELS_NEEDED
    if document.type in _BODIES:
        return stated >= 1 or reading.found.labels >= LABELS_NEEDED
    return True


def _by_labels(units: Sequence[Unit], forms: Sequence[Form], hints: Hints) -> list[Segment]:
    """Without a title: the form with the most labels that carry values, at least three."""
    if other_kind(units, len(units)):
        return []
    counted = [(len(read_body(labels_of(form), units).found.stated), form) for form in forms]
    most = max((count for count, _ in counted), default=0)
    if most < LABELS_NEEDED:
        return []
    best = [form for count, form in counted if count == most]
    spoken = hinted([form for count, form in counted if count >= LABELS_NEEDED], hints)
    weekly = [form for form in best if form.name == "weekly"]
    form = spoken[0] if len(spoken) == 1 else (weekly or best)[0]
    return [Segment(form, 0, len(units), None, 0)]


def _body_units(units: Sequence[Unit], segment: Segment) -> list[Unit]:
    """The units behind the title; a label on the title's own line comes first."""
    body = list(units[segment.body : segment.end])
    if segment.title is not None and (rest := _behind_title(units[segment.title], segment.form)):
        body.insert(0, rest)
    if segment.title is not None and isinstance(units[segment.title], Grid):
        body.insert(0, units[segment.title])
    return body


def _behind_title(unit: Unit, form: Form) -> TextLine | None:
    if not isinstance(unit, TextLine):
        return None
    for mark in (" - ", " – ", ": ", ". ", "; "):
        at = unit.text.find(mark)
        while at >= 0:
            rest = unit.text[at + len(mark) :]
            if labels_of(form).starts(rest):
                return TextLine(rest, ((0, unit.place()),), unit.hidden, unit.where)
            at = unit.text.find(mark, at + 1)
    return None


# ---- one report ------------------------------------------------------------------------------------------------------
def _report(document: Document, units: Sequence[Unit], segment: Segment, hints: Hints, n: int) -> Report:
    form = segment.form
    body = _body_units(units, segment)
    reading = read_body(labels_of(form), body)
    head = list(units[segment.start : segment.title]) if segment.title is not None else _head_without_title(body, form)
    foot = body[reading.foot :]
    choice = choose(form, reading.found, titled=segment.title is not None)
    day = read_day(head, foot)
    window = _window(units, segment, body, day, hints)
    signature = read_signature(foot, document)
    findings = _findings(form, choice, run_checks(form, choice, window, signature))
    agency = read_agency(head, body[:_NEAR])
    texts = tuple((line.key, told) for line in form.lines if (told := _told(reading, line.key)))
    figures = tuple(choice.figures[line.key] for line in form.figures)
    return Report(
        n=n,
        type=form.name,
        form=form.id,
        form_sha256=form.sha256,
        reader=document.reader,
        agency_text=agency,
        number=read_number(head),
        date=day,
        window=window,
        figures=figures,
        texts=texts,
        signature=signature,
        findings=findings,
        core=form.core,
        content_key=_content_key(form.name, agency, window, [(f.key, f.state, str(f.value or ""), f.raw) for f in figures], texts),
    )


def _head_without_title(body: Sequence[Unit], form: Form) -> list[Unit]:
    """What stands above the first label."""
    labels = labels_of(form)
    head: list[Unit] = []
    for unit in body[:12]:
        if isinstance(unit, TextLine) and labels.starts(unit.bare):
            break
        head.append(unit)
    return head


def _window(units: Sequence[Unit], segment: Segment, body: Sequence[Unit], day: date | None, hints: Hints) -> Window:
    title = ""
    if segment.title is not None:
        title = " ".join(text_of(unit) for unit in units[segment.title : segment.body])
    near: list[Unit] = []
    for unit in body[: _NEAR if segment.title is not None else 2 * _NEAR]:
        near.append(unit)
    return read_span(title, near, day or hints.received, hints, monthly=segment.form.name == "monthly")


def _findings(form: Form, choice: Choice, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings in the order of the form's checks; the same code and figures once."""
    del form, choice
    seen: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.figures), finding)
    return tuple(seen.values())


def _told(reading: Reading, key: str) -> str:
    return "\n".join(text for text, _ in reading.found.texts.get(key, []))


def _content_key(
    kind: str, agency: str, window: Window, figures: Sequence[tuple[str, str, str, str]], texts: Sequence[tuple[str, str]]
) -> str:
    canonical = {
        "type": kind,
        "agency": fold(agency),
        "window": [str(window.start or ""), str(window.end or ""), window.month or ""],
        "figures": [[key, state, value or " ".join(raw.split())] for key, state, value, raw in figures if state != "absent"],
        "texts": [[key, " ".join(text.split())] for key, text in texts],
    }
    return hashlib.sha256(json.dumps(canonical, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
