"""Containers written byte by byte, so that a test says exactly what is in them."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from typing import Any

import libarchive
from asn1crypto import algos, cms, core, keys, x509

from tests.parsers.ole_builder import ole_of


def seven_zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()

    def keep(data: bytes) -> int:
        return out.write(data)

    with libarchive.custom_writer(keep, "7zip") as archive:
        for name, data in members.items():
            archive.add_file_from_memory(name, len(data), data)
    return out.getvalue()


def tar(members: Mapping[str, bytes], mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


# ---- rar: stored, not packed --------------------------------------------------------------------------------------------


def _vint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _block(body: bytes) -> bytes:
    sized = _vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def rar5(members: Mapping[str, bytes], end: bool = True, locked: bool = False, volume: bool = False) -> bytes:
    out = b"Rar!\x1a\x07\x01\x00"
    if locked:
        return out + _block(_vint(4) + _vint(0) + bytes(3) + bytes(16) + bytes(12))
    out += _block(_vint(1) + _vint(0) + _vint(volume))
    for name, data in members.items():
        label = name.encode()
        fields = (4, len(data), 0o100644)
        head = (
            _vint(2) + _vint(2) + _vint(len(data)) + b"".join(map(_vint, fields)) + struct.pack("<I", zlib.crc32(data))
        )
        out += _block(head + _vint(0) + _vint(1) + _vint(len(label)) + label) + data
    return out + (_block(_vint(5) + _vint(0) + _vint(0)) if end else b"")


def _old_block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, len(body) + 7) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def rar4(members: Mapping[bytes, bytes], end: bool = True, locked: bool = False, volume: bool = False) -> bytes:
    out = b"Rar!\x1a\x07\x00" + _old_block(0x73, 0x80 * locked + volume, bytes(6))
    for name, data in members.items():
        fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, 20, 0x30, len(name), 0o100644)
        out += _old_block(0x74, 0x8000, fields + name) + data
    return out + (_old_block(0x7B, 0x4000, b"") if end else b"")


# ---- winmail.dat ------------------------------------------------------------------------------------------------------


def attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def property_(number: int, kind: int, data: bytes, name: bytes = b"") -> bytes:
    if kind in (0x1E, 0x1F, 0x102, 0xD):
        data = struct.pack("<II", 1, len(data)) + data + bytes(-len(data) % 4)
    return struct.pack("<HH", kind, number) + name + data


def properties(*found: bytes) -> bytes:
    return struct.pack("<I", len(found)) + b"".join(found)


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def wide(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def tnef_attachment(short: bytes, data: bytes, long: str = "") -> bytes:
    named = attribute(2, 0x69005, properties(property_(0x3707, 0x1F, wide(long)))) if long else b""
    return attribute(2, 0x69002, bytes(14)) + attribute(2, 0x18010, short + b"\0") + attribute(2, 0x6800F, data) + named


# ---- msg --------------------------------------------------------------------------------------------------------------


def substance(number: int, kind: int) -> str:
    return f"__substg1.0_{number:04X}{kind:04X}"


def msg_tree(
    attachments: Mapping[str, Any], subject: str = "", inner: bool = False, **streams: bytes
) -> dict[str, Any]:
    """Streams by ``p37_1f``: number and kind; an attachment that is a mapping is a mail attached."""
    tree: dict[str, Any] = {"__properties_version1.0": bytes(24 if inner else 32)}
    if subject:
        tree[substance(0x37, 0x1F)] = subject.encode("utf-16-le")
    for name, data in streams.items():
        number, _, kind = name.removeprefix("p").partition("_")
        tree[substance(int(number, 16), int(kind, 16))] = data
    for n, (name, data) in enumerate(attachments.items()):
        kind = 0x102 if isinstance(data, bytes) else 0xD
        tree[f"__attach_version1.0_#{n:08X}"] = {
            substance(0x3707, 0x1F): name.encode("utf-16-le"),
            substance(0x3701, kind): data,
        }
    return tree


def msg(attachments: Mapping[str, Any], subject: str = "", **streams: bytes) -> bytes:
    return ole_of(msg_tree(attachments, subject, **streams))


# ---- signed envelopes -------------------------------------------------------------------------------------------------


def certificate(name: str, serial: int = 7) -> x509.Certificate:
    """A certificate nobody signed: only its names matter here."""
    who = x509.Name.build({"common_name": name, "country_name": "VN"})
    key = keys.PublicKeyInfo.wrap(keys.RSAPublicKey({"modulus": 3233, "public_exponent": 17}), "rsa")
    return x509.Certificate(
        {
            "tbs_certificate": {
                "version": "v3",
                "serial_number": serial,
                "signature": {"algorithm": "sha256_rsa"},
                "issuer": who,
                "validity": {
                    "not_before": x509.Time({"utc_time": core.UTCTime("170101000000Z")}),
                    "not_after": x509.Time({"utc_time": core.UTCTime("270101000000Z")}),
                },
                "subject": who,
                "subject_public_key_info": key,
            },
            "signature_algorithm": {"algorithm": "sha256_rsa"},
            "signature_value": b"x",
        }
    )


def p7m(content: bytes | None, name: str = "Nguyễn Văn A") -> bytes:
    """A signed envelope; without content: a signature beside its file."""
    signer = certificate(name)
    inside: dict[str, Any] = {"content_type": "data"}
    if content is not None:
        inside["content"] = content
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": inside,
            "certificates": [signer],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(
                        {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": signer.serial_number}}
                    ),
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
                    "signature": b"x",
                }
            ],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def in_pieces(content: bytes, whole: bytes) -> bytes:
    """The same envelope of unstated length, its content in pieces, as a program that streams writes it."""
    signed = cms.ContentInfo.load(whole)["content"]
    pieces = b"".join(core.OctetString(content[at : at + 1000]).dump() for at in range(0, len(content), 1000))
    inner = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01" + b"\xa0\x80\x24\x80" + pieces + bytes(4)
    fields = signed["version"].dump() + signed["digest_algorithms"].dump() + b"\x30\x80" + inner + bytes(2)
    fields += signed["certificates"].dump() + signed["signer_infos"].dump()
    return b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80" + fields + bytes(6)
