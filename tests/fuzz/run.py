"""``make fuzz``: spoiled mails and documents read inside the real walls until time is up; prints what was tried and found.

What counts as found: a reader that crashed or answered with what is no reading; a reason outside the closed list; the 60 seconds or
the 512 MB used up; a file of ours that could not be read inside (PermissionError): our mistake, never the sender's. Each is kept
in ``tests/corpus/fuzz`` under its hash, with a line in ``FOUND.tsv``, for the test that holds its mending.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from parsers.box import Box, BoxFailure
from parsers.values import Hints, Leaf
from tests.fuzz.mutate import mutated

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
FOUND = CORPUS / "fuzz"
DOCUMENTS = (
    ".docx",
    ".xlsx",
    ".xls",
    ".doc",
    ".pdf",
    ".odt",
    ".ods",
    ".rtf",
    ".html",
    ".csv",
    ".txt",
    ".zip",
    ".msg",
    ".xlsm",
)
SEED_MAX = 300_000  # bytes of a file begun from: most tries in little time
SPOILED_MAX = 4 << 20  # bytes of a file tried: an unpacked bomb only shows how long copying takes
OUTCOMES = frozenset(("read", "copy", "enclosure", "needs_review", "refused"))
OURS = frozenset(("reader_crashed", "timeout", "memory"))
_REASONS = frozenset(
    re.findall(r"^\| `([a-z_]+)` \|", (ROOT.parent / "docs" / "reasons.md").read_text(encoding="utf-8"), re.MULTILINE)
)


@dataclass(slots=True)
class Tally:
    """What was tried and what came of it."""

    tried: Counter[str] = field(default_factory=Counter)  # by file type
    ended: Counter[str] = field(default_factory=Counter)  # outcome and reason
    found: list[tuple[str, str]] = field(default_factory=list)  # file name, what
    slowest: float = 0.0


def seeds() -> dict[str, list[Path]]:
    """The repository's own files by type; mails as "eml"."""
    found: dict[str, list[Path]] = {}
    for path in sorted(CORPUS.rglob("*")):
        small = path.is_file() and path.stat().st_size <= SEED_MAX and FOUND not in path.parents
        if small and path.suffix.lower() in (*DOCUMENTS, ".eml"):
            found.setdefault(path.suffix.lower()[1:], []).append(path)
    return found


def tries(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """Without end: a type, then one of its files, then one to three mistakes in it."""
    pool = seeds()
    kinds = sorted(pool)
    while True:
        kind = dice.choice((*kinds, "docx", "xlsx", "pdf", "eml"))
        data = dice.choice(pool[kind]).read_bytes()
        for _ in range(dice.choice((1, 1, 2, 3))):
            data = mutated(data, dice)
        if len(data) <= SPOILED_MAX:
            yield kind, data


def judge(box: Box, kind: str, data: bytes) -> tuple[str, str]:
    """How it ended, and what is wrong with that ("" = nothing)."""
    try:
        if kind == "eml":
            envelope = box.open_mail(data)
            parts = [p for leaf in envelope.leaves if leaf.role == "attachment" for p in box.read_part(leaf, Hints())]
        else:
            leaf = Leaf(("2",), f"a.{kind}", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
            parts = list(box.read_part(leaf, Hints()))
    except BoxFailure as failure:
        return failure.reason, f"{failure.reason}: {failure.detail}"[:300] if failure.reason in OURS else ""
    for part in parts:
        if part.outcome not in OUTCOMES or (part.reason is not None and part.reason not in _REASONS):
            return part.outcome, f"not of the lists: {part.outcome} {part.reason}"
        if part.reason in OURS:
            return part.reason, part.reason if part.reason == "reader_crashed" else ""
    last = parts[-1] if parts else None
    return " ".join(filter(None, (last.outcome, last.reason))) if last else "no parts", ""


def run(box: Box, dice: random.Random, seconds: float, most: int = 10**9, keep: Path | None = None) -> Tally:
    """Try for so long, or so many; ``keep``: where to lay what was found."""
    tally, until = Tally(), time.monotonic() + seconds
    for kind, data in tries(dice):
        if sum(tally.tried.values()) >= most or time.monotonic() >= until:
            break
        begun = time.monotonic()
        ended, wrong = judge(box, kind, data)
        tally.slowest = max(tally.slowest, time.monotonic() - begun)
        tally.tried[kind] += 1
        tally.ended[ended] += 1
        if wrong:
            name = f"{hashlib.sha256(data).hexdigest()[:16]}.{kind}"
            tally.found.append((name, wrong))
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / name).write_bytes(data)
                with (keep / "FOUND.tsv").open("a", encoding="utf-8") as table:
                    table.write(f"{name}\t{wrong.replace(chr(9), ' ').replace(chr(10), ' ')}\n")
    return tally


def main() -> int:
    """Print the tally; 1 when something was found."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=600.0)
    options.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options.add_argument("--keep", type=Path, default=FOUND)
    told = options.parse_args()
    with Box() as box:
        box.warm()
        tally = run(box, random.Random(told.seed), told.seconds, keep=told.keep)
    print(f"seed {told.seed}")
    for title, counts in (("tried", tally.tried), ("ended", tally.ended)):
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    for name, wrong in tally.found:
        print(f"FOUND {name}: {wrong}")
    print(
        f"== {sum(tally.tried.values())} inputs tried, {len(tally.found)} found; the slowest took {tally.slowest:.1f} s"
    )
    return 1 if tally.found else 0


if __name__ == "__main__":
    raise SystemExit(main())
