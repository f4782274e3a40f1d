"""The warm worker for mails and parts (``python -m parsers.zygote``): every reader imported and rehearsed once.

Rules (plan, step 4 READ):

1. How it lives and what confines its children: ``parsers.warm``.
2. Form files that changed are loaded again before the next job; if they are in error the old ones stay in force.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parsers.child import Trade
from parsers.confine import Confinement
from parsers.containers import warm_up as warm_up_containers
from parsers.form import FormError, FormSet, load_forms
from parsers.frames import Head, write_frame
from parsers.lean import spare
from parsers.mail import open_mail
from parsers.orders import MailOrder, PartOrder, Took
from parsers.part import read_leaf, show_part
from parsers.probes import Said, loaded
from parsers.readers import warm_up
from parsers.rehearsal import rehearse
from parsers.warm import Warm, stand_apart
from parsers.whole import say_whole
from parsers.wire import pack, unpack


@dataclass(slots=True)
class Reading:
    """The forms in force, and the jobs."""

    form_folders: Sequence[Path]
    probes: Mapping[str, Callable[[bytes], object]] = field(default_factory=dict)
    forms: FormSet | None = None
    seen: tuple[object, ...] = ()

    def refresh(self) -> bool:
        """Load form files that changed; whether they did."""
        seen = tuple(_stamps(self.form_folders))
        if self.forms is not None and seen == self.seen:
            return False
        try:
            self.forms = load_forms(self.form_folders)
        except (FormError, OSError):
            if self.forms is None:
                raise
        rehearse(self.forms)
        self.seen = seen
        return True

    def work(self, head: Head, body: bytes, told: Confinement) -> bytes:  # pragma: no cover  # in the worker's child
        """One job."""
        assert self.forms is not None
        job = head["job"]
        if job == "read_mail":
            say_whole(unpack(body, MailOrder), self.forms)
            return b""
        if job == "open_mail":
            return pack(open_mail(body))
        if job == "read_part":
            order = unpack(body, PartOrder)
            return pack(read_leaf(order.leaf, self.forms, order.hints, order.as_form, order.scans, order.unpacked))
        if job == "time_part":
            return pack(self._timed(unpack(body, PartOrder)))
        if job == "show_part":
            order = unpack(body, PartOrder)
            return pack(show_part(order.leaf, self.forms, order.hints, tuple(head["path"]), order.unpacked))
        if job == "confinement":
            return pack(told)
        if job == "probe":
            return pack(Said(str(self.probes[head["name"]](body))))
        raise ValueError(job)

    def _timed(self, order: PartOrder) -> Took:  # pragma: no cover  # in the worker's child
        assert self.forms is not None
        begun, spent = time.perf_counter(), time.process_time()
        read_leaf(order.leaf, self.forms, order.hints, order.as_form, order.scans, order.unpacked)
        return Took(time.perf_counter() - begun, time.process_time() - spent)


def _stamps(folders: Sequence[Path]) -> list[object]:
    found: list[object] = []
    for folder in folders:
        with contextlib.suppress(OSError):
            for entry in sorted(os.scandir(folder), key=lambda e: e.name):
                if entry.name.endswith(".toml"):
                    stat = entry.stat()
                    found.append((str(folder), entry.name, stat.st_mtime_ns, stat.st_size))
    return found


def main(arguments: Sequence[str]) -> int:
    """``parsers.zygote FOLDER [FORMS-FOLDER …]``: the folder is private and empty; orders on 0, answers on 1."""
    orders, answers = stand_apart()
    spare()
    probes = loaded()
    warm_up()
    warm_up_containers()
    reading = Reading([Path(a) for a in arguments[1:]], probes)
    try:
        trade = Trade(reading.work, ahead=True)
        Warm(orders, answers, Path(arguments[0]), trade, reading.refresh).live()
    except FormError as error:
        write_frame(answers, {"status": "broken", "detail": str(error)[:4000]})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
