"""The postman between a real ledger and a server on loopback: a letter goes out once, and nothing is lost on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from notifier.postman import Postman
from notifier.smtp import Smtp, SmtpSettings
from storage.engine import open_engine
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.records import Letter
from storage.vault import Vault
from tests.notifier.letters import ANSWER, OFFICE, letter, local
from tests.notifier.smtp_script import HANG_UP
from tests.servers.dovecot import free_port

NOW = local(21, 9, 13, 0)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(sqlite_url):
    engine = open_engine(sqlite_url)
    yield Ledger(engine)
    engine.dispose()


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault")


@pytest.fixture
def postman(ledger, vault, server):
    return of(ledger, vault, server.port)


def of(ledger: Ledger, vault: Vault, port: int, self_copy: str = "") -> Postman:
    smtp = Smtp(SmtpSettings("127.0.0.1", port, "none", timeout=1.5, final_timeout=1.5))
    return Postman(Outbox(ledger), vault, smtp, replace(OFFICE, self_copy=self_copy))


def owe(ledger: Ledger, n: int = 1, **fields: object) -> Letter:
    with ledger.write(local(21, 9, 12, 40)) as tx:
        return tx.add_letter(replace(letter(ANSWER), about=f"mail:{n}", **fields), OFFICE.bot_domain)


def the_letter(ledger: Ledger) -> Letter:
    with ledger.read() as q:
        (only,) = q.letters()
        return only


def test_a_letter_owed_is_sent_once_and_its_exact_bytes_are_kept(ledger, vault, server, postman):
    owed = owe(ledger)
    done = postman.deliver(NOW)
    assert (done.sent, done.pending, done.unreachable) == (1, 0, False)
    sent = the_letter(ledger)
    assert (sent.state, sent.sent_at, sent.smtp_reply) == ("sent", NOW, "250 2.0.0 queued as 1")
    assert vault.get(sent.raw_sha256) == server.letters[0]
    assert f"Message-ID: {owed.message_id}\r\n".encode() in server.letters[0]
    assert f"X-CCHC-Log: {owed.seq} {owed.hash}\r\n".encode() in server.letters[0]
    assert postman.deliver(NOW + MINUTE).sent == 0
    assert len(server.letters) == 1


def test_the_envelope_comes_from_us_and_a_copy_goes_to_the_watched_mailbox(ledger, vault, server):
    owe(ledger)
    of(ledger, vault, server.port, "self@mail.example").deliver(NOW)
    assert "MAIL FROM:<cchc@mail.example>" in server.said
    assert "RCPT TO:<self@mail.example>" in server.said


def test_many_letters_go_over_one_connection(ledger, server, postman):
    for n in range(12):
        owe(ledger, n)
    assert postman.deliver(NOW).sent == 12
    assert (server.connections, len(server.letters)) == (1, 12)


def test_the_waits_grow_and_after_two_days_a_refused_letter_has_failed(ledger, server, postman):
    owed = owe(ledger)
    server.answers["RCPT"] = ["451 later"] * 100
    moment, waits = NOW, []
    while the_letter(ledger).state == "pending" and len(waits) < 100:
        postman.deliver(moment)
        following = the_letter(ledger).next_try_at
        if following is None:
            break
        waits.append(following - moment)
        moment = following
    assert waits[:5] == [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 60 * MINUTE]
    failed = the_letter(ledger)
    assert (failed.state, failed.smtp_reply) == ("failed", "451 later")
    assert timedelta(hours=48) <= moment - owed.created_at < timedelta(hours=50)


def test_a_letter_is_not_tried_before_its_time(ledger, server, postman):
    owe(ledger)
    server.answers["RCPT"] = ["451 later"]
    assert postman.deliver(NOW).retried == 1
    assert postman.deliver(NOW + MINUTE / 2).sent == 0
    assert postman.deliver(NOW + MINUTE).sent == 1


def test_a_permanent_refusal_fails_one_letter_and_the_others_go(ledger, server, postman):
    for n in range(3):
        owe(ledger, n)
    server.answers["RCPT"] = ["550 5.1.1 no such user"]
    done = postman.deliver(NOW)
    assert (done.failed, done.sent, done.pending) == (1, 2, 0)


def test_with_the_server_down_every_letter_waits_and_none_fails(ledger, vault):
    for n in range(8):
        owe(ledger, n)
    postman = of(ledger, vault, free_port())
    done = postman.deliver(NOW)
    assert (done.unreachable, done.pending, done.sent, done.failed) == (True, 8, 0, 0)
    later = postman.deliver(NOW + timedelta(hours=72))
    assert (later.unreachable, later.pending, later.failed) == (True, 8, 0)


def test_silence_after_the_text_is_settled_by_our_own_copy(ledger, vault, server, postman):
    owed = owe(ledger)
    server.answers["DOT"] = [HANG_UP]
    assert postman.deliver(NOW).unknown == 1
    assert the_letter(ledger).state == "unknown"
    assert postman.outbox.settle(owed.message_id, NOW + MINUTE).state == "sent"
    assert postman.outbox.resend_unknown(NOW + 20 * MINUTE) == ()
    assert postman.deliver(NOW + 20 * MINUTE).sent == 0


def test_without_our_own_copy_the_very_same_bytes_go_again(ledger, vault, server, postman):
    owe(ledger)
    server.answers["DOT"] = [HANG_UP]
    postman.deliver(NOW)
    first = vault.get(the_letter(ledger).raw_sha256)
    assert postman.outbox.resend_unknown(NOW + 14 * MINUTE) == ()
    assert len(postman.outbox.resend_unknown(NOW + 15 * MINUTE)) == 1
    assert postman.deliver(NOW + 15 * MINUTE).sent == 1
    assert server.letters == [first]


def test_a_letter_only_refused_for_now_is_written_anew_for_nobody_has_it(ledger, vault, server, postman):
    owe(ledger)
    server.answers["RCPT"] = ["451 later"]
    assert postman.deliver(NOW).retried == 1
    assert the_letter(ledger).raw_sha256 is None
    assert postman.deliver(NOW + MINUTE).sent == 1
    assert b"Date: Fri, 21 Jul 2017 09:14:00 +0700" in server.letters[0]


def test_a_letter_in_doubt_and_then_refused_for_now_keeps_its_bytes(ledger, vault, server, postman):
    owe(ledger)
    server.answers["DOT"] = [HANG_UP]
    postman.deliver(NOW)
    first = vault.get(the_letter(ledger).raw_sha256)
    postman.outbox.resend_unknown(NOW + 15 * MINUTE)
    server.answers["RCPT"] = ["451 later"]
    assert postman.deliver(NOW + 15 * MINUTE).retried == 1
    assert postman.deliver(NOW + 75 * MINUTE).sent == 1
    assert server.letters == [first]


def test_a_letter_our_copy_has_settled_meanwhile_is_not_sent(ledger, server, postman):
    for n in range(3):
        owe(ledger, n)
    with ledger.read() as q:
        last = q.letters()[-1]
    send = postman.smtp.send

    def settled_meanwhile(*args):
        postman.outbox.settle(last.message_id, NOW)
        return send(*args)

    postman.smtp.send = settled_meanwhile
    assert postman.deliver(NOW).sent == 2
    assert len(server.letters) == 2


def test_a_letter_we_cannot_write_is_set_aside_and_named_and_the_next_one_goes(ledger, server, postman):
    owe(ledger, 1, facts={"agency_name": "no more than that"})
    owe(ledger, 2, to=("not an address",))
    owe(ledger, 3)
    done = postman.deliver(NOW)
    assert (done.failed, done.sent) == (2, 1)
    assert [told.split(":")[:2] for told in done.uncomposed] == [
        ["acknowledgement mail", "1"],
        ["acknowledgement mail", "2"],
    ]
    with ledger.read() as q:
        assert all(failed.smtp_reply.startswith("compose: ") for failed in q.letters(state="failed"))


def test_a_full_disk_costs_no_letter(ledger, server, postman, monkeypatch):
    owe(ledger)

    def full(_raws):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(postman.vault, "put_many", full)
    assert postman.deliver(NOW).retried == 1
    assert server.letters == []
    monkeypatch.undo()
    assert postman.deliver(NOW + MINUTE).sent == 1


def test_our_own_copy_may_be_quicker_than_the_servers_answer(ledger, server, postman, monkeypatch):
    owed = owe(ledger)
    send = postman.smtp.send

    def settled_meanwhile(*args):
        result = send(*args)
        postman.outbox.settle(owed.message_id, NOW)
        return result

    monkeypatch.setattr(postman.smtp, "send", settled_meanwhile)
    assert postman.deliver(NOW).pending == 0
    assert the_letter(ledger).state == "sent"


_DELIVER = """
import sys
from datetime import datetime
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from storage.engine import open_engine
from storage.ledger import Ledger
from storage.vault import Vault
from tests.notifier.test_postman import of
of(Ledger(open_engine(sys.argv[1])), Vault(Path(sys.argv[2])), int(sys.argv[3])).deliver(datetime.fromisoformat(sys.argv[5]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "arrived"), [("outbox_claimed", 0), ("after_rcpt", 0), ("after_data", 1), ("after_250", 1)]
)
def test_killed_at_any_step_the_letter_becomes_unknown_and_is_sent_in_the_end(
    ledger, vault, server, postman, sqlite_url, point, arrived
):
    owed = owe(ledger)
    root = str(datetime.__module__ and __file__).rpartition("/tests/")[0]
    command = [sys.executable, "-c", _DELIVER, sqlite_url, str(vault.root), str(server.port), root, NOW.isoformat()]
    died = subprocess.run(command, env={**os.environ, "FAILPOINT": point}, check=False, capture_output=True)
    assert died.returncode == -9, died.stderr.decode()
    assert server.has(arrived)
    (doubtful,) = postman.outbox.stale_sending(NOW + MINUTE)
    assert doubtful.state == "unknown"
    postman.outbox.resend_unknown(NOW + 16 * MINUTE)
    assert postman.deliver(NOW + 16 * MINUTE).sent == 1
    assert len(server.letters) == arrived + 1
    assert len(set(server.letters)) == 1  # the very same bytes, Date and all, though a quarter of an hour has passed
    assert f"Message-ID: {owed.message_id}\r\n".encode() in server.letters[0]
