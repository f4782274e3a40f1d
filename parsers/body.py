"""The body of one report, walked line by line: figures where the form asks for them, texts where it asks for words.

Rules:

1. A line that begins with a label is the form's; what it answers is read by ``stated``; what else it tells, by ``prose``.
2. A text line of the form takes everything up to the next label, heading or the signature, whole and in order.
3. A figure's label inside a later text ("Đánh giá": "- Hồ sơ quá hạn: 3 hồ sơ do …") is part of that text when the form's own
   line has been read already.
4. A line that is only "Toàn huyện:", "Cấp xã:" or "Lũy kế:" speaks for the lines below it, up to the next heading; "(Số liệu lũy kế từ đầu
   năm)" above the first line of the form speaks for everything, until a line names the period.
5. A value alone on the line below its label is its answer, doubted. Counts told in a text are taken only when the text holds
   exactly one number with that unit.
6. Behind "Nơi nhận" and the signer's title stands the foot; behind "Yêu cầu thực hiện báo cáo" nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.annexes import Annex
from parsers.answers import read_answer, strange_words
from parsers.asides import drop_asides
from parsers.candidates import Candidate, Found, from_answer
from parsers.fold import fold
from parsers.foot import is_footer, opens_foot
from parsers.form import Line
from parsers.initials import in_company, spelled_line
from parsers.labels import Hit, Labels, meaning_of, plain_atoms
from parsers.lines import Grid, TextLine, Unit, bullet_end, unglued
from parsers.listed import opens_list
from parsers.numbers import scan
from parsers.openings import is_told, opens_piece, tells_early, without_addresses, without_ways
from parsers.prose import read_prose
from parsers.quick import replace
from parsers.row_units import with_units
from parsers.said_above import SaidAbove
from parsers.stated import read_hits
from parsers.tables import read_grid
from parsers.taken_back import speaks_of_above, takes_above_back
from parsers.told import count_told
from parsers.values import Place
from parsers.words import words_of

_RECENT = 4  # keys of the lines above that a short label may stand beside
_LEADERS = re.compile(r"(?:\.{3,}|…|_{2,})+")
_EDGES = re.compile(r"\A[\s:;.,…_)\]\-–—]+|[\s…_]+\Z")
_ROMAN = re.compile(r"\s*[IVX]{1,5}[.)/]\s")
_SENTENCE_OPENS = re.compile(r"\s*[:：]?\s+[A-ZĐÀ-Ỹ][a-zđà-ỹ]+\s+\S+\s+\S")
_SENTENCE = 20  # characters behind a text's name from which they may be a sentence
_VALUE_ONLY_WORDS = 4
_TERMINATED = re.compile(r"[^:\d]{1,60}(?::|…|\.\.)|[^:\d]{1,40}\s\d")  # a label with its answer
_LETTERS = re.compile(r"[^\W_]")
_TELLING = re.compile(r"\d|không có|khong co", re.IGNORECASE)  # what a figure is told with
_NAMED = re.compile(r"([^:：…\d]{4,110}?)\s*(?:[:：]|…|\.{3,})")  # what may be a label in other words


@dataclass(slots=True)
class Reading:
    """What the body held, and where its foot begins."""

    found: Found = field(default_factory=Found)
    foot: int = 0  # index of the first unit of the foot


class _Walk:
    def __init__(self, labels: Labels, units: Sequence[Unit]) -> None:
        self.labels = labels
        self.units = units
        self.found = Found()
        self.recent: list[str] = []
        self.text_key: str | None = None
        self.above = SaidAbove()
        self.annex = Annex()
        self.prose: list[Candidate] = []
        self.shown: TextLine | None = None  # the line as written, addresses and all
        self.short = in_company((unit.text for unit in units if isinstance(unit, TextLine)), numbered=True)
        self.waiting: tuple[Hit, TextLine] | None = None  # a label whose answer may stand on the next line

    def run(self) -> int:
        """Walk; the index where the foot begins."""
        above = ""  # the line before
        for index, unit in enumerate(self.units):
            if is_footer(unit) or opens_foot(unit, begun=bool(self.found.labels or self.text_key)):
                return index
            if isinstance(unit, Grid):
                self._grid(unit, above)
                above = ""
            elif unit.text.strip():
                self._written(unit, index)
                above = unit.text
                self.annex.hear(above)
        return len(self.units)

    # ---- tables ------------------------------------------------------------------------------------------------------
    def _grid(self, grid: Grid, above: str) -> None:
        reading = read_grid(self.labels, grid, self.recent[-_RECENT:])
        read = self.annex.owned(with_units(self.labels.form, grid, above, reading.candidates))
        texts, seen = reading.texts, reading.seen
        self.waiting = None
        self.found.labels += len(seen)
        self.found.owners |= reading.owners if seen else set()
        if not seen and self.text_key:
            told = [
                (" ".join(c.text.strip() for c in row if c.text.strip()), grid.place(r, 0))
                for r, row in enumerate(grid.rows)
            ]
            self.found.texts[self.text_key] += [(text, place) for text, place in told if text]
            return
        late = self._line_of(self.text_key) if self.text_key else None
        for candidate in read:
            if late and self._is_late(candidate.key, late) and self.found.has(candidate.key):
                continue
            self.found.add(self._in_context(candidate))
        for key, text, place in texts:
            self._say(key, text, place)
        self.recent += [c.key for c in read][-_RECENT:]

    def _written(self, line: TextLine, index: int) -> None:
        """A line read with its initials spelled out and its number parted; its evidence, and what is the form's text, is what stands there."""
        text = unglued(line.text)
        text = spelled_line(text) if self.short else text
        if text == line.text or self.text_key or self._opens_text(text):
            self._line(line, index)
            return
        begun = len(self.found.candidates), len(self.prose)
        self._line(replace(line, text=text), index)
        for read, first in zip((self.found.candidates, self.prose), begun, strict=True):
            read[first:] = [replace(c, place=replace(c.place, text=line.place().text)) for c in read[first:]]

    def _opens_text(self, text: str) -> bool:
        """Whether a line begins with the name of a text of the form."""
        return any(self._is_text(hit.key) for hit in self.labels.find(text, bullet_end(text), most=1))

    # ---- lines -------------------------------------------------------------------------------------------------------
    def _line(self, line: TextLine, index: int) -> None:
        if self._answer_below(line, index):
            return
        self.waiting = None
        self.shown = line
        line = without_addresses(line)
        hits = without_ways(line.text, self.labels.find(line.text, line.indent, self._beside(line)))
        if hits and self._belongs_to_text(hits):
            self._more_text(line)
            return
        if not hits or opens_list(line.text, hits[0].start) or is_told(line.text, hits):
            self._plain(line)
            return
        hits = self.labels.nested(hits, self.recent)
        self.found.labels += sum(bool(hit.key) for hit in hits)
        if _ROMAN.match(line.text) or not hits[0].key:
            self.above.end()
        if not hits[0].key and _SENTENCE_OPENS.match(line.text, hits[0].end):  # a heading its sentence was run into
            self.text_key = None
            self._line(replace(line, text=" " * hits[0].end + line.text[hits[0].end :]), index)
            return
        if not hits[0].key and len(hits) == 1:
            self.text_key = None
            self._prose(line, line.text[hits[0].end :], hits[0].end)
            return
        self._labelled(line, hits)

    def _beside(self, line: TextLine) -> tuple[str, ...]:
        """Keys above that short labels of this line may stand beside."""
        text = line.text[line.indent :]
        return tuple(self.recent[-_RECENT:]) if _TERMINATED.match(text) else ()

    def _line_of(self, key: str | None) -> Line | None:
        return self.labels.form.line(key) if key else None

    def _is_late(self, key: str, text: Line) -> bool:
        """Whether a figure's key belongs to an earlier section than the text being read."""
        lines = self.labels.form.lines
        line = self._line_of(key)
        return line is not None and line.section != text.section and lines.index(line) < lines.index(text)

    def _belongs_to_text(self, hits: Sequence[Hit]) -> bool:
        active = self._line_of(self.text_key)
        keys = [hit.key for hit in hits if hit.key]
        if active is None or not keys:
            return False
        line = self._line_of(keys[0])
        if line is None or line.kind == "text":
            return False
        return self._is_late(line.key, active) and all(self.found.has(key) for key in keys)

    def _labelled(self, line: TextLine, hits: tuple[Hit, ...]) -> None:
        text = line.text
        for position, hit in enumerate(hits):
            if (form_line := self._line_of(hit.key)) and form_line.kind == "text":
                later = hits[position + 1 :]
                end = next((h.start for h in later if opens_piece(text, h, kept=self._is_text(h.key))), len(text))
                inner = [h for h in later if h.start < end]
                self._tell(line, hit, end, inner)
                if not any(h.full for h in inner):
                    self._told_again(line, hit.end, end)
        first = self._line_of(hits[0].key)
        if first is not None and first.kind != "text":
            self.text_key = None
        place = line.place(hits[0].start)
        read = read_hits(self.labels, text, hits, place, hidden=line.hidden, block=place.block or 0)
        early = tells_early(text, hits)
        read = [replace(c, combined=True) if early and c.key == "on_time" else c for c in read]
        self.found.add(*(self._in_context(self._slipped(c, hits)) for c in read))
        self.recent += [hit.key for hit in hits if hit.key]
        del self.recent[: -2 * _RECENT]
        last = hits[-1]
        if read and read[-1].state == "blank" and not text[last.end :].strip(" ):："):
            self.waiting = (last, line)
        self._rest(line, hits, read)

    def _is_text(self, key: str) -> bool:
        line = self._line_of(key)
        return line is not None and line.kind == "text"

    def _tell(self, line: TextLine, hit: Hit, end: int, inner: Sequence[Hit]) -> None:
        """A text line's words; a second label of the text being read stays part of it."""
        text = (self.shown or line).text[hit.end : end]
        paper = line.text
        for label in inner:
            paper = paper[: label.start] + " " * (label.end - label.start) + paper[label.end :]
        printed = inner and not _LETTERS.search(paper[hit.end : end])
        form_line = self._line_of(hit.key)
        spelled = fold(line.text[hit.start : hit.end])
        if hit.key == self.text_key and form_line and fold(form_line.label) not in spelled and not printed:
            self._more_text(replace(line, text=(self.shown or line).text))
        else:
            self._say(hit.key, "" if printed else text, line.place(hit.start))

    def _told_again(self, line: TextLine, start: int, end: int) -> None:
        """Figures of lines above told in the same line as a text's name: "IV. Đánh giá: trong tuần tiếp nhận 130 hồ sơ, …"."""
        known = [key for key in self.labels.form.core if self.found.has(key)]
        if known and len(line.text[start:end]) >= _SENTENCE:
            more = read_prose(self.labels, line.text[start:end], line.place, offset=start)
            self.prose += [c for c in more if c.key in known]

    def _slipped(self, candidate: Candidate, hits: Sequence[Hit]) -> Candidate:
        """A short label read under "đang giải quyết" was moved to another key: doubted."""
        moved = any(hit.slip and not hit.full and hit.key == candidate.key for hit in hits)
        return candidate.doubted("words") if moved else candidate

    def _in_context(self, candidate: Candidate) -> Candidate:
        return self.above.applied(self.annex.told(candidate))

    def _rest(self, line: TextLine, hits: Sequence[Hit], read: Sequence[Candidate]) -> None:
        """What a line tells behind each of its answers."""
        known = {c.key for c in read if c.basis == "period"}
        for position, hit in enumerate(hits):
            ln = self._line_of(hit.key)
            raw = next((c.raw for c in read if c.key == hit.key), "")
            if ln is None or ln.kind == "text":
                continue
            limit = hits[position + 1].start if position + 1 < len(hits) else len(line.text)
            at = line.text.find(raw, hit.end, limit) if raw else -1
            end = at + len(raw) if at >= 0 else hit.end
            rest = line.text[end:limit]
            if ln.key == "overdue":
                self._kind_of_overdue(line, rest, end)
            if raw and re.search(r"\d", rest):
                own = ln.means[0] if ln.means else frozenset()
                more = read_prose(self.labels, rest, line.place, context=own, offset=end)
                self.prose += [c for c in more if c.key not in known and not (ln.parts and c.key in ln.parts)]

    def _kind_of_overdue(self, line: TextLine, rest: str, end: int) -> None:
        """A bracket behind the overdue figure that says whether those files are resolved or pending."""
        match = re.match(r"[^();]{0,20}\(([^()]*)\)", rest)
        if match and meaning_of(match.group(1)).atoms & {"pending", "resolved"}:
            self._say("overdue_kind", match.group(1), line.place(end), keep=True)

    def _plain(self, line: TextLine) -> None:
        """A line without a label of the form."""
        if not self._speaks_of_above(line) and (self._sets_context(line) or self._said_otherwise(line)):
            return
        if self.text_key:
            self._more_text(line)
            return
        self._prose(line, line.text, 0)

    def _sets_context(self, line: TextLine) -> bool:
        text = line.bare.strip(" :.;()")
        return self.above.hear_scale(text) or (
            not self.text_key and self.above.hear(text, begun=bool(self.found.labels))
        )

    def _speaks_of_above(self, line: TextLine) -> bool:
        """As in "Số liệu trên chưa bao gồm cấp xã": what a note says of the figures above is said of each."""
        if not speaks_of_above(line.text):
            return False
        if takes_above_back(line.text):
            self.found.candidates[:] = [one.doubted("words") for one in self.found.candidates]
        return True

    def _said_otherwise(self, line: TextLine) -> bool:
        """A label in other words, up to its colon or leaders."""
        match = None if self.text_key else _NAMED.match(line.text[line.indent :])
        if not match or len(words_of(match.group(1))) > 16:
            return False
        phrase = match.group(1)
        meaning = meaning_of(phrase)
        atoms = plain_atoms(meaning.atoms)
        if meaning.strange or not atoms or meaning.past:
            return False
        key, loosely = self.labels.by_meaning(atoms)
        form_line = self._line_of(key)
        if form_line is None or key is None:
            return False
        hit = Hit(key, line.indent, line.indent + len(phrase), full=True, named=False)
        self.found.labels += 1
        place = line.place(hit.start)
        more = self.labels.find(line.text, hit.end, (key,))
        hits = (hit, *(h for h in more if h.key == form_line.over))
        read = read_hits(self.labels, line.text, hits, place, hidden=line.hidden, block=place.block or 0)
        if loosely:
            read = [c.doubted("words") for c in read]
        if meaning.cumulative and not meaning.period:
            read = [replace(c, basis="cumulative") for c in read]
        if meaning.scope:
            read = [replace(c, scope=c.scope or meaning.scope) for c in read]  # type: ignore[arg-type]
        read = [replace(c, combined=c.key == "on_time" and tells_early(line.text, hits)) for c in read]
        self.found.add(*(self._in_context(c) for c in read))
        self.recent.append(key)
        self._rest(line, hits, read)
        return True

    def _answer_below(self, line: TextLine, index: int) -> bool:
        """A line that is nothing but a value, right below a label without one."""
        if self.waiting is None:
            return False
        hit, label = self.waiting
        form_line = self._line_of(hit.key)
        text = line.text.strip()
        if form_line is None or len(words_of(text)) > _VALUE_ONLY_WORDS or strange_words(text):
            return False
        if line.indent and not scan(text):
            return False
        answer = read_answer(text, percentage=form_line.kind == "percentage")
        if answer.state not in ("number", "zero", "nil"):
            return False
        before = self.units[index - 2] if index >= 2 else None
        stacked = isinstance(before, TextLine) and self.labels.starts(before.text) and not scan(before.text)
        candidate = from_answer(
            hit.key, answer, replace(line.place(), text=f"{label.text.strip()} {text}"[:300]), "line"
        )
        block = label.place().block or 0
        kept = [c for c in self.found.candidates if (c.key, c.state, c.spot[0]) != (hit.key, "blank", block)]
        self.found.candidates[:] = kept
        if stacked:
            candidate = replace(candidate, state="unreadable", value=None)
        self.found.add(self._in_context(candidate.doubted("words")))
        self.waiting = None
        return True

    # ---- texts -------------------------------------------------------------------------------------------------------
    def _say(self, key: str, text: str, place: Place, *, keep: bool = False) -> None:
        kept = _EDGES.sub("", _LEADERS.sub(" ", text) if not re.sub(r"[\s.…_]", "", text) else text).strip()
        if not kept and read_answer(text).state == "nil":
            kept = text.strip(" :：.;")  # a dash is an answer
        self.found.texts.setdefault(key, [])
        if kept:
            self.found.texts[key].append((kept, place))
        if not keep:
            self.text_key = key

    def _more_text(self, line: TextLine) -> None:
        text = (self.shown or line).text.strip()
        if self.text_key and re.sub(r"[\s.…_\-–]", "", text):
            self.found.texts[self.text_key].append((text, line.place()))
        self._prose(line, line.text, 0)

    def _prose(self, line: TextLine, text: str, offset: int) -> None:
        if _TELLING.search(text):
            read = read_prose(self.labels, text, line.place, offset=offset)
            told = [self._in_context(c) for c in read]
            self.prose += [replace(c, hidden=True) for c in told] if line.hidden else told


def read_body(labels: Labels, units: Sequence[Unit]) -> Reading:
    """The figures and texts between the title and the foot."""
    walk = _Walk(labels, units)
    foot = walk.run()
    found = walk.found
    count_told(labels, found)
    drop_asides(labels, found, walk.prose)
    return Reading(found, foot)
