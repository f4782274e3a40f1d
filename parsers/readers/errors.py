"""Why a document could not be read: the sender's fault or ours, always with a reason of the contract's closed list.

    Unreadable        the document cannot be read; ``reason`` goes into the part's reading, ``detail`` into ``explain``

A PermissionError or a missing library is never turned into ``Unreadable``: that is our fault, not the sender's.
"""

from __future__ import annotations


class Unreadable(Exception):  # it states a fact about a document and is read aloud as one
    """This document cannot be read, because of ``reason``."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        wanted: tuple[int, ...] = (),
        pinned: tuple[tuple[str, bytes | None], ...] = (),
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.wanted = wanted  # pages that the page worker may be able to read
        self.pinned = pinned  # files attached to its pages, which can be read all the same
        self.detail = detail[:500]
