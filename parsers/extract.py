"""Document + form → reports: every figure with the place it was read.

The picture: ``lines`` (what a person sees) → ``segments`` (which report, where it begins) → ``header`` (whose, when) → ``body``
(figures and texts: ``stated`` lines, ``tables``, ``prose``) → ``choose`` (one answer a key) → ``checks`` (what to ask).

Rules:

1. Which reports a document holds is for ``segments`` to say.
2. Every key of the form stands in the report's figures, in the form's order, whatever was found.
3. A list of tasks (``task_list``) is a report of its own; what is its table is no other report's.
4. The content key is the same for the same content in another file format: type, agency, window, raw figures, texts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial

from parsers.amended import amending, marked, remarked, set_right
from parsers.body import Reading
from parsers.checks import run_checks
from parsers.choose import Choice, choose
from parsers.denied import denied, none_arose
from parsers.findings import finding
from parsers.fold import fold
from parsers.foot import read_signature
from parsers.form import Form, FormSet
from parsers.header import read_agency, read_day, read_number, read_span
from parsers.labels import labels_of
from parsers.lines import Grid, TextLine, Unit, units_of
from parsers.margins import figures_beside, margin_lines
from parsers.other_periods import of_other_periods
from parsers.other_span import of_other_span
from parsers.quick import replace
from parsers.segments import Part, find_parts
from parsers.task_list import UNSURE, TaskTable, counted, notes_of, task_tables
from parsers.titles import Segment, other_kind, text_of, titled
from parsers.values import Document, Figure, Finding, Hints, Place, Report, TaskRow, Window
from parsers.versions import foreign_words, version_for
from parsers.words import vocabulary, words_of

__all__ = ["Hints", "extract"]

_COMMITTEE = re.compile(r"\buy ban nhan dan\b")
_NEAR = 6  # units under a title that may state the window
_HEAD = 12  # units above the first label that may be a letterhead, in a report without a title


def extract(document: Document, forms: FormSet, hints: Hints, as_form: str | None = None) -> tuple[Report, ...]:
    """The reports of a document; empty: it is not a report (an enclosure)."""
    asked_for = [forms.get(as_form)] if as_form else [forms.pick(name, hints.received) for name in forms.names()]
    labels = [labels_of(form) for form in asked_for]
    whole = units_of(document, lambda text: any(of_form.starts(text) for of_form in labels))
    lists = _lists(document, whole, asked_for)
    taken = {block for table in lists for block in table.blocks}
    named = {n for first, behind, _ in titled(whole, [table.form for table in lists]) for n in range(first, behind)}
    units = tuple(unit for n, unit in enumerate(whole) if n not in named and not taken.intersection(_blocks(unit)))
    chosen = [form for form in asked_for if not form.columns or (as_form and not lists)]
    asked = as_form is not None and as_form not in forms.names()  # by its version
    pick = (lambda segment: segment) if asked else (lambda segment: _in_force(segment, units, forms, hints))
    parts = find_parts(document.type, units, chosen, hints, forced=as_form is not None, pick=pick) if chosen else []
    amends = amending(document) if parts else ()
    found = [
        _report(document, units, part, hints, n, amends, asked=as_form is not None) for n, part in enumerate(parts, 1)
    ]
    for table in lists:
        found.append(_list_report(document, whole, table, hints, found))
    return tuple(found)


def _lists(document: Document, units: Sequence[Unit], forms: Sequence[Form]) -> list[TaskTable]:
    """The lists of a document; one under another kind of document's heading, without any progress, only prescribes it."""
    found = task_tables(document, units, [form for form in forms if form.columns])
    told = [any(row.state not in UNSURE for row in table.rows) for table in found]
    prescribed = bool(found) and other_kind(units, len(units))
    return [table for table, says in zip(found, told, strict=True) if says or not prescribed]


def _blocks(unit: Unit) -> set[int | None]:
    return {unit.block} if isinstance(unit, Grid) else {place.block for _, place in unit.pieces}


def _list_report(
    document: Document, units: Sequence[Unit], table: TaskTable, hints: Hints, beside: Sequence[Report]
) -> Report:
    """The report a list is; what its own head leaves out, the report it stands behind in the same document says."""
    form, first = table.form, min(table.blocks)
    above = [
        unit for unit in units if _first_block(unit) < first or (isinstance(unit, TextLine) and _above(unit, table))
    ]
    foot = [unit for unit in units if _first_block(unit) > max(table.blocks)]
    head, near = _letterhead(above[:_HEAD], form), above[-_NEAR:]
    day = read_day(head, foot)
    title = " ".join(text_of(unit) for unit in near)
    window = read_span(title, near, day or hints.received, hints, monthly=form.states_month, states=form.states)
    if beside and not (window.start or window.month):
        window = replace(beside[0].window, text=beside[0].window.text)
    figures = counted(table)
    choice = Choice(figures, notes_of(table, day or hints.received))
    signature = read_signature(foot, document)
    agency = read_agency(head, near) or (beside[0].agency_text if beside else "")
    return Report(
        n=len(beside) + 1,
        type=form.name,
        form=form.id,
        form_sha256=form.sha256,
        reader=document.reader,
        agency_text=agency,
        number=read_number(head) or (beside[0].number if beside else ""),
        date=day or (beside[0].date if beside else None),
        window=window,
        figures=tuple(figures.values()),
        texts=(),
        signature=signature,
        findings=_once(run_checks(form, choice, window, signature)),
        core=form.core,
        content_key=_content_key(form.name, agency, window, tuple(figures.values()), (), table.rows),
        rows=table.rows,
    )


def _letterhead(head: Sequence[Unit], form: Form) -> list[Unit]:
    """What stands above the first line that speaks of the list."""
    words = [fold(word) for word in form.hint]
    at = (n for n, unit in enumerate(head) if isinstance(unit, TextLine) and fold(unit.bare).startswith(tuple(words)))
    return list(head[: next(at, len(head))])


def _first_block(unit: Unit) -> int:
    place = unit.place() if isinstance(unit, TextLine) else None
    return (place.block if place else unit.block if isinstance(unit, Grid) else 0) or 0


def _above(line: TextLine, table: TaskTable) -> bool:
    """A line of the same sheet above the list's head."""
    place = line.place()
    return place.block in table.blocks and (place.row or 0) < (table.place.row or 0)


def _in_force(segment: Segment, units: Sequence[Unit], forms: FormSet, hints: Hints) -> Segment:
    """The segment under the version of its form that was in force."""
    at = segment.title if segment.title is not None else segment.start
    head = units[segment.start : at]
    return replace(segment, form=version_for(segment.form, forms, head, units[at : segment.end], hints))


def _report(
    document: Document,
    units: Sequence[Unit],
    part: Part,
    hints: Hints,
    n: int,
    amends: Sequence[tuple[str, Place]],
    *,
    asked: bool,
) -> Report:
    form, title = part.segment.form, part.segment.title
    head = list(units[part.segment.start : title]) if title is not None else _head_without_title(part.body, form)
    foot = part.body[part.reading.foot :]
    choice = choose(form, part.reading.found, titled=title is not None)
    if title is not None and not (document.scanned or document.wanted):
        none_arose(form, choice, part.body)
    _hear_against(document, part, choice, amends)
    day = read_day(head, foot)
    margins = margin_lines(document, "header", "footer")
    window = _window(units, part, day, hints, margins)
    choice.notes.extend(of_other_periods(choice.figures, window, part.body))
    signature = read_signature(foot, document)
    agency = read_agency(head, part.body[:_NEAR]) or _owner(choice) or read_agency(margin_lines(document, "header"), ())
    texts = tuple((line.key, told) for line in form.lines if (told := _told(part.reading, line.key)))
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
        findings=(
            *_others(form, choice, part, agency),
            *(of_other_span(form, part.body[:_HEAD], window) if title is None and not asked else ()),
            *figures_beside(labels_of(form), margins, choice.figures),
            *_once(run_checks(form, choice, window, signature)),
        ),
        core=form.core,
        content_key=_content_key(form.name, agency, window, figures, texts),
    )


def _hear_against(document: Document, part: Part, choice: Choice, amends: Sequence[tuple[str, Place]]) -> None:
    """Add the notes of what is said elsewhere against the figures: in other words, set right, in remarks and notes, denied."""
    form, labels = part.segment.form, labels_of(part.segment.form)
    choice.notes.extend(foreign_words(form, choice, part.body))
    choice.notes.extend(set_right(labels, choice.figures, amends))
    choice.notes.extend(remarked(labels, choice.figures, document))
    choice.notes.extend(marked(choice.figures, part.body))
    choice.notes.extend(denied(labels, choice.figures, part.body))


def _others(form: Form, choice: Choice, part: Part, agency: str) -> tuple[Finding, ...]:
    """Rows or columns of other agencies, when a figure was taken from one, or a core line is open beside several."""
    own = fold(agency)
    taken = {key: name for key, name in choice.owners.items() if not own or not _same_office(fold(name), own)}
    owners = part.reading.found.owners
    open_core = [key for key in form.core if choice.figures[key].state in ("blank", "absent", "unreadable")]
    several = open_core if len(owners) > 1 else []
    if _stands_among_peers(agency, owners):
        several += [key for key in form.core if choice.figures[key].place and key not in choice.owners]
    keys = tuple(key for key in choice.figures if key in taken or key in several)
    names = "; ".join(sorted({*taken.values(), *(owners if several else ())}))
    return (finding("several_agencies", keys, names=names),) if keys else ()


def _stands_among_peers(agency: str, owners: AbstractSet[str]) -> bool:
    """Whether a table has a row for the sender and one for another of its kind: its sum is not the sender's alone."""
    own = fold(agency)
    mine = {name for name in owners if own and _same_office(fold(name), own)}
    return bool(mine) and any(_kind(name) == _kind(agency) for name in owners - mine)


def _kind(name: str) -> tuple[str, ...]:
    """The words that say what an office is: "Sở", "UBND huyện"."""
    words = words_of(name)
    return tuple(word.key for word in words[: vocabulary().offices.opening(name, words)])


def _owner(choice: Choice) -> str:
    names = set(choice.owners.values())
    return names.pop() if len(names) == 1 else ""


def _same_office(one: str, other: str) -> bool:
    one, other = (_COMMITTEE.sub("ubnd", name) for name in (one, other))
    return one in other or other in one


def _head_without_title(body: Sequence[Unit], form: Form) -> list[Unit]:
    """What stands above the first label."""
    labels = labels_of(form)
    head: list[Unit] = []
    for unit in body[:_HEAD]:
        if isinstance(unit, TextLine) and labels.starts(unit.bare):
            break
        head.append(unit)
    return head


def _window(units: Sequence[Unit], part: Part, day: date | None, hints: Hints, margins: Sequence[Unit]) -> Window:
    segment = part.segment
    titled = segment.title is not None
    title = " ".join(text_of(unit) for unit in units[segment.title : segment.body]) if titled else ""
    near = part.body[: _NEAR if titled else 2 * _NEAR]
    read = partial(
        read_span,
        anchor=day or hints.received,
        hints=hints,
        monthly=segment.form.states_month,
        states=segment.form.states,
    )
    window = read(title, near)
    silent = margins and not (window.start or window.end or window.month)
    return read(title, [*near, *margins]) if silent else window


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the form's checks; the same code and figures once."""
    seen: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for one in findings:
        seen.setdefault((one.code, one.figures), one)
    return tuple(seen.values())


def _told(reading: Reading, key: str) -> str:
    return "\n".join(text for text, _ in reading.found.texts.get(key, []))


def _content_key(
    kind: str,
    agency: str,
    window: Window,
    figures: Sequence[Figure],
    texts: Sequence[tuple[str, str]],
    rows: Sequence[TaskRow] = (),
) -> str:
    """Blank space apart, the content and nothing else: a copy in another format has the same key."""
    stated = [figure for figure in figures if figure.state != "absent"]
    canonical = {
        "type": kind,
        "agency": fold(agency),
        "window": [str(window.start or ""), str(window.end or ""), window.month or ""],
        "figures": [[f.key, f.state, str(f.value) if f.value is not None else " ".join(f.raw.split())] for f in stated],
        "texts": [[key, " ".join(text.split())] for key, text in texts],
    } | ({"rows": [[row.number, row.task, row.lead, row.due_text, row.said] for row in rows]} if rows else {})
    return hashlib.sha256(json.dumps(canonical, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
