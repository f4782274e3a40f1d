"""What is printed above and below a sheet, and what is stuck to its cells: blocks behind the sheets, never cells.

Rules:

1. A header or footer is a line of codes: ``&L``, ``&C``, ``&R`` begin its three parts; pages, dates, names and looks (``&P``, ``&"Arial,Bold"``,
   ``&14``) are no words; ``&&`` is an ampersand ([ECMA-376] 18.3.1.46, [MS-XLS] 2.4.136).
2. A part that is struck out (``&S``) was taken back.
3. The words of a note stuck to a cell are remarks: no figure is read from them, but one may set a figure right (``amended``), that of its
   cell where the format's reader knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parsers import limits
from parsers.fold import nfc
from parsers.values import Block

Note = tuple[str, tuple[int, int | None, int | None] | None]  # its words; block, row and cell (from 1) it is stuck to

_PART = re.compile(r"&[LCR]")
_LOOK = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3} ?|[PNDTFAZGBIUEXYOH](?:[+-]\d+)?)')
_STRUCK = re.compile(r"&S.*?(?:&S|\Z)", re.DOTALL)
_AMPERSAND = "\0"  # stands for one while codes are taken out


def printed(code: str) -> str:
    r"""The words of a header or footer, its parts on lines of their own.

    >>> printed('&LSỞ NỘI VỤ&C&"Arial,Bold"&14Báo cáo tuần&RTrang &P/&N')
    'SỞ NỘI VỤ\nBáo cáo tuần\nTrang /'
    """
    code = _STRUCK.sub("", code[: limits.CELL_TEXT_MAX].replace("&&", _AMPERSAND))
    parts = (_LOOK.sub("", part).replace(_AMPERSAND, "&").strip() for part in _PART.split(code))
    return nfc("\n".join(part for part in parts if part))


def told_beside(
    blocks: Sequence[Block], heads: Iterable[str], feet: Iterable[str], notes: Iterable[Note]
) -> list[Block]:
    """The blocks with what stands beside them, each text once at its place."""
    found = list(blocks)
    seen: set[Note] = set()
    for where, told in (("header", _nowhere(heads)), ("footer", _nowhere(feet)), ("remark", notes)):
        for one in told:
            text, stuck = one
            if any(char.isalnum() for char in text) and one not in seen and len(found) < limits.BLOCKS_MAX:
                seen.add(one)
                found.append(Block(len(found) + 1, text=text[: limits.CELL_TEXT_MAX], where=where, stuck=stuck))  # type: ignore[arg-type]
    return found


def _nowhere(texts: Iterable[str]) -> Iterable[Note]:
    return ((text, None) for text in texts)
