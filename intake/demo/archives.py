"""Zip files made the same every time, and one locked with a password (the old cipher the zip format began with).

1. The same content gives the same bytes: members carry a fixed moment, and Office files forget when they were saved.
2. ``locked`` follows section 6.1 of PKWARE's application note; the standard library can read it but not write it.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from random import Random

MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_SAVED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_CRC = tuple(zlib.crc32(bytes([n ^ 0xFF])) ^ 0xFF000000 for n in range(256))  # the polynomial's table


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def without_moments(office_file: bytes) -> bytes:
    """The same Office file, saying nothing of when it was made."""
    with zipfile.ZipFile(io.BytesIO(office_file)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    core = "docProps/core.xml"
    if core in members:
        members[core] = _SAVED.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", members[core])
    return zipped(members)


class _Cipher:
    """The three keys of the old zip cipher."""

    def __init__(self, password: bytes) -> None:
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._turn(byte)

    def _turn(self, byte: int) -> None:
        first, second, third = self.keys
        first = (first >> 8) ^ _CRC[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = (third >> 8) ^ _CRC[(third ^ (second >> 24)) & 0xFF]
        self.keys = [first, second, third]

    def encrypt(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            seed = (self.keys[2] | 2) & 0xFFFF
            out.append(byte ^ (((seed * (seed ^ 1)) >> 8) & 0xFF))
            self._turn(byte)
        return bytes(out)


def locked(name: str, data: bytes, password: bytes, rng: Random) -> bytes:
    """A zip with one stored member that opens only with the password."""
    crc = zlib.crc32(data)
    header = rng.randbytes(11) + bytes([crc >> 24])
    body = _Cipher(password).encrypt(header + data)
    label, day = name.encode(), (1 << 5) | 1  # 1 January 1980
    fields = struct.pack(
        "<HHHHHIIIHH", 20, _ENCRYPTED | _UTF8_NAME, 0, 0, day, crc, len(body), len(data), len(label), 0
    )
    local = b"PK\x03\x04" + fields + label + body
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + label
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end
