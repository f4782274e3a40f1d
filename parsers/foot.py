"""The foot of a report: where it begins, and who signed.

Rules:

1. The foot begins at "Nơi nhận" or, once the body has begun, at a signer's title on a line of its own; a table is cut there.
2. The signature block stands at the end: the signer's title, then the name. Pictures in the document count as a signature
   beside a block; a native file without any has none.
3. Behind the form's printed instructions ("* Yêu cầu thực hiện báo cáo") nothing is the report's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.lines import Grid, Unit
from parsers.quick import replace
from parsers.values import Document, Signature
from parsers.words import vocabulary, words_of

_NAME = re.compile(r"(?:[A-ZĐÀ-Ỹ][\wà-ỹđ.]*\s+){1,6}[A-ZĐÀ-Ỹ][\wà-ỹđ.]*\s*\Z")
_RECIPIENT_WORDS = 4  # words of a bare "Nơi nhận" line
_FOOT_LINE = 70  # characters of a signer's line
_ABBREVIATED = re.compile(r"\b(KT|TM|TL|TUQ|Q)\s*\.")


def read_signature(foot: Sequence[Unit], document: Document) -> Signature:
    """The signature block."""
    vocab = vocabulary()
    lines: list[str] = []
    for unit in foot:
        lines += _column_of_signer(unit) if isinstance(unit, Grid) else [unit.text]
    pieces = [
        piece.strip()
        for line in lines
        for text in line.splitlines()
        for piece in re.split(r"\t+|\s{4,}", text)
        if piece.strip()
    ]
    titles: list[str] = []
    name = ""
    for piece in pieces:
        signer = _signer(piece)
        if signer:
            titles.append(" ".join(piece.split()).strip(" .,:()"))
        elif titles and not name and _NAME.fullmatch(piece) and len(piece) <= 60 and not _placeholder_name(piece):
            name = " ".join(piece.split())
    text = " ".join(pieces)
    signs = vocab.signs.within(text)
    if "digital" in signs:
        state = "digital"
    elif document.images and (titles or name):
        state = "image"
    elif "signed" in signs or not titles or document.scanned or document.type not in ("docx", "pdf", "html"):
        state = "unknown"
    else:
        state = "none"
    return Signature(name, ", ".join(dict.fromkeys(titles))[:200], state)  # type: ignore[arg-type]


def _placeholder_name(text: str) -> bool:
    return "placeholder" in vocabulary().signs.within(text) or "recipients" in vocabulary().recipients.within(text)


def _signer(text: str) -> bool:
    if len(text) > 80:
        return False
    return vocabulary().signers.first(_apart(text)) is not None


def _apart(text: str) -> str:
    """The text with a blank behind "KT.", "TM." and the like."""
    return _ABBREVIATED.sub(r"\1 ", text) if "." in text else text


def _column_of_signer(grid: Grid) -> list[str]:
    """The texts of the column a signer's title stands in, top to bottom."""
    for row in grid.rows:
        for c, cell in enumerate(row):
            if any(_signer(piece.strip()) for piece in cell.text.splitlines()):
                return [r[c].text for r in grid.rows if c < len(r)]
    return [cell.text for row in grid.rows for cell in row]


def is_footer(unit: Unit) -> bool:
    """The form's printed instructions ("* Yêu cầu thực hiện báo cáo"): nothing behind them is the report's."""
    if isinstance(unit, Grid):
        return False
    return vocabulary().footers.first(unit.text[:_FOOT_LINE].lstrip(" *-–:")) is not None


def feet_apart(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The units with every table cut where its signature rows begin: what stands above them is no foot."""
    return tuple(piece for unit in units for piece in (_cut(unit) if isinstance(unit, Grid) else (unit,)))


def _cut(grid: Grid) -> tuple[Grid, ...]:
    for r in range(1, len(grid.rows)):
        if any(_opens_recipients(cell.text) for cell in grid.rows[r]):
            below = replace(grid, rows=grid.rows[r:], above=grid.above + r)
            return replace(grid, rows=grid.rows[:r]), below
    return (grid,)


def opens_foot(unit: Unit, *, begun: bool) -> bool:
    """Whether the foot begins here: "Nơi nhận", or, once the body has begun, a signer's title on a line of its own."""
    if isinstance(unit, Grid):
        return any(_opens_recipients(cell.text) for row in unit.rows for cell in row)
    if _opens_recipients(unit.text):
        return True
    if not begun or len(unit.text.strip()) > _FOOT_LINE:
        return False
    text = _apart(unit.text)
    signer = vocabulary().signers.first(text)
    return signer is not None and (text.isupper() or signer.last == len(words_of(text)))


def _opens_recipients(text: str) -> bool:
    """Whether a text begins with "Nơi nhận" and is hardly more, or goes on with a colon."""
    hit = vocabulary().recipients.first(text)
    return hit is not None and (len(words_of(text)) <= _RECIPIENT_WORDS or ":" in text[:14])
