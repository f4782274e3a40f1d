"""An outage of our own mailbox across a cutoff: digests say what is certain, and whoever sent in time may be deemed in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of
from tests.faults.province import Province

UNREACHABLE = 3
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def down(province: Province, minutes: int) -> None:
    """The mailbox cannot be reached from a quarter of an hour before the cutoff until so many minutes after it."""
    province.imap.login_answer = b"NO [UNAVAILABLE] later"
    for after in (-15, 0, 6, 20, 40, 61, 80):
        if after <= minutes:
            province.now = scene.cutoff(0) + timedelta(minutes=after)
            assert province.call("poll").code == UNREACHABLE
            province.well("tick")
    province.now = scene.cutoff(0) + timedelta(minutes=minutes)
    province.imap.login_answer = None


def digests(province: Province) -> list[str]:
    return [letter.message_id.split(".")[1] for letter in letters_of(province.ledger.left, "digest")]


@cell("F28")
@pytest.mark.parametrize(("minutes", "expected"), [(45, ["2"]), (85, ["1", "2"])])
def test_an_outage_over_the_cutoff_accuses_nobody_before_it_is_over(province: Province, minutes: int, expected: list):
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    province.now = scene.cutoff(0) - timedelta(minutes=30)
    province.report("STC")
    province.well("poll")
    province.report("SYT", at=scene.cutoff(0) - timedelta(minutes=1))
    down(province, minutes)
    assert not letters_of(province.ledger.left, "missing_notice")
    assert digests(province) == expected[:-1]
    province.close()
    province.good()
    assert digests(province) == expected


@cell("F28")
def test_a_report_our_outage_held_up_is_proposed_for_a_person_and_its_receipt_time_stays(province: Province):
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    province.now = scene.cutoff(0) - timedelta(minutes=30)
    province.well("poll")
    came = scene.cutoff(0) + timedelta(minutes=50)
    province.report("STC", at=came)  # dated the day before
    down(province, 55)
    province.close()
    province.good()
    (item,) = (i for i in province.well("review", "--json").json["items"] if i["kind"] == "own_outage")
    assert item["proposed"] == "2017-07-20T09:00:00+07:00"
    board = province.well("board", scene.period(0), "--json").json
    assert {due["agency"]: due["class"] for due in board["dues"]}["STC"] == "in_review", "proposed, never applied"
    why = ("--reason", "hộp thư của Sở hỏng", "--second", "An")
    assert province.call("decide", item["mail"], "--deemed-at", item["proposed"], "--reason", "x").code == 2
    province.well("decide", item["mail"], "--deemed-at", item["proposed"], *why)
    board = province.well("board", scene.period(0), "--json").json
    assert {due["agency"]: due["class"] for due in board["dues"]}["STC"] == "on_time"
    (row,) = (r for r in province.well("log", "--json").json["rows"] if r["submissions"])
    assert row["received_at"] == came.isoformat()
    assert not [i for i in province.well("review", "--json").json["items"] if i["kind"] == "own_outage"]
    province.well("poll")
    assert not [i for i in province.well("review", "--json").json["items"] if i["kind"] == "own_outage"]


@cell("F28")
def test_a_service_that_merely_stood_still_proposes_nothing(province: Province):
    province.report("STC", at=scene.cutoff(0) + timedelta(minutes=20))
    province.close()
    assert not province.well("review", "--json").json["items"]
    province.good()
