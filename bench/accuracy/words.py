"""The data files beside this one: sentences, names, tables of old encodings."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


WORDS = load("words")
WEEKLY = load("weekly")
MONTHLY = load("monthly")
PEOPLE = load("agencies")
