"""A fact of a letter that travels through the outbox as JSON and comes back as the same frozen value.

Rules: field types decide the reading; a moment is ISO 8601 text in UTC and a naive one is refused; a day is ISO text; tuples are
lists; unknown keys are ignored and missing keys take their default, so that a letter queued before an upgrade is still sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Any, Self, Union, get_args, get_origin, get_type_hints


class Fact:
    """What every fact can do: ``to_json`` gives plain JSON values, ``from_json`` the value again."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Every field by name, as plain JSON values."""
        return {name: _plain(getattr(self, name)) for name in _readers(type(self))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value ``to_json`` was made from; a missing field without default is a TypeError."""
        given = ((name, read, data[name]) for name, read in _readers(cls).items() if name in data)
        return cls(**{name: None if value is None else read(value) for name, read, value in given})


_READERS: dict[type, dict[str, Callable[[Any], Any]]] = {}


def _readers(cls: Any) -> dict[str, Callable[[Any], Any]]:
    """Field name → what reads it; found out once for each class."""
    if cls not in _READERS:
        hints = get_type_hints(cls)
        _READERS[cls] = {f.name: _read(hints[f.name]) for f in fields(cls)}
    return _READERS[cls]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):  # nearly all: the questions below are slower
        return value
    if isinstance(value, Fact):
        return value.to_json()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"naive moment in a letter: {value!r}")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return value


@cache
def _read(kind: Any) -> Callable[[Any], Any]:
    """What turns a JSON value that is not null into that type; made once for each."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _read(next(k for k in get_args(kind) if k is not type(None)))
    if origin is tuple:
        one = _read(get_args(kind)[0])
        return lambda value: tuple(None if v is None else one(v) for v in value)
    if origin is dict:
        each = _read(get_args(kind)[1])
        return lambda value: {str(k): None if v is None else each(v) for k, v in value.items()}
    if kind is datetime:
        return _moment
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Fact):
        return kind.from_json
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"naive moment in a letter: {text!r}")
    return moment.astimezone(UTC)
