"""The systemd unit: verified and scored by systemd itself; and the reader's own walls stand inside the unit's.

Here its system-call list and its refusal of writable code are laid around real readers by the same means systemd uses
(seccomp). The unit itself is started by ``tests.deploy.try_unit``, which needs root and namespaces.
"""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "cchc.service"
EXPOSURE_MAX = 25  # tenths: systemd calls up to 4.9 "OK", up to 2.9 the best it knows for a service with a network


def lines(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists here."""
    assert shutil.which("systemd-analyze"), "systemd is needed for this test: apt-get install systemd"
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = tmp_path / "cchc.service"
    path.write_text(text.replace("file:/opt/cchc-intake/docs/operator.md", "man:true(1)"), encoding="utf-8")
    return path


def test_systemd_finds_nothing_to_say_about_the_unit(unit: Path):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "cchc" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_systemd_scores_the_unit_as_well_protected(unit: Path):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Overall exposure level for cchc.service" in done.stdout


def test_the_unit_names_the_program_and_the_folders_the_guide_names():
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    for word in (*lines("ExecStart")[0].split()[:1], "deploy/cchc.sysusers", "deploy/cchc.tmpfiles", "/var/lib/cchc"):
        assert word in guide, word
    assert lines("StateDirectory") == ["cchc"]
    parser = configparser.ConfigParser(strict=False)
    parser.read(UNIT, encoding="utf-8")
    assert parser.sections() == ["Unit", "Service", "Install"]


# ---- the reader inside the unit's walls ------------------------------------------------------------------------------

_INSIDE = """
import json, sys
import pyseccomp as s
allowed = json.loads(sys.argv[1])
rules = s.SyscallFilter(s.ERRNO(1))
for name in allowed:
    try:
        rules.add_rule(s.ALLOW, name)
    except (OSError, RuntimeError, ValueError):
        pass  # a call this processor has not
rules.load()
writable_code = s.SyscallFilter(s.ALLOW)
if "MemoryDenyWriteExecute" in sys.argv[2:]:
    writable_code.add_rule(s.ERRNO(1), "mmap", s.Arg(2, s.MASKED_EQ, 6, 6))
    writable_code.add_rule(s.ERRNO(1), "mprotect", s.Arg(2, s.MASKED_EQ, 4, 4))
    writable_code.add_rule(s.ERRNO(1), "pkey_mprotect", s.Arg(2, s.MASKED_EQ, 4, 4))
writable_code.load()
import hashlib
from pathlib import Path
from parsers import unar
from parsers.box import Box
from parsers.values import Hints, Leaf
def leaf(path):
    data = path.read_bytes()
    return Leaf(("2",), path.name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")
with Box() as box:
    told = box.confinement()
    pages = box.page_confinement().complete
    read = {p: [r.outcome for r in box.read_part(leaf(Path(p)), Hints())] for p in sys.argv[3:]}
print(json.dumps({"complete": told.complete, "notes": told.notes, "read": read, "pages": pages, "unar": unar.obstacle()}))
"""


def calls() -> list[str]:
    """What the unit's SystemCallFilter allows, groups spelled out by systemd."""
    found: set[str] = set()
    waiting = [word for line in lines("SystemCallFilter") for word in line.split()]
    while waiting:
        word = waiting.pop()
        if not word.startswith("@"):
            found.add(word)
            continue
        done = subprocess.run(
            ["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True
        )
        waiting += [line.strip() for line in done.stdout.splitlines()[1:] if line.strip() and "#" not in line]
    return sorted(found)


@pytest.mark.slow
def test_the_readers_own_confinement_takes_hold_inside_the_units():
    """The list of calls and the refusal of writable code are laid around the whole worker; every layer still takes hold."""
    attachments = ROOT / "tests" / "corpus" / "hostile" / "att"
    files = [str(attachments / name) for name in ("ok_control.docx", "ok_control.xlsx", "ok_control.pdf")]
    files.append(str(attachments.parents[1] / "archives" / "rar3-solid.rar"))
    assert lines("MemoryDenyWriteExecute") == ["yes"]
    done = subprocess.run(
        [sys.executable, "-c", _INSIDE, json.dumps(calls()), "MemoryDenyWriteExecute", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["complete"], told["notes"]
    assert list(told["read"].values()) == [["read"], ["read"], ["read"], ["enclosure", "enclosure"]]
    assert (told["pages"], told["unar"]) == (True, "")


def test_the_unit_takes_nothing_away_that_bubblewrap_needs():
    """Seen under a running systemd: without /proc/sys bubblewrap does not start."""
    assert lines("ProcSubset") == []
    assert {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"} <= set(lines("RestrictNamespaces")[0].split())
    assert "AF_NETLINK" in lines("RestrictAddressFamilies")[0]


def test_memory_that_runs_out_costs_a_reader_and_not_the_service(tmp_path: Path):
    """The kernel ends the process with the highest score; without ``continue`` systemd would stop everything for it."""
    assert lines("OOMPolicy") == ["continue"]
    walled_in = (
        "import sys; from pathlib import Path; from parsers.confine import wall_in;"
        " wall_in(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", walled_in, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        assert Path(f"/proc/{reader.pid}/oom_score_adj").read_text("ascii") == "1000\n"
        reader.kill()
