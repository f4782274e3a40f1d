"""``make fuzz``: spoiled mails and documents read inside the real walls until time is up; prints what was tried and found.

Rules:

1. Inputs are named by a seed and a number (``tests.fuzz.pool``); a child of the warm worker makes and reads many of them
   (``tests.fuzz.jobs``). When a child dies, its inputs go one by one through the service's own door, which says which it was.
2. Found is: a reader that crashed, a reading that is not one (``tests.fuzz.verdict``), a figure nobody wrote, the 60 seconds or
   the 512 MB used up, a file of ours that could not be read inside. Slow is told: more than ``SLOW`` seconds of one input.
3. Pages are tried besides (``--pages``, seconds): pictures and scanned PDFs, spoiled, a page worker's child each.
4. Each is kept in ``tests/corpus/fuzz`` under its hash, with a line in ``FOUND.tsv``, for the test that holds its mending.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from parsers.box import Box, BoxFailure
from parsers.values import Hints, Leaf
from tests.fuzz.mutate import mutated
from tests.fuzz.pool import FOUND, spoiled
from tests.fuzz.verdict import wrong_with, wrong_with_mail

JOBS = Path(__file__).with_name("jobs.py")
BATCH = 200  # inputs to a child
BATCH_SECONDS = 30.0  # after which a child makes no further one
SLOW = 5.0  # seconds of processor time
COSTLY = frozenset(("timeout", "memory"))  # reasons that are an answer, and worth a look for a small file


@dataclass(slots=True)
class Tally:
    """What was tried and what came of it."""

    tried: Counter[str] = field(default_factory=Counter)  # by file type
    ended: Counter[str] = field(default_factory=Counter)  # outcome and reason
    found: list[tuple[str, str]] = field(default_factory=list)  # file name, what
    slowest: float = 0.0  # seconds

    def note(self, kind: str, ended: str, seconds: float) -> None:
        """One more was tried."""
        self.tried[kind] += 1
        self.ended[ended] += 1
        self.slowest = max(self.slowest, seconds)


Found = Callable[[str, bytes, str], None]  # type, bytes, what is wrong


def fuzzing_box() -> Box:
    """A box whose children know the jobs of ``tests.fuzz.jobs``."""
    os.environ["CCHC_BOX_PROBES"] = str(JOBS)
    try:
        box = Box(wall=BATCH_SECONDS + 30, cpu=int(BATCH_SECONDS) + 20)
        box.warm()
    finally:
        del os.environ["CCHC_BOX_PROBES"]
    return box


def judge(box: Box, kind: str, data: bytes) -> tuple[str, str]:
    """How one input ended at the service's own door, and what is wrong with that ("" = nothing)."""
    try:
        if kind == "eml":
            envelope = box.open_mail(data)
            wrong = wrong_with_mail(envelope)
            leaves = [leaf for leaf in envelope.leaves if leaf.role in ("body", "attachment")]
            parts = [part for leaf in leaves for part in box.read_part(leaf, Hints())]
        else:
            wrong = ""
            leaf = Leaf(("2",), f"a.{kind}", "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
            parts = list(box.read_part(leaf, Hints()))
    except BoxFailure as failure:
        return failure.reason, f"{failure.reason}: {failure.detail}"[:300]
    crashed = next((part.reason for part in parts if part.reason in ("reader_crashed", *COSTLY)), "")
    last = parts[-1] if parts else None
    ended = " ".join(filter(None, (last.outcome, last.reason))) if last else "no parts"
    return ended, wrong or crashed or wrong_with(parts)


def documents(box: Box, seed: int, first: int, tally: Tally, found: Found, count: int = BATCH) -> int:
    """One child's inputs; how many were tried."""
    order = {"seed": seed, "first": first, "count": count, "seconds": BATCH_SECONDS}
    try:
        done = json.loads(box.probe("batch", json.dumps(order).encode()))
    except BoxFailure:
        one_by_one(box, seed, range(first, first + count), tally, found)
        return count
    for number, (kind, ended, wrong, seconds, _) in enumerate(done, first):
        tally.note(kind, ended, seconds)
        if wrong:
            found(*spoiled(seed, number), wrong)
        elif seconds > SLOW:
            found(*spoiled(seed, number), f"slow: {seconds:.0f} s")
    return len(done)


def one_by_one(box: Box, seed: int, numbers: range, tally: Tally, found: Found) -> None:
    """A child died: which of its inputs it was."""
    before = len(tally.found)
    for number in numbers:
        kind, data = spoiled(seed, number)
        began = time.monotonic()
        ended, wrong = judge(box, kind, data)
        tally.note(kind, ended, time.monotonic() - began)
        if wrong:
            found(kind, data, wrong)
    if len(tally.found) == before:
        tally.found.append((f"seed {seed}, {numbers}", "a child died of them together, of none of them alone"))


def pages(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """Without end: a scanned page as JPEG, PNG, TIFF or PDF, with a mistake in it."""
    from tests.parsers.scan_builders import jpeg, png, rendered, report_pdf, scan_pdf, tiff  # noqa: PLC0415

    image = rendered(report_pdf(1), 100)
    clean = {"jpg": jpeg(image), "png": png(image), "tif": tiff([image]), "pdf": scan_pdf([image])}
    while True:
        kind = dice.choice(sorted(clean))
        yield kind, mutated(clean[kind], dice)


def look_at_pages(box: Box, dice: random.Random, until: float, tally: Tally, found: Found) -> None:
    """Spoiled pages until then."""
    for kind, data in pages(dice):
        if time.monotonic() >= until:
            return
        began = time.monotonic()
        ended, wrong = judge(box, kind, data)
        tally.note(f"page {kind}", ended, time.monotonic() - began)
        if wrong:
            found(kind, data, wrong)


def keeper(tally: Tally, folder: Path | None) -> Found:
    """Counts what was found and lays it into the folder."""

    def keep(kind: str, data: bytes, wrong: str) -> None:
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.{kind}"
        tally.found.append((name, wrong))
        if folder and not (folder / name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
            with (folder / "FOUND.tsv").open("a", encoding="utf-8") as table:
                table.write(f"{name}\t{' '.join(wrong.split())}\n")

    return keep


def main() -> int:
    """Print the tally; 1 when something was found."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=540.0, help="of documents and mails")
    options.add_argument("--pages", type=float, default=60.0, help="seconds of pages besides")
    options.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options.add_argument("--keep", type=Path, default=FOUND)
    told = options.parse_args()
    tally = Tally()
    keep, first, until = keeper(tally, told.keep), 0, time.monotonic() + told.seconds
    with fuzzing_box() as box:
        while time.monotonic() < until:
            first += documents(box, told.seed, first, tally, keep)
    with Box() as box:
        look_at_pages(box, random.Random(told.seed), time.monotonic() + told.pages, tally, keep)
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
