"""F27, F28, F30, F31, F35: clocks that jump, a service that was down or stood still, two of them, the same report thrice."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import psycopg
import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of, states
from tests.faults.province import Maker, Province

USAGE, UNREACHABLE = 2, 3
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@cell("F27")
def test_a_clock_that_goes_back_is_refused_and_one_that_jumps_ahead_judges_nobody(province: Province):
    province.report("STC")
    province.well("poll")
    right = province.now
    province.now = right - timedelta(days=1)
    assert province.call("poll").code == USAGE
    assert province.call("tick").code == USAGE
    province.now = scene.cutoff(0) + timedelta(days=1)  # the clock says Saturday, the mail came on Friday at 09:59:59
    province.report("SYT", at=scene.cutoff(0) - timedelta(seconds=1))
    province.report("SNV", at=scene.cutoff(0))
    province.report("SXD", at=scene.cutoff(0) + timedelta(seconds=1))
    province.close()
    province.well("tick")
    province.good()


@cell("F27")
@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "nonsense"])
def test_a_wrong_time_zone_of_the_machine_changes_no_verdict(make: Maker, zone: str):
    province = make()
    province.ledger.cutoffs[scene.period(0)] = scene.cutoff(0)
    for agency, seconds in (("STC", -1), ("SYT", 0), ("SNV", 1)):
        province.now = scene.cutoff(0) + timedelta(seconds=seconds)
        province.report(agency)
        province.well("poll", env={"TZ": zone})
    province.pass_time(minutes=6)
    province.well("tick", env={"TZ": zone})
    province.close()
    province.good()


@cell("F28")
def test_down_across_the_cutoff_it_catches_up_and_who_was_in_time_is_in_time(province: Province):
    province.well("poll")
    for agency, seconds in (("STC", -600), ("SYT", -1), ("SNV", 0), ("SXD", 1), ("SCT", 1800)):
        province.report(agency, at=scene.cutoff(0) + timedelta(seconds=seconds))
    province.now = scene.cutoff(0) + timedelta(minutes=40)
    assert province.call("tick").code == 0
    assert not letters_of(province.ledger.left, "missing_notice"), (
        "nobody is missing before a pass that began after 10:00"
    )
    province.close()
    province.good()


@cell("F30")
def test_a_second_instance_leaves_at_once_and_the_first_notices_nothing(province: Province):
    province.report("STC")
    first = province.begin("poll", inject=[["sleeps_at", "in_keep", 6.0]])
    province.forge.reached(first, "in_keep")
    second = province.call("poll")
    assert second.code == USAGE, province.story(second)
    assert "another instance" in second.err
    vault = (province.folder / "config.toml").read_text("utf-8").replace('vault = "vault"', 'vault = "another"')
    (province.folder / "other.toml").write_text(vault, "utf-8")
    third = province.forge.run(
        "-c", str(province.folder / "other.toml"), "--at", province.now.isoformat(), "poll", env=dict(_password())
    )
    assert third.code == USAGE, "the same database with another vault"
    assert province.forge.end(first).code == 0
    province.settle()
    province.good()


def _password() -> list[tuple[str, str]]:
    return [(scene.PASSWORD_ENV, scene.PASSWORD)]


@cell("F31")
def test_stopped_for_a_while_and_let_go_on_it_finishes_what_it_began(province: Province):
    province.report("STC")
    pid = province.begin("poll", inject=[["sleeps_at", "in_record", 2.0]])
    province.forge.reached(pid, "in_record")
    os.kill(pid, signal.SIGSTOP)
    province.pass_time(minutes=10)
    province.imap.hang_up()  # no server keeps a silent line that long
    assert province.call("poll").code == USAGE, "the sleeper still holds the lock: no second writer exists"
    os.kill(pid, signal.SIGCONT)
    woken = province.forge.end(pid)
    assert woken.code in (0, UNREACHABLE), province.story(woken)
    province.settle()
    province.good()


@cell("F31")
def test_a_sleeper_whose_server_forgot_him_writes_nothing_when_he_wakes(make: Maker, postgres: str):
    province = make(url=postgres)
    province.report("STC")
    pid = province.begin("poll", inject=[["sleeps_at", "before_fetch", 6.0]])
    province.forge.reached(pid, "before_fetch")
    os.kill(pid, signal.SIGSTOP)
    with psycopg.connect(postgres, autocommit=True) as line:
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    text = (province.folder / "config.toml").read_text("utf-8").replace('vault = "vault"', 'vault = "other-machine"')
    (province.folder / "other.toml").write_text(text, "utf-8")
    successor = ("-c", str(province.folder / "other.toml"), "--at", province.now.isoformat(), "poll")
    assert province.forge.run(*successor, env=dict(_password())).code == 0
    before = states(province.database)
    os.kill(pid, signal.SIGCONT)
    woken = province.forge.end(pid)
    assert woken.code in (USAGE, 3), province.story(woken)
    assert states(province.database) == before
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 1


@cell("F35")
def test_a_content_that_comes_again_in_the_very_same_second_is_answered_once_whichever_counts(make: Maker):
    province = make()
    for _ in range(6):  # which of the two has the lesser hash is drawn by lot
        province.pass_time(minutes=3)
        province.report("STC")
        province.well("poll")
        province.report("STC", received=province._numbers, again=True)
        province.well("poll")
    province.settle()
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 6


@cell("F35")
def test_the_same_report_three_times_and_a_correction_are_two_contents_and_two_answers(province: Province):
    province.report("STC", received=500)
    for _ in range(2):
        province.pass_time(minutes=3)
        province.report("STC", received=500, again=True)
    province.well("poll")
    province.pass_time(minutes=3)
    province.report("STC", received=501)
    province.settle()
    province.good()
    assert states(province.database)["duplicate"] == 2
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 2
