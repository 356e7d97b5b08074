"""The word lists, as data: spelling, categories of words, grammar. Knows the files, not what they are used for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

_WORD = re.compile(r"<([a-z_]+)>")
_GAP = re.compile(r"([~≈])(\d+)")
_INSIDE = {"~": "[^，。,;；！？!?\\n]", "≈": "[^。！？!?\\n]"}  # a clause, a sentence


@lru_cache(maxsize=8)
def load(name: str) -> dict[str, Any]:
    """One list by name (`spelling`, `wage`, ...) as written in YAML."""
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded


def written_out(pattern: str, words: Mapping[str, str]) -> str:
    """A pattern of a list as a regular expression: `<word>` is its class, `~8` up to eight characters of a clause,
    `≈8` of a sentence."""
    classes = _WORD.sub(lambda name: f"(?:{words[name[1]]})", pattern)
    return _GAP.sub(lambda gap: f"{_INSIDE[gap[1]]}{{0,{gap[2]}}}?", classes)
