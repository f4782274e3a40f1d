"""What the sender wrote, without the letter being answered.

An acknowledgement carries a table of figures; whoever answers it quotes that table. Rules:

1. Lines that begin with ">" are quoted.
2. From the line (or HTML mark) where a mail program begins the quoted letter, everything is quoted.
3. A forwarded mail, told by its subject, is not an answer: nothing is cut.
The marks are data (``quoting.toml``).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from parsers.fold import fold

_WINDOW = 3  # lines after "From:" in which the quoted letter's next header must stand


@cache
def _marks() -> dict[str, list[str]]:
    return tomllib.loads(files("parsers").joinpath("quoting.toml").read_text("utf-8"))


@cache
def _pattern(key: str) -> re.Pattern[str]:
    marks = ("[^\n]{0,300}".join(re.escape(fold(piece)) for piece in mark.split("*")) for mark in _marks()[key])
    return re.compile("|".join(f"(?:{mark})" for mark in marks))


@cache
def _html() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{mark})" for mark in _marks()["html"]), re.IGNORECASE)


def is_forwarded(subject: str) -> bool:
    """Whether the subject says that the quoted letter is what is being sent."""
    return fold(subject).startswith(tuple(fold(mark) for mark in _marks()["forwarded_subjects"]))


def is_answer(subject: str) -> bool:
    """Whether the subject says that the mail answers another."""
    return fold(subject).startswith(tuple(fold(mark) for mark in _marks()["answer_subjects"]))


def own_words(text: str) -> str:
    """The plain text without the quoted letter."""
    lines = text.split("\n")
    kept = []
    for n, line in enumerate(lines):
        if ":" not in line and not line.lstrip().startswith(("-", ">")):
            kept.append(line)
            continue
        key = fold(line[:600])
        if _pattern("lines").fullmatch(key) or (
            _pattern("header_first").fullmatch(key)
            and any(_pattern("header_next").fullmatch(fold(after[:600])) for after in lines[n + 1 : n + 1 + _WINDOW])
        ):
            break
        if not key.startswith(">"):
            kept.append(line)
    return "\n".join(kept)


def own_markup(html: str) -> str:
    """The HTML up to where the quoted letter begins."""
    match = _html().search(html)
    return html[: match.start()] if match else html
