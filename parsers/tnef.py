"""winmail.dat (TNEF, [MS-OXTNEF]): the attachments Outlook wrapped, and the text if the mail shows none.

Rules:

1. Attributes one behind the other, each with its length and a sum; a length beyond the file is ``corrupt``.
2. An attachment's long name wins over its short one. A message attached is opened the same way, its way kept in the path.
3. The text: HTML, else rich text, else plain.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers import limits, mapi
from parsers.archive import Member, Opened, checked, label_of
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable

MAGIC = b"\x78\x9f\x3e\x22"
_SUBJECT, _BODY, _CODEPAGE, _PROPERTIES = 0x018004, 0x02800C, 0x069007, 0x069003
_ATTACHED, _ATTACHED_NAME, _ATTACHED_DATA, _ATTACHED_PROPERTIES = 0x069002, 0x018010, 0x06800F, 0x069005
_FIXED = {
    0x0002: 4,
    0x0003: 4,
    0x0004: 4,
    0x0005: 8,
    0x0006: 8,
    0x0007: 8,
    0x000A: 4,
    0x000B: 4,
    0x0014: 8,
    0x0040: 8,
    0x0048: 16,
}
_VARIABLE = frozenset({mapi.TEXT_8, mapi.TEXT_16, mapi.BYTES, mapi.OBJECT})
_MULTIPLE, _NAMED = 0x1000, 0x8000
_OBJECT_HEAD = 16  # bytes before a message attached: which kind of object it is
_VALUES_MAX = 10_000

Properties = dict[int, tuple[int, bytes]]


@dataclass(slots=True)
class _Attachment:
    name: bytes = b""
    data: bytes = b""
    properties: Properties = field(default_factory=dict)


def open_tnef(data: bytes, budget: Budget, depth: int = 0) -> Opened:
    """The attachments and the text; raises ``Unreadable``."""
    if not data.startswith(MAGIC):
        raise Unreadable("corrupt", "no TNEF")
    plain: dict[int, bytes] = {}
    properties: Properties = {}
    attachments: list[_Attachment] = []
    charset = ""
    for number, value in _attributes(data):
        if number == _CODEPAGE and len(value) >= 4:
            charset = mapi.charset_of(struct.unpack_from("<I", value)[0])
        elif number == _PROPERTIES:
            properties = _properties(value)
        elif number == _ATTACHED:
            attachments.append(_Attachment())
            if len(attachments) > limits.PARTS_MAX:
                raise Unreadable("too_many_parts", f"more than {limits.PARTS_MAX}")
        elif number in (_SUBJECT, _BODY):
            plain[number] = value
        elif attachments:
            _fill(attachments[-1], number, value)
    subject = mapi.text_of(plain.get(_SUBJECT, b""), mapi.TEXT_8, charset)
    if mapi.SUBJECT in properties:
        subject = mapi.text_of(properties[mapi.SUBJECT][1], properties[mapi.SUBJECT][0], charset)
    members = [*body_members(properties, plain.get(_BODY, b""), charset, budget)]
    for attachment in attachments:
        members += _members(attachment, charset, budget, depth)
    return Opened(checked(members), subject=subject)


def _fill(attachment: _Attachment, number: int, value: bytes) -> None:
    if number == _ATTACHED_NAME:
        attachment.name = value
    elif number == _ATTACHED_DATA:
        attachment.data = value
    elif number == _ATTACHED_PROPERTIES:
        attachment.properties = _properties(value)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        _, number, length = struct.unpack_from("<BII", data, at)
        at += 9
        if at + length > len(data):  # the sum behind it may be lacking: nothing is lost with it
            raise Unreadable("corrupt", "an attribute beyond the end")
        yield number & 0xFFFFFF, data[at : at + length]
        at += length + 2


def _properties(data: bytes) -> Properties:
    try:
        return dict(_each(data))
    except (struct.error, IndexError) as error:
        raise Unreadable("corrupt", f"properties: {error}") from error


def _each(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _VALUES_MAX)):
        kind, number = struct.unpack_from("<HH", data, at)
        at += 4
        if number & _NAMED:
            at = _after_name(data, at)
        several = bool(kind & _MULTIPLE)
        kind &= ~_MULTIPLE
        values = 1
        if several or kind in _VARIABLE:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        for n in range(min(values, _VALUES_MAX)):
            if kind in _VARIABLE:
                (length,) = struct.unpack_from("<I", data, at)
                at += 4
            elif kind in _FIXED:
                length = _FIXED[kind]
            else:
                return  # of unknown length: what follows cannot be found
            if at + length > len(data):
                raise struct.error("a value beyond the end")
            if n == 0:
                yield number, (kind, data[at : at + length])
            at += length + -length % 4


def _after_name(data: bytes, at: int) -> int:
    (by_number,) = struct.unpack_from("<I", data, at + 16)
    if not by_number:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + length + -length % 4)


def _members(attachment: _Attachment, charset: str, budget: Budget, depth: int) -> Iterator[Member]:
    properties = attachment.properties
    stated = next(
        (properties[n] for n in (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME) if n in properties), None
    )
    name = (
        mapi.text_of(stated[1], stated[0], charset) if stated else mapi.text_of(attachment.name, mapi.TEXT_8, charset)
    )
    label, findings = label_of(name or "unnamed")
    kind, data = properties.get(mapi.ATTACHED, (0, b""))
    if kind == mapi.OBJECT and data[_OBJECT_HEAD:].startswith(MAGIC):
        if depth >= limits.ZIP_DEPTH_MAX:
            yield Member(label.rpartition("/")[2], label, b"", "zip_nested_too_deep", findings)
            return
        try:
            inner = open_tnef(data[_OBJECT_HEAD:], budget, depth + 1)
        except Unreadable as refused:
            yield Member(label.rpartition("/")[2], label, b"", refused.reason, findings)
            return
        yield from under(label, inner)
        return
    out = attachment.data or data
    budget.take(len(out))
    reason = None if out else "empty"
    yield Member(label.rpartition("/")[2], label, out, reason, findings)


def under(label: str, inner: Opened) -> Iterator[Member]:
    """The members of a message attached, with the way to them."""
    for one in inner.members:
        yield Member(
            one.name, f"{label}/{one.path}", one.data, one.reason, one.findings, one.declared, one.charset, one.is_body
        )


def body_members(properties: Properties, plain: bytes, charset: str, budget: Budget) -> Iterator[Member]:
    """The text of a message as one member, none when it has no text."""
    html = properties.get(mapi.HTML)
    rich = properties.get(mapi.RTF)
    text = properties.get(mapi.BODY)
    if html and html[1].strip(b"\0 \r\n"):
        data = html[1] if html[0] == mapi.BYTES else mapi.text_of(html[1], html[0], charset).encode()
        budget.take(len(data))
        yield Member(
            "body.html", "body.html", data, None, (), "text/html", charset if html[0] == mapi.BYTES else "utf-8", True
        )
    elif (text and text[1].strip(b"\0 \r\n")) or plain.strip(b"\0 \r\n"):
        words = mapi.text_of(text[1], text[0], charset) if text else mapi.text_of(plain, mapi.TEXT_8, charset)
        budget.take(len(words))
        yield Member("body.txt", "body.txt", words.encode(), None, (), "text/plain", "utf-8", True)
    elif rich:
        yield Member("body.rtf", "body.rtf", mapi.rich_text(rich[1], budget))
