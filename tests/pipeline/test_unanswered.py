"""A hundred of the ten thousand mails nobody must answer, through the whole service: kept, judged, not one letter."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.pipeline.world import World, at, mail, weekly_docx
from tests.rules.unanswered import generated

RECEIVED = "2017-07-21 08:00:00"
FILES = {"Bao cao tuan.docx": weekly_docx()}


@pytest.mark.slow
def test_a_hundred_of_them_are_kept_and_told_apart_and_no_letter_leaves(world: World):
    mails = list(generated(120, seed=822))
    for number, one in enumerate(mails):
        world.deliver(one.raw, at(RECEIVED) + timedelta(seconds=number))
    polled = world.poll("2017-07-21 08:30:00")
    assert (polled["fetched"], polled["set_aside"], polled["letters_sent"]) == (len(mails), 0, 0)
    rows = world.log("2017-07-21 08:31:00", "--limit", "500")
    states = Counter(row["state"] for row in rows)
    assert set(states) <= {"automatic", "bounce", "own", "not_a_report", "needs_review", "duplicate"}, states
    assert states["automatic"] > 30
    assert states["bounce"] > 10
    assert [row["id"] for row in rows if row["submissions"]] == []
    assert {letter["state"] for row in rows for letter in row["letters"]} <= {"withheld"}
    assert world.sink.received == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List-Id": "<cchc.lists.tinh.example>"},
        {"Return-Path": "<>"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_program_that_sends_a_report_is_credited_shown_and_not_answered(world: World, headers: dict[str, str]):
    """Document systems of agencies mark genuine reports so: the report is kept, only the answer is withheld."""
    world.deliver(mail(files=FILES, headers=headers), RECEIVED)
    world.poll("2017-07-21 08:30:00")
    (row,) = world.log("2017-07-21 10:31:00")
    assert (row["state"], row["submissions"][0]["class"]) == ("recorded", "on_time")
    assert row["automatic"] in ("automatic", "list")
    assert [letter["withheld_because"] for letter in row["letters"]] == [row["automatic"]]
    assert world.sink.received == []
    assert world.classes("weekly:2017-07-21", "2017-07-21 10:30:00")["STC"] == "on_time"
    assert row["automatic"] in world.cchc("explain", str(row["id"]), now="2017-07-21 10:32:00").out


def test_a_program_without_any_sign_is_stopped_by_the_budget_of_its_address(world: World):
    world.notify = "per_address_per_hour = 3"
    world.write_config()
    for number in range(7):
        world.deliver(mail(text=f"lần {number}"), at(RECEIVED) + timedelta(seconds=number))
        world.poll(f"2017-07-21 08:0{number + 1}:00")
    assert len(world.sink.received) == 3
    reasons = Counter(x["withheld_because"] for row in world.log("2017-07-21 08:31:00") for x in row["letters"])
    assert reasons == {None: 3, "budget": 4}


def test_above_the_breaker_nobody_is_answered_whoever_writes(world: World):
    world.notify = "per_hour = 2"
    world.write_config()
    for number, sender in enumerate(("stc", "snv", "syt", "hdt")):
        world.deliver(mail(f"{sender}@tinh.example", text=sender), at(RECEIVED) + timedelta(seconds=number))
    world.poll("2017-07-21 08:05:00")
    assert len(world.sink.received) == 2
    reasons = Counter(x["withheld_because"] for row in world.log("2017-07-21 08:31:00") for x in row["letters"])
    assert reasons == {None: 2, "breaker": 2}
