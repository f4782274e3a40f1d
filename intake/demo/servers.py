"""The demo's private mail server: pymap for the mailbox, aiosmtpd for the letters, both on loopback and gone afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from imapclient import IMAPClient

USER, PASSWORD = "cchc", "demo"  # a private server on loopback, alive for a minute
START_SECONDS = 15.0


def free_port() -> int:
    """A TCP port nobody uses on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def imap_server() -> Iterator[int]:
    """A private IMAP server; yields its port."""
    port = free_port()
    program = Path(sys.executable).with_name("pymap")
    command = [
        str(program),
        "--no-tls",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-service",
        "managesieve",
        "--no-service",
        "admin",
    ]
    command += ["dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 our own program, fixed arguments
    try:
        _wait_for(port, server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError("the demo's IMAP server did not start: is the [demo] extra installed?")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the demo's IMAP server did not answer")


class Postbox:
    """Puts mails into the mailbox with the receipt time of the story; the only one who does so in the demo."""

    def __init__(self, port: int) -> None:
        self._client = IMAPClient("127.0.0.1", port=port, ssl=False, timeout=30)
        self._client.login(USER, PASSWORD)
        self._client.normalise_times = False
        self._client.select_folder("INBOX")
        for uid in self._client.search("ALL"):  # the server's own sample mails
            self._client.delete_messages([uid])
        self._client.expunge()

    def deliver(self, raw: bytes, at: datetime) -> None:
        """Append one mail as the server would have received it at that moment."""
        self._client.append("INBOX", raw, msg_time=at)

    def close(self) -> None:
        """Leave."""
        self._client.logout()


def append(port: int, raw: bytes, at: datetime) -> None:
    """Put one mail into the mailbox, from outside."""
    with IMAPClient("127.0.0.1", port=port, ssl=False, timeout=30) as client:
        client.login(USER, PASSWORD)
        client.normalise_times = False
        client.append("INBOX", raw, msg_time=at)


class LetterBox:
    """Takes every letter the service sends and lays it in a folder, numbered as they come; what is sent to ``address`` is delivered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.count = 0
        self.address = ""
        self.deliver: Callable[[bytes], None] = lambda _raw: None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        """Keep the letter as it came."""
        if self.address in envelope.rcpt_tos:
            self.deliver(envelope.original_content)
            return "250 delivered"
        self.count += 1
        names = "_".join(r.replace("@", "-at-") for r in envelope.rcpt_tos[:1])
        (self._folder / f"{self.count:04d}_{names}.eml").write_bytes(envelope.original_content)
        return "250 kept"


@contextmanager
def smtp_server(folder: Path) -> Iterator[tuple[int, LetterBox]]:
    """A private SMTP server; yields its port and its box."""
    box = LetterBox(folder)
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, data_size_limit=64 * 2**20)
    controller.start()
    try:
        yield port, box
    finally:
        controller.stop()
