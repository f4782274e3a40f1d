"""The daily walk along the log's chain: every entry's hash computed again, from the first to the last.

Rules:

1. A walk goes on for a little while at every tick and stops: mails are never kept waiting by it. How far it came stands in the
   ledger, so that a restart goes on there.
2. It must pass the position at which the last whole walk ended and find the same hash there: a log written anew overnight is
   seen even though it fits together.
3. The result of the last whole walk stands on the page of proofs; what it found is an alarm until a walk finds nothing.
   What only others can prove (a tail cut off before the walk, walk and log both rewritten) letters prove: ``intake.evidence``.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field

import structlog

from intake.daily import Daily
from intake.desk import Desk
from storage.chain import GENESIS
from storage.proof import CHUNK, raw_entries
from storage.queries import Queries
from storage.records import Json
from storage.verify_export import Chain

LOG = structlog.get_logger()
STATE, RESULT = "chain_walk", "last_chain_walk"  # in the ledger: the walk under way, and what the last whole one found
_DAILY = Daily(STATE, RESULT)
MOST = 50  # problems remembered


@dataclass(slots=True)
class Walk:
    """A walk under way."""

    began: str  # ISO moment
    seq: int = 0  # the last entry walked over
    hash: str = GENESIS
    at: str = ""
    bare: list[int] = field(default_factory=list)  # entries without their payload: somebody must have erased them
    problems: list[Json] = field(default_factory=list)


def walk(desk: Desk, seconds: float) -> Json | None:
    """Go on with today's walk, or begin it, for about so long; the result once it is whole, None before."""
    owed = _DAILY.owed(desk)
    if owed is None:
        return None
    state, last = owed
    under_way = Walk(**state)
    until = time.monotonic() + seconds
    whole = False
    while not whole:
        with desk.ledger.read() as q:
            whole = _step(q, under_way, last)
        if time.monotonic() >= until:
            break
    return _remember(desk, under_way, whole=whole)


def _step(q: Queries, under_way: Walk, last: Json | None) -> bool:
    """One chunk; whether it was the last."""
    chain = Chain(under_way.seq, under_way.hash, under_way.at)
    entries = raw_entries(q, under_way.seq, CHUNK)
    for entry in entries:
        chain.take(entry)
    under_way.seq, under_way.hash, under_way.at = chain.seq, chain.hash, chain.at
    under_way.bare += chain.bare
    under_way.problems = (under_way.problems + chain.problems)[:MOST]
    whole = len(entries) < CHUNK
    if whole:
        _finish(q, under_way)
    _as_before(chain, under_way, last, whole=whole)
    return whole


def _as_before(chain: Chain, under_way: Walk, last: Json | None, *, whole: bool) -> None:
    """The end of the last whole walk is still where it was."""
    if last and (last["seq"] in chain.hashes or (whole and under_way.seq < last["seq"])):
        before = len(chain.problems)
        chain.anchor({"seq": last["seq"], "hash": last["hash"]})
        under_way.problems = (under_way.problems + chain.problems[before:])[:MOST]


def _finish(q: Queries, under_way: Walk) -> None:
    erased = {entry.subject for entry in q.entries_about([f"entry:{seq}" for seq in under_way.bare])}
    for seq in under_way.bare:
        if f"entry:{seq}" not in erased:
            problem = {"code": "payload_gone", "seq": seq, "detail": "its payload is gone and nobody erased it"}
            under_way.problems.append(problem)


def _remember(desk: Desk, under_way: Walk, *, whole: bool) -> Json | None:
    now = desk.clock.now()
    result: Json | None = None
    if whole:
        ended = {"began": under_way.began, "ended": now.isoformat(), "seq": under_way.seq, "hash": under_way.hash}
        result = {**ended, "problems": under_way.problems[:MOST]}
        if under_way.problems:
            LOG.error("the log's chain is broken", problems=under_way.problems[:3])
    _DAILY.remember(desk, now, asdict(under_way), result)
    return result
