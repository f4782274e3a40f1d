"""What the summary's template needs beyond the facts: pooled rates, the trend and the league table as grids.

Rules: the classes of every period sum to its expected, or the letter is not written; ranges pool sums and never average; n/E stands
beside every share; who has no rank stands below the table with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notifier import vietnamese_format as vf
from notifier.digest import CLASSES, UnequalBoardError
from notifier.facts_of_many import PeriodFact, StandingFact, SummaryFacts, TypeSummaryFact
from notifier.results import results_grid
from notifier.sheet import Grid
from notifier.texts import phrase
from notifier.wording import period_name, sentence


def summary_view(facts: SummaryFacts) -> Mapping[str, Any]:
    """Names for the template; ``UnequalBoardError`` when an identity does not hold."""
    for one in facts.types:
        for period in one.periods:
            if sum(period.classes.get(name, 0) for name in CLASSES) != period.expected:
                raise UnequalBoardError(f"{period.key}: {period.expected} expected, classes {period.classes}")
    return {"pooled": pooled, "met": met, "day": vf.day}


def grids(facts: SummaryFacts) -> dict[str, Grid]:
    """The tables, by the place of the report type."""
    found: dict[str, Grid] = {}
    for n, one in enumerate(facts.types):
        found |= {
            f"trend{n}": trend_grid(one),
            f"league{n}": league_grid(one),
            f"results{n}": results_grid(one.results),
        }
    return found


def pooled(one: TypeSummaryFact) -> dict[str, int]:
    """Sums over the periods: expected and every class."""
    total = {name: sum(p.classes.get(name, 0) for p in one.periods) for name in CLASSES}
    return total | {"expected": sum(p.expected for p in one.periods)}


def met(classes: Mapping[str, int]) -> int:
    """Dues for which an acceptable report came."""
    return classes["on_time"] + classes["cured"] + classes["late"]


def rate(n: int, expected: int) -> str:
    """Like 69,0% · 20/29, or that nothing was due."""
    return f"{vf.share(n, expected)} · {n}/{expected}" if expected else phrase("summary", "nothing_due")


def trend_grid(one: TypeSummaryFact) -> Grid:
    """A row for each period."""
    head = tuple(phrase("summary", name) for name in ("period", "on_time", "met", "missing"))
    return Grid(head, tuple(_trend_row(period) for period in one.periods))


def _trend_row(period: PeriodFact) -> tuple[str, ...]:
    name = sentence(period_name(period.key))
    if period.changed:
        name = phrase("summary", "changed", name=name)
    on_time, missing = period.classes.get("on_time", 0), period.classes.get("missing", 0)
    return (
        name,
        rate(on_time, period.expected),
        rate(met(period.classes), period.expected),
        f"{missing}/{period.expected}",
    )


def league_grid(one: TypeSummaryFact) -> Grid:
    """The ranked agencies, then those apart under a heading of their own."""
    head = tuple(phrase("summary", name) for name in ("agency", "on_time", "met", "note"))
    rows = [_standing_row(x) for x in one.standings if x.rank is not None]
    apart = [_standing_row(x) for x in one.standings if x.rank is None]
    return Grid(head, tuple(rows + ([(phrase("summary", "apart"),), *apart] if apart else [])))


def _standing_row(one: StandingFact) -> tuple[str, ...]:
    name = f"{one.rank}. {one.name}" if one.rank is not None else one.name
    return name, rate(one.classes["on_time"], one.expected), rate(met(one.classes), one.expected), _note(one)


def _note(one: StandingFact) -> str:
    pieces = [phrase("summary", f"apart_{one.apart}", n=vf.count(one.waived))] if one.apart else []
    names = [name for name in ("late", "incomplete", "missing") if one.classes[name]]
    pieces += [phrase("summary", f"n_{name}", n=vf.count(one.classes[name])) for name in names]
    return "; ".join(pieces) or "–"
