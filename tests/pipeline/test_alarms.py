"""Alarms by mail to the operator: once when they begin, once when they are over, whatever else is down; scrub and comparison."""

from __future__ import annotations

import shutil
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from intake import alarms, service
from intake.config import load
from intake.desk import Clock
from intake.wiring import open_desk
from tests.pipeline.world import World, at, mail, weekly_docx
from tests.servers.dovecot import free_port

IT = "it@tinh.example"
RECEIVED = "2017-07-18 09:12:35"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def world(world: World) -> World:
    world.notify = f'operator = ["{IT}"]'
    world.write_config()
    return world


def told(world: World) -> list[str]:
    """Subjects of the letters the operator got, in order."""
    return [str(letter["Subject"]) for letter in world.letters(IT)]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content()


def standing(world: World, now: str) -> list[str]:
    return [alarm["what"] for alarm in world.cchc("status", "--json", now=now).json["alarms"]]


def arrive(world: World) -> bytes:
    return world.deliver(mail(files={"Bao cao tuan.docx": weekly_docx()}), RECEIVED)


def test_a_mailbox_that_is_down_is_told_once_and_once_more_when_it_is_back_across_restarts(world: World):
    arrive(world)
    world.poll("2017-07-18 09:13:00")
    world.tick("2017-07-18 09:20:00")
    assert told(world) == []
    hidden = world.box.rename(world.folder / "away")
    assert world.cchc("poll", now="2017-07-18 09:24:00").code == 3
    for minute in ("24:10", "25:00", "40:00"):
        world.tick(f"2017-07-18 09:{minute}")
    (begun,) = world.letters(IT)
    assert begun["Subject"] == "[CẢNH BÁO] Quá 10 phút chưa đọc được hộp thư tiếp nhận"
    assert "09 giờ 13 phút" in text(begun), "since the last good poll, on the office's clock"
    assert "(lệnh cchc check)" in text(begun), "and what to do"
    assert begun["Auto-Submitted"] == "auto-generated"
    hidden.rename(world.box)
    world.poll("2017-07-18 09:41:00")
    for minute in ("41:10", "42:00"):
        world.tick(f"2017-07-18 09:{minute}")
    assert told(world)[1:] == ["[ĐÃ KHẮC PHỤC] Quá 10 phút chưa đọc được hộp thư tiếp nhận"]
    assert "09 giờ 41 phút" in text(world.letters(IT)[1])


def test_the_same_trouble_a_second_time_is_told_a_second_time(world: World):
    world.poll("2017-07-18 09:00:00")
    for hour in (10, 11):
        world.tick(f"2017-07-18 {hour}:00:00")
        world.poll(f"2017-07-18 {hour}:01:00")
        world.tick(f"2017-07-18 {hour}:02:00")
    assert [subject.split("]")[0] for subject in told(world)] == ["[CẢNH BÁO", "[ĐÃ KHẮC PHỤC"] * 2
    assert len({letter["Message-ID"] for letter in world.letters(IT)}) == 4


def test_a_letter_that_waits_for_over_an_hour_is_told_when_letters_go_again(world: World):
    arrive(world)
    port = world.sink.port
    world.sink.stop()
    assert world.cchc("poll", now="2017-07-18 09:13:00").code == 3
    for when in ("10:12:00", "10:14:00", "10:20:00"):
        world.poll(f"2017-07-18 {when}")
        world.tick(f"2017-07-18 {when}")
    assert "letter_waits" in standing(world, "2017-07-18 10:21:00")
    world.sink.port = port
    world.sink.start()
    world.poll("2017-07-18 11:20:00")
    world.tick("2017-07-18 11:20:10")
    world.tick("2017-07-18 11:20:20")
    assert told(world) == [
        "[CẢNH BÁO] Có thư của hệ thống chờ gửi quá 1 giờ",
        "[ĐÃ KHẮC PHỤC] Có thư của hệ thống chờ gửi quá 1 giờ",
    ]
    assert "1 thư đang chờ" in text(world.letters(IT)[0])


def test_a_disk_nearly_full_is_told_and_a_few_bytes_more_do_not_end_it(world: World, monkeypatch: pytest.MonkeyPatch):
    free = [400]
    monkeypatch.setattr(alarms.shutil, "disk_usage", lambda _path: Usage(10**12, 0, free[0] * 2**20))
    world.poll("2017-07-18 09:00:00")
    for minute, left in (("01", 400), ("02", 510), ("03", 480), ("04", 700), ("05", 700)):
        free[0] = left
        world.tick(f"2017-07-18 09:{minute}:00")
    assert told(world) == ["[CẢNH BÁO] Ổ đĩa sắp đầy", "[ĐÃ KHẮC PHỤC] Ổ đĩa sắp đầy"]
    assert "còn 400 MiB trống" in text(world.letters(IT)[0])
    free[0] = 300
    assert standing(world, "2017-07-18 09:06:00") == ["disk_nearly_full"]
    (vault,) = [line for line in world.cchc("check", now="2017-07-18 09:06:00").out.splitlines() if "vault" in line]
    assert "min_free_mib" in vault
    assert vault.startswith("WARN")


def test_ledger_and_mailbox_that_disagree_are_told_and_the_next_comparison_that_agrees_ends_it(world: World):
    arrive(world)
    world.poll("2017-07-18 09:13:00")
    (kept,) = (p for p in world.box.rglob("*.host*") if p.is_file())
    kept.unlink()
    world.poll("2017-07-18 10:14:00")  # an hour has passed: the whole mailbox is compared
    world.tick("2017-07-18 10:14:10")
    assert told(world) == ["[CẢNH BÁO] Số thư trên máy chủ và trong sổ không khớp"]
    assert "1 thư không còn trên máy chủ" in text(world.letters(IT)[0])
    assert "không bị mất" not in text(world.letters(IT)[0])
    status = world.cchc("status", "--json", now="2017-07-18 10:15:00").json
    assert {"server": 0, "ledger": 0, "gone": 1, "lost": 1}.items() <= status["last_reconcile"].items()
    world.poll("2017-07-18 11:15:00")
    world.tick("2017-07-18 11:15:10")
    assert told(world)[1:] == ["[ĐÃ KHẮC PHỤC] Số thư trên máy chủ và trong sổ không khớp"]


def test_tick_alone_compares_every_hour_and_fetches_nothing(world: World):
    arrive(world)
    world.poll("2017-07-18 09:13:00")
    (kept,) = (p for p in world.box.rglob("*.host*") if p.is_file())
    kept.unlink()
    world.deliver(mail(subject="another"), "2017-07-18 10:00:00")
    world.tick("2017-07-18 10:14:10")
    assert "[CẢNH BÁO] Số thư trên máy chủ và trong sổ không khớp" in told(world)
    assert world.poll("2017-07-18 10:15:00")["fetched"] == 1, "what is new waits for the poll"


def test_a_mail_a_person_moved_within_what_is_watched_is_no_disagreement(world: World):
    arrive(world)
    world.poll("2017-07-18 09:13:00")
    (kept,) = (p for p in world.box.rglob("*.host*") if p.is_file())
    shutil.move(kept, world.box / "new" / kept.name)
    for when in ("10:14:00", "11:20:00"):
        world.poll(f"2017-07-18 {when}")
        world.tick(f"2017-07-18 {when}")
    assert [subject for subject in told(world) if "không khớp" in subject] == []


def test_without_an_operator_alarms_stand_in_status_and_no_letter_is_owed(world: World):
    world.notify = ""
    world.write_config()
    world.poll("2017-07-18 09:00:00")
    assert world.tick("2017-07-18 10:00:00")["letters"] == []
    assert standing(world, "2017-07-18 10:00:10") == ["no_good_poll"]
    world.notify = f'operator = ["{IT}"]'
    world.write_config()
    world.tick("2017-07-18 10:01:00")
    assert len(told(world)) == 1, "named later, the operator is told what still stands"


def test_where_nothing_is_answered_the_alarm_is_recorded_and_withheld(world: World):
    world.notify = f'operator = ["{IT}"]\nanswer = false'
    world.write_config()
    world.poll("2017-07-18 09:00:00")
    (letter,) = world.tick("2017-07-18 10:00:00")["letters"]
    assert (letter["kind"], letter["state"], letter["to"]) == ("alarm", "withheld", IT)
    assert told(world) == []


# ---- the scrub -------------------------------------------------------------------------------------------------------


def vault_file(world: World) -> Path:
    (row,) = world.log("2017-07-18 09:14:00")
    return world.folder / "vault" / row["sha256"][:2] / row["sha256"]


def flip(path: Path) -> None:
    path.chmod(0o640)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def test_a_bit_flipped_in_the_vault_is_found_within_a_day_and_fetched_anew_from_the_mailbox(world: World):
    raw = arrive(world)
    world.poll("2017-07-18 09:13:00")
    world.tick("2017-07-18 09:13:10")
    flip(vault_file(world))
    world.poll("2017-07-19 09:10:00")
    world.tick("2017-07-19 09:10:10")
    assert vault_file(world).read_bytes() != raw, "the last pass is not a day old"
    world.poll("2017-07-19 09:14:00")
    world.tick("2017-07-19 09:14:10")
    assert vault_file(world).read_bytes() == raw
    scrubbed = world.cchc("status", "--json", now="2017-07-19 09:15:00").json["last_scrub"]
    assert (scrubbed["damaged"], scrubbed["mended"], scrubbed["files"]) == ([], 1, 2)
    assert told(world) == []


@pytest.mark.parametrize("harm", ["flipped", "missing"])
def test_damage_that_cannot_be_mended_is_an_alarm_until_a_scrub_finds_none(world: World, harm: str):
    raw = arrive(world)
    world.poll("2017-07-18 09:13:00")
    (kept,) = (p for p in world.box.rglob("*.host*") if p.is_file())
    kept.unlink()
    path = vault_file(world)
    flip(path) if harm == "flipped" else path.unlink()
    world.tick("2017-07-18 09:14:10")
    assert "vault_damaged" in standing(world, "2017-07-18 09:15:00")
    (letter,) = [x for x in world.letters(IT) if "hỏng" in str(x["Subject"])]
    assert path.name[:16] in text(letter)
    assert "không bị mất" not in text(letter), "nothing is promised that is not certain"
    assert "Chưa thể khẳng định" in text(letter)
    if path.exists():
        path.chmod(0o640)
    path.write_bytes(raw)  # from a backup
    world.poll("2017-07-19 09:14:20")
    world.tick("2017-07-19 09:14:30")
    assert "không bị mất" not in text(world.letters(IT)[-1])
    assert told(world)[-1] == "[ĐÃ KHẮC PHỤC] Có tệp lưu trữ bị hỏng hoặc bị mất"
    assert "vault_damaged" not in standing(world, "2017-07-19 09:15:00")


def test_the_scrub_goes_on_where_it_stopped(world: World):
    arrive(world)
    world.poll("2017-07-18 09:13:00")
    settings = load(world.folder / "config.toml", {})
    clock = Clock(lambda: at("2017-07-18 09:14:00"), "given")
    from intake.scrub import FOLDERS, scrub  # noqa: PLC0415

    with open_desk(settings, clock, worker=False) as desk:
        slices = 1
        while (result := scrub(desk, 0.0)) is None:
            slices += 1
        assert slices == FOLDERS, "one folder a slice when there is no time at all"
        assert (result["files"], result["damaged"]) == (2, [])
        assert scrub(desk, 0.0) is None, "once a day"


def test_run_sounds_the_alarm_while_the_imap_server_cannot_be_reached(world: World, monkeypatch: pytest.MonkeyPatch):
    world.mailbox_url = f"imap://cchc@127.0.0.1:{free_port()}/INBOX?starttls=no"
    world.write_config()
    settings = load(world.folder / "config.toml", {"CCHC_IMAP_PASSWORD": "x"})
    moment = [at("2017-07-18 09:00:00")]
    with open_desk(settings, Clock(lambda: moment[0], "given")) as desk:
        moment[0] = at("2017-07-18 09:11:00")
        service._do(desk, "poll")
        service._do(desk, "tick")
        service._do(desk, "tick")
    assert told(world) == ["[CẢNH BÁO] Quá 10 phút chưa đọc được hộp thư tiếp nhận"]
