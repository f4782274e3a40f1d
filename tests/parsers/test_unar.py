"""unar behind walls of its own: what it unpacks is read, what it may not do it cannot, without it a person looks."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from intake.tools import tools
from parsers import limits, unar
from parsers.box import Box
from parsers.form import load_forms
from parsers.part import read_leaf
from parsers.unpacked import Unpacked
from parsers.values import Hints, Leaf
from tests.parsers.document_builders import docx_bytes, zipped

ARCHIVES = Path(__file__).parents[1] / "corpus" / "archives"
SOLID = (ARCHIVES / "rar3-solid.rar").read_bytes()
SHA = hashlib.sha256(SOLID).hexdigest()
LEAF = Leaf(("2",), "bao cao.rar", "", "", SOLID, SHA, "attachment")
MIB = limits.MIB


@pytest.fixture(scope="module")
def box():
    with Box() as found:
        yield found


def test_a_solid_archive_of_the_old_rar_is_read_whole(box):
    parts = box.read_part(LEAF, Hints())
    assert sorted((p.name, p.size, p.outcome, p.reason) for p in parts) == [
        ("stest1.txt", 2048, "enclosure", None),
        ("stest2.txt", 2048, "enclosure", None),
    ]
    assert [p.path[:2] for p in parts] == [("2", "bao cao.rar")] * 2


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_another_way_than_deflate_is_unpacked_by_it_too(box, method):
    data = zipped({"Báo cáo tuần.docx": docx_bytes()}, method)
    leaf = Leaf(("2",), "goi.zip", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    (part,) = box.read_part(leaf, Hints())
    assert (part.name, part.outcome, part.findings) == ("Báo cáo tuần.docx", "read", ())


def test_a_way_of_packing_nobody_knows_is_told_as_such(box):
    data = zipped({"a.docx": b"x"}, zipfile.ZIP_STORED)
    at = data.index(b"PK\x01\x02")
    data = data[: at + 10] + b"\x5f" + data[at + 11 :]
    leaf = Leaf(("2",), "goi.zip", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    (part,) = box.read_part(leaf, Hints())
    assert (part.outcome, part.reason) == ("refused", "unsupported_type")


def test_a_person_sees_the_file_inside_it(box):
    (path,) = (p.path for p in box.read_part(LEAF, Hints()) if p.name == "stest2.txt")
    shown = box.show_part(LEAF, Hints(), path)
    assert shown.leaf is not None
    assert len(shown.leaf.data) == 2048


@pytest.mark.parametrize("lacking", unar.PROGRAMS)
def test_without_one_of_the_programs_the_archive_waits_for_a_person(box, monkeypatch, lacking):
    which = unar.shutil.which
    monkeypatch.setattr(unar.shutil, "which", lambda name: None if name == lacking else which(name))
    (reading,) = box.read_part(LEAF, Hints())
    assert (reading.outcome, reading.reason) == ("needs_review", "tool_missing")
    (told,) = (tool for tool in tools(box) if tool.what == "old rar")
    assert told.missing
    assert {"bwrap": "bubblewrap", "unar": "unar"}[lacking] in told.said


@pytest.mark.parametrize(
    ("name", "reason", "whole"),
    [
        ("rar5-psw.rar", "encrypted", True),
        ("rar3-comment-hpsw.rar", "encrypted", True),
        ("rar5-evil-symlink-traversal.rar", None, False),
        ("unicode2.rar", None, True),
    ],
)
def test_what_the_program_says_is_understood(name, reason, whole):
    done = unar.unpack((ARCHIVES / name).read_bytes(), SHA)
    assert (done.reason, done.whole) == (reason, whole)


def read_of(done: Unpacked) -> list[tuple[str, str | None]]:
    return [(p.name, p.reason) for p in read_leaf(LEAF, load_forms(), Hints(), unpacked=(done,)).readings]


def test_what_came_out_is_counted_and_what_is_missing_is_told():
    tar = unar.unpack(SOLID, SHA).tar
    assert sorted(read_of(Unpacked(SHA, tar))) == [("stest1.txt", None), ("stest2.txt", None)]
    assert ("unnamed", "corrupt") in read_of(Unpacked(SHA, tar, whole=False))
    assert read_of(Unpacked(SHA, b"\0" * 1024)) == [("bao cao.rar", "empty")]
    assert read_of(Unpacked(SHA, reason="timeout")) == [("bao cao.rar", "timeout")]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("yes", "too_large"),
        ("sleep 60", "timeout"),
        (f"yes | head -c {limits.RATIO_FROM + len(SOLID) * (limits.RATIO + 1)}", "zip_bomb"),
        ("exit 126", "tool_missing"),
    ],
)
def test_a_program_that_goes_astray_costs_its_own_archive(monkeypatch, script, reason):
    monkeypatch.setattr(unar, "_script", lambda: script)
    wall = 1.0 if reason == "timeout" else 60.0
    most = 8 * MIB if reason == "too_large" else limits.UNAR_OUT_MAX
    assert unar.unpack(SOLID, SHA, most, wall).reason == reason


def inside(script: str) -> tuple[int, str]:
    ended, out, said = unar.run(script, b"archive", MIB, 60.0)
    return ended, (out + said).decode("utf-8", "replace")


# ---- escapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        "cat /etc/shadow", "ls /root /home /work", "cat {canary}", "echo x > {canary}.planted", "echo x > /usr/planted",
        "kill -0 {pid}", "cat /proc/1/environ", "mount -t tmpfs none /usr", "chown 1:1 /out", "echo x > /in.rar",
        "perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 6); connect(S, sockaddr_in({port}, inet_aton(q(127.0.0.1)))) or exit 9'",
    ],
)  # fmt: skip
def test_an_escape_from_the_programs_walls_is_refused(tmp_path, script):
    canary = tmp_path / "config.toml"
    canary.write_text("CANARY", encoding="utf-8")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other,
    ):
        told = script.format(canary=canary, pid=other.pid, port=server.getsockname()[1])
        ended, said = inside(f"{told}; ended=$?; [ $ended -ne 0 ] || echo ESCAPED; exit 0")
        assert (ended, other.poll()) == (0, None), said
        other.kill()
    assert "ESCAPED" not in said
    assert "CANARY" not in said
    assert list(tmp_path.iterdir()) == [canary]


def test_the_program_hears_and_sees_nobody():
    ended, said = inside("env; ls /proc /tmp 2>&1; cat /proc/net/dev 2>&1; ls /; id -u")
    assert ended == 0
    names = {line.partition("=")[0] for line in said.splitlines() if "=" in line}
    assert names <= {"PATH", "LANG", "HOME", "PWD", "SHLVL", "_", "OLDPWD"}
    assert not {"root", "home", "var", "tmp", "work", "sys", "run"} & set(said.split())
    assert said.split()[-1] == "1000"


def test_its_memory_and_its_files_are_bounded():
    walls = unar._script().partition("unar -q")[0]
    assert inside(f"{walls} perl -e '$x = q(a) x {1 << 30}; print length $x'")[1].isdigit() is False
    _, said = inside(f"{walls} yes | head -c {limits.WORKER_FILE_SIZE + MIB} > /out/big; echo size $(wc -c < /out/big)")
    assert f"size {limits.WORKER_FILE_SIZE}\n" in said


def test_nobody_is_left_behind():
    with pytest.raises(TimeoutError):
        unar.run("sleep 7321 & sleep 7321", b"", MIB, 0.5)
    until = time.monotonic() + 30
    while (
        left := [path for path in Path("/proc").glob("[0-9]*") if b"sleep\x007321" in _said_of(path)]
    ) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def _said_of(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
