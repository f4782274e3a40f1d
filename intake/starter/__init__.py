"""The files ``cchc init`` writes: a commented configuration, an empty roster, and a roster to copy from. They are data beside this."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

_FILES = ("config.toml", "roster.csv", "roster.example.csv")


def starter(today: date) -> dict[str, str]:
    """File name → text; ``calendar.start`` is ``today``."""
    texts = {name: files(__name__).joinpath(name).read_text(encoding="utf-8") for name in _FILES}
    return texts | {"config.toml": texts["config.toml"].replace("{start}", today.isoformat())}
