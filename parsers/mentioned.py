"""Figures a mail's own words state beside the report attached to it: "tiếp nhận 135 hồ sơ", "xin đính chính: số hồ sơ trả lại là 5".

Rules:

1. Only what is told plainly of the period: no round numbers, no other period's, no part's, nothing that leaves a doubt about its number.
2. The words never become a figure of the report. Where they give a line another number than the report does, or take one of its numbers
   back, both are told (``body_figures``) and a person says which is meant.
3. Of a mail with several reports a number that is right in one of them speaks against none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parsers.amended import amending, numbers_taken_back, read_said
from parsers.candidates import Candidate
from parsers.clauses import sentences
from parsers.findings import finding
from parsers.form import FormSet
from parsers.labels import labels_of
from parsers.values import Document, Mention, PartReading, Place, Report

LINES_MAX = 60  # of a body looked at; a cover letter has ten
_DOUBTS = frozenset({"past", "several", "spaced", "fraction", "unit", "procedures"})


def mentions(document: Document, forms: FormSet) -> tuple[Mention, ...]:
    """What a body says of the lines of the forms."""
    lines = [line for block in document.blocks for line in block.text.splitlines() if any(map(str.isdigit, line))]
    if not lines:
        return ()
    taken = [(number, place.text) for said, place in amending(document) for number in numbers_taken_back(said)]
    found: list[Mention] = []
    for form in (forms.pick(name, None) for name in forms.names()):
        labels = labels_of(form)
        for line in lines[:LINES_MAX] if not form.columns else ():
            for start, end in sentences(line):
                said = line[start:end]
                read = read_said(labels, said, Place(text=said.strip()))
                found += [
                    Mention(form.name, c.key, c.value, said.strip()) for c in read if c.value is not None and _plain(c)
                ]
        found += [Mention(form.name, "", number, text) for number, text in taken]
    return tuple(dict.fromkeys(found))


def _plain(candidate: Candidate) -> bool:
    stated = candidate.state in ("number", "zero") and candidate.basis == "period" and not candidate.approximate
    return stated and candidate.scope in ("", "total") and not candidate.doubts & _DOUBTS


def held_against(parts: Sequence[PartReading]) -> tuple[PartReading, ...]:
    """The parts with what the mail's own words say against their reports."""
    told = [one for part in parts if part.role == "body" and part.outcome == "enclosure" for one in part.mentions]
    reports = [report for part in parts for report in part.reports]
    if not told or not reports:
        return tuple(parts)
    return tuple(
        replace(part, reports=tuple(_against(report, told, reports) for report in part.reports)) for part in parts
    )


def _against(report: Report, told: Sequence[Mention], reports: Sequence[Report]) -> Report:
    own = [one for one in told if one.form == report.type]
    keys: list[str] = []
    texts: list[str] = []
    for figure in report.figures:
        values = {one.figure(figure.key).value for one in reports if one.figure(figure.key)}  # type: ignore[union-attr]
        named = [one for one in own if one.key == figure.key]
        against = named if not any(one.value in values for one in named) else []
        against = [*against, *(one for one in own if not one.key and one.value == figure.value)]
        if figure.value is not None and against:
            keys.append(figure.key)
            texts += [one.text for one in against if one.text not in texts]
    if not keys:
        return report
    return replace(report, findings=(*report.findings, finding("body_figures", tuple(keys), text="; ".join(texts))))
