"""A file sent while it is written: first bytes at once, little memory, never half a file for a whole one."""

from __future__ import annotations

import io
import os
import threading
import tracemalloc
import zipfile
from contextlib import suppress

import pytest

from intake.web.growing import Gone, Growing, grown
from intake.web.walls import Walls
from parsers.box import BoxFailure
from parsers.confine import Confinement

PATIENCE = 60.0  # seconds; far more than any of this takes
MIB = 1 << 20


def test_the_first_bytes_leave_before_the_last_are_written():
    go_on = threading.Event()

    def write(file: Growing) -> None:
        file.write(b"first")
        assert go_on.wait(PATIENCE)
        file.write(b"last")

    pieces = grown(write)
    assert next(pieces) == b"first"
    go_on.set()
    assert b"".join(pieces) == b"last"


def test_a_large_zip_is_whole_and_costs_little_memory():
    body = os.urandom(MIB)

    def write(file: Growing) -> None:
        with zipfile.ZipFile(file, "w") as out:
            for n in range(48):
                out.writestr(f"{n}.eml", body)

    tracemalloc.start()
    size = sum(len(piece) for piece in grown(write))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 48 * MIB
    assert peak < 8 * MIB, f"{peak / MIB:.1f} MiB"
    with zipfile.ZipFile(io.BytesIO(b"".join(grown(write)))) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == 48


def test_a_writer_that_fails_breaks_the_transfer_off():
    def write(file: Growing) -> None:
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        b"".join(grown(write))


def test_a_reader_who_leaves_ends_the_writing():
    ended = threading.Event()

    def write(file: Growing) -> None:
        with suppress(Gone):
            while True:
                file.write(b"x" * 1000)
        ended.set()

    pieces = grown(write)
    next(pieces)
    pieces.close()
    assert ended.wait(PATIENCE)


# ---- what else is not waited for ------------------------------------------------------------------------------------


def test_the_readers_walls_are_asked_once_and_no_page_waits_for_them():
    answer, asked = threading.Event(), []

    def ask() -> Confinement:
        asked.append(1)
        assert answer.wait(PATIENCE)
        return Confinement(rlimits=True, landlock=True, seccomp=True)

    walls = Walls()
    assert walls.look(ask).walls is None
    assert walls.look(ask).walls is None
    answer.set()
    while (seen := walls.look(ask)).walls is None:
        assert not seen.failed
    assert seen.walls.complete
    assert len(asked) == 1, "the same question is not asked twice, nor again at once"


def test_walls_that_could_not_be_asked_say_why():
    def ask() -> Confinement:
        raise BoxFailure("tool_missing")

    walls = Walls()
    while not (seen := walls.look(ask)).failed:
        assert seen.walls is None
    assert seen.failed == "tool_missing"
