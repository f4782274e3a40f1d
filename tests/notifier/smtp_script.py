"""An SMTP server on loopback that misbehaves as told: at any verb it answers what the script says, hangs up, or falls silent.

``answers`` maps a verb (GREETING EHLO MAIL RCPT DATA DOT RSET) to what it does, one after the other, then the usual answer:
a line to send, ``HANG_UP`` to close the connection, ``SILENCE`` to say nothing until the client gives up.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

HANG_UP, SILENCE = "hang up", "silence"
_USUAL = {"GREETING": "220 x", "EHLO": "250 x", "DATA": "354 go on", "DOT": "250 2.0.0 queued as 1", "QUIT": "221 bye"}


@dataclass
class ScriptedSmtp:
    """Running from ``start`` to ``stop``; ``letters`` holds the text of every one accepted, ``said`` every command heard."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    connections: int = 0
    eager: bool = False  # takes several commands at once (PIPELINING)
    together: int = 0  # how often a command lay there before the one ahead of it was answered
    _listener: socket.socket | None = None

    def start(self) -> ScriptedSmtp:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    @property
    def port(self) -> int:
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()

    def has(self, count: int, within: float = 3.0) -> bool:
        """Whether so many letters have come; waits a little for those still in the line."""
        until = time.monotonic() + within
        while len(self.letters) < count and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.letters) == count

    def _serve(self) -> None:
        assert self._listener is not None
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            if not self._answer(connection, "GREETING"):
                return
            for line in lines:
                verb = line.split(b":")[0].split()[0].decode().upper()
                self.said.append(line.decode().strip())
                if self.eager and verb == "MAIL":
                    self.together += lines.peek().startswith(b"RCPT")
                if not self._answer(connection, verb):
                    return
                if verb == "DATA" and self._last == _USUAL["DATA"]:
                    text = b"".join(iter(lines.readline, b".\r\n"))
                    if (self.answers.get("DOT") or [_USUAL["DOT"]])[0].startswith("250"):
                        self.letters.append(text)
                    if not self._answer(connection, "DOT"):
                        return

    def _answer(self, connection: socket.socket, verb: str) -> bool:
        waiting = self.answers.get(verb)
        usual = "250-x\r\n250 PIPELINING" if verb == "EHLO" and self.eager else _USUAL.get(verb, "250 ok")
        self._last = waiting.pop(0) if waiting else usual
        if self._last == HANG_UP:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if self._last == SILENCE:
            connection.recv(1)  # until the client gives up
            return False
        connection.sendall(f"{self._last}\r\n".encode())
        return self._last[:3] != "421"
