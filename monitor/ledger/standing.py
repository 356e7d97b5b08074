"""What a rule of the ledger looks at, and the words in which it refuses. Knows rules.yaml; knows no rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from monitor.errors import ForbiddenChange
from monitor.model import Facts, IncidentState, Level, Verification
from monitor.names import names
from monitor.store.closeout import Closeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the rules look at: the incident as it is before the change."""

    id: str
    state: IncidentState
    level: Level
    verification: Verification
    facts: Facts
    lead: str
    assignments: Sequence[Mapping[str, Any]] = ()
    closeout: Closeout = field(default_factory=Closeout)
    paid_yuan: float = 0
    paid_workers: int = 0
    public: bool = True  # at least one post stands where everybody can read it
    paused: bool = False
    posts: Sequence[str] = ()
    closed_at: datetime | None = None
    returned_late: bool = False  # the limit for a return has passed (the caller counts working days)
    departments: frozenset[str] = frozenset()  # that the matrix knows; empty: not asked
    proofs: frozenset[int] | None = None  # files that prove payments, filed with this incident; None: not asked
    accused: frozenset[str] = frozenset()  # departments that the incident is about (信访工作条例 30(3))


@cache
def catalogue() -> Mapping[str, Any]:
    """The sentences and names a person reads."""
    text = resources.files("monitor.ledger").joinpath("rules.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return {**loaded, **{group: names()[group] for group in ("acts", "states")}}


def forbid(rule: str, **words: Any) -> ForbiddenChange:
    """The refusal by a rule, in the catalogue's words."""
    return ForbiddenChange(rule, str(catalogue()["rules"][rule]).format(**words))


def proven(numbers: Sequence[Any], standing: Standing) -> None:
    """A proof is a slip that was filed with this incident as one of payment; a mere number is none."""
    for number in numbers:
        if standing.proofs is not None and number not in standing.proofs:
            raise forbid("proof_unknown", number=number)
