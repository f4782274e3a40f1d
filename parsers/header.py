"""The head and the foot of a report: whose, its number and date, what days it covers, who signed.

Rules:

1. The agency is the name above or left of the quốc hiệu: the last office named there, a broken name joined; the authority
   above it ("UBND TỈNH …") only when nothing follows. A line "Đơn vị: …" says it too. A placeholder of the form is nobody.
2. The number is "Số: 123/BC-SNV" above the title; a form with a blank number has none.
3. The window is the line under the title that says "từ … đến …"; else any line near the title; else subject, then file name.
4. The signature block stands at the end: the signer's title, then the name. Pictures in the document count as a signature
   beside a block; a native file without any has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from parsers.dates import read_date, read_month, read_window
from parsers.fold import fold, nfc
from parsers.lines import Grid, TextLine, Unit
from parsers.periods import stated_label
from parsers.values import Document, Hints, Signature, Window
from parsers.words import vocabulary, words_of

_NUMBER = re.compile(
    r"(?:^|[\s|])(?:Số|SỐ|So|SO)\s*[:.]?\s*(\d{1,5}[A-Za-z]?\s*/\s*(?:(?:19|20)\d\d\s*/\s*)?[A-ZĐƯ][\wĐƯÂÊÔƠ&.\-–]*)"
)
_NUMBER_LINE = re.compile(r"\s*(?:số|so)\s*[:.]?[\s\d./]*(?:/|BC|:)", re.IGNORECASE)
_STATED = re.compile(
    r"\s*(?:tên\s+)?(?:cơ quan|đơn vị|co quan|don vi)(?:\s*,\s*đơn vị)?(?:\s+báo cáo|\s+gửi|\s+lập)?\s*[:：]\s*(.+)",
    re.IGNORECASE,
)
_PLACE_DATE = re.compile(r".{0,40},?\s*(?:ngày|ngay)\b.*(?:tháng|thang)", re.IGNORECASE)
_RULE = re.compile(r"[\s\-–—_*=.…~]*\Z")
_COLUMNS = re.compile(r"\t+|\s{3,}|\s*\|\s*")
_NAME = re.compile(r"(?:[A-ZĐÀ-Ỹ][\wà-ỹđ.]*\s+){1,6}[A-ZĐÀ-Ỹ][\wà-ỹđ.]*\s*\Z")
_RECIPIENT_WORDS = 4  # words of a bare "Nơi nhận" line
_FOOT_LINE = 70  # characters of a signer's line
_ABBREVIATED = re.compile(r"\b(KT|TM|TL|TUQ|Q)\s*\.")
_HEAD_MAX = 120  # characters of a letterhead line


def read_agency(head: Sequence[Unit], near: Sequence[Unit]) -> str:
    """The agency of the letterhead, "" when none is stated."""
    lines = _left_cell(head) or _head_lines(head)
    if name := _joined(lines):
        return name
    for text in _texts([*head, *near]):
        match = _STATED.match(text)
        if match and len(match.group(1)) <= _HEAD_MAX and not _RULE.match(match.group(1)) and _office(match.group(1)):
            return " ".join(match.group(1).split()).strip(" .;")
    return ""


def _left_cell(head: Sequence[Unit]) -> list[str]:
    """The lines of the cell beside the quốc hiệu."""
    mottoes = vocabulary().mottoes
    for unit in head:
        if not isinstance(unit, Grid):
            continue
        for row in unit.rows:
            if any(mottoes.within(cell.text) for cell in row):
                for cell in row:
                    if cell.text.strip() and not mottoes.within(cell.text):
                        return nfc(cell.text).splitlines()
    return []


def _head_lines(head: Sequence[Unit]) -> list[str]:
    """The lines of a letterhead written as paragraphs, columns apart."""
    lines: list[str] = []
    for text in _texts(head):
        for column in _COLUMNS.split(text):
            piece = _before_motto(column)
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
    r"(?:(?:xã hội )?chủ nghĩa )?việt nam|(?:tự do\s*[-–]\s*)?hạnh phúc", re.IGNORECASE
)


def _before_motto(text: str) -> str:
    match = re.search(r"cộng hòa xã hội|cộng hoà xã hội|độc lập\s*-", text, re.IGNORECASE)
    return text[: match.start()].strip() if match else text.strip()


def _texts(units: Sequence[Unit]) -> list[str]:
    texts = []
    for unit in units:
        if isinstance(unit, TextLine):
            texts.append(unit.text)
        else:
            texts += [piece for row in unit.rows for cell in row for piece in nfc(cell.text).splitlines()]
    return texts


def _office(text: str) -> bool:
    words = words_of(text)
    return bool(words) and vocabulary().offices.at(text, words, 0) is not None


def _joined(lines: Sequence[str]) -> str:
    """Broken names put together; the last office that is not the authority above."""
    names: list[str] = []
    for line in lines:
        text = " ".join(line.split()).strip(" .-–_*")
        if not text or _RULE.match(line) or _NUMBER_LINE.match(line) or _PLACE_DATE.match(line) or _placeholder(text):
            continue
        if vocabulary().mottoes.within(text) or _MOTTO_END.fullmatch(text):
            continue
        if fold(text).startswith(("bao cao", "mau bao cao", "phu luc")):
            break
        if names and (not _office(text) or _unfinished(names[-1])):
            names[-1] = f"{names[-1]} {text}"
        elif _office(text):
            names.append(text)
    return names[-1] if names else ""


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
            if re.search(r"(?:ngày|ngay)\b", text, re.IGNORECASE) and not re.search(
                r"(?:từ|đến|den)\s+(?:ngày|ngay)", text, re.IGNORECASE
            ):
                found = read_date(text)
                if found:
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


def read_signature(foot: Sequence[Unit], document: Document) -> Signature:
    """The signature block."""
    vocab = vocabulary()
    lines: list[str] = []
    for unit in foot:
        lines += _column_of_signer(unit) if isinstance(unit, Grid) else [unit.text]
    pieces = [
        piece.strip()
        for line in lines
        for text in line.splitlines()
        for piece in re.split(r"\t+|\s{4,}", text)
        if piece.strip()
    ]
    titles: list[str] = []
    name = ""
    for piece in pieces:
        signer = _signer(piece)
        if signer:
            titles.append(" ".join(piece.split()).strip(" .,:()"))
        elif titles and not name and _NAME.fullmatch(piece) and len(piece) <= 60 and not _placeholder_name(piece):
            name = " ".join(piece.split())
    text = " ".join(pieces)
    signs = vocab.signs.within(text)
    if "digital" in signs:
        state = "digital"
    elif document.images and (titles or name):
        state = "image"
    elif "signed" in signs or not titles or document.scanned or document.type not in ("docx", "pdf", "html"):
        state = "unknown"
    else:
        state = "none"
    return Signature(name, ", ".join(dict.fromkeys(titles))[:200], state)  # type: ignore[arg-type]


def _placeholder_name(text: str) -> bool:
    return "placeholder" in vocabulary().signs.within(text) or "recipients" in vocabulary().recipients.within(text)


def _signer(text: str) -> bool:
    if len(text) > 80:
        return False
    text = _ABBREVIATED.sub(r"\1 ", text)
    words = words_of(text)
    return bool(words) and vocabulary().signers.at(text, words, 0) is not None


def _column_of_signer(grid: Grid) -> list[str]:
    """The texts of the column a signer's title stands in, top to bottom."""
    for row in grid.rows:
        for c, cell in enumerate(row):
            if any(_signer(piece.strip()) for piece in cell.text.splitlines()):
                return [r[c].text for r in grid.rows if c < len(r)]
    return [cell.text for row in grid.rows for cell in row]


def is_footer(unit: Unit) -> bool:
    """The form's printed instructions ("* Yêu cầu thực hiện báo cáo"): nothing behind them is the report's."""
    if isinstance(unit, Grid):
        return False
    text = unit.text[:_FOOT_LINE].lstrip(" *-–:")
    words = words_of(text)
    return bool(words) and vocabulary().footers.at(text, words, 0) is not None


def feet_apart(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The units with every table cut where its signature rows begin: what stands above them is no foot."""
    return tuple(piece for unit in units for piece in (_cut(unit) if isinstance(unit, Grid) else (unit,)))


def _cut(grid: Grid) -> tuple[Grid, ...]:
    for r in range(1, len(grid.rows)):
        if opens_foot(replace(grid, rows=grid.rows[r : r + 1]), begun=True):
            below = replace(grid, rows=grid.rows[r:], above=grid.above + r)
            return replace(grid, rows=grid.rows[:r]), below
    return (grid,)


def opens_foot(unit: Unit, *, begun: bool) -> bool:
    """Whether the foot begins here: "Nơi nhận", or, once the body has begun, a signer's title on a line of its own."""
    vocab = vocabulary()
    texts = [unit.text] if isinstance(unit, TextLine) else [cell.text for row in unit.rows for cell in row]
    for text in texts:
        words = words_of(text)
        hit = vocab.recipients.at(text, words, 0) if words else None
        if hit and (len(words) <= _RECIPIENT_WORDS or ":" in text[:14]):
            return True
    if isinstance(unit, Grid) or not begun or len(unit.text.strip()) > _FOOT_LINE:
        return False
    text = _ABBREVIATED.sub(r"\1 ", unit.text)
    words = words_of(text)
    signer = vocab.signers.at(text, words, 0) if words else None
    return signer is not None and (text.isupper() or signer.last == len(words))
