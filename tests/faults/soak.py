"""Kills until it is stopped: provinces on both databases lived through week after week, judged after every round; prints the tally.

``python -m tests.faults.soak [--minutes N] [--workers N] [--seed N] [--backlog N] [--same 0.5]``. Ends with 1 at the first broken promise, whose
seed and last calls it prints. ``--backlog`` first works off so many mails and prints time and memory; ``--same`` is the share of mails that repeat a content.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from queue import Empty
from typing import Any

import psycopg

from storage.engine import open_engine, upgrade
from tests.faults import scene
from tests.faults.checker import Delivered
from tests.faults.forge import Forge
from tests.faults.province import Province
from tests.faults.story import Story
from tests.servers.postgresql import postgresql

EMPTY = "empty_ledger"  # a PostgreSQL database with the schema in it, nothing else
WEEKS = 4  # of one province, then another: the judge reads everything every time
TOLD_EVERY = 30.0  # seconds


@dataclass
class Tally:
    """What was done so far."""

    kills: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    provinces: int = 0
    mails: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, what: dict[str, Any]) -> None:
        self.kills.update(what["kills"])
        self.rounds += what["rounds"]
        self.provinces += what["provinces"]
        self.mails += what["mails"]
        self.broken += what["broken"]

    def line(self, seconds: float) -> str:
        killed = sum(self.kills.values())
        rate = killed / max(seconds, 1) * 3600
        return (
            f"{seconds:7.0f} s  {killed} kills ({rate:.0f} an hour)  {self.rounds} rounds  {self.mails} mails"
            f"  {self.provinces} provinces  {len(self.broken)} broken promises"
        )


def live(number: int, seed: int, until: float, server: str, empty: str, told: Any, same: float) -> None:
    """One worker: province after province, SQLite and PostgreSQL in turn, each on a copy of an empty ledger."""
    forge = Forge().start()
    turn = 0
    try:
        forge.rehearse(_database(server, f"rehearsal_{number}"))
        while time.time() < until:  # noqa: TID251 the soak lives by the real clock
            turn += 1
            url = _database(server, f"soak_{number}_{turn}", EMPTY) if turn % 2 == 0 else ""
            _province(Province(forge, url=url, template=Path(empty)), seed + 1000 * number + turn, until, told, same)
    finally:
        forge.stop()


def _province(province: Province, seed: int, until: float, told: Any, same: float) -> None:
    story = Story(province.start(), seed, same)
    broken: list[str] = []
    try:
        for _ in story.rounds():
            told.put(_since(province, 0))
            if story.week >= WEEKS or time.time() >= until:  # noqa: TID251
                break
    except BaseException:
        broken.append(f"seed {seed}, {province.url}\n{traceback.format_exc()}")
    told.put({**_since(province, 1), "mails": len(province.ledger.delivered), "broken": broken})
    province.stop()


def _since(province: Province, provinces: int) -> dict[str, Any]:
    kills, province.tally = dict(province.tally), Counter()
    return {"kills": kills, "rounds": 1 - provinces, "provinces": provinces, "mails": 0, "broken": []}


def _database(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.replace("/postgres?", f"/{name}?", 1)


def _make_empty(server: str, file: Path) -> None:
    """An empty ledger of each kind, to be copied: migrating takes longer than a dozen kills."""
    for url in (f"sqlite:///{file}", _database(server, EMPTY)):
        engine = open_engine(url)
        upgrade(engine)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()


def backlog(count: int) -> None:
    """So many mails that nobody read, worked off in one pass: how long, and how much memory."""
    forge = Forge().start()
    province = Province(forge, copies=False).start()
    try:
        province.now = scene.cutoff(8)
        inbox = province.imap.inbox
        mails = {n: scene.mail_of("ai@example.net", f"Thư {n}", "x" * 2000) for n in range(1, count + 1)}
        inbox.moments = {n: scene.cutoff(0) + timedelta(minutes=n % 9000) for n in mails}
        inbox.mails, inbox.uidnext = mails, count + 1
        province.ledger.delivered = [Delivered(raw, inbox.moments[n], f"<{n}>") for n, raw in mails.items()]
        began = time.monotonic()
        done = province.well("poll", longest=36_000.0)
        seconds = time.monotonic() - began
        print(
            f"backlog of {count}: {seconds:.0f} s, {count / seconds:.0f} mails/s, {done.memory // 1024} MiB; {done.out.strip()}"
        )
        broken = province.judged(quiet=False)
        assert not broken, "\n".join(broken[:5])
    finally:
        province.stop()
        forge.stop()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))  # noqa: TID251 printed, so that it can be given again
    parser.add_argument("--backlog", type=int, default=0)
    parser.add_argument("--same", type=float, default=0.15)
    how = parser.parse_args()
    print(f"seed {how.seed}", flush=True)
    if how.backlog:
        backlog(how.backlog)
    with postgresql() as url_of, tempfile.TemporaryDirectory(prefix="soak-") as folder:
        empty = Path(folder) / "empty.db"
        _make_empty(url_of("postgres"), empty)
        return _soak(how, url_of("postgres"), empty)


def _soak(how: argparse.Namespace, server: str, empty: Path) -> int:
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    began = time.monotonic()
    until = time.time() + how.minutes * 60  # noqa: TID251
    workers = [
        context.Process(target=live, args=(n, how.seed, until, server, str(empty), told, how.same))
        for n in range(how.workers)
    ]
    for worker in workers:
        worker.start()
    tally, shown = Tally(), began
    try:
        while (any(worker.is_alive() for worker in workers) or not told.empty()) and not tally.broken:
            _take(told.get, tally)
            if time.monotonic() - shown > TOLD_EVERY:
                shown = time.monotonic()
                print(tally.line(shown - began), flush=True)
    except KeyboardInterrupt:
        pass
    for worker in workers:
        worker.join(120 if not tally.broken else 0.1)
        worker.kill()
    print(tally.line(time.monotonic() - began))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (used.ru_utime + used.ru_stime) / max(1, sum(tally.kills.values()))
    print(f"{cpu:.2f} s of processor a kill: {2 * 3600 / cpu:.0f} an hour on two cores that do nothing else")
    print("  ".join(f"{point} {count}" for point, count in tally.kills.most_common()))
    print("\n".join(tally.broken), file=sys.stderr)
    return 1 if tally.broken else 0


def _take(get: Callable[..., dict[str, Any]], tally: Tally) -> None:
    try:
        tally.add(get(timeout=1.0))
    except Empty:
        return


if __name__ == "__main__":
    sys.exit(main())
