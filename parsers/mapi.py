"""What Outlook's two wrappings share: properties by number, and its compressed rich text ([MS-OXRTFCP]).

Rules:

1. A text property is UTF-16 or bytes in the message's code page; a body that says nothing else is read as that.
2. Compressed text is unpacked against the budget; it never becomes longer than it says.
"""

from __future__ import annotations

import struct

from parsers.charset import decode, known
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable

SUBJECT, BODY, HTML, RTF = 0x0037, 0x1000, 0x1013, 0x1009
ATTACHED, LONG_NAME, SHORT_NAME, DISPLAY_NAME, TYPE = 0x3701, 0x3707, 0x3704, 0x3001, 0x370E
CODEPAGE = 0x3FFD
TEXT_8, TEXT_16, BYTES, OBJECT = 0x001E, 0x001F, 0x0102, 0x000D
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans "
    b"SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_RING = 4096
_PACKED, _PLAIN = b"LZFu", b"MELA"


def text_of(data: bytes, kind: int, charset: str = "") -> str:
    """A text property's characters."""
    if kind == TEXT_16:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return decode(data.rstrip(b"\0"), charset)[0]


def charset_of(codepage: int) -> str:
    """The charset of Windows' number for it, "" when unknown."""
    return known({65001: "utf-8", 1200: "utf-16-le"}.get(codepage, f"cp{codepage}"))


def rich_text(data: bytes, budget: Budget) -> bytes:
    """The rich text in a compressed one; raises ``Unreadable``."""
    if len(data) < 16:
        raise Unreadable("corrupt", "compressed text cut short")
    size, length, kind = struct.unpack_from("<II4s", data)
    if kind == _PLAIN:
        budget.take(len(data))
        return data[16 : 16 + length]
    if kind != _PACKED:
        raise Unreadable("corrupt", "compressed text of no known kind")
    return _unpacked(data[16 : size + 4], min(length, max(budget.left, 0) + 1), budget)


def _unpacked(data: bytes, length: int, budget: Budget) -> bytes:
    ring = bytearray(_DICTIONARY.ljust(_RING, b"\0"))
    write = len(_DICTIONARY)
    out = bytearray()
    at = 0
    while at < len(data) and len(out) < length:
        control = data[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(data):
                    raise Unreadable("corrupt", "compressed text cut short")
                reference = data[at] << 8 | data[at + 1]
                at += 2
                place = reference >> 4
                if place == write:
                    budget.take(len(out))
                    return bytes(out)
                for _ in range((reference & 0xF) + 2):
                    byte = ring[place]
                    place = (place + 1) % _RING
                    ring[write] = byte
                    write = (write + 1) % _RING
                    out.append(byte)
            elif at < len(data):
                out.append(data[at])
                ring[write] = data[at]
                write = (write + 1) % _RING
                at += 1
    budget.take(len(out))
    return bytes(out)
