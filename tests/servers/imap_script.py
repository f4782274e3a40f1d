"""An IMAP server of a few hundred lines that can misbehave on purpose, for the faults no honest server shows.

It answers correctly by default. ``server.spoil("UID FETCH", fault, times=1)`` lets a fault take the place of the answer to the next such
commands; the faults are the functions at the end. ``BODY`` spoils only fetches of mail bytes, ``SIZES`` only listings.
Mails may be a lazy mapping: a hundred thousand need no memory.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MOMENT = datetime(2017, 7, 21, 3, 0, tzinfo=UTC)
PLAIN = "IMAP4rev1 UIDPLUS MOVE IDLE NAMESPACE LITERAL+"


@dataclass
class Folder:
    """One mailbox folder of the server."""

    mails: Mapping[int, bytes] = field(default_factory=dict)
    uidvalidity: int | None = 7  # None: never said
    uidnext: int | None = -1  # -1: one above the highest; None: never said
    read_only: bool = False
    moment: datetime = MOMENT
    moments: dict[int, datetime] = field(default_factory=dict)  # INTERNALDATE of single mails, before ``moment``
    sizes: dict[int, int] = field(default_factory=dict)  # lies about RFC822.SIZE
    refetched: Callable[[int, bytes], bytes] | None = None  # changes a body each time it is read


@dataclass(eq=False)
class Session:
    """One client's connection."""

    server: ScriptedImap
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    folder: Folder | None = None
    writable: bool = False

    async def say(self, *lines: bytes) -> None:
        self.writer.write(b"".join(line + b"\r\n" for line in lines))
        await self.writer.drain()

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def cut(self) -> None:
        self.writer.transport.abort()


Fault = Callable[[Session, bytes, str], Awaitable[None]]


class ScriptedImap:
    """Runs in a thread of its own between ``start`` and ``stop``."""

    def __init__(self, mails: Mapping[int, bytes] | None = None, capabilities: str = PLAIN) -> None:
        self.folders: dict[str, Folder] = {"INBOX": Folder(mails if mails is not None else {})}
        self.capabilities = capabilities
        self.password = "only-for-tests"
        self.login_answer: bytes | None = None  # b"NO [UNAVAILABLE] later"
        self.greeting = b"* OK ready"
        self.tls: ssl.SSLContext | None = None
        self.sessions = 0
        self.refused_after: int | None = None  # sessions beyond this number are cut at once
        self.port = 0
        self._spoiled: list[tuple[str, Fault, int]] = []
        self._idlers: list[Session] = []
        self._open: set[Session] = set()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener: asyncio.Server | None = None

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def start(self) -> ScriptedImap:
        self._thread.start()
        opening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20, ssl=self.tls), self._loop
        )
        self._listener = opening.result(10)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        async def close() -> None:
            if self._listener is not None:
                self._listener.close()
            mine = asyncio.current_task()
            tasks = [task for task in asyncio.all_tasks() if task is not mine]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def spoil(self, verb: str, fault: Fault, times: int = 1) -> None:
        with self._lock:
            self._spoiled.append((verb, fault, times))

    def mend(self) -> None:
        with self._lock:
            self._spoiled.clear()

    def add(self, uid: int, raw: bytes, folder: str = "INBOX", moment: datetime | None = None) -> None:
        """A mail arrives, at that moment; whoever idles is told."""
        if moment is not None:
            self.folders[folder].moments[uid] = moment
        self.folders[folder].mails = {**self.folders[folder].mails, uid: raw}
        self.tell(b"* %d EXISTS" % len(self.folders[folder].mails))

    def deliver(self, raw: bytes, moment: datetime, folder: str = "INBOX") -> int:
        """A mail arrives from another thread at a UID never given before; the UID."""

        async def arrive() -> int:
            place = self.folders[folder]
            uid = place.uidnext if place.uidnext and place.uidnext > 0 else max(place.mails, default=0) + 1
            place.uidnext = uid + 1
            self.add(uid, raw, folder, moment)
            return uid

        return asyncio.run_coroutine_threadsafe(arrive(), self._loop).result(10)

    def tell(self, line: bytes) -> None:
        """Say something to every idling session."""
        for session in list(self._idlers):
            saying = asyncio.run_coroutine_threadsafe(session.say(line), self._loop)
            if threading.current_thread() is not self._thread:
                saying.result(10)

    def await_idle(self, seconds: float = 30.0) -> None:
        """Until some session idles."""
        until = time.monotonic() + seconds
        while not self._idlers:
            assert time.monotonic() < until, "nobody idles"
            time.sleep(0.01)

    def hang_up(self) -> None:
        """Cut every open connection."""
        for session in list(self._open):
            self._loop.call_soon_threadsafe(session.cut)

    # -- one session -------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, reader, writer)
        self.sessions += 1
        self._open.add(session)
        try:
            if self.refused_after is not None and self.sessions > self.refused_after:
                return
            await session.say(self.greeting)
            while line := await reader.readline():
                await self._answer(session, line.rstrip(b"\r\n"))
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(session)
            if session in self._idlers:
                self._idlers.remove(session)
            writer.close()

    async def _answer(self, session: Session, line: bytes) -> None:
        tag, _, rest = line.partition(b" ")
        text = rest.decode("utf-8", "replace")
        verb = " ".join(text.upper().split()[: 2 if text.upper().startswith("UID") else 1])
        fault = self._fault_for(verb, text)
        if fault is not None:
            await fault(session, tag, text)
            return
        handler = _HANDLERS.get(verb)
        if handler is None:
            await session.say(tag + b" BAD unknown command")
            return
        await handler(self, session, tag, text)

    def _fault_for(self, verb: str, text: str) -> Fault | None:
        with self._lock:
            for index, (wanted, fault, times) in enumerate(self._spoiled):
                body = wanted == "BODY" and verb == "UID FETCH" and "BODY" in text
                sizes = wanted == "SIZES" and verb == "UID FETCH" and "SIZE" in text
                if body or sizes or wanted == verb:
                    if times > 1:
                        self._spoiled[index] = (wanted, fault, times - 1)
                    else:
                        del self._spoiled[index]
                    return fault
        return None

    async def _capability(self, session: Session, tag: bytes, _text: str) -> None:
        await session.say(b"* CAPABILITY " + self.capabilities.encode(), tag + b" OK done")

    async def _login(self, session: Session, tag: bytes, text: str) -> None:
        if self.login_answer is not None:
            await session.say(tag + b" " + self.login_answer)
        elif self.password in text:
            await session.say(tag + b" OK in")
        else:
            await session.say(tag + b" NO [AUTHENTICATIONFAILED] wrong")

    async def _ok(self, session: Session, tag: bytes, _text: str) -> None:
        await session.say(tag + b" OK done")

    async def _logout(self, session: Session, tag: bytes, _text: str) -> None:
        await session.say(b"* BYE", tag + b" OK done")

    async def _namespace(self, session: Session, tag: bytes, _text: str) -> None:
        await session.say(b'* NAMESPACE (("" "/")) NIL NIL', tag + b" OK done")

    async def _list(self, session: Session, tag: bytes, text: str) -> None:
        pattern = text.split(" ", 2)[2].strip('"')
        names = [name for name in self.folders if pattern == "*" or name == pattern]
        await session.say(*(b'* LIST () "/" "%s"' % name.encode() for name in names), tag + b" OK done")

    async def _create(self, session: Session, tag: bytes, text: str) -> None:
        self.folders.setdefault(text.split(" ", 1)[1].strip('"'), Folder(uidvalidity=70))
        await session.say(tag + b" OK done")

    async def _select(self, session: Session, tag: bytes, text: str) -> None:
        verb, name = text.split(" ", 1)
        folder = self.folders.get(name.strip('"'))
        session.folder = folder
        if folder is None:
            await session.say(tag + b" NO [NONEXISTENT] no such folder")
            return
        session.writable = verb.upper() == "SELECT" and not folder.read_only
        said = [b"* FLAGS ()", b"* %d EXISTS" % len(folder.mails), b"* 0 RECENT"]
        if folder.uidvalidity is not None:
            said.append(b"* OK [UIDVALIDITY %d] ok" % folder.uidvalidity)
        if folder.uidnext is not None:
            uidnext = folder.uidnext if folder.uidnext >= 0 else max(folder.mails, default=0) + 1
            said.append(b"* OK [UIDNEXT %d] ok" % uidnext)
        mode = b"READ-WRITE" if session.writable else b"READ-ONLY"
        await session.say(*said, tag + b" OK [" + mode + b"] open")

    async def _search(self, session: Session, tag: bytes, text: str) -> None:
        first, last = text.split()[3].split(":")
        uids = session.folder.mails if session.folder else {}
        highest = max(uids, default=0)
        low, high = int(first), highest if last == "*" else int(last)
        low, high = (min(low, high), max(low, high)) if last == "*" else (low, high)  # n:* always holds the newest
        found = b" ".join(b"%d" % uid for uid in uids if low <= uid <= high)
        await session.say(b"* SEARCH " + found if found else b"* SEARCH", tag + b" OK done")

    async def _fetch(self, session: Session, tag: bytes, text: str) -> None:
        _uid, _fetch, numbers, what = text.split(" ", 3)
        if session.folder is None:
            await session.say(tag + b" BAD no folder is open")
            return
        for uid in _present(session.folder.mails, numbers):
            await session.raw(item(session.folder, uid, what) + b"\r\n")
        await session.say(tag + b" OK done")

    async def _carry(self, session: Session, tag: bytes, text: str) -> None:
        _uid, verb, number, name = text.split(" ", 3)
        target, folder, uid = self.folders.get(name.strip('"')), session.folder, int(number)
        if target is None or folder is None:
            await session.say(tag + b" NO [TRYCREATE] no such folder")
            return
        if uid not in folder.mails:
            await session.say(tag + b" OK nothing found")
            return
        many, raw = (
            len(target.mails) + len(folder.mails) > 5000,
            folder.mails[uid],
        )  # so many are not copied for each move
        new = 1 + (next(reversed(target.mails), 0) if many else max(target.mails, default=0))
        target.mails = target.mails if many else dict(target.mails)
        target.mails[new] = raw
        target.moments[new] = folder.moments.get(uid, folder.moment)  # RFC 3501, COPY: the internal date is preserved
        if verb.upper() == "MOVE":
            folder.mails = folder.mails if many else dict(folder.mails)
            del folder.mails[uid]
        code = b"[COPYUID %d %d %d] " % (target.uidvalidity or 0, uid, new) if "UIDPLUS" in self.capabilities else b""
        await session.say(tag + b" OK " + code + b"done")

    async def _idle(self, session: Session, tag: bytes, _text: str) -> None:
        self._idlers.append(session)
        await session.say(b"+ idling")
        await session.reader.readline()
        if session in self._idlers:
            self._idlers.remove(session)
        await session.say(tag + b" OK done")


def _present(mails: Mapping[int, bytes], numbers: str) -> list[int]:
    """The UIDs of a set without ``*`` ("3,5:9") that are there."""
    ranges = [(int(low), int(high or low)) for low, _, high in (part.partition(":") for part in numbers.split(","))]
    return [uid for low, high in ranges for uid in range(low, high + 1) if uid in mails]


def item(folder: Folder, uid: int, what: str) -> bytes:
    """The untagged FETCH answer for one mail, without its final line end."""
    raw = folder.mails[uid]
    sequence = 1 if len(folder.mails) > 5000 else sorted(folder.mails).index(uid) + 1
    if "BODY.PEEK" not in what:
        size = folder.sizes.get(uid, len(raw))
        moment = folder.moments.get(uid, folder.moment).astimezone(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
        return b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "%s")' % (sequence, uid, size, moment.encode())
    if folder.refetched is not None:
        raw = folder.refetched(uid, raw)
    partial = re.search(r"<(\d+)\.(\d+)>", what)
    name = b"BODY[]"
    if partial:
        offset, size = int(partial[1]), int(partial[2])
        raw, name = raw[offset : offset + size], b"BODY[]<%d>" % offset
    return b"* %d FETCH (UID %d %s {%d}\r\n%s)" % (sequence, uid, name, len(raw), raw)


_HANDLERS: dict[str, Callable[[ScriptedImap, Session, bytes, str], Awaitable[None]]] = {
    "CAPABILITY": ScriptedImap._capability,
    "LOGIN": ScriptedImap._login,
    "NOOP": ScriptedImap._ok,
    "LOGOUT": ScriptedImap._logout,
    "NAMESPACE": ScriptedImap._namespace,
    "LIST": ScriptedImap._list,
    "CREATE": ScriptedImap._create,
    "SELECT": ScriptedImap._select,
    "EXAMINE": ScriptedImap._select,
    "UID SEARCH": ScriptedImap._search,
    "UID FETCH": ScriptedImap._fetch,
    "UID MOVE": ScriptedImap._carry,
    "UID COPY": ScriptedImap._carry,
    "IDLE": ScriptedImap._idle,
}

# -- faults: what a session does instead of answering ------------------------------------------------------------------


async def bye(session: Session, _tag: bytes, _text: str) -> None:
    await session.say(b"* BYE going down")
    session.cut()


async def cut(session: Session, _tag: bytes, _text: str) -> None:
    session.cut()


async def cut_mid_literal(session: Session, _tag: bytes, _text: str) -> None:
    await session.raw(b"* 1 FETCH (UID 1 BODY[] {5000}\r\nSubject: only the beg")
    session.cut()


async def bye_mid_literal(session: Session, _tag: bytes, _text: str) -> None:
    await session.raw(b"* 1 FETCH (UID 1 BODY[] {5000}\r\nSubject: only\r\n* BYE shutting down\r\n")
    session.cut()


async def stall(_session: Session, _tag: bytes, _text: str) -> None:
    await asyncio.sleep(600)


async def stall_mid_literal(session: Session, _tag: bytes, _text: str) -> None:
    await session.raw(b"* 1 FETCH (UID 1 BODY[] {5000}\r\nSubject: only the beg")
    await asyncio.sleep(600)


async def nonsense(session: Session, tag: bytes, _text: str) -> None:
    await session.say(b"* 1 FETCH (UID (((", b"* ]] BODY", tag + b" OK done")


async def endless_lines(session: Session, _tag: bytes, _text: str) -> None:
    while True:
        await session.raw(b"* OK still thinking about it, please wait a little longer\r\n" * 1000)


async def endless_line(session: Session, _tag: bytes, _text: str) -> None:
    while True:
        await session.raw(b"* OK " + b"x" * 65536)


def says(answer: bytes) -> Fault:
    """A tagged answer: b"NO [UNAVAILABLE] later"."""

    async def fault(session: Session, tag: bytes, _text: str) -> None:
        await session.say(tag + b" " + answer)

    return fault


def lying_literal(claimed: int) -> Fault:
    """Claims a literal and goes on sending."""

    async def fault(session: Session, _tag: bytes, _text: str) -> None:
        await session.raw(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % claimed)
        while True:
            await session.raw(b"x" * 65536)

    return fault


def before(*lines: bytes) -> Fault:
    """Unasked-for lines first, then the right answer."""

    async def fault(session: Session, tag: bytes, text: str) -> None:
        await session.say(*lines)
        verb = " ".join(text.upper().split()[: 2 if text.upper().startswith("UID") else 1])
        await _HANDLERS[verb](session.server, session, tag, text)

    return fault


def byte_by_byte(pause: float) -> Fault:
    """The right answer to a FETCH, one byte at a time."""

    async def fault(session: Session, tag: bytes, text: str) -> None:
        _uid, _fetch, numbers, what = text.split(" ", 3)
        assert session.folder is not None
        for uid in map(int, numbers.split(",")):
            for byte in item(session.folder, uid, what) + b"\r\n":
                await session.raw(bytes([byte]))
                await asyncio.sleep(pause)
        await session.say(tag + b" OK done")

    return fault


async def answers_swapped(session: Session, tag: bytes, text: str) -> None:
    """Two FETCHes under way: the mails of the second first, then those of the first; Dovecot does so when its line is full."""
    assert session.folder is not None
    second, _, also = (await session.reader.readline()).rstrip(b"\r\n").partition(b" ")
    for command in (also.decode(), text):
        _uid, _fetch, numbers, what = command.split(" ", 3)
        for uid in map(int, numbers.split(",")):
            await session.raw(item(session.folder, uid, what) + b"\r\n")
    await session.say(tag + b" OK done", second + b" OK done")


def shortened(uid: int | None, by: int) -> Fault:
    """The answer to a body FETCH with the end of one mail missing, or of every mail."""

    async def fault(session: Session, tag: bytes, text: str) -> None:
        _uid, _fetch, numbers, what = text.split(" ", 3)
        folder = session.folder
        assert folder is not None
        cut_off = Folder({key: raw[:-by] if uid in (key, None) else raw for key, raw in folder.mails.items()})
        for number in map(int, numbers.split(",")):
            await session.raw(item(cut_off, number, what) + b"\r\n")
        await session.say(tag + b" OK done")

    return fault
