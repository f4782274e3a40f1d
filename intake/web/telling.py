"""What was told of the plan's tasks by each period, remembered in the process: a list is laid from every report since the first.

Rules: as of now only. What was written since about a period of the type (``Queries.touched_since``) throws away what was laid from it on, and
so does another order of the periods; who an agency is and what is past its date is asked anew each time.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from intake.progress import Told, told_after, up_to
from intake.rules.values import Period
from storage.queries import Queries
from storage.read_console import Stamp

Laid = list[tuple[str, Told]]  # period and what was told by then, oldest first


@dataclass(slots=True)
class Telling:
    """Type of report → what was told by each of its periods."""

    _laid: defaultdict[str, Laid] = field(default_factory=lambda: defaultdict(list))
    _stamp: Stamp = field(default_factory=Stamp)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def by(self, q: Queries, period: Period, now: datetime) -> Told:
        """What was told by that period."""
        keys = up_to(q, period, now)
        with self._lock:
            self._forget(q)
            laid = self._laid[period.type]
            same = len(list(takewhile(lambda pair: pair[0] == pair[1][0], zip(keys, laid, strict=False))))
            if same < len(keys):
                del laid[same:]
            for key in keys[same:]:
                laid.append((key, told_after(q, key, now, laid[-1][1] if laid else {})))
            return laid[len(keys) - 1][1]

    def _forget(self, q: Queries) -> None:
        if (stamp := q.stamp()) == self._stamp:
            return
        touched, self._stamp = q.touched_since(self._stamp), stamp
        for name, laid in self._laid.items():
            self._laid[name] = list(takewhile(lambda one: one[0] not in touched, laid))
