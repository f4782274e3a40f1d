"""Truth, measured.

    python -m bench.accuracy [--folder F] [--seed N] [--only WORD] [--no-generate] [--workers N]

Generates the reports (about 3 minutes), reads them with ``cchc read --json``, prints the tables and the failures. ``--only`` keeps the
orders whose format, group or layout contains a word. ``--beside`` adds markitdown and kreuzberg on the same files. Exit code 1 when something wrong stands unflagged, is invented, or a report
was made of what is none.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.accuracy import beside, reader, tell
from bench.accuracy.generate import generate
from bench.accuracy.plan import orders
from bench.accuracy.score import INVENTED, WRONG, Score, score_case
from bench.accuracy.truth import Case

SEED = 20170719


def main() -> int:
    given = arguments()
    began = time.monotonic()
    cases = made(given)
    generated = time.monotonic()
    files = [given.folder / case.file for case in cases]
    items = reader.read(files, given.workers)
    score = Score()
    for case in cases:
        score_case(case, items[case.file], score)
    took = time.monotonic()
    report = [
        summary(score, cases, generated - began, took - generated),
        tell.tables(score),
        "heads: " + ", ".join(f"{name} {n}" for name, n in sorted(score.heads.items())),
        f"reports made of what is none: {len(score.reports_of_others)} {score.reports_of_others[:20]}",
    ]
    if given.beside:
        report.append(beside_table(cases, items, given.folder))
    print("\n\n".join(report))
    (given.folder / "FAILURES.md").write_text("\n\n".join(report) + "\n\n# Failures\n" + tell.failures(score), "utf-8")
    (given.folder / "read.json").write_text(json.dumps(items, ensure_ascii=False), "utf-8")
    bad = any(failure.kind in (WRONG, INVENTED) for failure in score.failures)
    return 1 if bad or score.reports_of_others else 0


def summary(score: Score, cases: list[Case], writing: float, reading: float) -> str:
    reports = sum(len(case.reports) for case in cases)
    return f"{score.files} files, {reports} reports; written in {writing:.0f} s, read in {reading:.0f} s"


def beside_table(cases: list[Case], items: dict[str, dict[str, Any]], folder: Path) -> str:
    """The same files by markitdown and kreuzberg; ours counted the same way, numbers only, flags aside."""
    some = [case for case in cases if case.reports]
    milliseconds, peak = beside.timed(some, folder)
    return beside.table(some, folder, beside.ours(some, items), milliseconds, peak)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cchc-accuracy")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="")
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--no-generate", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def made(given: argparse.Namespace) -> list[Case]:
    wanted = [o for o in orders(given.seed) if given.only in f"{o.format.name} {o.format.group} {o.layout} {o.type}"]
    if not given.no_generate:
        return generate(wanted, given.folder)
    lines = (given.folder / "cases.jsonl").read_text("utf-8").splitlines()
    return [
        case
        for case in map(Case.from_json, map(json.loads, lines))
        if given.only in f"{case.format} {case.group} {case.layout}"
    ]


if __name__ == "__main__":
    sys.exit(main())
