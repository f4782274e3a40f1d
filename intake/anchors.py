"""Hashes held outside: JSON lines, or the letters themselves as the recipients' mailboxes hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from storage.verify_export import anchor_of_letter


class BadAnchors(Exception):
    """The file is no list of anchors; the text names the line and what is expected."""


def read_anchors(path: Path) -> tuple[dict[str, Any], ...]:
    """Anchors of a JSON-lines file or of a folder of .eml letters; each {"seq", "hash", "message_id"}. Raises ``BadAnchors``."""
    if path.is_dir():
        letters = sorted(path.rglob("*.eml"))
        return tuple(anchor for letter in letters if (anchor := anchor_of_letter(letter.read_bytes())))
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
