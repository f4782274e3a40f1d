"""Annexes and tables whose heading names another office: "Phụ lục: Kết quả của UBND phường Hòa Bình", "Biểu: … của UBND huyện Đại Từ".

What a table below such a heading states is that office's. Whether it is the sender's own is asked later (``extract``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.candidates import Candidate
from parsers.words import vocabulary, words_of

_OPENS = re.compile(r"\s*(?:phụ lục|phụ biểu|biểu|bảng)\b", re.IGNORECASE)
_OF = re.compile(r"\bcủa\s+", re.IGNORECASE)
_END = re.compile(r"[,;:.()\n]|\s(?:tuần|tháng|quý|năm|về|trong|từ)\s", re.IGNORECASE)
_LINES = 4  # a heading may take: title, whose, attached to what, unit
_WORDS = 12  # of an office's name


@dataclass(slots=True)
class Annex:
    """The heading walked past last."""

    owner: str = ""
    lines: int = 0  # of the heading still to come

    def hear(self, line: str) -> None:
        """A line of the report."""
        if _OPENS.match(line):
            self.owner, self.lines = "", _LINES
        if self.lines:
            self.lines -= 1
            self.owner = self.owner or _office(line)

    def owned(self, read: Sequence[Candidate]) -> list[Candidate]:
        """What a table below states, as that office's."""
        self.lines = 0
        return [replace(one, owner=self.owner) if self.owner and not one.owner else one for one in read]


def _office(line: str) -> str:
    """The office a heading says its figures are of."""
    for match in _OF.finditer(line):
        name = _END.split(line[match.end() :], maxsplit=1)[0].strip()
        words = words_of(name)
        index = 0
        while index < len(words) and (hit := vocabulary().offices.at(name, words, index)):
            index = hit.last
        if 0 < index < len(words) <= _WORDS:  # "UBND huyện" alone is no name
            return name
    return ""
