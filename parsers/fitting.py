"""Doubts about how a number is written that fall away once it is seen with its line and beside the others.

Rules:

1. "(3)" alone may be a note's mark or a number below nought: a doubt, unless every number of the report stands in brackets.
2. "03 lần" where files are asked counts something else: a doubt; where no files, feedback or documents are asked it is none.
"""

from __future__ import annotations

from parsers.candidates import Candidate
from parsers.form import Line
from parsers.labels import meaning_of
from parsers.quick import replace

_ASKED = frozenset(["files", "feedback", "documents"])  # what a line may count


def allow_brackets(chosen: dict[str, Candidate]) -> None:
    """Take the doubt from numbers in brackets where all of them are written so: "(125)", "(120)"."""
    numbers = {key: candidate for key, candidate in chosen.items() if candidate.state in ("number", "zero")}
    if len(numbers) > 1 and all("bracket" in candidate.doubts for candidate in numbers.values()):
        chosen.update({key: replace(one, doubts=one.doubts - {"bracket"}) for key, one in numbers.items()})


def fitting(line: Line, candidate: Candidate) -> Candidate:
    """A candidate without the doubt of a unit that is no file's where none are asked: "03 lần"."""
    return (
        candidate if meaning_of(line.label).atoms & _ASKED else replace(candidate, doubts=candidate.doubts - {"others"})
    )
