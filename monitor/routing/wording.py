"""The sentences of this room, from sentences.yaml. Knows no decision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from monitor.names import names

CATALOGUE = Path(__file__).with_name("sentences.yaml")


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    return {**loaded, "levels": names()["levels"]}


def say(group: str, key: str, /, **values: Any) -> str:
    """The sentence `key` of `group` with its values filled in; KeyError for a sentence nobody has written."""
    return _catalogue()[group][key].format(**values)


def label(group: str, key: str) -> str:
    """What `key` is called; the key itself where nobody has named it."""
    return _catalogue()[group].get(key, key)
