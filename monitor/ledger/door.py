"""THE ONE DOOR: a machine's and a person's act are both a `Change`, and only `record` writes it.

Version check, place, level, route, clocks, messages due and the hash-chained row of the ledger in ONE transaction: the
台账 is complete by construction, and no message can go out for a change that was not recorded. Knows the order of the
work; the rules are in rules, what acts do in posts and acts, who is told in tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

import monitor.ledger.away as away
import monitor.ledger.drill as drill
from monitor.clocks import Calendar, next_step
from monitor.errors import StaleVersion
from monitor.incidents.place import Placement
from monitor.ledger.acts import ON_INCIDENT
from monitor.ledger.case import Case
from monitor.ledger.desk import Desk
from monitor.ledger.elsewhere import HUNG, RECEIPT
from monitor.ledger.posts import Done, confirm, dismiss, keep_only, merge, split, take_back, take_readings
from monitor.ledger.rules import MACHINE_ACTS, OFFICE_ACTS, RETURN_DAYS, check
from monitor.ledger.standing import catalogue, forbid
from monitor.ledger.tell import lives_waiting, on_duty, perhaps_waiting, tell_all, tell_lives, tell_silenced
from monitor.model import MACHINE, Act, Change, County, Reading
from monitor.routing import Matrix
from monitor.routing.duty import Duty
from monitor.routing.interest import complained_of
from monitor.routing.policy import Policy
from monitor.store import incidents, posts, shifts, tokens
from monitor.store import ledger as rows
from monitor.store.base import Store
from monitor.store.ledger import plain
from monitor.text import face

ESCALATE_BATCH = 200  # clocks a transaction
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a change. `act`: what it became (a join may open); `new` False: it had been recorded before."""

    incident: str | None
    version: int | None
    act: Act
    notifications: int = 0
    opened: str | None = None
    posts: tuple[str, ...] = ()
    new: bool = True


class Ledger:
    """The ledger of one installation. `key` turns authors into codes and makes links unguessable."""

    def __init__(
        self, store: Store, county: County, matrix: Matrix, calendar: Calendar, key: bytes, policy: Policy | None = None
    ) -> None:
        self.store, self.county, self.matrix = store, county, matrix
        self.matrix_fault = ""  # why the county's newest matrix is not the one in force; see pipeline.in_force
        self.calendar, self.key, self.policy = calendar, key, policy

    def record(self, change: Change) -> Recorded:
        """Records one change. Raises ForbiddenChange (a rule is against it) or StaleVersion (somebody was first)."""
        return self.record_all([change])[0]

    def record_all(self, changes: Sequence[Change]) -> list[Recorded]:
        """Records changes in order in one transaction: all of them, or none when one is refused."""
        return self.record_drawn(lambda c: changes)

    def record_drawn(self, decide: Callable[[Connection], Iterable[Change]]) -> list[Recorded]:
        """Records what `decide` yields inside the transaction, each change before it is asked for the next."""

        def work(c: Connection) -> list[Recorded]:
            rows.hold(c)
            return self._record(c, decide(c))

        return self.store.unit(work)

    def record_with(self, work: Callable[[Connection], tuple[Found, Iterable[Change]]]) -> Found:
        """Writes a table of its own and the chain in one transaction: `work` gives what it found beside the changes
        to record; returns what it found."""

        def whole(c: Connection) -> Found:
            rows.hold(c)
            found, changes = work(c)
            self._record(c, changes)
            return found

        return self.store.unit(whole)

    def where(self, reading: Reading, now: datetime) -> Placement:
        """The incident a reading would join now; records nothing."""
        with self.store.read() as c:
            return self._desk(c).placement(reading, now)

    def spread(self, ids: Collection[str], now: datetime) -> list[Recorded]:
        """After posts were seen again: raises the incidents whose reach asks for a higher level."""

        def risen(c: Connection) -> Iterable[Change]:
            desk = self._desk(c)
            for incident in sorted(posts.incidents_of(c, ids)):
                case = desk.case(incident)
                grading = desk.grading(case, now)
                if grading.level.rank > case.level.rank and case.row["state"] in incidents.OPEN_STATES:
                    yield Change(act=Act.RAISE, at=now, reason="; ".join(grading.reasons), incident=incident)

        with self.store.read() as c:
            changes = list(risen(c))
        return self.record_drawn(risen) if changes else []

    def escalate_due(self, now: datetime) -> int:
        """Takes every reminder and escalation that is due; returns how many clocks were looked at."""
        with self.store.read() as c:
            desk, over = self._desk(c), shifts.silences_over(c, now)
            waiting = lives_waiting(desk, now) or perhaps_waiting(desk, now)
        if waiting:
            self.store.unit(lambda c: tell_lives(self._desk(c), now))
        if over:
            self.store.unit(lambda c: self._speak_again(c, now))
        total = 0
        while True:
            found = self.store.unit(lambda c: self._escalate(c, now))
            total += found
            if found < ESCALATE_BATCH:
                return total

    def duty(self, c: Connection, now: datetime) -> Duty:
        """Whom a department is reached through at a moment, swaps applied."""
        return on_duty(self._desk(c), now)

    # -------------------------------------------------------------- one change
    def _desk(self, c: Connection) -> Desk:
        return Desk(c, self.county, self.matrix, self.calendar, self.key, self.policy)

    def _record(self, c: Connection, given: Iterable[Change]) -> list[Recorded]:
        desk = self._desk(c)
        done, latest = list[Recorded](), None
        if isinstance(given, Sequence):
            desk.ask_known([reading for change in given for reading in change.readings])
        for change in given:
            done.append(_recorded(desk, change, self._apply(desk, change)))
            latest = change.at if latest is None else max(latest, change.at)
        return self._finish(desk, done, latest)

    def _apply(self, desk: Desk, change: Change) -> Done:
        done = self._dispatch(desk, change)
        if done.silent:
            return done
        entry = {"input": plain(dict(change.data)), "posts": list(done.posts)}
        told = replace(change, act=done.act, reason=done.reason or change.reason)
        touched = [case for case in (done.case, *done.others) if case is not None]
        if not touched:
            desk.log(told, None, None, entry)
        for case in touched:
            self._write(desk, told, case, entry if case is done.case else {**entry, "with": _id(done.case)})
        return done

    def _dispatch(self, desk: Desk, change: Change) -> Done:
        if change.readings and change.act in (Act.HOLD, Act.PASS):
            return keep_only(desk, change)
        if change.readings and change.act in (Act.OPEN, Act.JOIN):
            return take_readings(desk, change)
        if not change.readings:
            desk.flush()
        if change.data.get("post") and change.act in (Act.CONFIRM, Act.DISMISS, Act.HOLD):
            if change.actor == MACHINE:
                raise forbid("machine_may_not", act=change.act.value)
            return {Act.CONFIRM: confirm, Act.DISMISS: dismiss, Act.HOLD: take_back}[change.act](desk, change)
        if change.incident is None and change.act in OFFICE_ACTS:
            if change.actor == MACHINE and change.act not in MACHINE_ACTS:
                raise forbid("machine_may_not", act=change.act.value)
            return Done(None, change.act)  # concerns the whole house: an export, the roster, a silence
        if change.act is Act.DRILL and change.incident is None and change.actor != MACHINE:
            return drill.begin(desk, change)
        case = self._checked(desk, change)
        if change.act is Act.DRILL:
            drill.end(desk, case, change)
            return Done(case, Act.DRILL)
        if change.act in ON_INCIDENT:
            ON_INCIDENT[change.act](desk, case, change)
            return Done(case, change.act)
        on_posts = {Act.CONFIRM: confirm, Act.DISMISS: dismiss, Act.MERGE: merge, Act.SPLIT: split}
        if change.act not in on_posts:
            raise forbid("data_missing", act=change.act.value, key="readings")
        return on_posts[change.act](desk, change)

    def _checked(self, desk: Desk, change: Change) -> Case:
        """The incident, once version, rules and link allow the change."""
        case = desk.case(change.incident or "")
        if change.version is not None and change.version != case.row["version"]:
            last = rows.latest_of(desk.c, case.id) or {}
            raise StaleVersion(case.id, by=last.get("actor", ""), at=face(last["at"]) if last else "")
        known = {
            "returned_late": self._returned_late(case, change),
            "departments": frozenset(self.matrix.departments),
            "accused": frozenset(complained_of(self.matrix, case.facts, self.county)),
        }
        check(change, case.standing(desk.c, **known))
        token = change.data.get("token")
        if token and not tokens.use(desk.c, str(token), change.at):
            raise forbid("link_used")
        return case

    def _returned_late(self, case: Case, change: Change) -> bool:
        """Whether five working days have gone since the lead was given the case (信访工作条例 23(3))."""
        if change.act is not Act.RETURN:
            return False
        given = min((row["at"] for row in case.assignments if row["role"] == "lead"), default=change.at)
        started = [row["started_at"] for row in case.clocks if row["name"] == "acknowledge"]
        day, counted = (started[0] if started else given).date(), 0
        while day < change.at.date():
            day += timedelta(days=1)
            counted += self.calendar.is_workday(day)
        return counted > RETURN_DAYS

    def _write(self, desk: Desk, change: Change, case: Case, entry: dict[str, Any]) -> None:
        case.row["version"] += 1
        case.row["updated_at"] = change.at
        changed = case.difference()
        if not case.write(desk.c, changed):
            raise StaleVersion(case.id)
        desk.changed(case)
        desk.log(change, case.id, case.row["version"], {**entry, "set": changed})

    def _finish(self, desk: Desk, done: list[Recorded], now: datetime | None) -> list[Recorded]:
        desk.flush()
        rows.append(desk.c, desk.rows)
        told = tell_all(desk, now) if now is not None else {}
        if desk.lives and now is not None:
            tell_lives(desk, now)
        return [replace(one, notifications=told.get(one.incident or "", 0)) for one in done]

    # -------------------------------------------------------------- time passes
    def _speak_again(self, c: Connection, now: datetime) -> None:
        rows.hold(c)
        desk = self._desk(c)
        tell_silenced(desk, now)
        rows.append(c, desk.rows)
        tell_all(desk, now)

    def _escalate(self, c: Connection, now: datetime) -> int:
        due = incidents.steps_due(c, now, ESCALATE_BATCH)
        if not due:
            return 0
        rows.hold(c)
        desk = self._desk(c)
        for row in due:
            self._remind(desk, desk.case(row["incident"]), row["name"], now)
        rows.append(c, desk.rows)
        tell_all(desk, now)
        return len(due)

    def _remind(self, desk: Desk, case: Case, name: str, now: datetime) -> None:
        """One clock's step: told, counted, and written down without a new version (nobody's form goes stale)."""
        clock = next(clock for clock in case.clock_list() if clock.name == name)
        stored = case.clock(name)
        if stored is None:
            return
        answer = next_step(clock, now, taken=stored["escalation"])
        if answer.step is not None and answer.step.number > 1 and name in (RECEIPT, HUNG):
            self._time_is_up(desk, case, name, now)
            return
        stored.update(escalation=answer.taken, next_step_at=answer.at)
        changed = case.difference()
        case.write(desk.c, changed)
        if answer.step is not None:
            step = answer.step
            desk.tell(case, step.occasion, step.reason, clock=name, step=max(step.number - 2, 0))
            change = Change(act=Act.NOTE, at=now, reason=step.reason, incident=case.id)
            entry = {"input": {"clock_step": name, "step": step.number}, "posts": [], "set": changed}
            desk.log(change, case.id, case.row["version"], entry)

    def _time_is_up(self, desk: Desk, case: Case, name: str, now: datetime) -> None:
        """A receipt that never came, or thirty days in which nobody could be reached: the case is ours again."""
        if name == RECEIPT:
            change = away.unanswered(desk, case, now)
        else:
            reason = str(catalogue()["told"]["hung_over"])
            change = Change(act=Act.REOPEN, at=now, reason=reason, incident=case.id)
            ON_INCIDENT[Act.REOPEN](desk, case, change)
        self._write(desk, change, case, {"input": plain(dict(change.data)), "posts": []})


def _recorded(desk: Desk, change: Change, done: Done) -> Recorded:
    case = done.others[0] if done.act is Act.SPLIT and done.others else done.case
    version = case.row["version"] if case else None
    return Recorded(_id(case), version, done.act, 0, done.opened, done.posts, new=not _again(change, done))


def _again(change: Change, done: Done) -> bool:
    return done.silent and change.act in (Act.OPEN, Act.JOIN)


def _id(case: Case | None) -> str | None:
    return case.id if case else None
