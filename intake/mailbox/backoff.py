"""How long to wait before knocking again: doubling, capped, with jitter so that a restarted server is not stormed."""

from __future__ import annotations

import random
from collections.abc import Callable

from intake.mailbox.limits import BACKOFF_FIRST, BACKOFF_MOST, REFUSED_FIRST, REFUSED_MOST


class Backoff:
    """1, 2, 4 … 60 seconds, each shortened by up to half by ``chance`` (0 ≤ chance() < 1).

    A refused login has its own, slower row (60 … 600 seconds): hammering locks accounts out.
    """

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0

    def next(self, *, refused: bool = False) -> float:
        """Seconds to wait after one more failure."""
        first, most = (REFUSED_FIRST, REFUSED_MOST) if refused else (BACKOFF_FIRST, BACKOFF_MOST)
        # 2.0 ** large overflows; sixty doublings are beyond every cap
        whole = min(most, first * 2.0 ** min(self._failures, 60))
        self._failures += 1
        return max(first, whole * (1 - self._chance() / 2))

    def reset(self) -> None:
        """It worked: the next failure waits the shortest time again."""
        self._failures = 0
