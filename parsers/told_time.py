"""The time a sentence of running text speaks of: the period, since the beginning of the year, or another one.

Rules:

1. "Lũy kế", "từ đầu năm", "8 tháng qua" in front of the first number, or dates more than 45 days apart, make what follows cumulative.
2. It holds for the sentences behind it until one names a time of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.candidates import Candidate
from parsers.dates import PERIOD_MAX, read_window
from parsers.numbers import Token, scan
from parsers.quick import replace
from parsers.words import vocabulary, words_of

_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_TIMES = ("tháng", "năm", "tuần", "ngày", "quý", "thang", "nam", "tuan")


@dataclass(frozen=True, slots=True)
class Frame:
    """The time a sentence speaks of."""

    cumulative: bool = False
    past: bool = False

    def tell(self, candidate: Candidate) -> Candidate:
        """The candidate within this time."""
        if self.cumulative:
            candidate = replace(candidate, basis="cumulative")
        return candidate.doubted("past") if self.past else candidate


def frame_of(sentence: str, before: Frame) -> Frame:
    """Cumulative when the sentence opens so; a new time of its own ends what was said before."""
    words = words_of(sentence)
    counted = (t for t in scan(sentence) if t.kind in ("count", "ratio", "malformed") and not _is_time(sentence, t))
    opening = next((token.start for token in counted), len(sentence))
    early = [hit.names for hit in vocabulary().times.all(sentence, words) if words[hit.first].start < opening]
    times = frozenset().union(*early)
    if "period" in times:
        return Frame()
    if "cumulative" in times or _is_long(sentence[:opening]):
        return Frame(cumulative=True)
    if "past" in times:
        return Frame(past=True)
    dated = any(token.kind == "other" for token in scan(sentence[:opening]))
    return Frame() if times or dated else before


def _is_long(text: str) -> bool:
    window = read_window(text, None)
    return (
        window is not None
        and None not in (window.start, window.end)
        and (
            (window.end - window.start).days > PERIOD_MAX  # type: ignore[operator]
        )
    )


def _is_time(sentence: str, token: Token) -> bool:
    """``4 tháng qua``, ``2018``: numbers that tell a time."""
    after = sentence[token.end : token.end + 12].strip().lower()
    return bool(_YEAR.match(token.raw)) or after.startswith(_TIMES)
