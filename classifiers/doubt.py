"""Marks that a post may only sound like a case: denials, inventions, archives. A mark costs the alert, nothing else.

The model weighs words one by one; these say what the whole text is. A marked post waits for a person and alerts no
desk. An old year is no such mark: debts of long ago are still owed (it would have cost 63 of 379 labelled cases).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml


@cache
def _marks() -> re.Pattern[str]:
    words = yaml.safe_load((files("classifiers.lexicon") / "doubt.yaml").read_text(encoding="utf-8"))
    return re.compile("|".join(re.escape(word) for group in words.values() for word in group))


def doubtful(text: str) -> tuple[int, int] | None:
    """Where a mark stands in the normalised text, or None."""
    found = _marks().search(text)
    return found.span() if found else None
