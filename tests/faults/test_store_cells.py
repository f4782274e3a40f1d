"""F22 to F26, F36, F38: a full disk, writes that fail, a locked database, one restored or lost, bits that flip, an upgrade."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of
from tests.faults.province import Maker, Province

UNREACHABLE = 3
HONEST = (0, 1, UNREACHABLE)  # whatever it says, it says it without a crash of ours
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[None]:
    """A real file system of that size; only root may mount one."""
    at.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


# ---- F22, F23: the disk ----------------------------------------------------------------------------------------------


@cell("F22")
def test_on_a_disk_that_is_full_the_mail_stays_on_the_server_and_nothing_is_done_by_hand(make: Maker, tmp_path: Path):
    with small_disk(tmp_path / "small", "4m"):
        province = make(folder=tmp_path / "small" / "var")
        filler = tmp_path / "small" / "filler"
        province.report("STC")
        province.well("poll")
        for agency, room in (("SYT", 0), ("SNV", 30), ("SXD", 120), ("SCT", 400)):  # KiB left: blob, WAL, database
            province.pass_time(minutes=20)
            province.report(agency)
            free = shutil.disk_usage(tmp_path / "small").free
            filler.write_bytes(bytes(max(0, free - room * 1024)))
            assert province.call("poll").code in HONEST
            province.call("status")
            filler.unlink()
            province.well("poll")
            province.good(quiet=False)
        province.settle()
        province.good()


@cell("F22")
def test_no_room_at_any_step_takes_the_step_back_whole(province: Province):
    for nth in range(1, 40, 3):
        province.pass_time(minutes=10)
        province.report(tuple(scene.AGENCIES)[nth % 8])
        full = province.call("poll", strike=f"*:{nth}=ENOSPC")
        assert full.code in HONEST, province.story(full)
        province.well("poll")
        province.good(quiet=False)
    province.settle()
    province.good()


@cell("F22")
def test_files_that_may_not_grow_are_a_full_disk(province: Province):
    for size in (2_000, 60_000, 300_000):
        province.pass_time(minutes=20)
        province.report("STC")
        full = province.call("poll", inject=[["files_no_bigger_than", size]])
        assert full.code in HONEST, province.story(full)
        province.well("poll")
        province.good(quiet=False)
    province.settle()
    province.good()


@cell("F22")
def test_a_log_that_takes_nothing_more_stops_nobody(province: Province):
    """A mailbox that goes away is said on standard error; that nobody hears it changes nothing."""
    for trouble in (None, b"NO [UNAVAILABLE] later", None):
        province.pass_time(minutes=20)
        province.report("STC")
        province.imap.login_answer = trouble
        province.sink.replies["RCPT"] = ["451 4.3.0 later"]
        done = province.call("poll", inject=[["log_is_full"]])
        assert done.code == (UNREACHABLE if trouble else 0), province.story(done)
        province.good(quiet=False)
    province.settle()
    province.pass_time(hours=1)
    province.settle()
    province.good()


@cell("F23")
def test_an_fsync_that_fails_under_the_database_too_is_never_a_success(province: Province):
    _failing_under(province, ["fsync", "fdatasync"], "EIO")


@cell("F22", "F23")
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_pages_the_database_cannot_write_are_never_a_success(make: Maker, error: str):
    _failing_under(make(), ["pwrite64"], error)


def _failing_under(province: Province, calls: list[str], error: str) -> None:
    """From one point of a pass on the kernel refuses these calls."""
    _never_a_success(province, [["disk_fails_from", nth, calls, error] for nth in (1, 4, 7, 10)])


@cell("F23")
def test_a_failed_fsync_is_never_a_success(province: Province):
    _never_a_success(province, [["fsync_fails", nth] for nth in range(1, 14, 2)])


@cell("F22", "F23")
def test_a_disk_that_takes_a_few_bytes_at_a_time_and_is_full_in_mid_write_keeps_nothing_in_part(province: Province):
    province.report("STC")
    assert province.call("poll", inject=[["writes_short", 700]]).code == 0, "each write takes a part: the rest follows"
    province.good(quiet=False)
    _never_a_success(province, [["writes_short", 700, room] for room in (1_000, 3_500)])


@cell("F23")
def test_calls_broken_off_by_signals_are_taken_up_again(province: Province):
    for agency in ("STC", "SYT"):
        province.report(agency)
        done = province.call("poll", inject=[["interrupted", 0.002]])
        assert done.code == 0, province.story(done)
        province.good(quiet=False)
    province.settle()
    province.good()


@cell("F22", "F23")
def test_a_log_that_takes_half_a_line_stops_nobody(province: Province):
    province.report("STC")
    province.imap.login_answer = b"NO [UNAVAILABLE] later"
    done = province.call("poll", inject=[["log_takes_half"]])
    assert done.code == UNREACHABLE, province.story(done)
    province.imap.login_answer = None
    province.well("poll", inject=[["log_takes_half"]])
    province.settle()
    province.good()


def _never_a_success(province: Province, faults: list[list[Any]]) -> None:
    """A pass under each fault says so or came through; at least one was struck, and nothing is lost."""
    codes = set()
    for fault in faults:
        province.pass_time(minutes=20)
        province.report(tuple(scene.AGENCIES)[fault[1] % 8])
        failed = province.call("poll", inject=[fault])
        assert failed.code in HONEST, province.story(failed)
        codes.add(failed.code)
        province.well("poll")
        province.good(quiet=False)
    assert UNREACHABLE in codes, "none of them was told"
    province.settle()
    province.good()


# ---- F24, F26: the database ------------------------------------------------------------------------------------------


@cell("F24")
def test_a_locked_database_is_waited_for_and_then_met_again(province: Province):
    province.report("STC")
    province.well("poll")
    province.report("SYT")
    with _holding(province):
        busy = province.call("poll", inject=[["short_waits", 0.5]])
        assert busy.code == UNREACHABLE, province.story(busy)
    province.settle()
    province.good()


@contextmanager
def _holding(province: Province) -> Iterator[None]:
    """Somebody else holds everything."""
    if province.url.startswith("sqlite"):
        holder = sqlite3.connect(province.url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")
        holder.close()
        return
    with psycopg.connect(province.url) as line:
        line.execute("LOCK TABLE mail, log_entry IN ACCESS EXCLUSIVE MODE")
        yield
        line.rollback()


@cell("F26")
def test_a_postgresql_that_throws_everybody_out_again_and_again_costs_nothing(make: Maker, postgres: str):
    province = make(url=postgres)
    for turn, agency in enumerate(("STC", "SYT", "SNV", "SXD")):
        province.pass_time(minutes=20)
        province.report(agency)
        pid = province.begin("poll")
        over = threading.Event()

        def throw_out(wait: float = 0.05 + 0.05 * turn, over: threading.Event = over) -> None:
            while not over.wait(wait):
                with suppress(psycopg.Error), psycopg.connect(postgres, autocommit=True) as line:
                    line.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )

        thrower = threading.Thread(target=throw_out)
        thrower.start()
        done = province.forge.end(pid)
        over.set()
        thrower.join()
        assert done.code in (*HONEST, 2), province.story(done)
        province.well("poll")
        province.good(quiet=False)
    province.settle()
    province.good()


@cell("F26")
def test_a_postgresql_that_is_restarted_in_mid_write_costs_nothing(
    make: Maker, postgres: str, crash_postgres: Callable[[], None]
):
    province = make(url=postgres)
    for point, agency in (("in_tx", "STC"), ("in_record", "SYT")):
        province.pass_time(minutes=20)
        province.report(agency)
        pid = province.begin("poll", inject=[["sleeps_at", point, 1.5]])
        province.forge.reached(pid, point)
        crash_postgres()
        cut = province.forge.end(pid)
        assert cut.code in (*HONEST, 2), province.story(cut)
        assert cut.code or "passing fault" in cut.err, "the fault did not strike"
        province.well("poll")
        province.good(quiet=False)
    province.settle()
    province.good()


@cell("F26")
@pytest.mark.parametrize(
    "write",
    ["INSERT INTO sighting", "UPDATE mail ", "INSERT INTO submission ", "INSERT INTO letter ", "UPDATE letter "],
)
def test_a_commit_whose_reply_is_lost_is_done_once(make: Maker, postgres: str, write: str):
    province = make(url=postgres)
    province.report("STC")
    with lost_replies(postgres, write) as proxy:
        province.url = proxy.url
        province.configure()
        cut = province.call("poll")
        assert cut.code in HONEST, province.story(cut)
        assert proxy.struck.is_set(), "no reply was lost"
        assert cut.code or "passing fault" in cut.err, "nobody noticed"
    province.url = postgres
    province.configure()
    province.settle()
    province.good()


@dataclass(frozen=True)
class Proxy:
    """Where to reach it, and whether it has cut a line."""

    url: str
    struck: threading.Event = field(default_factory=threading.Event)


@contextmanager
def lost_replies(url: str, write: str) -> Iterator[Proxy]:
    """A proxy to the server: the first COMMIT of a transaction that holds that statement is done, and the line cut instead of its reply."""
    target = psycopg.conninfo.conninfo_to_dict(url)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    proxy = Proxy(f"postgresql://{target['user']}@127.0.0.1:{port}/{target['dbname']}")

    def asks(client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        written = False
        with suppress(OSError):
            while data := client.recv(65_536):
                written = b"BEGIN" not in data and (written or write.encode() in data)
                if written and b"COMMIT" in data and not proxy.struck.is_set():
                    lost.set()
                server.sendall(data)
        _hang_up(client, server)

    def replies(client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if lost.is_set():  # it is done: this says so
                    proxy.struck.set()
                    break
                client.sendall(data)
        _hang_up(client, server)

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{target['host']}/.s.PGSQL.{target.get('port', 5432)}")
                ends = (client, server, threading.Event())
                for pipe in (asks, replies):
                    threading.Thread(target=pipe, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield proxy
    listener.close()


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


# ---- F25: restored, lost ---------------------------------------------------------------------------------------------


@cell("F25")
def test_a_database_of_yesterday_gets_its_records_back_and_answers_nobody_again(province: Province):
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    province.report("STC")
    province.settle()
    yesterday = _copy_of(province)
    province.pass_time(hours=20)
    for agency in ("SYT", "SNV"):
        province.report(agency)
        province.well("poll")
    province.report("STC", received=900)
    province.close()
    province.good()
    _put_back(province, yesterday)
    province.well("poll")
    province.well("reconcile")
    province.well("tick")
    province.settle()
    province.good()


@cell("F25")
def test_a_database_that_is_gone_is_rebuilt_from_the_mailbox(province: Province):
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    for agency in ("STC", "SYT"):
        province.report(agency)
        province.well("poll")
    province.question("SNV")
    province.close()
    _lose(province)
    province.well("poll")
    province.well("reconcile")
    province.well("tick")
    province.settle()
    province.good()


def _lose(province: Province) -> None:
    """Nothing is left of the database: no file, no table."""
    if province.url.startswith("sqlite"):
        for file in province.folder.glob("cchc.db*"):
            file.unlink()
        return
    with psycopg.connect(province.url, autocommit=True) as line:
        line.execute("DROP SCHEMA public CASCADE")
        line.execute("CREATE SCHEMA public")


def _copy_of(province: Province) -> str:
    """The database as it stands, beside."""
    if province.url.startswith("sqlite"):
        copy = province.folder / "yesterday.db"
        source, target = sqlite3.connect(province.folder / "cchc.db"), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{copy}"
    name = str(psycopg.conninfo.conninfo_to_dict(province.url)["dbname"])
    with psycopg.connect(province.url.replace(f"/{name}?", "/postgres?", 1), autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}_yesterday TEMPLATE {name}".encode())
    return province.url.replace(f"/{name}?", f"/{name}_yesterday?", 1)


def _put_back(province: Province, copy: str) -> None:
    province.url = copy
    province.configure()


# ---- F36, F38 --------------------------------------------------------------------------------------------------------


@cell("F36")
def test_a_bit_that_flips_is_found_and_the_mail_fetched_again(province: Province):
    raw = province.report("STC")
    province.settle()
    sha256 = province.ledger.delivered[0].sha256
    file = province.folder / "vault" / sha256[:2] / sha256
    file.chmod(0o640)
    file.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
    assert province.judged(), "the judge sees it"
    assert province.call("verify").code == 1
    province.pass_time(hours=25)
    for _ in range(6):
        province.well("tick")
        province.pass_time(minutes=5)
    province.settle()
    province.good()
    assert province.call("verify").code == 0


NEWER = '''"""A column more."""
import sqlalchemy as sa
from alembic import op
from storage.failpoint import failpoint
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None
def upgrade():
    op.add_column("mail", sa.Column("colour", sa.Text(), nullable=True))
    failpoint("half_migrated")
    op.create_index("ix_mail_colour", "mail", ["colour"])
def downgrade():
    raise NotImplementedError
'''


@cell("F38")
def test_an_upgrade_killed_half_way_begins_again_and_the_letters_waiting_go_out(province: Province, tmp_path: Path):
    province.sink.stop()
    for agency in ("STC", "SYT"):
        province.report(agency)
    assert province.call("poll").code == UNREACHABLE
    shutil.copytree(Path("storage/migrations"), tmp_path / "newer")
    head = max(file.name.split("_")[0] for file in (tmp_path / "newer/versions").glob("[0-9]*.py"))
    (tmp_path / "newer/versions/9999_colour.py").write_text(NEWER.format(head=head), "utf-8")
    newer = {"inject": [["newer_schema", str(tmp_path / "newer")]]}
    for point in ("in_migration", "half_migrated"):
        assert province.killed("poll", strike=point, **newer)
    columns = province.database.ask("SELECT * FROM mail LIMIT 1")
    province.sink.start()
    province.report("SNV")
    for _ in range(3):
        province.pass_time(minutes=10)
        province.well("poll", **newer)
    assert len(province.database.ask("SELECT * FROM mail LIMIT 1")[0]) == len(columns[0]) + 1
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 3
