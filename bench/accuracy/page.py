"""A document before it has a format: paragraphs and tables in order. Writers turn it into Word, sheets, PDF, mail text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Para:
    """One paragraph. ``leader``: text before and after a dotted tab leader, as in a form filled by hand."""

    text: str
    bold: bool = False
    centred: bool = False


@dataclass(slots=True)
class Cell:
    """One cell; ``number`` is set where a sheet would hold a number, ``percent`` where it would hold a share (0.988)."""

    text: str
    number: float | None = None
    percent: float | None = None
    columns: int = 1
    rows: int = 1
    bold: bool = False
    formula: str | None = (
        None  # written by the sheet writers that can have it calculated; {r} is the sheet row of this table's row 0
    )


@dataclass(slots=True)
class Grid:
    """A table; None stands where a merged cell reaches. ``ruled`` tables have borders, the letterhead has none."""

    rows: list[list[Cell | None]]
    ruled: bool = True
    widths: list[float] = field(default_factory=list)  # shares of the page's width

    @property
    def columns(self) -> int:
        return max(len(row) for row in self.rows)


Block = Para | Grid


@dataclass(slots=True)
class Page:
    """A whole document."""

    blocks: list[Block] = field(default_factory=list)


def placed(rows: list[list[Cell]]) -> list[list[Cell | None]]:
    """Rows with only their own cells → rows where None marks the places merged cells reach, as HTML does it."""
    width = sum(cell.columns for cell in rows[0])
    out: list[list[Cell | None]] = [[None] * width for _ in rows]
    taken = [[False] * width for _ in rows]
    for r, row in enumerate(rows):
        c = 0
        for cell in row:
            while taken[r][c]:
                c += 1
            out[r][c] = cell
            for rr in range(r, r + cell.rows):
                for cc in range(c, c + cell.columns):
                    taken[rr][cc] = True
            c += cell.columns
    return out
