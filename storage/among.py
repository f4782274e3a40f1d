"""Whether a column's value is among many: the many are one value of the statement, however many they are.

Rules: a list of hundreds of values makes hundreds of parameters, each of them rendered, converted and sent by itself, which took more
of a page than what the database did with them; the indexes are used as for a list.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, Boolean, ColumnElement, Dialect, Integer, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Many(TypeDecorator[Collection[Any]]):
    """Several numbers or texts as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: type[BigInteger | Text]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where the database has them."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item()))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """The values, in the order given."""
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _Among(FunctionElement[bool]):
    """Column and values."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _Among:
        """As it is: beside others SQLite would be asked whether it equals 1, and would not use its index."""
        del against
        return self


def among(column: ColumnElement[Any], many: Collection[Any] | str) -> ColumnElement[bool]:
    """Whether it is one of these; a text is the name they are given under when the statement is executed."""
    kind = Many(BigInteger if isinstance(column.type, Integer) else Text)
    given: BindParameter[Any] = (
        bindparam(many, type_=kind) if isinstance(many, str) else bindparam(None, many, type_=kind)
    )
    return _Among(column, given)


@compiles(_Among, "sqlite")
def _sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, given = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 - our own column


@compiles(_Among, "postgresql")
def _postgresql(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, given = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} = ANY ({given})"
