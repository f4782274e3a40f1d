"""The frozen values every room may look at: what a mail, a document and a report are once they have been read.

Pure data, standard library only. Three families:

- mail: ``Address``, ``Leaf``, ``Envelope`` (made by ``parsers.mail``);
- document: ``Cell``, ``Table``, ``Block``, ``Document`` (made by ``parsers.readers``);
- report: ``Place``, ``Figure``, ``Finding``, ``Window``, ``Signature``, ``Report``, ``PartReading``, ``MailReading``
  (made by ``parsers.extract``, ``parsers.checks`` and ``parsers.assemble``).

"Could not read" is a value with a reason of the contract's closed list, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from parsers.quick import quick

FigureState = Literal["number", "zero", "nil", "blank", "unreadable", "absent"]
Scope = Literal["total", "own", "communes"]
Basis = Literal["period", "cumulative"]
Severity = Literal["info", "ask", "warning", "error"]
PartOutcome = Literal["read", "copy", "enclosure", "needs_review", "refused"]
MailOutcome = Literal["read", "needs_review", "no_report", "automatic", "refused", "test"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header field."""

    name: str  # decoded display name, "" when none; never used to decide anything
    address: str  # local@domain, domain lower-cased; "" when the field held no usable address


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf part of a mail, exactly as its decoded bytes were; bodies are leaves too."""

    path: tuple[str, ...]  # MIME position and names on the way, e.g. ("1.2",) or ("2", "1.1") inside a forwarded mail
    name: str  # the label given by the sender, NFC, at most 255 characters, never a path; made up when none: "part-1.2"
    declared_type: str  # "application/pdf", lower-case, as declared
    charset: str  # declared charset of a text part, "" when none
    data: bytes
    sha256: str
    role: Literal[
        "body", "attachment", "inline", "signature"
    ]  # body: shown text; inline: pictures of the body; signature: p7s


@dataclass(frozen=True, slots=True)
class Inner:
    """The headers of a mail forwarded inside another one (message/rfc822)."""

    path: tuple[str, ...]
    from_addresses: tuple[Address, ...]
    subject: str
    sent_at: datetime | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail opened: headers decoded and bounded, bodies as text, leaves as bytes. Addresses are facts, not trust."""

    from_addresses: tuple[Address, ...]  # every address of every From field
    sender: str  # Sender field's address or ""
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    return_path: str | None  # None: no field; "": null path
    subject: str  # one line, no control characters, NFC; "" when absent
    message_id: str | None  # strict <id@host> or None
    in_reply_to: tuple[str, ...]  # strict ids
    references: tuple[str, ...]  # strict ids
    sent_at: datetime | None  # Date field, aware, None when impossible
    received: tuple[str, ...]  # Received fields, topmost first, unfolded, at most limits.RECEIVED_KEPT
    received_count: int  # how many there were
    headers: tuple[
        tuple[str, str], ...
    ]  # every other top-level field in order, lower-case name, unfolded raw value, bounded
    text: str  # the plain text bodies joined, "" when none
    html: str  # the HTML bodies joined, "" when none
    leaves: tuple[Leaf, ...]
    inner: tuple[Inner, ...]  # forwarded mails in order
    defects: tuple[str, ...] = ()  # what was odd, for `explain`
    reason: str | None = (
        None  # a reason of the contract when the whole mail needs a person: mime_too_deep, partial_message, …
    )
    received_after: tuple[int, ...] = ()  # for each of `received`: how many of `headers` stand above it in the mail


@quick
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str  # NFC, inner line breaks kept as "\n"
    colspan: int = 1
    rowspan: int = 1
    hidden: bool = False  # in a hidden row, column or sheet
    number: Decimal | None = None  # the typed value of a spreadsheet cell; None when the cell is text
    page: int | None = None  # 1-based, where it is not the table's own
    box: tuple[float, float, float, float] | None = None  # as the block's, where the format has places


@dataclass(frozen=True, slots=True)
class Table:
    """A table row by row; a cell merged over several columns stands once, at its first column, the others are empty."""

    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""  # sheet name


@quick
@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or one table of a document, in reading order."""

    n: int  # 1-based position in the document
    text: str = ""  # paragraph text, NFC; "" for a table
    table: Table | None = None
    page: int | None = None  # 1-based, where the format has pages
    where: Literal["body", "header", "footer", "textbox", "footnote", "remark"] = "body"
    hidden: bool = False
    box: tuple[float, float, float, float] | None = None  # x0, y0, x1, y1 in points from the top left, PDF and scans
    stuck: tuple[int, int | None, int | None] | None = (
        None  # of a remark or note: block, row and cell (from 1) it is stuck to, where known
    )


@dataclass(frozen=True, slots=True)
class SeenNumber:
    """A number on the picture of a page and how three readers saw it: what ``parsers.belief`` judges by."""

    block: int  # the block it stands in
    row: int | None  # 1-based, in a table
    cell: int | None
    text: str  # as in the block's text
    readings: tuple[tuple[str, float], ...]  # with the line, alone by a second engine, by its shapes: text and 0..1
    box: tuple[float, float, float, float] | None = None  # of the line or cell it stands in


@dataclass(frozen=True, slots=True)
class Document:
    """A readable file as neutral blocks."""

    type: str  # "docx", "xlsx", "xls", "pdf", "html", "txt" …
    reader: str  # "docx/1": raised when its reading changes
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...] = ()  # remote_ref, active_content, macro_present …
    images: int = 0  # pictures embedded; a signature may be among them
    quality: float = (
        1.0  # 0..1, share of text that looks like Vietnamese; below limits.TEXT_QUALITY_MIN: low_text_quality
    )
    wanted: tuple[int, ...] = ()  # pages that are pictures, or whose text is broken: for the page worker
    scanned: tuple[int, ...] = ()  # pages the page worker read
    numbers: tuple[SeenNumber, ...] = ()  # on those pages
    sure: float = 1.0  # 0..1, how surely the letters of those pages were read
    pinned: tuple[
        tuple[str, bytes | None], ...
    ] = ()  # files attached to its pages: name, content (None: not to be had)
    unread: str | None = None  # why the page worker could not look at some page: tool_missing, timeout …


@quick
@dataclass(frozen=True, slots=True)
class Place:
    """Where something was read."""

    page: int | None = None
    block: int | None = None
    table: int | None = None  # 1-based table number in the document
    row: int | None = None  # 1-based
    cell: int | None = None  # 1-based column
    box: tuple[float, float, float, float] | None = None
    text: str = ""  # the line or cell the value stands in, at most 300 characters


@quick
@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the form. ``value`` is set only for the states number and zero; null is never 0."""

    key: str
    state: FigureState
    value: Decimal | None = None
    raw: str = ""  # as written: "1.625"
    scope: Scope = "total"
    basis: Basis = "period"
    flags: tuple[str, ...] = ()  # approximate, ocr, hidden, scope
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to check. ``message`` is filled from the form's data; ``args`` are the numbers put into it."""

    code: str  # W03, M01 … or the word itself for parts: remote_ref, copies_disagree …
    severity: Severity
    figures: tuple[str, ...] = ()
    message: str = ""  # Vietnamese, one sentence, numbers substituted
    fix: str = ""  # Vietnamese, how to put it right
    example: str = ""  # Vietnamese, an explanation one may answer with
    title: str = ""  # Vietnamese heading in a letter
    place: Place | None = None


@quick
@dataclass(frozen=True, slots=True)
class Window:
    """The days a report says it covers."""

    start: date | None = None
    end: date | None = None
    week: str | None = None  # as written, never computed with
    month: str | None = None  # stated month "2017-07"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed."""

    name: str = ""
    title: str = ""
    state: Literal["digital", "image", "none", "unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of a list form: a task and how far it is."""

    number: str  # "1.3", "" when the list has none
    task: str
    lead: str  # the agency in charge, as written
    due_text: str  # "Tháng 8/2017", "Thường xuyên"
    due: date | None  # the last day it names; None: none, or not understood
    state: str  # a state of the form (done, under_way, not_begun), blank, or unclear
    said: str  # how far, as written
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One report found in one part. ``agency_text`` is the letterhead's; whose it is, is for ``intake.rules`` to say."""

    n: int  # 1-based in its part
    type: str  # "weekly", "monthly"
    form: str  # "weekly@2017-07-19"
    form_sha256: str
    reader: str
    agency_text: str  # "SỞ NỘI VỤ", "" when not stated
    number: str  # "123/BC-SNV", ""
    date: date | None
    window: Window
    figures: tuple[Figure, ...]  # every key of the form, in the form's order
    texts: tuple[tuple[str, str], ...]  # key, text; only those stated
    signature: Signature
    findings: tuple[Finding, ...]
    core: tuple[str, ...]  # keys the form marks core
    content_key: str  # sha256 of canonical (type, agency text folded, window, raw figures, texts, rows)
    rows: tuple[TaskRow, ...] = ()  # of a list form

    def figure(self, key: str) -> Figure | None:
        """The figure of that key, None when the form has no such line."""
        return next((f for f in self.figures if f.key == key), None)

    @property
    def core_stated(self) -> int:
        """How many core lines are stated: number, zero or nil."""
        stated = {f.key for f in self.figures if f.state in ("number", "zero", "nil")}
        return sum(key in stated for key in self.core)


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure the words of a mail state."""

    form: str  # "weekly"
    key: str  # "received"; "" where a number is taken back
    value: Decimal
    text: str  # the sentence


@quick
@dataclass(frozen=True, slots=True)
class PartReading:
    """What became of one part (or one member of an archive)."""

    path: tuple[str, ...]
    name: str
    sha256: str
    size: int  # bytes
    type: str  # detected: "docx", "zip", "png" …
    outcome: PartOutcome
    reason: str | None = None
    copy_of: tuple[str, ...] | None = None  # path of the part this is a copy of
    findings: tuple[Finding, ...] = ()
    reports: tuple[Report, ...] = ()
    role: str = "attachment"
    mentions: tuple[Mention, ...] = ()  # of a body


@dataclass(frozen=True, slots=True)
class MailReading:
    """A whole mail read: ``outcome`` and ``reason`` as the contract names them."""

    envelope: Envelope
    parts: tuple[PartReading, ...]
    outcome: MailOutcome
    reason: str | None = None
    findings: tuple[Finding, ...] = field(default=())


@quick
@dataclass(frozen=True, slots=True)
class Hints:
    """What the mail says beside the part: it helps to fill gaps (a missing year), it never overrules the document."""

    subject: str = ""  # of the mail, one line
    name: str = ""  # the part's file name
    received: date | None = None  # local day of receipt
