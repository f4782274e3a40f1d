"""Whether a mail that bears our marks is a letter of ours: by its bytes, which nobody else can have written.

Rules:

1. Our letters are in the vault before they leave. A mail that is one of them whole, with nothing but the lines of its way before it, is
   ours, and hides nothing: all that is in it, we wrote.
2. A mail that merely says so (a header, the shape of a Message-ID, our address in From over files we never sent) may be a report whose
   sender would like it overlooked, or a letter of ours some program took apart. It is read, held for a person, and never answered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

LETTER_MAX = 30_000_000  # bytes; no letter of ours is as long
HEAD_MAX = 65_536  # bytes of trace lines before it
_FIRST = re.compile(rb"^From: ", re.MULTILINE)  # the field our letters begin with
_TRIES = 4  # such fields looked at


def holds_letter(file: Path, known: Callable[[str], bool]) -> bool:
    """Whether the mail's last bytes, from some From field on, are those of a letter; ``known`` asks the vault for a sha256."""
    if file.stat().st_size > LETTER_MAX:
        return False
    raw = re.sub(rb"\r?\n", b"\r\n", file.read_bytes())  # as it went out
    begun = (found.start() for found in _FIRST.finditer(raw[:HEAD_MAX]))
    return any(
        known(hashlib.sha256(raw[start:]).hexdigest()) for start, _ in zip(begun, range(_TRIES), strict=False) if start
    )
