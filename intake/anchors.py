"""Hashes held outside: JSON lines, or the letters themselves as the recipients' mailboxes hold them."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path
from typing import Any

HEADER = "X-CCHC-Log"  # "{seq} {hash}", written by notifier.compose


def read_anchors(path: Path) -> tuple[dict[str, Any], ...]:
    """Anchors of a JSON-lines file or of a folder of .eml letters; each {"seq", "hash", "message_id"}."""
    if path.is_dir():
        return tuple(anchor for letter in sorted(path.rglob("*.eml")) if (anchor := _of_letter(letter.read_bytes())))
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def _of_letter(raw: bytes) -> dict[str, Any] | None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    seq, _, digest = str(message.get(HEADER, "")).strip().partition(" ")
    if not seq.isdigit() or not digest:
        return None
    return {"seq": int(seq), "hash": digest.strip(), "message_id": str(message.get("Message-ID", "")).strip()}
