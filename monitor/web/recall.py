"""How much the machine misses, told from the audit sample. Pure: counts in, shares with their uncertainty out."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from monitor.store.sampled import AUDIT_EVERY, Sampled

Z = 1.96  # 95 %
FEW = 30  # looked at; below it no share is told


@dataclass(frozen=True, slots=True)
class Recall:
    """Of all posts of cases, the share that the machine showed to people: estimate and 95 % bounds, 0 to 1."""

    share: float
    lo: float
    hi: float


def recall(seen: Sampled) -> Recall | None:
    """None where too few were looked at, or where nothing was found and nothing missed.

    Each passed post was drawn with probability 1/AUDIT_EVERY, so what the sample holds stands for so many times as
    much (Horvitz and Thompson 1952); the bounds are those of Wilson (1927) for the share of missed posts.
    """
    if seen.looked_at < FEW:
        return None
    passed = seen.drawn * AUDIT_EVERY
    shares = (seen.missed / seen.looked_at, *wilson(seen.missed, seen.looked_at))
    missed, least, most = (share * passed for share in shares)
    if not seen.found and not missed:
        return None
    return Recall(*(seen.found / (seen.found + each) if seen.found else 0.0 for each in (missed, most, least)))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, 1927): holds for few and for none, too."""
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)
