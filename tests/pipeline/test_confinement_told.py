"""A machine that lacks a layer around the reader says so: in ``check``, in ``status`` and in the digest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intake import wiring
from parsers.box import Box
from parsers.confine import Confinement
from tests.pipeline.conftest import SharedBox
from tests.pipeline.world import World

LACKING = """
import json, pathlib, sys, tempfile
from parsers import confine
if "seccomp" in sys.argv: confine.pyseccomp = None
if "landlock" in sys.argv: confine.landlock_abi = lambda: 0
told = confine.confine(pathlib.Path(tempfile.mkdtemp()))
def tried(act):
    try: act(); return "allowed"
    except BaseException as error: return type(error).__name__
import socket
print(json.dumps([told.rlimits, told.landlock, told.seccomp, list(told.notes), tried(lambda: open("/etc/passwd")), tried(socket.socket)]))
"""


@pytest.mark.parametrize(
    ("missing", "expected", "passwd", "sock"),
    [
        ((), [True, True, True, []], "PermissionError", "PermissionError"),
        (("seccomp",), [True, True, False, ["seccomp: libseccomp is not installed"]], "PermissionError", "allowed"),
        (("landlock",), [True, False, True, ["landlock: not in this kernel"]], "allowed", "PermissionError"),
    ],
)
def test_a_layer_that_is_missing_is_named_and_the_others_hold(
    missing: tuple[str, ...], expected: list[Any], passwd: str, sock: str
):
    """What the kernel lacks is simulated in a process of its own; what it can still do there is tried."""
    done = subprocess.run(
        [sys.executable, "-c", LACKING, *missing],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout) == [*expected, passwd, sock], done.stderr


@pytest.fixture
def weaker(worker: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same worker on a kernel without landlock."""
    told = Confinement(rlimits=True, landlock=False, seccomp=True, notes=("landlock: not in this kernel",))

    class Weaker(SharedBox):
        def __enter__(self) -> Any:
            return self

        def confinement(self) -> Confinement:
            return told

    monkeypatch.setattr(wiring, "Box", Weaker)


@pytest.mark.usefixtures("weaker")
def test_check_status_and_digest_name_the_missing_layer(world: World):
    (line,) = [x for x in world.cchc("check", now="2017-07-21 09:00:00").out.splitlines() if "confinement" in x]
    assert line.startswith("WARN")
    assert "landlock: not in this kernel" in line
    status = world.cchc("status", "--json", now="2017-07-21 09:00:10").json
    assert status["confinement"] == ["landlock: not in this kernel"]
    world.poll("2017-07-21 10:05:00")
    world.tick("2017-07-21 10:06:00")
    (digest,) = world.letters("thuky@tinh.example")
    body = digest.get_body(("plain",))
    assert body is not None
    assert "landlock: not in this kernel" in body.get_content()


def test_where_every_layer_is_in_force_nothing_is_said(world: World):
    (line,) = [x for x in world.cchc("check", now="2017-07-21 09:00:00").out.splitlines() if "confinement" in x]
    assert line.startswith("OK")
    assert world.cchc("status", "--json", now="2017-07-21 09:00:10").json["confinement"] == []
