"""What a process has in memory is copied into its child at one go; without the kernel's help it is copied page by page, as ever."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource

import pytest

from parsers import owned
from parsers.owned import Memory, memory

PAGE = mmap.PAGESIZE
SIZE = 8 * 1024 * 1024  # bytes: three huge pages at least, wherever it begins


@pytest.fixture
def shared() -> bytearray:
    """Pages of this process that a child of it shares until it writes."""
    return bytearray(b"\1" * SIZE)


def address(shared: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(shared)).from_buffer(shared))


def in_a_child(shared: bytearray, known: Memory) -> tuple[int, int]:
    """Pages a child copies one by one when it writes upon that; what the first and the last byte were before."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        known.fetch()
        found = shared[0] + shared[-1]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for n in range(0, SIZE, PAGE):
            shared[n] = 2
        after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        os.write(writing, f"{after - before} {found}".encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 100)
    os.close(reading)
    os.waitpid(child, 0)
    faults, found = map(int, told.split())
    return faults, found


def test_what_there_is_in_memory_is_copied_before_it_is_needed_and_stays_what_it_was(shared):
    known = memory()
    if not owned._can():  # a kernel before 5.14, or a sandbox without /proc/self/pagemap
        assert known == Memory()
        return
    first = -(-address(shared) // PAGE) * PAGE
    assert any(at <= first and first + SIZE - 2 * PAGE <= at + length for at, length in known.written)
    faults, found = in_a_child(shared, known)
    assert faults < SIZE // PAGE / 4
    assert found == 2
    assert shared == b"\1" * SIZE  # the child's own was written upon


def test_without_huge_pages_small_ones_are_copied(shared, monkeypatch):
    monkeypatch.setattr(owned, "_COLLAPSE", 12345)  # advice no kernel knows
    known = memory()
    if known != Memory():
        assert in_a_child(shared, known) < (SIZE // PAGE / 4, 2)


def test_without_the_kernel_a_child_copies_page_by_page(shared, monkeypatch):
    monkeypatch.setattr(owned, "_can", lambda: False)
    assert memory() == Memory()
    faults, found = in_a_child(shared, memory())
    assert faults > 0
    assert found == 2


def test_what_is_mapped_but_not_in_memory_is_left_out():
    with mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as empty:
        first = ctypes.addressof(ctypes.c_char.from_buffer(empty))
        assert not any(at <= first + SIZE // 2 < at + length for at, length in memory().written)


def test_neighbours_are_one_stretch():
    pages = [PAGE, 2 * PAGE, 4 * PAGE, 9 * PAGE]
    assert list(owned._stretches(pages)) == [(PAGE, 4 * PAGE), (9 * PAGE, PAGE)]
    assert list(owned._stretches([])) == []
