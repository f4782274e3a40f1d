"""``cchc demo --serve``: the service goes on over what the demo left, with its console, on a clock that starts where the demo ended.

It is ``cchc run`` on the demo's mail servers: what is decided at the console is carried out and its letters leave, and a mail sent to
the demo's own address by SMTP shows on the board some seconds later.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from intake.chain_walk import walk
from intake.config import load
from intake.demo.run import SECRET_ENV, Servers
from intake.demo.servers import PASSWORD, free_port
from intake.desk import Clock, Desk
from intake.scrub import scrub
from intake.service import AGAIN, Door, serve
from intake.settings import Settings
from intake.web.access import hashed
from intake.web.server import Running, console_of
from intake.wiring import open_desk, open_reader_ledger

_WHOLE = 60.0  # seconds: far more than the demo's vault and log take
PEOPLE = (("lan", "lead"), ("mai", "lead"), ("binh", "secretary"), ("kiem", "auditor"), ("van", "operator"))


def serve_demo(folder: Path, servers: Servers, say: Callable[[str], Any], door: Door, *, port: int = 8017) -> None:
    """Until SIGTERM or SIGINT; prints the address, who may sign in, and where mail is taken."""
    settings = load(folder / "config.toml", {SECRET_ENV: PASSWORD})
    clock = _going_on(settings)
    servers.take_mail(settings.smtp.from_address, clock.now)
    with open_desk(settings, clock) as desk, open_reader_ledger(settings) as reader:
        password = _people(desk)
        scrub(desk, _WHOLE)
        walk(desk, _WHOLE)
        port = port if _free(port) else free_port()
        console = Running(console_of(desk, reader, lambda mail: door.knock(f"{AGAIN}{mail}")), "127.0.0.1", port)
        console.start()
        try:
            say(f"console    http://127.0.0.1:{port}/")
            say(f"sign in    {', '.join(f'{name} ({role})' for name, role in PEOPLE)}; password {password}")
            say(f"mail       smtp://127.0.0.1:{servers.smtp_port} takes mail to {settings.smtp.from_address}")
            serve(desk, door)
        finally:
            console.stop()


def _going_on(settings: Settings) -> Clock:
    """A clock that goes on from the last log entry."""
    with open_reader_ledger(settings) as ledger, ledger.read() as q:
        head = q.head()
    assert head is not None
    began = monotonic()
    return Clock(lambda: head.at + timedelta(seconds=int(monotonic() - began) + 1), "given")


def _people(desk: Desk) -> str:
    """Accounts of every role; gives the password they share."""
    password = secrets.token_urlsafe(9)
    kept = hashed(password)
    with desk.write(desk.clock.now()) as tx:
        for name, role in PEOPLE:
            known = tx.account_named(name)
            if known is None:
                tx.add_account(name, name.title(), role, kept)
            else:
                tx.change_account(known, "password", password=kept)
    return password


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
