"""Which change is allowed when, and what each needs: the ledger's rules, pure. Knows no store and writes nothing.

What each change says beside its reason, and in which form: monitor.ledger.given.

Sources: 保障农民工工资支付条例 11, 31; 信访工作条例 23(3) (five working days to object to a transfer).
The rules of 销号 stand in closing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.ledger import elsewhere
from monitor.ledger.closing import RETALIATED, approve, close, look_back
from monitor.ledger.given import wrong
from monitor.ledger.plans import plan
from monitor.ledger.standing import Standing, catalogue, forbid, proven
from monitor.model import MACHINE, Act, AssignmentState, Change, IncidentState, Level, Verification

S = IncidentState
IN_HAND = frozenset({S.HELD, S.ASSIGNED, S.ACKNOWLEDGED, S.HANDLING, S.PAID, S.REFERRED, S.CLOSING})
HERE = IN_HAND - {S.REFERRED}  # on this county's own desk
WORKING = frozenset({S.ASSIGNED, S.ACKNOWLEDGED, S.HANDLING, S.PAID})
ANY = frozenset(S)

ALLOWED: Mapping[Act, frozenset[IncidentState]] = {
    Act.JOIN: ANY - {S.MERGED},
    Act.RAISE: IN_HAND,
    Act.CONFIRM: frozenset({S.HELD}),
    Act.DISMISS: frozenset({S.HELD, S.ASSIGNED, S.ACKNOWLEDGED}),
    Act.MERGE: HERE,
    Act.SPLIT: HERE | {S.CLOSED},
    Act.REASSIGN: HERE - {S.CLOSING},
    Act.ACKNOWLEDGE: HERE - {S.HELD},
    Act.ACCEPT: WORKING,
    Act.RETURN: frozenset({S.ASSIGNED, S.ACKNOWLEDGED, S.HANDLING}),
    Act.ARBITRATE: HERE,
    Act.CONTACT: IN_HAND,
    Act.VERIFY: HERE - {S.CLOSING},
    Act.PAY: WORKING,
    Act.REVERSE: WORKING,
    Act.REPLY: IN_HAND | {S.CLOSED},
    Act.CORRECT: HERE - {S.CLOSING},
    Act.REGRADE: IN_HAND,
    Act.PAUSE: HERE,
    Act.RESUME: HERE,
    Act.CLOSE: WORKING | {S.REFERRED},
    Act.APPROVE: frozenset({S.CLOSING}),
    Act.LOOK_BACK: frozenset({S.CLOSED}),
    Act.REOPEN: frozenset({S.CLOSED, S.DISMISSED, S.CLOSING}),
    Act.REFER: HERE - {S.CLOSING},
    Act.RECEIPT: frozenset({S.REFERRED}),
    Act.ENFORCE: frozenset({S.CLOSED}),
    Act.NOTE: ANY,
    Act.UNMASK: ANY,
    Act.FILE: ANY - {S.MERGED},
    Act.CALL: IN_HAND,
    Act.PLAN: IN_HAND | {S.CLOSED},
    Act.DRILL: IN_HAND,
    Act.SILENCE: IN_HAND,
    Act.ROSTER: frozenset(),
    Act.HANDOVER: frozenset(),
    Act.FUNDS: frozenset(),
    Act.ACCOUNT: frozenset(),
    Act.LISTS: frozenset(),
    Act.WISH: frozenset(),
    Act.RECHECK: frozenset(),
}
MACHINE_ACTS = frozenset({Act.OPEN, Act.JOIN, Act.HOLD, Act.PASS, Act.RAISE, Act.REOPEN, Act.NOTE, Act.HANDOVER})
OFFICE_ACTS = frozenset(  # may concern no incident
    {Act.NOTE, Act.ROSTER, Act.SILENCE, Act.HANDOVER, Act.FUNDS, Act.LISTS, Act.ACCOUNT, Act.WISH, Act.RECHECK}
)
RETURN_DAYS = 5  # working days
MOST_HOPS = 3
LEAST_REASON = 4  # characters of a reason that lowers a level or stops a clock
BY_WORD = ("phone_report", "written_report", "on_site", "authoritative_info", "first_feedback")  # no act of their own
OUTCOMES = ("reached", "no_answer", "wrong")  # of a call
MEANS = ("public_reply", "account", "came_in")
FACT_KEYS = ("workers", "amount_yuan", "months", "employer", "project", "sector", "traits", "place", "town")


def check(change: Change, standing: Standing) -> None:
    """Raises ForbiddenChange when a rule stands against `change`; returns when none does."""
    names = catalogue()
    act = names["acts"][change.act.value]
    if change.actor == MACHINE and change.act not in MACHINE_ACTS:
        raise forbid("machine_may_not", act=act)
    if standing.state not in ALLOWED.get(change.act, ANY):
        raise forbid("state_forbids", act=act, state=names["states"][standing.state.value])
    if (fault := wrong(change.act, change.data)) is not None:
        raise forbid(fault.rule, act=act, key=fault.key, value=fault.value)
    rule = _RULES.get(change.act)
    if rule:
        rule(change, standing)


# ------------------------------------------------------------------ who has it
def _hers(standing: Standing, department: str) -> Mapping[str, Any]:
    """The department's running assignment."""
    gone = (AssignmentState.WITHDRAWN.value, AssignmentState.RETURNED.value, AssignmentState.DONE.value)
    running = [row for row in standing.assignments if row["department"] == department and row["state"] not in gone]
    if running:
        return running[-1]
    raise forbid("not_assigned", department=department)


def _acknowledge(change: Change, standing: Standing) -> None:
    department = change.data["department"]
    if _hers(standing, department)["state"] != AssignmentState.SENT.value:
        raise forbid("already_acknowledged", department=department)


def _accept(change: Change, standing: Standing) -> None:
    _hers(standing, change.data["department"])


def _return(change: Change, standing: Standing) -> None:
    department, codes = change.data["department"], catalogue()["return_codes"]
    row = _hers(standing, department)
    if row["role"] != "lead":
        raise forbid("only_lead_returns")
    if change.data["code"] not in codes:
        raise forbid("return_code", codes="、".join(f"{code} {name}" for code, name in codes.items()))
    if standing.closeout.get("final_lead") == department:
        raise forbid("return_once", department=department)
    if standing.returned_late:
        raise forbid("return_too_late", days=RETURN_DAYS)


def _given_to(change: Change, standing: Standing) -> None:
    """To a department that there is, and never to the one complained of: not even a person may do that."""
    for department in (change.data["lead"], *(change.data.get("co") or ())):
        if standing.departments and department not in standing.departments:
            raise forbid("no_department", department=department)
        if department in standing.accused:
            raise forbid("accused", department=department)


def _arbitrate(change: Change, standing: Standing) -> None:
    _given_to(change, standing)
    if not any(
        row["state"] == AssignmentState.RETURNED.value and row["role"] == "lead" for row in standing.assignments
    ):
        raise forbid("no_return_waiting")
    _no_loop(change, standing)


def _reassign(change: Change, standing: Standing) -> None:
    _given_to(change, standing)
    if change.data["lead"] == standing.lead and set(change.data.get("co") or ()) == _co(standing):
        raise forbid("same_lead", department=standing.lead)
    _no_loop(change, standing)


def _co(standing: Standing) -> set[str]:
    gone = AssignmentState.WITHDRAWN.value
    return {row["department"] for row in standing.assignments if row["role"] == "co" and row["state"] != gone}


def _no_loop(change: Change, standing: Standing) -> None:
    """A case does not go back to who returned it, and does not wander: then somebody decides for good."""
    if change.data.get("final"):
        return
    lead = change.data["lead"]
    returned = [row["department"] for row in standing.assignments if row["state"] == AssignmentState.RETURNED.value]
    if lead in returned:
        raise forbid("loop", department=lead)
    hops = max((row["hop"] for row in standing.assignments), default=0)
    if hops >= MOST_HOPS and lead != standing.lead:
        raise forbid("too_many_hops", hops=hops)


# ------------------------------------------------------------------ what was done
def _contact(change: Change, standing: Standing) -> None:
    if change.data["means"] not in MEANS:
        raise forbid("contact_means")


def _plan(change: Change, standing: Standing) -> None:
    if change.data.get("after_action"):
        if standing.state is not S.CLOSED:
            raise forbid("after_action_early")
        return
    steps = {step.id: step for step in plan(standing.level).steps}
    step = steps.get(str(change.data.get("step")))
    if step is None:
        raise forbid("plan_step", names="、".join(steps))
    if step.clock and step.clock not in BY_WORD:
        raise forbid("plan_by_act", what=step.what)
    if step.id in (standing.closeout.get("plan") or {}):
        raise forbid("plan_done", what=step.what)


def _file(change: Change, standing: Standing) -> None:
    if change.data.get("payment") is not None:
        _recorded(change, standing)
        proven([change.data["file"]], standing)


def _recorded(change: Change, standing: Standing) -> None:
    """`payment` is the place of one that was recorded and not taken back since."""
    place, payments = change.data["payment"], standing.closeout.get("payments") or []
    if not isinstance(place, int) or not 0 <= place < len(payments):
        raise forbid("payment_unknown", number=place, have=len(payments))


def _call(change: Change, standing: Standing) -> None:
    if change.data["outcome"] not in OUTCOMES:
        raise forbid("data_wrong", act=change.act, key="outcome", value=change.data["outcome"])


def _verify(change: Change, standing: Standing) -> None:
    known = {kind.value for kind in Verification} - {Verification.UNVERIFIED.value}
    if change.data["verification"] not in known:
        raise forbid("data_wrong", act=change.act, key="verification", value=change.data["verification"])
    if change.data.get("retaliation") not in (None, "", *RETALIATED):
        raise forbid("data_wrong", act=change.act, key="retaliation", value=change.data["retaliation"])


def _pay(change: Change, standing: Standing) -> None:
    if not (change.data["yuan"] > 0 and change.data["workers"] > 0):
        raise forbid("payment_positive")
    proven(change.data.get("proofs") or (), standing)


def _correct(change: Change, standing: Standing) -> None:
    if not change.data["facts"]:
        raise forbid("nothing_changed")
    for key in change.data["facts"]:
        if key not in FACT_KEYS:
            raise forbid("fact_unknown", key=key)


def _regrade(change: Change, standing: Standing) -> None:
    if change.data["level"] not in {level.value for level in Level}:
        raise forbid("data_wrong", act=change.act, key="level", value=change.data["level"])
    level = Level(change.data["level"])
    if level is standing.level:
        raise forbid("same_level", level=level)
    if level.rank < standing.level.rank and len(change.reason.strip()) < LEAST_REASON:
        raise forbid("lowering_reason", least=LEAST_REASON)


def _pause(change: Change, standing: Standing) -> None:
    if standing.paused:
        raise forbid("paused_already")
    if len(change.reason.strip()) < LEAST_REASON:
        raise forbid("pause_reason", least=LEAST_REASON)


def _resume(change: Change, standing: Standing) -> None:
    if not standing.paused:
        raise forbid("not_paused")


def _split(change: Change, standing: Standing) -> None:
    chosen, all_posts = set(change.data["posts"]), set(standing.posts)
    if not chosen or not chosen < all_posts:
        raise forbid("split_posts")


def _merge(change: Change, standing: Standing) -> None:
    if change.data["into"] == standing.id:
        raise forbid("merge_self")


_RULES = {
    Act.ACKNOWLEDGE: _acknowledge, Act.ACCEPT: _accept, Act.RETURN: _return, Act.ARBITRATE: _arbitrate,
    Act.REASSIGN: _reassign, Act.CONTACT: _contact, Act.VERIFY: _verify, Act.PAY: _pay, Act.CORRECT: _correct,
    Act.REGRADE: _regrade, Act.PAUSE: _pause, Act.RESUME: _resume, Act.SPLIT: _split, Act.MERGE: _merge,
    Act.CLOSE: close, Act.APPROVE: approve, Act.LOOK_BACK: look_back, Act.CALL: _call,
    Act.FILE: _file, Act.REVERSE: _recorded, Act.PLAN: _plan,
    Act.REFER: elsewhere.refer, Act.RECEIPT: elsewhere.receipt, Act.ENFORCE: elsewhere.enforce,
}  # fmt: skip
