"""What the column `incidents.closeout` holds: everything a case gathers on its way to 销号, as stored JSON.

Only monitor.ledger writes it. A key is there once its act was done and goes when the act is undone: a case with a short
history is a short row. A TypedDict, for what is stored, hashed into the chain and shown is the JSON itself. Moments are
ISO 8601 in UTC; people are names of accounts, never of posters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast


class Payment(TypedDict, total=False):
    """支付登记. `confirmed`: how many workers said that they have it; `enforced`: it came by a court's hand."""

    at: str
    yuan: float
    workers: int
    proofs: list[int]  # numbers of filed slips
    advanced: bool  # from the government's emergency fund (保障农民工工资支付条例 63)
    confirmed: int
    by: str
    enforced: bool


class Reversed(Payment, total=False):
    """A payment that counts no more, and why."""

    reversed_at: str
    reversed_by: str
    told: str


class Contact(TypedDict):
    """联系反映人: how it was tried, and whether they were reached."""

    at: str
    means: str
    reached: bool
    by: str


class Call(TypedDict):
    """电话通知."""

    at: str
    department: str
    name: str
    outcome: str
    by: str


class Reply(TypedDict):
    """公开答复."""

    at: str
    url: str | None
    by: str


class Receipt(TypedDict):
    """回执."""

    who: str
    day: str
    number: str
    at: str
    by: str


class _Letter(TypedDict):
    to: str
    kind: str  # across: to another county; up: to the city
    contact: str | None
    reason: str
    at: str
    by: str
    back_to: str  # the state it returns to
    due: str
    letter: int  # the how-manieth of this case


class Letter(_Letter, total=False):
    """转送. `outcome`, `ended_at`, `told`: of one that is over."""

    receipt: Receipt
    outcome: str
    ended_at: str
    told: str


class Progress(TypedDict):
    """执行进展 of a case closed as C5."""

    at: str
    outcome: str
    by: str
    told: str


class Step(TypedDict, total=False):
    """A step of the plan, ticked."""

    at: str
    by: str
    note: str


class Note(TypedDict):
    """复盘."""

    at: str
    by: str
    text: str
    measured: Mapping[str, Any]


class LookBack(TypedDict):
    """回头看."""

    at: str
    recurred: bool
    by: str


class Retaliation(TypedDict):
    """打击报复: what the department found of it."""

    finding: str
    by: str
    at: str


class Drill(TypedDict):
    """What a practised case was made from."""

    scenario: str
    text: str
    by: str


class Closeout(TypedDict, total=False):
    """All of it; a case that was just opened has none."""

    # who has it, what was found
    contacts: list[Contact]
    contacts_before: list[Contact]  # of a time before the case came back from C9
    calls: list[Call]
    verifiers: list[str]
    due_yuan: float  # owed as verified
    due_workers: int
    retaliation: Retaliation
    reply: Reply
    plan: Mapping[str, Step]
    final_lead: str  # a decision on the lead that is the last
    claims_paid: bool  # a post says that it was paid; nobody's word that it was
    # money
    payments: list[Payment]
    reversed: list[Reversed]
    confirmed: int
    before_paid: str  # the state before the first payment
    # elsewhere
    referred: Letter  # out now
    referred_before: list[Letter]
    enforcement: list[Progress]
    enforced: str
    # 销号
    code: str | None
    by: str | None  # who asked
    requested_at: str
    back_to: str  # the state it returns to where the second person says no
    given: Mapping[str, Any]  # what the code needs (closing.CODE_NEEDS)
    approved_by: str
    look_backs: Mapping[str, LookBack]
    reopened: int
    after_action: Note
    drill: Drill


def closeout_of(row: Mapping[str, Any]) -> Closeout:
    """Of an incident's row; empty where it has none."""
    found: Closeout = row["closeout"] or Closeout()
    return found


ENDED = ("code", "by", "requested_at", "look_backs", "plan", "referred", "enforced", "retaliation")


def begun_anew(found: Closeout) -> Closeout:
    """What stays of it when a case comes back: without what was asked and answered for the close-out before."""
    return cast(Closeout, {key: value for key, value in found.items() if key not in ENDED})


def without_finding(found: Closeout) -> Closeout:
    """The same before anybody looked into 打击报复."""
    return cast(Closeout, {key: value for key, value in found.items() if key != "retaliation"})
