"""The reports of a document, each with the units that are its own and what its body held.

Rules: those of ``titles`` and the contract — a report needs its title, or three or more of a form's labels with values, or to be
read under a form that was asked for. A title alone in a mail's own text is a mention, unless sentences below it tell three figures; in a file of
plain text or HTML a number of its own above it, or one figure, is enough; behind another document's heading three
labels with values must follow it. A report under a heading no form knows ("BÁO CÁO TUẦN"), with a number or a quốc hiệu of its own above it, is one
beside those with a title, when three labels carry values below it: it is neither lost nor part of the report it stands behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parsers.body import Reading, read_body
from parsers.foot import feet_apart
from parsers.form import Form
from parsers.header import read_day, read_number
from parsers.labels import labels_of
from parsers.lines import Grid, TextLine, Unit, bullet_end
from parsers.quick import replace
from parsers.tables import ROWS_MAX
from parsers.titles import Segment, begins, heading, hinted, is_letterhead, other_kind, text_of, titled
from parsers.values import Hints
from parsers.words import vocabulary

LABELS_NEEDED = 3  # labels with values that make a report without its title (contract)
UNITS_MAX = 4000  # lines and tables looked at; an official report has some hundred
_BODIES = frozenset(["txt", "html"])  # types a mail's own text has: there a title alone is a mention
_TOLD = ("number", "zero", "nil")
_ABOVE = 8  # units above a heading its letterhead stands in
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
    segments = _by_titles(units, forms)
    others = [] if forced or not segments else _beside(units, segments, forms, hints, pick)
    starts = [other.segment.start for other in others]
    titles = [_read(units, pick(_cut(segment, starts))) for segment in segments]
    parts = [part for part in titles if forced or _is_report(kind, units, part, attached=bool(hints.name))]
    parts = sorted((*parts, *others), key=lambda part: part.segment.start)
    if parts:
        return parts
    if forced:
        return [_read(units, pick(Segment(forms[0], 0, len(units), None, 0)))]
    return _by_labels(units, forms, hints, pick, (0, len(units)))


def _beside(
    units: Sequence[Unit], segments: Sequence[Segment], forms: Sequence[Form], hints: Hints, pick: Pick
) -> list[Part]:
    """The reports whose heading is no form's title, each up to the next one's letterhead."""
    heads = []
    for n, unit in enumerate(units):
        if (text := heading(unit)) and text.isupper() and not any(_is_titled(one, n) for one in segments):
            above = _head_above(units, n, max((one.body for one in segments if one.body <= n), default=0))
            if read_number(above) or any(vocabulary().mottoes.within(text_of(one)) for one in above):
                heads.append(n - len(above))
    edges = sorted({*heads, *(one.start for one in segments), len(units)})
    found = []
    for start in heads:
        found += _by_labels(units, forms, hints, pick, (start, min(edge for edge in edges if edge > start)))
    return found


def _is_titled(segment: Segment, n: int) -> bool:
    """Whether a unit is part of that segment's title, or of the letterhead above it."""
    return segment.start <= n < segment.body


def _head_above(units: Sequence[Unit], n: int, floor: int) -> Sequence[Unit]:
    """The letterhead right above a heading."""
    first = n
    while first > max(floor, n - _ABOVE) and (is_letterhead(units[first - 1]) or _is_small(units[first - 1])):
        first -= 1
    return units[first:n]


def _is_small(unit: Unit) -> bool:
    """A number, a date line, a line of strokes."""
    text = text_of(unit)
    return bool(read_number((unit,))) or not re.search(r"[^\W\d_]", text) or bool(read_day((unit,), ()))


def _cut(segment: Segment, starts: Sequence[int]) -> Segment:
    """A segment that ends where another report begins."""
    return replace(segment, end=min([segment.end, *(start for start in starts if start >= segment.body)]))


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


def _is_report(kind: str, units: Sequence[Unit], part: Part, *, attached: bool) -> bool:
    stated = len(part.reading.found.stated)
    if part.segment.title is not None and other_kind(units, part.segment.title):
        return stated >= LABELS_NEEDED
    if kind not in _BODIES or stated >= 1 or part.reading.found.labels >= LABELS_NEEDED:
        return True
    told = {one.key for one in part.reading.found.candidates if one.state in _TOLD}
    if attached and read_number(units[part.segment.start : part.segment.title]):
        return True  # a file with a letterhead, as other programs' files
    return len(told) >= (1 if attached else LABELS_NEEDED)


def _by_labels(
    units: Sequence[Unit], forms: Sequence[Form], hints: Hints, pick: Pick, span: tuple[int, int]
) -> list[Part]:
    """Without a title: the form with the most labels that carry values, at least three; between equals the shorter form."""
    first, end = span
    if other_kind(units[first:end], end - first):
        return []
    likely = [form for form in forms if _labels_in(units[first:end], form) >= LABELS_NEEDED]
    parts = [_read(units, pick(Segment(form, first, end, None, first))) for form in likely]
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
