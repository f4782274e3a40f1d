"""Fetching and durably storing 1,000 mails of 150–200 kB at a 40 ms round trip, beside fetching alone.

    python bench/fetching.py [MAILS]

A real Dovecot stands behind a line that delays each direction by 20 ms. Each contestant reads the same mailbox over it:
``raw`` is imapclient in chunks, bytes thrown away; ``ours`` is the mailbox source with vault and ledger, every batch committed before the
cursor moves; imap_tools and mailsuite (when installed) fetch in bulk and store nothing. Needs Dovecot; run with the extras of ``bench``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from intake.mailbox.ahead import one_ahead
from intake.mailbox.imap import ImapSource
from intake.settings import MailboxSettings, Secret
from storage.engine import open_engine, upgrade
from storage.ledger import Ledger
from storage.records import Sighting
from storage.vault import Vault
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot

ROUND_TRIP = 0.040  # seconds
USER = "bench@example.vn"
ROUNDS = 3
NOW = datetime(2017, 7, 21, 3, tzinfo=UTC)


def slow_line(target: int, ready: multiprocessing.Queue[int]) -> None:
    """A TCP line to ``target`` that delays each direction by half a round trip, without limiting the rate; a process of its own."""

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=4096)

        async def deliver() -> None:
            while True:
                at, data = await due.get()
                if (early := at - loop.time()) > 0:
                    await asyncio.sleep(early)
                if not data:
                    sink.close()
                    return
                sink.write(data)
                await sink.drain()

        delivering = asyncio.ensure_future(deliver())
        while data := await source.read(256 * 1024):
            await due.put((loop.time() + ROUND_TRIP / 2, data))
        await due.put((loop.time() + ROUND_TRIP / 2, b""))
        await delivering

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target, limit=2**20)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer), return_exceptions=True)

    async def run() -> None:
        listener = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
        ready.put(listener.sockets[0].getsockname()[1])
        await listener.serve_forever()

    asyncio.run(run())


def fill(server: Dovecot, count: int) -> int:
    """Append the mails; answers their bytes together."""
    chance = random.Random(1)
    total = 0
    with server.client(USER) as client:
        for number in range(count):
            size = chance.randint(150_000, 200_000)
            head = f"From: a@example.vn\r\nSubject: {number}\r\n\r\n".encode()
            line = chance.randbytes(38).hex().encode() + b"\r\n"
            raw = head + line * ((size - len(head)) // len(line))
            client.append("INBOX", raw)
            total += len(raw)
    return total


def raw_fetching(port: int, chunk: int) -> int:
    """The yardstick: imapclient, ``chunk`` mails a FETCH."""
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(USER, dovecot.PASSWORD)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        count = 0
        for start in range(0, len(uids), chunk):
            count += len(client.fetch(uids[start : start + chunk], ["BODY.PEEK[]", "INTERNALDATE"]))
    return count


class Store:
    """Vault and ledger in a folder of their own, made before the clock starts."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path(__file__).parent))
        self.engine = open_engine(f"sqlite:///{self.folder / 'ledger.db'}")
        upgrade(self.engine)
        self.ledger, self.vault = Ledger(self.engine), Vault(self.folder / "vault")

    def close(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)


def ours(port: int, store: Store) -> int:
    """Connect, fetch, vault, ledger, cursor: rows follow their bytes, each batch in one commit with the cursor."""
    source = ImapSource(MailboxSettings("imap", "127.0.0.1", port, "none", USER, secret=Secret(dovecot.PASSWORD)))
    count = 0
    batches = source.fetch_new("INBOX", None)
    for batch, names in one_ahead(
        (batch, store.vault.put_many([mail.raw for mail in batch.mails])) for batch in batches
    ):
        with store.ledger.write(NOW) as tx:
            for mail, sha256 in zip(batch.mails, names, strict=True):
                at = (source.account, batch.folder, batch.uidvalidity, mail.uid, sha256, mail.internaldate, mail.size)
                tx.keep(Sighting(*at))
            tx.set_cursor(source.account, batch.folder, batch.uidvalidity, batch.last_uid)
        count += len(batch.mails)
    source.close()
    return count


def imap_tools_bulk(port: int) -> int:
    from imap_tools import MailBoxUnencrypted  # noqa: PLC0415

    with MailBoxUnencrypted("127.0.0.1", port).login(USER, dovecot.PASSWORD) as box:
        return sum(1 for message in box.fetch(mark_seen=False, bulk=50) if message.obj.as_bytes())


def mailsuite_fetching(port: int) -> int:
    from mailsuite.imap import IMAPClient as Suite  # noqa: PLC0415

    client = Suite("127.0.0.1", USER, dovecot.PASSWORD, port=port, ssl=False)
    client.select_folder("INBOX", readonly=True)
    return sum(1 for uid in client.search("ALL") if client.fetch_message(uid, parse=False))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    server = dovecot.start()
    ready: multiprocessing.Queue[int] = multiprocessing.Queue()
    line = multiprocessing.Process(target=slow_line, args=(server.plain, ready), daemon=True)
    line.start()
    port = ready.get(timeout=10)
    try:
        total = fill(server, count)
        print(f"{count} mails, {total / 1e6:.0f} MB, round trip {ROUND_TRIP * 1000:.0f} ms")
        paces: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for chunk in (10, 25, 100):
                pace = _pace(lambda chunk=chunk: raw_fetching(port, chunk), count)
                paces.setdefault(f"raw, chunks of {chunk}", []).append(pace)
            store = Store()
            paces.setdefault("ours, stored", []).append(_pace(lambda store=store: ours(port, store), count))
            store.close()
        for name, run in (("imap_tools bulk", imap_tools_bulk), ("mailsuite", mailsuite_fetching)):
            try:
                paces[name] = [_pace(lambda run=run: run(port), count)]
            except ImportError:
                print(f"{name}: not installed")
        for name, rates in paces.items():
            print(f"{name:20} {statistics.median(rates):7.0f} mails/s   ({', '.join(f'{rate:.0f}' for rate in rates)})")
        for name in (name for name in paces if name.startswith("raw")):
            ratios = [mine / other for mine, other in zip(paces["ours, stored"], paces[name], strict=True)]
            print(f"ours / {name}: {statistics.median(ratios):.2f}   ({', '.join(f'{ratio:.2f}' for ratio in ratios)})")
        print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    finally:
        line.terminate()
        server.stop()


def _pace(run, count: int) -> float:
    begun = time.perf_counter()
    got = run()
    assert got == count, f"{got} of {count}"
    return count / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
