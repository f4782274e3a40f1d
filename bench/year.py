"""A simulated year of 200 agencies through the real service, beside the oracle; then the year's export and a digest.

    python -m bench.year [AGENCIES] [FIRST] [LAST] [--profile FILE]

Weekly, monthly and quarterly reports of 2025 with its holidays, Tết, moved and skipped cutoffs, the reorganisation of 1 July, corrections,
duplicates, waivers, extensions and strangers (``tests/year``). Mails lie in a Maildir, are read in the confined worker, recorded in
SQLite and answered over SMTP to a sink in a process of its own; only the clock is simulated. Exit code 1: a class, an identity or a
formula differs from the oracle's at any of the moments tried. Run twice, the line about the log must say the same word both times.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import json
import logging
import multiprocessing
import os
import resource
import shutil
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType

from bench.province import machine
from intake.board import board_of
from intake.book import law_of
from intake.consolidating import consolidate
from intake.desk import Desk
from intake.digest_files import consolidated_files
from intake.digests import digest
from intake.thrift import settle_down
from notifier.compose import compose
from notifier.consolidated_book import consolidated_workbook
from notifier.message import Attachment
from notifier.official import official_report
from storage.records import Letter
from tests.year import comparing
from tests.year.replay import Lived, live
from tests.year.stories import simulate

AS_OF = 8  # moments on the way at which everything is compared
SUMS = 6  # periods whose sums are compared


class ForgettingSink(socketserver.BaseRequestHandler):
    """Says yes to everything and forgets every letter; by hand, so that the processor's time is the service's."""

    _ANSWERS = MappingProxyType(
        {b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME", b"DATA": b"354 go on", b"QUIT": b"221 bye"}
    )

    def handle(self) -> None:
        self.request.sendall(b"220 sink ESMTP\r\n")
        heard, text = b"", False
        while said := self.request.recv(1 << 16):
            *lines, heard = (heard + said).split(b"\r\n")
            answers = []
            for line in lines:
                if text:
                    text = line != b"."
                    answers += [] if text else [b"250 2.0.0 taken"]
                else:
                    verb = line[:4].upper()
                    text = verb == b"DATA"
                    answers.append(self._ANSWERS.get(verb, b"250 2.0.0 taken"))
            self.request.sendall(b"".join(answer + b"\r\n" for answer in answers))


def _serve(pipe: Connection) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), ForgettingSink) as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        pipe.send(sink.server_address[1])
        pipe.recv()
        sink.shutdown()


@contextmanager
def sink_apart() -> Iterator[int]:
    """A sink in a process of its own; its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(20)


def main() -> int:
    options = _options()
    logging.disable()
    print(json.dumps(machine()))
    year = simulate(7, options.agencies, options.first, options.last)
    print(
        f"{len(year.agencies)} rows of agencies, {len(year.mails)} mails, {len(year.acts)} decisions, {len(year.stops)} looks"
    )
    folder = Path(tempfile.mkdtemp(prefix="cchc-year-", dir=options.folder or _memory()))
    print(f"office in {folder}")
    profile = cProfile.Profile() if options.profile else None
    began, used = time.monotonic(), _processor()
    try:
        with sink_apart() as port:
            if profile:
                profile.enable()
            with live(year, folder, port, _say if sys.stderr.isatty() else _quiet, settle_down) as lived:
                if profile:
                    profile.disable()
                    profile.dump_stats(options.profile)
                took = time.monotonic() - began
                spent = [round(after - before) for after, before in zip(_processor(), used, strict=True)]
                print(f"lived in {took:.0f} s: {1000 * took / len(year.mails):.0f} ms a mail", end="; ")
                print(f"processor: service {spent[0]} s, the readers, the scribe and the sink {spent[1]} s")
                print(_log_told(lived, folder))
                return _compared(lived) | _measured(lived)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("agencies", type=int, nargs="?", default=200)
    parser.add_argument("first", type=date.fromisoformat, nargs="?", default=date(2025, 1, 1))
    parser.add_argument("last", type=date.fromisoformat, nargs="?", default=date(2025, 12, 31))
    parser.add_argument("--profile")
    parser.add_argument("--folder", help="default: a disk in memory, so that the year is not spent waiting for fsync")
    return parser.parse_args()


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _say(stop: datetime, mails: int) -> None:
    print(f"\r{stop:%Y-%m-%d %H:%M} {mails:4}", end="", file=sys.stderr)


def _quiet(_stop: datetime, _mails: int) -> None:
    pass


def _processor() -> tuple[float, float]:
    """Seconds of this process, and of those below it with all they have waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime, sum(map(_ticks, Path("/proc").glob("[0-9]*/stat"))) / os.sysconf("SC_CLK_TCK")


def _ticks(stat: Path) -> int:
    """Processor time of a child of ours and of its children; 0 of anybody else."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) if int(fields[1]) == os.getpid() else 0


def _log_told(lived: Lived, folder: Path) -> str:
    """The log in a word that is the same whenever the same year is lived: without what is random by design, and without our folder."""
    log = comparing.log_of(lived)
    text = json.dumps(log, default=str, sort_keys=True).replace(str(folder), "office")
    return f"log of {len(log)} entries without what is random by design: {hashlib.sha256(text.encode()).hexdigest()}"


def _compared(lived: Lived) -> int:
    stops = lived.year.stops
    moments = [stops[len(stops) * n // AS_OF - 1] for n in range(1, AS_OF + 1)]
    found = [line for moment in moments for line in comparing.differences(lived, moment)]
    with lived.desk.ledger.read() as q:
        rows = [row.key for row in q.periods() if not row.skipped and row.due_at <= stops[-1]]
    for key in rows[:: max(1, len(rows) // SUMS)]:
        found += comparing.sums_differ(lived, key, stops[-1])
    print(f"compared at {len(moments)} moments, sums of {SUMS} periods: {len(found)} differences")
    for line in found[:40]:
        print("  " + line)
    return int(bool(found))


def _measured(lived: Lived) -> int:
    desk, now = lived.desk, lived.clock.moment
    began = time.monotonic()
    with desk.ledger.read() as q:
        found = consolidate(desk, q, str(lived.year.start.year), now)
    book, report = consolidated_workbook(found, desk.office), official_report(found, desk.office)
    print(f"export of the year: {time.monotonic() - began:.1f} s ({len(book) // 1024} kB, {len(report) // 1024} kB)")
    print(f"digest of {len(lived.year.agencies)} rows: {digest_seconds(desk, now):.2f} s")
    return 0


def digest_seconds(desk: Desk, now: datetime) -> float:
    """The last digest written anew: facts, workbook, official report, letter as bytes."""
    with desk.ledger.read() as q:
        letter = [x for x in q.letters(kind="digest") if x.period][-1]  # a summary is of no period
        key = str(letter.period)
        period = next(p for t in desk.calendar.types if (p := desk.calendar.period(key)) and p.type == t.type)
        began = time.monotonic()
        board = board_of(desk, q, key, now)
        facts = digest(desk, q, law_of(desk, q), board, period, now, provisional=False, last_good_poll=None)
    files = [Attachment(f["name"], desk.vault.get(f["sha256"])) for f in consolidated_files(desk, period, now)]
    written = Letter("digest", letter.about, letter.to, facts.to_json(), created_at=now, message_id=letter.message_id)
    compose(written, desk.office, now, files)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
