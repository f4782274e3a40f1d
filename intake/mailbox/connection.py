"""One IMAP session: what the room asks of a server.

Rules: only integers and folder names of our own configuration ever enter a command (a CR LF in a SEARCH value would be sent raw);
folders are read with EXAMINE and BODY.PEEK[], so nothing we do changes a flag; every fault of the outside world leaves here as a
MailboxError.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imapclient.exceptions import IMAPClientError, IMAPClientReadOnlyError

from intake.mailbox.account import Account
from intake.mailbox.client import NONSENSE, hang_up, said
from intake.mailbox.errors import MailboxError, NoSuchFolder, Passing
from intake.mailbox.limits import LISTED
from intake.mailbox.login import logged_in
from intake.mailbox.source import Listed

_BODIES, _SIZES = "(BODY.PEEK[])", "(RFC822.SIZE INTERNALDATE)"  # what a FETCH asks for


@dataclass(frozen=True, slots=True)
class Folder:
    """What the server says on opening a folder; 0 where it says nothing."""

    name: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class Copied:
    """The COPYUID answer of RFC 4315: where a moved or copied mail lies now."""

    uidvalidity: int
    uid: int


class _No(Passing):
    """The server answered NO or BAD: the line itself lives on."""


class TargetMissing(_No):
    """COPY or MOVE into a folder that is not there: make it and try again (RFC 3501, TRYCREATE)."""


class _ReadOnlyFolder(Passing):
    """SELECT gave the folder read-only."""


@dataclass(slots=True)
class _Asked:
    """A FETCH under way."""

    uids: tuple[int, ...]
    what: str  # "(BODY.PEEK[])"
    size: int  # bytes expected
    tag: Any
    came: dict[int, dict[bytes, Any]] = field(default_factory=dict)
    over: bool = False  # its tagged answer was read

    def take(self, answers: dict[int, dict[bytes, Any]]) -> None:
        """Keep what belongs to it."""
        for uid in self.uids:
            if uid in answers:
                self.came.setdefault(uid, {}).update(answers[uid])


class Connection:
    """A logged-in session. After a Passing fault it is dead: open another.

    Bodies may be asked for before those asked for earlier are read (RFC 3501, 5.5): no round trip is waited for between
    two chunks. Any other command first reads what is still under way.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.alive = True
        self.folder: Folder | None = None  # the one that is open
        self._under_way: deque[_Asked] = deque()
        self._looked: dict[int, dict[bytes, Any]] = {}  # sizes that came with ``look``
        self._client = logged_in(account)
        self.capabilities = frozenset(
            str(name, "ascii", "replace").upper() for name in self._ask(self._client.capabilities)
        )

    # -- reading -------------------------------------------------------------------------------------------------------

    def examine(self, name: str) -> Folder:
        """Open a folder for reading only."""
        return self._open(name, readonly=True)

    def select(self, name: str) -> Folder | None:
        """Open a folder for filing; None when the server gives it read-only."""
        try:
            return self._open(name, readonly=False)
        except _ReadOnlyFolder:
            return None

    def look(self, name: str, first: int, last: int) -> tuple[Folder, list[int]]:
        """``examine`` and ``uids``, and the sizes of the first mails for ``listed``, in one round trip instead of three."""
        self._read_all()
        self.folder, self._looked = None, {}
        searched, listed = f"{int(first)}:{int(last)}", f"{int(first)}:{int(min(last, first + LISTED - 1))}"
        opening, searching, sizing = self._talk(self._client.look, name, searched, listed, _SIZES)
        opened = self._unless_refused(self._client.examined, opening)
        found = self._unless_refused(self._client.found, searching)
        with contextlib.suppress(Passing):  # refused or broken off: they are asked for again in their turn
            self._looked = self._talk(self._client.answer, sizing)
        if isinstance(opened, _No):
            raise self._refused(name, opened) from opened
        if isinstance(found, _No):
            raise found
        return self._now_open(name, opened), sorted({uid for uid in map(int, found) if first <= uid <= last})

    def uids(self, first: int, last: int | None = None) -> list[int]:
        """UIDs from ``first`` on, ascending. ``UID n:*`` always brings the newest mail: what lies below is dropped."""
        found = self._ask(self._client.search, ["UID", f"{int(first)}:{'*' if last is None else int(last)}"])
        return sorted(uid for uid in set(map(int, found)) if uid >= first and (last is None or uid <= last))

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Size and receipt moment; mails gone meanwhile are left out."""
        self.ask_listed(uids)
        known = self._looked.keys() >= set(uids)
        answer = {uid: self._looked[uid] for uid in uids} if known else self._answer(uids, _SIZES)
        listed = []
        for uid, facts in sorted(answer.items()):
            size, moment = facts.get(b"RFC822.SIZE"), facts.get(b"INTERNALDATE")
            if isinstance(size, int) and isinstance(moment, datetime) and moment.tzinfo is not None:
                listed.append(Listed(int(uid), size, moment.astimezone(UTC)))
        return listed

    def ask_ahead(self, uids: Sequence[int], size: int) -> None:
        """Ask for mails of about ``size`` bytes together that ``bodies`` will be called for later."""
        self._send(uids, _BODIES, size)

    def ask_listed(self, uids: Sequence[int]) -> None:
        """Ask for what ``listed`` will be called for later."""
        if not self._looked.keys() >= set(uids):
            self._send(uids, _SIZES, 0)

    def _send(self, uids: Sequence[int], what: str, size: int) -> None:
        if all((asked.uids, asked.what) != (tuple(uids), what) for asked in self._under_way):
            tag = self._talk(self._client.ask, list(uids), what)
            self._under_way.append(_Asked(tuple(uids), what, size, tag))

    def bodies(self, uids: Sequence[int], size: int) -> dict[int, bytes]:
        """Whole mails of about ``size`` bytes together; one that is gone, or that the server gives no bytes for, is left out."""
        self.ask_ahead(uids, size)
        found = self._answer(uids, _BODIES)
        return {uid: body for uid in uids if isinstance(body := found.get(uid, {}).get(b"BODY[]"), bytes)}

    def _answer(self, uids: Sequence[int], what: str) -> dict[int, dict[bytes, Any]]:
        """What was asked for, no longer under way."""
        asked = next(one for one in self._under_way if (one.uids, one.what) == (tuple(uids), what))
        try:
            return self._read(asked)
        finally:
            self._under_way.remove(asked)

    def _read(self, asked: _Asked) -> dict[int, dict[bytes, Any]]:
        """Until its tagged answer. What comes for another command meanwhile is that one's: a server may answer in any order."""
        if not asked.over:
            others = [other for other in self._under_way if other is not asked and not other.over]
            size = asked.size + sum(other.size for other in others)
            answers = self._talk(self._client.answer, asked.tag, literals=2 * size)
            for one in (asked, *others):
                one.take(answers)
            asked.over = True
        return asked.came

    def piece(self, uid: int, offset: int, size: int) -> bytes | None:
        """``size`` bytes of a mail from ``offset`` on, fewer at its end; None when the mail is gone."""
        answer = self._ask(self._client.fetch, [uid], [f"BODY.PEEK[]<{int(offset)}.{int(size)}>"], literals=size)
        body = answer.get(uid, {}).get(f"BODY[]<{int(offset)}>".encode(), b"" if uid in answer else None)
        return body if isinstance(body, bytes) else None

    # -- filing --------------------------------------------------------------------------------------------------------

    def move(self, uid: int, target: str) -> Copied | None:
        """UID MOVE (RFC 6851)."""
        return self._carry(self._client.move, uid, target)

    def copy(self, uid: int, target: str) -> Copied | None:
        """UID COPY, where MOVE is absent: the original stays, for we never delete."""
        return self._carry(self._client.copy, uid, target)

    def create(self, name: str) -> None:
        """Make a folder; one that exists is no fault."""
        if not self._ask(self._client.folder_exists, name):
            try:
                self._ask(self._client.create_folder, name)
            except _No:
                if not self._ask(self._client.folder_exists, name):
                    raise

    def delimiter(self) -> tuple[str, str]:
        """(prefix of personal folders, hierarchy delimiter): ("", "/"), ("INBOX.", ".")."""
        if "NAMESPACE" in self.capabilities:
            personal = self._ask(self._client.namespace).personal
            if personal:
                return str(personal[0][0] or ""), str(personal[0][1] or "/")
        listed = self._ask(self._client.list_folders, "", "INBOX")
        return "", str(listed[0][1] or b"/", "ascii") if listed else "/"

    def below(self, name: str, delimiter: str) -> tuple[str, ...]:
        """The folder and those under it that can hold mails."""
        found = self._ask(self._client.list_folders, "", "*")
        return tuple(
            str(folder)
            for flags, _delimiter, folder in found
            if (folder == name or str(folder).startswith(name + delimiter)) and b"\\Noselect" not in flags
        )

    # -- staying -------------------------------------------------------------------------------------------------------

    def noop(self) -> None:
        """Ask whether the line still lives."""
        self._ask(self._client.noop)

    def idle(self, seconds: float, announce: Callable[[], None]) -> None:
        """IDLE for ``seconds``, calling ``announce`` at once for each EXISTS."""
        self._ask(self._client.idle)
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            lines = self._ask(self._client.idle_check, left, seconds=left)
            if _announced(lines):
                announce()
            if not lines and time.monotonic() < ends:
                break  # readable, yet no line: closed, or half a line; DONE finds out which
        _text, lines = self._ask(self._client.idle_done)
        if _announced(lines):
            announce()

    def close(self) -> None:
        """Say goodbye; a line that is already dead is no fault."""
        if self.alive:
            self.alive = False
            with contextlib.suppress(*NONSENSE):
                self._client.socket().settimeout(2)
                self._client.logout()
        self.drop()

    def interrupt(self) -> None:
        """From another thread: end whatever this connection waits for. Its own thread then drops it."""
        self.alive = False
        with contextlib.suppress(*NONSENSE):
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def drop(self) -> None:
        """End the line at once."""
        self.alive = False
        hang_up(self._client)

    # -- asking --------------------------------------------------------------------------------------------------------

    def _open(self, name: str, *, readonly: bool) -> Folder:
        self.folder, self._looked = None, {}  # also when the server refuses, nothing is open any more
        try:
            opened = self._ask(self._client.select_folder, name, readonly)
        except _No as fault:
            raise self._refused(name, fault) from fault
        return self._now_open(name, opened)

    def _refused(self, name: str, fault: _No) -> MailboxError:
        """Why a folder does not open."""
        if self._ask(self._client.folder_exists, name):
            return fault
        return NoSuchFolder(f"{self._account.name}: no folder {name!r} on the server")

    def _now_open(self, name: str, facts: dict[bytes, Any]) -> Folder:
        self._under_way.clear()  # of the folder before: nobody will come for it
        numbers = (_whole(facts.get(key)) for key in (b"UIDVALIDITY", b"UIDNEXT", b"EXISTS"))
        self.folder = Folder(name, *numbers)
        return self.folder

    def _carry(self, command: Callable[..., Any], uid: int, target: str) -> Copied | None:
        self._client.copied()  # nothing left over from before
        try:
            self._ask(command, [int(uid)], target)
        except _No as fault:
            if "[TRYCREATE]" in str(fault).upper():
                raise TargetMissing(str(fault)) from fault
            raise
        numbers = [line for line in self._client.copied() if line]
        if not numbers:
            return None
        uidvalidity, _from, to = [*numbers[-1].split(), b"", b"", b""][:3]
        return Copied(_whole(uidvalidity), _whole(to))

    def _ask(self, command: Callable[..., Any], *arguments: Any, literals: int = 0, seconds: float = 0.0) -> Any:
        """Run one command alone."""
        self._read_all()
        return self._talk(command, *arguments, literals=literals, seconds=seconds)

    def _read_all(self) -> None:
        """What was asked ahead is read and kept; a refusal of it is met when it is asked again."""
        for asked in list(self._under_way):
            try:
                self._read(asked)
            except _No:
                self._under_way.remove(asked)

    def _unless_refused(self, command: Callable[[Any], Any], tag: Any) -> Any:
        """The answer, or the refusal as a value."""
        try:
            return self._talk(command, tag)
        except _No as refusal:
            return refusal

    def _talk(self, command: Callable[..., Any], *arguments: Any, literals: int = 0, seconds: float = 0.0) -> Any:
        """Run one command; any fault of the outside world comes out as Passing, and the line is dropped unless it was a plain NO."""
        if not self.alive:
            raise Passing(f"{self._account.name}: the connection is closed")
        try:
            self._client.allow(literals, seconds)
            return command(*arguments)
        except IMAPClientReadOnlyError as fault:
            raise _ReadOnlyFolder(f"{self._account.name}: {said(fault)}") from fault
        except NONSENSE as fault:
            if type(fault) is IMAPClientError and (" failed: " in str(fault) or " command error: " in str(fault)):
                raise _No(f"{self._account.name}: {said(fault)}") from fault
            self.drop()
            raise Passing(f"{self._account.name}: connection broken off: {said(fault)}") from fault


def _announced(lines: Sequence[Any]) -> bool:
    return any(isinstance(line, tuple) and len(line) > 1 and line[1] == b"EXISTS" for line in lines)


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
