"""A mailbox kept open between passes: logging in once a minute, or at every announcement, would be rude to the server."""

from __future__ import annotations

from typing import Any, cast

from intake.mailbox.source import Source


class KeptOpen:
    """A source whose ``close`` only means "not needed now"; ``let_go`` really closes it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.let_go = source.close

    def open(self) -> Source:
        """This source, again."""
        return cast("Source", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def close(self) -> None:
        """Keep the connections: the next pass is near."""
