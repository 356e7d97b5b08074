"""What a classifier answers. Knows no model and no monitor: both sides of the wall import it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Flag(StrEnum):
    """What happens to the post next."""

    ALERT = "alert"  # an incident at once, marked unverified
    REVIEW = "review"  # a person first
    PASS = "pass"  # kept briefly, audited by sample


class Kind(StrEnum):
    """What the post is about; definitions in the model card."""

    OPEN = "open"  # a concrete case of unpaid wages, not known to be settled
    RESOLVED = "resolved"  # a concrete case that has been paid
    DISPUTE = "dispute"  # a labour or money dispute without unpaid earned wages
    GENERAL = "general"  # about the topic, no concrete open case
    NOISE = "noise"  # everything else


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of text that moved the score. `start`/`end`: character offsets into title + "\\n" + text."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """机器研判. `score`: calibrated probability in 0..1 that the post is an open wage-arrears case."""

    flag: Flag
    score: float
    kind: Kind
    life_risk: bool
    model: str
    reasons: tuple[Reason, ...] = ()
    kinds: Mapping[Kind, float] = field(default_factory=dict)  # probabilities, summing to 1
    perhaps_life_risk: bool = False  # less sure than `life_risk` and never beside it: read first, calls nobody out


def full_text(title: str | None, text: str) -> str:
    """The one string all offsets refer to: title + "\\n" + text; just the text where there is no title."""
    return f"{title}\n{text}" if title else text
