"""Whether a mail's text only points at a file kept elsewhere. Nothing is ever fetched."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

_LINK = re.compile(r"https?://[^\s<>\"'\])]{4,2000}", re.IGNORECASE)
_LINKS_MAX = 200  # links looked at in one mail


@cache
def _marks() -> dict[str, frozenset[str]]:
    text = files("parsers").joinpath("links.toml").read_text("utf-8")
    return {name: frozenset(words) for name, words in tomllib.loads(text).items()}


def file_links(text: str) -> tuple[str, ...]:
    """The links of a text (or HTML) that look like a file handed over through some cloud, in order."""
    return tuple(link for link in _LINK.findall(text)[:_LINKS_MAX] if _is_file(link))


def _is_file(link: str) -> bool:
    try:
        parts = urlsplit(link.rstrip(".,;:!?"))
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    steps = [step for step in parts.path.lower().split("/") if step]
    if not steps and not parts.query:
        return False
    marks = _marks()
    return (
        bool(marks["hosts"] & set(re.split(r"[.-]", host)))
        or bool(marks["steps"] & set(steps[:-1]))
        or (bool(steps) and steps[-1].rpartition(".")[2] in marks["extensions"])
    )
