"""A fact of a letter that travels through the outbox as JSON and comes back as the same frozen value.

Rules: field types decide the reading; a moment is ISO 8601 text in UTC and a naive one is refused; a day is ISO text; tuples are
lists; unknown keys are ignored and missing keys take their default, so that a letter queued before an upgrade is still sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from types import UnionType
from typing import Any, Self, Union, get_args, get_origin, get_type_hints


class Fact:
    """What every fact can do: ``to_json`` gives plain JSON values, ``from_json`` the value again."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Every field by name, as plain JSON values."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value ``to_json`` was made from; a missing field without default is a TypeError."""
        return cls(**{name: _typed(kind, data[name]) for name, kind in _kinds(cls).items() if name in data})


_KINDS: dict[type, dict[str, Any]] = {}


def _kinds(cls: type) -> dict[str, Any]:
    """Field name → resolved type; resolved once for each class."""
    if cls not in _KINDS:
        hints = get_type_hints(cls)
        _KINDS[cls] = {f.name: hints[f.name] for f in fields(cls)}
    return _KINDS[cls]


def _plain(value: Any) -> Any:
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


def _typed(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if value is None:
        return None
    if origin in (Union, UnionType):
        return _typed(next(k for k in get_args(kind) if k is not type(None)), value)
    if origin is tuple:
        return tuple(_typed(get_args(kind)[0], v) for v in value)
    if origin is dict:
        return {str(k): _typed(get_args(kind)[1], v) for k, v in value.items()}
    if kind is datetime:
        return _moment(value)
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Fact):
        return kind.from_json(value)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"naive moment in a letter: {text!r}")
    return moment.astimezone(UTC)
