"""What stands behind a label on a form: a number, zero, nil, nothing, or something that cannot be read.

Rules:

1. Dotted leaders, underscores and ellipses are paper, not ink: only they → ``blank``.
2. ``0``, ``00``, "không có" → ``zero``; "không phát sinh", ``-``, ``//`` → ``nil``. Null is never 0.
3. The first number is the answer if the words before it are harmless (links, "trong tuần", "gần" …). Everything else that
   could change its meaning is a *doubt*, named, and the caller flags the figure: a wrong figure that is not flagged is the
   worst failure there is.
4. What is not a whole number where things are counted (``3227.885``, ``12,5``, ``100%``, ``10-12``, ``50+75``) is
   ``unreadable``: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from parsers.dates import tells_long
from parsers.numbers import Token, plain, scan, widen
from parsers.quick import quick, replace
from parsers.spelled import spelled
from parsers.taken_back import brackets_take_back, taken_back, without_unit
from parsers.values import FigureState
from parsers.words import Word, vocabulary, words_of

Doubt = Literal["words", "several", "spaced", "fraction", "procedures", "unit", "past", "bracket", "others"]

_LEADERS = re.compile(r"(?:\.{2,}|…|_{2,}|·{2,}|-{3,}|–{2,}|—{2,}|\.\s(?=\.))+\.?")
_ONLY_PAPER = re.compile(r"[\s.…_·:;,/()\[\]]*\Z")
_NIL_MARK = re.compile(r"\s*(?:-{1,2}|–|—|/{1,3}|\\{2})\s*[.;,]?\s*(?:/\.)?\s*\Z")
_END_MARK = re.compile(r"\./\.?\s*\Z")
_COLON = re.compile(r"\s*[:：=]\s*")
_NEGATIVE = re.compile(r"[-–—−]\s*\d")
_SUM_AFTER = re.compile(
    r"\s*(?:[+x×*÷=~≈→⇒]\s*\d|:\d|[-=]*>+\s*\d|['’‘`´]\s?\d|(?:[-–—]|đến\b|den\b|tới\b)\s*\d)", re.IGNORECASE
)
_GAP = re.compile(r"[ \u00a0\u2009\u202f]*\.?[ \u00a0\u2009\u202f]*")
_ABOUT = re.compile(r"[~≈><≥≤±]\s*=?\s*\Z")
_NUMBERING = re.compile(r"\d{1,2}(?:\.\d{1,2})*[.)]\s*\Z")  # of the next label
_EACH = re.compile(r"\s*/\s*(?:ngày|buổi|giờ|quý|năm)\b", re.IGNORECASE)  # "25 hồ sơ/ngày"
_PLUS_AFTER = re.compile(r"\s?\+(?!\s*\d)")  # "125+": or more
_TWO_KINDS = re.compile(r"\s+[^\W\d_]+(?:\s+[^\W\d_]+)?\s*[,;+]\s*\d+\s+[^\W\d_]")  # "3 trưởng, 2 phó"
_ASKED = re.compile(r"\s*\(?\s*(?:[?？₫$€]|(?:đ|vnđ|vnd)\b)", re.IGNORECASE)  # "125?", "125 (?)", "125 ₫"
_AND_AFTER = re.compile(r"\s*(?:và|va|,|;|&|\+|\||cùng|hoặc|hay)\s*(?:\d)", re.IGNORECASE)
_TIME_AFTER = re.compile(
    r"\s*(?:tháng|thang|năm|nam|tuần|tuan|quý|quy|ngày|ngay)\b", re.IGNORECASE
)  # "6 tháng đầu năm"
_SPAN = re.compile(
    r"\d\s*(?:tháng|thang|năm|tuần|tuan)\b|\b(?:trên|dưới|quá|hơn|sau)\s+\d+\s*ngày", re.IGNORECASE
)  # "quá hạn 7 tháng: 2", "quá hạn trên 10 ngày: 2"
_SLASH_TOTAL = re.compile(r"\s*/\s*(?:tổng số|tổng|tong so)?\s*", re.IGNORECASE)
_NUMBERS = ("count", "ratio", "malformed")
_TURNED = re.compile("[\u202d\u202e]")  # what follows is shown in another order than it is written
_EMPTY_CELL = "\t \t"  # of a table without rulings (``pdf_columns``)
_DASHES = ("-", "–", "—")
_GROUP = 3  # digits
_PERSONS = re.compile(r"\s*(?:tổ chức|cá nhân|công dân|người dân)\b", re.IGNORECASE)  # whose files they are
_LETTER = re.compile(r"[^\W\d_]")
_WORDED_UNIT = re.compile(r"[^\W\d_]\s*[:：=]|[?!]")  # a unit with a mark of its own is somebody's ink


@quick
@dataclass(frozen=True, slots=True)
class Answer:
    """What was written for one line."""

    state: FigureState
    value: Decimal | None = None
    raw: str = ""
    below_state: FigureState | None = None  # the denominator, when a ratio was written
    below: Decimal | None = None
    below_raw: str = ""
    approximate: bool = False
    percent: Decimal | None = None  # a percentage stated beside
    cumulative: bool = False
    scope: str = ""  # "", total, own, communes
    doubts: frozenset[Doubt] = frozenset()
    start: int = 0  # offsets in the text given
    end: int = 0


def read_answer(text: str, *, percentage: bool = False) -> Answer:
    """The answer in the text behind a label (up to the next label)."""
    if not percentage and (value := plain(text)) is not None:
        return Answer(_state(value), value, text, end=len(text))
    body = _blank_out(widen(text))
    if _TURNED.search(body):
        return Answer("unreadable", raw=_trim(body), end=len(text))
    printed = body.strip(" :：=.;") == "/" and _LEADERS.search(text)  # the slash of a ratio left on its dots
    if _NIL_MARK.match(_COLON.sub("", body, count=1)) and body.strip(" :：=") and not printed:
        return Answer("nil", raw=body.strip(" :："), end=len(text))
    body = _END_MARK.sub(lambda match: " " * len(match.group()), body)
    if _ONLY_PAPER.match(body) or _only_unit(body) or (percentage and not re.search(r"\d", body)):
        return Answer("blank", raw="", end=len(text))
    if word := _worded_ratio(body) or _worded(body):
        return word
    tokens = tuple(token for token in scan(body) if not _TIME_AFTER.match(body[token.end :]) or token.kind != "count")
    wanted = _wanted(tokens, percentage=percentage)
    if wanted is None:
        return _in_words(body) or Answer("unreadable", raw=_trim(body), end=len(text))
    return _numbered(body, tokens, wanted, percentage=percentage)


def _in_words(body: str) -> Answer | None:
    """A number spelled in words alone, with its unit or without."""
    said = _COLON.sub("", body, count=1)
    number = spelled(without_unit(said))
    raw = _trim(said)
    return None if number is None else Answer("number", Decimal(number), raw, start=body.find(raw), end=len(body))


def _only_unit(body: str) -> bool:
    """Leaders with their printed unit: "…… đơn vị;"."""
    return bool(vocabulary().units.whole(body)) and not _WORDED_UNIT.search(body)


def _blank_out(text: str) -> str:
    """The text with its dotted leaders as blanks, offsets kept."""
    return _LEADERS.sub(lambda match: " " * len(match.group()), text)


def _trim(text: str) -> str:
    return text.strip(" \t:：;,.–-")[:80]


def _worded(body: str) -> Answer | None:
    """Zero and nil in words, when nothing but the line's own words follows."""
    if not _LETTER.search(body):
        return None
    words = words_of(body)
    index = _skip_links(body, words)
    found = vocabulary().values.at(body, words, index) if index < len(words) else None
    if found is None or re.search(r"\d", body[: words[found.last - 1].end]):
        return None
    rest = body[words[found.last - 1].end :]
    raw = body[words[found.first].start : words[found.last - 1].end]
    state: FigureState = "nil" if "nil" in found.names else "zero"
    if scan(rest) and not _only_in_brackets(rest):
        return (
            None
            if state == "zero" and found.last - found.first == 1
            else _said(state, raw, words, found.last, "several")
        )
    if found.last - found.first == 1 and words_of(re.sub(r"\([^()]*\)", " ", rest)) and not _only_unit(rest):
        return Answer("unreadable", raw=_trim(body), end=len(body))  # "không tăng" is no zero
    if not _explained(rest) or vocabulary().limiting.within(body):  # "không có số liệu" knows of none, not of nought
        harmless = found.last - found.first > 1
        return (
            _said(state, raw, words, found.last, "words")
            if harmless
            else Answer("unreadable", raw=_trim(body), end=len(body))
        )
    return _said(state, raw, words, found.last)


def _worded_ratio(body: str) -> Answer | None:
    """Both sides of a ratio in words or dashes: "không/không", "-/-"."""
    said = _COLON.sub("", body, count=1).strip(" .;")
    top, slash, below = said.partition("/")
    first, second = _worded_side(top), _worded_side(below)
    if not slash or first is None or second is None:
        return None
    zero = {"zero": Decimal(0)}
    return Answer(first, zero.get(first), said, second, zero.get(second), said, end=len(body))


def _worded_side(text: str) -> FigureState | None:
    names = vocabulary().values.whole(text.strip())
    if names:
        return "nil" if "nil" in names else "zero"
    return "nil" if text.strip() in _DASHES else None


def _said(state: FigureState, raw: str, words: tuple[Word, ...], last: int, *doubts: Doubt) -> Answer:
    value = Decimal(0) if state == "zero" else None
    return Answer(state, value, raw, doubts=frozenset(doubts), start=words[0].start, end=words[last - 1].end)


def _skip_links(body: str, words: tuple[Word, ...]) -> int:
    vocab = vocabulary()
    index = 0
    while index < len(words):
        if vocab.values.at(body, words, index):
            return index
        found = vocab.links.at(body, words, index) or vocab.times.at(body, words, index)
        if found is None:
            return index
        index = found.last
    return index


def _only_in_brackets(rest: str) -> bool:
    return not re.search(r"\d", re.sub(r"\([^()]*\)|\d+(?:[.,]\d+)?\s*%", "", rest))


def _explained(text: str) -> bool:
    """Whether every word outside brackets is vocabulary."""
    text = re.sub(r"\([^()]*\)", " ", text)
    return not strange_words(text)


@lru_cache(maxsize=2048)
def strange_words(text: str) -> tuple[str, ...]:
    """The words of a text that no part of the vocabulary explains; digits left out."""
    known = vocabulary().known
    words = words_of(text)
    strange: list[str] = []
    index = 0
    while index < len(words):
        hit = known.at(text, words, index)
        if hit is None and not words[index].key[0].isdigit():
            strange.append(words[index].key)
        index = hit.last if hit else index + 1
    return tuple(strange)


def _wanted(tokens: tuple[Token, ...], *, percentage: bool) -> Token | None:
    first = ("percent",) if percentage else ("count", "ratio", "malformed")
    return next((token for token in tokens if token.kind in first), None) or next(
        (token for token in tokens if token.kind in ("percent", "malformed", "count")), None
    )


def _numbered(body: str, tokens: tuple[Token, ...], token: Token, *, percentage: bool) -> Answer:
    gap, rest = body[: token.start], body[token.end :]
    answer = _base(token, percentage=percentage)
    stated = next((other.value for other in tokens if other.kind == "percent" and other is not token), None)
    answer = replace(answer, start=token.start, end=token.end, percent=answer.percent if stated is None else stated)
    if percentage and stated not in (None, token.value):
        answer = replace(answer, doubts=answer.doubts | {"several"})
    answer = _with_gap(answer, gap)
    if gap.strip(" \t:：=") == "(" and re.fullmatch(
        r"\)[\s.;,]*", rest.lstrip()
    ):  # "(3)": a note's mark, or less than nought
        answer = replace(answer, doubts=answer.doubts | {"bracket"})
    if token.kind != "ratio":
        answer = _with_rest(answer, token, gap, rest, tokens)
    elif "procedures" in _unit_names(rest, words_of(rest)):
        answer = replace(answer, doubts=answer.doubts | {"procedures"})
    if token.spaced and answer.state in ("number", "zero"):
        answer = replace(answer, doubts=answer.doubts | {"spaced"})
    return answer


def _base(token: Token, *, percentage: bool) -> Answer:
    raw = token.raw
    if token.kind == "percent" and percentage:
        return Answer("zero" if token.value == 0 else "number", token.value, raw)
    if token.kind == "percent":
        return Answer("unreadable", raw=raw, percent=token.value)
    if token.kind == "malformed" or percentage:
        return Answer("unreadable", raw=raw)
    state = _state(token.value)
    if token.kind == "ratio":
        return Answer(state, token.value, raw, _state(token.below), token.below, token.below_raw)
    return Answer(state, token.value, raw, approximate=token.rounded)


def _state(value: Decimal | None) -> FigureState:
    if value is None:
        return "unreadable"
    return "zero" if value == 0 else "number"


def _with_gap(answer: Answer, gap: str) -> Answer:
    """Judge the words between the label and the number."""
    if _NEGATIVE.search(gap[-3:] + "0") and gap.strip(" \t")[:1] in (":", "：", "=", "-", "–", "—", "−"):
        lone_dash = re.fullmatch(r"\s*[-–—]\s+", gap)  # a dash in place of the colon
        if not lone_dash:
            return replace(answer, state="unreadable", value=None, raw=_trim(gap + answer.raw))
    vocab = vocabulary()
    words = words_of(gap)
    if words:
        before = [hit for hit in vocab.approximate.all(gap, words) if hit.last == len(words) and "before" in hit.names]
        if before and not re.search(r"[,;:]", gap[words[-1].end :]):
            answer = replace(answer, approximate=True)
    if gap.strip(" \t:：=") == "+":  # by how much it grew
        answer = replace(answer, doubts=answer.doubts | {"several"})
    if _ABOUT.search(gap):
        answer = replace(answer, approximate=True)
    if _EMPTY_CELL in gap:
        answer = replace(answer, doubts=answer.doubts | {"several"})
    if not words:
        return answer
    if brackets_take_back(gap):
        answer = replace(answer, doubts=answer.doubts | {"words"})
    times, scopes = vocab.times.within(gap), vocab.scopes.within(gap)
    if ("cumulative" in times or tells_long(gap)) and "period" not in times:
        answer = replace(answer, cumulative=True)
    for scope in ("communes", "own", "total"):
        if scope in scopes:
            answer = replace(answer, scope=scope)
    if {"cumulative", "period"} <= times and re.search(
        r"\d", gap
    ):  # "trong tuần 25; lũy kế 3.250": whose 25 is, a week's number hides
        answer = replace(answer, doubts=answer.doubts | {"several"})
    if "past" in times and "period" not in times:
        answer = replace(answer, doubts=answer.doubts | {"past"})
    outside = re.sub(r"\([^()]*\)", " ", gap)
    if vocab.atoms.within(outside) & {"compare", "goal"}:  # "giảm 5 hồ sơ so với tuần trước" is not the figure
        return replace(answer, state="unreadable", value=None, raw=_trim(gap + answer.raw))
    if strange_words(outside) or _SPAN.search(outside) or (answer.value and vocab.values.within(outside)):
        answer = replace(answer, doubts=answer.doubts | {"words"})
    return answer


def _with_rest(answer: Answer, token: Token, gap: str, rest: str, tokens: tuple[Token, ...]) -> Answer:
    """Judge what follows the number."""
    if not rest.strip():
        return answer
    if _PLUS_AFTER.match(rest):
        answer = replace(answer, approximate=True)
    if _SUM_AFTER.match(rest) or _is_parted(token, rest, tokens):
        return replace(answer, state="unreadable", value=None, raw=_trim(token.raw + rest)[:40])
    words = words_of(rest)
    if "procedures" in _unit_names(rest, words):
        answer = replace(answer, doubts=answer.doubts | {"procedures"})
    if not rest.lstrip().startswith("(") and "others" in _unit_names(rest, words) and not _PERSONS.match(rest):
        answer = replace(answer, doubts=answer.doubts | {"others"})
    following = after_unit(rest)
    if _EACH.match(following):
        answer = replace(answer, doubts=answer.doubts | {"unit"})
    if match := _SLASH_TOTAL.match(following):
        below = next(
            (other for other in tokens if other.start == token.end + len(rest) - len(following) + match.end()), None
        )
        if match.group().strip() and below and below.kind in ("count", "malformed"):
            return replace(
                answer, below_state=_state(below.value), below=below.value, below_raw=below.raw, end=below.end
            )
        if match.group().strip() and below is None and _ONLY_PAPER.match(following):
            return replace(answer, below_state="blank")
    if (
        _AND_AFTER.match(following)
        or _TWO_KINDS.match(rest)
        or _ASKED.match(following)
        or taken_back(answer.value, gap, rest)
    ):
        answer = replace(answer, doubts=answer.doubts | {"several"})
    return replace(answer, approximate=True) if _is_qualified(following) else answer


def _is_qualified(following: str) -> bool:
    """Whether what stands behind a number and its unit says it is none of the final ones: "trở lên", "(ước)", "(số liệu tạm tính)"."""
    words = words_of(following)
    if not words or re.search(r"[,;.:]", following[: words[0].start]):
        return False
    after = vocabulary().approximate.at(following, words, 0)
    return after is not None and "after" in after.names


def _is_parted(token: Token, rest: str, tokens: Sequence[Token]) -> bool:
    """Whether nothing but blanks parts a number from the next: "1 2 5", "1. 240"; whose they are, and whether they are one, nobody knows."""
    gap = _GAP.match(rest)[0]  # type: ignore[index]
    at = token.end + len(gap)
    following = next((other for other in tokens if other.start == at and other.kind in _NUMBERS), None)
    if following is None or not gap or _NUMBERING.match(rest, len(gap)):
        return False
    last = _ONLY_PAPER.match(rest, at + len(following.raw) - token.end)  # "3. 0": nothing it could number
    return gap[0] != "." or len(following.raw) == _GROUP or bool(last)


def after_unit(rest: str) -> str:
    """What follows the unit directly behind a number."""
    words = words_of(rest)
    if words and not rest[: words[0].start].strip():
        unit = vocabulary().units.at(rest, words, 0)
        if unit:
            return rest[words[unit.last - 1].end :]
    return rest


def _unit_names(rest: str, words: tuple[Word, ...]) -> frozenset[str]:
    if not words or rest[: words[0].start].strip(" \t("):
        return frozenset()
    found = vocabulary().atoms.at(rest, words, 0)
    return found.names if found else frozenset()
