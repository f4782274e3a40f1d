"""What stands in the headers and footers of pages: context where the body says nothing, never a figure.

Rules:

1. The agency named there and the days told there count where neither the report itself nor the mail around it names any.
2. A line of the form that stands there with a number the report does not state alike is told (``margin_figures``): nobody knows which page
   it speaks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsers.findings import finding
from parsers.fold import nfc
from parsers.labels import Labels
from parsers.lines import TextLine, bullet_end
from parsers.stated import read_hits
from parsers.values import Document, Figure, Finding, Place

_STATED = ("number", "zero")


def margin_lines(document: Document, *kinds: str) -> list[TextLine]:
    """The lines of the document's headers or footers."""
    blocks = [block for block in document.blocks if block.where in kinds and block.table is None]
    return [
        TextLine(line, ((0, Place(block.page, block.n, box=block.box)),), block.hidden, block.where)
        for block in blocks
        for line in nfc(block.text).splitlines()
        if line.strip()
    ]


def figures_beside(labels: Labels, lines: Sequence[TextLine], figures: Mapping[str, Figure]) -> tuple[Finding, ...]:
    """The finding of figures that stand in a header or footer otherwise than in the report."""
    told: dict[str, str] = {}
    for line in lines:
        hits = labels.find(line.text, bullet_end(line.text))
        for candidate in read_hits(labels, line.text, hits, line.place()) if hits and hits[0].full else ():
            figure = figures.get(candidate.key)
            if figure and candidate.state in _STATED and candidate.value != figure.value:
                told[candidate.key] = line.text.strip()
    values = "; ".join(sorted(set(told.values())))
    return (finding("margin_figures", tuple(told), values=values),) if told else ()
