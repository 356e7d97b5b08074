"""The ledger's desk during one transaction: the incidents in hand, the decisions asked for them, what is to be told.

Knows which room answers which question (level, route, clocks, place) and hands each the data it needs; decides nothing
itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor import clocks as clock_room
from monitor.facts.mask import mask
from monitor.incidents.keys import forms
from monitor.incidents.level import grade
from monitor.incidents.place import WINDOW, Candidate, Placement, copies, keys, nearest, place
from monitor.ledger.case import Case, clock_row
from monitor.ledger.standing import forbid
from monitor.model import Act, Change, County, Engagement, Grading, Occasion, Reading, full_text
from monitor.routing import Matrix, route
from monitor.routing.letter import Happened
from monitor.routing.policy import Policy
from monitor.store import incidents, posts, signatures
from monitor.store.codec import facts_from, facts_json, reading_from, reasons_json, route_json
from monitor.text import SHANGHAI, author_code, storable

Row = dict[str, Any]
OUTSIDE = frozenset({"arbitrate", "receipt", "answer"})  # clocks of no level, which nothing but their own end stops
BY_ACT = frozenset(Act)  # basis of a clock that an act began: a new lead's, an arbitration's


@dataclass(slots=True)
class Telling:
    """Something that happened to an incident and is to be told once the transaction's last change is made."""

    case: Case
    happened: Happened


@dataclass(slots=True)
class Desk:
    """One transaction's work. `rows`: ledger rows to append; `tellings`: what is to be told, per incident."""

    c: Connection
    county: County
    matrix: Matrix
    calendar: clock_room.Calendar
    key: bytes
    policy: Policy | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    lives: bool = False  # a post that tells of danger to life was put into the review queue
    _candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    posts: list[Row] = field(default_factory=list)  # new ones, stored by `flush`
    observations: list[tuple[str, datetime, Engagement]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # asked id -> stored id, of this transaction's posts
    asked: set[str] = field(default_factory=set)  # post ids the store was asked about
    _texts: dict[str, str] = field(default_factory=dict)
    _linked: bool | None = None
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _forms: set[str] = field(default_factory=set)  # keys that too many incidents share to find one by
    _numbers: dict[int, int] = field(default_factory=dict)

    # -------------------------------------------------------------- incidents
    def case(self, incident: str) -> Case:
        """The incident to work on; ForbiddenChange when there is none."""
        if incident not in self.cases:
            found = Case.load(self.c, incident)
            if found is None:
                raise forbid("unknown_incident", incident=incident)
            self.cases[incident] = found
        return self.cases[incident]

    def number(self, at: datetime) -> str:
        """The next incident number of the year in which it is opened here."""
        year = at.astimezone(SHANGHAI).year
        if year not in self._numbers:
            self._numbers[year] = incidents.next_number(self.c, year)
        number = self._numbers[year]
        self._numbers[year] = number + 1
        return f"QX-{year}-{number:04d}"

    def drill_number(self, at: datetime) -> str:
        """The next number of an invented incident; never one of the ledger's own."""
        year = at.astimezone(SHANGHAI).year
        return f"{incidents.DRILL}{year}-{incidents.next_number(self.c, year, incidents.DRILL):04d}"

    def tell(self, case: Case, occasion: Occasion, reason: str, **about: Any) -> None:
        """Remembers what is to be told (`about`: as Happened); who, is decided when the transaction's work is done."""
        self.tellings.append(Telling(case, Happened(occasion=occasion, reason=reason, **about)))

    # -------------------------------------------------------------- decisions
    def grading(self, case: Case, now: datetime) -> Grading:
        """The level the facts and the spread ask for now."""
        return grade(
            case.facts,
            severity=self.matrix.severity,
            life_risk=case.row["life_risk"],
            engagement=case.reach(self.c),
            posts=max(len(self.accounts(case)), 1),
            campaign_days_left=self.calendar.campaign_days_left(now, self.county.campaigns),
        )

    def accounts(self, case: Case) -> set[str | None]:
        """The accounts that speak of the incident, waiting posts included."""
        if case.accounts is None:
            waiting = {row["author_code"] for row in self.posts if row["incident"] == case.id}
            case.accounts = waiting | (set() if case.new else posts.accounts(self.c, case.id))
        return case.accounts

    def raise_level(self, case: Case, grading: Grading) -> bool:
        """Takes a grading over where it is higher than the level; spread and facts never lower it."""
        higher = grading.level.rank > case.level.rank
        if higher or case.row["version"] == 0:
            case.row["level"], case.row["level_reasons"] = grading.level.value, list(grading.reasons)
        elif grading.level is case.level:
            reasons = [*case.row["level_reasons"], *grading.reasons]
            case.row["level_reasons"] = list(dict.fromkeys(reasons))
        return higher

    def decide_route(self, case: Case) -> None:
        """Routes the incident by the matrix as its facts stand."""
        decided = route(
            self.matrix,
            case.facts,
            grading=Grading(case.level, tuple(case.row["level_reasons"])),
            county=self.county,
            life_risk=case.row["life_risk"],
            lead_policy=self.county.lead_policy,
        )
        case.row.update(route=route_json(decided), lead=decided.lead, co=list(decided.co))

    def start_clocks(self, case: Case, at: datetime) -> None:
        """Starts every clock of the incident's level at `at`."""
        started = clock_room.start_clocks(
            case.level, at, calendar=self.calendar, campaign=self.campaign(at), pauses=_periods(case)
        )
        case.set_clocks(started, {clock.name: clock_room.first_step(clock) for clock in started})

    def tighten_clocks(self, case: Case, at: datetime) -> None:
        """After a raise: undone duties get the new level's time from now on where that is sooner; done ones stay."""
        old = {row["name"]: row for row in case.clocks}
        self.start_clocks(case, at)
        for row in case.clocks:
            was = old.pop(row["name"], None)
            if was and (was["done_at"] is not None or was["due_at"] <= row["due_at"]):
                row.update(was)
        case.clocks += [row for row in old.values() if row["name"] in OUTSIDE or row["done_at"]]
        if case.paused:
            for row in case.clocks:
                row["next_step_at"] = row["next_step_at"] if row["name"] in OUTSIDE else None

    def look_back_clocks(self, case: Case, at: datetime) -> None:
        """回头看 after close-out at `at`: each is asked for by its own clock, and answered within it."""
        found = clock_room.after_close(at, calendar=self.calendar)
        names = {clock.name for clock in found}
        case.clocks = [row for row in case.clocks if row["name"] not in names]
        case.clocks += [clock_row(clock, clock_room.first_step(clock)) for clock in found]

    def shift_clocks(self, case: Case, at: datetime) -> None:
        """After a pause: every undone clock is counted anew from its start, with the pauses left out.

        One that a person's act began while the case was paused has its whole time from now on. While a campaign runs
        `at` the resume, no pause carries a duty past the hard stop of the day before 除夕.
        """
        stop, paused = self.calendar.hard_stop(at) if self.campaign(at) else None, case.pauses[-1]["started_at"]
        for row in case.clocks:
            if row["done_at"] is None and row["basis"] in BY_ACT and row["started_at"] >= paused:
                _go_on(row, paused, at)
            elif row["done_at"] is None:
                started = clock_room.start_clocks(
                    case.level,
                    row["started_at"],
                    calendar=self.calendar,
                    campaign=self.campaign(row["started_at"]),
                    pauses=_periods(case),
                )
                again = next((clock for clock in started if clock.name == row["name"]), None)
                if again is not None:
                    again = clock_room.stopped(again, stop)
                    row.update(due_at=again.due_at, skipped=list(again.skipped))
                    row["next_step_at"] = clock_room.first_step(again)
                elif row["next_step_at"] is None:
                    _go_on(row, paused, at)

    def campaign(self, now: datetime) -> bool:
        """Whether a 专项行动 runs."""
        return self.calendar.campaign(now, self.county.campaigns) is not None

    # -------------------------------------------------------------- posts
    def ask_known(self, readings: Sequence[Reading]) -> None:
        """Asks once for many which posts are stored already."""
        new = [one.post for one in readings if one.post.id not in self.asked]
        self.asked |= {post.id for post in new}
        if new:
            self.known.update(posts.known(self.c, new))

    def placement(self, reading: Reading, now: datetime) -> Placement:
        """The incident that a reading joins: those that share a key with it are compared."""
        links = self._links(reading.post.id)
        telling = [key for key in self._keys_of(reading) if key not in self._forms]
        holders = signatures.holders(self.c, telling, now - WINDOW)
        self._forms |= forms(holders)
        near = nearest(holders)
        near += sorted(links.get("must", frozenset()) - set(near))
        self._look_up([incident for incident in near if incident not in self._candidates])
        candidates = [found for incident in near for found in self._candidates[incident]]
        return place(reading, candidates, now, copied=copies(reading, holders), **links)

    def _keys_of(self, reading: Reading) -> tuple[str, ...]:
        """A reading's keys, worked out once a transaction."""
        if reading.post.id not in self._keys:
            self._keys[reading.post.id] = keys(reading)
        return self._keys[reading.post.id]

    def _look_up(self, wanted: Sequence[str]) -> None:
        """Loads candidates; in one transaction only this desk changes incidents, so they are read once.

        An incident that took others in is known by their representatives too: who copies those means this one.
        """
        if not wanted:
            return
        rows = incidents.many(self.c, wanted)
        taken_in = incidents.merged_into(self.c, wanted)
        centres = [row["representative"] for row in (*rows.values(), *taken_in)]
        texts = {**posts.texts(self.c, [post for post in centres if post not in self._texts]), **self._texts}
        for incident in wanted:
            row, found = rows.get(incident), []
            if row is not None and row["state"] not in ("merged", "dismissed"):
                found = [_candidate(row, texts)]
                found += [
                    replace(_candidate(one, texts), incident=incident, updated_at=row["updated_at"])
                    for one in taken_in
                    if one["merged_into"] == incident
                ]
            self._candidates[incident] = found

    def changed(self, case: Case) -> None:
        """Forgets what was known of an incident as a candidate."""
        self._candidates.pop(case.id, None)

    def _links(self, post: str) -> dict[str, frozenset[str]]:
        sides: dict[str, set[str]] = {"must": set(), "cannot": set()}
        if self._linked is None:
            self._linked = incidents.any_links(self.c)
        if not self._linked:
            return {}
        for link in incidents.links_of(self.c, [post]):
            other = posts.one(self.c, link["b"] if link["a"] == post else link["a"])
            if other and other["incident"]:
                sides["must" if link["must"] else "cannot"].add(other["incident"])
        return {key: frozenset(found) for key, found in sides.items()}

    def stored(self, post: str) -> tuple[Row, Reading]:
        """A stored post and its reading; ForbiddenChange when there is none."""
        row = posts.one(self.c, post)
        if row is None:
            raise forbid("unknown_post", post=post)
        return row, reading_from(row)

    def keep(self, change: Change, reading: Reading, incident: str | None, *, review: str | None = None) -> None:
        """Stores a new post: masked for every eye, the author as a keyed hash only."""
        row = post_row(reading, self.key, change.at)
        row.update(incident=incident, joined_reason=change.reason, review=review, evidence=change.data.get("evidence"))
        self.posts.append(row)
        self._texts[row["id"]] = full_text(row["title"], row["text"])
        self.known[row["id"]] = row["id"]
        if reading.post.engagement is not None:
            seen = (reading.post.id, reading.post.fetched_at or change.at, reading.post.engagement)
            self.observations.append(seen)

    def flush(self) -> None:
        """Stores the posts that wait: one statement for a batch instead of one a post."""
        if self.posts:
            posts.add(self.c, self.posts)
            posts.observe_new(self.c, self.observations)
            self.posts, self.observations = [], []

    def sign(self, change: Change, reading: Reading, incident: str) -> None:
        """Notes what later posts of the same debt would share with this one."""
        signatures.add(self.c, incident, self._keys_of(reading), change.at)

    def log(self, change: Change, incident: str | None, version: int | None, data: Mapping[str, Any]) -> None:
        """Adds a row to the ledger."""
        self.rows.append(
            {
                "incident": incident,
                "version": version,
                "act": change.act.value,
                "actor": change.actor,
                "at": change.at,
                "reason": storable(change.reason),
                "data": dict(data),
            }
        )


def _candidate(row: Row, texts: Mapping[str, str]) -> Candidate:
    text = texts.get(row["representative"], "")
    return Candidate(row["id"], facts_from(row["facts"]), text, row["updated_at"])


def post_row(reading: Reading, key: bytes, now: datetime) -> Row:
    """A post as stored. The published name becomes a keyed hash; personal data in the text is masked beside it."""
    post, verdict = reading.post, reading.assessment
    title = storable(post.title) if post.title is not None else None
    text = storable(post.text)
    return {
        "id": post.id,
        "feed": post.feed or "",
        "native_id": post.native_id,
        "platform": post.platform,
        "url": post.url,
        "title": title,
        "text": text,
        "masked_title": mask(title).text if title is not None else None,
        "masked_text": mask(text).text,
        "author_code": author_code(key, post.platform or post.feed or "", post.author) if post.author else None,
        "published_at": post.published_at,
        "fetched_at": post.fetched_at or now,
        "evidence": None,
        "flag": verdict.flag.value,
        "score": verdict.score,
        "kind": verdict.kind.value,
        "life_risk": verdict.life_risk,
        "perhaps_life_risk": verdict.perhaps_life_risk,
        "reasons": reasons_json(verdict),
        "model": verdict.model,
        "facts": facts_json(reading.facts),
        "incident": None,
        "joined_reason": None,
        "review": None,
        "reviewed_by": None,
        "reviewed_at": None,
        "recorded_at": now,
    }


def _go_on(row: Row, paused: datetime, at: datetime) -> None:
    """A clock of no level that a pause silenced: due later by as long as it stood still, and told of then."""
    due = row["due_at"] + (at - max(paused, row["started_at"]))
    row.update(due_at=due, next_step_at=due)


def _periods(case: Case) -> tuple[tuple[datetime, datetime | None, str], ...]:
    return tuple((pause["started_at"], pause["ended_at"], pause["reason"]) for pause in case.pauses)
