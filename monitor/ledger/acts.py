"""What a person's acts on an incident do, from acknowledgement to look-back. Knows the desk and the case.

The rules have been asked before (rules); a function here changes the case and says what is to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.ledger import away
from monitor.ledger.case import Case, clock_row, title_of
from monitor.ledger.desk import Desk
from monitor.ledger.elsewhere import FAILED
from monitor.ledger.plans import measured, standing
from monitor.ledger.plans import plan as checklist
from monitor.ledger.posts import call_in, move_lead, reopen
from monitor.ledger.rules import MOST_HOPS
from monitor.ledger.standing import catalogue
from monitor.model import Act, Change, Clock, IncidentState, Level, Occasion, Place, Verification
from monitor.store import incidents, outbox
from monitor.store.closeout import Call, Closeout, Contact, LookBack, Payment, Reversed
from monitor.store.codec import facts_json
from monitor.text import face

S = IncidentState
ARBITRATE_WITHIN = timedelta(hours=2)  # the office decides on a return


def raise_(desk: Desk, case: Case, change: Change) -> None:
    """The machine saw further spread or a deadline near: the level is asked for anew and never falls."""
    asked = change.data.get("level")
    case.spread = None
    grading = desk.grading(case, change.at)
    if asked and Level(asked).rank > grading.level.rank:
        grading = replace(grading, level=Level(asked), reasons=tuple(change.data.get("reasons") or (change.reason,)))
    if desk.raise_level(case, grading):
        desk.tighten_clocks(case, change.at)
        desk.tell(case, Occasion.RAISED, change.reason)


def regrade(desk: Desk, case: Case, change: Change) -> None:
    """A person sets the level; downwards only with a reason, which stays on record."""
    level = Level(change.data["level"])
    raised = level.rank > case.level.rank
    case.row.update(level=level.value, level_reasons=[*case.row["level_reasons"], f"{level.value}:{change.reason}"])
    if raised:
        desk.tighten_clocks(case, change.at)
        desk.tell(case, Occasion.RAISED, change.reason)


# ------------------------------------------------------------------ who has it
def acknowledge(desk: Desk, case: Case, change: Change) -> None:
    """签收: the department has seen it; the lead's signature stops the first clock."""
    row = _running(case, change.data["department"])
    row.update(state="acknowledged", at=change.at)
    if row["role"] == "lead":
        case.stop(change.at, "acknowledge")
        if case.state is S.ASSIGNED:
            case.row["state"] = S.ACKNOWLEDGED.value


def accept(desk: Desk, case: Case, change: Change) -> None:
    """受理: it is ours, and we work on it; accepting acknowledges as well."""
    row = _running(case, change.data["department"])
    row.update(state="accepted", at=change.at)
    if row["role"] == "lead":
        case.stop(change.at, "acknowledge")
        if case.state in (S.ASSIGNED, S.ACKNOWLEDGED):
            case.row["state"] = S.HANDLING.value


def return_(desk: Desk, case: Case, change: Change) -> None:
    """退单: waits for the office's decision with a clock of its own; the lead stays named until then."""
    row = _running(case, change.data["department"])
    row.update(state="returned", at=change.at, note=f"{change.data['code']} {change.reason}")
    case.stop(change.at, "acknowledge")
    _clock(case, change, "arbitrate", ARBITRATE_WITHIN)
    desk.tell(case, Occasion.RETURNED, f"{change.data['code']} {change.reason}")


def arbitrate(desk: Desk, case: Case, change: Change) -> None:
    """裁定: the office decides who leads; a decision for the one who returned it is final."""
    case.stop(change.at, "arbitrate")
    reassign(desk, case, change)


def reassign(desk: Desk, case: Case, change: Change) -> None:
    """改派: another lead or other co-handlers, with notice to the old and the new lead."""
    lead, old = change.data["lead"], case.row["lead"]
    returned = (case.lead_row() or {}).get("state") == "returned"
    if lead != old or returned:
        move_lead(case, lead, change.at, note=change.reason)
        desk.tell(case, Occasion.REASSIGNED, change.reason, previous_lead=old)
        if case.state in (S.ACKNOWLEDGED, S.HANDLING, S.HELD):
            case.row["state"] = S.ASSIGNED.value
        _clock(case, change, "acknowledge", case.route.ack_due)
    if change.data.get("final"):
        case.row["closeout"] = {**case.closeout, "final_lead": lead}
    if change.data.get("co") is not None:
        always = [one for one in (*desk.matrix.attached, desk.matrix.office) if one in (*case.row["co"], old)]
        wanted = dict.fromkeys((*change.data["co"], *always))  # 人社局, town and 治欠办 stay, whoever leads
        _set_co(desk, case, change, [department for department in wanted if department != lead])


def _set_co(desk: Desk, case: Case, change: Change, wanted: list[str]) -> None:
    for department in case.row["co"]:
        if department not in wanted:
            case.withdraw(change.at, department=department, role="co")
    for department in wanted:
        if department not in case.row["co"]:
            case.assign(department, "co", change.at)
            call_in(desk, case, department, change.reason)
    case.row["co"] = wanted


# ------------------------------------------------------------------ what was done
def contact(desk: Desk, case: Case, change: Change) -> None:
    """The worker was reached, or it was tried, through the platform or by own visit; never by looking for them."""
    closeout = case.closeout
    reached = bool(change.data.get("reached", True))
    entry: Contact = {
        "at": change.at.isoformat(),
        "means": change.data["means"],
        "reached": reached,
        "by": change.actor,
    }
    closeout["contacts"] = [*closeout.get("contacts", []), entry]
    case.row["closeout"] = closeout
    case.stop(change.at, "contact_worker", "first_feedback")


def verify(desk: Desk, case: Case, change: Change) -> None:
    """核查: what the department found; the amounts owed as verified replace what posts stated."""
    found, closeout = Verification(change.data["verification"]), case.closeout
    if found is not Verification(case.row["verification"]):
        closeout["verifiers"] = []
    closeout["verifiers"] = list(dict.fromkeys([*closeout.get("verifiers", []), change.actor]))
    if change.data.get("yuan") is not None:
        closeout["due_yuan"] = change.data["yuan"]
    if change.data.get("workers") is not None:
        closeout["due_workers"] = change.data["workers"]
    if change.data.get("retaliation"):
        finding = change.data["retaliation"]
        closeout["retaliation"] = {"finding": finding, "by": change.actor, "at": change.at.isoformat()}
    case.row.update(verification=found.value, closeout=closeout)
    case.stop(change.at, "first_feedback", *(() if found is Verification.VERIFYING else ("verify",)))


def pay(desk: Desk, case: Case, change: Change) -> None:
    """A payment to workers, with its proofs; `advanced`: from the government's emergency fund."""
    data, closeout = change.data, case.closeout
    entry: Payment = {
        "at": change.at.isoformat(),
        "yuan": float(data["yuan"]),
        "workers": data["workers"],
        "proofs": list(data.get("proofs") or ()),
        "advanced": bool(data.get("advanced")),
        "confirmed": int(data.get("confirmed") or 0),
        "by": change.actor,
    }
    if case.row["state"] != S.PAID.value:
        closeout["before_paid"] = case.row["state"]
    case.count_payment(closeout, entry)
    closeout["confirmed"] = int(closeout.get("confirmed") or 0) + entry["confirmed"]
    case.row.update(closeout=closeout, state=S.PAID.value)


def reverse(desk: Desk, case: Case, change: Change) -> None:
    """撤销支付登记: a slip of the pen, or money that came back, counts no more; that it was registered stays told."""
    closeout = case.closeout
    payments = list(closeout["payments"])
    gone = payments.pop(change.data["payment"])
    told: Reversed = {**gone, "reversed_at": change.at.isoformat(), "reversed_by": change.actor, "told": change.reason}
    closeout["payments"], closeout["reversed"] = payments, [*(closeout.get("reversed") or ()), told]
    closeout["confirmed"] = max(int(closeout.get("confirmed") or 0) - int(gone.get("confirmed") or 0), 0)
    case.row["paid_yuan"] = max(round(case.row["paid_yuan"] - gone["yuan"], 2), 0.0)
    case.row["paid_workers"] = max(case.row["paid_workers"] - gone["workers"], 0)
    if case.row["state"] == S.PAID.value and not payments:
        case.row["state"] = closeout.pop("before_paid", S.HANDLING.value)
    case.row["closeout"] = closeout


def reply(desk: Desk, case: Case, change: Change) -> None:
    """公开答复 where the complaint was public; facts only, nothing about a person."""
    given = {"at": change.at.isoformat(), "url": change.data.get("url"), "by": change.actor}
    case.row["closeout"] = {**case.closeout, "reply": given}
    case.stop(change.at, "public_reply", "authoritative_info")


def correct(desk: Desk, case: Case, change: Change) -> None:
    """A fact is put right; the route is asked for anew and both desks are told when the lead changes."""
    values: dict[str, Any] = dict(change.data["facts"])
    facts = case.facts
    town = values.pop("town", None)
    place = values.pop("place", None)
    if isinstance(place, Mapping):
        facts = replace(facts, place=Place(**place))
    if town is not None:
        facts = replace(facts, place=replace(facts.place or Place(town), town=town, in_area=True))
    if "traits" in values:
        values["traits"] = tuple(values["traits"])
    facts = replace(facts, **values)
    told = {"employer": facts.employer, "project": facts.project, "workers": facts.workers, "amount": facts.amount_yuan}
    facts = replace(facts, missing=tuple(key for key in facts.missing if not told.get(key)))
    case.row.update(
        facts=facts_json(facts, spans=False),
        sector=facts.sector,
        town=facts.place.town if facts.place else None,
        title=title_of(facts, case.row["title"]),
    )
    if desk.raise_level(case, desk.grading(case, change.at)):
        desk.tighten_clocks(case, change.at)
        desk.tell(case, Occasion.RAISED, change.reason)
    _reroute(desk, case, change)


def _reroute(desk: Desk, case: Case, change: Change) -> None:
    old_lead, old_co = case.row["lead"], list(case.row["co"])
    desk.decide_route(case)
    lead, co = case.row["lead"], list(case.row["co"])
    if case.state is S.HELD:
        return
    case.row.update(lead=old_lead, co=old_co)
    if lead != old_lead and _would_wander(case, lead):
        reason = str(catalogue()["told"]["corrected_loop"]).format(lead=desk.matrix.name_of(lead), reason=change.reason)
        desk.tell(case, Occasion.RETURNED, reason)
        lead, co = old_lead, [*co, lead]
    if lead != old_lead:
        move_lead(case, lead, change.at, note=change.reason)
        desk.tell(case, Occasion.REASSIGNED, change.reason, previous_lead=old_lead)
        if case.state in (S.ACKNOWLEDGED, S.HANDLING):
            case.row["state"] = S.ASSIGNED.value
        _clock(case, change, "acknowledge", case.route.ack_due)
    _set_co(desk, case, change, [department for department in co if department != lead])


def _would_wander(case: Case, lead: str) -> bool:
    """Whether a correction would send the case back to who returned it, on beyond the last hop, or past a last word."""
    returned = any(row["department"] == lead and row["state"] == "returned" for row in case.assignments)
    hops = max((row["hop"] for row in case.assignments), default=0)
    return returned or hops >= MOST_HOPS or bool(case.closeout.get("final_lead"))


def pause(desk: Desk, case: Case, change: Change) -> None:
    """The clocks stop, with a reason; no reminder goes out meanwhile."""
    incidents.put_pause(desk.c, case.id, change.at, change.reason)
    case.pauses = incidents.pauses_of(desk.c, case.id)
    for row in case.clocks:
        row["next_step_at"] = None


def resume(desk: Desk, case: Case, change: Change) -> None:
    """The clocks go on; the time between does not count."""
    away.go_on(desk, case, change.at)


# ------------------------------------------------------------------ close-out
def close(desk: Desk, case: Case, change: Change) -> None:
    """The first person asks for close-out; nothing is closed yet."""
    kept = {key: value for key, value in change.data.items() if key not in ("code", "confirmed")}
    if change.data["code"] == "C7" and not kept.get("receipt"):
        kept["receipt"] = case.closeout["referred"]["receipt"]["number"]
    closeout: Closeout = {**case.closeout, "given": kept, "code": change.data["code"], "by": change.actor}
    closeout["confirmed"] = int(closeout.get("confirmed") or 0) + int(change.data.get("confirmed") or 0)
    closeout["requested_at"] = change.at.isoformat()
    closeout["back_to"] = case.row["state"]
    case.row.update(state=S.CLOSING.value, closeout=closeout)


def approve(desk: Desk, case: Case, change: Change) -> None:
    """The second person: closed, or sent back."""
    closeout = case.closeout
    if not change.data.get("approved", True):
        case.row.update(
            state=closeout.pop("back_to", S.HANDLING.value), closeout={**closeout, "by": None, "code": None}
        )
        if case.state is S.REFERRED:  # somebody may have let the clocks go on while the close-out was asked for
            away.stand_still(desk, case, change.at, change.reason)
        return
    closeout["approved_by"] = change.actor
    case.row.update(
        state=S.CLOSED.value, closed_at=change.at, close_code=closeout["code"], closeout={**closeout, "look_backs": {}}
    )
    case.stop(datetime.fromisoformat(closeout["requested_at"]))  # the second person's time is not the handler's
    for row in case.assignments:
        if row["state"] in ("sent", "acknowledged", "accepted"):
            row.update(state="done", at=change.at)
    case.end_pause(desk.c, change.at)
    away.after_close(desk, case, str(closeout["code"]), change.at)
    desk.tell(case, Occasion.RESOLVED, change.reason)


def look_back(desk: Desk, case: Case, change: Change) -> None:
    """回头看 after 7 and 30 days; a debt that came back opens the case again."""
    closeout = case.closeout
    entry: LookBack = {"at": change.at.isoformat(), "recurred": change.data["recurred"], "by": change.actor}
    closeout["look_backs"] = {**(closeout.get("look_backs") or {}), str(change.data["day"]): entry}
    case.row["closeout"] = closeout
    case.stop(change.at, f"look_back_{change.data['day']}")
    if change.data["recurred"]:
        reopen(desk, case, change)


def enforce(desk: Desk, case: Case, change: Change) -> None:
    """执行进展 of a case closed as C5; what cannot be enforced is in hand again."""
    away.do_enforce(desk, case, change)
    if change.data["outcome"] == FAILED:
        reopen(desk, case, change)


def note(desk: Desk, case: Case, change: Change) -> None:
    """A remark; `clock` in its data marks a duty (phone report, written report, on site ...) as done."""
    if change.data.get("clock"):
        case.stop(change.at, str(change.data["clock"]))


def call(desk: Desk, case: Case, change: Change) -> None:
    """电话通知: whom, when, by whom and with what result; a call that reached somebody may do a duty (`clock`)."""
    data, closeout = change.data, case.closeout
    entry: Call = {
        "at": change.at.isoformat(),
        "department": data["department"],
        "name": data["name"],
        "outcome": data["outcome"],
        "by": change.actor,
    }
    closeout["calls"] = [*closeout.get("calls", []), entry]
    case.row["closeout"] = closeout
    if data["outcome"] != "reached":
        return
    told = str(catalogue()["told"]["called"]).format(name=data["name"], by=change.actor, at=face(change.at))
    outbox.called(desk.c, case.id, str(data["department"]), told)
    if data.get("clock"):
        case.stop(change.at, str(data["clock"]))


def plan(desk: Desk, case: Case, change: Change) -> None:
    """预案: a step was done, or (`after_action`) what the case taught was written down, beside what can be measured."""
    closeout, data = case.closeout, change.data
    at, by = change.at.isoformat(), change.actor
    if data.get("after_action"):
        stands = standing(case.row, case.clocks, desk.matrix, change.at)
        found = measured(stands, case.row, case.assignments)
        closeout["after_action"] = {"at": at, "by": by, "text": change.reason, "measured": found}
    else:
        closeout["plan"] = {**(closeout.get("plan") or {}), data["step"]: {"at": at, "by": by, "note": change.reason}}
        step = next(one for one in checklist(case.level).steps if one.id == data["step"])
        if step.clock:
            case.stop(change.at, step.clock)
    case.row["closeout"] = closeout


def on_record(desk: Desk, case: Case, change: Change) -> None:
    """What is kept in a table of its own (a silence): the ledger says that it was done, by whom and why."""


def file(desk: Desk, case: Case, change: Change) -> None:
    """A proof was filed; `payment`: the payment it proves (0 is the first), where that was recorded before it."""
    place = change.data.get("payment")
    if place is None:
        return
    closeout = case.closeout
    payment = closeout["payments"][place]
    payment["proofs"] = [*payment.get("proofs", ()), change.data["file"]]
    case.row["closeout"] = closeout


def unmask(desk: Desk, case: Case, change: Change) -> None:
    """Somebody read an unmasked post, and why: the ledger is all that changes."""


def _running(case: Case, department: str) -> dict[str, Any]:
    gone = ("withdrawn", "returned", "done")
    return next(
        row for row in reversed(case.assignments) if row["department"] == department and row["state"] not in gone
    )


def _clock(case: Case, change: Change, name: str, within: timedelta) -> None:
    """Starts (or starts again) one clock outside the level's set; of a paused case it begins when the pause ends."""
    case.clocks = [row for row in case.clocks if row["name"] != name]
    due = change.at + within
    started = Clock(name=name, started_at=change.at, due_at=due, basis=change.act.value)
    case.clocks.append(clock_row(started, next_step=None if case.paused else due))


ON_INCIDENT: Mapping[Act, Callable[[Desk, Case, Change], None]] = {
    Act.RAISE: raise_, Act.REGRADE: regrade, Act.ACKNOWLEDGE: acknowledge, Act.ACCEPT: accept, Act.RETURN: return_,
    Act.ARBITRATE: arbitrate, Act.REASSIGN: reassign, Act.CONTACT: contact, Act.VERIFY: verify, Act.PAY: pay,
    Act.REVERSE: reverse, Act.REPLY: reply, Act.CORRECT: correct, Act.PAUSE: pause, Act.RESUME: resume,
    Act.CLOSE: close, Act.APPROVE: approve, Act.LOOK_BACK: look_back, Act.REOPEN: reopen, Act.NOTE: note,
    Act.UNMASK: unmask, Act.REFER: away.do_refer, Act.RECEIPT: away.do_receipt, Act.ENFORCE: enforce,
    Act.CALL: call, Act.PLAN: plan, Act.FILE: file, Act.SILENCE: on_record,
}  # fmt: skip
