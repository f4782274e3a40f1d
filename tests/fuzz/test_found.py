"""A short slice of ``make fuzz``, the same every time; and what longer runs found stays mended."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest

from parsers.box import Box
from parsers.values import Figure, PartReading
from tests.fuzz import packed, run
from tests.fuzz.mutate import mutated
from tests.fuzz.pool import FOUND, pool, spoiled
from tests.fuzz.verdict import wrong_figures, wrong_with


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with run.fuzzing_box() as found:
        yield found


@pytest.mark.slow
def test_a_slice_of_spoiled_files_finds_nothing(box: Box):
    tally = run.Tally()
    tried = run.documents(box, 2017, 0, tally, run.keeper(tally, None), count=300)
    assert tally.found == []
    assert tried == sum(tally.tried.values()) >= 10
    assert len(tally.ended) > 3, "most of them are read in some way, not merely refused"


FILES = sorted(path for path in FOUND.iterdir() if path.suffix != ".tsv")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_was_found_once_is_read_or_refused_now(box: Box, path):
    assert run.judge(box, path.suffix[1:], path.read_bytes())[1] == ""
    assert path.name in (FOUND / "FOUND.tsv").read_text(encoding="utf-8"), "what it did is written down"


def test_a_child_that_dies_of_an_input_is_looked_into_one_by_one(box: Box, monkeypatch: pytest.MonkeyPatch):
    tally = run.Tally()
    monkeypatch.setattr(run, "BATCH_SECONDS", None)  # the child trips over it; no input does
    run.documents(box, 2017, 0, tally, run.keeper(tally, None), count=3)
    assert sum(tally.tried.values()) == 3
    assert [what for _, what in tally.found] == ["a child died of them together, of none of them alone"]


def test_the_same_seed_makes_the_same_files_and_containers_stay_containers():
    assert [spoiled(5, n) for n in range(20)] == [spoiled(5, n) for n in range(20)]
    dice, files = random.Random(9), pool()
    assert {"docx", "xlsx", "xls", "doc", "rtf", "odt", "ods", "pdf", "zip", "7z", "rar", "msg", "dat", "eml"} <= set(
        files
    )
    small = min(files["docx"], key=len)
    assert all(mutated(small, dice).startswith(b"PK") for _ in range(20))
    for kind, way in (("rar", packed.rar), ("7z", packed.seven), ("doc", packed.ole), ("msg", packed.ole)):
        assert all(way(data, dice)[:4] == data[:4] or kind in ("doc", "msg") for data in files[kind])
        assert any(way(data, dice) != data for data in files[kind])


def test_an_invented_figure_would_be_found():
    def said(**figure: object) -> str:
        return next(wrong_figures(Figure(key="received", **figure)), "")  # type: ignore[arg-type]

    assert said(state="number", value=Decimal(1625), raw="1.625") == ""
    assert "another number" in said(state="number", value=Decimal(1652), raw="1.625")
    assert "disagree" in said(state="nil", value=Decimal(0), raw="-")
    assert "without its value" in said(state="number", raw="12")
    assert wrong_with([PartReading((), "a", "0", 0, "txt", "refused")]) == "refused with reason None"
    assert wrong_with([PartReading((), "a", "0", 0, "txt", "refused", "invented")]).startswith("not of the lists")
