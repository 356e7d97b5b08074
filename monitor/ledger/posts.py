"""What the acts on posts do: open, join, hold, pass, confirm, dismiss, merge, split. Knows the desk and the case.

The rules have been asked before (rules); a function here changes the case and says what is to be told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from classifiers.verdict import Kind
from monitor.facts.mask import mask
from monitor.incidents.merge import merged
from monitor.incidents.place import keys
from monitor.ledger.case import Case, new_row, title_of
from monitor.ledger.desk import Desk
from monitor.ledger.standing import forbid
from monitor.model import RETALIATION, Act, Change, IncidentState, Occasion, Reading
from monitor.store import incidents, lives, posts, signatures
from monitor.store.closeout import begun_anew, without_finding
from monitor.store.codec import facts_json
from monitor.text import author_code, face

S = IncidentState


@dataclass(slots=True)
class Done:
    """What came of a change. `case` None: no incident was touched; `act`: what it became (a confirm joins or opens)."""

    case: Case | None
    act: Act
    posts: tuple[str, ...] = ()
    opened: str | None = None  # an incident that came to be
    others: tuple[Case, ...] = ()  # further incidents it changed
    silent: bool = False  # nothing to write in the ledger
    reason: str = ""  # with what the placement added; empty: the change's own


# ------------------------------------------------------------------ readings of the machine
def keep_only(desk: Desk, change: Change) -> Done:
    """`hold` and `pass`: the posts are stored, a held or audited one waits for a person; the ledger says nothing."""
    review = "pending" if change.act is Act.HOLD else "audit" if change.data.get("audit") else None
    for reading in fresh(desk, change):
        desk.keep(change, reading, None, review=review)
        desk.lives |= review == "pending" and reading.assessment.life_risk
    return Done(None, change.act, tuple(reading.post.id for reading in change.readings), silent=True)


def fresh(desk: Desk, change: Change) -> list[Reading]:
    """The readings whose posts are not stored yet: recording the same post twice changes nothing."""
    desk.ask_known(change.readings)
    return [reading for reading in change.readings if reading.post.id not in desk.known]


def take_readings(desk: Desk, change: Change) -> Done:
    """`open` and `join`: the first reading opens or joins, the others join what it went into."""
    readings = fresh(desk, change)
    if not readings:
        ids = [reading.post.id for reading in change.readings]
        desk.flush()
        stored = posts.one(desk.c, desk.known.get(ids[0], ids[0])) if ids else None
        case = desk.case(stored["incident"]) if stored and stored["incident"] else None
        return Done(case, change.act, tuple(ids), silent=True)
    act, case, opened = change.act, None, None
    if change.act is Act.JOIN:
        target = change.incident
        if target is None:
            found = desk.placement(readings[0], change.at)
            target, change = found.incident, replace(change, reason=f"{change.reason}; {found.reason}")
        case = standing_case(desk, target) if target else None
    for reading in readings:
        if case is None:
            case, act = open_case(desk, change, reading), Act.OPEN
            opened = case.id
        else:
            desk.accounts(case).add(author(desk, reading))
            add_reading(desk, change, case, reading)
        desk.keep(change, reading, case.id)
        desk.sign(change, reading, case.id)
    return Done(case, act, tuple(reading.post.id for reading in readings), opened, reason=change.reason)


def standing_case(desk: Desk, incident: str) -> Case:
    """The incident, or the one it was merged into."""
    case = desk.case(incident)
    while case.row["merged_into"]:
        case = desk.case(case.row["merged_into"])
    return case


def author(desk: Desk, reading: Reading) -> str | None:
    """The code of the account, as stored."""
    post = reading.post
    return author_code(desk.key, post.platform or post.feed or "", post.author) if post.author else None


def open_case(desk: Desk, change: Change, reading: Reading) -> Case:
    """A new incident of one post: level, route, clocks, assignments."""
    facts = replace(reading.facts, spans={})
    masked = _masked(reading)
    row = new_row(
        desk.number(change.at),
        at=change.at,
        facts=facts,
        title=title_of(facts, masked),
        representative=reading.post.id,
        life_risk=reading.assessment.life_risk,
    )
    case = Case(row, new=True)
    desk.cases[case.id] = case
    case.saw(desk.c, reading.post.engagement)
    desk.raise_level(case, desk.grading(case, change.at))
    desk.decide_route(case)
    desk.start_clocks(case, change.at)
    hand_out(desk, case, change.at)
    desk.tell(case, Occasion.FIRST, "")
    return case


def hand_out(desk: Desk, case: Case, at: datetime, *, released: bool = False) -> None:
    """Gives the incident to its departments; a held one waits with the office, which is its owner until then."""
    if case.route.hold and not released:
        case.row["state"] = S.HELD.value
        case.assign(desk.matrix.office, "lead", at)
        return
    case.row["state"] = S.ASSIGNED.value
    case.assign(case.row["lead"], "lead", at)
    for department in case.row["co"]:
        case.assign(department, "co", at)


def add_reading(desk: Desk, change: Change, case: Case, reading: Reading) -> None:
    """One more post of the same debt: facts merged, level raised, a closed case opened again."""
    case.row["posts"] += 1
    case.saw(desk.c, reading.post.engagement)
    if reading.assessment.kind is Kind.RESOLVED or change.data.get("claims_paid"):
        case.row["closeout"] = {**case.closeout, "claims_paid": True}
        desk.tell(case, Occasion.JOINED, "")
        return
    refresh_facts(desk, case, reading)
    _ask_anew(case, reading.facts.traits)
    if case.state in (S.CLOSED, S.CLOSING) and _later(case, reading):
        reopen(desk, case, change)
    raised = desk.raise_level(case, desk.grading(case, change.at))
    if raised and case.state not in (S.CLOSED, S.DISMISSED, S.MERGED):
        desk.tighten_clocks(case, change.at)
        desk.tell(case, Occasion.RAISED, why_raised(case.row["level_reasons"]))
    reroute_quietly(desk, case, change.at)
    desk.tell(case, Occasion.JOINED, "")


def _ask_anew(case: Case, traits: Collection[str]) -> None:
    """打击报复 told of after nothing was found of it: what was found speaks of the time before."""
    found = case.closeout.get("retaliation")
    if RETALIATION in traits and found and found["finding"] == "none":
        case.row["closeout"] = without_finding(case.closeout)


def why_raised(reasons: list[str]) -> str:
    """The conditions as a person reads them: `orange:正在聚集` -> 正在聚集."""
    return "；".join(reason.partition(":")[2] or reason for reason in reasons)


def refresh_facts(desk: Desk, case: Case, reading: Reading) -> None:
    """Merges what a further post states into the incident's facts."""
    facts = merged(case.facts, reading.facts)
    case.row["facts"] = facts_json(facts, spans=False)
    case.row["life_risk"] = case.row["life_risk"] or reading.assessment.life_risk
    case.row["sector"] = facts.sector
    case.row["town"] = case.row["town"] or (facts.place.town if facts.place else None)
    if facts.project or facts.employer:
        case.row["title"] = title_of(facts, case.row["title"])


def reroute_quietly(desk: Desk, case: Case, at: datetime) -> None:
    """New facts may call further departments in; the lead moves by itself only while nobody has acknowledged."""
    old_lead, old_co = case.row["lead"], list(case.row["co"])
    desk.decide_route(case)
    lead, untouched = case.row["lead"], case.state in (S.HELD, S.ASSIGNED)
    if case.state is S.HELD or case.state in (S.CLOSED, S.DISMISSED, S.MERGED):
        return
    hopped = any(row["hop"] for row in case.assignments) or case.row["closeout"].get("final_lead")
    if lead != old_lead and (not untouched or hopped):
        case.row["co"] = [*dict.fromkeys((*old_co, *case.row["co"], lead))]
        case.row["lead"] = old_lead
        case.row["co"] = [department for department in case.row["co"] if department != old_lead]
    elif lead != old_lead:
        move_lead(case, lead, at, note="facts")
        desk.tell(case, Occasion.REASSIGNED, "；".join(case.route.reasons), previous_lead=old_lead)
    given = {row["department"] for row in case.assignments if row["state"] != "withdrawn"}
    for department in case.row["co"]:
        if department not in given:
            case.assign(department, "co", at)
            call_in(desk, case, department)


def call_in(desk: Desk, case: Case, department: str, reason: str = "") -> None:
    """Tells a department that is newly among the co-handlers, with what of the route names it."""
    name = desk.matrix.name_of(department)
    why = reason or "；".join(one for one in case.route.reasons if name in one)
    desk.tell(case, Occasion.CALLED_IN, why, called=department)


def move_lead(case: Case, lead: str, at: datetime, *, note: str) -> None:
    """The lead changes hands: a hop more, the former lead withdrawn unless it returned the case itself."""
    hops = max((row["hop"] for row in case.assignments), default=0)
    case.withdraw(at, role="lead")
    case.withdraw(at, department=lead, role="co")
    case.assign(lead, "lead", at, hop=hops + 1, note=note)
    case.row["lead"] = lead
    case.row["co"] = [department for department in case.row["co"] if department != lead]


def reopen(desk: Desk, case: Case, change: Change) -> None:
    """Back in hand: new clocks, close-out begun anew; what was paid stays on record."""
    kept, letter = begun_anew(case.closeout), case.closeout.get("referred")
    if case.row["close_code"] == "C9":  # 多次联系不上 begins anew: what failed before proves nothing of now
        kept["contacts_before"] = [*kept.pop("contacts_before", []), *kept.pop("contacts", [])]
    if letter:
        kept["referred_before"] = [*kept.get("referred_before", []), letter]
    case.end_pause(desk.c, change.at)
    kept["reopened"] = int(kept.get("reopened") or 0) + 1
    kept.pop("reply", None)
    case.row.update(state=S.ASSIGNED.value, closed_at=None, close_code=None, closeout=kept)
    lead = case.row["lead"]
    case.withdraw(change.at)
    case.assign(lead, "lead", change.at, hop=max((row["hop"] for row in case.assignments), default=0))
    for department in case.row["co"]:
        case.assign(department, "co", change.at)
    desk.start_clocks(case, change.at)
    desk.tell(case, Occasion.REOPENED, change.reason)


def _later(case: Case, reading: Reading) -> bool:
    """Whether the post was written after the case was closed; an old post found late proves nothing new."""
    closed, written = case.row["closed_at"], reading.post.published_at
    return closed is None or written is None or written > closed


def _masked(reading: Reading) -> str:
    return mask(reading.post.title or reading.post.text[:200]).text


# ------------------------------------------------------------------ a person in the review queue
def confirm(desk: Desk, change: Change) -> Done:
    """A held post becomes part of an incident; without a post, a held incident is released to its departments."""
    if not change.data.get("post"):
        case = desk.case(str(change.incident))
        case.withdraw(change.at)
        hand_out(desk, case, change.at, released=True)
        desk.tell(case, Occasion.FIRST, change.reason)
        return Done(case, Act.CONFIRM)
    row, reading = desk.stored(change.data["post"])
    _decide(desk, row, "confirmed", change)
    if change.data.get("life_risk"):  # the machine was not sure, or saw nothing
        lives.confirm(desk.c, row["id"])
        reading = replace(reading, assessment=replace(reading.assessment, life_risk=True))
    if row["incident"]:
        return Done(desk.case(row["incident"]), Act.CONFIRM, (row["id"],))
    target = change.incident or desk.placement(reading, change.at).incident
    opened = None
    if target:
        case = standing_case(desk, target)
        add_reading(desk, change, case, reading)
    else:
        case = open_case(desk, change, reading)
        opened = case.id
    posts.place_in(desk.c, [row["id"]], case.id, change.reason)
    desk.sign(change, reading, case.id)
    return Done(case, Act.CONFIRM, (row["id"],), opened)


def dismiss(desk: Desk, change: Change) -> Done:
    """The post is no case (a training label, never a record about its author); or the whole incident is none."""
    post = change.data.get("post")
    if post:
        row, _ = desk.stored(post)
        _decide(desk, row, "dismissed", change)
        return Done(desk.case(change.incident) if change.incident else None, Act.DISMISS, (post,))
    case = desk.case(str(change.incident))
    case.row["state"] = S.DISMISSED.value
    case.stop(change.at)
    case.withdraw(change.at)
    return Done(case, Act.DISMISS)


def take_back(desk: Desk, change: Change) -> Done:
    """A person takes a review decision back: the post waits again, and leaves the incident it went into."""
    row, _ = desk.stored(change.data["post"])
    posts.wait(desk.c, row["id"])
    if not row["incident"]:
        return Done(None, Act.HOLD, (row["id"],))
    case = desk.case(row["incident"])
    staying = [post["id"] for post in incidents.posts_of(desk.c, case.id, limit=100_000) if post["id"] != row["id"]]
    posts.place_in(desk.c, [row["id"]], None, change.reason)
    if not staying:
        case.row["state"] = S.DISMISSED.value
        case.stop(change.at)
        case.withdraw(change.at)
        signatures.forget(desk.c, case.id)
        return Done(case, Act.HOLD, (row["id"],))
    if case.row["representative"] == row["id"]:
        case.row["representative"] = staying[0]
    case.row["posts"] = len(staying)
    _facts_of(desk, case, staying)
    return Done(case, Act.HOLD, (row["id"],))


def _decide(desk: Desk, row: dict[str, Any], verdict: str, change: Change) -> None:
    if not posts.reviewed(desk.c, row["id"], verdict, change.actor, change.at):
        raise forbid("already_decided", by=row["reviewed_by"], at=face(row["reviewed_at"]), verdict=row["review"])


def merge(desk: Desk, change: Change) -> Done:
    """Two incidents are one debt: everything moves into `into`, which keeps its number; a must-link keeps it so."""
    case, target = desk.case(str(change.incident)), _target(desk, change.data["into"])
    moved = [post["id"] for post in incidents.posts_of(desk.c, case.id, limit=100_000)]
    posts.place_in(desk.c, moved, target.id, change.reason)
    signatures.move(desk.c, case.id, target.id, change.at)
    by: dict[str, Any] = {"by": change.actor, "at": change.at, "reason": change.reason}
    incidents.put_link(desk.c, case.row["representative"], target.row["representative"], must=True, **by)
    target.row["facts"] = facts_json(merged(target.facts, case.facts), spans=False)
    if not case.closeout.get("retaliation"):
        _ask_anew(target, case.facts.traits)
    target.row["life_risk"] = target.row["life_risk"] or case.row["life_risk"]
    target.row["posts"] += case.row["posts"]
    target.row["paid_yuan"] += case.row["paid_yuan"]
    target.row["paid_workers"] += case.row["paid_workers"]
    target.spread = target.accounts = None
    case.row.update(state=S.MERGED.value, merged_into=target.id, close_code="C10", posts=0)
    case.stop(change.at)
    case.withdraw(change.at)
    if desk.raise_level(target, desk.grading(target, change.at)):
        desk.tighten_clocks(target, change.at)
        desk.tell(target, Occasion.RAISED, change.reason)
    reroute_quietly(desk, target, change.at)
    return Done(case, Act.MERGE, tuple(moved), others=(target,))


def _target(desk: Desk, incident: str) -> Case:
    target = desk.case(incident)
    if target.state in (S.MERGED, S.DISMISSED, S.CLOSED):
        raise forbid("merge_target", incident=incident)
    return target


def split(desk: Desk, change: Change) -> Done:
    """Some posts are another debt: they open an incident of their own; cannot-links keep the two apart."""
    case, chosen = desk.case(str(change.incident)), list(change.data["posts"])
    readings = [desk.stored(post)[1] for post in chosen]
    staying = [post["id"] for post in incidents.posts_of(desk.c, case.id, limit=100_000) if post["id"] not in chosen]
    new = open_case(desk, change, readings[0])
    for reading in readings[1:]:
        new.row["posts"] += 1
        refresh_facts(desk, new, reading)
    posts.place_in(desk.c, chosen, new.id, change.reason)
    by: dict[str, Any] = {"by": change.actor, "at": change.at, "reason": change.reason}
    for post in chosen:
        incidents.put_link(desk.c, post, staying[0], must=False, **by)
    for side in (chosen, staying):  # the same words may stand on both: each post is tied to its own
        for post in side[1:]:
            incidents.put_link(desk.c, post, side[0], must=True, **by)
    for id_, ids in ((case.id, staying), (new.id, chosen)):
        signatures.forget(desk.c, id_)
        for post in ids:
            signatures.add(desk.c, id_, keys(desk.stored(post)[1]), change.at)
    if case.row["representative"] in chosen:
        case.row["representative"] = staying[0]
    case.row["posts"] = len(staying)
    _facts_of(desk, case, staying)
    return Done(case, Act.SPLIT, tuple(chosen), new.id, others=(new,))


def _facts_of(desk: Desk, case: Case, ids: list[str]) -> None:
    """The facts of an incident from its posts anew; the level stays, for only a person lowers it."""
    readings = [desk.stored(post)[1] for post in ids]
    facts = replace(readings[0].facts, spans={})
    for reading in readings[1:]:
        facts = merged(facts, reading.facts)
    case.row.update(facts=facts_json(facts, spans=False), sector=facts.sector, title=title_of(facts, case.row["title"]))
    case.spread = case.accounts = None
