"""One IMAP connection: the only module that knows imapclient.

Rules: the line is TLS (implicit or STARTTLS), cleartext to loopback only; only integers and folder names of our own
configuration ever enter a command (a CR LF in a SEARCH value would be sent raw); folders are read with EXAMINE and
BODY.PEEK[], so nothing we do changes a flag; every fault of the outside world leaves here as a MailboxError.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import imapclient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.imapclient import join_message_ids
from imapclient.response_parser import parse_fetch_response
from imapclient.tls import IMAP4_TLS

from intake.mailbox.capped import CappedReading
from intake.mailbox.errors import MailboxError, NoSuchFolder, OutsideUnreachable, Passing, Refused
from intake.mailbox.limits import CONNECT_SECONDS, READ_SECONDS
from intake.mailbox.source import Listed
from intake.oauth2 import NoToken
from intake.settings import MailboxSettings, Mechanism, Security

# what imaplib and imapclient raise when a server breaks off or speaks nonsense
_NONSENSE = (
    IMAPClientError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    MemoryError,
    RecursionError,
)
_USER = re.compile(r"[^\x00-\x1f\x7f]+")
_BODIES, _SIZES = "(BODY.PEEK[])", "(RFC822.SIZE INTERNALDATE)"  # what a FETCH asks for
_LOGIN_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")  # RFC 5530


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom to connect."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Security = "tls"
    ca_file: Path | None = None  # None: the system's trust store (SSL_CERT_FILE is honoured)
    read_seconds: float = READ_SECONDS  # without a single byte
    token: Callable[[str], str] | None = field(default=None, repr=False)  # OAuth 2 instead of the password
    mechanism: Mechanism = "XOAUTH2"

    @classmethod
    def of(cls, mailbox: MailboxSettings, token: Callable[[str], str] | None = None) -> Self:
        """``token`` gives access tokens (``intake.oauth2``). Raises ``ConfigError`` when there is no password without one."""
        if token is not None and mailbox.oauth2 is not None:
            where = (mailbox.host, mailbox.port, mailbox.user, "", mailbox.security)
            return cls(*where, token=token, mechanism=mailbox.oauth2.mechanism)
        return cls(mailbox.host, mailbox.port, mailbox.user, mailbox.password(), mailbox.security)

    @property
    def name(self) -> str:
        """Stable name in the ledger: "imaps://cchc@mail.example:993"."""
        scheme = "imaps" if self.security == "tls" else "imap"
        return f"{scheme}://{self.user}@{self.host}:{self.port}"


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


class _PlainLine(CappedReading, IMAP4WithTimeout):  # type: ignore[misc]
    """imaplib over TCP, capped."""


class _TLSLine(CappedReading, IMAP4_TLS):  # type: ignore[misc]
    """imaplib over TLS, capped."""


class _Client(imapclient.IMAPClient):  # type: ignore[misc]
    """imapclient on a capped line."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # imapclient has imaplib write every literal into a debug message that nobody reads: 1.5 ms a mail of 175 kB
        self._imap.debug = 0

    def _create_IMAP4(self) -> CappedReading:  # noqa: N802 - imapclient's name
        if self.ssl:
            return _TLSLine(self.host, self.port, self.ssl_context, self._timeout.connect)
        return _PlainLine(self.host, self.port, self._timeout.connect)

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> list[Any]:
        # a TLS record holds many lines: what already lies in our buffer will never make the socket readable again
        return [True] if self._imap.holds_data() else list(super()._poll_socket(sock, timeout))

    def allow(self, literals: int, seconds: float = 0.0) -> None:
        self._imap.allow(literals, seconds)

    def ask(self, uids: Sequence[int], what: str) -> Any:
        """The first half of ``fetch``: the command is on its way; its tag."""
        return self._imap._command("UID", "FETCH", join_message_ids(uids), what)  # noqa: SLF001

    def answer(self, tag: Any) -> dict[int, dict[bytes, Any]]:
        """The second half: what came before that tag's answer; some of it may answer what was asked later."""
        kind, data = self._imap._command_complete("FETCH", tag)  # noqa: SLF001
        self._checkok("fetch", kind, data)
        kind, data = self._imap._untagged_response(kind, data, "FETCH")  # noqa: SLF001
        return dict(parse_fetch_response(data, self.normalise_times, uid_is_key=True))

    def copied(self) -> list[bytes | None]:
        """The COPYUID of the last command, taken away."""
        _type, data = self._imap.response("COPYUID")
        return list(data)


class _No(Passing):
    """The server answered NO or BAD: the line itself lives on."""


class TargetMissing(_No):
    """COPY or MOVE into a folder that is not there: make it and try again (RFC 3501, TRYCREATE)."""


class _ReadOnlyFolder(Passing):
    """SELECT gave the folder read-only."""


def _connect(account: Account) -> _Client:
    context = None if account.security == "none" else ssl.create_default_context(cafile=account.ca_file)
    timeout = imapclient.SocketTimeout(connect=CONNECT_SECONDS, read=account.read_seconds)
    try:
        client = _Client(
            account.host, account.port, ssl=account.security == "tls", ssl_context=context, timeout=timeout
        )
    except _NONSENSE as fault:
        raise _no_line(account, fault) from fault
    try:
        _secure(client, account, context)
    except _NONSENSE as fault:
        _hang_up(client)
        raise _no_line(account, fault) from fault
    except Refused:
        _hang_up(client)
        raise
    client.normalise_times = False  # else INTERNALDATE would come as naive local time
    with contextlib.suppress(
        *_NONSENSE
    ):  # else the end of a SEARCH waits for the acknowledgement of its beginning: 40 ms
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _secure(client: _Client, account: Account, context: ssl.SSLContext | None) -> None:
    if account.security == "starttls":
        client.starttls(context)
    if account.security == "none" and not ipaddress.ip_address(client.socket().getpeername()[0]).is_loopback:
        raise Refused(f"{account.name}: cleartext goes to loopback only; use imaps:// or STARTTLS")


def _no_line(account: Account, fault: BaseException) -> MailboxError:
    if isinstance(fault, CapabilityError):
        return Refused(f"{account.name}: the server offers no STARTTLS; a password never goes over a clear line")
    if isinstance(fault, ssl.SSLCertVerificationError):
        return Refused(f"{account.name}: certificate not trusted: {fault.verify_message}")
    return OutsideUnreachable(f"{account.name}: no connection: {_said(fault)}")


def _hang_up(client: _Client) -> None:
    with contextlib.suppress(*_NONSENSE):
        client.shutdown()


def _token(account: Account, refused: str) -> str:
    """A token for the next login, "" where a password is used."""
    try:
        return account.token(refused) if account.token else ""
    except NoToken as fault:
        raise (Refused if fault.permanent else OutsideUnreachable)(f"{account.name}: no token: {fault}") from fault


def _bearer(client: _Client, account: Account, token: str) -> None:
    """SASL XOAUTH2, or OAUTHBEARER (RFC 7628); what the server says to a refused token is answered by nothing."""
    if not _USER.fullmatch(account.user):
        raise Refused(f"{account.name}: a user name with control characters")
    if account.mechanism == "OAUTHBEARER":
        name = account.user.replace("=", "=3D").replace(",", "=2C")
        first, then = f"n,a={name},\1host={account.host}\1port={account.port}\1auth=Bearer {token}\1\1", "\1"
    else:
        first, then = f"user={account.user}\1auth=Bearer {token}\1\1", ""
    says = iter((first.encode(),))
    client._command_and_check(  # noqa: SLF001 - its own oauth2_login repeats the token to an error
        "authenticate", account.mechanism, lambda _challenge: next(says, then.encode())
    )


def _login(client: _Client, account: Account, token: str) -> None:
    try:
        if token:
            _bearer(client, account, token)
        elif (account.user + account.password).isascii():
            client.login(account.user, account.password)
        else:
            client.plain_login(account.user, account.password)  # LOGIN knows ASCII only, SASL PLAIN is UTF-8 (RFC 4616)
    except IMAPClientError as fault:
        said = _said(fault)
        # imapclient wraps a broken line into its LoginError as well
        broken = isinstance(fault.__context__, IMAPClientAbortError) or isinstance(fault, IMAPClientAbortError)
        if broken or any(code in said.upper() for code in _LOGIN_PASSING):
            raise Passing(f"{account.name}: login broken off: {said}") from fault
        raise Refused(f"{account.name}: login refused: {said}") from fault
    except _NONSENSE as fault:
        raise Passing(f"{account.name}: login broken off: {_said(fault)}") from fault


def _logged_in(account: Account) -> _Client:
    """A refused token is renewed once; a password, or a token just renewed, that is refused stays refused."""
    token = _token(account, "")
    while True:
        client = _connect(account)
        try:
            _login(client, account, token)
        except MailboxError as fault:
            _hang_up(client)
            fresh = _token(account, token) if token and isinstance(fault, Refused) else token
            if fresh == token:
                raise
            token, account = fresh, replace(account, token=None)  # the second refusal is final
        else:
            return client


def _said(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"[:300]


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
        self._client = _logged_in(account)
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

    def uids(self, first: int, last: int | None = None) -> list[int]:
        """UIDs from ``first`` on, ascending. ``UID n:*`` always brings the newest mail: what lies below is dropped."""
        found = self._ask(self._client.search, ["UID", f"{int(first)}:{'*' if last is None else int(last)}"])
        return sorted(uid for uid in set(map(int, found)) if uid >= first and (last is None or uid <= last))

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Size and receipt moment; mails gone meanwhile are left out."""
        self.ask_listed(uids)
        answer = self._answer(uids, _SIZES)
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
            with contextlib.suppress(*_NONSENSE):
                self._client.socket().settimeout(2)
                self._client.logout()
        self.drop()

    def interrupt(self) -> None:
        """From another thread: end whatever this connection waits for. Its own thread then drops it."""
        self.alive = False
        with contextlib.suppress(*_NONSENSE):
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def drop(self) -> None:
        """End the line at once."""
        self.alive = False
        _hang_up(self._client)

    # -- asking --------------------------------------------------------------------------------------------------------

    def _open(self, name: str, *, readonly: bool) -> Folder:
        self.folder = None  # also when the server refuses, nothing is open any more
        try:
            said = self._ask(self._client.select_folder, name, readonly)
            self._under_way.clear()  # of the folder before: nobody will come for it
        except _No as fault:
            if self._ask(self._client.folder_exists, name):
                raise
            raise NoSuchFolder(f"{self._account.name}: no folder {name!r} on the server") from fault
        self.folder = Folder(
            name=name,
            uidvalidity=_whole(said.get(b"UIDVALIDITY")),
            uidnext=_whole(said.get(b"UIDNEXT")),
            exists=_whole(said.get(b"EXISTS")),
        )
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
        """Run one command alone: what was asked ahead is read first and kept; a refusal of it is met when it is asked again."""
        for asked in list(self._under_way):
            try:
                self._read(asked)
            except _No:
                self._under_way.remove(asked)
        return self._talk(command, *arguments, literals=literals, seconds=seconds)

    def _talk(self, command: Callable[..., Any], *arguments: Any, literals: int = 0, seconds: float = 0.0) -> Any:
        """Run one command; any fault of the outside world comes out as Passing, and the line is dropped unless it was a plain NO."""
        if not self.alive:
            raise Passing(f"{self._account.name}: the connection is closed")
        try:
            self._client.allow(literals, seconds)
            return command(*arguments)
        except IMAPClientReadOnlyError as fault:
            raise _ReadOnlyFolder(f"{self._account.name}: {_said(fault)}") from fault
        except _NONSENSE as fault:
            if type(fault) is IMAPClientError and (" failed: " in str(fault) or " command error: " in str(fault)):
                raise _No(f"{self._account.name}: {_said(fault)}") from fault
            self.drop()
            raise Passing(f"{self._account.name}: connection broken off: {_said(fault)}") from fault


def _announced(lines: Sequence[Any]) -> bool:
    return any(isinstance(line, tuple) and len(line) > 1 and line[1] == b"EXISTS" for line in lines)


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
