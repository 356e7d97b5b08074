"""Long lists in parts, for statements that name every value. Knows the bound of a statement, and no table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
BOUND = 400  # values a statement: well under what SQLite binds at once


def parts(values: Collection[T]) -> Iterator[Sequence[T]]:
    """The values in their order, BOUND at a time; nothing for none."""
    rows = values if isinstance(values, (list, tuple)) else list(values)
    return (rows[start : start + BOUND] for start in range(0, len(rows), BOUND))
