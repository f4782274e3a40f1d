"""What was read for a key at one place, before anything is decided.

A key may be read at several places (a line, a table, running text); ``parsers.choose`` decides between its candidates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from parsers.answers import Answer
from parsers.quick import quick, replace
from parsers.values import Basis, FigureState, Place, Scope

Source = Literal["line", "cell", "text", "prose"]


@quick
@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of one key."""

    key: str
    state: FigureState
    value: Decimal | None
    raw: str
    place: Place
    source: Source
    scope: Scope | Literal[""] = ""  # "": not said
    basis: Basis = "period"
    approximate: bool = False
    hidden: bool = False
    doubts: frozenset[str] = frozenset()
    below: Decimal | None = None  # of a fraction written where a count is asked
    percent: Decimal | None = None  # a percentage stated beside
    spot: tuple[int, int] = (0, 0)  # block and offset of the number: two keys read from one number are no proof
    part_of: str = ""  # prose: key of the figure it explains
    combined: bool = False  # on time, told together with what was early
    named: bool = False  # behind a label of the form as the form file spells it
    formal: bool = True  # behind a colon, leaders or in a cell of its own; False: in a sentence
    owner: str = ""  # the agency whose row or column of a table it stands in
    clean: bool = False  # prose: every word around the number is understood

    def doubted(self, *why: str) -> Candidate:
        """The same reading with more doubts."""
        return replace(self, doubts=self.doubts | frozenset(why))


@dataclass(slots=True)
class Found:
    """Everything read in the body of one report."""

    candidates: list[Candidate] = field(default_factory=list)
    again: list[Candidate] = field(default_factory=list)  # running text's figures of keys the form's lines answered
    texts: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)  # key → pieces and where each stands
    owners: set[str] = field(default_factory=set)  # agencies with rows or columns of their own
    labels: int = 0  # labels of the form seen, stated or not
    stated: set[str] = field(default_factory=set)  # keys whose own label carried a value

    def add(self, *candidates: Candidate) -> None:
        """Keep readings."""
        for candidate in candidates:
            self.candidates.append(candidate)
            if candidate.named and candidate.state in ("number", "zero", "nil"):
                self.stated.add(candidate.key)

    def has(self, key: str) -> bool:
        """Whether the form's own line of that key was seen."""
        return any(c.key == key and c.source in ("line", "cell") for c in self.candidates)


def from_answer(key: str, answer: Answer, place: Place, source: Source, *, hidden: bool = False) -> Candidate:
    """A candidate of what was written behind a label."""
    scope: Scope | Literal[""] = answer.scope if answer.scope in ("total", "own", "communes") else ""  # type: ignore[assignment]
    return Candidate(
        key,
        answer.state,
        answer.value,
        answer.raw,
        place,
        source,
        scope=scope,
        basis="cumulative" if answer.cumulative else "period",
        approximate=answer.approximate,
        hidden=hidden,
        doubts=frozenset(answer.doubts),
        below=answer.below,
        percent=answer.percent,
        spot=(place.block or 0, answer.start),
    )
