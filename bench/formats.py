"""Reports in each format from bytes to figures, inside the warm worker: medians, milliseconds (issue 3).

    python -m bench.formats [FILES [ROUNDS]]

Weekly reports of the accuracy bench's generator (LibreOffice converts), so many of each format in its layouts in turn, each read in
every round, with a rest before each as mails have it, in the child that stood ready; at the end once more in one made for the order.
The formats take turns, as mails do, so that what else goes on in the machine falls on all of them alike. Told are the median of all
readings and, of several rounds, the median of each file's least: what is left when nobody else has the processor. PDFs have one page
or two: per page. Beside the wall clock the processor time, which a busy machine stretches less, and a floor: the same loop of plain
Python before every reading. Who else has a share in a virtual processor makes both slower alike.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2

from bench.accuracy import generate, native
from bench.accuracy.plan import Order
from bench.accuracy.weekly import LINES, PROSE, TABLES
from bench.province import machine
from parsers.box import Box
from parsers.orders import Took
from parsers.values import Hints, Leaf

LOOP = 60_000  # rounds of the floor's loop
REST = 0.25  # seconds: a child made ahead has its time to get ready
TARGETS = {"docx": 10, "odt": 10, "xlsx": 10, "xls": 10, "ods": 10, "doc": 20, "rtf": 20, "pdf": 15}  # milliseconds
FORMATS = [one for one in (*native.WORD, *native.SHEETS) if one.suffix in TARGETS and not one.name.startswith("HTML")]


def orders(files: int) -> list[Order]:
    found = []
    for form in FORMATS:
        layouts = [*LINES, *TABLES] if form in native.SHEETS else [*LINES, *TABLES, *PROSE]
        for n in range(files):
            found.append(Order(len(found), "weekly", layouts[n % len(layouts)], form, 1000 + n))
    return found


@dataclass
class Sample:
    """One file and its readings."""

    form: str
    name: str
    data: bytes
    share: int  # pages of a PDF, else 1
    ahead: list[Took] = field(default_factory=list)
    own: list[Took] = field(default_factory=list)


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(json.dumps(machine()))
    with tempfile.TemporaryDirectory() as folder, Box() as box:
        samples = [
            _sample(case.format, Path(folder) / case.file) for case in generate.generate(orders(files), Path(folder))
        ]
        floor: list[float] = []
        in_turn = [one for n in range(files) for one in samples[n::files]]
        box.warm()
        for _ in range(rounds):
            for one in in_turn:
                floor.append(_loop())
                one.ahead.append(_timed(box, one.data, one.name, ahead=True))
        for one in in_turn:
            one.own.append(_timed(box, one.data, one.name, ahead=False))
    print(f"{'a loop of plain Python':22} {statistics.median(floor):5.2f} ms   least {min(floor):5.2f}")
    for form in dict.fromkeys(one.form for one in samples):
        print(told(form, [one for one in samples if one.form == form]))


def told(form: str, samples: Sequence[Sample]) -> str:
    """One line: in the child that stood ready, in one of its own, and the target."""
    suffix = Path(samples[0].name).suffix[1:]
    said = [f"ahead {_medians([(one, took) for one in samples for took in one.ahead])}"]
    if len(samples[0].ahead) > 1:
        said.append(f"least {_medians([(one, min(one.ahead, key=lambda took: took.wall)) for one in samples])}")
    said.append(f"its own {_medians([(one, took) for one in samples for took in one.own])}")
    return f"{form:22} {'   '.join(said)}   target {TARGETS[suffix]} ms{' a page' if suffix == 'pdf' else ''}"


def _medians(readings: Sequence[tuple[Sample, Took]]) -> str:
    wall, processor = (
        statistics.median(1000 * getattr(took, clock) / one.share for one, took in readings)
        for clock in ("wall", "processor")
    )
    return f"{wall:5.1f} ms (processor {processor:5.1f})"


def _loop() -> float:
    """Milliseconds of a fixed loop: how quick the processor is just now."""
    begun, total = time.perf_counter(), 0
    for number in range(LOOP):
        total += number & 7
    return 1000 * (time.perf_counter() - begun)


def _sample(form: str, path: Path) -> Sample:
    data = path.read_bytes()
    return Sample(form, path.name, data, _pages(data) if path.suffix == ".pdf" else 1)


def _timed(box: Box, data: bytes, name: str, *, ahead: bool) -> Took:
    time.sleep(REST)
    leaf = Leaf(("2",), name, "", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    return box.time_part(leaf, Hints("", name, None), ahead=ahead)


def _pages(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    try:
        return max(1, len(document))
    finally:
        document.close()


if __name__ == "__main__":
    main()
