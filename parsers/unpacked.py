"""What a program unpacked: a value between the service and its confined reader. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What the program made of one archive."""

    sha256: str  # of the archive
    tar: bytes = b""
    reason: str | None = None  # why there is nothing: tool_missing, encrypted, corrupt, too_large, zip_bomb, timeout
    whole: bool = True  # False: the program complained, some file is not there
