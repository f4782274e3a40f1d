"""Report forms as data: ``parsers/forms/*.toml`` and a folder of the office's own, read and checked whole.

Rules:

1. A file is one form in one version; several versions of a name may stand side by side, told apart by ``valid_from``.
   A later version may be ``based_on`` an earlier one and tell only what is new.
2. Where versions of a form call one line by different names, each is read in the words of all; ``terms`` tell whose words they are,
   and the check ``version`` says so: nothing is mapped silently.
3. A form in the office's folder replaces every packaged version of the same name.
4. A bad file is refused with every problem in it (``file:line: reason``); nothing is half loaded (plan, "Bad input").
5. What may stand in a file is told, in Vietnamese, in ``parsers/forms/README.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

from parsers.values import Severity

Kind = Literal["count", "ratio", "percentage", "text"]
CheckKind = Literal[
    "core", "unreadable", "equal", "at_most", "ratio", "percentage", "approximate", "signature", "procedures",
    "conflict", "prose", "cumulative", "scope", "derived", "hidden", "doubtful", "half_ratio", "window", "version",
    "row_blank", "row_unclear", "row_due", "row_overdue",
]  # fmt: skip

PACKAGED = Path(__file__).parent / "forms"


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
    short: tuple[str, ...] = ()  # labels that count only beside or below others: in tables, after a full label
    beside: tuple[str, ...] = ()  # keys one of which must precede a short label in the same line; empty: any
    over: str | None = None  # key of the denominator of a ratio
    of: str | None = None  # percentage: the figure whose share is stated
    on_form: bool = True  # False: read when stated, not a line of the official form
    means: tuple[frozenset[str], ...] = ()  # sets of atoms (words.toml) that say this line in other words
    loosely: tuple[frozenset[str], ...] = ()  # sets of atoms that probably say it: read, always flagged
    inside: str | None = None  # a count told in the text of this text line
    units: tuple[str, ...] = ()  # … before one of these words: "tin, bài"
    before: tuple[str, ...] = ()  # … and behind one of these words; "!word": not behind that one
    deeds: tuple[str, ...] = ()  # in running text a count stands behind one of these: "tuyển dụng"
    nouns: tuple[str, ...] = ()  # … before one of these: "công chức"
    toward: tuple[str, ...] = ()  # … which one of these follows: "đào tạo"
    named: tuple[str, ...] = ()  # … or named by these words alone: "Hội nghị giao ban: 02"
    parts: tuple[str, ...] = ()  # keys this figure may be split into
    whole: str | None = None  # key of the total, when a fraction is written where a count is asked
    counted: str = ""  # of a list form: the state whose rows are counted, "all" for every row


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a form: what is compared and what the letter says about it."""

    code: str  # "W03"
    kind: CheckKind
    severity: Severity
    title: str
    message: str  # template: {received} … figures, {sum} {diff} {label} {raw} {text} … by kind
    fix: str = ""
    example: str = ""
    left: tuple[str, ...] = ()  # keys added up
    right: tuple[str, ...] = ()  # keys added up on the other side
    optional: tuple[str, ...] = ()  # keys of either side that count as nothing when not stated
    perhaps: tuple[str, ...] = ()  # keys that offices count on the left side or not: it holds with them or without


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list form."""

    key: str  # number task lead due state
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowState:
    """How far a task may be, and the words that say so."""

    key: str  # "done"
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the office's own list, whoever reports on it."""

    number: str
    task: str
    lead: str  # as the list names it: "Sở Nội vụ", "Các sở, ban, ngành"
    due: str  # "Tháng 8/2017"


@dataclass(frozen=True, slots=True)
class Form:
    """One form in one version."""

    name: str  # "weekly"
    version: str  # "2017-07-19"
    title: str  # Vietnamese, for letters: "Báo cáo tuần về công tác CCHC"
    titles: tuple[str, ...]  # patterns of headings that identify it, tone-blind; * some words, # a number or dots
    lines: tuple[Line, ...]
    checks: tuple[Check, ...]
    valid_from: date | None = None
    valid_to: date | None = None  # last day in force
    sha256: str = ""  # of the file
    not_titles: tuple[str, ...] = ()  # patterns that are another report's heading
    headings: tuple[str, ...] = ()  # headings without a key of their own
    states_month: bool = False  # its title names a month, which is the period
    states: str = ""  # … or a quarter, half or year: one of parsers.periods.SPANS
    hint: tuple[str, ...] = ()  # words of a subject or file name that speak for this form
    terms: tuple[str, ...] = ()  # atoms only this version uses, where others say it otherwise: level3
    foreign: frozenset[str] = frozenset()  # those of the other versions of this form
    columns: tuple[Column, ...] = ()  # of a list form: a table with a row for each task
    states_of_rows: tuple[RowState, ...] = ()
    tasks: tuple[Task, ...] = ()  # the list itself, where the office gives it
    core: tuple[str, ...] = field(init=False, repr=False, compare=False)  # keys of the core lines
    figures: tuple[Line, ...] = field(init=False, repr=False, compare=False)  # the lines whose answer is a number
    _by_key: dict[str, Line] = field(init=False, repr=False, compare=False)
    _shares: dict[str, Line] = field(init=False, repr=False, compare=False)  # lines that ask for a figure's percentage

    def __post_init__(self) -> None:
        told = {
            "core": tuple(line.key for line in self.lines if line.core),
            "figures": tuple(line for line in self.lines if line.kind != "text"),
            "_by_key": {line.key: line for line in reversed(self.lines)},
            "_shares": {line.of: line for line in reversed(self.lines) if line.kind == "percentage" and line.of},
        }
        for name, value in told.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        """Of what tells forms apart; hashing every label would take longer than what is remembered by it."""
        return hash((self.name, self.version, self.sha256))

    @property
    def id(self) -> str:
        """``weekly@2017-07-19``."""
        return f"{self.name}@{self.version}"

    def share_of(self, key: str) -> Line | None:
        """The line that asks for a figure's percentage."""
        return self._shares.get(key)

    def line(self, key: str) -> Line | None:
        """The line of that key."""
        return self._by_key.get(key)


class FormSet:
    """Every form in force, by name and day."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = tuple(sorted(forms, key=lambda form: (form.name, form.valid_from or date.min, form.version)))

    def names(self) -> tuple[str, ...]:
        """Names of the forms, each once."""
        return tuple(dict.fromkeys(form.name for form in self._forms))

    def all(self) -> tuple[Form, ...]:
        """Every form in every version, oldest first."""
        return self._forms

    def get(self, name: str) -> Form:
        """A form by name (the latest version) or by ``name@version``; KeyError when there is none."""
        for form in self._forms:
            if form.id == name:
                return form
        return self.pick(name, None)

    def pick(self, name: str, on: date | None) -> Form:
        """The version in force on a day; the latest when the day is None or none was in force then."""
        versions = [form for form in self._forms if form.name == name]
        if not versions:
            raise KeyError(name)
        inside = [form for form in versions if on is not None and _in_force(form, on)]
        return (inside or versions)[-1]


def _in_force(form: Form, on: date) -> bool:
    return (form.valid_from is None or form.valid_from <= on) and (form.valid_to is None or on <= form.valid_to)


def load_forms(folders: Sequence[Path] = ()) -> FormSet:
    """The packaged forms, those of the folders winning by name (a later folder over an earlier one).

    Raises ``FormError`` with every problem of every file.
    """
    from parsers.form_file import read_form  # noqa: PLC0415 - it needs the types above

    problems: list[str] = []
    forms: dict[str, list[Form]] = {}
    for folder in (PACKAGED, *folders):
        here: dict[str, list[Form]] = {}
        if not folder.is_dir():
            problems.append(f"{folder}:0: no such folder")
            continue
        for path in sorted(folder.glob("*.toml")):
            form, faults = read_form(path)
            problems.extend(faults)
            if form:
                here.setdefault(form.name, []).append(form)
        problems.extend(_repeated(folder, here))
        forms.update(here)
    if problems:
        raise FormError(problems)
    return FormSet([form for versions in forms.values() for form in _in_all_words(versions)])


def _in_all_words(versions: Sequence[Form]) -> list[Form]:
    """Versions of one form, each understanding the names the others have for its lines."""
    return [_with_words(form, [other for other in versions if other is not form]) for form in versions]


def _with_words(form: Form, others: Sequence[Form]) -> Form:
    if not any(other.terms for other in others):
        return form
    lines = tuple(
        _with_names(line, [same for other in others if (same := other.line(line.key))]) for line in form.lines
    )
    foreign = frozenset(term for other in others for term in other.terms) - set(form.terms)
    return replace(form, lines=lines, foreign=foreign)


def _with_names(line: Line, others: Sequence[Line]) -> Line:
    every = (line, *others)
    return replace(
        line,
        labels=tuple(dict.fromkeys(label for one in every for label in one.labels)),
        short=tuple(dict.fromkeys(label for one in every for label in one.short)),
        means=tuple(dict.fromkeys(atoms for one in every for atoms in one.means)),
        loosely=tuple(dict.fromkeys(atoms for one in every for atoms in one.loosely)),
    )


def _repeated(folder: Path, forms: dict[str, list[Form]]) -> list[str]:
    problems: list[str] = []
    for versions in forms.values():
        ids = [form.id for form in versions]
        problems.extend(
            f"{folder}:0: form {twice} stands in two files" for twice in {i for i in ids if ids.count(i) > 1}
        )
    return problems
