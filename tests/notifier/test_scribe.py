"""Letters written by a process beside us are those we would write, whatever becomes of the process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from notifier.compose import compose
from notifier.facts import ReminderFacts
from notifier.message import Attachment
from notifier.postman import Postman
from notifier.scribe import AtOnce, Job, Scribe
from notifier.smtp import Smtp, SmtpSettings
from notifier.titles import Title, own_titles
from storage.engine import open_engine
from storage.errors import NotFound
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.records import Letter
from storage.vault import Vault
from tests.notifier.letters import ANSWER, OFFICE, OWED_WEEK, letter, local
from tests.notifier.samples import SAMPLES

NOW = local(21, 9, 13, 0)
REMINDER = letter(
    ReminderFacts("Sở Tài chính", local(20, 14, 0), (OWED_WEEK,), mailbox="a@mail.example"), kind="reminder"
)


@pytest.fixture
def scribe() -> Iterator[Scribe]:
    scribe = Scribe(worth_it=1)
    yield scribe
    scribe.close()


def numbered(count: int, of: Letter | None = None) -> list[Job]:
    made = of or letter(ANSWER)
    return [Job(replace(made, id=n), OFFICE, NOW) for n in range(1, count + 1)]


def until(met: Callable[[], bool]) -> None:
    """Wait for it, generously."""
    for _ in range(6000):
        if met():
            return
        time.sleep(0.01)
    raise AssertionError("never")


def written(scribe: Scribe) -> Callable[[], bool]:
    return lambda: all(page.done.is_set() for page in scribe._pages.values())


def test_what_it_writes_are_the_bytes_of_compose(scribe: Scribe) -> None:
    jobs = [Job(replace(one, id=n), OFFICE, NOW) for n, one in enumerate(SAMPLES.values(), 1)]
    scribe.ahead(jobs)
    until(written(scribe))
    pages = list(scribe._pages.values())
    assert [page.raw for page in pages] == [compose(job.letter, OFFICE, NOW).raw for job in jobs]
    assert [scribe.take(job) for job in jobs] == [page.raw for page in pages]


def test_a_type_is_called_by_the_offices_own_title_there_too(scribe: Scribe) -> None:
    (job,) = numbered(1, REMINDER)
    plain = job.bytes()
    with own_titles([Title("weekly", "Báo cáo của riêng chúng tôi")]):
        scribe.ahead([job])
        until(written(scribe))
        assert scribe.take(job) == job.bytes() != plain


def test_few_letters_start_no_process_and_are_written_where_they_are_taken() -> None:
    scribe = Scribe(worth_it=5)
    jobs = numbered(4)
    scribe.ahead(jobs)
    assert [scribe.take(job) for job in jobs] == [job.bytes() for job in jobs]
    assert scribe._thread is None
    scribe.close()


def test_another_letter_under_a_known_number_is_written_anew(scribe: Scribe) -> None:
    (job,) = numbered(1)
    scribe.ahead([job])
    until(written(scribe))
    later = replace(job, at=local(21, 9, 14, 0))
    assert scribe.take(later) == later.bytes() != job.bytes()


def test_a_process_killed_or_gone_is_started_anew(scribe: Scribe) -> None:
    first, second = numbered(2)
    scribe.ahead([first])
    until(written(scribe))
    before = scribe._process.pid
    assert before
    os.kill(before, signal.SIGKILL)
    scribe.ahead([second])
    until(written(scribe))
    assert scribe.take(second) == second.bytes()
    assert scribe._process.pid != before


def test_an_idle_process_leaves() -> None:
    scribe = Scribe(worth_it=1, idle=0.0)
    (job,) = numbered(1)
    scribe.ahead([job])
    until(written(scribe))
    until(lambda: not scribe._process.lives)
    assert scribe.take(job) == job.bytes()
    scribe.close()


def test_one_that_has_left_is_not_started_again_for_a_few() -> None:
    scribe = Scribe(worth_it=3, idle=0.0)
    jobs = numbered(3)
    scribe.ahead(jobs)
    until(written(scribe))
    until(lambda: not scribe._process.lives)
    before = scribe._process.pid
    scribe.ahead(jobs[:2])
    assert [scribe.take(job) for job in jobs[:2]] == [job.bytes() for job in jobs[:2]]
    assert scribe._process.pid == before
    scribe.close()


def test_one_that_lives_takes_part_in_writing_few(scribe: Scribe) -> None:
    jobs = numbered(2)
    scribe.ahead(jobs)
    until(written(scribe))
    scribe._worth_it = 100
    later = [replace(job, at=local(21, 9, 14, 0)) for job in jobs]
    scribe.ahead(later)
    until(written(scribe))
    assert [scribe.take(job) for job in later] == [job.bytes() for job in later]


def test_a_file_is_read_where_the_letter_is_written(scribe: Scribe, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.write_bytes(b"figures")
    (bare,) = numbered(1)
    job = replace(bare, files=(("figures.txt", place),))
    scribe.ahead([job])
    until(written(scribe))
    place.unlink()
    raw = scribe.take(job)
    assert raw == compose(job.letter, OFFICE, NOW, [Attachment("figures.txt", b"figures")]).raw
    with pytest.raises(NotFound, match="vault file kept"):
        scribe.take(job)


def test_a_letter_that_cannot_be_written_fails_where_it_is_taken(scribe: Scribe) -> None:
    (job,) = numbered(1, replace(letter(ANSWER), facts={}))
    scribe.ahead([job])
    until(written(scribe))
    with pytest.raises(TypeError):
        scribe.take(job)


def test_the_process_ends_with_us() -> None:
    scribe = Scribe(worth_it=1)
    scribe.ahead(numbered(1))
    until(written(scribe))
    process = scribe._process._process
    assert process
    scribe.close()
    assert process.poll() is not None


def test_on_one_core_nothing_is_begun() -> None:
    scribe = AtOnce()
    jobs = numbered(40)
    scribe.ahead(jobs)
    assert scribe._thread is None
    assert scribe.take(jobs[0]) == jobs[0].bytes()


def test_letters_of_the_postman_are_the_same_with_it(sqlite_url: str, tmp_path, server) -> None:
    engine = open_engine(sqlite_url)
    ledger, vault = Ledger(engine), Vault(tmp_path / "vault")
    for n in range(30):
        with ledger.write(local(21, 9, 12, 40)) as tx:
            tx.add_letter(replace(letter(ANSWER), about=f"mail:{n}"), OFFICE.bot_domain)
    scribe = Scribe(worth_it=1)
    smtp = Smtp(SmtpSettings("127.0.0.1", server.port, "none", timeout=30, final_timeout=30))
    done = Postman(Outbox(ledger), vault, smtp, OFFICE, scribe).deliver(NOW)
    scribe.close()
    assert (done.sent, done.pending) == (30, 0)
    with ledger.read() as q:
        owed = q.letters()
    assert [compose(one, OFFICE, NOW).raw for one in owed] == server.letters
    assert [vault.get(str(one.raw_sha256)) for one in owed] == server.letters
    engine.dispose()
