"""Fetching the next batch while this one is being stored: the network's time and the disk's time overlap.

One batch ahead, never more: memory stays at three chunks (stored, waiting, arriving). It may be put around itself, so that bytes go
to the vault while rows go to the ledger and the batch after the next arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def one_ahead(
    items: Iterator[Item],
    done_with: Callable[[Item], None] = lambda _item: None,
    abandon: Callable[[], None] = lambda: None,
) -> Generator[Item, None, None]:
    """Yield ``items``, working on the next one in a thread; what fails there is raised here, after what came before it.

    ``done_with`` is called when the consumer asks for the next item; ``abandon`` when it stops early, to end a long wait.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="mailbox-ahead") as pool:
        coming = pool.submit(next, items, None)
        try:
            while (item := coming.result()) is not None:
                coming = pool.submit(next, items, None)
                yield item
                done_with(item)
        finally:
            if not coming.done():
                abandon()
