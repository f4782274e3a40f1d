"""The service's side of the confined worker: hand a mail or a part over, get values back, whatever the bytes do.

Rules (plan, promise 3, and faults F32 and "Confining the parsers"):

1. Readers run in a child of a warm worker process (``parsers.zygote``), one child a job, confined (``parsers.confine``).
2. What happens when a child or the worker fails: ``parsers.worker``. A failed part is a reading with its reason.
3. Pages that are pictures are looked at by another kind of worker (``parsers.pages.zygote``), a job a page, started when
   the first page needs it and gone when idle; then the part is read once more with what was seen. At most
   ``SCAN_PAGES_MAX`` pages of a part. What goes wrong with one page is told of that page; without Tesseract a part that
   could not be read without its pages is ``tool_missing``.
4. Archives only a program can open are unpacked by ``parsers.unar`` behind walls of its own; then the part is read once more.
5. Safe for several threads. Nothing is started before the first job, or ``warm``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from parsers import limits, unar
from parsers.confine import Confinement
from parsers.orders import REVIEW, MailOrder, PartOrder, Parts, Shown, Took, Whole, heard, hints_of
from parsers.probes import Said
from parsers.scan import Box as Rectangle
from parsers.scan import PageScan, Picture, Pictures, ScannedPart, WantedPages
from parsers.unpacked import Unpacked
from parsers.values import Envelope, Hints, Leaf, PartReading
from parsers.wire import WireError, pack
from parsers.worker import BoxFailure, Program, Worker

__all__ = ["Box", "BoxFailure"]

_SHARE = 0.25  # of a job's time for a whole mail; one that takes longer is read leaf by leaf, each with all of it


# glibc: what a child gives back up to this size it keeps for its next need, instead of having it cleared anew by the kernel
_KEPT_MEMORY = (("MALLOC_MMAP_THRESHOLD_", str(limits.MIB)), ("MALLOC_TRIM_THRESHOLD_", str(8 * limits.MIB)))
_ONE_THREAD = (("OMP_THREAD_LIMIT", "1"), ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"))


class Box:
    """The confined worker as a context manager; leaving it ends the worker processes."""

    def __init__(
        self,
        forms_folders: Sequence[Path] = (),
        *,
        at_once: int = 1,
        wall: float = limits.WORKER_WALL,
        cpu: int = limits.WORKER_CPU,
    ) -> None:
        forms = tuple(str(Path(folder).resolve()) for folder in forms_folders)
        self._worker = Worker(Program("parsers.zygote", forms, _KEPT_MEMORY, wall=wall, cpu=cpu), at_once)
        self._pages = Worker(Program("parsers.pages.zygote", (), _ONE_THREAD, wall=wall, cpu=cpu), at_once)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; the box may still be used, it starts new ones."""
        self._worker.stop()
        self._pages.stop()

    def warm(self) -> None:
        """Start the worker now, so that the first mail need not wait for it."""
        self._worker.do({"job": "confinement"}, b"", Confinement)

    def read_mail(
        self, raw: bytes, received: date | None, as_form: str | None = None
    ) -> tuple[Envelope, tuple[PartReading, ...]]:
        """The mail opened, and what became of each leaf; raises ``BoxFailure`` when it cannot even be opened, twice running.

        One child opens the mail and reads its first leaves; those it leaves have a child each (``parsers.whole``).
        """
        whole = self._whole(MailOrder(raw, received, as_form))
        envelope = whole.envelope
        readings: list[PartReading] = []
        for n, leaf in enumerate(envelope.leaves if envelope.reason is None else ()):
            parts = whole.parts[n] if n < len(whole.parts) else None
            readings += self.read_part(leaf, hints_of(envelope, leaf.name, received), as_form, parts)
        return envelope, tuple(readings)

    def _whole(self, order: MailOrder) -> Whole:
        """As far as one child gets; of a mail that is too much for it only the envelope."""
        answer = self._worker.try_once({"job": "read_mail", "ahead": True}, pack(order), _SHARE)
        if answer is not None:
            with suppress(WireError):
                return heard(answer)
        return Whole(self.open_mail(order.raw))

    def open_mail(self, raw: bytes) -> Envelope:
        """The mail opened; raises ``BoxFailure``."""
        return self._worker.do({"job": "open_mail"}, raw, Envelope)

    def read_part(
        self, leaf: Leaf, hints: Hints, as_form: str | None = None, parts: Parts | None = None
    ) -> tuple[PartReading, ...]:
        """What became of one part; a failure of the worker is a reading with its reason. ``parts``: read so far.

        Raises ``BoxFailure('tool_missing')`` when no worker can be started at all: that is not the part's fault.
        """
        try:
            order = PartOrder(leaf, hints, as_form)
            parts = parts or self._part(order)
            if parts.archives:
                order = replace(order, unpacked=_unpacked(parts.archives))
                parts = self._part(order)
            if parts.wanted:
                scans = tuple(self._looked_at(leaf, wanted) for wanted in parts.wanted)
                parts = self._part(replace(order, scans=scans))
        except BoxFailure as failure:
            if failure.reason == "tool_missing":
                raise
            return (_failed(leaf, failure.reason),)
        return parts.readings

    def show_part(self, leaf: Leaf, hints: Hints, path: tuple[str, ...]) -> Shown:
        """A part for a person to look at: its bytes and its document; raises ``BoxFailure``."""
        head, order = {"job": "show_part", "path": list(path)}, PartOrder(leaf, hints, None)
        shown = self._worker.do(head, pack(order), Shown)
        if shown.archives:
            shown = self._worker.do(head, pack(replace(order, unpacked=_unpacked(shown.archives))), Shown)
        return shown

    def confinement(self) -> Confinement:
        """The layers in force around a reader, asked of a confined child just now."""
        return self._worker.do({"job": "confinement"}, b"", Confinement)

    def page_confinement(self) -> Confinement:
        """The same around a reader of pages; raises ``BoxFailure('tool_missing')`` with what is missing."""
        return self._pages.do({"job": "confinement"}, b"", Confinement)

    def picture(
        self, data: bytes, kind: str, page: int, box: Rectangle | None = None, *, whole: bool = False
    ) -> Picture:
        """A page of a part, or a place on it with some margin, as PNG; ``kind`` is the part's type.

        ``whole``: the page with a frame around the place.

        Raises ``BoxFailure``.
        """
        return self.pictures(data, kind, page, ((box, whole),))[0]

    def pictures(
        self, data: bytes, kind: str, page: int, places: Sequence[tuple[Rectangle | None, bool]]
    ) -> tuple[Picture, ...]:
        """The same of several places of one page, which is drawn once; each with whether it is the page with a frame.

        Raises ``BoxFailure``.
        """
        orders = [[list(box) if box else None, whole] for box, whole in places]
        return self._pages.do({"job": "picture", "type": kind, "page": page, "places": orders}, data, Pictures).pictures

    def probe(self, name: str, body: bytes = b"", *, ahead: bool = False) -> str:
        """A job of the file named by ``CCHC_BOX_PROBES`` when the worker started: how tests look at the walls."""
        return self._worker.do({"job": "probe", "name": name, "ahead": ahead}, body, Said).text

    def time_part(self, leaf: Leaf, hints: Hints, *, ahead: bool) -> Took:
        """How long a part takes inside a child, made ahead if one stands ready; raises ``BoxFailure``. For ``bench``."""
        return self._worker.do({"job": "time_part", "ahead": ahead}, pack(PartOrder(leaf, hints, None)), Took)

    def probe_page(self, name: str, body: bytes = b"") -> str:
        """The same of the worker for pages."""
        return self._pages.do({"job": "probe", "name": name}, body, Said).text

    def _part(self, order: PartOrder) -> Parts:
        """The child that stands ready is for files: what a mail says itself is read in a moment anyway."""
        head = {"job": "read_part", "ahead": order.leaf.role == "attachment"}
        return self._worker.do(head, pack(order), Parts)

    def _looked_at(self, leaf: Leaf, wanted: WantedPages) -> ScannedPart:
        data = wanted.data or leaf.data
        seen: list[PageScan] = []
        for page in wanted.pages[: limits.SCAN_PAGES_MAX]:
            seen.append(self._page(data, wanted.type, page))
            if seen[-1].reason == "tool_missing":
                break
        return ScannedPart(wanted.sha256, tuple(seen))

    def _page(self, data: bytes, kind: str, page: int) -> PageScan:
        try:
            return self._pages.do({"job": "scan", "type": kind, "page": page}, data, PageScan)
        except BoxFailure as failure:
            return PageScan(page, reason=failure.reason)


def _unpacked(archives: Sequence[bytes]) -> tuple[Unpacked, ...]:
    """Each archive by the program, together no more than one order to the worker holds."""
    done: list[Unpacked] = []
    for data in archives:
        left = limits.UNAR_OUT_MAX - sum(len(one.tar) for one in done)
        done.append(unar.unpack(data, hashlib.sha256(data).hexdigest(), left))
    return tuple(done)


def _failed(leaf: Leaf, reason: str) -> PartReading:
    return PartReading(
        path=leaf.path,
        name=leaf.name,
        sha256=leaf.sha256,
        size=len(leaf.data),
        type="data",
        outcome="needs_review" if reason in REVIEW else "refused",
        reason=reason,
        role=leaf.role,
    )
