"""Fetching and durably storing 1,000 mails of 150–200 kB at a 40 ms round trip, beside others that fetch and store nothing.

    python -m bench.fetching [MAILS] [ROUNDS]

A real Dovecot stands behind a line that delays each direction by 20 ms (``bench.slow_line``). Every contestant reads the same
mailbox over it in a process of its own, in turn, round after round: ``raw`` is imapclient in chunks of 10, 25 and 50; ``ours`` is
``flow.fetch_and_keep`` with SQLite and the vault, everything on disk before the cursor moves; imap_tools in bulk and mailsuite run
from ``.venv-bench``. The clock starts before connecting, imports done. All on cleartext loopback: TLS would cost all the same.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.province import CONFIG, MAILBOX, PASSWORD, ROOT, ROSTER, machine
from bench.slow_line import slow_line
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot

ROUND_TRIP = 0.040  # seconds
OTHERS = ROOT / ".venv-bench" / "bin" / "python"
CHUNKS = (10, 25, 50)


def fill(server: Dovecot, count: int) -> int:
    """Append the mails; answers their bytes together."""
    chance = random.Random(1)
    total = 0
    with server.client(MAILBOX) as client:
        for number in range(count):
            size = chance.randint(150_000, 200_000)
            head = f"From: a@tinh.example\r\nSubject: {number}\r\nMIME-Version: 1.0\r\n\r\n".encode()
            line = chance.randbytes(38).hex().encode() + b"\r\n"
            raw = head + line * ((size - len(head)) // len(line))
            client.append("INBOX", raw)
            total += len(raw)
    return total


def ours(port: int, homes: Path) -> dict[str, float]:
    """Fetch, vault, ledger, cursor: in this process; a fresh ledger each time."""
    from intake import flow  # noqa: PLC0415
    from intake.config import load  # noqa: PLC0415
    from intake.thrift import settle_down  # noqa: PLC0415
    from intake.wiring import open_desk, system_clock  # noqa: PLC0415

    home = Path(tempfile.mkdtemp(dir=homes))
    shutil.copy(ROSTER, home / "roster.csv")
    text = CONFIG.format(user=MAILBOX, imap=port, smtp=1, start="2017-07-17")
    text = text.replace("imaps://", "imap://").replace("/INBOX", "/INBOX?starttls=no")
    (home / "config.toml").write_text(text, encoding="utf-8")
    settings = load(home / "config.toml", {"CCHC_IMAP_PASSWORD": PASSWORD, "CCHC_SMTP_PASSWORD": "none"})
    with open_desk(settings, system_clock(), worker=False) as desk:
        settle_down()  # as ``cchc run`` does
        begun, spent = time.perf_counter(), time.process_time()
        source = desk.open_source()
        mails = sum(1 for _ in flow.fetch_and_keep(desk, source))
        source.close()
        seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"mails": mails, "seconds": seconds, "processor": spent, "peak_mb": peak}


def emptied(homes: Path) -> None:
    """The room is given back, the names stay: ext4 makes files slowly for a minute after many were deleted, and we never delete."""
    for file in homes.glob("*/var/vault/??/*"):
        file.chmod(0o600)
        os.truncate(file, 0)


def run(name: str, port: int, chunk: int, count: int, homes: Path) -> float | None:
    """Mails a second; None when it is not installed."""
    if name == "ours":
        call = [sys.executable, "-m", "bench.fetching", "--ours", str(port), str(homes)]
    else:
        python = sys.executable if name == "raw" else str(OTHERS)
        call = [python, str(ROOT / "bench" / "others.py"), name, str(port), MAILBOX, PASSWORD, str(chunk)]
    if not Path(call[0]).exists():
        return None
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {done.stderr.strip().splitlines()[-1]}")
        return None
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["mails"] == count, f"{name}: {said} of {count}"
    print(
        f"  {name} {chunk or ''}: {said['seconds']:.1f} s, processor {said['processor']:.1f} s, peak memory of its process {said['peak_mb']:.0f} MB"
    )
    emptied(homes)
    return count / float(said["seconds"])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    contestants = [("raw", chunk) for chunk in CHUNKS]
    contestants += [("ours", 0), ("imap_tools", 50), ("imap_tools", 0), ("mailsuite", 0)]
    paces: dict[tuple[str, int], list[float]] = {}
    print(json.dumps(machine()))
    server, homes = dovecot.start(), Path(tempfile.mkdtemp(prefix="cchc-bench-"))
    try:
        total = fill(server, count)
        print(f"{count} mails, {total / 1e6:.0f} MB, round trip {ROUND_TRIP * 1000:.0f} ms, {rounds} rounds")
        with slow_line(server.plain, ROUND_TRIP) as port:
            for n in range(rounds):
                for name, chunk in contestants[n % len(contestants) :] + contestants[: n % len(contestants)]:
                    pace = run(name, port, chunk, count, homes)
                    if pace:
                        paces.setdefault((name, chunk), []).append(pace)
    finally:
        server.stop()
        shutil.rmtree(homes)
    report(paces)


def report(paces: dict[tuple[str, int], list[float]]) -> None:
    """Medians, and ours beside the best of each."""
    medians = {who: statistics.median(rates) for who, rates in paces.items()}
    for (name, chunk), median in medians.items():
        rates = ", ".join(f"{rate:.0f}" for rate in paces[name, chunk])
        label = f"{name} {chunk or ''}".strip() if name != "imap_tools" else f"imap_tools bulk {chunk or 'all'}"
        print(f"{label:20} {median:6.0f} mails/s   ({rates})")
    mine = medians["ours", 0]
    for other in ("raw", "imap_tools", "mailsuite"):
        best = max((rate for (name, _), rate in medians.items() if name == other), default=0.0)
        print(f"ours / best {other}: {mine / best:.2f}" if best else f"{other}: not measured")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        os.environ.setdefault("CCHC_LOG", "ERROR")
        print(json.dumps(ours(int(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main()
