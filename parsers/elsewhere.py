"""Whether what stands beside a label's figure is told of another line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.counted import STATUS
from parsers.form import Line
from parsers.labels import Hit, Labels, meaning_of
from parsers.numbers import scan

_CLAUSE_END = re.compile(r"[,;:.()\n]")


def may_be_a_ratios(labels: Labels, hits: Sequence[Hit]) -> bool:
    """Whether a short label stands behind a ratio's: "PAKN đã giải quyết/tổng số tiếp nhận: tiếp nhận 4, đã giải quyết 3"."""
    ratios = [line for hit in hits[:-1] if hit.full and (line := labels.form.line(hit.key)) and line.over]
    own = labels.form.line(hits[-1].key)
    return own is not None and not hits[-1].full and any(own.section != ratio.section for ratio in ratios)


def is_told_otherwise(labels: Labels, line: Line, rest: str) -> bool:
    """Whether the words behind a number name another line: "Hồ sơ trả lại: 2 hồ sơ trả kết quả"."""
    clause = _CLAUSE_END.split(rest, maxsplit=1)[0]
    meaning = meaning_of(clause)
    if meaning.strange or re.search(r"\d", clause) or not meaning.atoms:
        return False
    key, loosely = labels.by_meaning(meaning.atoms)
    return key not in (None, line.key) and not loosely


def of_another(line: Line, tail: str) -> bool:
    """As in "đã giải quyết 3.886 hồ sơ; tỷ lệ trả đúng hạn đạt 100%": the share is told of something else."""
    share = next((token for token in scan(tail) if token.kind == "percent"), None)
    said = meaning_of(tail[: share.start]).atoms & STATUS if share else frozenset()
    return bool(said - frozenset().union(*line.means, {"handed_back"}))
