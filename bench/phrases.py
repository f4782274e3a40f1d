"""Score of reading figures from running text: right, stated but not read, wrong without a flag.

    python bench/phrases.py [FOLDER]        default: tests/corpus/phrases

Each NN.txt holds a passage (first line: its source), NN.expected.json what a careful person reads in it. It is read as a document of
paragraphs under the weekly form. Exit code 1 when a wrong figure stands without a flag, or something that must be raised is not.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from parsers.extract import Hints, extract
from parsers.form import load_forms
from parsers.values import Block, Document, Report

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Score:
    right: int = 0
    unread: int = 0
    wrong_flagged: int = 0
    wrong_unflagged: int = 0
    not_raised: int = 0
    notes: list[str] = field(default_factory=list)


def document(text: str) -> Document:
    """A passage as a Word file would give it: a paragraph for each line."""
    return Document("docx", "docx/1", tuple(Block(n, line) for n, line in enumerate(text.splitlines(), 1)))


def flagged(report: Report) -> set[str]:
    return {key for f in report.findings if f.severity in ("warning", "error") for key in f.figures}


def judge(report: Report, expected: dict, name: str, score: Score) -> None:
    flags = flagged(report)
    for key, want in expected["fields"].items():
        figure = report.figure(key)
        got = None if figure is None or figure.value is None else int(figure.value)
        if got == want or got in expected.get("accept", {}).get(key, []):
            score.right += want is not None
        elif got is None:
            score.unread += 1
            score.notes.append(f"{name}: {key} is {want}, not read")
        elif key in flags:
            score.wrong_flagged += 1
            score.notes.append(f"{name}: {key} read as {got}, is {want}; flagged")
        else:
            score.wrong_unflagged += 1
            score.notes.append(f"{name}: {key} READ AS {got}, IS {want}, NOT FLAGGED")
    for raised in expected.get("must_flag", []):
        if not set(re.findall(r"[a-z][a-z0-9_]+", raised)) & flags:
            score.not_raised += 1
            score.notes.append(f"{name}: {raised} not raised")


def measure(folder: Path) -> Score:
    forms = load_forms()
    score = Score()
    for path in sorted(folder.glob("*.txt")):
        expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text("utf-8"))
        (report,) = extract(document(path.read_text("utf-8")), forms, Hints(), "weekly")
        judge(report, expected, path.stem, score)
    return score


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "corpus" / "phrases"
    score = measure(folder)
    for note in score.notes:
        print(note)
    print(
        f"right {score.right} · stated but not read {score.unread} · wrong with a flag {score.wrong_flagged} · "
        f"wrong without a flag {score.wrong_unflagged} · not raised {score.not_raised}"
    )
    return 1 if score.wrong_unflagged or score.not_raised else 0


if __name__ == "__main__":
    sys.exit(main())
