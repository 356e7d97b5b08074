"""What a change must say beside its reason, what it may, and in which form. Pure; knows no incident and no rule.

`Change.data` per act (keys marked ? may be left out):

    open, join   evidence?, claims_paid?                                 (readings hold the post)
    hold, pass   audit?  True: a passed post is put into the queue as 抽检
    confirm      post (a held post becomes part of an incident) | nothing: a held incident is released
    dismiss      post | nothing: the whole incident is no case
    merge        into: incident id, into_version?        split      posts: [ids]
    acknowledge  department, token?                      accept     department
    return       department, code: R1..R6, suggest?: department
    arbitrate    lead, co?: [ids], final?: bool          reassign   lead, co?: [ids], final?: bool
    contact      means: public_reply|account|came_in, reached?: bool
    verify       verification: verifying|true|partly|false, workers?, yuan? (what is owed as verified),
                 retaliation?: found|none (打击报复: whether the employer punished somebody for complaining)
    pay          yuan, workers, proofs?: [file ids], advanced?: bool (政府垫付), confirmed?: who said so themselves
    reverse      payment: which recorded payment counts no more (0 is the first)
    reply        url?, text?                             correct    facts: {key: value}
    regrade      level                                   raise      level?, reasons?: [...] (machine)
    pause, resume, note  nothing (the reason says it)    unmask     post
    file         file: number, sha256, purpose, payment?: which recorded payment it proves (0 is the first)
    call       department, name, outcome: reached|no_answer|wrong
    silence      do: begin|end, number, until
    plan         step: of the level's plan | after_action: True (the reason is the note)
    drill        scenario, town? (begins, on no incident) | nothing (ends; the reason is the note)
    roster, handover                                     acts on no incident: see monitor.ledger.duty
    account      do: add|scope|disable|enable, name      acts on no incident: see monitor.ledger.accounts
    lists      do: import|undo|judge|unjudge             acts on no incident: see monitor.ledger.lists
    wish       do: register|answer                       acts on no incident: see monitor.ledger.wishes
    recheck    month, post, answer ...                   acts on no incident: see monitor.ledger.recheck
    close        code: C1..C10 and what the code needs: procedure (C4), case_number (C5), receipt (C7),
                 leader and appeal (C8), into (C10), confirmed?: int
    approve      approved?: bool (False sends it back)
    look_back    day: 7|30, recurred: bool               reopen     nothing
    refer, receipt, enforce                              see monitor.ledger.elsewhere
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.model import Act

Form = type | tuple[type, ...]

MOST_YUAN, MOST_WORKERS = 1e10, 1_000_000  # above them it is a slip of the pen: no county owes 10,000 million yuan
NUMBER, SEVERAL = (int, float), (list, tuple)
NEEDS: Mapping[Act, Mapping[str, Form]] = {
    Act.MERGE: {"into": str},
    Act.SPLIT: {"posts": SEVERAL},
    Act.REASSIGN: {"lead": str},
    Act.ACKNOWLEDGE: {"department": str},
    Act.ACCEPT: {"department": str},
    Act.RETURN: {"department": str, "code": str},
    Act.ARBITRATE: {"lead": str},
    Act.CONTACT: {"means": str},
    Act.VERIFY: {"verification": str},
    Act.PAY: {"yuan": NUMBER, "workers": int},
    Act.REVERSE: {"payment": int},
    Act.CORRECT: {"facts": dict},
    Act.REGRADE: {"level": str},
    Act.CLOSE: {"code": str},
    Act.LOOK_BACK: {"day": int, "recurred": bool},
    Act.REFER: {"to": str, "kind": str},
    Act.RECEIPT: {"outcome": str},
    Act.ENFORCE: {"outcome": str},
    Act.UNMASK: {"post": str},
    Act.FILE: {"file": int, "sha256": str, "purpose": str},
    Act.CALL: {"department": str, "name": str, "outcome": str},
    Act.SILENCE: {"do": str, "number": int},
}
MAY: Mapping[Act, Mapping[str, Form]] = {
    Act.CONFIRM: {"post": str},
    Act.DISMISS: {"post": str},
    Act.MERGE: {"into_version": int},
    Act.ACKNOWLEDGE: {"token": str},
    Act.RETURN: {"suggest": str},
    Act.ARBITRATE: {"co": SEVERAL, "final": bool},
    Act.REASSIGN: {"co": SEVERAL, "final": bool},
    Act.CONTACT: {"reached": bool},
    Act.VERIFY: {"workers": int, "yuan": NUMBER, "retaliation": str},
    Act.PAY: {"proofs": SEVERAL, "advanced": bool, "confirmed": int},
    Act.REPLY: {"url": str, "text": str},
    Act.CLOSE: {
        **dict.fromkeys(("procedure", "case_number", "receipt", "leader", "appeal", "into"), str),
        "confirmed": int,
    },
    Act.APPROVE: {"approved": bool},
    Act.REFER: {"contact": str},
    Act.RECEIPT: dict.fromkeys(("who", "day", "number"), str),
    Act.ENFORCE: {"yuan": NUMBER, "workers": int, "proofs": SEVERAL},
    Act.CALL: {"clock": str},
    Act.NOTE: {"clock": str},
    Act.PLAN: {"step": str, "after_action": bool},
    Act.PAUSE: {},
    Act.RESUME: {},
    Act.REOPEN: {},
}
OWN = frozenset({Act.FILE, Act.SILENCE, Act.UNMASK})  # more than words: a slip, a scope, two persons


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a change's data: a key of rules.yaml, and the key and value it is about."""

    rule: str
    key: str
    value: Any = None


def forms(act: Act) -> Mapping[str, Form] | None:
    """Every key a person may give with this act and its form; None: an act with a page or command of its own."""
    if act in OWN or act not in {*NEEDS, *MAY}:
        return None
    return {**NEEDS.get(act, {}), **MAY.get(act, {})}


def wrong(act: Act, data: Mapping[str, Any]) -> Fault | None:
    """The first fault: something needed is missing, of another form, or no plausible number."""
    needed = NEEDS.get(act, {})
    for key, form in {**needed, **MAY.get(act, {})}.items():
        value = data.get(key)
        if value is None or value == "":
            if key in needed:
                return Fault("data_missing", key)
        elif not _of(value, form) or not _plausible(key, value):
            return Fault("data_wrong", key, value)
    return None


def _of(value: Any, form: Form) -> bool:
    return isinstance(value, form) and (form is bool or not isinstance(value, bool))


def _plausible(key: str, value: Any) -> bool:
    """Neither negative nor absurd nor NaN; whether it must be above zero is a rule's matter."""
    if key in ("yuan", "workers", "confirmed"):
        return bool(0 <= value <= (MOST_YUAN if key == "yuan" else MOST_WORKERS))
    return True
