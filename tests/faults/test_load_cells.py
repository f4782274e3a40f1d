"""F33 and F34: a backlog and a mail of 150 MB, in flat memory, stored before read, the nearest cutoff first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of, states
from tests.faults.province import Maker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
MOST = 256 * 1024  # KiB: faults.md, the fetcher's memory
BIG = 150 * 1024 * 1024


@cell("F33")
def test_a_backlog_is_stored_first_then_read_with_the_nearest_cutoff_first(make: Maker, url: str):
    province = make(url=url)
    province.now = scene.cutoff(4) - timedelta(hours=2)
    province.ledger.cutoffs.clear()
    for n in range(150):  # four weeks that nobody read
        province.stranger() if n % 2 else province.vacation("STP")
    waiting = province.ledger.delivered
    for n, mail in enumerate(waiting):
        moment = scene.cutoff(0) + timedelta(hours=n)
        province.imap.inbox.moments[n + 1] = moment
        waiting[n] = type(mail)(mail.raw, moment, mail.message_id, mail.sender)
    urgent = province.report("STC", 4)
    killed = province.call("poll", strike="before_parse:1")
    assert killed.killed
    assert sum(states(province.database).values()) == 151, "everything is stored before anything is read"
    assert province.killed("poll", strike="after_record:1")
    ((first,),) = province.database.ask("SELECT sha256 FROM mail WHERE state NOT IN ('stored', 'reading')")
    assert first == next(m.sha256 for m in province.ledger.delivered if m.raw == urgent)
    most = province.well("poll").memory
    assert most < MOST, f"{most} KiB"
    province.settle()
    province.ledger.cutoffs.pop(scene.period(4))  # its closing is another matter
    province.ledger.cutoffs[scene.period(4)] = scene.cutoff(4)
    province.good()


@cell("F34")
def test_a_mail_of_150_megabytes_is_kept_in_flat_memory_and_its_sender_is_told(make: Maker, url: str):
    province = make(url=url)
    head = scene.mail_of(scene.address_of("SYT"), "Báo cáo tuần CCHC", "Xin gửi.").partition(b"\r\n\r\n")[0]
    line = b"QUJD" * 18 + b"\r\n"
    body = b"\r\n\r\n" + line * (BIG // len(line))
    province.arrive(head + body, scene.address_of("SYT"), answered=True)
    province.ledger.delivered[-1] = replace(province.ledger.delivered[-1], unread=True)
    province.report("STC")
    most = province.well("poll").memory
    assert most < MOST, f"{most} KiB"
    assert "too_large" in {reason for (reason,) in province.database.ask("SELECT reason FROM mail")}
    province.settle()
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 2
