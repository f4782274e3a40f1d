"""How much of a document is looked at for reports: what stands beyond is told, never passed over in silence.

Rules:

1. Lines are looked at up to ``lines.TEXT_MAX`` characters, tables up to ``tables.ROWS_MAX`` rows and ``COLUMNS_MAX`` columns; an official
   report has a tenth of it. Beyond: the finding ``text_beyond_range``.
2. A document without a report whose lines go beyond may hold one there: a person looks (``too_large``).
3. Characters, rows and columns are counted first; only where they are too many is the document told apart.
"""

from __future__ import annotations

from parsers import lines, tables
from parsers.lines import Grid, TextLine, units_told
from parsers.values import Block, Document


def lines_beyond(document: Document) -> bool:
    """Whether the document has more lines than are looked at."""
    if sum(map(_characters, document.blocks)) <= lines.TEXT_MAX:
        return False
    return sum(len(unit.text) for unit in units_told(document) if isinstance(unit, TextLine)) > lines.TEXT_MAX


def tables_beyond(document: Document) -> bool:
    """Whether it has a table with more rows or columns than are looked at."""
    if not any(block.table and _is_large(len(block.table.rows), len(block.table.rows[0])) for block in document.blocks):
        return False
    grids = (unit for unit in units_told(document) if isinstance(unit, Grid))
    return any(
        any(cell.text for row in grid.rows[tables.ROWS_MAX :] for cell in row)
        or any(cell.text for row in grid.rows for cell in row[tables.COLUMNS_MAX :])
        for grid in grids
    )


def _is_large(rows: int, columns: int) -> bool:
    return rows > tables.ROWS_MAX or columns > tables.COLUMNS_MAX


def _characters(block: Block) -> int:
    return len(block.text) + sum(len(cell.text) for row in (block.table.rows if block.table else ()) for cell in row)
