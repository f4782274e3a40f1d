"""The reports of a document, each with the units that are its own and what its body held.

Rules: those of ``titles`` and the contract — a report needs its title, or three or more of a form's labels with values, or to be
read under a form that was asked for. A title alone in a mail's own text is a mention; behind another document's heading three
labels with values must follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parsers.body import Reading, read_body
from parsers.foot import feet_apart
from parsers.form import Form
from parsers.labels import labels_of
from parsers.lines import Grid, TextLine, Unit, bullet_end
from parsers.tables import ROWS_MAX
from parsers.titles import Segment, begins, hinted, other_kind, titled
from parsers.values import Hints

LABELS_NEEDED = 3  # labels with values that make a report without its title (contract)
UNITS_MAX = 4000  # lines and tables looked at; an official report has some hundred
_BODIES = frozenset(["txt", "html"])  # types a mail's own text has: there a title alone is a mention
_MARKS = (" - ", " – ", ": ", ". ", "; ")  # may part a title from a label on its own line


@dataclass(frozen=True, slots=True)
class Part:
    """One report found: its place in the document, the units behind its title, and what they held."""

    segment: Segment
    body: tuple[Unit, ...]
    reading: Reading


Pick = Callable[[Segment], Segment]


def find_parts(
    kind: str, units: Sequence[Unit], forms: Sequence[Form], hints: Hints, *, forced: bool, pick: Pick
) -> list[Part]:
    """The reports of a document of that type, in order; ``forced``: it is read under the first form in any case.

    ``pick`` puts the version in force in place of a segment's form.
    """
    units = units[:UNITS_MAX]
    titles = [_read(units, pick(segment)) for segment in _by_titles(units, forms)]
    parts = [part for part in titles if forced or _is_report(kind, units, part)]
    if parts:
        return parts
    if forced:
        return [_read(units, pick(Segment(forms[0], 0, len(units), None, 0)))]
    return _by_labels(units, forms, hints, pick)


def _read(units: Sequence[Unit], segment: Segment) -> Part:
    body = feet_apart(_body_units(units, segment))
    return Part(segment, body, read_body(labels_of(segment.form), body))


def _by_titles(units: Sequence[Unit], forms: Sequence[Form]) -> list[Segment]:
    found = titled(units, forms)
    segments: list[Segment] = []
    for position, (first, behind, form) in enumerate(found):
        end = found[position + 1][0] if position + 1 < len(found) else len(units)
        start = begins(units, first, segments[-1].body if segments else 0)
        if segments:
            last = segments[-1]
            if last.form is form and not any(_labelled(unit, form) for unit in units[last.body : start]):
                segments[-1] = Segment(form, last.start, end, last.title, behind)
                continue
            segments[-1] = Segment(last.form, last.start, start, last.title, last.body)
        segments.append(Segment(form, start, end, first, behind))
    return segments


def _labelled(unit: Unit, form: Form) -> bool:
    labels = labels_of(form)
    if isinstance(unit, TextLine):
        return labels.starts(unit.bare)
    return any(labels.starts(cell.text) for row in unit.rows for cell in row)


def _is_report(kind: str, units: Sequence[Unit], part: Part) -> bool:
    stated = len(part.reading.found.stated)
    if part.segment.title is not None and other_kind(units, part.segment.title):
        return stated >= LABELS_NEEDED
    if kind in _BODIES:
        return stated >= 1 or part.reading.found.labels >= LABELS_NEEDED
    return True


def _by_labels(units: Sequence[Unit], forms: Sequence[Form], hints: Hints, pick: Pick) -> list[Part]:
    """Without a title: the form with the most labels that carry values, at least three; between equals the shorter form."""
    if other_kind(units, len(units)):
        return []
    likely = [form for form in forms if _labels_in(units, form) >= LABELS_NEEDED]
    parts = [_read(units, pick(Segment(form, 0, len(units), None, 0))) for form in likely]
    enough = [part for part in parts if len(part.reading.found.stated) >= LABELS_NEEDED]
    if not enough:
        return []
    spoken = hinted([part.segment.form for part in enough], hints)
    if len(spoken) == 1:
        return [part for part in enough if part.segment.form is spoken[0]]
    return [min(enough, key=lambda part: (-len(part.reading.found.stated), len(part.segment.form.lines)))]


def _labels_in(units: Sequence[Unit], form: Form) -> int:
    """How many labels lines and cells begin with or hold behind one; a quick look before reading."""
    labels, count = labels_of(form), 0
    for unit in units:
        texts = [unit.text] if isinstance(unit, TextLine) else [c.text for row in unit.rows[:ROWS_MAX] for c in row]
        for text in texts:
            if labels.starts(text[bullet_end(text) :]):
                count += len(labels.find(text, bullet_end(text)))
        if count >= LABELS_NEEDED:
            break
    return count


def _body_units(units: Sequence[Unit], segment: Segment) -> tuple[Unit, ...]:
    """The units behind the title; a label on the title's own line comes first."""
    body = tuple(units[segment.body : segment.end])
    if segment.title is None:
        return body
    title = units[segment.title]
    if isinstance(title, Grid):
        return (title, *body)
    rest = _behind_title(title, segment.form)
    return (rest, *body) if rest else body


def _behind_title(line: TextLine, form: Form) -> TextLine | None:
    for mark in _MARKS:
        at = line.text.find(mark)
        while at >= 0:
            rest = line.text[at + len(mark) :]
            if labels_of(form).starts(rest):
                return TextLine(rest, ((0, line.place()),), line.hidden, line.where)
            at = line.text.find(mark, at + 1)
    return None
