"""One form file: TOML → ``Form``, every mistake with its line.

Rules: unknown fields, wrong types, keys named twice or nowhere, the same label on two lines, unknown atoms and unknown
placeholders are all problems; all of a file's problems are reported together.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

from parsers.fold import fold
from parsers.form import Check, CheckKind, Column, Form, Kind, Line, RowState, Task
from parsers.periods import SPANS
from parsers.values import Severity
from parsers.words import keys_of, vocabulary

_FORM_FIELDS: dict[str, type] = {
    "name": str, "version": str, "title": str, "titles": list, "not_titles": list, "headings": list, "hint": list,
    "based_on": str, "terms": list, "states_month": bool, "states": str, "valid_from": date, "valid_to": date,
    "line": list, "check": list, "column": list, "row_state": list, "task": list,
}  # fmt: skip
_LINE_FIELDS: dict[str, type] = {
    "key": str, "kind": str, "label": str, "section": str, "core": bool, "labels": list, "short": list, "beside": list,
    "over": str, "of": str, "on_form": bool, "means": list, "loosely": list, "inside": str, "units": list, "parts": list,
    "before": list, "named": list, "whole": str, "counted": str, "deeds": list, "nouns": list,
    "toward": list,
}  # fmt: skip
_CHECK_FIELDS: dict[str, type] = {
    "code": str, "kind": str, "severity": str, "title": str, "message": str, "fix": str, "example": str,
    "left": list, "right": list, "optional": list, "perhaps": list,
}  # fmt: skip
_TABLES: dict[str, dict[str, type]] = {
    "line": _LINE_FIELDS,
    "check": _CHECK_FIELDS,
    "column": {"key": str, "labels": list},
    "row_state": {"key": str, "label": str, "words": list},
    "task": {"number": str, "task": str, "lead": str, "due": str},
}
_NEEDED = {
    "line": ("key", "kind", "label"),
    "check": ("code", "kind", "severity", "title", "message"),
    "column": ("key", "labels"),
    "row_state": ("key", "label", "words"),
    "task": ("task",),
}
_COLUMNS = ("number", "task", "lead", "due", "state")
_PLACES = {"sum", "diff", "right_sum", "label", "labels", "raw", "text", "stated", "computed", "over", "count", "other"}
_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_CODE = re.compile(r"[A-Z]\d{2,3}\Z")


class _Source:
    """A file's text and where in it each field stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()
        self.problems: list[str] = []
        self.skipped: dict[
            str, dict[int, int]
        ] = {}  # entries told by the version this one is based on are not in the file

    def blame(self, reason: str, table: str = "", index: int = 0, field: str = "") -> None:
        """Note a problem at a field of the index-th ``[[table]]`` (top level when no table is named)."""
        if table in self.skipped:
            index = self.skipped[table].get(index, -1)
        self.problems.append(f"{self.path}:{self._find(table, index, field)}: {reason}")

    def _find(self, table: str, index: int, field: str) -> int:
        seen, start = -1, 1 if not table else 0
        inside = not table
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line):
                if inside:
                    break
                seen += header.group(1) == table
                inside = bool(table) and header.group(1) == table and seen == index
                start = number if inside else start
            elif inside and field and re.match(rf"\s*{re.escape(field)}\s*=", line):
                return number
        return start or 1


def read_form(path: Path) -> tuple[Form | None, tuple[str, ...]]:
    """A form, or None and its problems."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, (f"{path}:0: cannot be read: {error.strerror}",)
    try:
        text = raw.decode("utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        number = raw[: error.start].count(b"\n") + 1
        return None, (f"{path}:{number}: not UTF-8",)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line.group(1)) if line else len(raw.splitlines())
        return None, (f"{path}:{number}: not TOML: {error}",)
    source = _Source(path, text)
    data, raw = _completed(source, data, raw)
    form = _form(source, data, hashlib.sha256(raw).hexdigest())
    return (None if source.problems else form), tuple(source.problems)


def _completed(source: _Source, data: dict[str, Any], raw: bytes) -> tuple[dict[str, Any], bytes]:
    """A version that tells only what is new, with the rest from the version it is based on, in the same folder."""
    wanted = data.get("based_on")
    if wanted is None:
        return data, raw
    for path in sorted(source.path.parent.glob("*.toml")):
        try:
            below = path.read_bytes()
            base = tomllib.loads(below.decode("utf-8-sig"))
        except (OSError, ValueError):
            continue  # its own problems are told when it is read itself
        if base.get("name") == data.get("name") and base.get("version") == wanted and "based_on" not in base:
            source.skipped = {
                name: _skipped(base, data, name, key) for name, key in (("line", "key"), ("check", "code"))
            }
            lists = {name: _overlaid(base, data, name, key) for name, key in (("line", "key"), ("check", "code"))}
            kept = {name: value for name, value in base.items() if name not in ("valid_from", "valid_to", "terms")}
            return kept | data | lists, below + raw
    source.blame(f"based_on names version {wanted!r}, which no whole form file of this folder has", field="based_on")
    return data, raw


def _overlaid(base: dict[str, Any], data: dict[str, Any], table: str, key: str) -> list[Any]:
    """The base's entries, those of the same key told anew, then what is added."""
    own = {item.get(key): item for item in data.get(table, []) if isinstance(item, dict)}
    known = [item.get(key) for item in base.get(table, [])]
    return [item | own.get(item.get(key), {}) for item in base.get(table, [])] + [
        item for name, item in own.items() if name not in known
    ]


def _skipped(base: dict[str, Any], data: dict[str, Any], table: str, key: str) -> dict[int, int]:
    """For each entry of the whole, which entry of this file tells it anew."""
    own = [item.get(key) for item in data.get(table, []) if isinstance(item, dict)]
    whole = [item.get(key) for item in _overlaid(base, data, table, key)]
    return {n: own.index(name) for n, name in enumerate(whole) if name in own}


def _form(source: _Source, data: dict[str, Any], digest: str) -> Form | None:
    _fields(source, data, _FORM_FIELDS, ("name", "version", "title", "titles", "line"), "", 0)
    raw = {name: [item for item in data.get(name, []) if isinstance(item, dict)] for name in _TABLES}
    for name, known in _TABLES.items():
        for index, item in enumerate(raw[name]):
            _fields(source, item, known, _NEEDED[name], name, index)
    _judge_form(source, data)
    _judge_terms(source, data)
    if source.problems:
        return None
    lines = tuple(_line(item) for item in raw["line"])
    checks = tuple(_check(item) for item in raw["check"])
    _judge_lines(source, lines)
    _judge_checks(source, lines, checks)
    _judge_list(source, lines, raw)
    return Form(
        name=data["name"],
        version=data["version"],
        title=data["title"],
        titles=tuple(data["titles"]),
        not_titles=tuple(data.get("not_titles", ())),
        headings=tuple(data.get("headings", ())),
        hint=tuple(data.get("hint", ())),
        states_month=data.get("states_month", False),
        states=data.get("states", ""),
        valid_from=data.get("valid_from"),
        valid_to=data.get("valid_to"),
        terms=tuple(data.get("terms", ())),
        lines=lines,
        checks=checks,
        sha256=digest,
        columns=tuple(Column(item["key"], tuple(item["labels"])) for item in raw["column"]),
        states_of_rows=tuple(RowState(i["key"], i["label"], tuple(i["words"])) for i in raw["row_state"]),
        tasks=tuple(Task(i.get("number", ""), i["task"], i.get("lead", ""), i.get("due", "")) for i in raw["task"]),
    )


def _judge_list(source: _Source, lines: Sequence[Line], raw: dict[str, list[dict[str, Any]]]) -> None:
    """A list form names the columns a list is known by, and counts states it knows."""
    keys = [item["key"] for item in raw["column"]]
    for index, key in enumerate(keys):
        if key not in _COLUMNS or key in keys[:index]:
            source.blame(f"key must be one of {', '.join(_COLUMNS)}, each once", "column", index, "key")
    if keys and not ({"task", "state"} <= set(keys) and {"lead", "due"} & set(keys)):
        source.blame("a list needs the columns task, state, and lead or due", "column", 0, "key")
    states = {item["key"] for item in raw["row_state"]}
    for index, line in enumerate(lines):
        if line.counted and line.counted not in {"all", *states}:
            source.blame(
                f"counted names {line.counted!r}, which is no row_state of this form", "line", index, "counted"
            )
        if bool(line.counted) != bool(keys):
            source.blame("the lines of a list form, and only they, say which rows are counted", "line", index, "key")


def _judge_form(source: _Source, data: dict[str, Any]) -> None:
    if not _KEY.match(str(data.get("name", "x"))):
        source.blame("name must be lower-case letters, digits and _", field="name")
    if data.get("states", "year") not in SPANS:
        source.blame(f"states must be one of {', '.join(SPANS)}", field="states")
    if not data.get("titles", True):
        source.blame("titles must not be empty", field="titles")
    for table in _TABLES:
        if not all(isinstance(item, dict) for item in data.get(table, ())):
            source.blame(f"write each {table} under a heading of its own: [[{table}]]", field=table)
    days = [data.get(name) for name in ("valid_from", "valid_to")]
    for name, day in zip(("valid_from", "valid_to"), days, strict=True):
        if isinstance(day, datetime):
            source.blame(f"{name} must be a day like 2017-07-19, without an hour", field=name)
    if all(type(day) is date for day in days) and days[0] > days[1]:  # type: ignore[operator]
        source.blame("valid_to is before valid_from", field="valid_to")


def _judge_terms(source: _Source, data: dict[str, Any]) -> None:
    for unknown in sorted(set(map(str, data.get("terms", ()))) - _atom_names()):
        source.blame(f"terms uses {unknown!r}, which words.toml does not know", field="terms")


def _fields(
    source: _Source, item: dict[str, Any], known: dict[str, type], needed: Sequence[str], table: str, index: int
) -> None:
    for name in needed:
        if name not in item:
            source.blame(f"{name} is missing", table, index)
    for name, value in item.items():
        if name not in known:
            source.blame(f"unknown field {name!r}; known: {', '.join(sorted(known))}", table, index, name)
        elif not isinstance(value, known[name]):
            source.blame(f"{name} must be {known[name].__name__}, found {value!r}", table, index, name)
        elif known[name] is list and name not in _TABLES and not _all_text(value):
            source.blame(f"{name} must be a list of texts that hold a word", table, index, name)


def _all_text(value: Any) -> bool:
    return all(isinstance(item, str) and keys_of(item) for item in value)


def _line(item: dict[str, Any]) -> Line:
    fields: dict[str, Any] = dict(item)
    for name in ("labels", "short", "beside", "units", "parts", "before", "named", "deeds", "nouns", "toward"):
        fields[name] = tuple(item.get(name, ()))
    for name in ("means", "loosely"):
        fields[name] = tuple(frozenset(entry.split()) for entry in item.get(name, ()))
    return Line(**fields)


def _check(item: dict[str, Any]) -> Check:
    lists = {name: tuple(item.get(name, ())) for name in ("left", "right", "optional", "perhaps")}
    return Check(**{**item, **lists})


def _judge_lines(source: _Source, lines: Sequence[Line]) -> None:
    keys = [line.key for line in lines]
    atoms = _atom_names()
    labels: dict[str, str] = {}
    for index, line in enumerate(lines):
        if not _KEY.match(line.key):
            source.blame(f"key {line.key!r} must be lower-case letters, digits and _", "line", index, "key")
        if line.key in keys[:index]:
            source.blame(f"key {line.key!r} stands twice", "line", index, "key")
        if line.kind not in get_args(Kind):
            source.blame(f"kind must be one of {', '.join(get_args(Kind))}", "line", index, "kind")
        if (line.kind == "ratio") != (line.over is not None):
            source.blame("a ratio, and only a ratio, names its denominator in over", "line", index, "kind")
        if not (line.labels or line.short or line.units or line.means or line.counted):
            source.blame("a line needs labels, short, units or means", "line", index, "key")
        for name in ("over", "of", "inside", "whole"):
            if (other := getattr(line, name)) is not None and other not in keys:
                source.blame(f"{name} names {other!r}, which is no key of this form", "line", index, name)
        for name in ("beside", "parts"):
            for other in getattr(line, name):
                if other not in keys:
                    source.blame(f"{name} names {other!r}, which is no key of this form", "line", index, name)
        for name in ("means", "loosely"):
            for unknown in sorted(frozenset().union(*getattr(line, name)) - atoms):
                source.blame(f"{name} uses {unknown!r}, which words.toml does not know", "line", index, name)
        for label in line.labels:
            owner = labels.setdefault(" ".join(keys_of(label)) or fold(label), line.key)
            if owner != line.key:
                source.blame(f"label {label!r} is also a label of {owner!r}", "line", index, "labels")


def _judge_checks(source: _Source, lines: Sequence[Line], checks: Sequence[Check]) -> None:
    keys = {line.key for line in lines if line.kind != "text"}
    codes = [check.code for check in checks]
    for index, check in enumerate(checks):
        if not _CODE.match(check.code):
            source.blame(
                f"code {check.code!r} must be a capital letter and two or three digits", "check", index, "code"
            )
        if check.code in codes[:index]:
            source.blame(f"code {check.code!r} stands twice", "check", index, "code")
        if check.kind not in get_args(CheckKind):
            source.blame(f"kind must be one of {', '.join(get_args(CheckKind))}", "check", index, "kind")
        if check.severity not in get_args(Severity):
            source.blame(f"severity must be one of {', '.join(get_args(Severity))}", "check", index, "severity")
        if check.kind in ("equal", "at_most") and not (check.left and check.right):
            source.blame(f"a check of kind {check.kind} needs left and right", "check", index, "kind")
        for name in ("left", "right", "optional", "perhaps"):
            for key in getattr(check, name):
                if key not in keys:
                    source.blame(f"{name} names {key!r}, which is no figure of this form", "check", index, name)
        for name in ("message", "fix", "example", "title"):
            for place in _placeholders(source, getattr(check, name), index, name):
                if place not in keys | _PLACES:
                    source.blame(
                        f"{name} uses {{{place}}}, which is neither a figure nor a known word", "check", index, name
                    )


def _placeholders(source: _Source, template: str, index: int, name: str) -> list[str]:
    try:
        parsed = [piece[1:] for piece in string.Formatter().parse(template) if piece[1] is not None]
    except ValueError as error:
        source.blame(f"{name}: {error}", "check", index, name)
        return []
    if any(form or conversion for _, form, conversion in parsed):
        source.blame(f"{name}: write {{key}} alone, without : or !", "check", index, name)
    return [str(place) for place, _, _ in parsed]


def _atom_names() -> frozenset[str]:
    return vocabulary().atoms.names
