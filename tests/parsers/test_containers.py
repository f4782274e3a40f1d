"""Containers: what is in them, what they cost, and why one cannot be opened."""

from __future__ import annotations

import contextlib
import io
import tarfile
from pathlib import Path

import pytest
from asn1crypto import cms

from parsers import limits, mapi, packed, part
from parsers.archive import Opened
from parsers.containers import open_container
from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import Budget, Unreadable
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.container_builders import (
    attribute,
    certificate,
    msg,
    msg_tree,
    p7m,
    properties,
    property_,
    rar4,
    rar5,
    seven_zip,
    tar,
    tnef,
    tnef_attachment,
    wide,
)
from tests.parsers.document_builders import zipped
from tests.parsers.ole_builder import ole_of

ARCHIVES = Path(__file__).parent.parent / "corpus" / "archives"
FORMS = load_forms()
PACKERS = {
    "7z": seven_zip,
    "tar": tar,
    "tar.gz": lambda members: tar(members, "w:gz"),
    "tar.bz2": lambda members: tar(members, "w:bz2"),
    "tar.xz": lambda members: tar(members, "w:xz"),
    "rar": rar5,
}


def opened(data: bytes, kind: str, budget: Budget | None = None, name: str = "") -> Opened:
    return open_container(data, kind, name, budget or Budget())


def contents(data: bytes, kind: str) -> dict[str, bytes]:
    return {member.path: member.data for member in opened(data, kind).members}


def refusal(data: bytes, kind: str, budget: Budget | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        opened(data, kind, budget)
    return caught.value.reason


def read(data: bytes, name: str) -> tuple[PartReading, ...]:
    return read_part(Leaf(("2",), name, "application/octet-stream", "", data, "0", "attachment"), FORMS, Hints())


# ---- 7z, rar, tar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PACKERS)
def test_members_come_in_order_with_their_folders(kind: str):
    data = PACKERS[kind]({"b/Báo cáo.docx": b"1", ".DS_Store": b"x", "../a.txt": b"2"})
    members = opened(data, kind).members
    assert [(one.name, one.path, one.data) for one in members] == [
        ("Báo cáo.docx", "b/Báo cáo.docx", b"1"),
        ("a.txt", "a.txt", b"2"),
    ]
    assert [found.code for found in members[1].findings] == ["unsafe_member_name"]


@pytest.mark.parametrize("kind", PACKERS)
def test_what_comes_out_is_taken_from_the_one_budget(kind: str):
    budget = Budget(100)
    data = PACKERS[kind]({"a": b"x" * 60})
    opened(data, kind, budget)
    assert budget.left == 40
    assert refusal(data, kind, budget) == "zip_bomb"


@pytest.mark.parametrize("kind", ["7z", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_ratio_no_document_has_is_a_bomb(kind: str):
    assert refusal(PACKERS[kind]({"a": bytes(limits.RATIO_FROM * 2)}), kind) == "zip_bomb"


@pytest.mark.parametrize("kind", PACKERS)
def test_too_many_members_are_refused(kind: str):
    data = PACKERS[kind]({str(n): b"x" for n in range(limits.ZIP_ENTRIES_MAX + 1)})
    assert refusal(data, kind) == "zip_too_many_entries"


@pytest.mark.parametrize("kind", ["7z", "tar", "rar"])
def test_an_archive_cut_short_says_so(kind: str):
    data = PACKERS[kind]({"a.txt": bytes(range(256)) * 40, "b.txt": b"x" * 4000})
    try:
        reasons = [member.reason for member in opened(data[: len(data) // 2], kind).members]
    except Unreadable as refused:
        reasons = [refused.reason]
    assert "corrupt" in reasons


def test_one_budget_holds_across_kinds_of_containers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(part, "Budget", lambda: Budget(3_000))
    inner = seven_zip({"a.txt": b"ab" * 500})
    readings = read(zipped({"1.7z": inner, "2.7z": inner, "3.7z": inner}), "goi.zip")
    assert [one.reason for one in readings] == [None, None, "zip_bomb"]


def test_links_and_folders_are_not_members():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "link"),
            (tarfile.LNKTYPE, "hard"),
            (tarfile.DIRTYPE, "dir"),
            (tarfile.FIFOTYPE, "p"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert refusal(out.getvalue(), "tar") == "empty"


def test_a_name_in_an_old_encoding_is_read_and_told():
    (member,) = opened(rar4({b"b\xb8o c\xb8o tu\xc7n.txt": b"x"}), "rar").members
    assert member.path == "báo cáo tuần.txt"
    assert [found.code for found in member.findings] == ["charset_guess"]


@pytest.mark.parametrize(
    ("name", "members", "reason"),
    [
        ("rar3-subdirs.rar", 4, None),
        ("rar5-subdirs.rar", 4, None),
        ("rar5-solid.rar", 2, None),
        ("unicode2.rar", 2, None),
        ("rar3-symlink-unix.rar", 1, None),
        ("rar5-evil-symlink-traversal.rar", 1, None),
        ("rar5-hlink.rar", 1, None),
        ("rar3-solid.rar", 0, "unsupported_type"),
        ("rar3-comment-hpsw.rar", 0, "encrypted"),
        ("rar5-psw.rar", 0, "encrypted"),
        ("rar5-hpsw.rar", 0, "encrypted"),
        ("locked.7z", 0, "encrypted"),
        ("locked-names.7z", 0, "encrypted"),
    ],
)
def test_archives_of_other_peoples_programs(name: str, members: int, reason: str | None):
    data, kind = (ARCHIVES / name).read_bytes(), name.rpartition(".")[2]
    if not members:
        assert refusal(data, kind) == reason
    else:
        found = opened(data, kind).members
        assert len(found) == members
        assert {one.reason for one in found} == {None, reason}


@pytest.mark.parametrize(
    "data",
    [
        rar5({"a": b"x"}, end=False),
        rar4({b"a": b"x"})[:-20],
        rar5({}),
        b"Rar!\x1a\x07\x00",
        b"Rar!\x1a\x07\x01\x00\xff" * 4,
    ],
)
def test_a_rar_file_that_just_stops_is_corrupt_or_empty(data: bytes):
    assert refusal(data, "rar") in ("corrupt", "empty")


def test_one_volume_of_several_is_not_whole():
    assert refusal(rar4({b"a": b"x"}, volume=True), "rar") == "corrupt"
    assert refusal(rar5({"a": b"x"}, volume=True), "rar") == "corrupt"


def test_locked_names_are_encrypted():
    assert refusal(rar4({}, locked=True), "rar") == "encrypted"
    assert refusal(rar5({}, locked=True), "rar") == "encrypted"


def test_without_the_library_a_person_looks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packed, "libarchive", None)
    (reading,) = read(tar({"a.txt": b"x"}), "a.tar")
    assert (reading.outcome, reading.reason) == ("needs_review", "tool_missing")


@pytest.mark.parametrize("kind", ["7z", "rar"])
def test_an_archive_overwritten_anywhere_never_crashes_the_reader(kind: str):
    whole = PACKERS[kind]({"a.txt": b"some words " * 30, "b.txt": b"others " * 30})
    for at in range(6, len(whole), max(1, len(whole) // 60)):
        with contextlib.suppress(Unreadable):
            opened(whole[:at] + b"\xff\xff" + whole[at + 2 :], kind)


# ---- winmail.dat ------------------------------------------------------------------------------------------------------


def compressed(text: bytes, kind: bytes = b"MELA") -> bytes:
    return len(text + b"x" * 12).to_bytes(4, "little") + len(text).to_bytes(4, "little") + kind + bytes(4) + text


def test_the_long_name_wins_and_the_text_is_a_body():
    data = tnef(
        attribute(1, 0x69007, (1258).to_bytes(4, "little") + bytes(4)),
        attribute(1, 0x18004, "Báo cáo".encode("cp1258", "ignore") + b"\0"),
        attribute(1, 0x2800C, "Kính gửi".encode("cp1258", "ignore") + b"\0"),
        tnef_attachment(b"BAOCAO~1.DOC", b"one", "Báo cáo.docx"),
        tnef_attachment(b"short.txt", b"two"),
    )
    found = opened(data, "tnef")
    assert [(one.path, one.data, one.is_body) for one in found.members][1:] == [
        ("Báo cáo.docx", b"one", False),
        ("short.txt", b"two", False),
    ]
    assert found.members[0].is_body
    assert found.subject.startswith("B")


@pytest.mark.parametrize(
    ("found", "name", "start"),
    [
        (property_(0x1013, 0x102, b"<p>a</p>"), "body.html", b"<p>a"),
        (property_(0x1013, 0x1F, wide("<p>á</p>")), "body.html", "<p>á".encode()),
        (property_(0x1000, 0x1F, wide("Kính gửi")), "body.txt", "Kính gửi".encode()),
        (property_(0x1009, 0x102, compressed(b"{\\rtf1 a}")), "body.rtf", b"{\\rtf1 a}"),
    ],
)
def test_the_text_is_html_else_plain_else_rich(found: bytes, name: str, start: bytes):
    named = property_(0x8001, 0x3, bytes(4), bytes(16) + (0).to_bytes(4, "little") + bytes(4))
    spoken = property_(
        0x8002, 0x3, bytes(4), bytes(16) + (1).to_bytes(4, "little") + (6).to_bytes(4, "little") + b"a\0b\0\0\0\0\0"
    )
    several = (0x1003 | 0x3007 << 16).to_bytes(4, "little") + (2).to_bytes(4, "little") + bytes(8)
    (member,) = opened(tnef(attribute(1, 0x69003, properties(named, spoken, several, found))), "tnef").members
    assert member.name == name
    assert member.data.startswith(start)


def inner_tnef(depth: int) -> bytes:
    if not depth:
        return tnef_attachment(b"a.txt", b"deep")
    inside = bytes(16) + tnef(inner_tnef(depth - 1))
    held = properties(property_(0x3707, 0x1F, wide(f"thư {depth}")), property_(0x3701, 0xD, inside))
    return attribute(2, 0x69002, bytes(14)) + attribute(2, 0x69005, held)


def test_a_message_attached_is_opened_on_its_way():
    assert contents(tnef(inner_tnef(1)), "tnef") == {"thư 1/a.txt": b"deep"}


def test_messages_in_messages_end_somewhere():
    (member,) = opened(tnef(inner_tnef(limits.ZIP_DEPTH_MAX + 1)), "tnef").members
    assert member.reason == "zip_nested_too_deep"


def test_a_broken_message_attached_costs_only_itself():
    held = properties(property_(0x3701, 0xD, bytes(16) + tnef()))
    data = tnef(attribute(2, 0x69002, bytes(14)) + attribute(2, 0x69005, held), tnef_attachment(b"b.txt", b"fine"))
    assert [one.reason for one in opened(data, "tnef").members] == ["empty", None]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no", "corrupt"),
        (tnef(), "empty"),
        (tnef(tnef_attachment(b"a", b"data"))[:-6], "corrupt"),
        (tnef(attribute(1, 0x69003, b"\x05\x00\x00\x00")), "corrupt"),
        (tnef(attribute(1, 0x69003, properties(property_(1, 0x1E, b"xxxx")[:-2]))), "corrupt"),
        (tnef(attribute(1, 0x69003, properties(property_(1, 0x99, b"")))), "empty"),
        (tnef(attribute(1, 0x69003, properties(property_(0x1009, 0x102, b"short")))), "corrupt"),
        (tnef(*[attribute(2, 0x69002, bytes(14))] * (limits.PARTS_MAX + 1)), "too_many_parts"),
    ],
)
def test_a_bad_winmail_dat_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data, "tnef") == reason


def test_compressed_rich_text_is_unpacked_and_counted():
    known = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    budget = Budget(100)
    assert mapi.rich_text(known, budget) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert budget.left == 57
    for broken in (known[:16] + b"\xff\x00", compressed(b"", b"XXXX")):
        with pytest.raises(Unreadable, match="corrupt"):
            mapi.rich_text(broken, Budget())
    with pytest.raises(Unreadable, match="zip_bomb"):
        mapi.rich_text(known, Budget(5))


# ---- msg --------------------------------------------------------------------------------------------------------------


def test_a_mail_saved_by_outlook_is_text_and_attachments():
    inner = msg_tree({"trong.txt": b"deep".ljust(5000)}, "thư trong", inner=True)
    found = opened(
        msg({"a.txt": b"x" * 4096, "thư.msg": inner}, "Chủ đề", p1000_1f="Kính gửi".encode("utf-16-le")), "msg"
    )
    assert found.subject == "Chủ đề"
    assert [(one.path, one.is_body) for one in found.members] == [
        ("body.txt", True),
        ("a.txt", False),
        ("thư.msg/trong.txt", False),
    ]


def test_the_bodys_code_page_is_the_mails():
    tree = msg_tree({}, p1013_102="<p>Báo cáo</p>".encode("cp1258").ljust(4096))
    tree["__properties_version1.0"] = (
        bytes(32) + (3 | 0x3FFD << 16).to_bytes(4, "little") + bytes(4) + (1258).to_bytes(8, "little")
    )
    (member,) = opened(ole_of(tree), "msg").members
    assert (member.charset, member.declared) == ("cp1258", "text/html")


def test_what_is_attached_only_in_name_is_told():
    tree = msg_tree({"link.docx": b"", "chart": {"Other": b"x"}})
    del tree["__attach_version1.0_#00000000"]["__substg1.0_37010102"]
    assert [one.reason for one in opened(ole_of(tree), "msg").members] == ["empty", "unsupported_type"]


def test_mails_in_mails_end_somewhere():
    tree = msg_tree({"a.txt": b"x"}, inner=True)
    for _ in range(limits.ZIP_DEPTH_MAX + 2):
        tree = msg_tree({"m": tree}, inner=True)
    (member,) = opened(ole_of(tree), "msg").members
    assert member.reason == "zip_nested_too_deep"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (msg({}), "empty"),
        (msg({"a": b"x"})[:1500], "corrupt"),
        (msg({str(n): b"x" for n in range(limits.PARTS_MAX + 1)}), "too_many_parts"),
    ],
)
def test_a_bad_msg_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data, "msg") == reason


# ---- signed envelopes -------------------------------------------------------------------------------------------------


def test_what_was_signed_is_read_under_its_own_name():
    (reading,) = read(p7m(b"%PDF-1.4 x", "Trần Thị B"), "bao cao.pdf.p7m")
    assert reading.path == ("2", "bao cao.pdf.p7m", "bao cao.pdf")
    assert "Trần Thị B" in reading.findings[0].message


def test_a_signature_beside_its_file_names_its_signer():
    (reading,) = read(p7m(None), "a.p7s")
    assert (reading.type, reading.outcome, reading.reason) == ("p7s", "refused", "unsupported_type")
    assert [found.code for found in reading.findings] == ["signed_by"]


def envelope(kind: str, content: object) -> bytes:
    return bytes(cms.ContentInfo({"content_type": kind, "content": content}).dump())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "corrupt"),
        (envelope("data", b"x"), "unsupported_type"),
        (envelope("encrypted_data", {"version": "v0", "encrypted_content_info": {"content_type": "data", "content_encryption_algorithm": {"algorithm": "aes128_cbc", "parameters": bytes(16)}}}), "encrypted"),
        (p7m(b"x" * 400)[:60], "corrupt"),
    ],
)  # fmt: skip
def test_a_bad_envelope_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data, "p7m") == reason


def test_a_name_from_a_certificate_is_one_line():
    assert certificate("a\nb").subject.native["common_name"] == "a\nb"
    (found,) = opened(p7m(b"x", "a\nb"), "p7m").findings
    assert "\n" not in found.message


def test_an_envelope_overwritten_anywhere_never_crashes_the_reader():
    whole = p7m(b"words " * 20)
    for at in range(0, len(whole), 5):
        with contextlib.suppress(Unreadable):
            opened(whole[:at] + b"\xff" + whole[at + 1 :], "p7m")
