"""What lines that hold no figure say of the figures below them: "Cấp xã:", "Lũy kế:", "Đơn vị tính: nghìn hồ sơ", "(Số liệu lũy kế từ đầu năm)".

Rule: it holds up to the next heading; said above the first line of the form it holds for everything, until a line names the period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.answers import strange_words
from parsers.candidates import Candidate
from parsers.dates import tells_long
from parsers.labels import meaning_of
from parsers.numbers import scan
from parsers.openings import told_of_figures
from parsers.quick import replace
from parsers.row_units import tells_scale
from parsers.words import vocabulary, words_of

_WORDS_MAX = 12  # of a line that speaks for those below it
_OF_TIME = re.compile(r"\s*(?:tháng|thang|tuần|tuan|quý|quy|năm|nam|ngày|ngay)\b", re.IGNORECASE)


@dataclass(slots=True)
class SaidAbove:
    """What holds of the figures below, as heard so far."""

    scope: str = ""
    cumulative: bool = False
    all_cumulative: bool = False  # said above the first line of the form: of all until something says otherwise
    estimated: bool = False
    doubts: frozenset[str] = frozenset()  # another period's, thousands

    def hear_scale(self, text: str) -> bool:
        """Whether a line names thousands or per cent as the unit of the figures below."""
        if not tells_scale(text):
            return False
        self.doubts |= {"unit"}
        return True

    def hear(self, text: str, *, begun: bool) -> bool:
        """Whether a line says whose, or of which time, the figures below are; ``begun``: a line of the form stands above it."""
        vocab = vocabulary()
        of_figures = told_of_figures(text)
        if of_figures and vocab.estimated.within(text):
            self.estimated = True
            return True
        scopes, times = vocab.scopes.within(text), vocab.times.within(text)
        times |= {"cumulative"} if of_figures and tells_long(text) else frozenset()
        if not (scopes or times & {"cumulative", "period", "past"}) or len(words_of(text)) > _WORDS_MAX:
            return False
        cumulative = "cumulative" in times and "period" not in times
        counted = [t for t in scan(text) if t.kind != "other"]
        of_figures = of_figures and all(_OF_TIME.match(text[t.end :]) for t in counted)
        past = of_figures and "past" in times and not times & {"period", "cumulative"}
        partly = of_figures and bool(scopes & {"own", "communes"})
        plain = not (counted or strange_words(text) or meaning_of(text).atoms - {"total", "files"})
        if not (past or partly or (of_figures and cumulative)) and not (plain and (scopes or times - {"past"})):
            return False
        self.doubts = self.doubts | {"past"} if past else self.doubts - {"past"}
        self.scope = next((name for name in ("total", "communes", "own") if name in scopes), "")
        self.cumulative = cumulative
        if not begun or "period" in times:
            self.all_cumulative = cumulative
        return True

    def end(self) -> None:
        """A heading: what was said of the figures above it ends."""
        self.scope, self.cumulative, self.doubts = "", self.all_cumulative, self.doubts - {"past"}

    def applied(self, candidate: Candidate) -> Candidate:
        """A candidate as it is below what was said."""
        if self.doubts and candidate.state == "number":
            candidate = candidate.doubted(*self.doubts)
        if self.estimated and candidate.state == "number":
            candidate = replace(candidate, approximate=True)
        scope = candidate.scope or self.scope
        cumulative = self.cumulative or candidate.basis == "cumulative"
        if scope == candidate.scope and cumulative == (candidate.basis == "cumulative"):
            return candidate
        return replace(candidate, scope=scope, basis="cumulative" if cumulative else "period")  # type: ignore[arg-type]
