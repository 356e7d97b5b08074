"""销号: when a case may be closed, by whose word, and what is looked back at. Pure; the rules of these three acts.

Sources: 保障农民工工资支付条例 11, 15, 63; the close-out rules of the responsibility matrix (closeout:
paid_in_full_requires, never_accept, codes); 劳动保障监察条例 30(4) for what is asked of 打击报复.
"""

from __future__ import annotations

from datetime import timedelta

from monitor.ledger import elsewhere
from monitor.ledger.standing import Standing, catalogue, forbid
from monitor.model import RETALIATION, Change, Verification

PROVEN = ("C1", "C3")  # paid in full, or advanced by the government and settled
STILL_OPEN = ("C2", "C6")  # in hand: by instalments; transferred to the police with wages unpaid
CODE_NEEDS = {
    "C4": ("procedure",),
    "C5": ("case_number",),
    "C8": ("leader", "appeal"),
    "C10": ("into",),
}
RETALIATED = ("found", "none")  # what was found of 打击报复
ASKED = ("C1", "C3", "C4", "C5")  # closed on what was found out here: also whether somebody was punished for it
CONTACTS_NEEDED = 2
LOOK_BACKS = (7, 30)


def close(change: Change, standing: Standing) -> None:
    """The first person asks: what the code needs is there, and who complained in public was answered there."""
    code = change.data["code"]
    if code not in {f"C{number}" for number in range(1, 11)}:
        raise forbid("close_code")
    if code in STILL_OPEN:
        raise forbid("close_code_open", code=code)
    for words in catalogue()["never_accept"]:
        if words in change.reason:
            raise forbid("close_never", words=words)
    elsewhere.close(change, standing, code)
    for key in CODE_NEEDS.get(code, ()):
        if not change.data.get(key):
            raise forbid("close_needs", code=code, key=key)
    _retaliation(code, standing)
    if code in PROVEN:
        _paid_in_full(change, standing)
        advanced = any(payment.get("advanced") for payment in standing.closeout.get("payments") or ())
        if advanced is not (code == "C3"):  # 保障农民工工资支付条例 63: what was advanced is claimed back
            raise forbid("close_advanced" if advanced else "close_not_advanced")
    elif code == "C8":
        _found_false(change, standing)
    elif code == "C9" and len(standing.closeout.get("contacts") or ()) < CONTACTS_NEEDED:
        raise forbid("close_contacts", need=CONTACTS_NEEDED, have=len(standing.closeout.get("contacts") or ()))
    if code != "C10" and standing.public and not standing.closeout.get("reply"):
        raise forbid("close_no_public_reply")


def _paid_in_full(change: Change, standing: Standing) -> None:
    payments = standing.closeout.get("payments") or []
    if not payments:
        raise forbid("close_no_payment")
    if not all(payment.get("proofs") for payment in payments):
        raise forbid("close_no_proof")
    due_yuan, due_workers = owed(standing)
    if due_yuan is None and due_workers is None:
        raise forbid("close_amount_unknown")
    if due_yuan is not None and standing.paid_yuan + 0.005 < due_yuan:
        raise forbid("close_unpaid_rest", due=f"{due_yuan:,.2f}", paid=f"{standing.paid_yuan:,.2f}")
    if due_workers is not None and standing.paid_workers < due_workers:
        raise forbid("close_unpaid_rest", due=due_workers, paid=standing.paid_workers)
    need = to_confirm(due_workers or standing.paid_workers)
    have = int(change.data.get("confirmed") or 0) + int(standing.closeout.get("confirmed") or 0)
    if have < need:
        raise forbid("close_not_confirmed", need=need, have=have)


def _found_false(change: Change, standing: Standing) -> None:
    if standing.verification is not Verification.FALSE:
        raise forbid("close_not_verified", code="C8")
    if len(set(standing.closeout.get("verifiers") or ())) < 2:
        raise forbid("close_two_verifiers")


def owed(standing: Standing) -> tuple[float | None, int | None]:
    """What is owed, as verified where somebody verified it, else as stated: (yuan, workers)."""
    yuan, workers = standing.closeout.get("due_yuan"), standing.closeout.get("due_workers")
    facts = standing.facts
    return (facts.amount_yuan if yuan is None else yuan), (facts.workers if workers is None else workers)


def to_confirm(workers: int) -> int:
    """How many workers must say themselves that they were paid: all, above 50 at least 30 % and at least 20."""
    return workers if workers <= 50 else max(20, -(-workers * 3 // 10))


def _retaliation(code: str, standing: Standing) -> None:
    if code in ASKED and RETALIATION in standing.facts.traits and not standing.closeout.get("retaliation"):
        raise forbid("close_retaliation")


def approve(change: Change, standing: Standing) -> None:
    """Never by who asked: two people answer for a closed case. Nor with 打击报复 that was told of in between."""
    if change.actor == standing.closeout.get("by"):
        raise forbid("second_person")
    _retaliation(str(standing.closeout.get("code")), standing)


def look_back(change: Change, standing: Standing) -> None:
    """On its day, once; a debt that came back may be told at any time."""
    day = change.data["day"]
    if day not in LOOK_BACKS:
        raise forbid("look_back_day")
    if str(day) in (standing.closeout.get("look_backs") or {}):
        raise forbid("look_back_done", day=day)
    early = standing.closed_at is not None and change.at < standing.closed_at + timedelta(days=day)
    if early and not change.data["recurred"]:
        raise forbid("look_back_early", day=day)
