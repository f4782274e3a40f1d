"""``cchc demo --serve``: the console on what the demo left behind, its clock going on from where the demo ended."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from intake.chain_walk import walk
from intake.config import load
from intake.demo.run import SECRET_ENV
from intake.demo.servers import PASSWORD, free_port
from intake.desk import Clock
from intake.scrub import scrub
from intake.web.access import hashed
from intake.web.server import Rereader, console_of, serve_until_told
from intake.wiring import open_desk, open_reader_ledger, system_clock

_WHOLE = 60.0  # seconds: far more than the demo's vault and log take
PEOPLE = (("lan", "lead"), ("mai", "lead"), ("binh", "secretary"), ("kiem", "auditor"), ("van", "operator"))


def serve_demo(folder: Path, say: Callable[[str], Any], *, port: int = 8017) -> None:
    """Until SIGTERM or SIGINT; prints the address and who may sign in."""
    settings = load(folder / "config.toml", {SECRET_ENV: PASSWORD})
    with open_desk(settings, system_clock(), lock=False) as found, open_reader_ledger(settings) as reader:
        with found.ledger.read() as q:
            head = q.head()
        assert head is not None
        began = monotonic()
        clock = Clock(lambda: head.at + timedelta(seconds=int(monotonic() - began) + 1), "given")
        desk = replace(found, clock=clock)
        password = secrets.token_urlsafe(9)
        kept = hashed(password)
        with desk.write(clock.now()) as tx:
            for name, role in PEOPLE:
                known = tx.account_named(name)
                if known is None:
                    tx.add_account(name, name.title(), role, kept)
                else:
                    tx.change_account(known, "password", password=kept)
        scrub(desk, _WHOLE)
        walk(desk, _WHOLE)
        port = port if _free(port) else free_port()
        say(f"console    http://127.0.0.1:{port}/")
        say(f"sign in    {', '.join(f'{name} ({role})' for name, role in PEOPLE)}; password {password}")
        serve_until_told(console_of(desk, reader, Rereader(desk)), "127.0.0.1", port)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
