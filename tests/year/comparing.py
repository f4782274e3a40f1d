"""The service's answers beside the oracle's: classes of every due, the identity and the formulas, the province's sums."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from intake.board import board_of
from intake.consolidating import consolidate
from intake.rules.compliance import rates
from tests.year import oracle
from tests.year.facts import ZONE
from tests.year.replay import Lived

CLASSES = ("on_time", "cured", "late", "incomplete", "in_review", "missing")


def differences(lived: Lived, as_of: datetime) -> list[str]:
    """Every due whose class the two see differently at that moment, and every board that does not add up."""
    found: list[str] = []
    with lived.desk.ledger.read() as q:
        for row in q.periods(as_of=as_of.astimezone(UTC)):
            board = board_of(lived.desk, q, row.key, as_of.astimezone(UTC))
            ours = {line.agency: line.due_class for line in board.lines}
            if row.due_at > as_of and not oracle.knows(lived.year, row.key):  # of the year after: opened, nothing due
                found += [
                    f"{row.key} {code}: {of}, and not yet due" for code, of in ours.items() if of != "not_yet_due"
                ]
                continue
            theirs = oracle.classes(lived.year, row.key, as_of.astimezone(ZONE))
            found += [
                f"{row.key} {code} as of {as_of:%Y-%m-%d %H:%M}: service {ours.get(code)}, oracle {theirs.get(code)}"
                for code in sorted({*ours, *theirs})
                if ours.get(code) != theirs.get(code)
            ]
            found += _formulas(board.classes, board.expected, rates(board), row.key, list(theirs.values()))
    return found


def _formulas(classes: dict[str, int], expected: int, shares: object, key: str, theirs: list[str]) -> list[str]:
    """expected = the six; completeness, timeliness and receipt by their definitions, recomputed from the oracle's classes."""
    n = {name: theirs.count(name) for name in CLASSES}
    total = sum(n.values())
    wanted = {
        "completeness": (n["on_time"] + n["cured"] + n["late"], total),
        "timeliness": (n["on_time"], total),
        "timeliness_with_cured": (n["on_time"] + n["cured"], total),
        "receipt": (total - n["missing"], total),
    }
    found = [] if sum(classes.values()) == expected else [f"{key}: {expected} expected, {classes}"]
    for name, (part, whole) in wanted.items():
        rate = getattr(shares, name)
        if (rate.n, rate.expected) != (part, whole) or rate.share != (Fraction(part, whole) if whole else None):
            found.append(f"{key} {name}: service {rate.n}/{rate.expected}, oracle {part}/{whole}")
    return found


def sums_differ(lived: Lived, key: str, as_of: datetime) -> list[str]:
    """The five core sums of a period, top level only, with n/E."""
    found: list[str] = []
    with lived.desk.ledger.read() as q:
        (sheet,) = consolidate(lived.desk, q, key, as_of.astimezone(UTC)).sheets
    for line, name in enumerate(("received", "resolved", "on_time", "overdue", "returned")):
        total = sheet.totals[name]
        ours = int(total.value or 0), total.n, total.expected
        theirs = oracle.total(lived.year, key, line, as_of.astimezone(ZONE))
        if ours != theirs:
            found.append(f"{key} {name}: service {ours}, oracle {theirs}")
    return found


def log_of(lived: Lived) -> list[tuple[object, ...]]:
    """The log without what is random by design: salts, and with them every hash of the chain and of what prints one."""
    with lived.desk.ledger.read() as q:
        return [(e.seq, e.at, e.clock, e.kind, e.actor, e.subject, _plain(e.payload or {})) for e in q.entries()]


def _plain(payload: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in payload.items() if name not in ("row_sha256", "raw_sha256", "reply", "hash")}
