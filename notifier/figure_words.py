"""The figures of a report in words: as read, beside last period's, and what differs from the revision before."""

from __future__ import annotations

from collections.abc import Sequence

from notifier import vietnamese_format as vf
from notifier.facts import Change, FigureFact
from notifier.sheet import Grid
from notifier.texts import phrase
from notifier.wording import sentence


def value_text(figure: FigureFact) -> str:
    """A figure as read, with its flags; a state that is no number is named."""
    if figure.state in ("number", "zero") and figure.value is not None:
        text = vf.number(figure.value) + ("%" if figure.percent else "")
    else:
        text = phrase("figure_state", figure.state) or figure.raw
        if figure.state == "unreadable" and figure.raw:
            text = f"{text}: {figure.raw}"
    flags = ", ".join(filter(None, (phrase("figure_flag", flag) for flag in figure.flags)))
    return f"{text} ({flags})" if flags else text


def last_text(figure: FigureFact) -> str:
    """Last period's value, "" when there is none."""
    return vf.number(figure.last) + ("%" if figure.percent and figure.last is not None else "")


def figures_grid(figures: Sequence[FigureFact]) -> Grid:
    """The figures as read beside last period's, where there is one; a change of section is a heading row."""
    last = any(figure.last is not None for figure in figures)
    head = (phrase("label", "figure"), phrase("label", "read"), *((phrase("label", "last"),) if last else ()))
    rows: list[tuple[str, ...]] = []
    section = ""
    for figure in figures:
        if figure.section and figure.section != section:
            section = figure.section
            rows.append((sentence(phrase("place", "section", section=section)),))
        rows.append((figure.label, value_text(figure), *((last_text(figure),) if last else ())))
    return Grid(head, tuple(rows))


def changes_grid(changes: Sequence[Change]) -> Grid:
    """What differs from the revision before."""
    head = (phrase("label", "figure"), phrase("label", "after"), phrase("label", "before"))
    rows = (
        (c.label, _side(c.after, c.after_state, c.percent), _side(c.before, c.before_state, c.percent)) for c in changes
    )
    return Grid(head, tuple(rows))


def _side(value: str | None, state: str, percent: bool) -> str:
    """A figure on one side of a change: its number, else the word of its state."""
    if value is not None:
        return vf.number(value) + ("%" if percent else "")
    return phrase("figure_state", state) or phrase("label", "none")
