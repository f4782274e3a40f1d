"""Reports in each format from bytes to figures, inside the warm worker: medians, milliseconds (issue 3).

    python -m bench.formats [FILES]

Weekly reports of the accuracy bench's generator (LibreOffice converts), so many of each format in its layouts in turn, each read
once, with a rest before each as mails have it, in the child that stood ready and in one made for the order. PDFs have one page or
two: per page. Beside the wall clock the processor time, which a busy machine stretches less.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pypdfium2

from bench.accuracy import generate, native
from bench.accuracy.plan import Order
from bench.accuracy.weekly import LINES, PROSE, TABLES
from bench.province import machine
from parsers.box import Box
from parsers.orders import Took
from parsers.values import Hints, Leaf

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


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    print(json.dumps(machine()))
    with tempfile.TemporaryDirectory() as folder, Box() as box:
        cases = generate.generate(orders(files), Path(folder))
        box.warm()
        by_format: dict[str, list[Path]] = {}
        for case in cases:
            by_format.setdefault(case.format, []).append(Path(folder) / case.file)
        for name, paths in by_format.items():
            told(name, paths[0].suffix[1:], [(path.read_bytes(), path.name) for path in paths], box)


def told(name: str, suffix: str, files: list[tuple[bytes, str]], box: Box) -> None:
    """One line: in the child that stood ready, in one of its own, and the target."""
    shares = [_pages(data) if suffix == "pdf" else 1 for data, _ in files]
    said = []
    for ahead in (True, False):
        took = [_timed(box, data, file, ahead=ahead) for data, file in files]
        wall = statistics.median(1000 * one.wall / share for one, share in zip(took, shares, strict=True))
        processor = statistics.median(1000 * one.processor / share for one, share in zip(took, shares, strict=True))
        said.append(f"{'ahead' if ahead else 'its own'} {wall:6.1f} ms (processor {processor:6.1f})")
    unit = " a page" if suffix == "pdf" else ""
    print(f"{name:22} {'   '.join(said)}   target {TARGETS[suffix]} ms{unit}", flush=True)


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
