"""The Vietnamese of the letters as loaded data: catalogues (TOML) and templates (Jinja2), all in ``notifier/texts/vi``.

Rules: a code without an entry never stops a letter (the nearest general wording is used); values are entered as HTML entities
(see ``notifier.sheet``); an undefined name in a template is an error, found by the tests and not by an agency.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from notifier.sheet import entities

_FOLDER = "texts/vi"


@cache
def catalogue(name: str) -> Mapping[str, Any]:
    """A catalogue by name: words, reasons, matters, subjects."""
    return tomllib.loads(files("notifier").joinpath(_FOLDER, f"{name}.toml").read_text(encoding="utf-8"))


def words(table: str) -> Mapping[str, Any]:
    """One table of words.toml."""
    found: Mapping[str, Any] = catalogue("words")[table]
    return found


def phrase(table: str, code: str, /, **values: Any) -> str:
    """A phrase of words.toml with its blanks filled, "" when the code has none."""
    return str(words(table).get(code, "")).format(**values)


def environment() -> Environment:
    """A Jinja environment over the templates, for one line a block."""
    return Environment(
        loader=PackageLoader("notifier", _FOLDER),
        autoescape=True,
        finalize=entities,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
