"""How long a scanned page takes, on one core: inside the page worker's child, and through the boundary.

    python -m bench.ocr [PAGES]

Weekly reports drawn from seeded truth, half of them with a ruled table, worn as an office scanner wears them (200 dpi, slightly
askew, specks), as PDFs of one picture. Processor seconds of the child are what the target speaks of; wall-clock seconds depend on
the machine's load.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

import cv2

from bench.province import machine, quantile
from parsers.box import Box
from parsers.pages.page import scan
from parsers.pages.recogniser import Recogniser
from tests.parsers.scan_builders import OFFICE, rendered, report_pdf, scan_pdf, worn

PAGES = 10
TARGET = 1.5  # processor seconds a page


def pages(count: int) -> list[bytes]:
    made = (worn(rendered(report_pdf(n, table=n % 2 == 1), OFFICE.dpi), OFFICE, n) for n in range(count))
    return [scan_pdf([image], OFFICE.jpeg) for image in made]


def told(what: str, seconds: list[float]) -> None:
    print(
        f"{what:36} median {statistics.median(seconds):.2f} s   p95 {quantile(seconds, 0.95):.2f}   max {max(seconds):.2f}"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    print(json.dumps(machine()))
    files = pages(count)
    cv2.setNumThreads(1)
    recogniser = Recogniser()
    spent = []
    for data in files:
        begun = time.process_time()
        scan(data, "pdf", 1, recogniser)
        spent.append(time.process_time() - begun)
    told("a page, processor time", spent)
    print(f"peak Rss of a process that reads pages: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    with Box() as box:
        box.page_confinement()
        waited = []
        for data in files:
            begun = time.perf_counter()
            box.picture(data, "pdf", 1)
            waited.append(time.perf_counter() - begun)
    told("a picture for a person, wall clock", waited)
    print("target: a page in", TARGET, "s:", "held" if statistics.median(spent) <= TARGET else "missed")


if __name__ == "__main__":
    main()
