"""A TOML table being read: hands out values and gathers every mistake with its key path and what is expected.

A key nobody asked for is a mistake. What is wrong never shows a secret: a value with a password in it is not repeated.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")
_SHOWN = 80  # characters of a wrong value repeated in a message


class Expected(ValueError):
    """A value is not what it should be; says what is expected."""

    def __init__(self, expected: str, *, quote: bool = True) -> None:
        """``quote`` False: the value holds a secret or says nothing."""
        super().__init__(expected)
        self.expected = expected
        self.quote = quote


class Table:
    """One table of the file. The reader asks for each key once, then calls ``done``."""

    def __init__(self, path: str, values: Any, problems: list[str]) -> None:
        """``path``: "mailbox", "report[weekly]", "" for the whole file. ``problems`` is shared by all tables."""
        self.path = path
        self.problems = problems
        self._values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        self._asked: set[str] = set()
        if not isinstance(values, Mapping):
            self.problem("", f"expected a table such as [{path}], got {_shown(values)}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def take(self, key: str, read: Callable[[Any], Value], default: Value) -> Value:
        """The value of ``key`` as ``read`` makes it; ``default`` when it is not there or wrong."""
        self._asked.add(key)
        if key not in self._values:
            return default
        value = self._values[key]
        try:
            return read(value)
        except Expected as wrong:
            got = f", got {_shown(value)}" if wrong.quote else ""
            self.problem(key, f"expected {wrong.expected}{got}")
        return default

    def need(self, key: str, read: Callable[[Any], Value], stand_in: Value, expected: str) -> Value:
        """Like ``take``, but a missing key is a mistake; ``stand_in`` only lets the reading go on."""
        if key not in self._values:
            self._asked.add(key)
            self.problem(key, f"expected {expected}, but it is missing")
        return self.take(key, read, stand_in)

    def table(self, key: str) -> Table:
        """A table inside; an empty one when it is not there."""
        self._asked.add(key)
        return Table(self._path(key), self._values.get(key, {}), self.problems)

    def tables(self, key: str) -> list[Table]:
        """An array of tables, [[key]], named by their ``type`` or ``key`` where they have one."""
        self._asked.add(key)
        found = self._values.get(key, [])
        if not isinstance(found, list):
            self.problem(key, f"expected [[{key}]] tables, got {_shown(found)}")
            return []
        return [Table(f"{key}[{_name(one, number)}]", one, self.problems) for number, one in enumerate(found, 1)]

    def problem(self, key: str, what: str) -> None:
        """Note a mistake at ``key``."""
        self.problems.append(f"{self._path(key)}: {what}")

    def done(self) -> None:
        """Whatever was not asked for is not known."""
        for key in self._values.keys() - self._asked:
            near = difflib.get_close_matches(key, self._asked, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(sorted(self._asked))}"
            self.problem(key, f"no such key{hint}")

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key


def _name(values: Any, number: int) -> str:
    name = (values.get("type") or values.get("key")) if isinstance(values, Mapping) else None
    return name if isinstance(name, str) else f"#{number}"


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, int, float, list, dict)) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
