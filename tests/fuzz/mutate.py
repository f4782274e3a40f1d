"""Break a file where a reader looks: unpack its container, spoil the XML, the stream or the field, pack it again.

Bytes spoiled from outside mostly fail a checksum and try nothing; these pass it.
"""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
import zipfile
import zlib
from base64 import b64decode, encodebytes
from collections.abc import Callable

from tests.fuzz import packed

NUMBERS = (
    b"-1", b"0", b"1", b"2147483648", b"4294967295", b"9" * 40, b"1e999", b"NaN", b"0x7f", b"1.625", b"-0", b"1/0", "１２".encode(),
)  # fmt: skip
WORDS = (
    b"", b"\x00", b"\r\n", "ư".encode(), "\u202e".encode(), b"=1+1", b"]]>", b"&lt;", b"<", b"\xff\xfe", b"\xed\xa0\x80", b"A" * 5000,
    "Tổng số hồ sơ đã tiếp nhận: 12".encode(), b"//", b"......",
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_TAG = re.compile(rb"<[^<>]{1,300}>")
_ATTRIBUTE = re.compile(rb'([\w:]{1,30})="([^"]{0,80})"')
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_LENGTH = re.compile(rb"/Length \d+")
Dice = random.Random
MEMBER_MAX, MEMBERS_MAX, ARCHIVE_MAX = 1 << 20, 200, 8 << 20  # of an archive: the corpus holds bombs


def mutated(data: bytes, dice: Dice) -> bytes:
    """The file with something wrong in it, by what it is."""
    if data.startswith(b"PK\x03\x04"):
        return zipped(data, dice)
    if data.startswith(b"%PDF"):
        return pdf(data, dice)
    if data.lstrip()[:1] == b"<":
        return xml(data, dice)
    if dice.random() < 0.8:
        for magic, way in (
            (packed.OLE, packed.ole),
            (packed.RAR_4, packed.rar),
            (packed.RAR_5, packed.rar),
            (packed.SEVEN, packed.seven),
        ):
            if data.startswith(magic) and len(data) > 600:
                return way(data, dice)
    if re.match(rb"[A-Za-z-]{1,40}:", data):
        return mail(data, dice)
    return dice.choice((flat, text))(data, dice)


# ---- containers ------------------------------------------------------------------------------------------------------


def zipped(data: bytes, dice: Dice) -> bytes:
    """One or two members spoiled, dropped, doubled, renamed or put in another order; checksums are right again."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members: list[tuple[str, bytes]] = []
            for info in archive.infolist()[:MEMBERS_MAX]:
                if sum(len(content) for _, content in members) < ARCHIVE_MAX:
                    members.append((info.filename, archive.open(info).read(MEMBER_MAX)))
    except Exception:  # whatever zipfile thinks of what was spoiled before
        return flat(data, dice)
    for _ in range(dice.choice((1, 1, 2))):
        if not members:
            break
        at = dice.randrange(len(members))
        if dice.random() < 0.6:  # where the text stands
            likely = [
                n for n, (name, _) in enumerate(members) if re.search(r"document|sheet\d|content|shared|styles", name)
            ]
            at = dice.choice(likely or [at])
        name, content = members[at]
        way = dice.randrange(10)
        if way == 0:
            del members[at]
        elif way == 1:
            members.insert(dice.randrange(len(members)), (name, mutated(content, dice) if content else b"x"))
        elif way == 2:
            members[at] = (
                dice.choice((name.upper(), f"../{name}", name.replace("/", "\\"), f"{name}\x00x", "")),
                content,
            )
        elif way == 3:
            dice.shuffle(members)
        else:
            members[at] = (name, mutated(content, dice) if content else b"<x/>")
    try:
        return _packed(members, dice.choice((0, 8, 8, 8)))
    except (ValueError, UnicodeError, struct.error):  # a name no zip can bear
        return flat(data, dice)


def _packed(members: list[tuple[str, bytes]], compression: int) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", compression) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name or "x"), content, compression)
    return out.getvalue()


def pdf(data: bytes, dice: Dice) -> bytes:
    """A stream inflated, spoiled and deflated again with its right length; or a number or name outside the streams."""
    streams = list(_STREAM.finditer(data))
    if not streams or dice.random() < 0.4:
        return dice.choice((numbers, flat, text))(data, dice)
    match = dice.choice(streams)
    try:
        content, deflated = zlib.decompressobj().decompress(match[1], MEMBER_MAX), True
    except zlib.error:
        content, deflated = match[1], False
    spoiled = dice.choice((numbers, text, flat, doubled))(content, dice)
    packed = zlib.compress(spoiled) if deflated else spoiled
    head = data[: match.start()]
    lengths = list(_LENGTH.finditer(head))
    if lengths:
        last = lengths[-1]
        head = head[: last.start()] + b"/Length %d" % len(packed) + head[last.end() :]
    return head + b"stream\n" + packed + b"\nendstream" + data[match.end() :]


def mail(data: bytes, dice: Dice) -> bytes:
    """Header fields moved, doubled, folded, re-labelled; boundaries bent; an attachment spoiled inside its base64."""
    end = b"\r\n" if b"\r\n" in data[:2000] else b"\n"
    head, gap, body = data.partition(end * 2)
    if dice.random() < 0.5 and (
        found := list(re.finditer(rb"(?:[A-Za-z0-9+/]{60,76}=*\r?\n){3,}[A-Za-z0-9+/]*=*", body))
    ):
        match = dice.choice(found)
        try:
            inner = b64decode(match[0])
        except ValueError:
            inner = b""
        if inner:
            return head + gap + body[: match.start()] + encodebytes(mutated(inner, dice)) + body[match.end() :]
    fields = re.split(rb"\r?\n(?![ \t])", head)
    at = dice.randrange(len(fields))
    way = dice.randrange(9)
    if way == 0:
        fields.insert(dice.randrange(len(fields)), fields[at])
    elif way == 1:
        del fields[at]
    elif way == 2:
        fields[at] = fields[at].replace(b" ", end + b" ")
    elif way == 3:
        charset = dice.choice((b"utf-16", b"utf-7", b"unknown-8bit", b"x-user-defined", b"idna", b"windows-1258", b""))
        return re.sub(rb'charset="?[\w-]+"?', b"charset=" + charset, data, count=1)
    elif way == 4:
        how = dice.choice((b"base64", b"quoted-printable", b"uuencode", b"binary", b"8bit", b"x"))
        return re.sub(rb"(?i)(transfer-encoding:\s*)[\w-]+", rb"\g<1>" + how, data, count=dice.choice((1, 0)))
    elif way == 5:
        return re.sub(
            rb'boundary="?[^";\r\n]+"?',
            b'boundary="' + dice.choice((b"", b"a b", b"--", b"\xff")) + b'"',
            data,
            count=1,
        )
    elif way == 6:
        return head + gap + dice.choice((flat, text, doubled))(body, dice)
    elif way == 7:
        fields[at] = text(fields[at], dice)
    else:
        dice.shuffle(fields)
    return end.join(fields) + gap + body


# ---- contents --------------------------------------------------------------------------------------------------------


def xml(data: bytes, dice: Dice) -> bytes:
    """A tag doubled, dropped, moved or nested; an attribute changed; a number or a text replaced."""
    tags = list(_TAG.finditer(data))
    if not tags:
        return text(data, dice)
    one, other = sorted(dice.choices(tags, k=2), key=lambda tag: tag.start())
    way = dice.randrange(9)
    if way == 0:
        return data[: one.start()] + data[one.end() :]
    if way == 1:
        return data[: one.end()] + one[0] * dice.choice((1, 3, 300)) + data[one.end() :]
    if way == 2:
        return data[: one.start()] + data[other.end() :]
    if way == 3:  # a stretch doubled: well formed when it holds whole elements
        return data[: other.end()] + data[one.start() : other.end()] * dice.choice((1, 2, 50)) + data[other.end() :]
    if way == 4:
        attributes = list(_ATTRIBUTE.finditer(data))
        if attributes:
            a = dice.choice(attributes)
            value = dice.choice((*NUMBERS, *WORDS)).replace(b"<", b"").replace(b'"', b"")
            return data[: a.start(2)] + value + data[a.end(2) :]
    if way == 5:
        return numbers(data, dice)
    if way == 6:
        bare = re.sub(rb"[<>/?!].*", b"", one[0][1:].split()[0] if one[0][1:].split() else b"x") or b"x"
        depth = dice.choice((5, 150, 400))
        return data[: one.start()] + b"<%b>" % bare * depth + b"</%b>" % bare * depth + data[one.start() :]
    if way == 7:
        return text(data, dice)
    try:
        return data.decode().encode(dice.choice(("utf-16", "utf-16-le", "utf-8-sig", "cp1258")), "replace")
    except UnicodeDecodeError:
        return flat(data, dice)


def numbers(data: bytes, dice: Dice) -> bytes:
    """One number, or every tenth, replaced by one nobody expects."""
    found = list(_NUMBER.finditer(data[:200_000]))
    if not found:
        return flat(data, dice)
    for match in sorted(dice.choices(found, k=dice.choice((1, 1, 5))), key=lambda m: -m.start()):
        data = data[: match.start()] + dice.choice(NUMBERS) + data[match.end() :]
    return data


def text(data: bytes, dice: Dice) -> bytes:
    """A word put in somewhere."""
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice((*WORDS, *NUMBERS)) + data[at + dice.choice((0, 0, 1, 20)) :]


def doubled(data: bytes, dice: Dice) -> bytes:
    """A stretch repeated."""
    a, b = sorted((dice.randrange(len(data) + 1), dice.randrange(len(data) + 1)))
    return data[:b] + data[a : min(b, a + 2000)] * dice.choice((1, 10, 100)) + data[b:]


def flat(data: bytes, dice: Dice) -> bytes:
    """Bytes changed, cut out or cut off."""
    out = bytearray(data or b"x")
    for _ in range(dice.choice((1, 1, 4, 30))):
        at = dice.randrange(len(out))
        way = dice.randrange(4)
        if way == 0:
            out[at] = dice.randrange(256)
        elif way == 1:
            out[at] ^= 1 << dice.randrange(8)
        elif way == 2:
            del out[at : at + dice.randrange(1, 60)]
        else:
            out[at : at + 4] = dice.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
        out = out or bytearray(b"x")
    return bytes(out[: dice.randrange(1, len(out) + 1)] if dice.random() < 0.1 else out)


Mutator = Callable[[bytes, Dice], bytes]
