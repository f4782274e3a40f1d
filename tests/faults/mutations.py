"""Whether the tests of the fault matrix have teeth: for every cell a line of the service is broken on purpose, and its test must fail.

``python -m tests.faults.mutations [CELL…] [--table FILE]`` works on a copy of the tree in a temporary folder; nothing here is touched. It
prints a line for each cell (what was broken, which test, what it said) and ends with 1 when a test did not notice. Not part of
``make check``: each line is a run of its own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("mutations.toml")
ROOMS = ("intake", "notifier", "parsers", "storage", "tests", "pyproject.toml")
LONGEST = 900.0  # seconds of one run
FAILED = 1  # pytest's exit code when a test failed


@dataclass(frozen=True)
class Edit:
    """One place broken: the text there, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """One rule of the service taken away."""

    cells: str  # "F1-F4"
    broken: str  # the rule, in words
    test: str  # "tests/…::test_…", what must fail
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Outcome:
    """What the test said."""

    mutation: Mutation
    noticed: bool
    said: str
    seconds: float

    def row(self) -> str:
        test = self.mutation.test.replace("tests/", "", 1)
        said = self.said.replace("|", "\\|")
        return f"| {self.mutation.cells} | {self.mutation.broken} | `{test}` | {'fails' if self.noticed else '**passes**'} | {said} |"


def mutations() -> list[Mutation]:
    found = tomllib.loads(TABLE.read_text("utf-8"))["mutation"]
    return [Mutation(m["cells"], m["broken"], m["test"], tuple(Edit(**edit) for edit in m["edits"])) for m in found]


def tried(mutation: Mutation) -> Outcome:
    """Break a copy of the tree and run the one test there."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in ROOMS:
            _copy(ROOT / name, copy / name)
        for edit in mutation.edits:
            file = copy / edit.file
            text = file.read_text("utf-8")
            assert text.count(edit.old) == 1, (
                f"{mutation.cells}: {edit.file} holds {text.count(edit.old)} of {edit.old!r}"
            )
            file.write_text(text.replace(edit.old, edit.new), "utf-8")
        began = time.monotonic()
        done = _run(copy, mutation.test)
        said = next(iter(re.findall(r"^E +(.+)$", done.stdout, re.MULTILINE)), done.stdout.strip()[-120:])
        return Outcome(mutation, done.returncode == FAILED, said[:110], time.monotonic() - began)


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        shutil.copy(source, target)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "node_modules", ".*"))


def _run(copy: Path, test: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout", "400", test]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("cells", nargs="*")
    parser.add_argument("--table", type=Path)
    how = parser.parse_args()
    outcomes = []
    for mutation in mutations():
        if how.cells and mutation.cells not in how.cells:
            continue
        outcomes.append(tried(mutation))
        last = outcomes[-1]
        print(
            f"{'noticed' if last.noticed else 'MISSED '}  {last.seconds:5.0f} s  {mutation.cells}: {last.said}",
            flush=True,
        )
        if how.table:
            how.table.write_text("\n".join(outcome.row() for outcome in outcomes) + "\n", "utf-8")
    missed = [outcome.mutation.cells for outcome in outcomes if not outcome.noticed]
    print(
        f"{len(outcomes) - len(missed)} of {len(outcomes)} noticed{': missed ' + ', '.join(missed) if missed else ''}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
