"""Mails saved by Outlook (msg, [MS-OXMSG]): text and attachments out of the compound file.

Rules:

1. Every property is a stream named by its number and kind. A mail attached to the mail is a storage of the same build;
   it is opened as well, its way kept in the path.
2. An attachment's long name wins over its short one. One that is only a link is told as empty.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from parsers import limits, mapi
from parsers.archive import Member, Opened, checked, label_of
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.tnef import Properties, body_members, under

_PREFIX = "__substg1.0_"
_ATTACHMENT = "__attach_version1.0_#"
_FIXED = "__properties_version1.0"
_HEADS = {0: 32, 1: 24}  # bytes before the fixed properties: of the mail itself, of one inside it
_ENTRY = 16
_KINDS = (mapi.TEXT_16, mapi.TEXT_8, mapi.BYTES)


def open_msg(data: bytes, budget: Budget) -> Opened:
    """The text and the attachments; raises ``Unreadable``."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as container:
            return _open(container, (), budget)
    except PermissionError:
        raise  # the worker's box, not the sender
    except (OSError, ValueError, IndexError, struct.error, TypeError, AttributeError) as error:
        raise Unreadable("corrupt", f"compound file: {error}") from error


def _open(container: olefile.OleFileIO, place: tuple[str, ...], budget: Budget) -> Opened:
    names = [path[len(place) :] for path in container.listdir(storages=True) if tuple(path[: len(place)]) == place]
    here = [path[0] for path in names if len(path) == 1]
    charset = _charset(container, place, here)
    properties = _properties(container, place, here)
    subject = (
        mapi.text_of(properties[mapi.SUBJECT][1], properties[mapi.SUBJECT][0], charset)
        if mapi.SUBJECT in properties
        else ""
    )
    members = [*body_members(properties, b"", charset, budget)]
    attachments = sorted(name for name in here if name.startswith(_ATTACHMENT))
    if len(attachments) > limits.PARTS_MAX:
        raise Unreadable("too_many_parts", str(len(attachments)))
    for name in attachments:
        members += _attachment(container, (*place, name), charset, budget)
    return Opened(checked(members), subject=subject)


def _attachment(container: olefile.OleFileIO, place: tuple[str, ...], charset: str, budget: Budget) -> Iterator[Member]:
    here = [path[len(place)] for path in container.listdir(storages=True) if tuple(path[:-1]) == place]
    properties = _properties(container, place, here)
    stated = next(
        (properties[n] for n in (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME) if n in properties), None
    )
    label, findings = label_of(mapi.text_of(stated[1], stated[0], charset) if stated else "unnamed")
    name = label.rpartition("/")[2]
    inner = f"{_PREFIX}{mapi.ATTACHED:04X}{mapi.OBJECT:04X}"
    if inner in here:
        if len(place) // 2 >= limits.ZIP_DEPTH_MAX:
            yield Member(name, label, b"", "zip_nested_too_deep", findings)
        elif container.exists([*place, inner, _FIXED]):
            yield from under(label, _open(container, (*place, inner), budget))
        else:
            yield Member(name, label, b"", "unsupported_type", findings)
        return
    data = properties.get(mapi.ATTACHED, (0, b""))[1]
    budget.take(len(data))
    yield Member(name, label, data, None if data else "empty", findings)


def _properties(container: olefile.OleFileIO, place: tuple[str, ...], here: list[str]) -> Properties:
    found: Properties = {}
    for name in here:
        number, kind = _numbers(name)
        if kind in _KINDS:
            found[number] = kind, bytes(container.openstream([*place, name]).read())
    return found


def _numbers(name: str) -> tuple[int, int]:
    """The property a stream holds and its kind."""
    digits = name.removeprefix(_PREFIX)
    if len(name) != len(_PREFIX) + 8 or len(digits) != 8:
        return 0, 0
    return int(digits[:4], 16), int(digits[4:], 16)


def _charset(container: olefile.OleFileIO, place: tuple[str, ...], here: list[str]) -> str:
    if _FIXED not in here:
        return ""
    data = container.openstream([*place, _FIXED]).read()
    for at in range(_HEADS[min(len(place), 1)], len(data) - _ENTRY + 1, _ENTRY):
        kind, number, _, value = struct.unpack_from("<HHII", data, at)
        if (number, kind) == (mapi.CODEPAGE, 3):
            return mapi.charset_of(value)
    return ""
