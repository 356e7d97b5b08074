"""What happens to a case that goes on elsewhere: sent to another county, handed up, before a court, or put off (C9).

The rules and their sources stand in elsewhere. While it is away the county's clocks stand still, the letter's runs;
come back, they go on, unless a person had paused them before.
"""

from __future__ import annotations

from datetime import datetime

from monitor import clocks as clock_room
from monitor.ledger.case import Case
from monitor.ledger.desk import Desk
from monitor.ledger.elsewhere import (
    ANSWER,
    ENFORCED,
    ENFORCEMENT,
    PENDING,
    RECEIPT,
    TAKEN,
    UNANSWERED,
    UP,
)
from monitor.ledger.standing import catalogue
from monitor.model import MACHINE, Act, Change, IncidentState, Occasion
from monitor.store import incidents
from monitor.store.closeout import Closeout, Letter, Payment, Progress
from monitor.text import face


def do_refer(desk: Desk, case: Case, change: Change) -> None:
    """转送: the letter goes out, the county's clocks stand still, the receipt's own begins."""
    data, closeout = change.data, case.closeout
    clock = clock_room.receipt_clock(change.at, calendar=desk.calendar)
    closeout["referred"] = {
        "to": data["to"], "kind": data["kind"], "contact": data.get("contact"), "reason": change.reason,
        "at": change.at.isoformat(), "by": change.actor, "back_to": case.row["state"], "due": clock.due_at.isoformat(),
        "letter": 1 + len(closeout.get("referred_before") or ()),
    }  # fmt: skip
    case.row.update(state=IncidentState.REFERRED.value, closeout=closeout)
    reason = str(catalogue()["told"]["referred"][data["kind"]]).format(to=data["to"], due=face(clock.due_at))
    stand_still(desk, case, change.at, reason)
    case.begin(clock, clock_room.first_step(clock))
    desk.tell(case, Occasion.REFERRED, reason)


def do_receipt(desk: Desk, case: Case, change: Change) -> None:
    """回执: received, it goes on waiting for the result; refused, handed back or unanswered, it is ours again."""
    data, closeout = change.data, case.closeout
    known, say = closeout["referred"], catalogue()["told"]
    case.stop(change.at, RECEIPT)
    clocks = say["clocks"]["paused" if _paused_before(case, known) else "go_on"]
    told = str(say["receipt"][data["outcome"]]).format(
        to=known["to"], who=data.get("who") or "", day=data.get("day") or "", number=data.get("number") or "",
        reason=change.reason, clocks=clocks,
    )  # fmt: skip
    if data["outcome"] == TAKEN:
        known["receipt"] = {
            "who": data["who"], "day": data["day"], "number": data["number"], "at": change.at.isoformat(),
            "by": change.actor,
        }  # fmt: skip
        case.row["closeout"] = closeout
        if known["kind"] == UP:
            clock = clock_room.answer_clock(change.at, calendar=desk.calendar)
            case.begin(clock, clock_room.first_step(clock))
    else:
        _come_back(desk, case, change, closeout, told)
    desk.tell(case, Occasion.REFERRED, told)


def unanswered(desk: Desk, case: Case, at: datetime) -> Change:
    """The receipt's time is up: the machine takes the case back to where it was; gives what it did, to be logged."""
    letter, say = case.closeout["referred"], catalogue()["told"]
    clocks = say["clocks"]["paused" if _paused_before(case, letter) else "go_on"]
    reason = str(say["unanswered"]).format(to=letter["to"], clocks=clocks)
    change = Change(
        act=Act.RECEIPT, at=at, reason=reason, actor=MACHINE, incident=case.id, data={"outcome": UNANSWERED}
    )  # fmt: skip
    do_receipt(desk, case, change)
    return change


def _come_back(desk: Desk, case: Case, change: Change, closeout: Closeout, told: str) -> None:
    known = closeout.pop("referred")
    ended: Letter = {**known, "outcome": change.data["outcome"], "ended_at": change.at.isoformat(), "told": told}
    closeout["referred_before"] = [*(closeout.get("referred_before") or ()), ended]
    case.row.update(state=known["back_to"], closeout=closeout)
    case.stop(change.at, ANSWER)
    if not _paused_before(case, known):
        go_on(desk, case, change.at)


def _paused_before(case: Case, letter: Letter) -> bool:
    """Whether a person had paused the case before it was sent away, and nobody has let it go on since."""
    return case.paused and bool(case.pauses[-1]["started_at"] < datetime.fromisoformat(letter["at"]))


def stand_still(desk: Desk, case: Case, at: datetime, reason: str) -> None:
    """The county's clocks stop, and tell nobody, for as long as a case is away."""
    if not case.paused:
        incidents.put_pause(desk.c, case.id, at, reason)
        case.pauses = incidents.pauses_of(desk.c, case.id)
    for row in case.clocks:
        row["next_step_at"] = None


def go_on(desk: Desk, case: Case, at: datetime) -> None:
    """Ends a running pause, if there is one: the time between does not count."""
    if case.paused:
        case.end_pause(desk.c, at)
        desk.shift_clocks(case, at)


def do_enforce(desk: Desk, case: Case, change: Change) -> None:
    """执行进展: what came in is a payment with its proofs; not yet enforced, the next thirty days begin."""
    data, closeout = change.data, case.closeout
    entry: Progress = {
        "at": change.at.isoformat(),
        "outcome": data["outcome"],
        "by": change.actor,
        "told": change.reason,
    }
    closeout["enforcement"] = [*(closeout.get("enforcement") or ()), entry]
    if data.get("yuan"):
        paid: Payment = {
            "at": change.at.isoformat(), "yuan": float(data["yuan"]), "workers": int(data["workers"]),
            "proofs": list(data["proofs"]), "advanced": False, "by": change.actor, "enforced": True,
        }  # fmt: skip
        case.count_payment(closeout, paid)
    case.stop(change.at, ENFORCEMENT)
    if data["outcome"] == PENDING:
        clock = clock_room.enforcement_clock(change.at, calendar=desk.calendar)
        case.begin(clock, clock_room.first_step(clock))
    elif data["outcome"] == ENFORCED:
        closeout["enforced"] = change.at.isoformat()
        desk.look_back_clocks(case, change.at)  # from now on somebody can look whether it reached every worker
    case.row["closeout"] = closeout


def after_close(desk: Desk, case: Case, code: str, at: datetime) -> None:
    """What runs on after close-out: look-backs; of C5 the enforcement, of C9 thirty days until the case comes back."""
    if code == "C5":
        clock = clock_room.enforcement_clock(at, calendar=desk.calendar)
    elif code == "C9":
        clock = clock_room.hung_clock(at, calendar=desk.calendar)
    else:
        desk.look_back_clocks(case, at)
        return
    case.begin(clock, clock_room.first_step(clock))
