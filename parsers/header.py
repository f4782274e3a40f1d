"""The head of a report: whose, its number and date, what days it covers.

Rules:

1. The agency is the name above or left of the quốc hiệu: the last office named there, a broken name joined; the authority
   above it ("UBND TỈNH …") only when nothing follows. A line "Đơn vị: …" says it too. A placeholder of the form is nobody.
2. The number is "Số: 123/BC-SNV" above the title; a form with a blank number has none.
3. The window is the line under the title that says "từ … đến …"; else any line near the title; else subject, then file name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from parsers.dates import read_date, read_month, read_window
from parsers.fold import fold, nfc
from parsers.lines import Grid, TextLine, Unit
from parsers.periods import stated_label
from parsers.values import Hints, Window
from parsers.words import vocabulary, words_of

_MOTTO = re.compile(
    r"c[ộô]ng h(?:òa|oà) x[ãa] h[ộô]i(?:\s+ch[ủu] ngh[ĩi]a(?:\s+vi[ệê]t nam)?)?|độc lập\s*[-–](?:\s*tự do(?:\s*[-–]\s*hạnh phúc)?)?",
    re.IGNORECASE,
)
_MOTTO_BROKEN = re.compile(r"xã hội(?:\s+chủ nghĩa)?(?P<half>\s+việt)?\s*\Z", re.IGNORECASE)
_MOTTO_REST = re.compile(r"\s+(?:chủ nghĩa\s+)?việt nam\s*\Z", re.IGNORECASE)
_MOTTO_HALF = re.compile(r"(?:\A|\s+)nam\s*\Z", re.IGNORECASE)  # behind "… chủ nghĩa Việt"
_NUMBER = re.compile(
    r"(?:^|[\s|])(?:Số|SỐ|So|SO)\s*[:.]?\s*(\d{1,5}[A-Za-z]?\s*/\s*(?:(?:19|20)\d\d\s*/\s*)?[A-ZĐƯ][\wĐƯÂÊÔƠ&.\-–]*)"
)
_NUMBER_LINE = re.compile(r"\s*(?:số|so)\s*[:.]?[\s\d./]*(?:/|BC|:)", re.IGNORECASE)
_STATED = re.compile(
    r"\s*(?:tên\s+)?(?:cơ quan|đơn vị|co quan|don vi)(?:\s*,\s*đơn vị)?(?:\s+báo cáo|\s+gửi|\s+lập)?\s*[:：]\s*(.+)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:ngày|ngay)\b", re.IGNORECASE)
_SPAN = re.compile(r"(?:từ|đến|den)\s+(?:ngày|ngay)", re.IGNORECASE)
_PLACE_DATE = re.compile(r".{0,40},?\s*(?:ngày|ngay)\b.*(?:tháng|thang)", re.IGNORECASE)
_RULE = re.compile(r"[\s\-–—_*=.…~]*\Z")
_COLUMNS = re.compile(r"\t+|\s{3,}|\s*\|\s*")
_PROVINCE = "tinh"  # "TỈNH SÔNG LAM", above a district
_PROVINCE_WORDS = 4  # words of a province's name
_HEAD_ROWS = 6  # rows a letterhead takes of a table
_HEAD_MAX = 120  # characters of a letterhead line


def read_agency(head: Sequence[Unit], near: Sequence[Unit]) -> str:
    """The agency of the letterhead, "" when none is stated."""
    lines = _left_column(head) or _head_lines(head)
    if name := _joined(lines):
        return name
    for text in _texts([*head, *near]):
        match = _STATED.match(text)
        if match and len(match.group(1)) <= _HEAD_MAX and not _RULE.match(match.group(1)) and _office(match.group(1)):
            return " ".join(match.group(1).split()).strip(" .;")
    return ""


def _left_column(head: Sequence[Unit]) -> list[str]:
    """The lines of the column beside the quốc hiệu; the name may go on below it, and does so where tabs made the columns."""
    mottoes = vocabulary().mottoes
    for at, unit in enumerate(head):
        if not isinstance(unit, Grid):
            continue
        rows = unit.rows[:_HEAD_ROWS]
        motto = next((c for row in rows for c, cell in enumerate(row) if mottoes.within(cell.text)), None)
        if motto is None:
            continue
        own = [cell.text for row in rows for c, cell in enumerate(row) if (c < motto if motto else c)]
        lines = [line for text in own if text.strip() and not mottoes.within(text) for line in nfc(text).splitlines()]
        if lines:
            below = _head_lines(head[at + 1 :])
            return lines + (below if not unit.number else [line for line in below[:1] if fold(line).startswith("va ")])
    return []


def _head_lines(head: Sequence[Unit]) -> list[str]:
    """The lines of a letterhead written as paragraphs, columns apart, the quốc hiệu beside them left out."""
    lines: list[str] = []
    rest: re.Pattern[str] | None = None  # of the quốc hiệu, where it goes on in the next line
    for text in _texts(head):
        whole = rest.sub("", text) if rest else text
        broken = _MOTTO_BROKEN.search(text)
        rest = (_MOTTO_HALF if broken["half"] else _MOTTO_REST) if broken else None
        whole = whole[: broken.start("half")] if broken and broken["half"] else whole
        for column in _COLUMNS.split(_MOTTO.sub("\t", whole)):
            piece = column.strip()
            upper = sum(c.isupper() for c in piece) > sum(c.islower() for c in piece)
            if piece and len(piece) <= _HEAD_MAX and (upper or (_office(piece) and not _sentence(piece))):
                lines.append(piece)
    return lines


def _sentence(text: str) -> bool:
    """A line of running text that merely begins like an office: "Sở Nội vụ kính gửi …"."""
    return (
        bool(re.search(r"[:;.]|\b(?:gửi|xin|kính|báo cáo|đã|về|theo)\b", text, re.IGNORECASE))
        or len(words_of(text)) > 12
    )


_MOTTO_END = re.compile(  # the quốc hiệu's second line where a narrow column breaks it
    r"(?:(?:xã hội )?chủ nghĩa )?việt nam|(?:tự do\s*[-–]\s*)?hạnh phúc|nam", re.IGNORECASE
)


def _texts(units: Sequence[Unit]) -> list[str]:
    texts = []
    for unit in units:
        if isinstance(unit, TextLine):
            texts.append(unit.text)
        else:
            texts += [piece for row in unit.rows for cell in row for piece in nfc(cell.text).splitlines()]
    return texts


def _office(text: str) -> bool:
    return vocabulary().offices.first(text) is not None


def _joined(lines: Sequence[str]) -> str:
    """Broken names put together; the last office that is not the authority above."""
    names: list[str] = []
    for line in lines:
        text = _below_parent(" ".join(line.split()).strip(" .-–_*"))
        if not text or _RULE.match(line) or _NUMBER_LINE.match(line) or _PLACE_DATE.match(line) or _placeholder(text):
            continue
        if vocabulary().mottoes.within(text) or _MOTTO_END.fullmatch(text):
            continue
        if fold(text).startswith(("bao cao", "mau bao cao", "phu luc")):
            break
        if names and (not _office(text) or _unfinished(names[-1]) or " " not in text):
            names[-1] = f"{names[-1]} {text}"
        elif _office(text):
            names.append(text)
    return names[-1] if names else ""


def _below_parent(text: str) -> str:
    """The agency of a letterhead run into one line: "UBND TỈNH SÔNG LAM SỞ NỘI VỤ" is of the SỞ NỘI VỤ."""
    words, vocab = words_of(text), vocabulary()
    hit = vocab.parents.at(text, words, 0) if words and text.isupper() else None
    start = hit.last if hit else int(text.isupper() and words[0].key == _PROVINCE)
    below = range(start, min(len(words), start + _PROVINCE_WORDS + 1)) if start else ()
    return next((text[words[i].start :] for i in below if vocab.offices.at(text, words, i)), text)


def _unfinished(name: str) -> bool:
    key = fold(name)
    return key in ("uy ban nhan dan", "ubnd", "van phong", "hdnd va ubnd", "ban quan ly", "so", "ban") or key.endswith(
        (" va", ",", " nhan dan", "-")
    )


def _placeholder(text: str) -> bool:
    return "placeholder" in vocabulary().signs.within(text) or not re.search(r"[^\W\d_]{2}", text)


def read_number(head: Sequence[Unit]) -> str:
    """The number and symbol above the title: ``123/BC-SNV``."""
    for text in _texts(head):
        match = _NUMBER.search(text)
        if match:
            return re.sub(r"\s+", "", match.group(1)).rstrip(".-–")
    return ""


def read_day(head: Sequence[Unit], foot: Sequence[Unit]) -> date | None:
    """The date line beside or under the letterhead, else above the signature."""
    for texts in (_texts(head), _texts(foot)):
        for text in texts:
            if _DAY.search(text) and not _SPAN.search(text) and (found := read_date(text)):
                return found
    return None


def read_span(
    title: str, under: Sequence[Unit], anchor: date | None, hints: Hints, *, monthly: bool, states: str = ""
) -> Window:
    """The window a report states; the month, or the longer span, too where the form is one's."""
    texts = [title, *(" ".join(text.split()) for text in _texts(under))]
    window = _first_window(texts, anchor) or _first_window([hints.subject, _spoken(hints.name)], anchor) or Window()
    week = window.week or next((w.week for text in texts if (w := read_window(text, anchor)) and w.week), None)
    month = None
    if monthly or states:
        spoken = (
            stated_label(text, states) if states else read_month(text, anchor)
            for text in (*texts[:3], hints.subject, _spoken(hints.name))
        )
        month = next((found for found in spoken if found), None)
        if not window.text and month:
            window = Window(window.start, window.end, window.week, None, " ".join(title.split())[:300])
    return Window(window.start, window.end, week, month, window.text)


def _spoken(name: str) -> str:
    return re.sub(r"[_]+", " ", name.rsplit(".", 1)[0])


def _first_window(texts: Sequence[str], anchor: date | None) -> Window | None:
    best: Window | None = None
    for text in texts:
        found = read_window(text, anchor) if text else None
        if found and (found.start or found.end):
            return found
        best = best or found
    return best
