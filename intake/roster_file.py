"""The file [roster].file names: imported once into an empty ledger; afterwards the ledger is the truth and the file may differ."""

from __future__ import annotations

import hashlib
from pathlib import Path

from intake.rules.roster import RosterError
from storage.queries import Queries


def read_roster(path: Path) -> str:
    """The text of a roster file. Raises ``RosterError`` when it cannot be read as one."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise RosterError([f"{path}: expected a CSV in UTF-8, byte {fault.start} is none"]) from fault
    except OSError as fault:
        raise RosterError([f"{path}: cannot be read: {fault.strerror}"]) from fault


def digest(csv: str) -> str:
    """What the ledger knows a roster by."""
    return hashlib.sha256(csv.encode()).hexdigest()


def differs(path: Path | None, q: Queries) -> bool:
    """Whether the file holds something else than the roster last imported."""
    version = q.roster()
    if path is None or not path.exists() or version is None:
        return False
    return digest(read_roster(path)) != version.sha256


def lacking(path: Path | None, q: Queries) -> str | None:
    """What is wrong when the ledger holds no roster and the file named cannot give the first one; None when nothing is."""
    if path is None or path.is_file() or q.roster() is not None:
        return None
    return f"roster.file: expected an existing file (the ledger holds no roster yet), got {path}"
