"""A short slice of ``make fuzz``, the same every time; and what longer runs found stays mended."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from parsers.box import Box
from tests.fuzz.mutate import mutated
from tests.fuzz.run import FOUND, judge, run, seeds, tries


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with Box() as found:
        found.warm()
        yield found


@pytest.mark.slow
def test_a_slice_of_spoiled_files_finds_nothing(box: Box):
    tally = run(box, random.Random(2017), seconds=20.0, most=300)
    assert tally.found == []
    assert sum(tally.tried.values()) >= 10
    assert len(tally.ended) > 3, "most of them are read in some way, not merely refused"


FILES = sorted(path for path in FOUND.iterdir() if path.suffix != ".tsv")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_was_found_once_is_read_or_refused_now(box: Box, path):
    assert judge(box, path.suffix[1:], path.read_bytes())[1] == ""
    assert path.name in (FOUND / "FOUND.tsv").read_text(encoding="utf-8"), "what it did is written down"


def test_the_same_seed_makes_the_same_files_and_containers_stay_containers():
    first, second = (tries(random.Random(5)) for _ in range(2))
    for _ in range(20):
        assert next(first) == next(second)
    dice, pool = random.Random(9), seeds()
    assert {"docx", "xlsx", "pdf", "eml", "odt", "doc"} <= set(pool)
    small = min(pool["docx"], key=lambda path: path.stat().st_size).read_bytes()
    assert all(mutated(small, dice).startswith(b"PK") for _ in range(20))
