"""Parts of a value kept as JSON, taken out by the database: most of a report is where in a document its figures stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from storage.columns import JsonText


def picked(connection: Connection, column: ColumnElement[Any], under: str, keys: Sequence[str]) -> ColumnElement[Any]:
    """The values under these keys of the object ``under`` that name ("": of the whole), as an object; null where there is none."""
    pairs: list[Any]
    if connection.dialect.name == "sqlite":
        path = f'$."{under}"' if under else "$"
        pairs = [one for key in keys for one in (literal(key), func.json_extract(column, f'{path}."{key}"'))]
        return type_coerce(func.json_object(*pairs), JsonText)
    parsed = cast(column, JSONB)[under] if under else cast(column, JSONB)
    whole = select(parsed.label("whole")).correlate(column.table).offset(0).subquery()  # once
    pairs = [one for key in keys for one in (cast(literal(key), Text), whole.c.whole[key])]
    return (
        select(type_coerce(cast(func.jsonb_build_object(*pairs), Text), JsonText)).select_from(whole).scalar_subquery()
    )
