"""Findings about a part or a mail, with their wording from ``findings.toml``.

The code is the stable word of the contract; texts lie in data, so that a clerk may better them.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from parsers.values import Finding, Place


@cache
def _texts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("parsers").joinpath("findings.toml").read_text("utf-8"))


def finding(code: str, figures: tuple[str, ...] = (), place: Place | None = None, **names: object) -> Finding:
    """The finding of that code with its message filled in."""
    text = _texts()[code]
    return Finding(
        code=code,
        severity=text["severity"],
        figures=figures,
        message=text["message"].format_map(names),
        fix=text.get("fix", ""),
        example=text.get("example", ""),
        title=text["title"],
        place=place,
    )


def worded(found: Finding, **names: str) -> Finding:
    """A finding given by its code alone, with the wording it has in the data; ``names`` fill its braces."""
    text = _texts().get(found.code)
    if found.message or text is None:
        return found
    try:
        message = text["message"].format_map(names)
    except KeyError:  # it speaks of what is not known here
        return found
    return replace(found, message=message, fix=text.get("fix", ""), title=text["title"])
