"""A docx report from bytes to figures: inside the warm worker, through the process boundary, and markitdown's text of the same files.

    python -m bench.reading [REPORTS]

Weekly and monthly reports of the demo, each read once, with a rest before each as mails have it. ``in one warm process`` never forks;
``in the child made ahead`` is timed in the worker's confined child that stood ready, ``in a child of its own`` in one made for the
order, as in a backlog: its memory is copied page by page at first touch. ``through the boundary`` is timed in the service, with a child that
stood ready and without: fork, confinement, reading, the answer decoded. ``whole mail`` is opening it, its text and its report, in one child.
Each line gives wall clock and, where the child tells it, processor time, which a busy machine stretches less.
markitdown runs in ``.venv-bench``, warm, in its own process, on the first weekly and the first monthly file; it gives text, no figures.
"""

from __future__ import annotations

import hashlib
import json
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

WARM = 5  # jobs before the clock counts
REST = 0.25  # seconds between two reports: a child made ahead has its time to get ready
HINTS = Hints("", "bc.docx", None)
FORMS = load_forms()


def leaf_of(report: Report) -> Leaf:
    digest = hashlib.sha256(report.document).hexdigest()
    return Leaf(("2",), "bc.docx", "application/octet-stream", "", report.document, digest, "attachment")


def told(what: str, seconds: list[float], processor: list[float] | None = None) -> None:
    ms = [1000 * value for value in seconds]
    spent = f"   processor {1000 * statistics.median(processor):6.1f}" if processor else ""
    print(
        f"{what:44} median {statistics.median(ms):6.1f} ms   p95 {quantile(ms, 0.95):6.1f}   max {max(ms):6.1f}{spent}"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2 * len(reporting())
    mails = list(reports(count))
    kinds = {"weekly": mails[: len(reporting())], "monthly": mails[len(reporting()) :]}
    print(json.dumps(machine()))
    rehearse(FORMS)
    with Box() as box:
        box.warm()
        for report in mails[:WARM]:
            box.read_part(leaf_of(report), HINTS)
        for kind, some in kinds.items():
            if some:
                measure(box, kind, some)


def measure(box: Box, kind: str, some: list[Report]) -> None:
    told(f"{kind} docx, in one warm process", *both([unforked(report) for report in some]))
    ahead = [inside(box, report, ahead=True) for report in some]
    told(f"{kind} docx, in the child made ahead", *both(ahead))
    told(f"{kind} docx, in a child of its own", *both([inside(box, report, ahead=False) for report in some]))
    told(f"{kind} docx, through the boundary", [boundary(box, report, rest=REST) for report in some])
    told(f"{kind} docx, through the boundary in a row", [boundary(box, report) for report in some])
    told(f"{kind} mail, whole", [whole(box, report) for report in some])
    theirs = markitdown(some[0], 20)
    if theirs:
        told(f"{kind} docx, markitdown (text only)", theirs)
        ratio = statistics.median(theirs) / statistics.median(wall for wall, _ in ahead)
        print(f"{kind}: markitdown takes {ratio:.1f} times as long as the child made ahead")


def both(pairs: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Wall clock, processor time."""
    return [wall for wall, _ in pairs], [processor for _, processor in pairs]


def unforked(report: Report) -> tuple[float, float]:
    leaf = leaf_of(report)
    begun, spent = time.perf_counter(), time.process_time()
    readings = read_part(leaf, FORMS, HINTS)
    took = time.perf_counter() - begun, time.process_time() - spent
    assert any(reading.reports for reading in readings)
    return took


def inside(box: Box, report: Report, *, ahead: bool) -> tuple[float, float]:
    time.sleep(REST)
    took = box.time_part(leaf_of(report), HINTS, ahead=ahead)
    return took.wall, took.processor


def boundary(box: Box, report: Report, *, rest: float = 0.0) -> float:
    time.sleep(rest)
    leaf = leaf_of(report)
    begun = time.perf_counter()
    readings = box.read_part(leaf, HINTS)
    seconds = time.perf_counter() - begun
    assert any(reading.reports for reading in readings), readings
    return seconds


def whole(box: Box, report: Report) -> float:
    time.sleep(REST)
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
