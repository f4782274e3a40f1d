"""Containers written by hand or by what the standard library has: zip, tar.gz, 7z (libarchive), rar 4 (stored), winmail.dat, .msg, p7m."""

from __future__ import annotations

import io
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import libarchive

Files = dict[str, bytes]


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven(files: Files) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "goi.7z"
        with libarchive.file_writer(str(path), "7zip") as archive:
            for name, data in files.items():
                archive.add_file_from_memory(name, len(data), data)
        return path.read_bytes()


def rar(files: Files) -> bytes:
    """RAR 4, stored: signature, archive header, a header and the bytes of each file, end (technote.txt of RAR 3.9)."""
    out = bytearray(b"Rar!\x1a\x07\x00")
    out += _rar_block(0x73, 0, bytes(6))
    for name, data in files.items():
        raw = name.encode("utf-8")
        flags = 0x8000
        if not name.isascii():
            raw, flags = raw + b"\x00", flags | 0x0200
            raw = raw[:-1]
        head = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x4AB53A00, 20, 0x30, len(raw), 0o100644
        )
        out += _rar_block(0x74, flags, head + raw) + data
    return bytes(out + _rar_block(0x7B, 0x4000, b""))


def _rar_block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def winmail(files: Files) -> bytes:
    """TNEF: an attachment as its render data, title and bytes (MS-OXTNEF 2.1.3)."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += _tnef(1, 0x00089006, struct.pack("<I", 0x00010000))  # attTnefVersion
    out += _tnef(1, 0x00069007, struct.pack("<II", 1258, 0))  # attOemCodepage
    for name, data in files.items():
        out += _tnef(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0))
        out += _tnef(2, 0x00018010, name.encode("cp1258", "replace") + b"\x00")
        out += _tnef(2, 0x0006800F, data)
    return out


def _tnef(level: int, attribute: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, attribute, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


# ---- Outlook's .msg: a compound file of MAPI properties --------------------------------------------------------------------

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096


def msg(subject: str, sender: str, body: str, files: Files) -> bytes:
    """[MS-OXMSG]: unicode strings, one storage an attachment."""
    texts = {0x001A: "IPM.Note", 0x0037: subject, 0x0C1F: sender, 0x1000: body, 0x0C1E: "SMTP"}
    root: dict[str, object] = {f"__substg1.0_{tag:04X}001F": text.encode("utf-16-le") for tag, text in texts.items()}
    properties = struct.pack("<8xIIII8x", 0, len(files), 0, len(files))
    root["__properties_version1.0"] = properties + b"".join(_variable(tag, text) for tag, text in texts.items())
    for n, (name, data) in enumerate(files.items()):
        attached: dict[str, object] = {
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            "__substg1.0_37010102": data,
        }
        entries = _variable(0x3707, name) + struct.pack("<HHIII", 0x0102, 0x3701, 6, len(data), 0)
        entries += struct.pack("<HHIIxxxx", 0x0003, 0x3705, 6, 1)
        attached["__properties_version1.0"] = bytes(8) + entries
        root[f"__attach_version1.0_#{n:08X}"] = attached
    return compound(root)


def _variable(tag: int, text: str) -> bytes:
    return struct.pack("<HHIII", 0x001F, tag, 6, 2 * len(text) + 2, 0)


def compound(tree: dict[str, object]) -> bytes:
    """[MS-CFB] version 3: 512-byte sectors, streams below 4,096 bytes in 64-byte sectors of the root's own stream."""
    entries: list[list[object]] = [["Root Entry", 5, FREE, b"", FREE]]
    _enter(tree, 0, entries)
    mini, mini_chain, body, chain = bytearray(), [], bytearray(), []
    starts = [END] * len(entries)
    for n, data in ((n, bytes(entry[3])) for n, entry in enumerate(entries) if entry[1] == 2 and entry[3]):  # type: ignore[arg-type]
        small = len(data) < CUTOFF
        starts[n] = _chained(data, mini if small else body, mini_chain if small else chain, MINI if small else SECTOR)
    entries[0][3] = bytes(mini)
    starts[0] = _chained(bytes(mini), body, chain, SECTOR)
    table = b"".join(struct.pack("<I", place) for place in mini_chain)
    first_mini = _chained(table + b"\xff" * (-len(table) % SECTOR), body, chain, SECTOR)
    directory = b"".join(_entry(entry, start) for entry, start in zip(entries, starts, strict=True))
    first_directory = _chained(directory + _blank() * (-len(entries) % 4), body, chain, SECTOR)
    tables = 1
    while tables * 128 < len(chain) + tables:
        tables += 1
    assert tables <= 109, "a larger file needs DIFAT sectors"
    fat = chain + [FAT] * tables + [FREE] * (tables * 128 - len(chain) - tables)
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIII", 0, tables, first_directory, 0, CUTOFF, first_mini if table else END)
    head += struct.pack("<III", -(-len(table) // SECTOR), END, 0)
    head += struct.pack("<109I", *range(len(chain), len(chain) + tables), *[FREE] * (109 - tables))
    return head + bytes(body) + struct.pack(f"<{len(fat)}I", *fat)


def _chained(data: bytes, body: bytearray, chain: list[int], size: int) -> int:
    """Appends a stream in sectors of ``size``; gives its first sector."""
    if not data:
        return END
    count, first = -(-len(data) // size), len(chain)
    chain += [*range(first + 1, first + count), END]
    body += data + bytes(count * size - len(data))
    return first


def _enter(tree: dict[str, object], parent: int, entries: list[list[object]]) -> None:
    """Children of a storage as a plain right-leaning tree, sorted as the format asks: by length, then by name."""
    names = sorted(tree, key=lambda name: (len(name), name.upper()))
    mine = []
    for name in names:
        mine.append(len(entries))
        content = tree[name]
        entries.append(
            [name, 2 if isinstance(content, bytes) else 1, FREE, content if isinstance(content, bytes) else b"", FREE]
        )
    entries[parent][2] = mine[0] if mine else FREE
    for this, following in zip(mine, [*mine[1:], FREE], strict=True):
        entries[this][4] = following
    for index, name in zip(mine, names, strict=True):
        content = tree[name]
        if isinstance(content, dict):
            _enter(content, index, entries)


def _entry(entry: list[object], start: int) -> bytes:
    name, kind, child, data = str(entry[0]), int(str(entry[1])), entry[2], entry[3]
    assert isinstance(data, bytes)
    right = entry[4]
    raw = name.encode("utf-16-le")
    out = raw.ljust(64, b"\x00") + struct.pack("<HBBIII", len(raw) + 2, kind, 1, FREE, right, child)
    return out + bytes(16 + 4 + 16) + struct.pack("<III", start if kind != 1 else 0, len(data), 0)


def _blank() -> bytes:
    return bytes(64) + struct.pack("<HBBIII", 0, 0, 0, FREE, FREE, FREE) + bytes(48)


# ---- signed mail ---------------------------------------------------------------------------------------------------------------


def signed(mail: bytes, folder: Path) -> bytes:
    """An opaque S/MIME mail (application/pkcs7-mime) by openssl, with a certificate made for the occasion."""
    key, certificate = folder / "signer.key", folder / "signer.pem"
    if not key.exists():
        call = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "3650",
            "-subj",
            "/CN=Van thu co quan",
        ]
        subprocess.run([*call, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    head, _, body = mail.partition(b"\n\n")
    kept = [line for line in _unfolded(head) if line.lower().startswith((b"content-", b"mime-version"))]
    outer = [line for line in _unfolded(head) if not line.lower().startswith((b"content-", b"mime-version"))]
    inner = b"\n".join(kept) + b"\n\n" + body
    call = ["openssl", "smime", "-sign", "-nodetach", "-signer", str(certificate), "-inkey", str(key)]
    done = subprocess.run(call, input=inner, capture_output=True, check=True)
    return b"\n".join(outer) + b"\n" + done.stdout


def _unfolded(head: bytes) -> list[bytes]:
    out: list[bytes] = []
    for line in head.split(b"\n"):
        if line[:1] in b" \t" and line and out:
            out[-1] += b"\n" + line
        else:
            out.append(line)
    return out
