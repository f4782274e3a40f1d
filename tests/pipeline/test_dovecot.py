"""The whole way on a real IMAP server: fetching, filing, reconciling, IDLE, stopping, and being killed at every step."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.world import World, at, mail, weekly_docx
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp_sink import SmtpSink

WEEK = "weekly:2017-07-21"
RECEIVED = "2017-07-21 09:12:35"
NAMES = itertools.count(1)


class Province(World):
    """A world whose mailbox is on Dovecot."""

    server: Dovecot
    user: str

    def arrive(self, raw: bytes | EmailMessage, when: str, folder: str = "INBOX") -> bytes:
        raw = _crlf(raw)
        self.server.append(self.user, raw, at(when), folder)
        return raw

    def uids(self, folder: str) -> list[int]:
        with self.server.client(self.user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            return list(client.search("ALL"))

    def ledger(self, now: str) -> Any:
        box = self.cchc("status", "--json", now=now).json["mailbox"]
        assert box["server"] == box["ledger"]
        return box


def _crlf(raw: bytes | EmailMessage) -> bytes:
    data = raw.as_bytes() if isinstance(raw, EmailMessage) else raw
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture
def province(
    tmp_path: Path,
    sink: SmtpSink,
    sqlite_template: Path,
    dovecot: Dovecot,
    monkeypatch: pytest.MonkeyPatch,
) -> Province:
    shutil.copy(sqlite_template, tmp_path / "cchc.db")
    monkeypatch.setenv("TEST_IMAP_PASSWORD", PASSWORD)
    user = f"journey{next(NAMES)}"
    url = f"imap://{user}@127.0.0.1:{dovecot.plain}/INBOX?starttls=no"
    province = Province(tmp_path, sink, mailbox_url=url, mailbox='password_env = "TEST_IMAP_PASSWORD"')
    province.server, province.user = dovecot, user
    return province


def report(number: int = 0, **docx: Any) -> EmailMessage:
    return mail(subject=f"Báo cáo tuần CCHC {number}", files={"bc.docx": weekly_docx(**docx)})


# ---- polling ---------------------------------------------------------------------------------------------------------


def test_a_mail_is_recorded_then_filed_and_both_sides_agree(province: Province):
    province.arrive(report(), RECEIVED)
    polled = province.poll("2017-07-21 09:13:00")
    assert (polled["fetched"], polled["recorded"], polled["letters_sent"]) == (1, 1, 1)
    assert province.uids("INBOX") == []
    assert len(province.uids("CCHC/2017")) == 1
    (row,) = province.log("2017-07-21 10:14:00")
    assert row["received_at"] == "2017-07-21T09:12:35+07:00"
    assert row["submissions"][0]["class"] == "on_time"
    box = province.ledger("2017-07-21 09:14:00")
    assert (box["server"], box["states"]) == (1, {"recorded": 1})
    reconciled = province.cchc("reconcile", "--json", now="2017-07-21 09:15:00")
    assert reconciled.code == 0
    assert reconciled.json == {
        "schema": "cchc.reconcile/1",
        "server": 1,
        "ledger": 1,
        "fetched": 0,
        "gone": 0,
        "agrees": True,
    }


def test_with_filing_switched_off_every_mail_stays_where_it_came(province: Province):
    province.mailbox += '\nfiled = ""'
    province.write_config()
    province.arrive(report(), RECEIVED)
    province.poll("2017-07-21 09:13:00")
    assert len(province.uids("INBOX")) == 1
    province.ledger("2017-07-21 09:14:00")


def test_a_mail_moved_back_by_a_person_is_not_answered_again(province: Province):
    province.arrive(report(), RECEIVED)
    province.poll("2017-07-21 09:13:00")
    with province.server.client(province.user) as client:
        client.select_folder("CCHC/2017")
        client.move(client.search("ALL"), "INBOX")
    polled = province.poll("2017-07-21 09:20:00")
    assert (polled["fetched"], polled["recorded"], polled["letters_sent"]) == (0, 0, 0)
    assert len(province.sink.received) == 1
    assert len(province.log("2017-07-21 09:21:00")) == 1
    assert province.cchc("reconcile", now="2017-07-21 09:22:00").code == 0
    assert province.ledger("2017-07-21 09:23:00")["states"] == {"recorded": 1}


def test_what_a_person_deletes_is_noted_and_never_forgotten(province: Province):
    province.arrive(report(), RECEIVED)
    province.poll("2017-07-21 09:13:00")
    with province.server.client(province.user) as client:
        client.select_folder("CCHC/2017")
        client.delete_messages(client.search("ALL"))
        client.expunge()
    alarmed = province.cchc("status", "--json", now="2017-07-21 09:14:00")
    assert (alarmed.code, [a["what"] for a in alarmed.json["alarms"]]) == (1, ["ledger_disagrees"])
    assert province.cchc("reconcile", "--json", now="2017-07-21 09:15:00").json["gone"] == 1
    assert province.ledger("2017-07-21 09:16:00")["server"] == 0
    assert province.cchc("show", "1", "--raw", str(province.folder / "raw.eml"), now="2017-07-21 09:17:00").code == 0


def test_a_report_found_in_junk_is_received_and_not_missing(province: Province):
    province.mailbox += '\nalso_watch = ["Junk"]'
    province.write_config()
    province.arrive(report(), RECEIVED, "Junk")
    assert province.poll("2017-07-21 09:13:00")["recorded"] == 1
    assert province.classes(WEEK, "2017-07-21 10:30:00")["STC"] == "on_time"
    assert province.uids("Junk") == []
    province.ledger("2017-07-21 10:31:00")


def test_the_same_mail_in_two_folders_counts_by_its_earlier_receipt(province: Province):
    province.mailbox += '\nalso_watch = ["Junk"]'
    province.write_config()
    raw = province.arrive(report(), "2017-07-21 10:20:00")
    province.arrive(raw, RECEIVED, "Junk")
    assert province.poll("2017-07-21 10:21:00")["fetched"] == 1
    (row,) = province.log("2017-07-21 10:22:00")
    assert row["received_at"] == "2017-07-21T09:12:35+07:00"
    assert province.ledger("2017-07-21 10:23:00")["server"] == 2


def test_a_server_that_does_not_answer_is_exit_3_and_an_alarm(province: Province):
    province.mailbox_url = f"imap://{province.user}@127.0.0.1:1/INBOX?starttls=no"
    province.write_config()
    assert province.cchc("poll", now="2017-07-21 09:13:00").code == 3
    assert province.cchc("reconcile", now="2017-07-21 09:13:00").code == 3
    status = province.cchc("status", "--json", now="2017-07-21 09:14:00")
    assert status.code == 1
    assert "mailbox_unreachable" in [a["what"] for a in status.json["alarms"]]
    assert status.json["mailbox"]["server"] is None


# ---- killed at every step --------------------------------------------------------------------------------------------

POINTS = (
    "after_search",
    "after_fetch",
    "after_vault",
    "in_keep",
    "after_keep",
    "before_parse",
    "after_parse",
    "in_record",
    "after_record",
    "after_move",
    "outbox_claimed",
    "after_rcpt",
    "after_data",
    "after_250",
)


def killed(province: Province, point: str, now: str) -> None:
    """One poll that dies at this point."""
    dead = subprocess.run(
        [*program(province), "--at", at(now).isoformat(), "poll"],
        env=os.environ | {"FAILPOINT": point},
        capture_output=True,
        timeout=200,
        check=False,
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_nothing_is_lost_and_nothing_is_said_twice(province: Province, point: str):
    """faults.md, P1 to P3: one row, one submission, one acknowledgement visible by Message-ID, none missing."""
    province.arrive(report(), RECEIVED)
    killed(province, point, "2017-07-21 09:13:00")
    assert province.cchc("poll", now="2017-07-21 09:14:00").code == 0
    assert province.cchc("poll", now="2017-07-21 09:31:00").code == 0
    (row,) = province.log("2017-07-21 09:32:00")
    assert (row["state"], len(row["submissions"])) == ("recorded", 1)
    assert row["submissions"][0]["late_seconds"] == 0
    assert [(x["kind"], x["state"]) for x in row["letters"]] == [("acknowledgement", "sent")]
    seen = [letter["Message-ID"] for letter in province.letters("stc@tinh.example")]
    assert set(seen) == {row["letters"][0]["message_id"]}
    assert len(seen) == (2 if point in ("after_data", "after_250") else 1)
    assert province.uids("INBOX") == []
    assert province.cchc("reconcile", now="2017-07-21 09:33:00").code == 0
    province.ledger("2017-07-21 09:34:00")
    assert province.cchc("verify", now="2017-07-21 09:35:00").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after_data", "after_250"])
def test_our_own_copy_in_the_mailbox_settles_a_letter_nobody_confirmed(province: Province, point: str):
    province.smtp = 'self_copy = "cchc-copy@tinh.example"'
    province.write_config()
    province.arrive(report(), RECEIVED)
    killed(province, point, "2017-07-21 09:13:00")
    (letter,) = province.sink.wait_for(1)
    assert set(letter.recipients) == {"stc@tinh.example", "cchc-copy@tinh.example"}
    province.arrive(letter.raw, "2017-07-21 09:13:05")
    killed(province, "after_record", "2017-07-21 10:20:00")  # the copy is recorded and settles the letter in one commit
    assert province.cchc("poll", now="2017-07-21 10:30:00").code == 0
    report_row, copy_row = sorted(province.log("2017-07-21 10:31:00"), key=lambda row: int(row["id"]))
    assert copy_row["state"] == "own"
    assert [x["state"] for x in report_row["letters"]] == ["sent"]
    assert len(province.sink.received) == 1, "an hour later it would have gone again, had its copy not been found first"


@pytest.mark.parametrize("keep_vault", [True, False])
def test_a_lost_database_is_rebuilt_from_the_mailbox_and_nobody_is_answered_again(
    province: Province, sqlite_template: Path, keep_vault: bool
):
    """faults.md, F25: records return; the copies of our letters in the mailbox stop a second acknowledgement."""
    province.smtp = 'self_copy = "cchc-copy@tinh.example"'
    province.write_config()
    province.arrive(mail(subject="Hỏi", text="Xin hỏi."), "2017-07-21 08:00:00")
    raw = province.arrive(report(), RECEIVED)
    province.poll("2017-07-21 09:13:00")
    for letter in province.sink.wait_for(2):
        province.arrive(letter.raw, "2017-07-21 09:13:05")
    province.poll("2017-07-21 09:14:00")
    assert len(province.uids("CCHC/2017")) == 4
    for file in province.folder.glob("cchc.db*"):
        file.unlink()
    shutil.copy(sqlite_template, province.folder / "cchc.db")
    if not keep_vault:
        shutil.rmtree(province.folder / "vault")
    unread = mail("syt@tinh.example", files={"bc.docx": weekly_docx(agency="SỞ Y TẾ", number="12/BC-SYT")})
    province.arrive(unread, "2017-07-21 09:59:00")
    assert province.cchc("poll", now="2017-07-21 10:20:00").code == 0
    assert province.cchc("reconcile", now="2017-07-21 10:21:00").code == 0
    rows = {row["sha256"]: row for row in province.log("2017-07-21 10:22:00")}
    again = rows[hashlib.sha256(raw).hexdigest()]
    assert again["submissions"][0]["class"] == "on_time"
    assert [x["state"] for x in again["letters"]] == ["sent"]
    assert sorted(row["state"] for row in rows.values()) == ["not_a_report", "own", "own", "recorded", "recorded"]
    assert len(province.letters("stc@tinh.example")) == 2
    assert len(province.letters("syt@tinh.example")) == 1
    province.ledger("2017-07-21 10:23:00")


# ---- the service -----------------------------------------------------------------------------------------------------


def program(province: World) -> list[str]:
    return [sys.executable, "-m", "intake", "-c", str(province.folder / "config.toml")]


@contextmanager
def running(province: Province, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    log = (province.folder / "service.log").open("ab")
    service = subprocess.Popen([*program(province), "run"], env=os.environ | environment, stdout=log, stderr=log)
    try:
        yield service
    finally:
        if service.poll() is None:
            service.kill()
        service.wait(60)
        log.close()


def this_week(province: Province) -> dict[str, str]:
    """The window of the week whose cutoff comes next; nothing older is owed."""
    today = datetime.now(UTC).date()  # noqa: TID251 the service under test lives by the real clock
    friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    province.start = (friday - timedelta(days=6)).isoformat()
    province.write_config()
    first, last = friday - timedelta(days=7), friday - timedelta(days=1)
    return {
        "window": f"từ ngày {_day(first)} đến ngày {_day(last)}/{last.year}",
        "day": f"{last.day} tháng {last.month} năm {last.year}",
    }


def _day(day: date) -> str:
    return f"{day.day}/{day.month}"


def acknowledged(province: Province, count: int, seconds: float = 60.0) -> list[str]:
    """Distinct Message-IDs of acknowledgements, once there are so many."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ids = [m["Message-ID"] for m in province.letters("stc@tinh.example") if "<acknowledgement." in m["Message-ID"]]
        if len(ids) >= count:
            return ids
        time.sleep(0.05)
    raise AssertionError((province.folder / "service.log").read_text("utf-8"))


@pytest.mark.slow
def test_the_service_answers_by_idle_and_leaves_on_sigterm(province: Province):
    province.mailbox += "\npoll_seconds = 300"
    week = this_week(province)
    province.server.deliver(province.user, _crlf(report(1, **week)))
    with running(province) as service:
        acknowledged(province, 1)
        time.sleep(0.5)  # the IDLE line is up: its first announcement has been heard
        province.server.deliver(province.user, _crlf(report(2, **week, figures=(1625, 1615, 1600, 15, 10))))
        acknowledged(province, 2)  # long before the next poll
        second = subprocess.Popen([*program(province), "poll"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        _, said = second.communicate(timeout=60)
        assert second.returncode == 2
        assert b"another instance" in said
        assert b"Traceback" not in said
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0
    rows = [row for row in province.cchc("log", "--json").json["rows"] if row["state"] == "recorded"]
    assert len(rows) == 2
    assert province.uids("INBOX") == []
    status = province.cchc("status", "--json")
    assert (status.code, status.json["alarms"]) == (0, [])


@pytest.mark.slow
def test_a_second_instance_leaves_within_two_seconds(province: Province):
    """F30; measured from the moment Python runs, on a machine that does other things as well."""
    from intake.config import load  # noqa: PLC0415
    from intake.wiring import open_desk, system_clock  # noqa: PLC0415

    with open_desk(load(province.folder / "config.toml", os.environ), system_clock(), worker=False):
        began = time.monotonic()
        second = subprocess.run([*program(province), "run"], capture_output=True, timeout=60, check=False)
        taken = time.monotonic() - began
        assert second.returncode == 2, second.stderr.decode()
        began = time.monotonic()
        subprocess.run([*program(province), "board"], capture_output=True, timeout=60, check=False)
        plain = time.monotonic() - began
    assert taken < max(2.0, 4 * plain)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["in_record:2", "after_250:2", "after_move"])
def test_the_service_killed_in_mid_run_goes_on_where_it_was(province: Province, point: str):
    week = this_week(province)
    for n in range(4):
        province.server.deliver(province.user, _crlf(report(n, **week, figures=(100 + n, 100 + n, 100 + n, 0, 0))))
    with running(province, FAILPOINT=point) as service:
        assert service.wait(60) == -signal.SIGKILL
    with running(province) as service:
        least = 3 if point.startswith("after_250") else 4
        acknowledged(province, least)
        until = time.monotonic() + 60
        while province.uids("INBOX") and time.monotonic() < until:
            time.sleep(0.1)
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0
    rows = province.cchc("log", "--json").json["rows"]
    assert sorted(row["state"] for row in rows) == ["recorded"] * 4
    assert [len(row["submissions"]) for row in rows] == [1] * 4
    ids = acknowledged(province, least)
    assert len(ids) == len(set(ids))
    waiting = [x["state"] for row in rows for x in row["letters"] if x["state"] != "sent"]
    assert waiting == (["unknown"] if point.startswith("after_250") else [])


def test_told_to_stop_it_finishes_the_mails_in_hand_and_leaves_the_others_for_the_next_start(province: Province):
    from dataclasses import replace  # noqa: PLC0415

    from intake import flow  # noqa: PLC0415
    from intake.config import load  # noqa: PLC0415
    from intake.readers import AT_ONCE  # noqa: PLC0415
    from intake.wiring import given_clock, open_desk  # noqa: PLC0415

    for n in range(AT_ONCE + 2):
        province.arrive(report(n, figures=(100 + n, 100 + n, 100 + n, 0, 0)), RECEIVED)
    settings = load(province.folder / "config.toml", os.environ)
    with open_desk(settings, given_clock(at("2017-07-21 09:13:00"))) as desk:
        begun: list[int] = []
        told = replace(desk, stopping=lambda: bool(begun), progress=lambda _what, done, _all: begun.append(done))
        assert flow.poll(told).states == {"recorded": AT_ONCE}
        with desk.ledger.read() as q:
            assert q.meta("last_good_poll") is None, "a pass cut short is no proof that nothing is missing"
    assert province.poll("2017-07-21 09:14:00")["recorded"] == 2
    assert len(province.letters("stc@tinh.example")) == AT_ONCE + 2
    assert province.ledger("2017-07-21 09:15:00")["states"] == {"recorded": AT_ONCE + 2}
