"""Values between the service and its confined worker: JSON and counted bytes, nothing that could run.

Rules (plan, faults, "Confining the parsers"):

1. The service never unpickles what a worker says: an answer is decoded against the type it must have, field by field,
   and anything else is ``WireError``.
2. Bytes travel behind the JSON, counted; a message is ``length of JSON, JSON, bytes …``.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import types
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_LENGTH = struct.Struct(">Q")


class WireError(ValueError):
    """A message that is not what it must be."""


def pack(value: object) -> bytes:
    """A frozen value (dataclasses, tuples, plain types, bytes) as one message."""
    blobs: list[bytes] = []
    tree = _flat(value, blobs)
    head = json.dumps([tree, [len(blob) for blob in blobs]], ensure_ascii=True, separators=(",", ":")).encode()
    return b"".join((_LENGTH.pack(len(head)), head, *blobs))


def unpack(message: bytes | bytearray, kind: type[T]) -> T:
    """The value of that very type; raises ``WireError``."""
    try:
        tree, blobs = _opened(memoryview(message))
        found: T = _typed(kind, tree, blobs)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, struct.error, InvalidOperation, RecursionError) as error:
        raise WireError(f"{type(error).__name__}: {error}"[:300]) from error
    return found


def _opened(view: memoryview) -> tuple[Any, list[bytes]]:
    (length,) = _LENGTH.unpack(view[: _LENGTH.size])
    at = _LENGTH.size + length
    tree, sizes = json.loads(bytes(view[_LENGTH.size : at]))
    blobs: list[bytes] = []
    for size in sizes:
        blobs.append(bytes(view[at : at + max(0, size)]))
        at += size
    if at != len(view) or any(size < 0 for size in sizes):
        raise WireError("the bytes do not add up")
    return tree, blobs


def _flat(value: object, blobs: list[bytes]) -> object:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is tuple or kind is list:
        return [_flat(item, blobs) for item in value]  # type: ignore[attr-defined]
    if kind is bytes:
        blobs.append(value)  # type: ignore[arg-type]
        return len(blobs) - 1
    if dataclasses.is_dataclass(kind):
        return [_flat(getattr(value, name), blobs) for name in _names(kind)]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # datetime too
        return value.isoformat()
    if isinstance(value, str | int | float):  # of a kind of its own: a word lxml found
        return value
    if isinstance(value, tuple | list):
        return [_flat(item, blobs) for item in value]
    raise WireError(f"no way to send {kind.__name__}")


_AS_IT_IS = frozenset({type(None), str, bool, int, float})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _fields(kind: type) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in dataclasses.fields(kind))


def _typed(kind: Any, tree: Any, blobs: list[bytes]) -> Any:
    if (simple := _SIMPLE.get(kind)) is not None:
        return simple(tree)
    if kind is bytes:
        return blobs[_index(tree)]
    origin = get_origin(kind)
    if origin is Literal:
        return _one_of(tree, get_args(kind))
    if origin in (Union, types.UnionType):
        return _optional(kind, tree, blobs)
    if origin is tuple:
        return _tuple(get_args(kind), _list(tree), blobs)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _fields(kind)
        items = _list(tree)
        return kind(*(_typed(hint, item, blobs) for hint, item in zip(hints, items, strict=True)))
    raise WireError(f"no way to receive {kind}")


def _optional(kind: Any, tree: Any, blobs: list[bytes]) -> Any:
    others = [part for part in get_args(kind) if part is not types.NoneType]
    if tree is None and len(others) < len(get_args(kind)):
        return None
    if len(others) != 1:
        raise WireError(f"no way to receive {kind}")
    return _typed(others[0], tree, blobs)


def _tuple(kinds: tuple[Any, ...], items: list[Any], blobs: list[bytes]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_typed(kinds[0], item, blobs) for item in items)
    return tuple(_typed(kind, item, blobs) for kind, item in zip(kinds, items, strict=True))


def _exactly(kind: type) -> Callable[[Any], Any]:
    def check(tree: Any) -> Any:
        if type(tree) is not kind:
            raise WireError(f"{kind.__name__} expected")
        return tree

    return check


def _float(tree: Any) -> float:
    if type(tree) not in (int, float):
        raise WireError("float expected")
    return float(tree)


def _index(tree: Any) -> int:
    if type(tree) is not int or tree < 0:
        raise WireError("bytes expected")
    return tree


def _list(tree: Any) -> list[Any]:
    if not isinstance(tree, list):
        raise WireError("list expected")
    return tree


def _one_of(tree: Any, allowed: tuple[Any, ...]) -> Any:
    if tree not in allowed:
        raise WireError("not one of the words allowed")
    return tree


_SIMPLE: dict[Any, Callable[[Any], Any]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _float,
    Decimal: lambda tree: Decimal(_exactly(str)(tree)),
    datetime: lambda tree: datetime.fromisoformat(_exactly(str)(tree)),
    date: lambda tree: date.fromisoformat(_exactly(str)(tree)),
}
