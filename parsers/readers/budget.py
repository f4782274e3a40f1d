"""How many more bytes may come out of compressed members: one budget for a whole tree of archives.

Real output is counted, never what a header claims (plan, pitfalls: zipfile has no overlap check).
"""

from __future__ import annotations

from parsers import limits
from parsers.readers.errors import Unreadable


class Budget:
    """Bytes of inflation left; shared by an archive, its members and their members."""

    __slots__ = ("left",)

    def __init__(self, left: int = limits.INFLATED_MAX) -> None:
        self.left = left

    def take(self, count: int) -> None:
        """Count ``count`` bytes just produced; raises ``Unreadable('zip_bomb')`` when there are none left."""
        self.left -= count
        if self.left < 0:
            raise Unreadable("zip_bomb", "more bytes come out of this archive than one mail may hold")
