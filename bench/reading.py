"""A docx report from bytes to figures: inside the warm worker, through the process boundary, and markitdown's text of the same files.

    python -m bench.reading [REPORTS]

Weekly and monthly reports of the demo, each read once. ``in one warm process`` never forks; ``in the confined child`` is the same
timed in the worker's child, whose memory is copied page by page at first touch; ``through the boundary`` is timed in the service: fork,
confinement, reading, the answer decoded; ``whole mail`` is opening it, its text and its report, three children.
markitdown runs in ``.venv-bench``, warm, in its own process, on the first weekly and the first monthly file; it gives text, no figures.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.fetching import OTHERS
from bench.province import ROOT, Report, machine, quantile, reporting, reports
from intake.reading import read_mail
from parsers.box import Box
from parsers.form import load_forms
from parsers.part import read_part
from parsers.rehearsal import rehearse
from parsers.values import Hints, Leaf
from parsers.wire import pack
from parsers.zygote import PROBES, PartOrder

WARM = 5  # jobs before the clock counts
FORMS = load_forms()


def leaf_of(report: Report) -> Leaf:
    digest = hashlib.sha256(report.document).hexdigest()
    return Leaf(("2",), "bc.docx", "application/octet-stream", "", report.document, digest, "attachment")


def told(what: str, seconds: list[float]) -> None:
    ms = [1000 * value for value in seconds]
    print(f"{what:44} median {statistics.median(ms):6.1f} ms   p95 {quantile(ms, 0.95):6.1f}   max {max(ms):6.1f}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2 * len(reporting())
    os.environ[PROBES] = str(ROOT / "bench" / "reading_probe.py")
    mails = list(reports(count))
    kinds = {"weekly": mails[: len(reporting())], "monthly": mails[len(reporting()) :]}
    print(json.dumps(machine()))
    rehearse(FORMS)
    with Box() as box:
        box.warm()
        for report in mails[:WARM]:
            box.read_part(leaf_of(report), Hints("", "bc.docx", None))
        for kind, some in kinds.items():
            if not some:
                continue
            orders = [pack(PartOrder(leaf_of(r), Hints("", "bc.docx", None), None)) for r in some]
            inside = [float(box.probe("read", order)) for order in orders]
            told(f"{kind} docx, in one warm process", [unforked(report) for report in some])
            told(f"{kind} docx, in the confined child", inside)
            told(f"{kind} docx, through the boundary", [boundary(box, report) for report in some])
            told(f"{kind} mail, whole", [whole(box, report) for report in some])
            theirs = markitdown(some[0], 20)
            if theirs:
                told(f"{kind} docx, markitdown (text only)", theirs)
                ratio = statistics.median(theirs) / statistics.median(inside)
                print(f"{kind}: markitdown takes {ratio:.1f} times as long as the confined child")


def unforked(report: Report) -> float:
    leaf = leaf_of(report)
    begun = time.perf_counter()
    readings = read_part(leaf, FORMS, Hints("", "bc.docx", None))
    seconds = time.perf_counter() - begun
    assert any(reading.reports for reading in readings)
    return seconds


def boundary(box: Box, report: Report) -> float:
    leaf = leaf_of(report)
    begun = time.perf_counter()
    readings = box.read_part(leaf, Hints("", "bc.docx", None))
    seconds = time.perf_counter() - begun
    assert any(reading.reports for reading in readings), readings
    return seconds


def whole(box: Box, report: Report) -> float:
    begun = time.perf_counter()
    read_mail(box, FORMS, report.raw, None)
    return time.perf_counter() - begun


def markitdown(report: Report, times: int) -> list[float]:
    """Seconds of each conversion; empty when it is not installed."""
    if not OTHERS.exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bc.docx"
        file.write_bytes(report.document)
        call = [str(OTHERS), str(ROOT / "bench" / "others.py"), "markitdown", str(file), str(times)]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"markitdown: {done.stderr.strip().splitlines()[-1]}")
        return []
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])["seconds"]
    return seconds


if __name__ == "__main__":
    main()
