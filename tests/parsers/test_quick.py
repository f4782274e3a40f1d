"""Values made quickly are the frozen dataclasses they are declared as."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from parsers.candidates import Candidate
from parsers.quick import quick, replace
from parsers.values import Cell, Place


@quick
@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """Two numbers, one of them known."""

    first: int
    second: int = 7


def test_a_value_has_its_arguments_and_its_defaults() -> None:
    assert (Pair(1).first, Pair(1).second, Pair(second=3, first=2)) == (1, 7, Pair(2, 3))
    assert repr(Pair(1)) == "Pair(first=1, second=7)"
    assert type(Pair(1)) is Pair
    assert dataclasses.astuple(Pair(1)) == (1, 7)


def test_a_value_stays_frozen_and_may_be_a_key() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Pair(1).first = 2  # type: ignore[misc]
    assert {Pair(1): "one"}[Pair(1, 7)] == "one"


def test_what_is_wrong_with_arguments_is_told() -> None:
    for call in (Pair, lambda: Pair(1, third=2), lambda: replace(Pair(1), third=2)):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            call()


def test_a_value_is_changed_copied_and_pickled() -> None:
    cell = Cell("12", colspan=2)
    assert replace(cell, text="13") == dataclasses.replace(cell, text="13") == Cell("13", colspan=2)
    assert pickle.loads(pickle.dumps(cell)) == copy.deepcopy(cell) == cell
    candidate = Candidate("received", "nil", None, "-", Place(block=1), "line")
    assert candidate.doubted("words").doubts == {"words"}
    assert candidate.doubts == frozenset()


def test_other_dataclasses_are_changed_by_the_standard_library() -> None:
    @dataclasses.dataclass(frozen=True)
    class Other:
        one: int = 1

    assert replace(Other(), one=2) == Other(2)


def test_a_class_that_is_more_than_its_arguments_is_refused() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Made:
        one: list[int] = dataclasses.field(default_factory=list)

    with pytest.raises(TypeError, match="Made is not made of its arguments alone"):
        quick(Made)
