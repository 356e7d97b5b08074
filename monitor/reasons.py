"""A machine's reasons in the words of people, the same on pages, in mails and in papers. Knows reasons.yaml only.

The ledger keeps what a machine gives as its reason as a stable English phrase, so that a row means the same to every
version; nobody has to read it so. What a person wrote matches no phrase and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import yaml

Sayings = Sequence[tuple[re.Pattern[str], str]]


@cache
def _catalogue() -> Mapping[str, Sayings]:
    loaded = yaml.safe_load((files("monitor") / "reasons.yaml").read_text(encoding="utf-8"))
    return {group: [(re.compile(phrase), text) for phrase, text in rows] for group, rows in loaded.items()}


def in_words(reason: str) -> str:
    """`alert, score 0.97; same text` -> 达到直接预警线，分数 0.97；文字完全相同."""
    return "；".join(_said(part) for part in reason.split("; "))


def _said(part: str) -> str:
    for group in ("ledger", "feeds", "mails"):
        for phrase, text in _catalogue()[group]:
            if found := phrase.fullmatch(part):
                return text.format(*map(_measured, found.groups("")))
    return part


def _measured(value: str) -> str:
    """`3.0 days` within a phrase -> 3.0 天; what a library says went wrong, in words."""
    for phrase, text in (*_catalogue()["measures"], *_catalogue()["causes"]):
        if found := phrase.fullmatch(value):
            return text.format(*found.groups())
    return value
