"""A raw mail or a payload is removed for good, by two people with a reason; the proof still holds."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from intake.config import load
from intake.retaining import retain
from intake.wiring import MovableClock, open_desk
from storage.proof import verify
from tests.pipeline.world import World, at, mail, weekly_docx

NOW = "2017-07-21 09:20:00"
WHY = ("--reason", "Gửi nhầm tài liệu")


@pytest.fixture
def received(world: World) -> World:
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:10:00")
    world.poll("2017-07-21 09:15:00")
    return world


def raw_file(world: World):
    sha256 = hashlib.sha256(world.delivered[0]).hexdigest()
    return world.folder / "vault" / sha256[:2] / sha256


def test_an_erased_mail_is_gone_and_what_was_read_of_it_stays(received: World) -> None:
    assert raw_file(received).exists()
    answer = received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, "--json", now=NOW)
    assert answer.code == 0
    assert answer.json["erased"] == "mail:1"
    assert len(answer.json["copies"]) == 1
    assert not raw_file(received).exists()
    (row,) = received.log(NOW)
    assert (row["subject"], row["from"], row["state"]) == ("", "", "recorded")
    assert row["submissions"][0]["class"] == "not_yet_due" or row["submissions"][0]["receipt"]
    assert received.cchc("verify", "--json", now=NOW).json["ok"]


def test_the_log_says_who_why_and_with_whom(received: World) -> None:
    received.cchc("erase", "CCHC-20170721-W-STC-r1", "--second", "Trưởng phòng", *WHY, now=NOW)
    last = received.cchc("show", "1", "--json", now=NOW).json["timeline"][-1]
    assert (last["kind"], last["payload"]["second"], last["payload"]["reason"]) == ("erased", "Trưởng phòng", WHY[1])


def test_a_mail_met_again_in_the_mailbox_is_not_kept_again(received: World) -> None:
    received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, now=NOW)
    for path in (received.folder / "Maildir").rglob("*.host*"):
        path.rename(path.with_name("99999." + path.name))  # as after a move by hand
    received.cchc("reconcile", now=NOW)
    received.poll("2017-07-21 09:30:00")
    assert not raw_file(received).exists()
    assert len(received.log("2017-07-21 09:31:00")) == 1
    assert len(received.letters("stc@tinh.example")) == 1


def test_an_erased_mail_is_neither_read_again_nor_given_away(received: World) -> None:
    received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, now=NOW)
    assert received.cchc("retry", "1", now=NOW).code == 2
    assert received.cchc("replay", now=NOW).code == 0
    assert received.cchc("show", "1", "--raw", str(received.folder / "raw.eml"), now=NOW).code == 2
    assert not (received.folder / "raw.eml").exists()


def test_a_removal_cut_short_is_finished_when_asked_again(received: World) -> None:
    received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, now=NOW)
    raw_file(received).parent.mkdir(exist_ok=True)
    raw_file(received).write_bytes(received.delivered[0])
    assert received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, now=NOW).code == 0
    assert not raw_file(received).exists()
    kinds = [line["kind"] for line in received.cchc("show", "1", "--json", now=NOW).json["timeline"]]
    assert kinds.count("erased") == 1


def test_a_removal_cut_short_is_finished_by_the_daily_scrub_without_anybody_asking(received: World) -> None:
    raw = raw_file(received).read_bytes()
    received.cchc("erase", "1", "--second", "Trưởng phòng", *WHY, now=NOW)
    raw_file(received).write_bytes(raw)  # dead between the commit and the removal
    received.poll("2017-07-22 09:30:00")
    received.tick("2017-07-22 09:31:00")
    assert not raw_file(received).exists()
    scrubbed = received.cchc("status", "--json", now="2017-07-22 09:32:00").json["last_scrub"]
    assert scrubbed["damaged"] == []
    assert received.cchc("verify", "--json", now="2017-07-22 09:32:00").json["ok"]


def test_one_payload_can_be_erased_and_the_chain_still_verifies(received: World) -> None:
    timeline = received.cchc("show", "1", "--json", now=NOW).json["timeline"]
    seq = next(line["seq"] for line in timeline if line["kind"] == "kept")
    assert received.cchc("erase", f"log:{seq}", "--second", "Trưởng phòng", *WHY, now=NOW).code == 0
    after = {line["seq"]: line["payload"] for line in received.cchc("show", "1", "--json", now=NOW).json["timeline"]}
    assert after[seq] is None
    assert received.cchc("verify", "--json", now=NOW).json["ok"]
    assert received.cchc("erase", f"log:{seq}", "--second", "Trưởng phòng", *WHY, now=NOW).code == 2


def test_what_became_of_letters_stays(received: World) -> None:
    letter = received.log(NOW)[0]["letters"][0]
    assert received.cchc("erase", f"log:{letter['seq']}", "--second", "Trưởng phòng", *WHY, now=NOW).code == 2
    assert received.cchc("verify", "--json", now=NOW).json["ok"]


def test_one_person_alone_erases_nothing(received: World) -> None:
    assert received.cchc("erase", "1", *WHY, now=NOW).code == 2
    assert received.cchc("erase", "1", "--second", " ", *WHY, now=NOW).code == 2
    assert received.cchc("erase", "7", "--second", "Trưởng phòng", *WHY, now=NOW).code == 2
    assert received.cchc("erase", "log:9999", "--second", "Trưởng phòng", *WHY, now=NOW).code == 2
    assert raw_file(received).exists()


def test_raw_mails_past_their_retention_go_by_themselves_and_the_log_says_so(received: World) -> None:
    """[retention].years = 1: a day before its year is over nothing goes; then it does, once; 0 keeps it for ever."""
    settings = load(received.folder / "config.toml", {})
    clock = MovableClock(at("2018-07-20 09:00:00"))
    with open_desk(settings, clock.clock(), lock=False, worker=False) as desk:
        assert retain(desk) == 0
        yearly = replace(desk, settings=replace(settings, retention_years=1))
        assert retain(yearly) == 0
        assert raw_file(received).exists()
        clock.moment = at("2018-07-21 09:10:01")
        assert retain(yearly) == 1
        assert not raw_file(received).exists()
        assert retain(yearly) == 0, "once a day"
        with desk.ledger.read() as q:
            last = q.timeline(1)[-1]
            assert q.erased_at(1) == last["seq"]
        assert verify(desk.ledger, desk.vault).ok
    assert (last["kind"], last["actor"], last["payload"]["reason"]) == ("erased", "system", "[retention].years = 1")


def test_what_waits_for_a_person_is_kept_however_old(world: World) -> None:
    world.deliver(mail(sender="la@khac.example", files={"bc.docx": weekly_docx()}), "2017-07-21 09:10:00")
    world.poll("2017-07-21 09:15:00")
    settings = load(world.folder / "config.toml", {})
    with open_desk(settings, MovableClock(at("2020-02-29 09:00:00")).clock(), lock=False, worker=False) as desk:
        assert retain(replace(desk, settings=replace(settings, retention_years=1))) == 0
        with desk.ledger.read() as q:
            assert q.state_counts() == {"needs_review": 1}
