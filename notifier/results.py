"""Results beside punctuality as a table: a share of pooled figures with n/E beside it; what nobody stated is missing, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from notifier import vietnamese_format as vf
from notifier.facts_of_many import ResultFact, ShareFact
from notifier.sheet import Grid
from notifier.texts import phrase


def results_grid(results: Sequence[ResultFact]) -> Grid:
    """Each result now, since 1 January, before, and its goal."""
    head = tuple(phrase("results", name) for name in ("result", "now", "year", "last", "goal"))
    rows = (
        (r.label, share_text(r.now), share_text(r.year), share_text(r.last) if r.last else "–", goal_text(r))
        for r in results
    )
    return Grid(head, tuple(rows))


def percent(share: ShareFact) -> Decimal | None:
    """The share in per cent, None when nobody stated it or there is nothing to divide by."""
    if share.part is None or share.whole is None or not Decimal(share.whole):
        return None
    return Decimal(share.part) * 100 / Decimal(share.whole)


def share_text(share: ShareFact) -> str:
    """Like 95,5% · 1.590/1.665 · 23/29; sums without a share where there is nothing to divide by."""
    behind = f"{share.n}/{share.expected}"
    if share.part is None or share.whole is None:
        return phrase("results", "none", behind=behind)
    sums = f"{vf.number(share.part)}/{vf.number(share.whole)}"
    exact = percent(share)
    if exact is None:
        return phrase("results", "nothing", sums=sums, behind=behind)
    shown = f"{vf.number(exact.quantize(Decimal('0.1')))}%"
    return phrase("results", "share", share=shown, sums=sums, behind=behind)


def goal_text(result: ResultFact) -> str:
    """Like ≥ 80%, đạt; a dash without a goal; nothing is said where there is no share."""
    if not result.goal:
        return "–"
    exact = percent(result.now)
    goal = phrase("results", "at_least", goal=vf.number(result.goal))
    if exact is None:
        return goal
    return phrase("results", "met" if exact >= Decimal(result.goal) else "not_met", goal=goal)
