"""演练: an invented incident goes the way of a real one, marked in its number, its title and every message.

It has no post and no key, so no real post ever joins it; no figure counts it (store.incidents.real). Knows the desk;
the scenarios are plans'.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.ledger.case import Case, new_row, title_of
from monitor.ledger.desk import Desk
from monitor.ledger.plans import drill_words, measured, scenarios, standing
from monitor.ledger.posts import Done, hand_out
from monitor.ledger.standing import forbid
from monitor.model import Act, Change, IncidentState, Occasion, Place
from monitor.store.incidents import DRILL


def begin(desk: Desk, change: Change) -> Done:
    """Opens the incident of a scenario: level, route, clocks and messages as in earnest. `data`: scenario, town?."""
    chosen = scenarios().get(str(change.data.get("scenario")))
    if chosen is None:
        raise forbid("drill_unknown", names="、".join(scenarios()))
    town, county = change.data.get("town") or None, desk.county
    place = Place(town or county.name, county.code, county.name, "town" if town else "county", True, town)
    facts = replace(chosen.facts, place=place)
    row = new_row(
        desk.drill_number(change.at), at=change.at, facts=facts, representative="", life_risk=chosen.life_risk,
        title=drill_words("mark") + title_of(facts, chosen.name),
    )  # fmt: skip
    row.update(posts=0, level=chosen.level.value, level_reasons=[f"{chosen.level.value}:{chosen.name}"])
    row["closeout"] = {"drill": {"scenario": chosen.id, "text": chosen.text, "by": change.actor}}
    case = Case(row, new=True)
    desk.cases[case.id] = case
    desk.decide_route(case)
    desk.start_clocks(case, change.at)
    hand_out(desk, case, change.at, released=True)
    desk.tell(case, Occasion.DRILL, drill_words("begun", name=chosen.name))
    return Done(case, Act.DRILL, opened=case.id)


def end(desk: Desk, case: Case, change: Change) -> None:
    """Ends a drill with its after-action note: what was measured, and what people say it taught."""
    if not case.id.startswith(DRILL):
        raise forbid("not_a_drill")
    stands = standing(case.row, case.clocks, desk.matrix, change.at)
    found = measured(stands, case.row, case.assignments)
    name = scenarios()[case.closeout["drill"]["scenario"]].name
    note = {"at": change.at.isoformat(), "by": change.actor, "text": change.reason, "measured": found}
    case.row["closeout"] = {**case.closeout, "after_action": note}
    case.stop(change.at)
    case.withdraw(change.at)
    case.row.update(state=IncidentState.DISMISSED.value)
    desk.tell(case, Occasion.DRILL, drill_words("ended", name=name))
