"""Page → plain text, as it is pasted into a mail or saved from Word."""

from __future__ import annotations

from bench.accuracy.page import Grid, Page, Para


def text(page: Page, *, separator: str = "\t") -> str:
    """Tables as lines of cells: tabs as Word saves them, or ruled with pipes."""
    out: list[str] = []
    for block in page.blocks:
        out += [block.text] if isinstance(block, Para) else _table(block, separator)
    return "\r\n".join(out) + "\r\n"


def _table(grid: Grid, separator: str) -> list[str]:
    out = []
    for row in grid.rows:
        if not grid.ruled:  # a letterhead: one under the other
            out += [line for cell in row if cell for line in cell.text.split("\n")]
            continue
        out.append(separator.join(cell.text.replace("\n", " ") if cell else "" for cell in row).rstrip())
    return out
