"""Long lists in parts, or as one value, for statements that name every value. Knows the bound of a statement, and no
table."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, String, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

T = TypeVar("T")
BOUND = 400  # values a statement: well under what SQLite binds at once


def parts(values: Collection[T]) -> Iterator[Sequence[T]]:
    """The values in their order, BOUND at a time; nothing for none."""
    rows = values if isinstance(values, (list, tuple)) else list(values)
    return (rows[start : start + BOUND] for start in range(0, len(rows), BOUND))


def among(c: Connection, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of texts holds one of these, however many: a statement that cannot be cut into parts (a page of
    a list, its count) names them in one value. SQLite binds 32,766 values at most, PostgreSQL's driver 65,535."""
    if len(values) <= BOUND:
        return column.in_(list(values))
    if c.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(String)))
    return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))
