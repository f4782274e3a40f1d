"""What was seen on the picture of a page: values between the page worker and the readers. Standard library only.

Boxes are x0, y0, x1, y1 from the top left of the page as it is shown (its own rotation applied): points of a PDF page,
pixels of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Told:
    """One reading of a number: "" when that reader saw none."""

    text: str  # digits, points, commas and strokes
    sure: float  # 0..1


@dataclass(frozen=True, slots=True)
class Number:
    """A number on a page, looked at three times: with the line, alone by a second engine, and by its shapes."""

    text: str  # as it stands in the line: "1.625"
    line: Told
    alone: Told
    shapes: Told


@dataclass(frozen=True, slots=True)
class ScannedLine:
    """One line of print."""

    text: str
    box: Box
    confidence: float  # 0..1
    numbers: tuple[Number, ...] = ()
    straight: Box | None = (
        None  # where it stands on the sheet laid straight and upright, in the same units; None: as ``box``
    )


@dataclass(frozen=True, slots=True)
class ScannedCell:
    """One cell of a ruled table."""

    row: int  # 0-based
    column: int
    rowspan: int
    colspan: int
    box: Box
    lines: tuple[ScannedLine, ...] = ()
    inked: bool = False  # something is drawn there, read or not


@dataclass(frozen=True, slots=True)
class ScannedTable:
    """A ruled table; only cells that exist are listed."""

    rows: int
    columns: int
    box: Box
    cells: tuple[ScannedCell, ...]


@dataclass(frozen=True, slots=True)
class ScannedItem:
    """A line or a table, in reading order."""

    line: ScannedLine | None = None
    table: ScannedTable | None = None


@dataclass(frozen=True, slots=True)
class PageScan:
    """One page looked at. ``reason`` is set when it could not be."""

    page: int  # 1-based
    width: float = 0.0  # points or pixels, as the boxes
    height: float = 0.0
    turn: int = 0  # degrees clockwise it had to be turned to stand upright: 0, 90, 180, 270
    items: tuple[ScannedItem, ...] = ()
    sealed: bool = False  # a red seal stands on it
    reason: str | None = None  # tool_missing, timeout, memory, reader_crashed, image_too_large, page_too_large, corrupt


@dataclass(frozen=True, slots=True)
class WantedPages:
    """Pages of a part that only the page worker can read."""

    sha256: str  # of the file they stand in
    type: str  # "pdf", "png", "jpeg", "tiff", "docx"
    pages: tuple[int, ...]  # 1-based, in order
    data: bytes  # the file; b"" when it is the part asked for itself


@dataclass(frozen=True, slots=True)
class ScannedPart:
    """What the page worker answered for one file."""

    sha256: str
    pages: tuple[PageScan, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page or a place on it, for a person to look at."""

    png: bytes = b""
    reason: str | None = None  # why there is none, of the contract's list


@dataclass(frozen=True, slots=True)
class Pictures:
    """Several of one page, in the order asked for."""

    pictures: tuple[Picture, ...]
