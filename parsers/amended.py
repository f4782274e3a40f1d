"""Sentences that set a figure right elsewhere in the document: "Đính chính: số hồ sơ trả lại là 5, không phải 3".

Rules:

1. They may stand anywhere: at the end, under the signature, in a footnote. What one says of a line of the form is held against the figure
   read there; where they differ both are shown, and a person says which is meant.
2. A number it takes back ("không phải 3", "từ 118 thành 120") speaks against every figure of that value.
3. A remark that names no line of the form and only sets something right ("Sửa thành 152"), or a remark or footnote that takes a figure back ("Chưa
   bao gồm cấp xã"), speaks against the figure of the cell it is stuck to, or
   of its row; where nobody knows what it is stuck to, against every figure.
4. "Đính chính" is the name of a procedure as well ("đính chính giấy chứng nhận"): a sentence that tells of no line, and takes no number
   back, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from parsers.candidates import Candidate
from parsers.choose import Note
from parsers.clauses import sentences
from parsers.fold import nfc
from parsers.labels import Labels
from parsers.lines import EVIDENCE_MAX, LINE_MAX, TextLine, Unit, bullet_end
from parsers.numbers import scan, whole
from parsers.prose import read_prose
from parsers.readers.raised import lowered
from parsers.stated import read_hits
from parsers.taken_back import sets_right, takes_back
from parsers.values import Block, Document, Figure, Place
from parsers.words import vocabulary, words_of

LINES_MAX = 40  # such sentences of one document looked at; a report has one or two
_TAKEN_BACK = re.compile(
    r"(?:không phải(?: là)?|thay vì|thay cho|nhầm(?: là| thành)?)\s+(?:số\s+)?(\d[\d.,]*\d|\d)"
    r"|từ\s+(\d[\d.,]*\d|\d)\s+(?:[^\W\d_]+\s+){0,3}(?:thành|sang|lên|xuống)\s+\d",
    re.IGNORECASE,
)
_BOX_WORDS = 8  # of a text box that may be a remark
_MARKED = re.compile(r"\s*(\(\s*(?:\d{1,2}|[a-z]|\*{1,3})\s*\)|\[\d{1,2}\]|\*{1,3}|[¹²³⁴⁵⁶⁷⁸⁹])\s*[:.]?\s*(\S.*)")
_OF_FIGURES = re.compile(r"\bsố liệu\b", re.IGNORECASE)
_STATED = ("number", "zero")


def amending(document: Document) -> tuple[tuple[str, Place], ...]:
    """The sentences of a document that say a figure is to be another one, with their places."""
    text = "\n".join(text for block in document.blocks for text in _texts(block)).lower()
    if not any(mark in text for mark in vocabulary().amending_marks):
        return ()
    found = []
    for block in document.blocks:
        for line, place in _lines(block):
            for start, end in sentences(line):
                said = line[start:end]
                if (begin := _begins(said)) is not None and scan(said[begin:]):
                    found.append((said[begin:], Place(place.page, block.n, text=line.strip()[:EVIDENCE_MAX])))
    return tuple(found[:LINES_MAX])


def set_right(labels: Labels, figures: Mapping[str, Figure], told: Sequence[tuple[str, Place]]) -> list[Note]:
    """A note for every figure such a sentence gives otherwise."""
    notes: dict[str, Note] = {}
    for said, place in told:
        for candidate in read_said(labels, said, place):
            figure = figures.get(candidate.key)
            if figure and figure.value is not None and candidate.state in _STATED and candidate.value != figure.value:
                notes.setdefault(figure.key, Note("conflict", (figure.key,), figure.raw, candidate.raw, place))
        back = numbers_taken_back(said)
        for figure in figures.values():
            if figure.value is not None and figure.value in back:
                notes.setdefault(figure.key, Note("conflict", (figure.key,), figure.raw, said.strip(), place))
    return list(notes.values())


def remarked(labels: Labels, figures: Mapping[str, Figure], document: Document) -> list[Note]:
    """A note for every figure a remark without a label sets right."""
    notes: dict[str, Note] = {}
    beside = [block for block in document.blocks if block.where in ("remark", "footnote", "textbox") and block.text]
    for block in [block for block in beside if _speaks_against(block)][:LINES_MAX]:
        said = " ".join(nfc(block.text).split())[:EVIDENCE_MAX]
        place = Place(block.page, block.n, text=said)
        if labels.find(said, 0) or read_said(labels, said, place) or numbers_taken_back(said):
            continue
        for figure in _remarked(figures, block.stuck):
            notes.setdefault(figure.key, Note("conflict", (figure.key,), figure.raw, said, place))
    return list(notes.values())


def marked(figures: Mapping[str, Figure], units: Sequence[Unit]) -> list[Note]:
    """A note for every figure with a mark behind it ("125(1)", "120*") whose note below takes it back: "(1) Chưa bao gồm cấp xã"."""
    lines = [unit for unit in units if isinstance(unit, TextLine)]
    told = [(line, match) for line in lines if (match := _MARKED.match(line.text))]
    notes: dict[str, Note] = {}
    for line, match in told[:LINES_MAX]:
        if not takes_back(match[2]):
            continue
        behind = re.compile(rf"\s?[(\[]?{re.escape(lowered(match[1].strip('()[] ')))}[)\]]?(?!\d)")
        for figure in figures.values():
            at = figure.place.text.find(figure.raw) if figure.place and figure.raw else -1
            rest = figure.place.text[at + len(figure.raw) :] if figure.place and at >= 0 else ""
            if rest and behind.match(lowered(rest)):
                notes.setdefault(
                    figure.key, Note("conflict", (figure.key,), figure.raw, line.text.strip(), figure.place)
                )
    return list(notes.values())


def _speaks_against(block: Block) -> bool:
    """Whether a note sets something right, or says of the figure it is stuck to that it is not all, or not the last one."""
    said = nfc(block.text)
    short = block.where == "remark" or (block.where == "textbox" and len(words_of(said)) <= _BOX_WORDS)
    if short and sets_right(said):
        return True
    return (
        block.where != "textbox"
        and takes_back(said)
        and (block.stuck is not None or _OF_FIGURES.search(said) is not None)
    )


def _remarked(figures: Mapping[str, Figure], stuck: tuple[int, int | None, int | None] | None) -> list[Figure]:
    """The figures a remark stuck to that cell may speak of."""
    stated = [(figure, figure.place) for figure in figures.values() if figure.value is not None and figure.place]
    if stuck is None:
        return [figure for figure, _ in stated]
    row = [(figure, place) for figure, place in stated if (place.block, place.row) == stuck[:2]]
    return [figure for figure, place in row if place.cell == stuck[2]] or [figure for figure, _ in row]


def numbers_taken_back(said: str) -> frozenset[Decimal]:
    """The numbers a sentence takes back."""
    found = (whole(match[1] or match[2]) for match in _TAKEN_BACK.finditer(said))
    return frozenset(number for number in found if number is not None)


def read_said(labels: Labels, said: str, place: Place) -> list[Candidate]:
    """What such a sentence says of the form's lines; what it takes back is no answer."""
    plain = _TAKEN_BACK.sub(lambda match: " " * len(match.group()), said)
    hits = labels.find(plain, bullet_end(plain))
    if any(hit.full and hit.key for hit in hits):
        return read_hits(labels, plain, hits, place)
    return read_prose(labels, plain, lambda _: place)


def _begins(said: str) -> int | None:
    """Where the words behind those of correction begin; None when there are none."""
    words = words_of(said)
    hit = next(iter(vocabulary().amending.all(said, words)), None)
    if hit and ("anywhere" in hit.names or not said[bullet_end(said) : words[hit.first].start].strip(" (*[")):
        end = words[hit.last - 1].end
        return end + len(said[end:]) - len(said[end:].lstrip(" :：,"))
    return None


def _texts(block: Block) -> Iterator[str]:
    texts = [block.text] if block.table is None else [cell.text for row in block.table.rows for cell in row]
    return (nfc(text) for text in texts if text)


def _lines(block: Block) -> Iterator[tuple[str, Place]]:
    for text in _texts(block):
        for line in text.splitlines():
            if line.strip():
                yield line[:LINE_MAX], Place(block.page, block.n)
