"""Annexes, tables and lines whose heading names another office: "Biểu: … của UBND huyện Đại Từ", "Kết quả tại UBND huyện Đại Từ:".

Rules:

1. What a table below an annex's or a table's heading states is the office's it names.
2. Lines and tables below a heading of figures ("Kết quả …", "Số liệu …", without a number) are those of the committee or department it says they
   are of or from, up to the next heading. A plan or decision of an office, several offices and a tier ("các xã") are none.
3. Whether it is the sender's own is asked later (``extract``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.candidates import Candidate
from parsers.lines import bullet_end
from parsers.quick import replace
from parsers.words import vocabulary, words_of

_OPENS = re.compile(r"\s*(?:phụ lục|phụ biểu|biểu|bảng)\b", re.IGNORECASE)
_HEADING = re.compile(r"[\s(]*(?:kết quả|số liệu|tình hình)\b", re.IGNORECASE)
_PART = re.compile(r"\s*[IVX]{1,5}[.)/]\s|\s*[A-Z][.)/]\s")
_HERE = re.compile(r"\b(?:của|tại)\s+(?=(?:ubnd|(?:ủy|uỷ) ban nhân dân|sở)\s)", re.IGNORECASE)
_NO_NAME = re.compile(
    r"\b(?:các|cấp|và|tỉnh)\b|\d|\b(?:kế hoạch|quyết định|chỉ thị|nghị quyết|văn bản|công văn|chương trình)\b.*\bcủa\b",
    re.IGNORECASE,
)
_OF = re.compile(r"\bcủa\s+", re.IGNORECASE)
_END = re.compile(r"[,;:.()\n]|\s(?:tuần|tháng|quý|năm|về|trong|từ)\s", re.IGNORECASE)
_LINES = 4  # a heading may take: title, whose, attached to what, unit
_WORDS = 12  # of an office's name


@dataclass(slots=True)
class Annex:
    """The heading walked past last."""

    owner: str = ""
    lines: int = 0  # of the heading still to come
    below: str = ""  # whose the lines are below the last heading of figures

    def hear(self, line: str) -> None:
        """A line of the report."""
        bare = line[bullet_end(line) :]
        if _HEADING.match(bare) or _PART.match(line):
            self.below = "" if _NO_NAME.search(bare) else _office(bare, _HERE)
        if _OPENS.match(line):
            self.owner, self.lines = "", _LINES
        if self.lines:
            self.lines -= 1
            self.owner = self.owner or _office(line)

    def owned(self, read: Sequence[Candidate]) -> list[Candidate]:
        """What a table below states, as that office's."""
        self.lines = 0
        return [replace(one, owner=self.owner) if self.owner and not one.owner else one for one in read]

    def told(self, candidate: Candidate) -> Candidate:
        """What is stated below a heading of figures, as its office's."""
        return replace(candidate, owner=self.below) if self.below and not candidate.owner else candidate


def _office(line: str, told: re.Pattern[str] = _OF) -> str:
    """The office a heading says its figures are of."""
    for match in told.finditer(line):
        name = _END.split(line[match.end() :], maxsplit=1)[0].strip()
        words = words_of(name)
        index = vocabulary().offices.opening(name, words)
        if 0 < index < len(words) <= _WORDS:  # "UBND huyện" alone is no name
            return name
    return ""
