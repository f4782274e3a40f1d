"""Zips: nothing a header says is believed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from parsers import limits
from parsers.archive import expand
from parsers.readers import Budget, Unreadable
from parsers.sniff import sniff
from tests.parsers.office_builders import windows_1258


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def named(raw: bytes, data: bytes = b"x") -> bytes:
    """A zip of one stored member whose name is these bytes, without the UTF-8 flag."""
    fields = (20, 0, 0, 0, 0, zlib.crc32(data), len(data), len(data), len(raw), 0)
    local = b"PK\x03\x04" + struct.pack("<5H3I2H", *fields) + raw + data
    central = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, *fields[:5], *fields[5:9], 0, 0, 0, 0, 0, 0) + raw
    return local + central + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), len(local), 0)


def refusal(data: bytes, budget: Budget | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        expand(data, budget or Budget())
    return caught.value.reason


def test_members_come_in_order_with_their_folders():
    members = expand(zipped({"b/Báo cáo.docx": b"1", "a.txt": b"2"}), Budget())
    assert [(one.name, one.path, one.data) for one in members] == [
        ("Báo cáo.docx", "b/Báo cáo.docx", b"1"),
        ("a.txt", "a.txt", b"2"),
    ]


def test_folders_and_what_systems_leave_behind_are_not_members():
    data = zipped({"a/": b"", "__MACOSX/._a.docx": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "a/b.txt": b"x"})
    assert [one.path for one in expand(data, Budget())] == ["a/b.txt"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_comes_out_is_taken_from_the_budget(method: int):
    budget = Budget(100)
    expand(zipped({"a": b"x" * 60}, method), budget)
    assert budget.left == 40
    assert refusal(zipped({"a": b"x" * 60}, method), budget) == "zip_bomb"


def test_a_lying_size_does_not_help():
    data = zipped({"a": b"x" * 5000})
    assert refusal(data.replace(struct.pack("<I", 5000), struct.pack("<I", 10)), Budget(1000)) == "zip_bomb"
    (member,) = expand(data.replace(struct.pack("<I", 5000), struct.pack("<I", 10)), Budget())
    assert member.reason == "corrupt"


def test_a_ratio_no_document_has_is_a_bomb():
    data = zipped({"a": b"\0" * (limits.RATIO_FROM * 2)})
    assert refusal(data) == "zip_bomb"


def test_too_many_members_are_refused():
    assert refusal(zipped({str(n): b"x" for n in range(limits.ZIP_ENTRIES_MAX + 1)})) == "zip_too_many_entries"


def test_an_empty_zip_is_a_finding_not_nothing():
    assert refusal(zipped({})) == "empty"


def test_bytes_that_are_no_zip_are_corrupt():
    assert refusal(b"PK\x03\x04 no") == "corrupt"


def test_a_locked_member_is_told_apart_from_readable_ones():
    data = bytearray(zipped({"a": b"x", "b": b"y"}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert [one.reason for one in expand(bytes(data), Budget())] == ["encrypted", None]


def test_an_unknown_method_is_unsupported():
    (member,) = expand(zipped({"a": b"x" * 100}, zipfile.ZIP_BZIP2), Budget())
    assert member.reason == "unsupported_type"


@pytest.mark.parametrize("break_at", ["local", "crc", "stream"])
def test_a_broken_member_costs_only_itself(break_at: str):
    data = bytearray(zipped({"a": b"hello world, hello again", "b": b"fine"}))
    if break_at == "local":
        data[0:4] = b"XXXX"
    elif break_at == "crc":
        at = data.index(b"PK\x01\x02")
        data[at + 16] ^= 0xFF
    else:
        data[31] = 0xFF
    assert [one.reason for one in expand(bytes(data), Budget())] == ["corrupt", None]


@pytest.mark.parametrize(
    ("raw", "label", "codes"),
    [
        (b"../../etc/passwd.docx", "etc/passwd.docx", ["unsafe_member_name"]),
        (b"/tmp/a.docx", "tmp/a.docx", ["unsafe_member_name"]),
        (b"C:\\x\\a.docx", "x/a.docx", ["unsafe_member_name"]),
        (b"a\nb.docx", "a b.docx", ["unsafe_member_name"]),
        (b"b\xb8o c\xb8o tu\xc7n.docx", "báo cáo tuần.docx", ["charset_guess"]),
        ("Báo cáo.docx".encode(), "Báo cáo.docx", []),
        (b"..", "unnamed", ["unsafe_member_name"]),
        (b"r\x82sum\x82.docx", "résumé.docx", ["charset_guess"]),
        (windows_1258("Báo cáo tuần của Sở.docx"), "Báo cáo tuần của Sở.docx", ["charset_guess"]),
    ],
)
def test_a_member_name_is_a_readable_label(raw: bytes, label: str, codes: list[str]):
    (member,) = expand(named(raw), Budget())
    assert member.path == label
    assert [found.code for found in member.findings] == codes


def test_the_name_winrar_puts_beside_in_utf_8_wins():
    """Its own name holds a question mark for every letter the system's charset has not."""
    whole = named(b"B?o c?o.docx")
    beside = struct.pack("<BI", 1, zlib.crc32(b"B?o c?o.docx")) + "Báo cáo.docx".encode()
    extra = struct.pack("<HH", 0x7075, len(beside)) + beside
    at = whole.index(b"PK\x01\x02")
    entry = bytearray(whole[at : whole.index(b"PK\x05\x06")])
    entry[30:32] = struct.pack("<H", len(extra))
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    end[12:16] = struct.pack("<I", len(entry) + len(extra))
    (member,) = expand(whole[:at] + bytes(entry) + extra + bytes(end), Budget())
    assert (member.path, member.findings) == ("Báo cáo.docx", ())


def test_a_name_called_utf_8_that_is_none_is_read_as_its_bytes_say():
    raw = windows_1258("Báo cáo tuần của Sở.docx")
    whole = bytearray(named(raw))
    whole[whole.index(b"PK\x01\x02") + 9] |= 0x08
    assert sniff(bytes(whole), "g.zip").reason is None
    assert [one.path for one in expand(bytes(whole), Budget())] == ["Báo cáo tuần của Sở.docx"]


def test_a_stream_that_ends_too_early_is_corrupt():
    whole = zipped({"a": bytes(range(256)) * 40})
    size = struct.unpack_from("<I", whole, whole.index(b"PK\x01\x02") + 20)[0]
    short = whole.replace(struct.pack("<I", size), struct.pack("<I", size - 4))
    (member,) = expand(short, Budget())
    assert member.reason == "corrupt"


def test_a_member_longer_than_the_file_is_corrupt():
    data = named(b"a.txt", b"hello")
    (member,) = expand(data.replace(struct.pack("<II", 5, 5), struct.pack("<II", 60, 5)), Budget())
    assert member.reason == "corrupt"


def test_an_unsafe_name_with_the_utf8_flag_is_told_with_its_label():
    (member,) = expand(zipped({"../báo.docx": b"x"}), Budget())
    assert member.path == "báo.docx"
    assert "báo.docx" in member.findings[0].message
