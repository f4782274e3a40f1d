"""The warm worker for pictures of pages (``python -m parsers.pages.zygote``): a page a job.

Rules (plan, step 4 READ; issue 3, "Scans"):

1. How it lives and what confines its children: ``parsers.warm``. It is started when the first page needs it and leaves
   when nothing was asked for a while; what it imports is in no other process.
2. The engines are loaded once, before the first child; one thread each.
3. It gives way: a page takes a second or two of processor time, an ordinary report a hundredth of it, and may not wait for pages.
4. Without Tesseract or its Vietnamese data it says so and does not start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parsers import limits
from parsers.child import Trade
from parsers.confine import Confinement
from parsers.frames import Head, write_frame
from parsers.probes import Said, loaded
from parsers.warm import Warm, stand_apart
from parsers.wire import pack

if TYPE_CHECKING:
    from parsers.pages.recogniser import Recogniser

GIVES_WAY = 5  # nice: a third of a core where somebody else wants one, all of it otherwise


class Looking:
    """The engines, and the jobs."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._probes = loaded()

    def work(self, head: Head, body: bytes, told: Confinement) -> bytes:  # pragma: no cover  # in the worker's child
        """One job."""
        from parsers.pages.page import scan  # noqa: PLC0415  # imported long since
        from parsers.pages.picture import cut_outs  # noqa: PLC0415

        job = head["job"]
        if job == "scan":
            return pack(scan(body, head["type"], head["page"], self._recogniser))
        if job == "picture":
            places = [(tuple(box) if box else None, whole) for box, whole in head["places"]]
            return pack(cut_outs(body, head["type"], head["page"], places, self._recogniser))
        if job == "confinement":
            return pack(told)
        if job == "probe":
            return pack(Said(str(self._probes[head["name"]](body))))
        raise ValueError(job)


def main(arguments: Sequence[str]) -> int:
    """``parsers.pages.zygote FOLDER``: the folder is private and empty; orders on 0, answers on 1."""
    orders, answers = stand_apart()
    try:
        import cv2  # noqa: PLC0415

        from parsers.pages import page, picture, shapes  # noqa: F401, PLC0415
        from parsers.pages.recogniser import NoTesseract, Recogniser  # noqa: PLC0415
    except ImportError as error:
        write_frame(answers, {"status": "broken", "detail": f"{error.name or error}"})
        return 2
    cv2.setNumThreads(1)
    os.nice(GIVES_WAY)
    try:
        recogniser = Recogniser()
    except NoTesseract as error:
        write_frame(answers, {"status": "broken", "detail": str(error)})
        return 2
    shapes.judge([])
    idle = float(os.environ.get("CCHC_PAGE_IDLE", limits.PAGE_IDLE))
    trade = Trade(Looking(recogniser).work, readable=(recogniser.folder,))
    Warm(orders, answers, Path(arguments[0]), trade, idle=idle).live()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
