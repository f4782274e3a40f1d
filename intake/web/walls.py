"""The walls around the reader of files, asked in the background: a worker may have to start first, and no page waits for that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog

from parsers.box import BoxFailure
from parsers.confine import Confinement

LOG = structlog.get_logger()
_LASTS = 60.0  # seconds an answer is shown before it is asked for again
_PATIENCE = 0.03  # seconds the page that asks waits for the answer; one that takes longer is shown by the next look


@dataclass(frozen=True, slots=True)
class Seen:
    """What a confined reader said of itself last."""

    walls: Confinement | None = None  # None: not known yet, or it failed
    failed: str = ""  # why


@dataclass(slots=True)
class Walls:
    """The last answer, and whether a new one is under way."""

    _seen: Seen = field(default_factory=Seen)
    _at: float | None = None
    _asking: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, ask: Callable[[], Confinement]) -> Seen:
        """The last answer; one that is too old is asked for again."""
        with self._lock:
            old = self._at is None or monotonic() - self._at > _LASTS
            asks = old and self._asking is None
            if asks:
                self._asking = threading.Thread(target=self._ask, args=(ask,), name="walls", daemon=True)
                self._asking.start()
            asking = self._asking
        if asks and asking is not None:
            asking.join(_PATIENCE)
        return self._seen

    def _ask(self, ask: Callable[[], Confinement]) -> None:
        try:
            self._seen = Seen(ask())
        except BoxFailure as failure:
            self._seen = Seen(None, failure.reason)
        except OSError as error:
            LOG.warning("the reader's walls could not be asked for", error=str(error))
            self._seen = Seen(None, "tool_missing")
        finally:
            self._at, self._asking = monotonic(), None
