"""What the office calls its own report types: the ``title`` of a [[report]], for letters, workbooks and pages.

Rules: titles hold while a desk is open, and what held before holds again when it is put away; a type without one is called as
``words.toml`` says. The period a type is owed ``once`` for goes by the type's title, so it needs no name beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

_ACRONYM = 2  # letters looked at


@dataclass(frozen=True, slots=True)
class Title:
    """One type's own name."""

    type: str
    text: str  # "Báo cáo kiểm soát thủ tục hành chính"
    once: str = ""  # the key of its only period

    @property
    def words(self) -> dict[str, str | bool]:
        """As ``words.toml`` has them for the types everybody knows."""
        text = self.text.replace("{", "{{").replace("}", "}}")
        inside = _inside(text)
        period = "" if self.once else " {period}"
        return {"full": text + period, "bare": text, "short": inside, "subject": inside + period, "own_period": True}


_OWN: list[Title] = []


@contextmanager
def own_titles(titles: Sequence[Title]) -> Iterator[None]:
    """These titles and no others, until the end."""
    before, _OWN[:] = list(_OWN), titles
    try:
        yield
    finally:
        _OWN[:] = before


def in_force() -> list[Title]:
    """The titles that hold now."""
    return list(_OWN)


def title_of(report_type: str) -> Title | None:
    """The office's own title of a type."""
    return next((title for title in _OWN if title.type == report_type), None)


def title_of_period(key: str) -> str:
    """The title of what is owed once under that key; "" when that is nothing with a title."""
    return next((_inside(title.text) for title in _OWN if title.once == key), "")


def _inside(text: str) -> str:
    """Inside a sentence: the first letter small, unless an abbreviation begins it."""
    return text if text[:_ACRONYM].isupper() else text[:1].lower() + text[1:]
