"""Cases that go on elsewhere: sent to another county, handed up to the city, before a court. The rules.

    refer        to: who gets it, kind: across|up, contact?            (转送函; the receipt clock begins)
    receipt      outcome: taken (who, day, number) | refused (who) | back | unanswered (the machine's, when time is up)
    enforce      outcome: pending | enforced (yuan, workers, proofs) | failed; of a case closed as C5

While it is away a case stays in hand, in a state of its own, and the county's clocks stand still; refused, handed back
or unanswered it returns to where it was and they go on. Sources: 劳动保障监察条例 13 (the place of work decides),
信访工作条例 22 (15 days to inform) and 23(3) (five working days to object), close-out codes C5, C7, C9 of the matrix.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from monitor.ledger.standing import Standing, catalogue, forbid, proven
from monitor.model import Change, IncidentState
from monitor.store.closeout import Closeout, Letter
from monitor.text import SHANGHAI

S = IncidentState
ACROSS, UP = "across", "up"
TAKEN, REFUSED, BACK, UNANSWERED = "taken", "refused", "back", "unanswered"
PENDING, ENFORCED, FAILED = "pending", "enforced", "failed"
RECEIPT, ANSWER, ENFORCEMENT, HUNG = "receipt", "answer", "enforcement", "hung"  # clocks
AWAY_CLOCKS = frozenset({RECEIPT, ANSWER})


def waiting(closeout: Closeout) -> Letter | None:
    """The letter that is out; None where none is."""
    return closeout.get("referred")


def refer(change: Change, standing: Standing) -> None:
    if change.data["kind"] not in (ACROSS, UP):
        raise forbid("data_wrong", act=_act(change), key="kind", value=change.data["kind"])


def receipt(change: Change, standing: Standing) -> None:
    outcome, known = change.data["outcome"], waiting(standing.closeout)
    if outcome not in (TAKEN, REFUSED, BACK):
        raise forbid("data_wrong", act=_act(change), key="outcome", value=outcome)
    there = known.get("receipt") if known else None
    if outcome in (TAKEN, REFUSED) and there:
        raise forbid("receipt_there", number=there["number"])
    for key in {TAKEN: ("who", "day", "number"), REFUSED: ("who",)}.get(outcome, ()):
        if not str(change.data.get(key) or "").strip():
            raise forbid("data_missing", act=_act(change), key=catalogue()["receipt_keys"][key])
    day, sent = _day(change.data.get("day")), _sent(known)
    if outcome == TAKEN and not (day and sent and sent <= day <= change.at.astimezone(SHANGHAI).date()):
        raise forbid("receipt_day", day=change.data.get("day"))


def close(change: Change, standing: Standing, code: str) -> None:
    """C7 and its receipt; whatever is away is not closed before there is one, and not in the city's name."""
    known = waiting(standing.closeout)
    there = bool(known and known.get("receipt"))
    if standing.state is S.REFERRED:
        to, up = (known["to"], known["kind"] == UP) if known else ("", False)
        if not there:
            raise forbid("referred_waits", to=to)
        if code != "C7" or up:
            raise forbid("referred_up" if up else "referred_code", to=to)
    if code == "C7" and not there and not change.data.get("receipt"):
        raise forbid("close_needs", code=code, key="receipt")


def enforce(change: Change, standing: Standing) -> None:
    data = change.data
    if standing.closeout.get("code") != "C5":
        raise forbid("enforce_code")
    if standing.closeout.get("enforced"):
        raise forbid("enforce_done")
    if data["outcome"] not in (PENDING, ENFORCED, FAILED):
        raise forbid("data_wrong", act=_act(change), key="outcome", value=data["outcome"])
    paid = [data.get(key) for key in ("yuan", "workers")]
    if data["outcome"] == ENFORCED or any(paid):
        if not all(isinstance(value, (int, float)) and value > 0 for value in paid):
            raise forbid("payment_positive")
        if not data.get("proofs"):
            raise forbid("close_no_proof")
        proven(data["proofs"], standing)


def _act(change: Change) -> str:
    return str(catalogue()["acts"][change.act.value])


def _day(written: Any) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def _sent(known: Letter | None) -> date | None:
    return known and datetime.fromisoformat(known["at"]).astimezone(SHANGHAI).date()
