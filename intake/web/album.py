"""Pictures of scanned pages, made in the confined worker: a page and every place on it in one go, remembered, and made ahead.

Rules: a page is drawn once for the page itself and for all figures read from it; whoever asks while that is under way waits for it;
what was erased is remembered no longer. Pages of what waits for a decision are made ahead, so that nobody waits for them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from intake.desk import Desk
from intake.web.originals import PICTURED, Original, Originals
from parsers.box import BoxFailure
from parsers.scan import Box
from storage.records import Json, Mail, Part

LOG = structlog.get_logger()
_BYTES_MOST = 64 << 20  # of all pictures remembered
_AHEAD_MOST = 32  # pages waiting to be made
Place = tuple[Box | None, bool]  # None: the whole page; True: the page with a frame around the box
_Key = tuple[str, int, int]  # of the mail, its part, the page


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one part, and the places figures were read from."""

    mail: Mail
    part: Part
    number: int
    boxes: tuple[Box, ...] = ()

    @property
    def key(self) -> _Key:
        """What its pictures are remembered by."""
        return self.mail.sha256, self.part.n, self.number


@dataclass(slots=True)
class Album:
    """The pictures made last."""

    originals: Originals
    _made: OrderedDict[_Key, dict[Place, bytes]] = field(default_factory=OrderedDict)
    _size: int = 0
    _making: dict[_Key, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ahead: list[Page] = field(default_factory=list)
    _thread: threading.Thread | None = None

    def picture(self, desk: Desk, page: Page, box: Box | None = None, *, whole: bool = False) -> bytes | None:
        """The page, a place on it, or the page with a frame around the place (``whole``); None when there is none."""
        place: Place = (box, whole)
        if page.part.type not in PICTURED or not desk.vault.has(page.mail.sha256):
            return None
        if (known := self._known(page.key, place)) is not None:
            return known or None
        with self._turn(page.key):
            if (known := self._known(page.key, place)) is None:
                wanted: list[Place] = [(None, False), *((one, False) for one in page.boxes)]
                self._make(desk, page, [place] if whole else list(dict.fromkeys([place, *wanted])))
                known = self._known(page.key, place)
        return known or None

    def ahead(self, desk: Desk, pages: Iterable[Page]) -> None:
        """Have these made soon, in a thread of its own."""
        with self._lock:
            wanted = [page for page in pages if page.key not in self._made and page not in self._ahead]
            self._ahead += wanted[: max(0, _AHEAD_MOST - len(self._ahead))]
            if self._ahead and self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(desk,), name="pictures", daemon=True)
                self._thread.start()

    def _work(self, desk: Desk) -> None:
        while True:
            with self._lock:
                if not self._ahead:
                    self._thread = None
                    return
                page = self._ahead.pop(0)
            try:
                self.picture(desk, page)
            except Exception as error:  # the edge of a loop: the page is made when somebody looks
                LOG.warning("a picture could not be made ahead", mail=page.mail.id, exc_info=error)

    def _known(self, key: _Key, place: Place) -> bytes | None:
        """The picture; b"" where there is none; None when nobody asked yet."""
        with self._lock:
            made = self._made.get(key, {})
            if key in self._made:
                self._made.move_to_end(key)
            return made.get(place)

    def _turn(self, key: _Key) -> threading.Lock:
        with self._lock:
            if len(self._making) > _AHEAD_MOST:
                self._making = {one: lock for one, lock in self._making.items() if lock.locked()}
            return self._making.setdefault(key, threading.Lock())

    def _make(self, desk: Desk, page: Page, places: Sequence[Place]) -> None:
        original: Original = self.originals.open(desk, page.mail, page.part)
        if original.leaf is None:
            return
        try:
            found = desk.box.pictures(original.leaf.data, page.part.type, page.number, places)
        except BoxFailure:
            return  # busy, or killed: asked again by the next look
        with self._lock:
            made = self._made.setdefault(page.key, {})
            for place, one in zip(places, found, strict=True):
                self._size += len(one.png) - len(made.get(place, b""))
                made[place] = one.png
            while self._size > _BYTES_MOST and len(self._made) > 1:
                _, gone = self._made.popitem(last=False)
                self._size -= sum(map(len, gone.values()))


def boxes_by_page(contents: Iterable[Mapping[str, Json]]) -> dict[int, dict[str, Box]]:
    """Page → key of a figure → where on it the figure was read; of the reports of one part."""
    found: dict[int, dict[str, Box]] = {}
    for content in contents:
        for key, figure in (content.get("figures") or {}).items():
            where = figure.get("where") or {}
            if where.get("box"):
                x0, y0, x1, y1 = (float(side) for side in where["box"])
                found.setdefault(int(where.get("page") or 1), {}).setdefault(key, (x0, y0, x1, y1))
    return found
