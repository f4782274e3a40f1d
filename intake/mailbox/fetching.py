"""One pass over a folder: which mails are still owed, in which order, and how far the cursor may go.

A mail that cannot be fetched holds the cursor back, never the mails behind it. What was being asked for when the line broke is asked
for again alone, in pieces, after everything else; a mail that breaks the line even alone is left for the next pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from intake.mailbox.bodies import ask_ahead, chunks, read_chunk, read_in_pieces
from intake.mailbox.connection import Connection
from intake.mailbox.errors import OutsideUnreachable, Passing
from intake.mailbox.limits import FAULTS_A_FETCH, LISTED
from intake.mailbox.source import Fetched, Listed
from storage.failpoint import failpoint

Group = tuple[Listed, ...]  # asked for in one FETCH


class Owed:
    """The uids a pass still owes; ``watermark`` is the highest one at or below which nothing is owed."""

    def __init__(self, uids: Sequence[int]) -> None:
        self._order = sorted(uids)
        self._settled: set[int] = set()
        self._first = 0  # index of the lowest uid still owed

    def settle(self, uid: int) -> None:
        """Handed over, or gone from the server."""
        self._settled.add(uid)
        while self._first < len(self._order) and self._order[self._first] in self._settled:
            self._first += 1

    def owes(self, uid: int) -> bool:
        """Whether it is neither handed over nor gone."""
        return uid not in self._settled

    @property
    def watermark(self) -> int:
        """0 when there was nothing to fetch."""
        if self._first < len(self._order):
            return self._order[self._first] - 1
        return self._order[-1] if self._order else 0


class FolderPass:
    """Hands over the mails of ``uids``, chunk by chunk; at its end raises what is still owed as a Passing fault."""

    def __init__(
        self, connect: Callable[[], Connection], uids: Sequence[int], suspects: Sequence[int], spool: Path
    ) -> None:
        """``connect``: a live connection with the folder open in the same epoch. ``suspects``: uids that broke the line before."""
        wanted, suspected = set(uids), set(suspects)
        alone = [uid for uid in suspects if uid in wanted]
        plain = sorted(wanted - suspected)
        self._connect = connect
        self._spool = spool
        self._work: deque[tuple[list[int], bool]] = deque(
            (plain[start : start + LISTED], False) for start in range(0, len(plain), LISTED)
        )
        self._work.extend(([uid], True) for uid in alone)
        self._listed: tuple[tuple[int, ...], list[Listed]] = ((), [])  # the next group's, when it is known already
        self._asked: tuple[int, ...] = ()  # what the line may break over
        self._breaks = 0
        self._faults: dict[int, Passing] = {}
        self.owed = Owed(uids)

    @property
    def suspects(self) -> tuple[int, ...]:
        """For the next pass: those still waiting to be asked alone, then those that failed alone."""
        waiting = [group[0] for group, alone in self._work if alone]
        return (*waiting, *(uid for uid in self._faults if self.owed.owes(uid)))

    def mails(self) -> Iterator[tuple[Fetched, ...]]:
        """Each tuple can be kept at once; ``owed.watermark`` then says how far the cursor may go."""
        while self._work:
            group, alone = self._work.popleft()
            try:
                yield from self._group(group, alone=alone)
            except OutsideUnreachable:
                self._postpone(group, alone=alone)
                raise
            except Passing as fault:
                self._broken(group, fault, alone=alone)
        unfetched = {uid: fault for uid, fault in self._faults.items() if self.owed.owes(uid)}
        if unfetched:
            first = next(iter(unfetched.values()))
            raise Passing(
                f"{len(unfetched)} mails could not be fetched, UID {min(unfetched)} first: {first}"
            ) from first

    def _group(self, group: Sequence[int], *, alone: bool) -> Iterator[tuple[Fetched, ...]]:
        self._asked = tuple(group) if alone else ()
        connection = self._connect()
        listed = self._listing(connection, group)
        for uid in sorted(set(group) - {mail.uid for mail in listed}):
            self._missing(connection, uid, alone=alone)
        groups, following, due = list(chunks(listed)), list[Group](), 0
        for n, chunk in enumerate(groups):
            self._asked = tuple(mail.uid for mail in chunk)
            if alone:
                read = {chunk[0].uid: read_in_pieces(connection, chunk[0], self._spool)}
            else:
                if not n:
                    due = min(ask_ahead(connection, groups), len(groups) - 1)
                    self._ask_following(connection)
                if n == due:  # what was asked for before the next group's sizes has been read
                    following = self._following(connection)
                ask_ahead(connection, [*groups[n:], *following])
                read = read_chunk(connection, chunk, self._spool)
            self._asked = ()
            failpoint("mid_fetch")
            mails = tuple(mail for mail in read.values() if isinstance(mail, Fetched))
            for mail in mails:
                self.owed.settle(mail.uid)
            if mails:
                yield mails
            for uid, mail_or_fault in read.items():
                if mail_or_fault is None:
                    self._missing(connection, uid, alone=alone)
                elif not isinstance(mail_or_fault, Fetched):
                    self._faults[uid] = mail_or_fault

    def _listing(self, connection: Connection, group: Sequence[int]) -> list[Listed]:
        uids, listed = self._listed
        self._listed = ((), [])
        return listed if uids == tuple(group) else connection.listed(group)

    def _ask_following(self, connection: Connection) -> None:
        """The sizes of the next group are asked for while this one is on its way."""
        if self._work and not self._work[0][1]:
            connection.ask_listed(self._work[0][0])

    def _following(self, connection: Connection) -> list[Group]:
        """The next group's chunks, so that the line is not idle between two groups; none when it cannot be next."""
        if not self._work or self._work[0][1]:
            return []
        uids = self._work[0][0]
        self._listed = (tuple(uids), connection.listed(uids))
        return list(chunks(self._listed[1]))

    def _missing(self, connection: Connection, uid: int, *, alone: bool) -> None:
        """No bytes came: gone from the folder (somebody moved it), or a fault of the server's."""
        if uid not in connection.uids(uid, uid):
            self.owed.settle(uid)
        elif alone:
            self._faults[uid] = Passing(f"UID {uid}: the server lists it but does not hand it over")
        else:
            self._work.append(([uid], True))

    def _broken(self, group: Sequence[int], fault: Passing, *, alone: bool) -> None:
        self._breaks += 1
        self._postpone(group, alone=alone, fault=fault)
        if self._breaks >= FAULTS_A_FETCH:
            raise fault

    def _postpone(self, group: Sequence[int], *, alone: bool, fault: Passing | None = None) -> None:
        """Back into the queue: what was asked for when the line broke goes last and alone, the rest stays where it was."""
        suspected = [uid for uid in self._asked if self.owed.owes(uid)]
        self._asked = ()
        if alone and fault is not None:
            self._faults.update(dict.fromkeys(group, fault))
            return
        rest = [uid for uid in group if self.owed.owes(uid) and uid not in suspected and uid not in self._faults]
        if rest:
            self._work.appendleft((rest, alone))
        self._work.extend(([uid], True) for uid in suspected)
