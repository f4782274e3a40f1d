"""The console as a server: in a thread beside the service (``cchc run``), or alone (``cchc serve``).

Rules: it listens where the configuration says; behind a proxy on loopback the scheme and address the proxy names are taken.
Alone it holds no lock, so that ``poll`` and ``tick`` of cron work beside it; only reading a mail again takes the lock, for
that mail, and waits for whoever has it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import structlog
import uvicorn

from intake import decisions, flow
from intake.desk import Desk
from intake.settings import Settings
from intake.thrift import settle_down
from intake.web.app import create_app
from intake.web.console import Console, Limits
from intake.web.standing import Keeper
from storage.errors import Locked
from storage.ledger import Ledger
from storage.vault import Vault

LOG = structlog.get_logger()
_LOCK_WAIT = 120.0  # seconds another instance may hold the vault before a rereading is given up and said so
_START_WAIT = 15.0


class Running:
    """A server in a thread of its own."""

    def __init__(self, console: Console, host: str, port: int) -> None:
        self._keeper = Keeper(console)
        self._server = uvicorn.Server(_config(console, host, port))
        self._thread = threading.Thread(target=self._server.run, name="console", daemon=True)

    def start(self) -> None:
        """Listen; OSError when the port cannot be had."""
        self._thread.start()
        end = time.monotonic() + _START_WAIT
        while not self._server.started and time.monotonic() < end:
            if not self._thread.is_alive():
                raise OSError(f"the console cannot listen on {self._server.config.host}:{self._server.config.port}")
            time.sleep(0.02)
        self._keeper.start()

    def stop(self) -> None:
        """Finish the requests under way and leave."""
        self._keeper.stop()
        self._server.should_exit = True
        self._thread.join(timeout=10)


def serve_until_told(console: Console, host: str, port: int) -> None:
    """In this thread, until SIGTERM or SIGINT."""
    keeper = Keeper(console)
    settle_down()
    keeper.start()
    try:
        uvicorn.Server(_config(console, host, port)).run()
    finally:
        keeper.stop()


def _config(console: Console, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(console),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
        limit_concurrency=200,
        timeout_keep_alive=10,
        lifespan="off",
    )


def console_of(desk: Desk, reader: Ledger, reread: Callable[[int], None]) -> Console:
    """The console over a desk and a read-only ledger."""
    return Console(desk, replace(desk, ledger=reader), reread, limits_of(desk.settings))


def limits_of(settings: Settings) -> Limits:
    """How long sessions last."""
    return Limits(settings.web.idle, settings.web.session)


class Rereader:
    """Reads mails again when no service runs beside: one after the other, each under the instance's lock."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = threading.Lock()

    def __call__(self, mail_id: int) -> None:
        """Soon, in a thread of its own."""
        threading.Thread(target=self._read, args=(mail_id,), name=f"reread-{mail_id}", daemon=True).start()

    def _read(self, mail_id: int) -> None:
        end = time.monotonic() + _LOCK_WAIT
        with self._turn:
            while True:
                try:
                    self._under_lock(mail_id)
                except Locked:
                    if time.monotonic() > end:
                        LOG.warning("another instance works all the while; the mail was not read again", mail=mail_id)
                        return
                    time.sleep(0.5)
                else:
                    return

    def _under_lock(self, mail_id: int) -> None:
        desk = self._desk
        vault = desk.vault if isinstance(desk.vault, Vault) else Vault(desk.settings.storage.vault)
        with ExitStack() as stack:
            stack.enter_context(vault.lock())
            stack.enter_context(desk.ledger.sole(desk.clock.now(), desk.clock.kind, desk.actor))
            decisions.again(desk, mail_id)
            flow.send(desk)
