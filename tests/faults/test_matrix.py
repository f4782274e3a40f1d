"""The fault matrix is whole: docs/faults.md names a test for every cell, each of them exists, and no kill point is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.faults import kills
from tests.faults.cells import ALL, spelled
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


def marked() -> dict[str, set[str]]:
    """Cell -> tests of this folder that say they are it."""
    found: dict[str, set[str]] = {}
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "cell":
                    names = tuple(str(a.value) for a in mark.args if isinstance(a, ast.Constant))
                    for name in spelled(names):
                        found.setdefault(name, set()).add(f"tests/faults/{file.name}::{node.name}")
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
