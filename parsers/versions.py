"""Which version of a form a report is read under, and whose words it uses.

Rules:

1. The version in force on the day the report speaks of: the end of its window, its month, its date line; failing these the day of
   receipt. A version asked for by its id is used as it is.
2. Lines that versions call by different names are read in the words of all; a figure read in the words of another version than the one
   in force is named in a note (check ``version``), never mapped silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from parsers.choose import Choice, Note
from parsers.form import Form, FormSet
from parsers.header import read_day, read_span
from parsers.labels import meaning_of
from parsers.lines import Grid, TextLine, Unit
from parsers.titles import text_of
from parsers.values import Hints

_NEAR = 6  # units under a title that may state the window
_HEADING_ROWS = 4  # rows of a table that may be its heading
_STATED = ("number", "zero", "nil")


def version_for(form: Form, forms: FormSet, head: Sequence[Unit], under: Sequence[Unit], hints: Hints) -> Form:
    """The version of this form in force when the report was made."""
    versions = [other for other in forms.all() if other.name == form.name]
    if len(versions) == 1:
        return form
    return forms.pick(form.name, _day(form, head, under, hints))


def _day(form: Form, head: Sequence[Unit], under: Sequence[Unit], hints: Hints) -> date | None:
    written = read_day(head, ())
    title = text_of(under[0]) if under else ""
    window = read_span(title, under[1:_NEAR], written or hints.received, hints, monthly=form.states_month)
    if window.end or window.start:
        return window.end or window.start
    if window.month:
        year, _, month = window.month.partition("-")
        return date(int(year), int(month), 1)
    return written or hints.received


def foreign_words(form: Form, choice: Choice, body: Sequence[Unit]) -> list[Note]:
    """A note of the figures told in another version's words."""
    if not form.foreign:
        return []
    keys, first = [], None
    headings: frozenset[str] | None = None
    for key in _concerned(form):
        figure = choice.figures[key]
        if figure.state in _STATED and figure.place:
            said = meaning_of(figure.place.text).atoms
            if not said & (form.foreign | set(form.terms)):
                said = headings = _headings(body) if headings is None else headings
            if said & form.foreign and not said & set(form.terms):
                keys.append(key)
                first = first or figure.place
    return [Note("version", tuple(keys), place=first)] if keys else []


@lru_cache(maxsize=16)
def _concerned(form: Form) -> tuple[str, ...]:
    """The figures whose lines another version calls otherwise."""
    return tuple(line.key for line in form.figures if any(atoms & form.foreign for atoms in line.means))


def _headings(body: Sequence[Unit]) -> frozenset[str]:
    """The atoms of table headings and of lines without numbers."""
    found: frozenset[str] = frozenset()
    for unit in body:
        if isinstance(unit, Grid):
            for row in unit.rows[:_HEADING_ROWS]:
                found |= frozenset().union(*(meaning_of(cell.text).atoms for cell in row))
        elif isinstance(unit, TextLine) and len(unit.text) <= 200:
            found |= meaning_of(unit.text).atoms
    return found
