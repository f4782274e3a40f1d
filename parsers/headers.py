"""The head of a mail: its fields in order, decoded without surprise, in time linear in its length.

Rules:

1. Fields are split here, once; no library is handed more of them than it can bear (faults F32: 10,000 Received).
2. Encoded words are decoded (RFC 2047); a letter split between two words is joined; raw 8-bit is UTF-8, else a guess. Subjects and
   names whose letters an old encoding left are put into today's, where that reads far better.
3. What is carried on is one line, NFC, without control characters, bounded; bidirectional marks stay, pages show them.
4. Message ids are strict ``<id@host>`` or nothing: letters are built from them (plan, being safe to answer).
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from parsers import limits
from parsers.charset import ODD, decode, printable, unnumbered

_APART = re.compile("[aeiouyâêôAEIOUYÂÊÔ][ÌÒìò]")  # a tone of windows-1258 as windows-1252 shows it
_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200})[ \t]*:(.*)", re.DOTALL)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_WORD = re.compile(r"=\?([!-)+->@-~]{1,60})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_FOLD = re.compile(r"[\r\n]+[ \t]*|\t")
# C0 and C1 controls and the line separators; U+00AD stays: it is a letter of TCVN3 (pitfalls of old encodings).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<[!-;=?A-Z\[-~^]{1,200}@[!-;=?A-Z\[-~]{1,200}>")
_YEARS = range(1980, 2200)  # a Date outside is a broken clock
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Field:
    """One header field as it stood."""

    name: str  # lower case
    raw: bytes  # the value with its folding, without the name

    @property
    def value(self) -> str:
        """The value unfolded, encoded words kept, bounded."""
        return one_line(_text(self.raw[: limits.HEADER_VALUE_MAX * 4]), limits.HEADER_VALUE_MAX)


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of a mail in order, and where its body begins."""

    fields: tuple[Field, ...]
    body_at: int
    defects: tuple[str, ...]

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of that (lower-case) name."""
        return tuple(field for field in self.fields if field.name == name)

    def first(self, name: str) -> Field | None:
        """The first field of that name."""
        return next((field for field in self.fields if field.name == name), None)


def split_head(raw: bytes) -> Head:
    """The head of a raw mail; a mail without any field is all body."""
    defects: list[str] = []
    at = len(BOM) if raw.startswith(BOM) else 0
    if at:
        defects.append("bom_before_headers")
    if raw.startswith((b"From ", b">From "), at):
        at = _LINE.match(raw, at).end()  # type: ignore[union-attr]  # an mbox separator; the pattern matches anything
    fields: list[tuple[str, list[bytes]]] = []
    while at < len(raw):
        line = _LINE.match(raw, at, at + limits.HEADER_BLOCK_MAX)
        text = line.group() if line else b""
        bare = text.rstrip(b"\r\n")
        if not bare:
            at += len(text)
            break
        if at > limits.HEADER_BLOCK_MAX or len(fields) >= limits.HEADER_FIELDS_MAX:
            defects.append("headers_cut")
            break
        if bare[:1] in b" \t":
            if fields:
                fields[-1][1].append(text)
        else:
            match = _FIELD.match(bare)
            if match is None:
                defects.append("line_without_field_name")
                break
            fields.append((match[1].decode("ascii").lower(), [match[2]]))
        at += len(text)
    return Head(tuple(Field(name, b"".join(value)) for name, value in fields), at, tuple(defects))


def one_line(text: str, limit: int) -> str:
    """One line without control characters, NFC, at most ``limit`` characters."""
    flat = _CONTROL.sub("", _FOLD.sub(" ", text))
    return printable(flat).strip()[:limit]


def decoded(field: Field | None, limit: int) -> str:
    """A field's text with its encoded words decoded; "" when there is no such field."""
    if field is None:
        return ""
    return one_line(words(_FOLD.sub(" ", _text(field.raw[: limits.HEADER_VALUE_MAX * 4]))), limit)


def legible(text: str) -> str:
    """A subject or a file's name whose letters another encoding left ("B¸o c¸o", "BÃ¡o"), or numbered, in today's letters."""
    text = unnumbered(text)
    if text.isascii() or not (ODD.search(text) or _APART.search(text)):
        return text
    from parsers.old_letters import todays  # noqa: PLC0415 - the service imports this module, and hardly ever needs that one

    return todays(text)


def words(text: str) -> str:
    """The text with its RFC 2047 encoded words decoded; the space between two of them is not text."""
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    at = 0
    for match in _WORD.finditer(text):
        between = text[at : match.start()]
        data = _payload(match[2], match[3])
        at = match.end()
        if data is None:
            _flush(out, pending)
            pending = None
            out.append(between + match[0])
        elif pending and not between.strip() and pending[0] == match[1].lower():
            pending = (pending[0], pending[1] + data)
        else:
            joined = pending is not None and not between.strip()
            _flush(out, pending)
            pending = None
            out.append("" if joined else between)
            pending = (match[1].lower(), data)
    _flush(out, pending)
    return "".join(out) + text[at:]


def _flush(out: list[str], pending: tuple[str, bytes] | None) -> None:
    if pending:
        out.append(decode(pending[1], pending[0])[0])


def _payload(encoding: str, text: str) -> bytes | None:
    data = text.encode("ascii", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    try:
        return base64.b64decode(data.rstrip(b"=") + b"=" * (-len(data.rstrip(b"=")) % 4))
    except (binascii.Error, ValueError):
        return None


def _text(raw: bytes) -> str:
    return decode(raw)[0]


def message_ids(fields: tuple[Field, ...], limit: int = 100) -> tuple[str, ...]:
    """The strict message ids of these fields, in order, each once."""
    found = [match for field in fields for match in _MESSAGE_ID.findall(field.value)]
    return tuple(dict.fromkeys(found))[-limit:]


def moment(field: Field | None) -> datetime | None:
    """The aware moment of a Date field; None when it is impossible."""
    if field is None:
        return None
    try:
        at = parsedate_to_datetime(decoded(field, 200))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000": UTC of an unknown place (RFC 5322 3.3)
        return at.astimezone(UTC) if at.year in _YEARS else None
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
