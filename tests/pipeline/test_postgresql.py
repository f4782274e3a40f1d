"""The same journeys with the ledger in PostgreSQL: one URL changed, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.world import World, mail, weekly_docx
from tests.servers.smtp_sink import SmtpSink

WEEK = "weekly:2017-07-21"
HOSTILE = Path(__file__).parents[1] / "corpus" / "hostile" / "mail"


@pytest.fixture
def world(tmp_path: Path, sink: SmtpSink, postgres_url: str) -> World:
    return World(tmp_path, sink, database=postgres_url)


def test_a_week_from_reminder_to_digest(world: World):
    world.tick("2017-07-17 00:05:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 13:00:00")
    world.poll("2017-07-20 13:01:00")
    assert [x["kind"] for x in world.tick("2017-07-20 14:00:00")["letters"]] == ["reminder"] * 3
    syt = mail("syt@tinh.example", files={"bc.docx": weekly_docx(agency="SỞ Y TẾ", number="12/BC-SYT")})
    world.deliver(syt, "2017-07-21 10:00:01")
    world.poll("2017-07-21 10:05:30")
    ticked = world.tick("2017-07-21 10:05:40")
    assert ticked["closed"] == [WEEK]
    assert sorted(x["kind"] for x in ticked["letters"] if x["state"] == "sent")[:3] == [
        "digest",
        "missing_notice",
        "missing_notice",
    ]
    assert world.classes(WEEK, "2017-07-21 10:06:00") == {
        "SNV": "missing",
        "STC": "on_time",
        "SYT": "late",
        "HDT": "missing",
    }
    assert world.cchc("verify", "--json", now="2017-07-21 10:07:00").json["ok"]


def test_correction_duplicate_and_decision(world: World):
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:12:35")
    world.deliver(mail(subject="Gửi lại", files={"bc.docx": weekly_docx()}), "2017-07-21 09:20:00")
    world.deliver(mail(files={"bc.docx": weekly_docx(figures=(1625, 1615, 1600, 15, 10))}), "2017-07-21 15:00:00")
    polled = world.poll("2017-07-21 15:01:00")
    assert (polled["recorded"], polled["duplicates"]) == (2, 1)
    due = next(d for d in world.board(WEEK, "2017-07-21 15:02:00")["dues"] if d["agency"] == "STC")
    assert (due["class"], due["revision"], due["received_at"]) == ("on_time", 2, "2017-07-21T09:12:35+07:00")
    args = ("decide", "CCHC-20170721-W-STC-r1", "--withdraw", "--second", "Trưởng phòng", "--reason", "gửi nhầm")
    assert world.cchc(*args, now="2017-07-21 15:10:00").code == 0
    assert world.classes(WEEK, "2017-07-21 15:11:00")["STC"] != "on_time"
    assert world.board(WEEK, "2017-07-21 15:12:00", "--as-of", "2017-07-21T15:05:00+07:00")["classes"]["on_time"] == 1
    assert world.log("2017-07-21 15:13:00", "--text", "gui lai")[0]["state"] == "duplicate"


@pytest.mark.parametrize("name", ["bytes_nul", "bytes_lone_surrogate", "hdr_bom_raw8bit", "fname_long", "from_empty"])
def test_odd_bytes_pass_into_text_columns(world: World, name: str):
    world.deliver((HOSTILE / f"{name}.eml").read_bytes(), "2017-07-21 09:00:05")
    assert world.cchc("poll", now="2017-07-21 09:05:00").code in (0, 1)
    (row,) = world.log("2017-07-21 09:06:00")
    assert row["state"] in ("recorded", "needs_review", "not_a_report")
    assert world.cchc("verify", now="2017-07-21 09:07:00").code == 0


def test_a_second_instance_with_another_vault_is_refused(world: World, tmp_path: Path):
    """One instance: flock on the vault; on PostgreSQL a session advisory lock as well."""
    from intake.config import load  # noqa: PLC0415
    from intake.wiring import open_desk, system_clock  # noqa: PLC0415

    other = World(tmp_path / "other", world.sink, database=world.database)
    with open_desk(load(world.folder / "config.toml", {}), system_clock(), worker=False):
        assert other.cchc("poll").code == 2
    assert other.cchc("poll").code == 0
