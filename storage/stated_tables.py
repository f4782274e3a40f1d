"""What each reading states, light: what boards and totals show of hundreds of reports, without where in the document it stands.

Rules: a row follows from its reading's report and is written in the same transaction, once; it says nothing the report does not say.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field

from storage.fields import BIG, Row, plain, text

_SAID = ("state", "basis", "value")  # of a figure, in this order
ABOUT = "approximate"  # the one flag kept, behind them: a sum of what is only about so many says so


class StatedRow(Row, table=True):
    """The number and the figures of one reading of a report."""

    __tablename__ = "stated"
    __table_args__ = (Index("ix_stated_number", "reading_id", "number"),)  # a board asks for hundreds of numbers alone
    reading_id: int = Field(
        sa_column=Column("reading_id", BIG, ForeignKey("reading.id"), primary_key=True, autoincrement=False)
    )
    number: str = text()  # printed on it: 245/BC-STC
    figures: dict[str, list[Any]] = plain()  # key → state, basis, value[, approximate]


def stated_by(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the row holds of a report."""
    figures = report.get("figures") or {}
    kept = {
        key: [*(figure.get(name) for name in _SAID), *((ABOUT,) if ABOUT in (figure.get("flags") or ()) else ())]
        for key, figure in figures.items()
    }
    return {"number": str(report.get("number") or ""), "figures": kept}


def follows(report: Mapping[str, Any], number: str | None, figures: Mapping[str, list[Any]] | None) -> bool:
    """Whether a row says what its report does; one written before the flag was kept says nothing of it. None: there is no row."""
    said = stated_by(report)
    if figures is None or said["number"] != number or said["figures"].keys() != figures.keys():
        return False
    return all(figures[key] in (kept, kept[: len(_SAID)]) for key, kept in said["figures"].items())


def report_of(number: str, figures: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The same in the shape of a report."""
    shown = {
        key: {"state": state, "basis": basis, "value": value, **({"flags": flags} if flags else {})}
        for key, (state, basis, value, *flags) in figures.items()
    }
    return {"number": number, "figures": shown, "findings": []}
