"""Figures from pictures of pages that a percentage written beside them bears out: "215/240 (đạt 89,58%)".

Rules:

1. Three numbers read apart must agree: the part, the whole and the share, each read by two readers at least. The share is the only one told in
   the evidence of the part (its line, its row).
2. A share bears a figure out only when it tells it from its neighbours: with one more or one less the share would differ by twice its
   last digit. "89,58%" of 240 does, "1%" of 11/1.201 does not.
3. "100%" and "0%" bear nothing out: two equal numbers are misread alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal

from parsers.form import Form, Line
from parsers.numbers import Token, scan
from parsers.values import Figure, Place

_HUNDRED = Decimal(100)
_WHOLES = ("resolved", "received")  # what a share of files may be a share of
_SHARES = frozenset(["on_time", "overdue", "resolved", "early"])
_APART = 2  # last digits a neighbour's share must be away


def borne_by_shares(
    form: Form, figures: Mapping[str, Figure], fair: Collection[str], is_fair: Callable[[str, Place], bool]
) -> set[str]:
    """Keys a stated share bears out. ``fair``: figures two readers agree on; ``is_fair``: the same of any number at a place."""
    borne: set[str] = set()
    for line in form.figures:
        part = figures.get(line.key)
        share = _share(part) if part and line.kind != "percentage" and line.key in fair else None
        if part is None or part.place is None or share is None or not is_fair(share.raw, part.place):
            continue
        for key in _wholes(line):
            whole = figures.get(key)
            if whole and key in fair:
                borne |= _borne(part, whole, share)
    return borne


def _wholes(line: Line) -> Iterator[str]:
    """Keys of what a figure may be a share of."""
    yield from (key for key in (line.over, line.whole) if key)
    if line.key in _SHARES:
        yield from (key for key in _WHOLES if key != line.key)


def _share(figure: Figure) -> Token | None:
    """The percentage in the evidence of a figure, when there is one and no more."""
    text = figure.place.text if figure.place else ""
    told = [token for token in scan(text) if token.kind == "percent" and token.value is not None]
    return told[0] if len(told) == 1 else None


def _borne(part: Figure, whole: Figure, share: Token) -> set[str]:
    top, bottom, stated = part.value, whole.value, share.value
    if not top or not bottom or not stated or top >= bottom or stated >= _HUNDRED:
        return set()
    last = Decimal(1).scaleb(stated.as_tuple().exponent if stated != stated.to_integral_value() else 0)  # type: ignore[arg-type]
    if abs(top * _HUNDRED / bottom - stated) >= last:
        return set()
    told_top = _HUNDRED / bottom >= _APART * last
    told_bottom = _HUNDRED * top / (bottom * (bottom + 1)) >= _APART * last
    return {figure.key for figure, told in ((part, told_top), (whole, told_bottom)) if told}
