"""Every cap of the mailbox room, with its unit and reason."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

CHUNK_MAILS: Final = 50  # mails asked for in one FETCH; one by one costs a round trip each
CHUNK_BYTES: Final = 2 * MIB  # bytes asked for in one FETCH; one is in memory while it arrives
ASKED_BYTES: Final = 16 * MIB  # bytes asked for ahead, with the server: what a line of 400 MB/s brings in 40 ms
WAITING_BYTES: Final = 2 * MIB  # bytes that may wait for the disk; as much again is being made safe
PIECE: Final = MIB  # bytes; larger mails come in BODY.PEEK[]<o.n> pieces, so no literal is ever longer
SPOOL_OVER: Final = 8 * MIB  # bytes; larger mails lie in a temporary file, never in memory
OVERRUN: Final = 64 * MIB  # bytes a mail may be longer than twice its RFC822.SIZE before we stop reading it
LISTED: Final = 500  # mails in one listing FETCH: keeps the command line under the 8,000 octets of RFC 7162 section 4
SEARCH_SPAN: Final = 50_000  # UIDs in one SEARCH window: keeps its answer far under imaplib's line limit of 1,000,000
LINES_BYTES: Final = 3 * MIB // 2  # bytes of answer allowed to any command beside the literals it asked for

CONNECT_SECONDS: Final = 20.0  # for a connection to come about
READ_SECONDS: Final = 60.0  # without a single byte from the server
SLOWEST: Final = 10_000  # bytes a second below which a long answer counts as stalled
NOOP_AFTER: Final = 5.0  # seconds unused after which a connection is asked whether it still lives
IDLE_SECONDS: Final = 280.0  # IDLE is renewed within five minutes (half-open lines, RFC 2177 allows 29 minutes)
FAULTS_A_FETCH: Final = 3  # broken connections one fetch survives before it gives up until the next

BACKOFF_FIRST: Final = 1.0  # seconds
BACKOFF_MOST: Final = 60.0  # seconds
REFUSED_FIRST: Final = 60.0  # seconds after a refused login: never lock an account out
REFUSED_MOST: Final = 600.0  # seconds: a mended password is noticed within ten minutes
