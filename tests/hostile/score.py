"""``make hostile``: every file of the hostile corpus through the command line, judged by ``EXPECT.tsv``; prints the score.

Asserted for every row besides its outcome: at most 60 seconds and 512 MB; nothing written outside the office's folder and
the worker's own; nobody called but the office's mailbox and SMTP server on loopback; no canary text in anything kept or said.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from tests.hostile.expected import CORPUS, Row, rows
from tests.hostile.watch import Seen, watched
from tests.pipeline.world import World
from tests.servers.smtp_sink import SmtpSink

SECONDS_MAX, MEMORY_MAX = 60.0, 512 * 2**20
RECEIVED, POLLED, ASKED = "2026-11-20 09:00:05", "2026-11-20 09:05:00", "2026-11-20 09:06:00"
STC = "sotaichinh@tinh.example"
BORDER = 'authserv_id = "mx.tinh.example"\nrequire_auth = true\nborder = ""'
CANARY = b"CANARY"


@dataclass(slots=True)
class Verdict:
    """One row as it ended."""

    row: Row
    got: str
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory: int = 0  # bytes: the most any child of ours held


def attachment(row: Row) -> Verdict:
    """``cchc read`` on one file."""
    from intake.cli import main  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, measured() as spent, watched() as seen:
        out, said = StringIO(), StringIO()
        with _stdout(out), redirect_stderr(said):
            main(["read", "--json", str(CORPUS / row.file)])
    item = json.loads(out.getvalue())["items"][0]
    part = item["parts"][0] if item["parts"] else item
    outcome = (item["outcome"], item["reason"])
    verdict = Verdict(row, " ".join(filter(None, outcome)), seconds=spent.seconds, memory=spent.memory)
    if outcome not in row.outcomes and (outcome[0], None) not in row.outcomes:
        wanted = " or ".join(sorted(f"{o} {r or ''}".strip() for o, r in row.outcomes))
        verdict.problems.append(f"expected {wanted}")
    codes = {f["code"] for p in item["parts"] for f in p["findings"]}
    verdict.problems += [f"no warning {code}" for code in sorted(row.warnings - codes)]
    if row.figures is not None:
        stated = sum(f["value"] is not None for r in part["reports"] for f in r["figures"].values())
        verdict.problems += [f"{stated} figures"] if stated != row.figures else []
    verdict.problems += [f"said on stderr: {line}" for line in said.getvalue().splitlines()[-1:]]
    _harmless(verdict, seen, Path(folder), (out.getvalue() + said.getvalue()).encode(), set())
    return verdict


def mail(row: Row, template: Path) -> Verdict:
    """One mail alone in a mailbox: polled, logged, answered."""
    sink = SmtpSink().start()
    try:
        with tempfile.TemporaryDirectory(prefix="hostile-") as name:
            folder = Path(name)
            shutil.copy(template, folder / "cchc.db")
            world = World(folder, sink, start="2026-11-02", mailbox=BORDER)
            world.deliver((CORPUS / row.file).read_bytes(), RECEIVED)
            said = StringIO()
            with measured() as spent, watched() as seen, redirect_stderr(said):
                world.cchc("poll", "--json", now=POLLED)
            log = world.log(ASKED)
            kept = b"".join(
                p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.is_relative_to(world.box)
            )
            kept = kept.replace((CORPUS / row.file).read_bytes(), b"")
            verdict = Verdict(row, _told(log, sink), seconds=spent.seconds, memory=spent.memory)
            verdict.problems += _against(row, log, sink)
            _harmless(verdict, seen, folder, kept + said.getvalue().encode(), {str(sink.port)})
            return verdict
    finally:
        sink.stop()


def _told(log: list[Any], sink: SmtpSink) -> str:
    if len(log) != 1:
        return f"{len(log)} rows"
    states = " ".join(filter(None, (log[0]["state"], log[0]["reason"])))
    return f"{states}, {len(log[0]['submissions'])} submissions, {len(sink.received)} acks"


def _against(row: Row, log: list[Any], sink: SmtpSink) -> Iterator[str]:
    if len(log) != row.counts.get("row", 1):
        yield f"expected {row.counts.get('row', 1)} row"
        return
    (found,) = log
    counted = {"submission": len(found["submissions"]), "ack": len(sink.received), "mail": len(log)}
    for what, number in row.counts.items():
        if what in counted and counted[what] != number:
            yield f"expected {number} {what}"
    if row.states and found["state"] not in row.states:
        yield f"expected state {' or '.join(sorted(row.states))}"
    if row.reason and found["reason"] != row.reason:
        yield f"expected reason {row.reason}"
    if row.part and ("refused", row.part) not in {(part["outcome"], part["reason"]) for part in found["parts"]}:
        yield f"expected a part refused: {row.part}"
    if row.submission and {row.submission} != {submission["outcome"] for submission in found["submissions"]}:
        yield f"expected submission outcome {row.submission}"
    because = {letter["withheld_because"] for letter in found["letters"]} - {None}
    if row.withheld and not because <= row.withheld:
        yield f"expected withheld_because {' or '.join(sorted(row.withheld))}"
    if [letter for letter in sink.received if letter.recipients != (STC,)]:
        yield "a letter to somebody else"
    if found["state"] == "needs_review" and [
        s for s in found["submissions"] if s["class"] in ("on_time", "cured", "late")
    ]:
        yield "credited before a person looked"


def _harmless(verdict: Verdict, seen: Seen, folder: Path, said: bytes, ports: set[str]) -> None:
    allowed = (str(folder), os.devnull, "/dev/", "/proc/")
    workers = tempfile.gettempdir() + "/cchc"
    strange = sorted(p for p in seen.written if not p.startswith((*allowed, workers)) and "__pycache__" not in p)
    verdict.problems += [f"wrote {path}" for path in strange]
    called = sorted(a for a in seen.called if not ("127.0.0.1" in a and any(port in a for port in ports)))
    verdict.problems += [f"called {address}" for address in called if "127.0.0.1" not in address or not ports]
    verdict.problems += [f"asked for {name}" for name in sorted(seen.asked - {"127.0.0.1", "localhost", "None"})]
    if CANARY in said.upper():
        verdict.problems.append("canary text")
    if list(Path(tempfile.gettempdir()).glob("*hostile*escape*")):
        verdict.problems.append("a file escaped")
    if verdict.seconds > SECONDS_MAX:
        verdict.problems.append(f"{verdict.seconds:.0f} s")
    if verdict.memory > MEMORY_MAX:
        verdict.problems.append(f"{verdict.memory >> 20} MB")


# ---- time and memory -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Spent:
    """What something cost."""

    seconds: float = 0.0
    memory: int = 0


@contextmanager
def measured() -> Iterator[Spent]:
    """Seconds, and the most memory a process below us held at any time (looked at every 10 ms)."""
    spent, over = Spent(), threading.Event()
    looking = threading.Thread(target=_look, args=(spent, over), daemon=True)
    begun = time.monotonic()
    looking.start()
    try:
        yield spent
    finally:
        over.set()
        looking.join()
        spent.seconds = time.monotonic() - begun


def _look(spent: Spent, over: threading.Event) -> None:
    while not over.wait(0.01):
        spent.memory = max([spent.memory, *(_held(pid) for pid in _below(os.getpid()))])


def _below(pid: int) -> Iterator[int]:
    """Every process below one; any of them may be gone while it is looked at, the whole folder or one thread of it."""
    for thread in _names(f"/proc/{pid}/task"):
        try:
            children = Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _below(child)


def _names(folder: str) -> list[str]:
    try:
        return [
            path.name for path in Path(folder).iterdir()
        ]  # ``glob`` fails when the folder goes between its two looks
    except OSError:
        return []


def _held(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


@contextmanager
def _stdout(out: StringIO) -> Iterator[None]:
    kept, sys.stdout = sys.stdout, out
    try:
        yield
    finally:
        sys.stdout = kept


# ---- the score -------------------------------------------------------------------------------------------------------


def score(template: Path) -> list[Verdict]:
    """Every row."""
    return [attachment(row) if row.file.startswith("att/") else mail(row, template) for row in rows()]


def main() -> int:
    """Print a line a row and the score; 0 when every row is as it should be."""
    from storage.engine import open_engine, upgrade  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        template = Path(folder) / "template.db"
        engine = open_engine(f"sqlite:///{template}")
        upgrade(engine)
        engine.dispose()
        verdicts = score(template)
    for verdict in verdicts:
        mark = "ok  " if not verdict.problems else "MISS"
        cost = f"{verdict.seconds:5.2f} s {verdict.memory >> 20:4} MB"
        print(f"{mark} {cost}  {verdict.row.file:38} {verdict.got}", *verdict.problems, sep="  ")
    good = sum(not verdict.problems for verdict in verdicts)
    worst = max(verdict.seconds for verdict in verdicts), max(verdict.memory for verdict in verdicts) >> 20
    print(f"== {good} of {len(verdicts)} as expected; at most {worst[0]:.1f} s and {worst[1]} MB each")
    return 0 if good == len(verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
