"""The form's own lines: labels of a line and what stands behind each.

Rules:

1. The text between a label and the next one is the label's answer.
2. Words between label and number that change its meaning ("trực tuyến", "chưa giải quyết") move the number to the key they
   name, doubted, or to none; they never leave it where it was.
3. ``12/15`` on a ratio line gives both figures; one number there is the numerator, the denominator is blank. Two numbers on a
   line the form lets be split (tổ chức, cá nhân) are its parts.
4. A label without an answer is ``blank``; "không phát sinh" behind a ratio's whole label is said of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from parsers.answers import Answer, after_unit, read_answer
from parsers.candidates import Candidate, Source, from_answer
from parsers.dates import tells_long
from parsers.elsewhere import is_told_otherwise, may_be_a_ratios, of_another
from parsers.form import Line
from parsers.labels import Hit, Labels, meaning_of, plain_atoms
from parsers.numbers import scan, show
from parsers.quick import replace
from parsers.taken_back import brackets_take_back
from parsers.values import Place
from parsers.words import vocabulary, words_of

_ELSEWHERE = re.compile(r"\b(?:trong|do|so với|so voi|tăng|giảm|vì|của|tại|từ|nguyên nhân|gồm)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:và|va)\b")
_PARTED = re.compile(r"[:：;./…_(]")
_LEADERS = re.compile(r"\.{2,}|…|_{2,}")
_BRACKET_FIRST = re.compile(r"\s*\([^()]*\)\s*(?=[:：])|\s*[^():：\d]*\([^()]*\)\s*(?=[:：])")
_FORMAL = re.compile(r"[\s)\]]*(?:[:：=…\t]|\.{2,}|_{2,}|[-–]\s|\Z)|\s*/")
_LETTER = re.compile(r"[^\W\d_]")
_END = re.compile(r"[.!?]\s+\S")
_MORE_LEVELS = re.compile(
    r"\s*(?:,|và|va|&|-|–)\s*(?:mức(?: độ)?\s*)?[1-4](?!\d|[.,]\d|\s*/)|\s*/\s*[1-4]\s*[:：]", re.IGNORECASE
)
_COMMA_FIRST = re.compile(r"\s*[,;]")
_CLOSING = re.compile(r"^[\s)\]]*")
_STOP = re.compile(r"[,;:.()\n/]")
_SINGLE_RATIO_MARK = re.compile(r"^[\s/]*\Z")


def read_hits(
    labels: Labels,
    text: str,
    hits: Sequence[Hit],
    place: Place,
    source: Source = "line",
    *,
    hidden: bool = False,
    block: int = 0,
) -> list[Candidate]:
    """The candidates of one line whose labels have been found."""
    segments = [text[hit.end : following.start] for hit, following in pairwise(hits)] + [text[hits[-1].end :]]
    found: list[Candidate] = []
    index, merged = 0, -1
    while index < len(hits):
        line = labels.form.line(hits[index].key)
        if line is None or line.kind == "text":
            index += 1
            continue
        below = _denominator(line, hits, index)
        if _more_levels(line, segments[index]):
            index = (below if below is not None else index) + 1
            continue
        if below is None and _runs_on(segments[index]) and index + 1 < len(hits):
            merged = index + 1  # "tiếp nhận, giải quyết: 120" is one number for two labels
        elif line.over:
            found += _ratio(line, line.over, segments, index, below, place, source)
        elif segments[index].strip() == "/" and index + 1 < len(hits):
            found.append(
                from_answer(line.key, Answer("blank"), place, source)
            )  # "tiếp nhận/giải quyết: 12/10" tells two of one
        else:
            named, last = _parts_named(line, hits, segments, index)
            segment = text[hits[index].end : hits[last].end] + segments[last] if named else segments[index]
            read = _count(labels, line, text, hits[index], segment, place, source)
            index = last
            read = [c.doubted("words") for c in read] if may_be_a_ratios(labels, hits[: index + 1]) else read
            found += [c.doubted("several") if merged == index and c.state == "number" else c for c in read]
        if line.kind != "percentage":
            found += _share(labels, line, found, hits)
        index = (below if below is not None else index) + 1
    found = _carried(found, hits, segments, text)
    found = _ratio_behind_share(labels, found, hits, segments, place, source)
    context = text[: hits[0].start]
    named = hits[0].full and hits[0].named
    return [
        _in_context(replace(c, hidden=hidden, named=named, spot=(block or c.spot[0], c.spot[1])), context)
        for c in found
    ]


def _carried(found: Sequence[Candidate], hits: Sequence[Hit], segments: Sequence[str], text: str) -> list[Candidate]:
    """What is said of a full label holds for the short ones behind it in the same sentence: cumulative, a part, doubted."""
    full: Candidate | None = None
    kept: list[Candidate] = []
    kinds = {hit.key: hit for hit in reversed(hits)}
    for read in found:
        hit = kinds.get(read.key)
        segment = segments[hits.index(hit)] if hit else ""
        formal = hit is None or bool(_FORMAL.match(segment))
        candidate = read if formal == read.formal else replace(read, formal=formal)
        if hit and hit.full:
            full = candidate
        elif hit and full and _bears_on(full, candidate) and not _END.search(text[: hit.start]):
            candidate = replace(
                candidate,
                basis=full.basis if candidate.basis == "period" else candidate.basis,
                scope=candidate.scope or full.scope,
                doubts=candidate.doubts | (full.doubts & {"words", "past"}),
            )
        kept.append(candidate)
    return kept


def _bears_on(full: Candidate, candidate: Candidate) -> bool:
    """Whether a full label's figure says anything a later one of its sentence does not say itself."""
    return full.basis != candidate.basis or bool(full.scope) or bool(full.doubts)


def _share(labels: Labels, line: Line, found: Sequence[Candidate], hits: Sequence[Hit]) -> list[Candidate]:
    """A percentage written beside a figure, where the form asks for it too."""
    asked = labels.form.share_of(line.key)
    stated = next((c for c in found if c.key == line.key and c.percent is not None), None)
    if asked is None or stated is None or any(hit.key == asked.key for hit in hits):
        return []
    percent = stated.percent or Decimal(0)
    return [
        Candidate(asked.key, "number" if percent else "zero", percent, f"{show(percent)}%", stated.place, stated.source)
    ]


def _ratio_behind_share(
    labels: Labels, found: list[Candidate], hits: Sequence[Hit], segments: Sequence[str], place: Place, source: Source
) -> list[Candidate]:
    """As in "Số TTHC/tổng số TTHC (chiếm tỷ lệ 100%) thuộc thẩm quyền …: 120/120": the ratio stands behind its percentage."""
    for hit, segment in zip(hits, segments, strict=True):
        share = labels.form.line(hit.key)
        line = labels.form.line(share.of) if share and share.kind == "percentage" and share.of else None
        if line is None or not line.over or any(c.key in (line.key, line.over) and c.state != "blank" for c in found):
            continue
        ratios = [token for token in scan(segment) if token.kind == "ratio"]
        if len(ratios) == 1:
            kept = [c for c in found if c.key not in (line.key, line.over)]
            return kept + _ratio_alone(line, line.over, read_answer(segment[ratios[0].start :]), place, source)
    return found


def _runs_on(segment: str) -> bool:
    """Whether nothing but a comma or "và" parts a label from the next one."""
    if _PARTED.search(segment) or not segment.strip():
        return False
    return not words_of(_AND.sub(" ", segment))


def _parts_named(line: Line, hits: Sequence[Hit], segments: Sequence[str], index: int) -> tuple[bool, int]:
    """As in "34 tổ chức, cá nhân": parts named without numbers belong to the answer. Whether, and the last such label."""
    last = index
    while last + 1 < len(hits) and hits[last + 1].key in line.parts and not re.search(r"\d", segments[last + 1]):
        last += 1
    return last > index and last + 1 == len(hits), last if last + 1 == len(hits) else index


def _denominator(line: Line, hits: Sequence[Hit], index: int) -> int | None:
    """Index of the denominator's label when it follows."""
    if line.over is None or index + 1 >= len(hits):
        return None
    return index + 1 if hits[index + 1].key == line.over else None


def _in_context(candidate: Candidate, context: str) -> Candidate:
    """What stands in front of the first label: "Lũy kế", "Cấp xã:", "Trong tuần"."""
    if not _LETTER.search(context):
        return candidate
    vocab = vocabulary()
    times, scopes = vocab.times.within(context), vocab.scopes.within(context)
    if ("cumulative" in times or tells_long(context)) and "period" not in times:
        candidate = replace(candidate, basis="cumulative")
    named = [name for name in ("total", "communes", "own") if name in scopes]
    scope = named[0] if len(named) == 1 or "total" in named else ""
    if scope and not candidate.scope:
        candidate = replace(candidate, scope=scope)
    if "past" in times:
        candidate = candidate.doubted("past")
    return candidate


def _more_levels(line: Line, segment: str) -> bool:
    """As in "mức độ 3, 4: 15/20" speaks of both levels, and the form asks for each."""
    levels = any(atoms & {"level3", "level4"} for atoms in line.means)
    return levels and bool(_MORE_LEVELS.match(segment))


def _count(
    labels: Labels, line: Line, text: str, hit: Hit, segment: str, place: Place, source: Source
) -> list[Candidate]:
    whole, segment = segment, _drop_bracket(segment)
    answer = read_answer(segment, percentage=line.kind == "percentage")
    if line.parts and (split := _split(labels, line, segment, answer, place, source)):
        return split
    if answer.state == "unreadable" and answer.percent is not None and (share := labels.form.share_of(line.key)):
        share_answer = read_answer(segment, percentage=True)
        return [
            from_answer(line.key, Answer("blank"), place, source),
            from_answer(share.key, share_answer, place, source),
        ]
    if answer.percent is not None and of_another(line, segment[answer.end :]):
        answer = replace(answer, percent=None)
    candidate = from_answer(line.key, answer, place, source)
    candidate = replace(candidate, spot=(place.block or 0, hit.end + answer.start))
    if line.whole and answer.below_state is not None:
        below = Answer(answer.below_state, answer.below, answer.below_raw)
        return [replace(candidate, below=None), from_answer(line.whole, below, place, source)]
    if _COMMA_FIRST.match(segment) and answer.state in ("number", "zero"):
        candidate = candidate.doubted("words")
    if answer.below_state is not None:
        candidate = candidate.doubted("fraction")
    if answer.state == "number" and is_told_otherwise(labels, line, segment[answer.end :]):
        candidate = candidate.doubted("words")
    if answer.doubts & {"spaced"} and re.search(r"\d[ \u00a0\u2009\u202f]\d", answer.raw) and _safe_space(segment):
        candidate = replace(candidate, doubts=candidate.doubts - {"spaced"})
    if answer.doubts & {"spaced"} and re.search(r"\d,\d", answer.raw) and not line.parts:
        candidate = replace(candidate, doubts=candidate.doubts - {"spaced"})
    checked = _remeant(labels, line, text[hit.start : hit.end], segment, answer, candidate)
    if checked is None:
        return []
    if whole[: answer.start] != segment[: answer.start]:
        checked = _in_context(checked, whole[: answer.start])
        checked = checked.doubted("words") if brackets_take_back(whole[: answer.start]) else checked
    return (
        [checked, *_current(line, segment[answer.end :], place, source)] if checked.basis == "cumulative" else [checked]
    )


def _current(line: Line, tail: str, place: Place, source: Source) -> list[Candidate]:
    """As in "(lũy kế): 3.450; trong tuần: 125": the period's figure behind the cumulative one."""
    words = words_of(tail)
    hit = next((hit for hit in vocabulary().times.all(tail, words) if "period" in hit.names), None)
    if hit is None or _END.search(tail[: words[hit.first].end]):
        return []
    answer = read_answer(tail[words[hit.last - 1].end :])
    return [from_answer(line.key, answer, place, source)] if answer.state in ("number", "zero", "nil") else []


def _safe_space(segment: str) -> bool:
    """A blank inside a number is a thousands mark only behind a colon or leaders and when no other number follows.

    "125 130" may be two figures of two columns; "1 625" hardly is.
    """
    said = [t for t in scan(segment) if t.kind in ("count", "malformed", "ratio")]
    before = segment[: said[0].start] if said else ""
    marked = re.match(r"\s*[:：]", segment) or re.search(r"[:：]\s*\Z", before) or _LEADERS.search(segment)
    if re.search(r"(?<!\d)\d{3} \d{3}(?!\d)", said[0].raw if said else segment):
        return False
    if said and said[0].spaced and after_unit(segment[said[0].end :]) != segment[said[0].end :]:
        return True  # "3 226 hồ sơ"
    return bool(marked) and len([t for t in scan(segment) if t.kind in ("count", "malformed", "ratio")]) == 1


def _drop_bracket(segment: str) -> str:
    """A bracket between label and colon is part of the label, whatever numbers it holds."""
    segment = _CLOSING.sub(lambda match: " " * len(match.group()), segment)
    match = _BRACKET_FIRST.match(segment)
    return " " * match.end() + segment[match.end() :] if match else segment


def _remeant(
    labels: Labels, line: Line, label: str, segment: str, answer: Answer, candidate: Candidate
) -> Candidate | None:
    """The candidate under the key its whole wording names; None when the wording names something else altogether."""
    if not line.means or answer.state in ("blank", "nil"):
        return candidate
    if not _LETTER.search(segment):
        return candidate
    gap = re.sub(r"\([^()]*\)", " ", segment[: answer.start])
    tail = _STOP.split(segment[answer.end :].lstrip(), maxsplit=1)[0] if answer.end < len(segment) else ""
    own = plain_atoms(meaning_of(label).atoms)
    if own not in line.means:
        own = line.means[0]
    before = plain_atoms(meaning_of(gap).atoms) - {"compare", "average", "others"}
    if before - own:
        key, loosely = labels.by_meaning(own | before)
        if key is None:
            return None
        candidate = replace(candidate, key=key).doubted("words") if key != line.key or loosely else candidate
    after = _tail_atoms(tail, answer) - own
    if after and labels.by_meaning(own | after)[0] != line.key and not (line.parts and after <= {"others"}):
        candidate = candidate.doubted("unit" if after <= {"others", "services", "documents"} else "words")
    return candidate


def _tail_atoms(tail: str, answer: Answer) -> frozenset[str]:
    """What the words directly behind the number say; comparisons and percentages are about something else."""
    if answer.state not in ("number", "zero") or answer.below_state is not None:
        return frozenset()
    return plain_atoms(meaning_of(_ELSEWHERE.split(tail, maxsplit=1)[0]).atoms) - {"compare", "goal", "average"}


def _split(labels: Labels, line: Line, segment: str, answer: Answer, place: Place, source: Source) -> list[Candidate]:
    """Two numbers where the form lets a line be split: ``10/24``, ``10 tổ chức, 24 cá nhân``."""
    counts = [token for token in scan(segment) if token.kind == "count"]
    named = _named_parts(labels, line, segment)
    if len(named) >= 2 or (named and len(counts) >= len(named)):
        total = [from_answer(line.key, answer, place, source)] if len(counts) > len(named) else []
        return total + [from_answer(key, part, place, source) for key, part in named]
    if len(line.parts) == 2 and answer.below_state in ("number", "zero") and answer.state in ("number", "zero"):
        below = Answer(answer.below_state, answer.below, answer.below_raw, start=answer.end)
        pair = zip(line.parts, (replace(answer, below_state=None, below=None), below), strict=True)
        return [from_answer(key, part, place, source).doubted("several") for key, part in pair]
    return []


def _named_parts(labels: Labels, line: Line, segment: str) -> list[tuple[str, Answer]]:
    """Numbers standing before the name of a part."""
    found: list[tuple[str, Answer]] = []
    for token in scan(segment):
        if token.kind != "count":
            continue
        rest = segment[token.end :]
        hits = labels.find(rest, recent=(line.key, *line.parts))
        if not hits or hits[0].key not in line.parts:
            rest = after_unit(rest)
            hits = labels.find(rest, recent=(line.key, *line.parts))
        blank = not rest[: hits[0].start].strip(" (") if hits else False
        if hits and blank and hits[0].key in line.parts and hits[0].key not in dict(found):
            together = len(hits) > 1 and hits[1].key in line.parts and not scan(rest[hits[0].end : hits[1].end])
            if not together:
                value = Answer(
                    "zero" if token.value == 0 else "number", token.value, token.raw, start=token.start, end=token.end
                )
                found.append((hits[0].key, value))
    return found


def _ratio(
    line: Line, over: str, segments: Sequence[str], index: int, below: int | None, place: Place, source: Source
) -> list[Candidate]:
    top_text = _drop_bracket(segments[index])
    top = read_answer(top_text.rstrip(" \u00a0/(") if below is not None else top_text)
    if below is None and top_text.strip() == "/" and index + 1 < len(segments):
        top = Answer("blank")  # the slash of a label the next one goes on with
    if below is None:
        return [_tolerant(one, top_text) for one in _ratio_alone(line, over, top, place, source)]
    bottom_text = _drop_bracket(segments[below])
    bottom = read_answer(bottom_text)
    if top.state == "blank" and _SINGLE_RATIO_MARK.match(top_text):
        return [_tolerant(one, bottom_text) for one in _behind_both(line, over, bottom, place, source)]
    if top.below_state is not None and bottom.state == "blank":
        return _ratio_alone(line, over, top, place, source)
    if top.state == "blank" and bottom.below_state is not None:
        return _ratio_alone(line, over, bottom, place, source)
    first = from_answer(line.key, top, place, source)
    second = from_answer(over, bottom, place, source)
    if top.below_state is not None or bottom.below_state is not None:
        first, second = first.doubted("fraction"), second.doubted("fraction")
    if bottom.percent is not None and first.percent is None:
        first = replace(first, percent=bottom.percent)
    return [_tolerant(first, top_text), replace(_tolerant(second, bottom_text), percent=None)]


def _tolerant(candidate: Candidate, segment: str) -> Candidate:
    """Commas part thousands; blanks do so behind a colon or leaders."""
    if "spaced" not in candidate.doubts:
        return candidate
    safe = re.search(r"\d,\d", candidate.raw) or _safe_space(segment)
    return replace(candidate, doubts=candidate.doubts - {"spaced"}) if safe else candidate


def _ratio_alone(line: Line, over: str, answer: Answer, place: Place, source: Source) -> list[Candidate]:
    """A numerator's label alone, or the answer behind both."""
    first = from_answer(line.key, answer, place, source)
    if answer.below_state is not None:
        bottom = Answer(
            answer.below_state, answer.below, answer.below_raw, start=answer.end, approximate=answer.approximate
        )
        second = from_answer(over, replace(bottom, doubts=answer.doubts), place, source)
    elif answer.state == "nil" or (answer.state == "zero" and not answer.raw[:1].isdigit()):
        second = replace(first, key=over)
    else:
        second = from_answer(over, Answer("blank"), place, source)
    return [replace(first, below=None), replace(second, below=None, percent=None)]


def _behind_both(line: Line, over: str, answer: Answer, place: Place, source: Source) -> list[Candidate]:
    """One answer behind "đã giải quyết/tổng số": a ratio, a word for both, or a number that could be either."""
    if answer.below_state is None and answer.state == "number":
        either = from_answer(line.key, replace(answer, state="unreadable", value=None), place, source)
        return [either, replace(either, key=over)]
    return _ratio_alone(line, over, answer, place, source)
