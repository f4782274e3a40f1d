"""What running text tells beside the form's own lines: taken where they leave something open, held against them where they do not."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.candidates import Candidate, Found
from parsers.labels import Labels
from parsers.numbers import scan
from parsers.quick import replace


def drop_asides(labels: Labels, found: Found, prose: Sequence[Candidate]) -> None:
    """Running text fills what the form's lines leave open; where they are there, it adds no lines of its own."""
    core = labels.form.core
    formal = sum(found.has(key) for key in core) * 2 > len(core)
    open_parts = {part for line in labels.form.lines if line.parts and not found.has(line.key) for part in line.parts}
    for candidate in prose:
        line = labels.form.line(candidate.key)
        answered = candidate.key in found.stated and (
            candidate.basis == "cumulative" or _in_period(found, candidate.key)
        )
        narrative = (
            not answered
            and line is not None
            and (line.on_form or not formal or candidate.key in open_parts or not _tells(candidate, found))
        )
        if narrative:
            found.candidates.append(candidate)
        elif answered and _speaks_for_all(candidate):
            inside = not _tells(candidate, found) and not any(t.kind == "other" for t in scan(candidate.place.text))
            found.again.append(replace(candidate, formal=inside))


def _speaks_for_all(candidate: Candidate) -> bool:
    """Whether running text tells a figure of the period and the whole, so that the form's line should say the same."""
    plain = candidate.doubts <= {"words", "loose"} and not candidate.approximate and not candidate.hidden
    stated = candidate.state in ("number", "zero") and candidate.basis == "period" and candidate.scope in ("", "total")
    return plain and stated and not candidate.part_of


def _in_period(found: Found, key: str) -> bool:
    return any(c.key == key and c.named and c.basis == "period" for c in found.candidates)


def _tells(candidate: Candidate, found: Found) -> bool:
    """Whether a reading stands outside every line of the form."""
    return not any(c.spot[0] == candidate.spot[0] and c.source == "line" for c in found.candidates)
