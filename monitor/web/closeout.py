"""销号: what is still missing before a case may be closed as paid, step by step. Pure; the ledger's rules decide again.

Only shows: the conditions and their arithmetic are those of monitor.ledger.rules (条例 11, 15, 31).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.ledger.closing import owed, to_confirm
from monitor.ledger.standing import Standing
from monitor.model import RETALIATION, IncidentState, Level, Verification
from monitor.store.closeout import closeout_of
from monitor.store.codec import facts_from


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of close-out: whether it is met, and the figures that say so."""

    name: str  # verified, retaliation, paid, proofs, confirmed, replied, second
    done: bool
    have: float | None = None
    need: float | None = None


def standing(row: Mapping[str, Any], *, public: bool) -> Standing:
    """The incident as the rules look at it, from its stored row."""
    return Standing(
        id=row["id"],
        state=IncidentState(row["state"]),
        level=Level(row["level"]),
        verification=Verification(row["verification"]),
        facts=facts_from(row["facts"]),
        lead=row["lead"],
        closeout=closeout_of(row),
        paid_yuan=row["paid_yuan"],
        paid_workers=row["paid_workers"],
        public=public,
        closed_at=row["closed_at"],
    )


def steps(row: Mapping[str, Any], files: Sequence[Mapping[str, Any]], *, public: bool) -> list[Step]:
    """The conditions of "paid in full" in the order in which they are usually met."""
    seen, closeout = standing(row, public=public), closeout_of(row)
    yuan, workers = owed(seen)
    payments = closeout.get("payments") or []
    need = to_confirm(workers or seen.paid_workers) if (workers or seen.paid_workers) else 0
    have = int(closeout.get("confirmed") or 0)
    known = yuan is not None or workers is not None
    paid = bool(payments) and known and (yuan is None or seen.paid_yuan + 0.005 >= yuan)
    paid = paid and (workers is None or seen.paid_workers >= workers)
    found = [
        Step("verified", seen.verification.value not in ("unverified", "verifying") and known),
        *([Step("retaliation", bool(closeout.get("retaliation")))] if RETALIATION in seen.facts.traits else ()),
        Step("paid", paid, seen.paid_yuan, yuan),
        Step("proofs", bool(payments) and all(payment.get("proofs") for payment in payments), len(files)),
        Step("confirmed", need > 0 and have >= need, have, need),
    ]
    if public:
        found.append(Step("replied", bool(closeout.get("reply"))))
    return [*found, Step("second", seen.state is IncidentState.CLOSED)]
