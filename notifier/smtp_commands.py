"""Commands before a letter's text and the answer to each: said in one go to a server that takes them so (PIPELINING, RFC 2920)."""

from __future__ import annotations

import smtplib
from collections import deque


class Commands:
    """Some commands to one server; each is answered by itself, in their order.

    A server that does not take several at once hears a command only when its answer is asked for.
    """

    def __init__(self, client: smtplib.SMTP, *lines: str) -> None:
        self._client = client
        self._lines = deque(lines)
        self._together = len(lines) > 1 and client.has_extn("pipelining")
        self._said = False
        self.verb = ""  # of the command asked last: "RCPT TO"

    def answer(self) -> tuple[int, bytes]:
        """The answer to the next command. Raises ``OSError`` or ``SMTPException`` when the line is broken."""
        if self._together and not self._said:
            self._said = True
            self._client.send("".join(f"{line}\r\n" for line in self._lines).encode("ascii"))
        line = self._lines.popleft()
        self.verb = line.partition(":")[0]
        return self._client.getreply() if self._together else self._client.docmd(line)

    def hear_out(self) -> None:
        """Pass over the answers still owed to what was said; what was not said yet never is."""
        while self._said and self._lines:
            self.answer()
