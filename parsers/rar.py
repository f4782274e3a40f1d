"""Whether a rar file is whole, by the chain of its blocks; libarchive takes a file that just stops for a short one.

Rules (RAR 5.0 archive format; unrar's technote for 4.x):

1. Every block says how long it is. The chain must reach the end block, or in the old format the end of the file.
2. Locked names are ``encrypted``; locked contents are told, for libarchive takes them for damage.
3. One volume of several is not whole: ``corrupt``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from parsers import limits
from parsers.readers.errors import Unreadable

_MAGIC_4, _MAGIC_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MAIN_5, _FILE_5, _LOCKED_5, _END_5 = 1, 2, 4, 5
_EXTRA_5, _DATA_5, _CIPHER_5 = 0x1, 0x2, 1
_MAIN_4, _FILE_4, _END_4 = 0x73, 0x74, 0x7B
_VOLUME, _LOCKED_4, _CIPHER_4, _MORE_4 = 0x0001, 0x0080, 0x0004, 0x8000
_BLOCKS_MAX = 20 * limits.ZIP_ENTRIES_MAX


@dataclass(slots=True)
class _Chain:
    """What is known once the chain was followed."""

    whole: bool = False
    locked: bool = False  # some file's contents


def check_whole(data: bytes) -> bool:
    """Whether contents are locked; raises ``Unreadable`` unless every block is there."""
    chain = _Chain()
    try:
        (_follow_5 if data.startswith(_MAGIC_5) else _follow_4)(data, chain)
    except (IndexError, struct.error):
        chain.whole = False
    if not chain.whole:
        raise Unreadable("corrupt", "the chain of blocks breaks off")
    return chain.locked


def _follow_5(data: bytes, chain: _Chain) -> None:
    at = len(_MAGIC_5)
    for _ in range(_BLOCKS_MAX):
        size, begin = _number(data, at + 4)
        kind, after = _number(data, begin)
        flags, after = _number(data, after)
        if kind == _LOCKED_5:
            raise Unreadable("encrypted", "the names are locked")
        if not size or begin + size > len(data):
            return
        if kind == _END_5:
            chain.whole = True
            return
        extra = length = 0
        if flags & _EXTRA_5:
            extra, after = _number(data, after)
        if flags & _DATA_5:
            length, after = _number(data, after)
        if kind == _MAIN_5 and _number(data, after)[0] & _VOLUME:
            raise Unreadable("corrupt", "one volume of several")
        if kind == _FILE_5 and extra:
            chain.locked |= _is_locked(data[begin + size - extra : begin + size])
        at = begin + size + length


def _is_locked(extra: bytes) -> bool:
    at = 0
    while at < len(extra):
        size, after = _number(extra, at)
        if _number(extra, after)[0] == _CIPHER_5:
            return True
        at = after + size
    return False


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where what follows it begins."""
    value = shift = 0
    while shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise IndexError


def _follow_4(data: bytes, chain: _Chain) -> None:
    at = len(_MAGIC_4)
    for _ in range(_BLOCKS_MAX):
        if at == len(data) and at > len(_MAGIC_4) + 13:  # more than the block every archive begins with
            chain.whole = True
            return
        _, kind, flags, size = struct.unpack_from("<HBHH", data, at)
        if kind == _MAIN_4 and flags & _LOCKED_4:
            raise Unreadable("encrypted", "the names are locked")
        if kind == _MAIN_4 and flags & _VOLUME:
            raise Unreadable("corrupt", "one volume of several")
        if not _MAIN_4 <= kind <= _END_4 or size < 7:
            return
        if kind == _END_4:
            chain.whole = True
            return
        chain.locked |= kind == _FILE_4 and bool(flags & _CIPHER_4)
        more = struct.unpack_from("<I", data, at + 7)[0] if flags & _MORE_4 or kind == _FILE_4 else 0
        at += size + more
