"""What stands behind a number and takes it back, or sets another one beside it that may be the one meant.

Rules:

1. "(đính chính: 1.284)", ", sửa lại là 1.210", "11 hay 12": a number behind a word of correction may be the one meant.
2. "1.213 (tuần trước); 1.201 (tuần này)": the number told of another period is not this one's; neither is the first of
   "tuần 28: 1.213; tuần 29: 1.248".
3. "152 (bỏ) 125", "100 (đ/c An), 25 (đ/c Bình)": a second number behind words in brackets.
4. "1.248 (một nghìn hai trăm tám mươi tư)": words that spell another number than the digits beside them.
5. "4 (tuần này không phát sinh)": nothing of this period, so the number is of another.
6. "2 (chưa kể cấp xã)", "0 (chưa chắc chắn)": it is not all, or its writer is not sure.
7. "125; của các đơn vị trực thuộc: 30; tổng cộng: 155": a larger number said to be the whole.

In each case the figure is doubted: which number is meant is for its sender to say.
"""

from __future__ import annotations

import re
from decimal import Decimal

from parsers.dates import tells_long
from parsers.labels import meaning_of
from parsers.numbers import scan
from parsers.spelled import spelled
from parsers.words import vocabulary, words_of

_BRACKET = re.compile(r"\s*(?:[^\W\d_]+\s+){0,3}\(\s*(?:bằng chữ\s*:?)?\s*([^()\d]+)\)", re.IGNORECASE)
_PERIOD = re.compile(r"\b(tuần|tháng|quý|kỳ|năm)\s+(?:thứ\s+)?(\d+(?:/\d+)?|này|trước|sau)", re.IGNORECASE)
_WORDS_IN_BRACKETS = re.compile(r"\s*\([^()\d]*\)\s*(?:[,;+&]\s*|và\s+)?(?=\d)")
_MENDED = re.compile(r"\bsửa\s*[:：]?\s*\d", re.IGNORECASE)
_OPENS = re.compile(
    r"[\s(*-]*(?:(?:là|lấy|theo|do|đây là)\s+)*(?:số liệu|số|so lieu)?\s*(?:của|là|lấy)?\s*", re.IGNORECASE
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_REMARK = re.compile(r"\s*(?:(?:bộ )?(?:hồ sơ|hs)\b)?\s*[(,;–-]+\s*([^()\d,;|]{3,60})(?:[),;.|]|\Z)", re.IGNORECASE)
_SPAN = re.compile(r"(?:(?:\d{1,2}|sáu|chín)\s+tháng(?:\s+đầu\s+năm)?|quý\s+(?:[IVX]+|\d))[\s.)]*", re.IGNORECASE)
_NOTED = re.compile(r"[\s*(]*(?:ghi chú|lưu ý|chú thích|chú ý)\b.*\bsố liệu\b", re.IGNORECASE)
_INCLUDED = re.compile(r"\b(?:đã|có|tính cả|bao|gồm)\s+(?:bao\s+)?(?:gồm|cả)\b", re.IGNORECASE)
_OF_ABOVE = re.compile(
    r"\b(?:số liệu|số|so lieu)\s+(?:\S+\s+)?(?:trên|ở trên|nêu trên|bên trên|tren|neu tren)\b", re.IGNORECASE
)
_FIVE = 5
_SENTENCE_END = re.compile(r"[.!?]\s+(?=\S)")
_CLAUSE_OPENS = re.compile(r"[,;.(:]\s*\Z")
_ENDS = re.compile(r"\s*(?:[);,.|]|\Z)")


def taken_back(value: Decimal | None, gap: str, rest: str) -> bool:
    """Whether the text around a number, from its label to the next one, leaves doubt that it is the one meant."""
    told = (
        _corrected(rest),
        _is_remarked(rest),
        _numbered_again(rest),
        _of_another_period(gap, rest),
        _spelled_otherwise(value, rest),
    )
    return any(told) or _none_of_this_period(value, rest) or _is_limited(rest) or _is_outdone(value, rest)


def sets_right(text: str) -> bool:
    """Whether a remark beside a figure holds a number behind a word of correction: "sửa lại: 121", "thực tế 152"."""
    return bool(text) and _corrected(text)


def takes_back(said: str) -> bool:
    """Whether a remark beside a figure says that it is not the last one, not all, or of another time."""
    if _corrected(said) or vocabulary().limiting.within(said):
        return True
    begin = _OPENS.match(said).end()  # type: ignore[union-attr]
    words = words_of(said[begin:])
    if not words:
        return False
    hit = vocabulary().approximate.at(said[begin:], words, 0) or vocabulary().estimated.at(said[begin:], words, 0)
    if hit and (hit.last == len(words) or "dự kiến" not in said.lower()):
        return hit.names != {"before"} or hit.last == len(words)
    if _SPAN.fullmatch(said, begin):
        return True
    meaning = meaning_of(said[begin:])
    other = (meaning.cumulative or meaning.past or tells_long(said)) and not meaning.period
    return other and not meaning.strange and not meaning.atoms - {"files", "total"} and not _holds_count(said)


def speaks_of_above(text: str) -> bool:
    """As in "Số liệu trên chưa bao gồm cấp xã": a note on the figures above it."""
    return _OF_ABOVE.search(text) is not None or _NOTED.match(text) is not None


def takes_above_back(text: str) -> bool:
    """Whether such a note says that those figures are not the last ones, not all, or of another time."""
    vocab = vocabulary()
    times, scopes = vocab.times.within(text), vocab.scopes.within(text)
    partly = scopes & {"own", "communes"} and not _INCLUDED.search(text)
    other = (times & {"cumulative", "past"} and "period" not in times) or partly
    return bool(other or vocab.limiting.within(text) or vocab.estimated.within(text))


def brackets_take_back(text: str) -> bool:
    """Whether a bracket of a label, or behind it, does: "Hồ sơ quá hạn (chưa kể cấp xã)"."""
    return "(" in text and any(takes_back(said) for said in _BRACKETS.findall(text))


def _holds_count(said: str) -> bool:
    return any(word.key.isdigit() and len(word.key) < 4 for word in words_of(said))  # no year


def _corrected(rest: str) -> bool:
    words = words_of(rest)
    hits = vocabulary().corrections.all(rest, words)
    if _MENDED.search(rest):
        return True
    counted = [token.start for token in scan(rest) if token.kind in ("count", "ratio", "malformed")]
    return any(start >= words[hit.last - 1].end for hit in hits for start in counted)


def _is_remarked(rest: str) -> bool:
    """As in "125 (lũy kế)", "120 - số ước", "118 hồ sơ; chưa chốt số liệu": a remark without a number behind it."""
    remark = _REMARK.match(rest)
    return remark is not None and takes_back(remark[1])


def _numbered_again(rest: str) -> bool:
    """As in "152 (bỏ) 125": a bracket without a number, and another number behind it."""
    bracket = _WORDS_IN_BRACKETS.match(rest)
    token = next(iter(scan(rest[bracket.end() :])), None) if bracket else None
    return token is not None and token.start == 0 and token.kind == "count"


def _of_another_period(gap: str, rest: str) -> bool:
    words = words_of(rest)
    hit = vocabulary().times.at(rest, words, 0) if words and not rest[: words[0].start].strip(" (") else None
    if hit and "past" in hit.names and _ENDS.match(rest[words[hit.last - 1].end :]):
        return True
    before, behind = _PERIOD.search(gap), _PERIOD.search(rest)
    if before is None or behind is None or before[1].lower() != behind[1].lower() or before[2] == behind[2]:
        return False
    return any(token.kind == "count" and token.start >= behind.end() for token in scan(rest))


def _none_of_this_period(value: Decimal | None, rest: str) -> bool:
    words = words_of(rest)
    behind = next((hit.last for hit in vocabulary().times.all(rest, words) if "period" in hit.names), len(words))
    return bool(value) and behind < len(words) and vocabulary().values.at(rest, words, behind) is not None


def _is_limited(rest: str) -> bool:
    """Whether the words of its sentence say that a number leaves something out or may be wrong."""
    return bool(vocabulary().limiting.within(_SENTENCE_END.split(rest, maxsplit=1)[0]))


def _is_outdone(value: Decimal | None, rest: str) -> bool:
    """Whether a clause opens with "tổng cộng" and a larger number."""
    words, tokens = words_of(rest), scan(rest)
    for hit in vocabulary().atoms.all(rest, words):
        if "total" not in hit.names or not _CLAUSE_OPENS.search(rest[: words[hit.first].start]):
            continue
        behind = words[hit.last - 1].end
        whole = next((token for token in tokens if token.start >= behind), None)
        if whole and whole.kind == "count" and (whole.value or 0) > (value or 0):
            return not words_of(rest[behind : whole.start])
    return False


def _spelled_otherwise(value: Decimal | None, rest: str) -> bool:
    told = _BRACKET.match(rest)
    if told is None or value is None:
        return False
    words = without_unit(told[1]).strip()
    number = _FIVE if words.lower() == "năm" else spelled(words)  # alone behind a number it is no year
    return number is not None and number != value


def without_unit(text: str) -> str:
    """Words without a unit at their end: "mười hai hồ sơ"."""
    words = words_of(text)
    for at in range(len(words)):
        hit = vocabulary().units.at(text, words, at)
        if hit and hit.last == len(words):
            return text[: words[at].start]
    return text
