"""The fault matrix is whole: docs/faults.md names a test for every cell, each of them exists, and no kill point is left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import kills
from tests.faults.cells import ALL, NAMED, spelled
from tests.faults.story import POINTS

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"in_migration": "F38, tests/faults/test_store_cells.py"}  # not on the way of a poll or a tick
ROW = re.compile(r"^\| (F\d+(?:–F\d+)?) \|.*\|(.*)\|$")


def table() -> dict[str, list[str]]:
    """Cell -> tests, as the document says."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs/faults.md").read_text("utf-8").splitlines():
        if row := ROW.match(line):
            tests = re.findall(r"`([\w/]+\.py)::(\w+)`", row[2])
            for name in spelled((row[1].replace("–", "-"),)):
                found.setdefault(name, []).extend(f"{file}::{test}" for file, test in tests)
    return found


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every test of this folder with each cell it says it is."""
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "cell":
                    names = tuple(str(a.value) for a in mark.args if isinstance(a, ast.Constant))
                    node.name = f"tests/faults/{file.name}::{node.name.rpartition('::')[2]}"
                    yield from ((name, node) for name in spelled(names))


def marked() -> dict[str, set[str]]:
    """Cell -> tests of this folder that say they are it."""
    found: dict[str, set[str]] = {}
    for name, node in functions():
        found.setdefault(name, set()).add(node.name)
    return found


def test_every_cell_has_a_judged_test_and_the_document_names_them_all():
    assert sorted(marked(), key=lambda n: int(n[1:])) == list(ALL)
    documented = table()
    assert sorted(documented, key=lambda n: int(n[1:])) == list(ALL)
    for name, tests in marked().items():
        assert tests <= set(documented[name]), f"{name}: docs/faults.md leaves out {tests - set(documented[name])}"


@pytest.mark.parametrize("name", ALL)
def test_every_test_the_document_names_exists(name: str):
    for place in table()[name]:
        file, _, test = place.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), place


def test_every_cell_is_judged_on_both_databases():
    lacking = {name: kinds for name, kinds in databases().items() if kinds != {"sqlite", "postgresql"}}
    assert lacking == {"F26": {"postgresql"}}, "F26 is a fault of PostgreSQL's own"


def databases() -> dict[str, set[str]]:
    """Cell -> the databases its tests run on, by the fixtures they ask for (``conftest.py``)."""
    found: dict[str, set[str]] = {}
    for name, node in functions():
        asked = {argument.arg for argument in node.args.args}
        if asked & {"province", "url"}:
            kinds = {"sqlite", "postgresql"}
        else:
            kinds = {"postgresql"} if "postgres" in asked else {"sqlite"}
        found.setdefault(name, set()).update(kinds)
    return found


def test_every_fault_the_order_names_has_its_tests():
    documented = named()
    assert set(documented) == set(NAMED)
    for fault, tests in NAMED.items():
        assert set(tests) <= set(documented[fault]), fault
    for place in {place for tests in documented.values() for place in tests}:
        file, _, test = place.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), place


def named() -> dict[str, list[str]]:
    """Fault of the order's list -> its tests, as the document says."""
    rows = re.findall(
        r"^\| (?!F\d)([^|]+) \|([^|]*::[^|]*)\|$", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE
    )
    return {fault: re.findall(r"`([^`]+::\w+)`", tests) for fault, tests in rows}


def test_the_check_kills_as_often_as_promised():
    databases = 2
    assert databases * (kills.STEPS + kills.EACH * len(kills.SEEDS)) >= kills.PROMISED


def test_every_kill_point_of_the_service_is_killed_at():
    there = {
        name
        for room in ("intake", "notifier", "storage", "parsers")
        for file in (ROOT / room).rglob("*.py")
        for name in re.findall(r'(?<!def )\bfailpoint\("(\w+)"\)', file.read_text("utf-8"))
    }
    assert there - ELSEWHERE.keys() == set(POINTS) - {"in_parse"}, "in_parse stands in tests/faults/strike.py"
