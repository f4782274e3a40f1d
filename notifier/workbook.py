"""Workbooks of the digest."""

from __future__ import annotations

from notifier.facts import DigestFacts
from notifier.office import Office


def digest_workbook(facts: DigestFacts, office: Office, seq: int, log_hash: str) -> bytes:
    """."""
    return repr((facts.period, office.name, seq, log_hash)).encode()
