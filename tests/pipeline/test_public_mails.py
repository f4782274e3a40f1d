"""The public mails of other projects, all in one mailbox: kept whole, one row for each content, none taken for a report."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.world import World
from tests.servers.smtp_sink import SmtpSink

MAILS = sorted(
    p for p in (Path(__file__).parents[1] / "corpus" / "mails").rglob("*") if p.is_file() and p.name != "SOURCE"
)
TERMINAL = {"needs_review", "not_a_report", "automatic", "bounce", "own", "test"}
NOW = "2017-07-21 09:30:00"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, worker: object) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("public")
    shutil.copy(sqlite_template, folder / "cchc.db")
    sink = SmtpSink().start()
    world = World(folder, sink)
    for path in MAILS:
        world.deliver(path.read_bytes(), "2017-07-21 09:00:00")
    yield world
    sink.stop()


@pytest.mark.slow
def test_every_public_mail_is_kept_once_and_none_is_a_report(province: World):
    polled = province.cchc("poll", "--json", now=NOW)
    assert polled.code in (0, 1)
    assert polled.json["set_aside"] == 0
    rows = province.log(NOW, "--limit", "10000")
    contents = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in MAILS)
    assert Counter(row["sha256"] for row in rows) == Counter(contents.keys())
    assert {row["state"] for row in rows} <= TERMINAL
    assert [row["submissions"] for row in rows if row["submissions"]] == []
    assert not province.sink.received
    status = province.cchc("status", "--json", now=NOW).json
    assert sum(status["mailbox"]["states"].values()) == len(contents)
    assert status["mailbox"]["server"] == status["mailbox"]["ledger"]
    verified = province.cchc("verify", "--json", now=NOW)
    assert (verified.code, verified.json["ok"]) == (0, True)
    kept = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (province.folder / "vault").rglob("*") if p.is_file()}
    assert contents.keys() <= kept
    again = province.poll("2017-07-21 09:31:00")
    assert (again["fetched"], again["mails"]) == (0, [])
    assert province.cchc("log", "--csv", str(province.folder / "log.csv"), "--limit", "10000", now=NOW).code == 0
    assert province.cchc("log", "--xlsx", str(province.folder / "log.xlsx"), "--limit", "10000", now=NOW).code == 0
