"""Why a document could not be read: a stable code, an English sentence for logs, a Chinese one for the operator.

Knows the catalogue `faults.yaml`; does not know what happens to the feed afterwards.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from monitor.errors import InputError


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("faults.yaml").read_text("utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


class Unreadable(InputError):
    """A document that does not hold what its feed promises. `code` is a key of faults.yaml; `zh` is for the screen."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code = code
        self.facts = facts
        super().__init__(_catalogue()[code]["en"].format(**facts))

    @property
    def zh(self) -> str:
        """The sentence for the screen; what the platform itself said stays as it was said."""
        phrases = _catalogue()["phrases"]
        facts = {name: phrases.get(fact, fact) if isinstance(fact, str) else fact for name, fact in self.facts.items()}
        return _catalogue()[self.code]["zh"].format(**facts)


def codes() -> frozenset[str]:
    """Every code that this room can raise."""
    return frozenset(_catalogue()) - {"phrases"}
