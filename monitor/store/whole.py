"""Whether a server's database has every table and key that the schema names. Knows the schema; mends nothing.

pg_restore writes rows first and keys last. One that broke off (half a dump, a full disk) leaves a database that opens,
answers, and no longer keeps two of a thing apart: no message would be sent once, no post stored once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, Table, UniqueConstraint, inspect

from monitor.store.schema import metadata

NAMED = 3  # of what is missing: enough to see that it is much


def missing(c: Connection, *, keys_only: bool = False) -> list[str]:
    """What the database lacks, as `table: what`; `keys_only`: of the tables it has, primary keys alone.

    The latter holds for the tables of every older version too, before they are brought up to date.
    """
    seen = inspect(c)
    there = set(seen.get_table_names())
    primary = {name for (_, name), found in seen.get_multi_pk_constraint().items() if found["constrained_columns"]}
    lacks = [f"{name}: key" for name in sorted(there & set(metadata.tables) - primary)]
    if keys_only:
        return lacks
    uniques, indexes, foreign = (
        {name: _columns(found, key) for (_, name), found in ask().items()}
        for ask, key in (
            (seen.get_multi_unique_constraints, "column_names"),
            (seen.get_multi_indexes, "column_names"),
            (seen.get_multi_foreign_keys, "constrained_columns"),
        )
    )
    for table in metadata.sorted_tables:
        if table.name not in there:
            lacks.append(f"{table.name}: all of it")
            continue
        kept = {"once": uniques, "index": indexes, "reference": foreign}
        lacks += [
            f"{table.name}: {what} of {', '.join(sorted(columns))}"
            for what, columns in _wanted(table)
            if columns not in kept[what].get(table.name, ())
        ]
    return lacks


def told(lacks: list[str]) -> str:
    """The first few, and how many more."""
    more = f", and {len(lacks) - NAMED} more" if len(lacks) > NAMED else ""
    return "; ".join(lacks[:NAMED]) + more


def _wanted(table: Table) -> Iterable[tuple[str, frozenset[str]]]:
    for rule in table.constraints:
        if isinstance(rule, UniqueConstraint):
            yield "once", frozenset(column.name for column in rule.columns)
        elif isinstance(rule, ForeignKeyConstraint):
            yield "reference", frozenset(rule.column_keys)
    for index in table.indexes:
        yield "index", frozenset(column.name for column in index.columns)


def _columns(found: Iterable[Any], key: str) -> set[frozenset[str]]:
    return {frozenset(one[key]) for one in found}
