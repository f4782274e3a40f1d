"""A letter's body once: blocks from which both the plain text and the HTML are made, so that the two can never disagree.

The templates write one block a line:

- ``# heading`` · ``– item`` (or ``1. item``) · ``!mood verdict`` (good, warn, act, calm: the frame's colour) · any other line a paragraph;
- ``@name`` alone puts the grid of that name there; ``---`` alone starts the fine print at the foot;
- ``**bold**`` and ``*slanted*`` inside a line.

Values put into a template are turned into HTML entities first (``entities``), so nothing a sender wrote is taken for markup;
the plain text turns the entities back.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup, escape

from notifier.plain import one_line

Kind = Literal["paragraph", "heading", "item", "verdict", "grid", "fine"]

_MARKS = str.maketrans({c: f"&#{ord(c)};" for c in "*@!"})
_VERDICT = re.compile(r"^!(good|warn|act|calm) ")
_ITEM = re.compile(r"^(?:– |\d+\. )")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_SLANTED = re.compile(r"\*(.+?)\*")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a head and rows of plain text; a row of one cell is a heading inside the table."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One block; ``text`` is entity-escaped with its inline marks still in."""

    kind: Kind
    text: str = ""
    mood: str = ""
    grid: Grid | None = None

    @property
    def html(self) -> Markup:
        """The text with its marks as tags."""
        return Markup(_SLANTED.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", self.text)))  # noqa: S704 - escaped by entities

    @property
    def plain(self) -> str:
        """The text without marks, entities turned back."""
        return html.unescape(_SLANTED.sub(r"\1", _BOLD.sub(r"\1", self.text)))


def entities(value: Any) -> Markup:
    """A value as one tame line, every character that could mean something here or in HTML written as an entity."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(one_line(str(value)))).translate(_MARKS))  # noqa: S704 - escaped right here


def read_sheet(text: str, grids: Mapping[str, Grid]) -> tuple[Block, ...]:
    """The blocks of a rendered template; a grid without rows is left out."""
    blocks: list[Block] = []
    fine = False
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        if line == "---":
            fine = True
        elif line.startswith("@"):
            grid = grids[line[1:]]
            blocks += [Block("grid", grid=grid)] if grid.rows else []
        else:
            blocks.append(Block("fine", line) if fine else _block(line))
    return tuple(blocks)


def _block(line: str) -> Block:
    if verdict := _VERDICT.match(line):
        return Block("verdict", line[verdict.end() :], verdict[1])
    if line.startswith("# "):
        return Block("heading", line[2:])
    return Block("item" if _ITEM.match(line) else "paragraph", line)


def plain_text(blocks: tuple[Block, ...]) -> str:
    """The letter as plain text: a blank line between blocks, items of one list together."""
    lines: list[str] = []
    before: Kind | None = None
    led = False  # the paragraph before announces a list
    for block in blocks:
        joined = block.kind == before and block.kind in ("item", "fine")
        joined = joined or (block.kind == "item" and (before == "heading" or led))
        if before is not None and not joined:
            lines.append("")
        if block.kind == "fine" and before != "fine":
            lines.append("--")
        lines += _grid_lines(block.grid) if block.grid else [block.plain]
        before, led = block.kind, block.kind == "paragraph" and block.text.endswith(":")
    return "\n".join(lines) + "\n"


def _grid_lines(grid: Grid) -> list[str]:
    lines = []
    for row in grid.rows:
        if len(row) == 1:
            lines.append(row[0])
            continue
        beside = "; ".join(f"{head.lower()}: {cell}" for head, cell in zip(grid.head[2:], row[2:], strict=True) if cell)
        lines.append(f"– {row[0]}: {row[1]}" + (f" ({beside})" if beside else ""))
    return lines
