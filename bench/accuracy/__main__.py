"""Truth, measured.

    python -m bench.accuracy [--folder F] [--seed N] [--only WORD] [--no-generate] [--resume] [--no-beside] [--workers N]

Generates the reports, reads them with ``cchc read --json`` in processes side by side, lets markitdown and kreuzberg read the same files, and
prints the tables and the failures. A line a few seconds says how far it is. A run that was stopped goes on with ``--resume``: what was written
and read before, by this very program, is not done again. ``--only`` keeps the orders whose format, group or layout contains a word. Exit
code 1 when something wrong stands unflagged, is invented, or a report was made of what is none.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.accuracy import beside, reader, tell
from bench.accuracy.generate import CASES, generate
from bench.accuracy.plan import orders
from bench.accuracy.score import INVENTED, WRONG, Score, score_case
from bench.accuracy.truth import Case

SEED = 20170719


def main() -> int:
    given = arguments()
    began = time.monotonic()
    cases = made(given)
    generated = time.monotonic()
    read = readings(given, cases)
    took = time.monotonic()
    score = Score()
    for case in cases:
        score_case(case, read.items[case.file], score)
    report = [
        summary(score, cases, read, generated - began, took - generated),
        tell.tables(score),
        "heads: " + ", ".join(f"{name} {n}" for name, n in sorted(score.heads.items())),
        f"reports made of what is none: {len(score.reports_of_others)} {score.reports_of_others[:20]}",
    ]
    write_down(given.folder, report, read, score)
    if given.beside:
        report.append(beside_table(cases, given.folder, read))
        write_down(given.folder, report, read, score)
    print("\n\n".join([*report, "# Failures", tell.failures(score)]))
    bad = any(failure.kind in (WRONG, INVENTED) for failure in score.failures)
    return 1 if bad or score.reports_of_others else 0


def readings(given: argparse.Namespace, cases: list[Case]) -> reader.Read:
    """Every file through ``cchc read``; what a stopped run wrote down is kept with ``--resume``."""
    book = given.folder / "readings.jsonl"
    if not given.resume:
        book.unlink(missing_ok=True)
    files = [given.folder / case.file for case in cases]
    return reader.read(files, given.workers, {case.file: case.group for case in cases}, book, say)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def write_down(folder: Path, report: list[str], read: reader.Read, score: Score) -> None:
    (folder / "FAILURES.md").write_text("\n\n".join(report) + "\n\n# Failures\n" + tell.failures(score), "utf-8")
    (folder / "read.json").write_text(json.dumps(read.items, ensure_ascii=False), "utf-8")


def summary(score: Score, cases: list[Case], read: reader.Read, writing: float, reading: float) -> str:
    reports = sum(len(case.reports) for case in cases)
    before = f", {read.again} of them before" if read.again else ""
    return f"{score.files} files, {reports} reports; written in {writing:.0f} s, read in {reading:.0f} s{before}"


def beside_table(cases: list[Case], folder: Path, read: reader.Read) -> str:
    """The same files by markitdown and kreuzberg; ours counted the same way, numbers only, flags aside."""
    say("beside: markitdown and kreuzberg read the same files")
    began = time.monotonic()
    table = beside.table([case for case in cases if case.reports], folder, read)
    return f"{table}\n\nbeside in {time.monotonic() - began:.0f} s"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cchc-accuracy")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-beside", dest="beside", action="store_false")
    parser.add_argument("--no-generate", action="store_true", help="the files are there already")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def made(given: argparse.Namespace) -> list[Case]:
    wanted = [o for o in orders(given.seed) if given.only in f"{o.format.name} {o.format.group} {o.layout} {o.type}"]
    there = (given.folder / CASES).exists()
    if not (given.no_generate or (given.resume and there)):
        return generate(wanted, given.folder, given.workers, say)
    lines = (given.folder / CASES).read_text("utf-8").splitlines()
    return [
        case
        for case in map(Case.from_json, map(json.loads, lines))
        if given.only in f"{case.format} {case.group} {case.layout}"
    ]


if __name__ == "__main__":
    sys.exit(main())
