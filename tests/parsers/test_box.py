"""The walls around readers, tried from inside; and what a bad job costs: itself.

Quotes faults, "Confining the parsers": ten escape probes, and F32 (crash, hang, memory).
"""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from parsers import limits
from parsers.box import Box, BoxFailure
from parsers.confine import landlock_abi
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.pages.zygote import GIVES_WAY
from parsers.part import read_part
from parsers.values import Hints, Leaf
from tests.parsers.document_builders import docx_bytes, self_calling_pdf

HERE = Path(__file__).parent
FORMS = load_forms()
ATTACHMENTS = HERE.parent / "corpus" / "hostile" / "att"


@pytest.fixture(scope="module", autouse=True)
def _probes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_BOX_PROBES", str(HERE / "box_probes.py"))
        yield


@pytest.fixture(scope="module")
def box(_probes):
    with Box(wall=25.0) as found:
        found.warm()
        yield found


def a_leaf(data: bytes, name: str = "bao cao.docx") -> Leaf:
    return Leaf(("2",), name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")


# ---- walls -----------------------------------------------------------------------------------------------------------


def test_every_layer_is_in_force_here(box):
    told = box.confinement()
    assert told.complete, told.notes
    assert landlock_abi() > 0


ESCAPES = (
    "read_passwd", "udp", "unix_socket", "execute", "start_program", "fork", "kill_parent", "parent_memory", "new_session",
    "write_package",
)  # fmt: skip


@pytest.mark.parametrize("probe", ESCAPES)
def test_an_escape_is_refused(box, probe):
    assert box.probe(probe) == "PermissionError"


@pytest.mark.parametrize("probe", ESCAPES)
def test_an_escape_from_the_worker_for_pages_is_refused(box, probe):
    assert box.probe_page(probe) == "PermissionError"


def test_the_worker_for_pages_gives_way_to_the_other(box):
    assert int(box.probe_page("priority")) == min(int(box.probe("priority")) + GIVES_WAY, 19)


def test_what_libraries_print_goes_to_the_null_device_from_either_worker(box):
    assert box.probe("write_file", b"/dev/null") == box.probe_page("write_file", b"/dev/null") == "allowed: 3"


def test_a_file_of_the_service_cannot_be_read_or_listed(box, tmp_path):
    canary = tmp_path / "config.toml"
    canary.write_text("mật khẩu")
    assert box.probe("read_file", str(canary).encode()) == "PermissionError"
    assert box.probe("list_folder", str(tmp_path).encode()) == "PermissionError"
    assert box.probe("list_folder", str(HERE.parent.parent).encode()) == "PermissionError"


def test_nothing_can_be_written_outside_the_jobs_own_folder(box, tmp_path):
    target = tmp_path / "planted"
    assert box.probe("write_file", str(target).encode()) == "PermissionError"
    assert not target.exists()


def test_no_connection_reaches_a_listening_server(box):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        assert box.probe("tcp", str(server.getsockname()[1]).encode()) == "PermissionError"
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_service_cannot_be_killed_from_inside(box):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert box.probe("kill_service", str(other.pid).encode()) == "PermissionError"
        assert other.poll() is None
        other.kill()


def test_another_process_cannot_be_traced(box):
    assert box.probe("trace_parent") == os.strerror(1)


def test_a_file_of_200_megabytes_is_refused(box):
    assert box.probe("big_file") == "OSError"


def test_a_gigabyte_of_memory_is_refused(box):
    assert box.probe("big_memory") == "MemoryError"


def test_what_only_a_locked_pdf_needs_is_loaded_inside_the_walls(box):
    lock = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor()
    assert box.probe("unlock", lock.update(b"from 14/7 to 20/7/2017 32 files.") + lock.finalize()) == (
        "allowed: 'from 14/7 to 20/7/2017 32 files.'"
    )


def test_limits_cannot_be_raised_again(box):
    assert box.probe("raise_limits") in ("PermissionError", "ValueError")


def test_a_hundred_open_files_are_refused(box):
    assert box.probe("many_files") == "OSError"


def test_the_child_inherits_no_descriptor_but_its_answer(box):
    assert box.probe("descriptors") == "[0, 1, 2, 3]"


def test_no_secret_of_the_service_is_in_the_workers_environment(monkeypatch):
    monkeypatch.setenv("CCHC_IMAP_PASSWORD", "bí mật")
    monkeypatch.setenv("CMAP_PATH", "/tmp")
    with Box() as found:
        names = found.probe("environment").split()
    assert "TMPDIR" in names
    assert not {"CCHC_IMAP_PASSWORD", "CMAP_PATH", "HOME"} & set(names)


def test_what_readers_need_still_works_inside(box):
    assert box.probe("write_own_folder").startswith("allowed: ('mine', True)")
    assert box.probe("lazy_imports").startswith("allowed")


def test_each_job_has_a_folder_and_a_process_of_its_own(box):
    assert box.probe("whoami") != box.probe("whoami")


def test_the_box_holds_for_an_ordinary_user_as_for_root():
    """Run unprivileged in a child: everything is in memory, as it is in the warm worker."""
    if os.geteuid() != 0:
        assert os.geteuid() > 0  # then every other test here is that proof
        return
    code = (
        "import os, tempfile, pathlib, socket, json\n"
        "from parsers.confine import confine\n"
        "folder = tempfile.mkdtemp(); os.chmod(folder, 0o777)\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "told = confine(pathlib.Path(folder))\n"
        "def tried(f):\n"
        "    try: f(); return 'allowed'\n"
        "    except BaseException as e: return type(e).__name__\n"
        "print(told.rlimits, told.landlock, told.seccomp,\n"
        "      tried(lambda: open('/etc/passwd').read()), tried(socket.socket), tried(os.fork),\n"
        "      tried(lambda: open(folder + '/x', 'w').close()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["True", "True", "True", *["PermissionError"] * 3, "allowed"], done.stderr


# ---- bad jobs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", ["segfault", "abort", "leave", "recurse", "raise_error", "lie"])
def test_a_crash_is_told_and_the_next_job_is_done(box, probe):
    with pytest.raises(BoxFailure) as failure:
        box.probe(probe)
    assert failure.value.reason == "reader_crashed"
    assert box.probe("whoami").isdigit()


def test_an_error_inside_says_where(box):
    with pytest.raises(BoxFailure, match=r"ValueError at box_probes\.py"):
        box.probe("raise_error")


@pytest.mark.parametrize("probe", ["eat_memory", "abort_for_memory"])
def test_a_job_that_eats_memory_is_told_as_memory(box, probe):
    with pytest.raises(BoxFailure) as failure:
        box.probe(probe)
    assert failure.value.reason == "memory"
    assert box.probe("whoami").isdigit()


def test_a_job_that_hangs_is_killed_at_its_wall():
    with Box(wall=3.0) as quick:
        quick.warm()
        with pytest.raises(BoxFailure) as failure:
            quick.probe("sleep", b"600")
        assert failure.value.reason == "timeout"
        assert quick.probe("whoami").isdigit()


def test_a_job_that_spins_is_stopped_by_its_processor_time():
    with Box(wall=90, cpu=1) as patient:
        with pytest.raises(BoxFailure) as failure:
            patient.probe("spin")
        assert failure.value.reason == "timeout"


def test_an_answer_beyond_the_cap_is_too_large(box):
    with pytest.raises(BoxFailure) as failure:
        box.probe("shout", str((limits.WORKER_OUTPUT >> 20) + 1).encode())
    assert failure.value.reason == "too_large"
    assert len(box.probe("shout", b"8")) == 8 << 20


def test_a_worker_that_was_killed_is_started_again(box):
    os.kill(box._worker.pid, signal.SIGKILL)
    assert box.probe("whoami").isdigit()


def test_a_worker_killed_in_the_middle_of_a_job_costs_one_try(box):
    pid = box._worker.pid
    killing = threading.Thread(target=killed_at_work, args=(pid, 1))
    killing.start()
    assert box.probe("sleep", b"1.5") == "slept"
    killing.join()
    assert box._worker.pid != pid


def killed_at_work(pid: int, children: int) -> None:
    """The worker is killed as soon as so many children of it are at work."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    until = time.monotonic() + 60
    while len(told.read_text().split()) < children and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)


def child_that_waits(pid: int) -> int:
    """The worker's child that has something to do with SIGUSR1."""
    until, bit = time.monotonic() + 60, 1 << (signal.SIGUSR1 - 1)
    while time.monotonic() < until:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                status = Path(f"/proc/{child}/status").read_text()
                caught = next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1]
                if int(caught, 16) & bit:
                    return int(child)
        time.sleep(0.01)
    raise AssertionError("no child waits")


def test_a_worker_ends_with_its_service(tmp_path):
    code = (
        "import os\n"
        "from parsers.box import Box\n"
        "box = Box(); box.warm()\n"
        "print(box._worker.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, cwd=HERE.parent.parent
    )
    pid = int(done.stdout)
    until = time.monotonic() + 60
    while time.monotonic() < until and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_no_folder_is_left_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Box() as found:
        found.warm()
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_a_worker_that_cannot_start_is_no_fault_of_the_part(tmp_path):
    (tmp_path / "broken.toml").write_text("name = ")
    with Box([tmp_path]) as found, pytest.raises(BoxFailure) as failure:
        found.read_part(a_leaf(docx_bytes()), Hints())
    assert failure.value.reason == "tool_missing"
    assert "broken.toml" in failure.value.detail


def test_several_threads_share_one_worker_and_its_children_work_side_by_side():
    with Box(at_once=4) as found, ThreadPoolExecutor(8) as threads:
        found.warm()
        pid = found._worker.pid
        told = [
            tuple(map(float, one.split())) for one in threads.map(lambda _: found.probe("interval", b"1"), range(6))
        ]
        answers = list(threads.map(lambda _: found.probe("whoami"), range(12)))
        assert found._worker.pid == pid
    assert len(set(answers)) == 12
    at_once = [sum(began <= start < ended for began, ended in told) for start, _ in told]
    assert 2 <= max(at_once) <= 4


def test_answers_find_whoever_asked():
    with Box(at_once=3) as found, ThreadPoolExecutor(3) as threads:
        found.warm()
        late = threads.submit(found.probe, "until_told")
        waiting = child_that_waits(found._worker.pid)
        sizes = list(threads.map(lambda n: len(found.probe("shout", str(n).encode())), range(1, 6)))
        assert not late.done()
        os.kill(waiting, signal.SIGUSR1)
        assert late.result() == "told"
    assert sizes == [n << 20 for n in range(1, 6)]


def test_one_jobs_time_is_not_anothers():
    with Box(at_once=2, wall=4.0) as found, ThreadPoolExecutor(2) as threads:
        found.warm()
        endless = threads.submit(found.probe, "sleep", b"600")
        assert found.probe("sleep", b"0.5") == "slept"
        with pytest.raises(BoxFailure) as failure:
            endless.result()
        assert failure.value.reason == "timeout"
        assert found.probe("whoami").isdigit()


def test_a_worker_killed_while_several_wait_costs_each_one_try():
    with Box(at_once=3) as found, ThreadPoolExecutor(3) as threads:
        found.warm()
        killing = threading.Thread(target=killed_at_work, args=(found._worker.pid, 3))
        killing.start()
        assert list(threads.map(lambda _: found.probe("sleep", b"1.5"), range(3))) == ["slept"] * 3
        killing.join()


def test_a_worker_that_does_not_listen_is_killed_and_started_again(monkeypatch):
    monkeypatch.setattr("parsers.worker._GRACE", 0.0)
    with Box(wall=5.0) as found:
        found.warm()
        pid = found._worker.pid
        os.kill(pid, signal.SIGSTOP)
        raw = b"From: a@x.example\r\n\r\n" + b"x" * (4 << 20)  # far more than a pipe holds
        assert found.open_mail(raw).from_addresses
        assert found._worker.pid != pid


# ---- good jobs -------------------------------------------------------------------------------------------------------


def test_a_mail_comes_back_with_its_leaves_byte_for_byte(box):
    data = bytes(range(256)) * 4000
    raw = (
        b"From: a@x.example\r\nSubject: =?utf-8?q?B=C3=A1o_c=C3=A1o?=\r\nDate: Fri, 21 Jul 2017 09:00:00 +0700\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n'
        b'Content-Type: application/octet-stream; name="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    raw += base64.encodebytes(data) + b"\r\n--b--\r\n"
    envelope = box.open_mail(raw)
    assert envelope == open_mail(raw)
    assert data in [leaf.data for leaf in envelope.leaves]


def test_reading_inside_the_box_is_the_same_as_outside(box):
    leaf = a_leaf(docx_bytes())
    assert box.read_part(leaf, Hints()) == read_part(leaf, FORMS, Hints())


def test_a_docx_is_read_in_a_moment_with_the_process_boundary(box):
    """The figure is measured in bench; here with a wide margin for a busy machine under a tracer."""
    leaf = a_leaf(docx_bytes())
    spent = []
    for _ in range(15):
        begun = time.perf_counter()
        box.read_part(leaf, Hints())
        spent.append(time.perf_counter() - begun)
    assert statistics.median(spent) < 10.0


@pytest.mark.parametrize("path", sorted(ATTACHMENTS.iterdir()), ids=lambda path: path.name)
def test_a_hostile_attachment_costs_little_and_never_the_worker(box, path):
    """The table of right outcomes is judged in test_part; here: same answer inside the walls, and soon."""
    leaf = a_leaf(path.read_bytes(), path.name)
    begun = time.monotonic()
    inside = box.read_part(leaf, Hints())
    assert time.monotonic() - begun < 30
    reasons = {part.reason for part in inside}
    if path.name == "docx_huge_table.docx":  # "read, or needs_review: timeout" (EXPECT.tsv); twice is too slow
        assert reasons <= {None, "timeout"}
        return
    assert reasons.isdisjoint({"reader_crashed", "timeout", "memory"})
    assert inside == read_part(leaf, FORMS, Hints())


def test_a_form_that_calls_itself_is_told_as_memory_or_crash(box):
    """pdfium takes all the memory allowed and aborts (pitfalls, "Documents")."""
    (reading,) = box.read_part(a_leaf(self_calling_pdf(), "baocao.pdf"), Hints())
    assert (reading.outcome, reading.reason in ("memory", "reader_crashed", "timeout")) == ("needs_review", True)
    assert box.probe("whoami").isdigit()
