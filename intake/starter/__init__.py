"""The files ``cchc init`` writes: a commented configuration, an empty roster, and a roster to copy from. They are data beside this.

The configuration is the ``config.toml`` at the top of the repository; here stands a link to it, which the wheel holds as a file.
"""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

_START = re.compile(r"^start = [0-9-]+", re.MULTILINE)
_FILES = ("config.toml", "roster.csv", "roster.example.csv")


def starter(today: date) -> dict[str, str]:
    """File name → text; ``calendar.start`` is ``today``."""
    texts = {name: files(__name__).joinpath(name).read_text(encoding="utf-8") for name in _FILES}
    return texts | {"config.toml": _START.sub(f"start = {today.isoformat()}", texts["config.toml"], count=1)}
