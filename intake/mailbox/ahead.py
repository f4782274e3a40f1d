"""Working ahead: the line, the disk and the ledger each go on while the others are busy.

What was made and not yet asked for waits on a shelf with room for so much and no more; whoever asks gets everything that waits, put
together, so that a slow consumer takes few large helpings and a quick one many small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class _Shelf(Generic[Item]):
    """Between the two threads."""

    def __init__(self, weigh: Callable[[Item], int], room: int) -> None:
        self._weigh, self._room = weigh, room
        self._changed = Condition()
        self._waiting: list[Item] = []
        self._ended = False  # nothing more will be put
        self._closed = False  # nothing more will be taken

    def fill(self, items: Iterator[Item]) -> None:
        """Put each item there as soon as there is room; an item heavier than the room waits for an empty shelf."""
        try:
            for item in items:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or self._has_room())
                    if self._closed:
                        return
                    self._waiting.append(item)
                    self._changed.notify()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()

    def _has_room(self) -> bool:
        return self._weight() < self._room

    def _weight(self) -> int:
        return sum(map(self._weigh, self._waiting))

    def take(self, enough: int, patience: float) -> list[Item]:
        """Everything that waits, at least one item; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            self._changed.wait_for(lambda: self._ended or self._weight() >= enough, patience)
            taken, self._waiting = self._waiting, []
            self._changed.notify()
            return taken

    def close(self) -> bool:
        """Take nothing more; whether something is still being made."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            return not self._ended


def ahead(
    items: Iterator[Item],
    weigh: Callable[[Item], int],
    room: int,
    *,
    enough: int = 0,
    patience: float = 0.0,
    done_with: Callable[[Sequence[Item]], None] = lambda _items: None,
    abandon: Callable[[], None] = lambda: None,
) -> Generator[list[Item], None, None]:
    """Yield what waits while a thread makes the next ``items``; what fails there is raised here, after what came before it.

    The thread stops when the items waiting weigh ``room`` or more. Fewer than ``enough`` wait for others for ``patience`` seconds
    while there are others to come. ``done_with`` is called when the consumer asks for more;
    ``abandon`` when it stops early, to end a long wait.
    """
    shelf = _Shelf(weigh, room)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox-ahead") as pool:
        filling: Future[None] = pool.submit(shelf.fill, items)
        try:
            while taken := shelf.take(enough, patience):
                yield taken
                done_with(taken)
                del taken  # else it is held while the next ones are waited for
            filling.result()
        finally:
            if shelf.close():
                abandon()
