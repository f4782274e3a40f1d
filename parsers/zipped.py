"""A zip in memory: its directory read once for all who ask, its members at one go.

Rules:

1. The directory of the file read last is kept: what sniffs a file and what reads it build the same thirty entries.
2. A member whose header, length and checksum are what the directory says is inflated at once, in a third of the time of a stream.
   Anything else (None) is for ``zipfile`` to judge, which names what is wrong.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from functools import lru_cache
from io import BytesIO

AT_ONCE = 1 << 22  # bytes of a member inflated at one go; a report's largest part has some hundred thousand
_HEADER = struct.Struct("<4s22xHH")  # of a member: its mark, the lengths of its name and of what is extra
_MARK = b"PK\x03\x04"
_CALLED_UTF8 = re.compile(
    rb"(PK\x01\x02.{5})(.)", re.DOTALL
)  # an entry of the directory as far as the flag that says so
_ODD = 0x1 | 0x20 | 0x40  # locked, a patch, locked otherwise


@lru_cache(maxsize=1)
def directory(data: bytes) -> zipfile.ZipFile:
    """The archive of these bytes, open for reading; raises what ``zipfile.ZipFile`` raises."""
    try:
        return zipfile.ZipFile(BytesIO(data))
    except UnicodeDecodeError:  # names called UTF-8 that are not: they are bytes of a charset nobody told
        return zipfile.ZipFile(BytesIO(_CALLED_UTF8.sub(lambda entry: entry[1] + bytes([entry[2][0] & ~0x08]), data)))


def inflated(data: bytes, info: zipfile.ZipInfo) -> bytes | None:
    """A member of the archive of these bytes, None when anything about it is unusual."""
    start, end = info.header_offset, getattr(info, "_end_offset", None)
    if info.file_size > AT_ONCE or info.flag_bits & _ODD or len(data) < start + _HEADER.size:
        return None
    mark, name, extra = _HEADER.unpack_from(data, start)
    start += _HEADER.size
    stored = data[start : start + name]
    start += name + extra
    raw = data[start : start + info.compress_size]
    if mark != _MARK or stored != info.orig_filename.encode("ascii", "replace") or len(raw) < info.compress_size:
        return None
    if end is not None and start + info.compress_size > end:  # it lies over the next one
        return None
    whole = _content(raw, info)
    return whole if whole is not None and zlib.crc32(whole) == info.CRC else None


def _content(raw: bytes, info: zipfile.ZipInfo) -> bytes | None:
    if info.compress_type == zipfile.ZIP_STORED:
        return raw if len(raw) == info.file_size else None
    if info.compress_type != zipfile.ZIP_DEFLATED:
        return None
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        whole = stream.decompress(raw, info.file_size + 1)
    except zlib.error:
        return None
    return whole if stream.eof and len(whole) == info.file_size else None
