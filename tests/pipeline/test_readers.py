"""A few mails are read side by side; a slow one delays nobody and loses nothing."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from intake import flow, readers, wiring
from intake.config import load
from intake.desk import Desk
from intake.readers import SLOW_MAX, Readers
from intake.wiring import given_clock, open_desk
from parsers.values import MailReading
from storage.records import Mail
from tests.pipeline.world import World, at, mail, weekly_docx


def stored(number: int) -> Mail:
    moment = datetime(2017, 7, 21, 2, number, tzinfo=UTC)
    return Mail(number, f"{number:064x}", 100, "reading", None, None, 1, 1, moment, moment, None, moment)


class Desks:
    """Readings that end when told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.gates: dict[int, threading.Event] = {}

    def read(self, mail: Mail) -> MailReading:
        self.begun.append(mail.id)
        gate = self.gates.get(mail.id)
        if gate:
            assert gate.wait(20)
        return f"read {mail.id}"  # type: ignore[return-value]

    def gate(self, number: int) -> threading.Event:
        return self.gates.setdefault(number, threading.Event())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PATIENCE", 0.3)


def taken(found: readers.Begun | None) -> int:
    assert found
    assert found.reading.result() == f"read {found.mail.id}"
    return found.mail.id


def test_mails_are_taken_in_the_order_they_were_begun() -> None:
    desks, first = Desks(), threading.Timer(0.2, lambda: desks.gate(1).set())
    desks.gate(1)
    found = Readers(desks.read, 3)
    for number in (1, 2, 3):
        assert found.room
        found.begin(stored(number))
    assert not found.room
    first.start()
    assert [taken(found.next()) for _ in range(3)] == [1, 2, 3]
    assert found.next() is None
    assert found.linger() is None


@pytest.mark.usefixtures("impatient")
def test_a_slow_mail_is_passed_by_and_gives_up_its_place() -> None:
    desks, knocks = Desks(), threading.Event()
    desks.gate(1)
    found = Readers(desks.read, 1)
    found.told = knocks.set
    found.begin(stored(1))
    assert found.next() is None
    assert found.room
    for number in (2, 3):
        found.begin(stored(number))
        assert taken(found.next()) == number
    assert found.busy == {1}
    assert not knocks.is_set()
    desks.gate(1).set()
    assert knocks.wait(5)
    assert taken(found.next()) == 1
    assert not found.busy


@pytest.mark.usefixtures("impatient")
def test_in_order_nobody_is_passed_by_and_nobody_begun_instead() -> None:
    desks = Desks()
    desks.gate(1)
    found = Readers(desks.read, 2)
    found.in_order = True
    for number in (1, 2):
        found.begin(stored(number))
    while not found._begun[0].slow:
        time.sleep(0.01)
    assert not found.room
    threading.Timer(0.1, desks.gate(1).set).start()
    assert [taken(found.next()) for _ in range(2)] == [1, 2]


@pytest.mark.usefixtures("impatient")
def test_who_is_waited_for_without_end_is_whoever_is_done_first() -> None:
    desks = Desks()
    found = Readers(desks.read, 2)
    for number in (1, 2):
        desks.gate(number)
        found.begin(stored(number))
    assert found.next() is None
    threading.Timer(0.1, desks.gate(2).set).start()
    assert taken(found.linger()) == 2
    desks.gate(1).set()
    assert taken(found.linger()) == 1


@pytest.mark.usefixtures("impatient")
def test_only_so_many_may_be_slow() -> None:
    desks = Desks()
    found = Readers(desks.read, 2)
    for number in range(SLOW_MAX):
        desks.gate(number)
        found.begin(stored(number))
        assert found.next() is None
    assert not found.room
    desks.gate(2).set()
    assert taken(found.linger()) == 2
    assert found.room
    assert {left.mail.id for left in found.leave()} == set(range(SLOW_MAX)) - {2}
    assert not found.busy
    for gate in desks.gates.values():
        gate.set()


def test_what_a_reader_raises_is_told_to_whoever_takes_it() -> None:
    def read(_: Mail) -> MailReading:
        raise ValueError("our mistake")

    found = Readers(read)
    found.begin(stored(1))
    begun = found.next()
    assert begun
    with pytest.raises(ValueError, match="our mistake"):
        begun.reading.result()


# ---- the service -----------------------------------------------------------------------------------------------------


@pytest.fixture
def less_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PATIENCE", 3.0)  # a busy machine reads an ordinary report in less


AGENCIES = {"STC": "SỞ TÀI CHÍNH", "SYT": "SỞ Y TẾ", "HDT": "UBND HUYỆN ĐẠI TỪ"}


@contextmanager
def slow_desk(world: World, monkeypatch: pytest.MonkeyPatch, slow: threading.Event) -> Iterator[Desk]:
    """Three reports have come; reading the first takes until ``slow`` is set."""
    for minute, (code, name) in enumerate(AGENCIES.items(), 10):
        files = {"bc.docx": weekly_docx(name, number=f"1/BC-{code}")}
        world.deliver(mail(f"{code.lower()}@tinh.example", files=files), f"2017-07-21 09:{minute}:00")
    read = wiring.read_stored

    def sometimes(box, forms, path, received):
        if path == first:
            assert slow.wait(20)
        return read(box, forms, path, received)

    monkeypatch.setattr(wiring, "read_stored", sometimes)
    settings = load(world.folder / "config.toml", os.environ)
    with open_desk(settings, given_clock(at("2017-07-21 09:13:00"))) as desk:
        first = desk.vault.path(hashlib.sha256(world.delivered[0]).hexdigest())
        desk.box.warm()
        yield desk


@pytest.mark.usefixtures("less_patient")
def test_a_long_scan_delays_nobody_and_is_taken_up_by_a_later_pass(world: World, monkeypatch) -> None:
    slow = threading.Event()
    with slow_desk(world, monkeypatch, slow) as desk:
        states = flow.poll(desk, linger=False).states
        while states.total() < 2:  # on a very busy machine an ordinary report is slow as well
            states += flow.poll(desk, linger=False).states
        assert states == {"recorded": 2}
        assert desk.readers.busy == {1}
        assert not flow.poll(desk, linger=False).states, "a mail being read is not taken for one a crash left"
        slow.set()
        assert flow.poll(desk).states == {"recorded": 1}
    assert len(world.letters()) == 3


@pytest.mark.usefixtures("less_patient")
def test_a_pass_alone_waits_for_the_slow_one_and_at_a_moment_given_takes_it_in_its_order(world, monkeypatch) -> None:
    slow = threading.Event()

    def once_passed_by(desk: Desk) -> None:
        while not any(begun.slow for begun in desk.readers._begun):
            time.sleep(0.01)
        slow.set()

    with slow_desk(world, monkeypatch, slow) as desk:
        threading.Thread(target=once_passed_by, args=(desk,), daemon=True).start()
        assert flow.poll(desk).states == {"recorded": 3}
        with desk.ledger.read() as q:
            said = [entry.subject for entry in q.entries() if (entry.payload or {}).get("after") == "recorded"]
    assert said == ["mail:1", "mail:2", "mail:3"]


@pytest.mark.usefixtures("less_patient")
def test_a_mail_still_being_read_when_the_service_stops_waits_as_it_was(world: World, monkeypatch) -> None:
    slow = threading.Event()
    with slow_desk(world, monkeypatch, slow) as desk:
        states = flow.poll(desk, linger=False).states
        flow.put_back(desk)
        with desk.ledger.read() as q:
            left = q.mails(state="stored")
        assert {mail.attempts for mail in left} == {0}
        slow.set()
        assert (states + flow.poll(desk).states) == {"recorded": 3}
