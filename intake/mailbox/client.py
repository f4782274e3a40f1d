"""imapclient on a line with caps, and its commands in halves: asking and reading the answer.

Only this room's ``client``, ``login`` and ``connection`` know imapclient.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from typing import Any

import imapclient
from imapclient.exceptions import IMAPClientError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.imapclient import join_message_ids
from imapclient.response_parser import parse_fetch_response, parse_message_list
from imapclient.tls import IMAP4_TLS

from intake.mailbox.capped import CappedReading

# what imaplib and imapclient raise when a server breaks off or speaks nonsense
NONSENSE = (
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


class _Greeted:
    """Mixed in before an ``imaplib.IMAP4``: what a server can do is asked only when its greeting does not say so.

    After STARTTLS it is always asked: what came over the clear line may be anybody's.
    """

    untagged_responses: dict[str, list[Any]]
    capabilities: tuple[str, ...]
    _tls_established: bool

    def _get_capabilities(self) -> None:
        told = self.untagged_responses.pop("CAPABILITY", None)
        if told and told[-1] and not self._tls_established:
            self.capabilities = tuple(str(told[-1], "ascii", "replace").upper().split())
        else:
            super()._get_capabilities()  # type: ignore[misc]


class _PlainLine(_Greeted, CappedReading, IMAP4WithTimeout):  # type: ignore[misc]
    """imaplib over TCP, capped."""


class _TLSLine(_Greeted, CappedReading, IMAP4_TLS):  # type: ignore[misc]
    """imaplib over TLS, capped."""


class Client(imapclient.IMAPClient):  # type: ignore[misc]
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
        """What the next command may bring and take (``CappedReading``)."""
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

    def look(self, folder: str, searched: str, listed: str, what: str) -> tuple[Any, Any, Any]:
        """EXAMINE, UID SEARCH and UID FETCH without waiting in between (RFC 3501, 5.5); their tags.

        A server that refuses the first refuses all three, and whatever was open before is not any more.
        """
        self._imap.untagged_responses, self._imap.is_readonly = {}, True  # as imaplib does
        opening = self._imap._command("EXAMINE", self._normalise_folder(folder))  # noqa: SLF001
        self._imap.state = "SELECTED"
        searching = self._imap._command("UID", "SEARCH", f"UID {searched}")  # noqa: SLF001
        return opening, searching, self._imap._command("UID", "FETCH", listed, what)  # noqa: SLF001

    def examined(self, tag: Any) -> dict[bytes, Any]:
        """What the server says of the folder, as ``select_folder`` gives it."""
        self._imap.state = "AUTH"
        kind, data = self._imap._command_complete("EXAMINE", tag)  # noqa: SLF001
        self._checkok("examine", kind, data)
        self._imap.state = "SELECTED"
        return dict(self._process_select_response(self._imap.untagged_responses))

    def found(self, tag: Any) -> list[int]:
        """What the SEARCH of that tag found."""
        kind, data = self._imap._command_complete("SEARCH", tag)  # noqa: SLF001
        self._checkok("search", kind, data)
        _kind, data = self._imap._untagged_response(kind, data, "SEARCH")  # noqa: SLF001
        return list(parse_message_list(data))

    def copied(self) -> list[bytes | None]:
        """The COPYUID of the last command, taken away."""
        _type, data = self._imap.response("COPYUID")
        return list(data)


def hang_up(client: Client) -> None:
    """End the line at once, whatever state it is in."""
    with contextlib.suppress(*NONSENSE):
        client.shutdown()


def said(fault: BaseException) -> str:
    """A fault as a person may read it."""
    return f"{type(fault).__name__}: {fault}"[:300]
