"""The table of lines broken on purpose: for every cell, in files and before tests that exist. Running it, where each place must be found, is ``make mutants``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cells import ALL, spelled
from tests.faults.mutations import Mutation, mutations

ROOT = Path(__file__).parents[2]


def test_every_cell_has_a_line_broken_on_purpose():
    assert {name for mutation in mutations() for name in spelled((mutation.cells,))} == set(ALL)


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: f"{mutation.cells} {mutation.broken}")
def test_each_names_files_and_a_test_that_exist(mutation: Mutation):
    assert all((ROOT / edit.file).is_file() for edit in mutation.edits)
    file, _, test = mutation.test.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text("utf-8")
