"""The cells of the fault matrix, and the mark by which a test says which of them it is."""

from __future__ import annotations

import pytest

ALL = tuple(f"F{n}" for n in range(1, 39))


def cell(*names: str) -> pytest.MarkDecorator:
    """This test is that cell: "F16", or a run of them, "F1-F14"."""
    assert set(spelled(names)) <= set(ALL), names
    return pytest.mark.cell(*names)


def spelled(names: tuple[str, ...]) -> list[str]:
    """Every cell of a list with runs in it."""
    found = []
    for name in names:
        first, _, last = name.replace("F", "").partition("-")
        found += [f"F{n}" for n in range(int(first), int(last or first) + 1)]
    return found
