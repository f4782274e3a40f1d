"""Kill points for tests: ``FAILPOINT=name[:n]`` in the environment kills the process at the n-th passing of ``name``.

Unset, ``failpoint`` is an empty function: it costs one call and decides nothing. Points in this room: ``in_tx`` (all
written, not yet committed), ``after_commit``, ``after_vault`` (raw mail on disk, no row yet), ``in_migration``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable


def armed(setting: str) -> Callable[[str], None]:
    """The function that kills this very process at the n-th passing of the point named in ``setting``."""
    wanted, _, count = setting.partition(":")
    left = int(count or "1")

    def strike(name: str) -> None:
        nonlocal left
        if name != wanted:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return strike


def _disarmed(_name: str) -> None:
    """Nothing is to happen here."""


failpoint: Callable[[str], None] = armed(os.environ["FAILPOINT"]) if os.environ.get("FAILPOINT") else _disarmed
