"""Which figures read from pictures of pages stand, and what is said of the others.

Rules (issue 3, "Scans"; plan, pitfalls: "3–5 of 78 values silently wrong: OCR figures never pass without a cross-check"):

1. A figure from a picture carries the flag ``ocr``. It stands when readings that share nothing but the paper agree on it
   (``agreement``): all three, or two of them surely while the third is silent or the Vietnamese engine alone differs. How
   often readings that agree so are wrong is measured (``bench.agreeing``, ADR 8).
2. It stands also when two agree less surely and arithmetic of the form bears it out with figures read elsewhere on the
   page: an identity of three different figures, or one every other figure of which stands by itself, or a percentage stated beside
   them (``shares_told``).
3. Everything else is doubted: the finding ``ocr_doubtful`` names the keys and shows what was read. A doubted core line, and
   one that was not found at all, make the part ``unreadable_scan``: a person looks. One left on its dots was found, where the
   paper behind them is empty (``pages.left_blank``).
4. The days of the title decide the period: where they do not stand as figures do, ``ocr_window`` tells it and a person looks. Of a
   whole week one end fairly read is enough, for one digit misread would break it; of Monday to Friday the other end must be fairly read.
5. Nothing written in words ("không") is doubted; a dash is, unless its ink is a dash and nothing else is drawn there (``pages.dashes``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parsers.findings import finding
from parsers.form import Form, FormSet
from parsers.shares_told import borne_by_shares
from parsers.values import Document, Figure, Finding, Place, Report, SeenNumber

_STATED = ("number", "zero", "nil")
_DIGITS = re.compile(r"\d(?:[\d.,/:;\-]*\d)?")
_DASH = re.compile(r"[-–—]")
_DASHES = re.compile(r"(?<=[\s:…])[-–—](?!\S)")  # those that may be an answer
_DOTS = "…"  # where dots lead to a figure
_WORDS = re.compile(r"[^\W\d_]{3,}")
_GROUPED = re.compile(
    r"\d{1,3}([.,]\d{3})+(/\d{1,3}([.,]\d{3})*)?|\d+(/\d{1,3}([.,]\d{3})+)?"
)  # every mark parts thousands
_SURE = 0.8  # of a reading that is to count as sure
_SHAPES_SURE = 0.85  # of every shape of a number
_CLEAR, _CLEAREST = (
    0.9,
    0.94,
)  # of two engines, each, with which they are believed though no shape or not every shape is known
_FAINT = 0.3  # below which a reading says nothing
_BELOW = 2  # blocks below a label in which its figure may stand
_SHOWN = 12  # doubted figures spelled out in one message
_WEEK, _WORKING_WEEK = 6, 4  # days from the first to the last
_STRONG, _FAIR = 2, 1


@dataclass(frozen=True, slots=True)
class Belief:
    """A report with its doubts, and the reason a person must look at it."""

    report: Report
    reason: str | None


def believe(report: Report, document: Document, forms: FormSet) -> Belief:
    """The report of a document some pages of which were recognised."""
    form = forms.get(report.form.partition("@")[0])
    judged = {figure.key: _judged(figure, document) for figure in report.figures}
    figures = tuple(_marked(figure, judged[figure.key], document) for figure in report.figures)
    fair = {key for key, (strength, _) in judged.items() if strength >= _FAIR}
    by_key = {figure.key: figure for figure in report.figures}
    numbers = {key: number for key, (_, number) in judged.items() if number}
    strong = {key for key in numbers if judged[key][0] >= _STRONG}
    borne = _borne_out(form, by_key, fair) | _left_over(form, by_key, fair, strong, numbers)
    borne |= borne_by_shares(form, by_key, fair, lambda text, place: _fairly_read(text, place, document))
    doubted = [
        figure
        for figure in figures
        if "ocr" in figure.flags and judged[figure.key][0] < _STRONG and figure.key not in borne
    ]
    findings = [*_doubts(form, doubted), *_window_doubts(report, document)]
    unread = [key for key in report.core if not _is_answered(report.figure(key), document)]
    lost = bool(unread) and any(page in document.scanned for page in _pages(report, document))
    stop = (
        lost
        or any(figure.key in report.core for figure in doubted)
        or any(one.code == "ocr_window" for one in findings)
    )
    believed = replace(report, figures=figures, findings=(*report.findings, *findings))
    return Belief(believed, "unreadable_scan" if stop else None)


def _is_answered(figure: Figure | None, document: Document) -> bool:
    """Whether a line was read: what it states, or that it was left on its dots, which the paper there bears out."""
    if figure is None or figure.state in _STATED:
        return figure is not None
    place = figure.place
    if figure.state != "blank" or place is None or place.row is not None or place.text.count(_DOTS) != 1:
        return False
    told = [(one.text, one.readings[2][1]) for one in document.numbers if one.block == place.block]
    return place.text.endswith(_DOTS) and bool(told) and told[-1] == (_DOTS, 1.0)


def _pages(report: Report, document: Document) -> set[int]:
    """Pages the report's figures stand on; all of them when none does."""
    found = {figure.place.page for figure in report.figures if figure.place and figure.place.page}
    return found or set(document.scanned)


# ---- one figure -------------------------------------------------------------------------------------------------------


def _judged(figure: Figure, document: Document) -> tuple[int, SeenNumber | None]:
    """How strongly the readings carry a figure, and where its number stands."""
    place = figure.place
    if figure.state not in _STATED or place is None or place.page not in document.scanned:
        return _STRONG, None
    wanted = _DIGITS.findall(figure.raw)
    if not wanted:
        return (_STRONG if _WORDS.search(figure.raw) or _is_dash(figure.raw, place, document) else 0), None
    strength, where = _STRONG, None
    for text in wanted:
        seen = _seen(text, place, document)
        strength = min(strength, min((agreement(one, text) for one in seen), default=0))
        where = where or (seen[0] if seen else None)
    return strength, where


def _is_dash(raw: str, place: Place, document: Document) -> bool:
    """Whether that dash is the only one of its cell or paragraph and was borne out by its ink."""
    here = [one for one in document.numbers if (one.block, one.row, one.cell) == (place.block, place.row, place.cell)]
    found = [one.readings[2][1] for one in here if _DASH.fullmatch(one.text)]
    lone = place.row is not None or len(_DASHES.findall(place.text)) == 1
    return _DASH.fullmatch(raw) is not None and lone and len(found) == 1 and found[0] >= _SURE


def _seen(text: str, place: Place, document: Document) -> list[SeenNumber]:
    """The numbers a figure was read from: that very number at its place, else just below, else one that holds its digits.

    A figure whose number is found nowhere near is judged by every number of the document that holds its digits.
    """
    digits = _bare(text)
    alike = [one for one in document.numbers if digits in _bare(one.text)]
    here = [
        one
        for one in alike
        if one.block == place.block and (one.row, one.cell) in ((None, None), (place.row, place.cell))
    ]
    below = [one for one in alike if place.block and place.row is None and 0 < one.block - place.block <= _BELOW]
    nearest = min((one.block for one in below), default=0)
    near = (here, [one for one in below if one.block == nearest])
    exact = [[one for one in some if digits in map(_bare, one.text.split("/"))] for some in near]
    return next(filter(None, (*exact, here)), alike)


def _fairly_read(text: str, place: Place, document: Document) -> bool:
    """Whether two readers give that number on the line, or in the row, of that place."""
    beside = [one for one in document.numbers if (one.block, one.row) == (place.block, place.row)]
    wanted = _DIGITS.findall(text)
    return bool(wanted) and any(agreement(one, wanted[0]) >= _FAIR for one in beside if _same(one.text, wanted[0]))


def agreement(number: SeenNumber, text: str) -> int:
    """2: it stands; 1: two readings give it; 0: it does not stand."""
    line, alone, shapes = number.readings
    partly = "?" in shapes[0]
    same = [_same(line[0], number.text), _same(alone[0], number.text), _fits(shapes[0], number.text)]
    told = [bool(_bare(text_)) and sure >= _FAINT for text_, sure in (line, alone, shapes)]
    told[2] &= not partly or same[2]  # a shape nobody knows speaks for nothing
    with_line, with_alone, with_shapes = (s and t for s, t in zip(same, told, strict=True))
    against = [t and not s for s, t in zip(same, told, strict=True)]
    if not _same(number.text, text) and _bare(text) not in _bare(number.text):
        return 0
    agreeing = [
        reading for reading, (s, t) in zip((line, alone, shapes), zip(same, told, strict=True), strict=True) if s and t
    ]
    if _parted(number.text, [told_ for told_, _ in agreeing]):
        return 0
    eyes = with_shapes and not partly and shapes[1] >= _SHAPES_SURE
    if with_line and with_alone and with_shapes:
        return _STRONG if eyes or min(line[1], alone[1]) >= _CLEAR else _FAIR
    if with_alone and eyes and (alone[1] >= _SURE or not against[0]):
        return _STRONG if alone[1] >= _SURE else _FAIR  # the Vietnamese engine is the weakest of them in figures
    if with_line and eyes:
        return _STRONG if line[1] >= _SURE and not against[1] else _FAIR
    if with_line and with_alone and not against[2]:
        least = min(line[1], alone[1])
        return _STRONG if least >= (_CLEAR if _may_be(shapes[0], number.text) else _CLEAREST) else _FAIR
    return 0


def _parted(text: str, readings: Sequence[str]) -> bool:
    """Whether half the readings of the same digits part them where the text does not, or see nothing where it tells tenths.

    >>> _parted("110", ["110", "11,0", "11.0"]), _parted("1.850", ["1.850", "1850", "1850"]), _parted("11,0", ["11,0", "110", "110"])
    (True, False, True)
    """
    own = _marks(text)
    shown = sum(bool(_marks(one) - own) for one in readings)
    tenths = set() if _GROUPED.fullmatch(text) else own
    passed_over = sum(bool(tenths - _marks(one)) for one in readings)
    return max(shown, passed_over) * 2 >= max(len(readings), 1)


def _marks(text: str) -> set[int]:
    """After how many digits and strokes points and commas stand."""
    return {len(re.sub(r"[.,]", "", text[: one.start()])) for one in re.finditer(r"(?<=[\d?])[.,]+(?=[\d?])", text)}


def _bare(text: str) -> str:
    return re.sub(r"\D", "", text)


def _same(one: str, other: str) -> bool:
    """The same digits, the same strokes; points and commas are not told apart where there is none of them."""
    return _strokes(one) == _strokes(other)


def _fits(shapes: str, text: str) -> bool:
    """The same with shapes nobody knows ("?")."""
    seen, told = re.sub(r"[^\d/?]", "", shapes), _strokes(text)
    return len(seen) == len(told) and all(a in ("?", b) for a, b in zip(seen, told, strict=True))


def _may_be(shapes: str, text: str) -> bool:
    """Whether shapes nobody knows, which may be digits that touch, leave room for the number and the known ones are its own.

    >>> _may_be("1?/3", "162/273"), _may_be("?", "02"), _may_be("3.6?04", "3.004")
    (False, True, False)
    """
    seen = re.sub(r"[^\d/?]", "", shapes)
    return not seen or re.fullmatch(seen.replace("?", r"[\d/]{1,4}"), _strokes(text)) is not None


def _strokes(text: str) -> str:
    return re.sub(r"[^\d/]", "", text)


def _marked(figure: Figure, judged: tuple[int, SeenNumber | None], document: Document) -> Figure:
    """The figure with its flag, and the place of its own line."""
    place = figure.place
    if figure.state == "absent" or place is None or place.page not in document.scanned:
        return figure
    if judged[1] and judged[1].box:
        place = replace(place, box=judged[1].box)
    return replace(figure, flags=(*figure.flags, "ocr"), place=place)


# ---- arithmetic -------------------------------------------------------------------------------------------------------


def _borne_out(form: Form, figures: dict[str, Figure], fair: set[str]) -> set[str]:
    """Keys that an identity of at least three fairly read, different figures bears out."""
    borne: set[str] = set()
    for keys in _kept(form, figures):
        values = [figures[key].value for key in keys if figures[key].value]
        if len(keys) >= 3 and len(set(values)) == len(values) >= 3 and set(keys) <= fair:
            borne |= set(keys)
    return borne


def _left_over(
    form: Form, figures: dict[str, Figure], fair: set[str], strong: set[str], numbers: dict[str, SeenNumber]
) -> set[str]:
    """Keys, one of an identity, that are fairly read and what the others, which stand by themselves, leave over.

    Figures misread alike may agree where none of them stands; one misread alone would have to be the very number wanted.
    Each must be read from a number of its own: what was made from another always agrees with it.
    """
    borne: set[str] = set()
    for keys in _kept(form, figures):
        doubtful = set(keys) - strong
        apart = {numbers[key] for key in keys if key in numbers}
        if len(keys) >= 3 and len(doubtful) == 1 and doubtful <= fair and len(apart) == len(keys):
            borne |= doubtful
    return borne


def _kept(form: Form, figures: dict[str, Figure]) -> Iterator[list[str]]:
    """The figures of each identity that holds and is not of noughts alone."""
    for check in form.checks:
        if check.kind != "equal":
            continue
        sides = [_total(side, figures) for side in (check.left, check.right)]
        if sides[0] is not None and sides[0] == sides[1] and sides[0]:
            yield [key for key in (*check.left, *check.right) if key in figures and figures[key].state in _STATED]


def _total(keys: Sequence[str], figures: dict[str, Figure]) -> object:
    values = [figures[key].value for key in keys if key in figures and figures[key].state in _STATED]
    return sum(value for value in values if value is not None) if values else None


# ---- what is said -----------------------------------------------------------------------------------------------------


def _doubts(form: Form, doubted: Sequence[Figure]) -> Iterator[Finding]:
    if doubted:
        named = {line.key: line.label for line in form.lines}
        values = "; ".join(f"{named.get(one.key, one.key)}: {one.raw or '?'}" for one in doubted[:_SHOWN])
        yield finding("ocr_doubtful", tuple(one.key for one in doubted), doubted[0].place, values=values)


def _window_doubts(report: Report, document: Document) -> Iterator[Finding]:
    """The days of the title, where they were read from a picture and did not read surely: they decide the period."""
    window = report.window
    title = {one.n for one in document.blocks if one.page in document.scanned and _is_of(one.text, window.text)}
    wanted = _DIGITS.findall(window.text)
    if not wanted or not title:
        return
    worth = [_worth_in(title, text, document) for text in wanted]
    days = (window.end - window.start).days if window.start and window.end else 0
    if min(worth) < (_FAIR if days == _WORKING_WEEK else _STRONG) and not (days == _WEEK and max(worth) >= _FAIR):
        yield finding("ocr_window", (), None, text=window.text)


def _is_of(text: str, told: str) -> bool:
    """Whether a block is of the title, or holds it."""
    return _WORDS.search(text) is not None and (text in told or told in text)


def _worth_in(blocks: set[int], text: str, document: Document) -> int:
    """How surely a number of these blocks was read."""
    alike = (one for one in document.numbers if one.block in blocks and _same(one.text, text))
    return max((agreement(one, text) for one in alike), default=0)
