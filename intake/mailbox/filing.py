"""Filing a recorded mail away: UID MOVE where the server has it, else UID COPY; never STORE, DELETE or EXPUNGE.

The target "CCHC/2017" is spelled with the server's own prefix and delimiter and made when missing. The folder's UIDVALIDITY must
still be the one the mail was seen under, else the uid may be another mail's.
"""

from __future__ import annotations

from intake.mailbox.connection import Connection, Copied, Folder, TargetMissing
from intake.mailbox.line import Line
from intake.mailbox.source import Filed


class Filer:
    """Owns the one connection that opens folders for writing."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._connection: Connection | None = None
        self._selected: Folder | None = None
        self._targets: dict[str, str] = {}  # as asked for → as the server spells it

    def file(self, folder: str, uidvalidity: int, uid: int, target: str) -> Filed | None:
        """None: gone, another epoch, or the folder is read-only."""
        connection = self._live()
        if self._selected is None or self._selected.name != folder:
            self._selected = connection.select(folder)
        if self._selected is None or not uidvalidity or self._selected.uidvalidity != uidvalidity:
            self._selected = None
            return None
        name = self._spelled(connection, target)
        if name == folder:
            return None
        return self._carry(connection, uid, name)

    def folders(self, root: str) -> tuple[str, ...]:
        """Existing folders at and under ``root``."""
        connection = self._live()
        name, delimiter = _spelling(connection, root)
        return connection.below(name, delimiter)

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()
        self._connection = self._selected = None

    def _live(self) -> Connection:
        connection = self._line.connection()
        if connection is not self._connection:
            self._connection, self._selected = connection, None
            self._targets.clear()
        return connection

    def _spelled(self, connection: Connection, target: str) -> str:
        if target not in self._targets:
            name, _delimiter = _spelling(connection, target)
            connection.create(name)
            self._targets[target] = name
        return self._targets[target]

    def _carry(self, connection: Connection, uid: int, name: str) -> Filed | None:
        moves, says = "MOVE" in connection.capabilities, "UIDPLUS" in connection.capabilities
        if not says and uid not in connection.uids(uid, uid):
            return None  # without COPYUID nobody would tell us that nothing was there
        copied = self._once(connection, uid, name, moves=moves)
        if copied is None and says:
            # the mail may have come after the folder was opened: a session sees new mails only once they are announced
            connection.noop()
            copied = self._once(connection, uid, name, moves=moves)
            if copied is None:
                return None
        where = copied or Copied(0, 0)
        return Filed(name, where.uidvalidity, where.uid, moved=moves)

    def _once(self, connection: Connection, uid: int, name: str, *, moves: bool) -> Copied | None:
        carry = connection.move if moves else connection.copy
        try:
            return carry(uid, name)
        except TargetMissing:  # somebody removed the folder meanwhile
            connection.create(name)
            return carry(uid, name)


def _spelling(connection: Connection, target: str) -> tuple[str, str]:
    prefix, delimiter = connection.delimiter()
    name = target.replace("/", delimiter)
    return (name if name.startswith(prefix) else prefix + name), delimiter
