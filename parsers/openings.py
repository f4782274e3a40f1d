"""What the words at the opening of a line tell before any figure of it is read: a sentence or a label, addresses, the post, what is below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.fold import fold
from parsers.labels import Hit, meaning_of
from parsers.lines import TextLine
from parsers.quick import replace
from parsers.words import vocabulary, words_of

_ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+|\S+@\S+")
_ADDRESSED = re.compile(r"://|www\.")
_TOLD_OF = frozenset(["level3", "level4", "fully_online", "partly_online", "feedback", "documents", "postal"])
_SENTENCE_END = re.compile(r"[.;](?=\s|\Z)")
_OTHER_WAYS = frozenset(["postal", "feedback"])
_FIGURES = re.compile(r"\bso lieu\b")


def told_of_figures(text: str) -> bool:
    """Whether a short line says of the figures below what they are: "(Số liệu lũy kế từ 01/01/2017)", "Lũy kế 7 tháng đầu năm 2017"."""
    words = words_of(text)
    first = vocabulary().times.at(text, words, 0) if words else None
    return bool(_FIGURES.search(fold(text))) or (first is not None and "cumulative" in first.names)


def is_told(text: str, hits: Sequence[Hit]) -> bool:
    """A sentence that only begins like a short label: "Đã giải quyết 123/247 hồ sơ mức độ 3 và 161/166 hồ sơ mức độ 4."."""
    if any(hit.full for hit in hits) or not re.match(r"\s*\d", text[hits[0].end :]):
        return False
    return bool(meaning_of(text).atoms & _TOLD_OF)


def without_ways(text: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The labels without short ones that open a sentence about the post: "… Tiếp nhận 02 hồ sơ và trả kết quả 03 qua bưu chính."."""
    kept: list[Hit] = []
    end = 0
    for hit in hits:
        if hit.start < end:
            continue
        stop = _SENTENCE_END.search(text, hit.end)
        own = text[hit.start : stop.start() if stop else len(text)]
        if not hit.full and re.match(r"\s*\d", text[hit.end :]) and meaning_of(own).atoms & _OTHER_WAYS:
            end = hit.start + len(own)
            continue
        kept.append(hit)
    return tuple(kept)


def without_addresses(line: TextLine) -> TextLine:
    """The line with blanks for addresses of pages and mailboxes: their digits and words are nobody's figures."""
    if "@" not in line.text and not _ADDRESSED.search(line.text):
        return line
    return replace(line, text=_ADDRESS.sub(lambda match: " " * len(match.group()), line.text))


def opens_piece(text: str, hit: Hit, *, kept: bool) -> bool:
    """Whether a label ends the text before it: a full one, or a short text line's own."""
    return (hit.full or kept) and bool(re.search(r"[;.)]\s*\Z", text[: hit.start]))


def tells_early(text: str, hits: Sequence[Hit]) -> bool:
    """Whether the line's label counts what was handed back early as well: "trả sớm và đúng hạn"."""
    own = [hit for hit in hits if hit.key == "on_time"]
    return bool(own) and bool(meaning_of(text[own[0].start : own[0].end]).atoms & {"early", "early_and_on_time"})
