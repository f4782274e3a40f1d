"""The child that stands ready before its job: behind the same walls, for one job, with limits counted from that job on."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parsers.box import Box, BoxFailure
from parsers.form import load_forms
from parsers.part import read_part
from parsers.values import Hints, Leaf
from tests.parsers.document_builders import docx_bytes

HERE = Path(__file__).parent
PATIENCE = 60.0  # seconds; everything here is a matter of milliseconds on an idle machine


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_BOX_PROBES", str(HERE / "box_probes.py"))
        with Box(wall=25.0) as found:
            found.warm()
            yield found


def wait_for(true: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def standing(box: Box) -> list[int]:
    """Children of the worker that are behind their walls."""
    worker = box._worker.pid
    pids = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    return [int(pid) for pid in pids if is_walled(int(pid))]


def is_walled(pid: int) -> bool:
    try:
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def by_the_one_ahead(box: Box, probe: str, body: str = "") -> str:
    """What a probe says when the child made ahead does it; between its walls and its word that it is ready it may be passed by."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        wait_for(lambda: standing(box))
        pids = standing(box)
        pid, _, said = box.probe("as_whom", f"{probe} {body}".encode(), ahead=True).partition(" ")
        if int(pid) in pids:
            return said
    raise AssertionError("no child made ahead took the job")


@pytest.mark.parametrize(
    "probe",
    ["read_passwd", "udp", "unix_socket", "execute", "start_program", "fork", "kill_parent", "parent_memory",
     "new_session", "write_package"],
)  # fmt: skip
def test_an_escape_is_refused(box, probe):
    assert by_the_one_ahead(box, probe) == "PermissionError"


@pytest.mark.parametrize(
    ("probe", "refusal"),
    [("big_file", "OSError"), ("big_memory", "MemoryError"), ("many_files", "OSError"), ("descriptors", "[0, 1, 2, 3]"),
     ("trace_parent", os.strerror(1))],
)  # fmt: skip
def test_its_limits_hold(box, probe, refusal):
    assert by_the_one_ahead(box, probe) == refusal


def test_limits_cannot_be_raised_again(box):
    assert by_the_one_ahead(box, "raise_limits") in ("PermissionError", "ValueError")


def test_its_limits_count_from_its_job(box):
    """Processor time and memory of the practice are its own affair."""
    seconds, megabytes = map(int, by_the_one_ahead(box, "allowance").split())
    assert seconds == 20
    assert 490 <= megabytes <= 512


def test_it_writes_in_a_folder_of_its_own(box):
    assert by_the_one_ahead(box, "write_own_folder").startswith("allowed: ('mine', True)")


def test_it_does_one_job_and_is_gone(box):
    first = int(by_the_one_ahead(box, "whoami"))
    second = int(by_the_one_ahead(box, "whoami"))
    assert first != second
    wait_for(lambda: not Path(f"/proc/{first}").exists())


def test_nothing_of_one_job_reaches_the_next(box):
    by_the_one_ahead(box, "remember", "secret")
    assert by_the_one_ahead(box, "remembered") == "[]"


def test_a_job_that_does_not_ask_for_it_leaves_it_standing(box):
    wait_for(lambda: standing(box))
    (before,) = standing(box)
    assert int(box.probe("whoami")) != before
    assert before in standing(box)


def test_an_order_larger_than_its_pipe_arrives_whole(box):
    digest = by_the_one_ahead(box, "digest", "x" * (9 << 20))
    assert digest == hashlib.sha256(b"x" * (9 << 20)).hexdigest()


def test_one_that_dies_before_its_job_costs_nothing(box):
    wait_for(lambda: standing(box))
    (pid,) = standing(box)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{pid}").exists())  # the worker has seen it
    assert box.probe("whoami", ahead=True).isdigit()
    assert by_the_one_ahead(box, "whoami").isdigit()  # and after that job another stands there


def test_a_crash_in_it_is_told_and_the_next_job_is_done(box):
    wait_for(lambda: standing(box))
    with pytest.raises(BoxFailure) as failure:
        box.probe("segfault", ahead=True)
    assert failure.value.reason == "reader_crashed"
    assert by_the_one_ahead(box, "whoami").isdigit()


def test_one_that_hangs_is_killed_at_its_wall_and_one_that_spins_at_its_processor_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_BOX_PROBES", str(HERE / "box_probes.py"))
        with Box(wall=2.0, cpu=1) as quick:
            quick.warm()
            for probe in ("sleep", "spin"):
                wait_for(lambda: standing(quick))
                with pytest.raises(BoxFailure) as failure:
                    quick.probe(probe, b"60", ahead=True)
                assert failure.value.reason == "timeout"


def test_a_report_is_read_the_same_by_the_one_ahead(box):
    data = docx_bytes()
    leaf = Leaf(("2",), "bc.docx", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    wait_for(lambda: standing(box))
    assert box.read_part(leaf, Hints()) == read_part(leaf, load_forms(), Hints())


def test_changed_forms_are_never_read_with_the_old_ones(tmp_path):
    form = (HERE.parent.parent / "parsers" / "forms" / "weekly.toml").read_text(encoding="utf-8")
    (tmp_path / "weekly.toml").write_text(form, encoding="utf-8")
    data = docx_bytes()
    leaf = Leaf(("2",), "bc.docx", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    with Box([tmp_path]) as box:
        (before,) = box.read_part(leaf, Hints())
        wait_for(lambda: standing(box))
        (tmp_path / "weekly.toml").write_text(form + "\n# changed\n", encoding="utf-8")
        (after,) = box.read_part(leaf, Hints())
    assert before.reports
    assert before.reports[0].form_sha256 != after.reports[0].form_sha256
    assert before.reports[0].figures == after.reports[0].figures


def test_no_child_is_left_when_the_worker_ends(tmp_path):
    with Box() as found:
        found.warm()
        wait_for(lambda: standing(found))
        (pid,) = standing(found)
    wait_for(lambda: not Path(f"/proc/{pid}").exists())
