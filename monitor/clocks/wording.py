"""The sentences of this room, from sentences.yaml. Knows no rule."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

CATALOGUE = Path(__file__).with_name("sentences.yaml")


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    return loaded


def say(group: str, key: str, /, **values: Any) -> str:
    """The sentence `key` of `group` with its values filled in; KeyError for one nobody has written."""
    return str(_catalogue()[group][key]).format(**values)


def clock_name(name: str) -> str:
    """A clock as people here call it; the id itself where nobody has named it."""
    return str(_catalogue()["names"].get(name, name))


def weekday(number: int) -> str:
    """0 is Monday."""
    return str(_catalogue()["weekdays"][number])
