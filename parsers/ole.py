"""The table of contents of an OLE file (Compound File Binary), enough to tell what it is.

Only the names at the first level are listed: a Word file may carry whole workbooks deeper down. [MS-CFB] 2.2, 2.3, 2.6.
Every loop is bounded by the file's own length, so a chain that bites its tail ends.
"""

from __future__ import annotations

import struct

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NONE = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_ENTRY = 128  # bytes of a directory entry
_ENTRIES_MAX = 4096  # entries looked at; office files have some dozens


def first_level(data: bytes) -> frozenset[str]:
    """Names of the streams and storages directly under the root; empty when the file is broken."""
    try:
        directory = _directory(data)
    except (struct.error, IndexError, ValueError):
        return frozenset()
    names: set[str] = set()
    seen: set[int] = set()
    todo = [struct.unpack_from("<I", directory, 76)[0]] if len(directory) >= _ENTRY else []
    while todo and len(seen) < _ENTRIES_MAX:
        n = todo.pop()
        if n in seen or (n + 1) * _ENTRY > len(directory):
            continue
        seen.add(n)
        entry = directory[n * _ENTRY : (n + 1) * _ENTRY]
        length, left, right = struct.unpack_from("<H", entry, 64)[0], *struct.unpack_from("<II", entry, 68)
        names.add(entry[: min(max(length - 2, 0), 62)].decode("utf-16-le", "replace"))
        todo += [left, right]
    return frozenset(names)


def _directory(data: bytes) -> bytes:
    """The bytes of the directory stream, sector by sector along its chain."""
    shift, first = struct.unpack_from("<H", data, 30)[0], struct.unpack_from("<I", data, 48)[0]
    if shift not in (9, 12):
        raise ValueError("sector size")
    size = 1 << shift
    fat = [number for number in struct.unpack_from("<109I", data, 76) if number < _NONE]
    out = bytearray()
    sector = first
    while sector < _NONE and len(out) < _ENTRIES_MAX * _ENTRY:
        at = (sector + 1) * size
        if at + _ENTRY > len(data):
            raise ValueError("cut short")
        out += data[at : at + size]
        page, slot = divmod(sector, size // 4)
        sector = struct.unpack_from("<I", data, (fat[page] + 1) * size + slot * 4)[0]
    return bytes(out)
