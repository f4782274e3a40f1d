"""F29 and ambiguous delivery: every answer a submission server can give, and the silences; judged after each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of
from tests.faults.province import Maker, Province
from tests.servers.smtp_sink import CUT, DROP, LOST, SILENCE

UNREACHABLE = 3
IMPATIENT = {"inject": [["impatient", 0.6]]}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def answered_through(province: Province, agency: str) -> None:
    """A report arrives; its acknowledgement goes out through whatever the server is told to do."""
    province.pass_time(minutes=20)
    province.report(agency)
    done = province.call("poll", **IMPATIENT)
    assert done.code in (0, UNREACHABLE), province.story(done)


@cell("F29")
def test_a_server_that_refuses_for_now_is_asked_again_and_every_letter_goes_once(province: Province):
    for verb in ("MAIL", "RCPT", "DATA"):
        for answer in ("451 4.3.0 later", "421 4.3.2 going down"):
            province.sink.replies[verb] = [answer]
            answered_through(province, "STC")
            province.good(quiet=False)
    province.settle()
    province.pass_time(hours=1)
    province.settle()
    province.good()


@cell("F29")
def test_a_server_that_falls_silent_or_breaks_off_around_its_answer_has_the_letter_once(province: Province):
    for trouble, agency in ((SILENCE, "SNV"), (LOST, "STC"), (CUT, "SYT"), (DROP, "SXD")):
        province.sink.after_text = [trouble]
        answered_through(province, agency)
        province.good(quiet=False)
    province.settle()
    province.settle()
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 4


@cell("F29")
def test_without_a_copy_to_ourselves_the_same_letter_comes_twice_at_most_under_one_name(make: Maker, url: str):
    province = make(url=url, copies=False)
    for trouble, agency in ((SILENCE, "SNV"), (LOST, "STC"), (CUT, "SYT")):
        province.sink.after_text = [trouble]
        answered_through(province, agency)
    province.settle()
    province.settle()
    province.good()
    went = [letter.message_id for letter in letters_of(province.ledger.left, "acknowledgement")]
    assert sorted(went.count(name) for name in set(went)) == [1, 2, 2]


@cell("F29")
def test_a_letter_refused_for_good_fails_alone_and_stands_in_the_digest(province: Province):
    refused = scene.address_of("SYT")
    province.sink.refused_recipients = {refused}
    for agency in ("STC", "SYT", "SNV"):
        answered_through(province, agency)
    province.ledger.delivered = [replace(mail, refused=mail.sender == refused) for mail in province.ledger.delivered]
    province.ledger.agencies = {
        code: to for code, to in province.ledger.agencies.items() if code in ("STC", "SYT", "SNV")
    }
    province.close()
    province.good()
    (digest,) = letters_of(province.ledger.left, "digest")
    text = digest.message.get_body(("plain",)).get_content()
    assert "550 5.1.1 no such user" in text


@cell("F29")
def test_a_server_that_is_not_there_keeps_every_letter_and_its_return_sends_them(province: Province):
    province.sink.stop()
    for agency in ("STC", "SYT"):
        answered_through(province, agency)
    province.pass_time(hours=50)
    assert province.call("poll").code == UNREACHABLE
    assert not province.ledger.left
    province.sink.start()
    province.close()
    province.good()
