"""Zip archives: members as bytes, with what comes out counted and every header mistrusted.

Rules, in order (faults, "zip"; pitfalls: zipfile has no overlap check, CVE-2024-0450):

1. Members that share bytes of the archive, or together claim more than one mail may hold: ``zip_bomb``, nothing inflated.
2. More members than ``ZIP_ENTRIES_MAX``: ``zip_too_many_entries``.
3. Real output is counted against one budget for the whole tree; a member far larger than its stored bytes: ``zip_bomb``.
4. A member that inflates to another size or sum than it claims is ``corrupt``; a locked one ``encrypted``.
5. Names are labels: folders stay visible, nothing climbs; a name that tried is told (``unsafe_member_name``). Bytes that are
   not UTF-8 are read in the charset that makes most Vietnamese of them, and told (``charset_guess``), unless the archive names them in UTF-8 beside.
6. What is packed in another way than deflate is ``unsupported_type`` here; a program may know it (``parsers.containers``).
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from parsers import limits
from parsers.charset import printable
from parsers.findings import finding
from parsers.fold import nfc
from parsers.headers import legible, one_line
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.values import Finding
from parsers.vietnamese import from_font, quality
from parsers.zipped import directory

_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = 30  # bytes before the member's own name
_CHUNK = limits.MIB
_NOISE = re.compile(r"(?:^|/)(?:__MACOSX/.*|\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)
_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.+(?:[/\\]|$)|[\x00-\x1f\x7f]")
_UNICODE_NAME, _EXTRA_HEAD = 0x7075, struct.Struct("<HH")
_UTF8_FLAG, _LOCKED_FLAG = 0x800, 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; ``data`` is empty when ``reason`` says why it cannot be had."""

    name: str  # its last part, a label
    path: str  # with its folders, cleaned
    data: bytes
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    declared: str = "application/octet-stream"  # what its container calls it
    charset: str = ""
    is_body: bool = False  # the text of a saved mail


@dataclass(frozen=True, slots=True)
class Opened:
    """What a container held."""

    members: tuple[Member, ...]
    findings: tuple[Finding, ...] = ()
    subject: str = ""  # of a saved mail


def expand(data: bytes, budget: Budget) -> tuple[Member, ...]:
    """The files of a zip in its own order; raises ``Unreadable`` when the archive as a whole is refused."""
    try:
        infos = [info for info in directory(data).infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError) as error:
        raise Unreadable("corrupt", f"not a whole zip: {error}") from error
    _refuse_bombs(data, infos, budget)
    members = []
    for info in infos:
        label, findings = member_label(info)
        if not is_noise(label):
            members.append(_member(data, info, label, findings, budget))
    return checked(members)


def is_noise(label: str) -> bool:
    """Whether a system left this file behind, not a person."""
    return bool(_NOISE.search(label))


def checked(members: Sequence[Member]) -> tuple[Member, ...]:
    """The members; raises ``Unreadable`` when there is none, or none that is not locked."""
    if not members:
        raise Unreadable("empty", "the archive holds no file")
    if all(member.reason == "encrypted" for member in members):
        raise Unreadable("encrypted", "every member is locked")
    return tuple(members)


def _refuse_bombs(data: bytes, infos: list[zipfile.ZipInfo], budget: Budget) -> None:
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise Unreadable("zip_bomb", f"members share bytes from offset {info.header_offset}")
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
    if sum(info.file_size for info in infos) > budget.left or end > len(data) + _LOCAL_HEADER:
        raise Unreadable("zip_bomb", "the members claim more than one mail may hold")
    if len(infos) > limits.ZIP_ENTRIES_MAX:
        raise Unreadable("zip_too_many_entries", str(len(infos)))


def _member(data: bytes, info: zipfile.ZipInfo, label: str, findings: tuple[Finding, ...], budget: Budget) -> Member:
    name = label.rpartition("/")[2]
    try:
        out = _inflate(data, info, budget)
    except Unreadable as refused:
        if refused.reason == "zip_bomb":
            raise
        return Member(name, label, b"", refused.reason, findings)
    return Member(name, label, out, None, findings)


def _inflate(data: bytes, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    if info.flag_bits & _LOCKED_FLAG:
        raise Unreadable("encrypted", "locked member")
    stored = _stored(data, info)
    if info.compress_type == zipfile.ZIP_STORED:
        budget.take(len(stored))
        out = stored
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        out = _deflated(stored, budget)
    else:
        raise Unreadable("unsupported_type", f"compression method {info.compress_type}")
    if len(out) != info.file_size or zlib.crc32(out) != info.CRC:
        raise Unreadable("corrupt", "size or checksum differs from what the archive claims")
    return out


def _stored(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """The member's bytes as stored, found by its own header."""
    at = info.header_offset
    if data[at : at + 4] != _LOCAL or at + _LOCAL_HEADER > len(data):
        raise Unreadable("corrupt", "no member where the directory says")
    name, extra = struct.unpack_from("<HH", data, at + 26)
    start = at + _LOCAL_HEADER + name + extra
    stored = data[start : start + info.compress_size]
    if len(stored) != info.compress_size:
        raise Unreadable("corrupt", "cut short")
    return stored


def _deflated(stored: bytes, budget: Budget) -> bytes:
    inflater = zlib.decompressobj(-15)
    out: list[bytes] = []
    produced, rest = 0, stored
    try:
        while not inflater.eof:
            chunk = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            if not chunk and not rest:
                raise Unreadable("corrupt", "the member ends too early")
            produced += len(chunk)
            budget.take(len(chunk))
            if produced > limits.RATIO_FROM and produced > limits.RATIO * max(len(stored), 1):
                raise Unreadable("zip_bomb", f"more than {limits.RATIO} bytes out of one")
            out.append(chunk)
    except zlib.error as error:
        raise Unreadable("corrupt", str(error)) from error
    return b"".join(out)


def member_label(info: zipfile.ZipInfo) -> tuple[str, tuple[Finding, ...]]:
    """The member's name as a relative label with its folders, and what had to be done to it."""
    if info.flag_bits & _UTF8_FLAG:
        return label_of(info.orig_filename)
    raw = _raw_name(info)
    return label_of(_told_beside(info.extra, raw) or raw)


def label_of(stored: str | bytes) -> tuple[str, tuple[Finding, ...]]:
    """A stored name, or its bytes where no charset is known, as a relative label; and what had to be done to it."""
    text, guessed = _readable(stored) if isinstance(stored, bytes) else (legible(printable(stored)), False)
    findings = []
    if guessed:
        findings.append(finding("charset_guess", what=repr(stored)[:200]))
    parts = [one_line(part, limits.NAME_MAX) for part in re.split(r"[/\\]+", re.sub(r"^[A-Za-z]:", "", text))]
    label = "/".join(part for part in parts if part.strip(". "))[-limits.NAME_MAX :] or "unnamed"
    if _UNSAFE.search(text):
        findings.append(finding("unsafe_member_name", label=label))
    return label, tuple(findings)


def _told_beside(extra: bytes, raw: bytes) -> str:
    """The name in UTF-8 that WinRAR and Info-ZIP put beside one in the system's charset (APPNOTE 4.6.9), "" when there is none."""
    while len(extra) >= _EXTRA_HEAD.size:
        kind, length = _EXTRA_HEAD.unpack_from(extra)
        body, extra = extra[_EXTRA_HEAD.size :][:length], extra[_EXTRA_HEAD.size + length :]
        if kind == _UNICODE_NAME and body[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return body[5:].decode("utf-8", "replace")
    return ""


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("cp437", "replace")  # zipfile decoded it so; this gives the bytes back


def _readable(raw: bytes) -> tuple[str, bool]:
    try:
        return printable(raw.decode("utf-8")), False
    except UnicodeDecodeError:
        latin = raw.decode("latin-1")
        candidates = [
            raw.decode("cp437"),
            from_font(latin, ".VnTime"),
            nfc(raw.decode("cp1258", "replace")),
            from_font(latin, "VNI-Times"),
        ]
        return printable(max(candidates, key=_readability)), True


def _readability(text: str) -> tuple[bool, float]:
    """Names are made of letters; among those, of Vietnamese syllables."""
    return all(char.isascii() or char.isalpha() for char in text), quality(text.rpartition(".")[0] or text)
