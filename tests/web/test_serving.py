"""The console as a program: alone, beside the service, its accounts, and mails read again under the lock."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import date

import pytest

from intake import decisions
from intake.config import ConfigError, load
from intake.demo.corpus import last_friday, roster_csv
from intake.demo.earlier import fridays_before, quiet_weeks
from intake.rules.roster import parse_roster
from intake.web.server import Rereader
from tests.servers.smtp_sink import free_port
from tests.web.conftest import NOW
from tests.web.test_mail import mail_of


def listens(port: int, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.read() == b"ok\n"
        except OSError:
            time.sleep(0.2)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["serve", "run"])
def test_the_console_listens_alone_and_beside_the_service(world, verb):
    port = free_port()
    world.more = f'[web]\nlisten = "127.0.0.1:{port}"\n'
    world.write_config()
    command = [sys.executable, "-m", "intake", "-c", str(world.folder / "config.toml"), verb]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        assert listens(port)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) in (0, -signal.SIGTERM)
    finally:
        running.kill()


def test_no_console_where_none_is_wanted(world):
    world.more = '[web]\nlisten = ""\nidle_minutes = 10\nsession_hours = 8\n'
    world.write_config()
    web = load(world.folder / "config.toml", {}).web
    assert (web.enabled, web.idle.seconds, web.session.seconds) == (False, 600, 28_800)
    assert world.cchc("serve", now=NOW).code == 2
    world.more = "[web]\nidle_minutes = 0\n"
    world.write_config()
    with pytest.raises(ConfigError, match=r"web\.idle_minutes"):
        load(world.folder / "config.toml", {})
    world.more = ""
    world.write_config()


def test_accounts_are_added_listed_disabled_and_reset(world, monkeypatch):
    added = world.cchc("user", "add", "Thu", "--role", "secretary", "--shown", "Nguyễn Thu", "--json", now=NOW).json
    assert (added["name"], added["role"], added["state"]) == ("thu", "secretary", "enabled")
    assert len(added["password"]) >= 12
    assert world.cchc("user", "add", "thu", "--role", "lead", now=NOW).code == 2
    assert world.cchc("user", "add", "a b", "--role", "lead", now=NOW).code == 2
    assert world.cchc("user", "disable", "thu", "--json", now=NOW).json["state"] == "disabled"
    assert world.cchc("user", "disable", "thu", "--undo", "--json", now=NOW).json["state"] == "enabled"
    assert world.cchc("user", "reset", "thu", "--role", "auditor", "--json", now=NOW).json["role"] == "auditor"
    assert world.cchc("user", "reset", "thu", "--json", now=NOW).json["password"] != added["password"]
    assert world.cchc("user", "reset", "nobody", now=NOW).code == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("ngắn\n"))
    assert world.cchc("user", "reset", "thu", "--password-stdin", now=NOW).code == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("một mật khẩu đủ dài\n"))
    assert "password" not in world.cchc("user", "reset", "thu", "--password-stdin", "--json", now=NOW).json
    assert [u["name"] for u in world.cchc("user", "list", "--json", now=NOW).json["users"]] == ["thu"]
    assert "Nguyễn Thu" in world.cchc("user", "list", now=NOW).out


def test_a_mail_is_read_again_under_the_lock_and_waits_for_whoever_has_it(site):
    number = mail_of(site, "tin@khac.example")
    rereader = Rereader(replace(site.desk, actor="system"))
    with site.desk.vault.lock():
        rereader(number)
        time.sleep(0.7)
        with site.console.ask() as q:
            assert len(q.states(number)) == 3, "stored, reading, not a report: nothing new yet"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with site.console.ask() as q:
            if len(q.states(number)) == 6:
                break
        time.sleep(0.2)
    with site.console.ask() as q:
        assert [s.after for s in q.states(number)][-3:] == ["stored", "reading", "not_a_report"]
    assert "not_a_report" in decisions.AGAIN


def test_quiet_weeks_before_the_demo_are_told_like_its_own():
    roster = parse_roster(roster_csv()).agencies
    fridays = fridays_before(date(2026, 11, 6), 3)
    assert [f.isoformat() for f in fridays] == ["2026-10-16", "2026-10-23", "2026-10-30"]
    mails = quiet_weeks(7, roster, fridays, "Asia/Ho_Chi_Minh")
    assert list(mails) == sorted(mails, key=lambda mail: mail.deliver_at)
    periods = {expected.period for mail in mails for expected in mail.expect}
    assert periods == {
        "weekly:2026-10-16",
        "weekly:2026-10-23",
        "weekly:2026-10-30",
        "monthly:2026-10",
        "tasks:2026-10",
    }
    assert last_friday(fridays[-1])
    classes = {expected.due_class for mail in mails for expected in mail.expect}
    assert {"on_time", "late", "cured"} <= classes
