"""F16 to F21 and F37: a mail server that breaks off, lies, forgets, or shuts the door; judged after each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import states
from tests.faults.province import Maker, Province
from tests.servers.imap_script import (
    PLAIN,
    before,
    bye,
    bye_mid_literal,
    byte_by_byte,
    cut,
    cut_mid_literal,
    lying_literal,
    nonsense,
    says,
    shortened,
    stall,
    stall_mid_literal,
)

UNREACHABLE = 3
IMPATIENT = {"inject": [["impatient", 0.6]]}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
STAY = {"mailbox_more": 'filed = ""'}  # mails lie where they came


def through(province: Province, *faults: tuple[str, object]) -> None:
    """A report arrives while the server does that; afterwards it behaves."""
    province.pass_time(minutes=20)
    agencies = tuple(scene.AGENCIES)
    province.report(agencies[province._numbers % len(agencies)])
    for verb, fault in faults:
        province.imap.spoil(verb, fault)  # type: ignore[arg-type]
    first = province.call("poll", **IMPATIENT)
    assert first.code in (0, UNREACHABLE), province.story(first)
    province.imap.mend()


@cell("F16")
def test_a_line_that_breaks_inside_a_mail_records_nothing_of_it(province: Province):
    for fault in (cut_mid_literal, bye_mid_literal, stall_mid_literal, byte_by_byte(0)):
        through(province, ("BODY", fault))
        province.good(quiet=False)
    through(province, *[("BODY", shortened(None, 40))] * 2)  # asked for whole, then in pieces
    province.good(quiet=False)
    province.settle()
    province.good()


@cell("F17")
def test_a_literal_of_three_gigabytes_is_a_passing_fault(province: Province):
    province.report("STC")
    for _ in range(3):
        province.imap.spoil("BODY", lying_literal(3_000_000_000))
    lied_to = province.call("poll", inject=[["impatient", 2.0], ["memory_no_bigger_than", 600 << 20]])
    assert lied_to.code == UNREACHABLE, province.story(lied_to)
    assert states(province.database) == {}
    province.imap.mend()
    province.settle()
    province.good()


@cell("F18")
def test_a_server_that_says_goodbye_or_no_at_any_verb_costs_nothing(province: Province):
    faults = (bye, cut, nonsense, says(b"NO [UNAVAILABLE] later"), says(b"BAD what is that"))
    few = (0, 1, 2, 3, 4) if province.url.startswith("sqlite") else (0, 3)
    for turn, verb in enumerate(("LOGIN", "EXAMINE", "UID SEARCH", "SIZES", "BODY", "SELECT", "UID MOVE")):
        for fault in {faults[(turn + n) % 5] for n in few}:
            if verb != "LOGIN" or fault is not nonsense:  # nobody parses what precedes a login
                through(province, (verb, fault))
        province.well("poll")
        province.good(quiet=False)
    through(
        province, ("SIZES", before(b"* 1 EXPUNGE", b"* 3 EXISTS")), ("BODY", before(b"* 9 FETCH (UID 77 FLAGS ())"))
    )
    through(province, ("UID SEARCH", says(b"NO [INUSE] busy")), ("NOOP", stall))
    province.settle()
    province.good()


@cell("F19")
def test_a_mailbox_numbered_anew_is_read_again_and_nobody_is_answered_again(make: Maker, url: str):
    province = make(url=url, more=STAY)
    province.ledger.filing = False
    inbox = province.imap.inbox
    province.report("STC")
    province.report("SYT")
    province.settle()
    for uidvalidity, shift in ((8, 0), (9, 1000), (None, 0), (11, -5)):
        inbox.uidvalidity = uidvalidity
        inbox.moments = {uid + shift: moment for uid, moment in inbox.moments.items()}
        inbox.mails = {uid + shift: raw for uid, raw in inbox.mails.items()}
        inbox.uidnext = max(inbox.mails) + 1
        province.pass_time(hours=2)
        province.report("SNV")
        province.well("poll")
        province.settle()
        province.well("reconcile")
        province.good()
    inbox.uidnext = 1  # gone back, nothing else changed
    province.well("poll")
    inbox.uidnext = max(inbox.mails) + 1
    province.report("STP")
    province.settle()
    province.good()


@cell("F20")
def test_another_mail_under_the_same_number_is_kept_as_well(make: Maker, url: str):
    province = make(url=url, more=STAY)
    province.ledger.filing = False
    province.ledger.lost_on_server = True
    province.report("STC")
    province.settle()
    inbox = province.imap.inbox
    (uid,) = (uid for uid, raw in inbox.mails.items() if raw == province.ledger.delivered[0].raw)
    number, province.now = inbox.uidnext, province.now + timedelta(minutes=5)
    province.report("SYT")
    inbox.mails = {**inbox.mails, uid: inbox.mails[number]}
    inbox.moments[uid] = inbox.moments.pop(number)
    inbox.mails = {key: raw for key, raw in inbox.mails.items() if key != number}
    inbox.uidnext = number
    province.well("poll")
    province.well("reconcile")
    province.settle()
    province.good()
    assert states(province.database)["recorded"] == 2


@cell("F21")
@pytest.mark.parametrize("missing", ["MOVE", "UIDPLUS", "MOVE UIDPLUS"])
def test_a_server_without_move_or_uidplus_is_served_all_the_same(make: Maker, url: str, missing: str):
    capabilities = " ".join(word for word in PLAIN.split() if word not in missing.split())
    province = make(url=url, capabilities=capabilities)
    province.ledger.filing = "MOVE" not in missing.split()  # copied: the original stays, for we never delete
    for agency in ("STC", "SYT"):
        province.report(agency)
        province.well("poll")
    province.settle()
    province.well("reconcile")
    province.settle()
    province.good()


@cell("F21")
def test_a_mailbox_we_may_only_read_is_read_and_answered(province: Province):
    province.imap.inbox.read_only = True
    province.ledger.filing = False
    province.report("STC")
    province.settle()
    province.report("SYT")
    province.settle()
    province.good()
    assert list(province.imap.folders) == ["INBOX"]


@cell("F37")
def test_a_password_that_expired_is_told_and_tried_once_a_pass(province: Province):
    province.report("STC")
    province.well("poll")
    province.imap.password = "another"
    province.report("SYT")
    sessions = province.imap.sessions
    for _ in range(3):
        province.pass_time(minutes=4)
        assert province.call("poll").code == UNREACHABLE
    assert province.imap.sessions == sessions + 3, "one try a pass: no lock-out is provoked"
    told = province.call("status", "--json")
    assert told.code == 1
    assert {"mailbox_unreachable", "no_good_poll"} <= {alarm["what"] for alarm in told.json["alarms"]}
    province.imap.password = scene.PASSWORD
    province.settle()
    province.good()
