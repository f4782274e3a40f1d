"""A compound file (OLE) with these streams, written the plain way: every stream in sectors of its own."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096  # shorter streams would belong into the small sectors we do not write


def ole_of(tree: Mapping[str, Any]) -> bytes:
    """Names to bytes (a stream) or to a further mapping (a storage)."""
    entries: list[list[Any]] = [["Root Entry", 5, _FREE, _FREE, _END, 0]]  # name, kind, right, child, start, size
    chains: list[bytes] = []
    _add(tree, 0, entries, chains)
    fat: list[int] = []
    body = b""
    for entry in entries:
        if entry[1] == 2:
            data = chains[entry[4]]
            entry[4], entry[5] = len(fat), len(data)
            body += data
            count = len(data) // _SECTOR
            fat += [*range(len(fat) + 1, len(fat) + count), _END]
    directory = b"".join(_entry(*entry) for entry in entries)
    directory += _entry("", 0, _FREE, _FREE, 0, 0) * (-len(entries) % 4)
    first = len(fat)
    count = len(directory) // _SECTOR
    fat += [*range(first + 1, first + count), _END]
    body += directory
    tables = 1
    while (len(fat) + tables) * 4 > tables * _SECTOR:
        tables += 1
    places = range(len(fat), len(fat) + tables)
    fat += [_FAT] * tables
    fat += [_FREE] * (tables * _SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16s6H10I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, tables, first, 0, _LEAST, _END, 0, _END, 0,
    )  # fmt: skip
    listed = [*places, *[_FREE] * (109 - tables)]
    return header + struct.pack("<109I", *listed) + body + struct.pack(f"<{len(fat)}I", *fat)


def _add(tree: Mapping[str, Any], parent: int, entries: list[list[Any]], chains: list[bytes]) -> None:
    before = None
    for name, value in tree.items():
        n = len(entries)
        if before is None:
            entries[parent][3] = n
        else:
            entries[before][2] = n
        before = n
        if isinstance(value, bytes):
            entries.append([name, 2, _FREE, _FREE, len(chains), 0])
            chains.append(value.ljust(max(_LEAST, -(-len(value) // _SECTOR) * _SECTOR), b"\0"))
        else:
            entries.append([name, 1, _FREE, _FREE, 0, 0])
            _add(value, n, entries, chains)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2 if name else 0, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
