"""Memory of the service while it works off a backlog, and how long ``cchc --help`` takes.

    python -m bench.memory [MAILS] [KILOBYTES]

The mails (docx reports of 40 kB, or of about so many KILOBYTES, give or take a seventh) lie in the mailbox before ``cchc run`` starts. Twice a second the service's, its warm worker's
and, where one was started, its scribe's resident and proportional memory are read from /proc; a child lives for one part only. ``--help`` is started 20 times.
"""

from __future__ import annotations

import json
import logging
import statistics
import subprocess
import sys
import time
import warnings

from bench.province import MAILBOX, ROOT, machine, memory, province, reports, wait_until

HELP_RUNS = 20


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    large = (
        max(0, int(sys.argv[2]) - 40) * 1000 * 3 // 4 if len(sys.argv) > 2 else 0
    )  # base64 makes four bytes of three
    print(json.dumps(machine()))
    help_time()
    total = 0
    with province() as office:
        with office.server.client(MAILBOX) as client:
            for report in reports(count, thumbnail=large):
                client.append("INBOX", report.raw)
                total += len(report.raw)
        office.ask("check")  # makes the database, as after an installation
        service = office.serve()
        begun = time.monotonic()
        peaks: dict[str, dict[str, float]] = {"service": {}, "warm worker": {}, "scribe": {}}

        def watched() -> bool:
            seen = [("service", service.process.pid), *(("warm worker", pid) for pid in service.zygotes[:1])]
            for name, pid in (*seen, *(("scribe", pid) for pid in service.scribes)):
                for key, value in memory(pid).items():
                    peaks[name][key] = max(value, peaks[name].get(key, 0.0))
            time.sleep(0.45)
            return len(office.sink.moments) >= count

        try:
            done = wait_until(watched, 1200)
            took = time.monotonic() - begun
            time.sleep(3)
            watched()
            answered = len(office.sink.moments)
        finally:
            service.stop()
    print(
        f"backlog of {count} mails of {total / count / 1000:.0f} kB: {answered} letters{'' if done else ' (not all in time)'}, {took:.0f} s"
    )
    peaks = {name: peak for name, peak in peaks.items() if peak}  # a scribe comes only when many letters wait
    for name, peak in peaks.items():
        known = f"peak Rss {peak['VmHWM']:.0f} MB, Pss {peak['Pss']:.0f} MB"
        print(f"{name:12} {known}, private {peak['Private_Dirty']:.0f} MB")
    print(f"all together: peak Rss {sum(peak['VmHWM'] for peak in peaks.values()):.0f} MB")


def help_time() -> None:
    took = []
    cchc = ROOT / ".venv" / "bin" / "cchc"
    call = [str(cchc)] if cchc.exists() else [sys.executable, "-m", "intake"]
    for _ in range(HELP_RUNS):
        begun = time.perf_counter()
        subprocess.run([*call, "--help"], cwd=ROOT, capture_output=True, check=True)
        took.append(time.perf_counter() - begun)
    print(f"cchc --help: median {statistics.median(took):.3f} s, max {max(took):.3f} s over {HELP_RUNS} runs")


if __name__ == "__main__":
    main()
