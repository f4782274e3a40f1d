"""Several writers, a second instance, a killed process, a server that goes away: the chain stays gapless, nothing is half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import open_engine
from storage.errors import Locked, Unavailable
from storage.failpoint import armed, failpoint
from storage.ledger import Ledger
from storage.proof import verify
from storage.vault import Vault
from tests.storage.ledger_samples import ACCOUNT, DUE, EARLY, kept, recorded, sighting

WRITER = """
import sys
from tests.storage.ledger_samples import *
from storage.engine import open_engine
ledger = Ledger(open_engine(sys.argv[1]))
for n in range(40):
    with ledger.write(EARLY) as tx:
        tx.mails()  # reads before it writes
        tx.keep(sighting(f"{n % 30}".encode(), n))
        tx.log("note", "ledger", {"who": sys.argv[2]})
"""
KEEPER = """
import sys
from pathlib import Path
from tests.storage.ledger_samples import *
from storage.engine import open_engine
from storage.vault import Vault
ledger, vault = Ledger(open_engine(sys.argv[1])), Vault(Path(sys.argv[2]))
recorded(ledger, vault, b"raw")
"""


def start(script: str, *words: str, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *words], env=os.environ | {"PYTHONPATH": str(Path.cwd())} | env
    )


def test_two_processes_write_at_once_and_neither_is_refused(ledger: Ledger, url: str) -> None:
    writers = [start(WRITER, url, who) for who in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    proof = verify(ledger, None)
    assert proof.problems == ()
    with ledger.read() as q:
        assert len(q.mails()) == 30
        assert sum(entry.kind == "note" for entry in q.entries()) == 80


def test_threads_of_one_process_take_turns(ledger: Ledger) -> None:
    def work() -> None:
        for _ in range(20):
            with ledger.write(EARLY) as tx:
                tx.log("note", "ledger")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(ledger, None).entries == 80


def test_a_reader_keeps_its_snapshot_while_others_write(ledger: Ledger) -> None:
    kept(ledger)
    with ledger.read() as q:
        before = q.state_counts()
        kept(ledger, b"other", 8)
        assert q.state_counts() == before == {"stored": 1}


def test_a_database_held_by_somebody_else_is_a_passing_fault(url: str) -> None:
    holder, waiting = Ledger(open_engine(url)), Ledger(open_engine(url, timedelta(milliseconds=200)))
    with holder.write(EARLY) as tx:
        tx.log("note", "ledger")
        with pytest.raises(Unavailable), waiting.write(EARLY):
            pass
    kept(waiting)
    assert verify(holder, None).entries == 2


@pytest.mark.parametrize(
    "point", ["in_tx:1", "after_commit:1", "after_vault", "in_tx:2", "after_commit:2", "in_tx:3", "after_commit:3"]
)
def test_killed_anywhere_the_next_run_ends_in_the_same_state(
    ledger: Ledger, url: str, vault: Vault, point: str
) -> None:
    assert start(KEEPER, url, str(vault.root), FAILPOINT=point).wait(60) == -signal.SIGKILL
    assert verify(ledger, None).ok
    assert vault.scrub() == ()
    with ledger.read() as q:
        left = q.mails(state=("stored", "reading"))
    with ledger.write(EARLY) as tx:
        for mail in left:
            tx.move_mail(mail.id, "recorded", expect=("stored", "reading"))
    vault.put(b"raw")
    kept(ledger)
    with ledger.read() as q:
        assert q.state_counts() == {"recorded" if left or "3" in point else "stored": 1}
        assert len(q.letters()) == (point == "after_commit:3")
    assert verify(ledger, vault).ok


def test_a_failpoint_costs_nothing_when_unset_and_counts_when_set(monkeypatch: pytest.MonkeyPatch) -> None:
    failpoint("anything")
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    strike = armed("here:2")
    for name in ("here", "there", "here", "here"):
        strike(name)
    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_a_second_instance_on_the_same_database_is_refused_at_once(ledger: Ledger, url: str) -> None:
    other = Ledger(open_engine(url))
    with ledger.sole(EARLY):
        kept(ledger)
        with pytest.raises(Locked), other.sole(EARLY):
            pass
        kept(other, b"by hand", 8)  # a decision taken at the command line beside the running service
    for _ in range(5):
        with other.sole(EARLY):  # let go of at once, not when the server notices
            pass


def test_an_instance_that_slept_through_losing_its_lock_is_refused(postgres_url: str) -> None:
    sleeper, successor = Ledger(open_engine(postgres_url)), Ledger(open_engine(postgres_url))
    with pytest.raises(Locked, match="taken over"), sleeper.sole(EARLY):  # noqa: PT012 - a story
        with successor.engine.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory'")
            )
        with successor.sole(EARLY):
            pass
        kept(sleeper)


def test_a_server_that_restarts_in_mid_write_is_a_passing_fault(postgres_url: str) -> None:
    ledger, other = Ledger(open_engine(postgres_url)), Ledger(open_engine(postgres_url))
    with pytest.raises(Unavailable), ledger.write(EARLY) as tx:  # noqa: PT012 - a story
        tx.keep(sighting())
        with other.engine.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory'")
            )
        tx.set_cursor(ACCOUNT, "INBOX", 1, 7)
    kept(ledger)  # the same mail again: recorded once
    kept(ledger)
    with ledger.read() as q:
        assert len(q.mails()) == 1
    assert verify(ledger, None).ok


def test_a_commit_whose_reply_was_lost_is_repeated_without_effect(ledger: Ledger, vault: Vault) -> None:
    recorded(ledger, vault, b"raw")
    with ledger.write(DUE) as tx:
        mail_id, new = tx.keep(sighting())
        tx.set_cursor(ACCOUNT, "INBOX", 1, 7)
    assert (mail_id, new) == (1, False)
    with ledger.read() as q:
        head = q.head()
        assert head is not None
        assert head.at == EARLY
