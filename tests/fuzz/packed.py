"""Containers with checksums of their own, spoiled and made to add up again: old Office files, rar and 7z."""

from __future__ import annotations

import random
import struct
import zlib

Dice = random.Random
OLE, RAR_4, RAR_5, SEVEN = b"\xd0\xcf\x11\xe0", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c"
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_SEVEN_HEAD = 32  # bytes: magic, version, checksum, where the real header lies


def ole(data: bytes, dice: Dice) -> bytes:
    """Bytes or numbers changed where they stand: nothing moves, so that chains of sectors mostly still hold."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 2, 8, 40))):
        # the header and its tables seldom: a file that is refused at once tries nothing
        at = dice.randrange(512) if dice.random() < 0.05 else dice.randrange(min(512, len(out) - 1), len(out))
        way = dice.randrange(4)
        if way == 0:
            out[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            out[at : at + 2] = struct.pack("<H", dice.choice(_EDGES) & 0xFFFF)[: len(out) - at]
        elif way == 2:
            out[at : at + 4] = struct.pack("<I", dice.choice(_EDGES))[: len(out) - at]
        else:
            start, size = dice.randrange(len(out)), dice.randrange(1, 600)
            piece = out[start : start + size][: len(out) - at]
            out[at : at + len(piece)] = piece
    return bytes(out)


def rar(data: bytes, dice: Dice) -> bytes:
    """A byte of one block's head changed, its checksum made right."""
    out = bytearray(data)
    heads = list(_heads_5(data) if data.startswith(RAR_5) else _heads_4(data))
    if not heads:
        return ole(data, dice)
    start, first, end = dice.choice(heads)
    if end <= first:
        return ole(data, dice)
    for _ in range(dice.choice((1, 1, 3))):
        out[dice.randrange(first, end)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    if data.startswith(RAR_5):
        out[start : start + 4] = struct.pack("<I", zlib.crc32(out[start + 4 : end]))
    else:
        out[start : start + 2] = struct.pack("<H", zlib.crc32(out[start + 2 : end]) & 0xFFFF)
    return bytes(out)


def _heads_4(data: bytes) -> list[tuple[int, int, int]]:
    found, at = [], len(RAR_4)
    while at + 7 <= len(data) and len(found) < 100:
        _, kind, flags, size = struct.unpack_from("<HBHH", data, at)
        if size < 7 or at + size > len(data):
            break
        found.append((at, at + 2, at + size))
        more = struct.unpack_from("<I", data, at + 7)[0] if kind == 0x74 or flags & 0x8000 else 0
        at += size + more
    return found


def _heads_5(data: bytes) -> list[tuple[int, int, int]]:
    found, at = [], len(RAR_5)
    while at + 5 <= len(data) and len(found) < 100:
        size, body = _number(data, at + 4)
        if not size or body + size > len(data):
            break
        found.append((at, at + 4, body + size))
        _, after = _number(data, body)
        flags, after = _number(data, after)
        length = 0
        if flags & 1:
            _, after = _number(data, after)
        if flags & 2:
            length, after = _number(data, after)
        at = body + size + length
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            break
    return value, at


def seven(data: bytes, dice: Dice) -> bytes:
    """The header at the end spoiled, both checksums made right."""
    if len(data) < _SEVEN_HEAD:
        return data + b"\0"
    offset, size, _ = struct.unpack_from("<QQI", data, 12)
    start = _SEVEN_HEAD + offset
    header = bytearray(data[start : start + size])
    if not header:
        return ole(data, dice)
    for _ in range(dice.choice((1, 1, 3))):
        header[dice.randrange(len(header))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    place = struct.pack("<QQI", offset, len(header), zlib.crc32(header))
    return (
        data[:8]
        + struct.pack("<I", zlib.crc32(place))
        + place
        + data[_SEVEN_HEAD:start]
        + header
        + data[start + size :]
    )
