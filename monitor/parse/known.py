"""Selectors of common publishing systems, as data. Knows `known.yaml`; knows no document."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def catalogue(name: str) -> dict[str, Any]:
    """A table packaged with this room."""
    table: dict[str, Any] = yaml.safe_load(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return table


def known_selectors(part: str) -> tuple[str, ...]:
    """Selectors for `article` or `time`, most specific first."""
    return tuple(catalogue("known.yaml")[part])
