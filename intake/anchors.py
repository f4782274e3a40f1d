"""Hashes held outside: JSON lines, or the letters themselves as the recipients' mailboxes hold them."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path
from typing import Any

HEADER = "X-CCHC-Log"  # "{seq} {hash}", written by notifier.compose


class BadAnchors(Exception):
    """The file is no list of anchors; the text names the line and what is expected."""


def read_anchors(path: Path) -> tuple[dict[str, Any], ...]:
    """Anchors of a JSON-lines file or of a folder of .eml letters; each {"seq", "hash", "message_id"}. Raises ``BadAnchors``."""
    if path.is_dir():
        return tuple(anchor for letter in sorted(path.rglob("*.eml")) if (anchor := _of_letter(letter.read_bytes())))
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as fault:
        raise BadAnchors(f"{path}: expected a text in UTF-8 or a folder of letters (.eml)") from fault
    return tuple(_of_line(f"{path}:{n}", line) for n, line in enumerate(lines, 1) if line.strip())


def _of_line(place: str, line: str) -> dict[str, Any]:
    wrong = f'{place}: expected {{"seq": 5120, "hash": "…", "message_id": "…"}}'
    try:
        anchor = json.loads(line)
    except ValueError as fault:
        raise BadAnchors(wrong) from fault
    if (
        not isinstance(anchor, dict)
        or not isinstance(anchor.get("seq"), int)
        or not isinstance(anchor.get("hash"), str)
    ):
        raise BadAnchors(wrong)
    return anchor


def _of_letter(raw: bytes) -> dict[str, Any] | None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    seq, _, digest = str(message.get(HEADER, "")).strip().partition(" ")
    if not seq.isdigit() or not digest:
        return None
    return {"seq": int(seq), "hash": digest.strip(), "message_id": str(message.get("Message-ID", "")).strip()}
