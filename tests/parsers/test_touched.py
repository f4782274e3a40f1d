"""What a reading touches is learnt from a scout and copied at one go; without the kernel's help nothing is learnt."""

from __future__ import annotations

import ctypes
import os
import resource

import pytest

from parsers import touched
from parsers.touched import NOTHING, Touched, learn

PAGES = 512
PAGE = touched._PAGE


@pytest.fixture
def memory() -> bytearray:
    """Pages of this process that a child of it shares until it writes."""
    return bytearray(b"\1" * (PAGES + 1) * PAGE)


def first_whole_page(memory: bytearray) -> int:
    address = ctypes.addressof((ctypes.c_char * len(memory)).from_buffer(memory))
    return -(-address // PAGE) * PAGE


def write_upon(memory: bytearray) -> None:
    for n in range(0, len(memory), PAGE):
        memory[n] = 2


def faults_in_a_child(memory: bytearray, known: Touched) -> int:
    """Pages a child copies one by one when it writes upon the memory; -1: nothing could be fetched."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        fetched = known.fetch()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        write_upon(memory)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        os.write(writing, str(after - before if fetched else -1).encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100)
    os.close(reading)
    os.waitpid(child, 0)
    return int(told)


def test_what_is_written_upon_is_learnt_and_copied_before_it_is_needed(memory):
    known = learn(lambda: write_upon(memory))
    if not touched._can():  # a kernel before 5.14, or a sandbox without /proc/self/pagemap
        assert known == NOTHING
        return
    first = first_whole_page(memory)
    assert any(at <= first and first + (PAGES - 1) * PAGE <= at + length for at, length in known.written)
    assert faults_in_a_child(memory, known) < PAGES / 4
    assert faults_in_a_child(memory, Touched(read=known.read[:1])) >= PAGES / 2  # without it: one by one


def test_what_is_not_touched_is_not_learnt(memory):
    first = first_whole_page(memory) + PAGES // 2 * PAGE
    known = learn(lambda: None)
    assert not any(at <= first < at + length for at, length in known.written)


def test_a_scout_that_dies_teaches_nothing():
    assert learn(lambda: os._exit(1)) == NOTHING


def test_a_scout_that_told_only_half_teaches_nothing():
    assert touched._understood(b"\x02" + bytes(7) + bytes(8)) == NOTHING
    assert touched._understood(b"\x02") == NOTHING


def test_a_kernel_that_cannot_is_asked_for_nothing(monkeypatch):
    monkeypatch.setattr(touched, "_can", lambda: False)
    assert learn(lambda: None) == NOTHING
    assert not NOTHING.fetch()


def test_neighbours_are_one_stretch():
    pages = touched.array("Q", [PAGE, 2 * PAGE, 4 * PAGE, 9 * PAGE])
    assert list(touched._stretches(pages)) == [(PAGE, 4 * PAGE), (9 * PAGE, PAGE)]
    assert list(touched._stretches(touched.array("Q"))) == []
