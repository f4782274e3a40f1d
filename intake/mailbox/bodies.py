"""A mail's bytes, whole or not at all: their number is compared with RFC822.SIZE before anybody sees them.

A size that does not fit is asked about twice: when two readings agree byte for byte it was the size that lied (Exchange estimates
it), else the body came short and nothing is handed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.mailbox.connection import Connection
from intake.mailbox.errors import Passing
from intake.mailbox.limits import ASKED_BYTES, CHUNK_BYTES, CHUNK_MAILS, OVERRUN, PIECE, SPOOL_OVER
from intake.mailbox.source import Fetched, Listed


class Short(Passing):
    """The server gave another number of bytes than it promised, and not the same twice. The line lives on."""


# None: the server gave no bytes, which only a look at its list can explain
Read = Fetched | Short | None


@dataclass(frozen=True, slots=True)
class _Gathered:
    """A mail read in pieces."""

    raw: bytes | Path
    size: int
    sha256: bytes


def chunks(mails: Sequence[Listed]) -> Iterator[tuple[Listed, ...]]:
    """Groups for one FETCH each, capped by count and bytes; a mail longer than a piece stands alone."""
    group: list[Listed] = []
    weight = 0
    for mail in mails:
        if group and (len(group) == CHUNK_MAILS or weight + mail.size > CHUNK_BYTES or mail.size > PIECE):
            yield tuple(group)
            group, weight = [], 0
        group.append(mail)
        weight += mail.size
        if mail.size > PIECE:
            yield tuple(group)
            group, weight = [], 0
    if group:
        yield tuple(group)


def ask_ahead(connection: Connection, groups: Sequence[Sequence[Listed]]) -> int:
    """Ask for groups that ``read_chunk`` will read later, as many as may be under way; how many that is.

    A mail in pieces is asked for piece by piece, in its turn, and nothing behind it.
    """
    weight = 0
    for n, chunk in enumerate(groups):
        size = sum(mail.size for mail in chunk)
        if n and weight + size > ASKED_BYTES:
            return n
        if len(chunk) == 1 and size > PIECE:
            return n
        connection.ask_ahead([mail.uid for mail in chunk], size)
        weight += size
    return len(groups)


def read_chunk(connection: Connection, chunk: Sequence[Listed], spool: Path) -> dict[int, Read]:
    """Fetch a group of ``chunks``."""
    if len(chunk) == 1 and chunk[0].size > PIECE:
        return {chunk[0].uid: read_in_pieces(connection, chunk[0], spool)}
    bodies = connection.bodies([mail.uid for mail in chunk], sum(mail.size for mail in chunk))
    read: dict[int, Read] = {}
    for mail in chunk:
        body = bodies.get(mail.uid)
        if body is None:
            read[mail.uid] = None
        elif len(body) == mail.size:
            read[mail.uid] = Fetched(mail.uid, mail.internaldate, mail.size, body)
        else:
            read[mail.uid] = read_in_pieces(connection, mail, spool)
    return read


def read_in_pieces(connection: Connection, mail: Listed, spool: Path) -> Read:
    """One mail, piece by piece, whatever its size is said to be."""
    try:
        return _agreed(connection, mail, spool)
    except Short as fault:
        return fault


def _agreed(connection: Connection, mail: Listed, spool: Path) -> Fetched | None:
    gathered = _gather(connection, mail, spool / f"{mail.uid}.eml")
    if gathered is not None and gathered.size != mail.size:
        again = _gather(connection, mail, spool / f"{mail.uid}.again.eml")
        if again is not None and isinstance(again.raw, Path):
            again.raw.unlink()
        if again is None or again.sha256 != gathered.sha256:
            raise Short(
                f"UID {mail.uid}: {gathered.size} bytes came where {mail.size} were promised, and not the same twice"
            )
    return None if gathered is None else Fetched(mail.uid, mail.internaldate, gathered.size, gathered.raw)


def _gather(connection: Connection, mail: Listed, path: Path) -> _Gathered | None:
    digest, size, kept, spooled = hashlib.sha256(), 0, bytearray(), False
    try:
        for piece in _pieces(connection, mail):
            if piece is None:
                return None
            digest.update(piece)
            size += len(piece)
            kept += piece
            if size > SPOOL_OVER:
                with path.open("ab" if spooled else "wb") as file:
                    file.write(kept)
                kept.clear()
                spooled = True
    except OSError as fault:
        raise Passing(f"UID {mail.uid}: no room to set it down: {fault}") from fault
    return _Gathered(path if spooled else bytes(kept), size, digest.digest())


def _pieces(connection: Connection, mail: Listed) -> Iterator[bytes | None]:
    """Pieces up to the first short one; asking for one byte more than promised shows a mail longer than its size."""
    offset = 0
    while offset <= 2 * mail.size + OVERRUN:
        asked = min(PIECE, mail.size - offset + 1) if offset <= mail.size else PIECE
        piece = connection.piece(mail.uid, offset, asked)
        yield piece
        if piece is None or len(piece) < asked:
            return
        if len(piece) > asked:
            raise Short(f"UID {mail.uid}: the server ignores partial fetch")
        offset += len(piece)
    raise Short(f"UID {mail.uid}: far longer than its size of {mail.size} bytes")
