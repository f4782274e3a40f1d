"""Side by side: the program's figures, and those one simple rule finds in the text two well-known converters give of the same files.

The rule: behind the first place a label of the figure stands, the longest label first, the first number within 80 characters. It is given
every label the generator itself uses, which is more than anybody would know beforehand.

Time is of the processor, a file: for the program the call that read it in the same run, its worker and confined children with it, its start
taken off, and divided by the files of the call. Memory is the peak of the process that reads; for the program that of ``cchc read`` and of
the largest of its children.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.accuracy.reader import Read
from bench.accuracy.score import reports_of
from bench.accuracy.truth import Case, Truth
from bench.accuracy.words import MONTHLY, WEEKLY

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = Path(os.environ.get("BENCH_PYTHON", ROOT / ".venv-bench" / "bin" / "python"))
REACH = 80
RIVALS = ("markitdown", "kreuzberg")
SECONDS = 3600  # for all files of one rival
NUMBER = re.compile(r"\d+(?:[.\u00a0 ]\d{3})*(?:,\d+)?")
SLOT = re.compile(r"\{[.~%=]?([a-z0-9_]+)[^{}]*\}")


@dataclass(slots=True)
class Tally:
    """What one contestant made of the files of one group."""

    right: int = 0
    stated: int = 0
    wrong: int = 0
    invented: int = 0


def labels() -> dict[str, list[str]]:
    """Every wording of a label the generator has, by key: rows of tables, and what stands before a slot in the form's lines."""
    found: dict[str, set[str]] = {}
    for rows in (WEEKLY["rows"], MONTHLY["rows"]):
        for key, texts in rows.items():
            found.setdefault(key, set()).update([texts] if isinstance(texts, str) else texts)
    for book in (WEEKLY["form"], WEEKLY["plain"], MONTHLY["form"]):
        for template in (text for texts in book.values() for text in texts):
            _before_slots(template, found)
    return {key: sorted(map(folded, texts), key=len, reverse=True) for key, texts in found.items()}


def _before_slots(template: str, found: dict[str, set[str]]) -> None:
    behind = 0
    for slot in SLOT.finditer(template):
        label = re.split(r"[;,(]", template[behind : slot.start()])[-1].strip(" -+/:.…").lstrip("1234567. ")
        if len(label) > 3 and slot[0][1] != "=":
            found.setdefault(slot[1], set()).add(label)
        behind = slot.end()


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("|", " ").split())


def by_rule(text: str, key: str, known: dict[str, list[str]]) -> float | None:
    for label in known.get(key, []):
        place = text.find(label)
        if place >= 0:
            window = text[place + len(label) :][:REACH]
            number = NUMBER.search(window)
            if number:
                return _value(number[0])
    return None


def _value(text: str) -> float:
    whole, _, part = re.sub(r"[.\u00a0 ]", "", text).partition(",")
    return float(f"{whole}.{part or 0}")


def tally(cases: Iterable[Case], texts: dict[str, str], known: dict[str, list[str]]) -> dict[str, Tally]:
    out: dict[str, Tally] = {}
    for case in cases:
        for truth in case.reports:
            _one(truth, folded(texts.get(case.file, "")), known, out.setdefault(case.group, Tally()))
    return out


def ours(cases: Iterable[Case], items: dict[str, dict[str, Any]]) -> dict[str, Tally]:
    """The program's figures counted as the rivals' are: a number is right or wrong, flags aside."""
    out: dict[str, Tally] = {}
    for case in cases:
        into = out.setdefault(case.group, Tally())
        for truth in case.reports:
            read = [r for _, r in reports_of(items[case.file]) if r["type"] == truth.type]
            got = {key: figure["value"] for key, figure in (read[0]["figures"] if read else {}).items()}
            _count(truth, {key: None if value is None else float(value) for key, value in got.items()}, into)
    return out


def _count(truth: Truth, got: dict[str, float | None], into: Tally) -> None:
    for key, said in truth.figures.items():
        if said.value is not None:
            right = got.get(key) is not None and got[key] in (said.value, *said.accept)
            into.stated += 1
            into.right += right
            into.wrong += got.get(key) is not None and not right
    into.invented += sum(value is not None for key, value in got.items() if key not in truth.figures)


def _one(truth: Truth, text: str, known: dict[str, list[str]], into: Tally) -> None:
    _count(truth, {key: by_rule(text, key, known) for key in known}, into)


def rival(name: str, cases: list[Case], folder: Path) -> tuple[dict[str, str], dict[str, float], float, Counter[str]]:
    """Texts and seconds of processor time by file, peak memory in MB, kinds of errors."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        call = [str(PYTHON), str(Path(__file__).with_name("rivals.py")), name, str(folder), out.name]
        names = "\n".join(case.file for case in cases)
        done = subprocess.run(call, input=names, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-500:])
        texts = json.loads(Path(out.name).read_text("utf-8"))
    told = json.loads(done.stdout.splitlines()[-1])
    return texts, told["seconds"], told["peak_mb"], Counter(error.split(":")[0] for error in told["errors"].values())


def table(cases: list[Case], folder: Path, mine: Read) -> str:
    """Markdown: contestants by group; figures that are numbers only. The two rivals work side by side, a process each."""
    groups = {case.file: case.group for case in cases}
    out = [
        "| reader | group | figures right | of | wrong | invented | processor ms a file, median | peak MB |",
        "|" + "---|" * 8,
    ]
    for group, own in ours(cases, mine.items).items():
        row = f"{own.right} | {own.stated} | {own.wrong} | {own.invented}"
        out.append(f"| cchc read | {group} | {row} | {mine.milliseconds.get(group, 0):.0f} | {mine.peak_mb:.0f} |")
    with ThreadPoolExecutor(len(RIVALS)) as pool:
        answers = list(pool.map(lambda name: rival(name, cases, folder), RIVALS))
    for name, (texts, seconds, peak, errors) in zip(RIVALS, answers, strict=True):
        for group, theirs in tally(cases, texts, labels()).items():
            ms = 1000 * statistics.median(s for file, s in seconds.items() if groups[file] == group)
            row = f"{theirs.right} | {theirs.stated} | {theirs.wrong} | {theirs.invented}"
            out.append(f"| {name} + rule | {group} | {row} | {ms:.0f} | {peak:.0f} |")
        if errors:
            out.append(f"| {name}: not converted | {sum(errors.values())} files: {dict(errors)} | | | | | | |")
    return "\n".join(out)
