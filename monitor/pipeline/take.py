"""Posts -> changes: classify, read the facts, place, record. Knows the order of the work; judges nothing itself.

Placing and recording happen inside one write transaction, so two posts of one debt that arrive in the same second, on
two machines, still meet in one incident. Taking the same posts again changes nothing but how far they have spread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from classifiers.registry import Classifier
from monitor import facts as facts_room
from monitor.incidents.place import WINDOW, Candidate, Placement, keys, place
from monitor.ledger import Ledger, Recorded
from monitor.model import Act, Assessment, Change, County, Facts, Flag, Kind, Post, Reading
from monitor.store import incidents as incident_rows
from monitor.store import posts as post_rows
from monitor.store import signatures
from monitor.store.base import Store
from monitor.store.codec import facts_from

BATCH = 200  # posts a transaction: long enough to be quick, short enough not to hold up a reviewer


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of some posts."""

    posts: int = 0
    new: int = 0
    acts: Mapping[str, int] = field(default_factory=dict)  # open, join, hold, pass
    recorded: tuple[Recorded, ...] = ()


class Intake:
    """Takes posts into the house. One classifier, one ledger, one county."""

    def __init__(self, store: Store, ledger: Ledger, classifier: Classifier, county: County) -> None:
        self.store, self.ledger, self.classifier, self.county = store, ledger, classifier, county

    def take(self, posts: Sequence[Post], now: datetime, evidence: Mapping[str, str] | None = None) -> Taken:
        """Reads, places and records posts. `evidence`: SHA-256 of the document each post id was read from."""
        taken, acts, recorded = 0, Counter[str](), list[Recorded]()
        for start in range(0, len(posts), BATCH):
            batch = list({post.id: post for post in posts[start : start + BATCH]}.values())
            fresh = self._fresh(batch, now)
            if not fresh:
                continue
            readings = self.read(fresh)
            done = self.ledger.record_with(lambda c, rows=readings: self._decide(c, rows, now, evidence or {}))
            recorded += done
            acts.update(str(entry.act) for entry in done)
            taken += len(fresh)
        return Taken(len(posts), taken, dict(acts), tuple(recorded))

    def read(self, posts: Sequence[Post]) -> list[Reading]:
        """The verdict on each post, and the facts of those that may belong to a case."""
        verdicts = self.classifier.assess([(post.title, post.text) for post in posts])
        return [
            Reading(post, verdict, self._facts(post, verdict)) for post, verdict in zip(posts, verdicts, strict=True)
        ]

    def _facts(self, post: Post, verdict: Assessment) -> Facts:
        worth = verdict.flag is not Flag.PASS or verdict.life_risk or verdict.kind is Kind.RESOLVED
        return facts_room.read(post, self.county) if worth else Facts()

    def _fresh(self, posts: Sequence[Post], now: datetime) -> list[Post]:
        """Posts not stored before; how far the known ones have gone is noted."""

        def known(c: Connection) -> dict[str, str]:
            stored = post_rows.known(c, posts)
            seen = [(stored[post.id], now, post.engagement) for post in posts if post.id in stored and post.engagement]
            if seen:
                post_rows.observe(c, seen)
            return stored

        with self.store.read() as c:
            stored = post_rows.known(c, posts)
        if any(post.id in stored and post.engagement for post in posts):
            stored = self.store.unit(known)
        return [post for post in posts if post.id not in stored]

    # -------------------------------------------------------------- one decision after another, in one transaction
    def _decide(
        self, c: Connection, readings: Sequence[Reading], now: datetime, evidence: Mapping[str, str]
    ) -> Iterator[Change]:
        """Yields a change for each reading; what the ledger did with one is seen by the next."""
        for reading in readings:
            yield self.decide(c, reading, now, evidence.get(reading.post.id))

    def decide(self, c: Connection, reading: Reading, now: datetime, evidence: str | None = None) -> Change:
        """The machine's change for one reading, with its reason."""
        verdict, post = reading.assessment, reading.post
        data = {"evidence": evidence} if evidence else {}
        may_join = verdict.flag is not Flag.PASS or verdict.kind is Kind.RESOLVED
        found = self.placement(c, reading, now) if may_join else Placement(None, "passed")
        if verdict.flag is Flag.ALERT:
            act = Act.JOIN if found.joined else Act.OPEN
            reason = found.reason
        elif found.joined and verdict.kind in (Kind.RESOLVED, Kind.OPEN):
            act, reason = Act.JOIN, found.reason
        elif verdict.flag is Flag.REVIEW or verdict.life_risk:
            act, reason = Act.HOLD, "the classifier is unsure" if not verdict.life_risk else "somebody may be in danger"
        else:
            act, reason = Act.PASS, f"{verdict.kind}, score {verdict.score:.2f}"
        incident = found.incident if act is Act.JOIN else None
        if found.reopens and act is Act.JOIN:
            data["reopens"] = True
        if verdict.kind is Kind.RESOLVED:
            data["claims_paid"] = True
        if act in (Act.OPEN, Act.JOIN):
            data["keys"] = list(keys(reading))
        return Change(
            act=act, at=now, reason=reason, incident=incident, readings=(reading,), data={**data, "post": post.id}
        )

    def placement(self, c: Connection, reading: Reading, now: datetime) -> Placement:
        """Which incident of the store the reading joins."""
        return place(reading, self._candidates(c, reading, now), now, **self._links(c, reading.post.id))

    def _candidates(self, c: Connection, reading: Reading, now: datetime) -> list[Candidate]:
        shared = signatures.sharing(c, keys(reading), now - WINDOW)
        rows = incident_rows.many(c, sorted(shared, key=lambda incident: -shared[incident])[:50])
        found = []
        for row in rows.values():
            if row["state"] in ("merged", "dismissed"):
                continue
            centre = post_rows.one(c, row["representative"])
            found.append(
                Candidate(
                    incident=row["id"],
                    facts=facts_from(row["facts"]),
                    text=f"{centre['title']}\n{centre['text']}"
                    if centre and centre["title"]
                    else (centre or {"text": ""})["text"],
                    updated_at=row["updated_at"],
                    closed=row["state"] == "closed",
                )
            )
        return found

    def _links(self, c: Connection, post: str) -> dict[str, frozenset[str]]:
        """A person's must-links and cannot-links of this post, as incidents."""
        links = incident_rows.links_of(c, [post])
        if not links:
            return {}
        sides: dict[bool, set[str]] = {True: set(), False: set()}
        for link in links:
            other = post_rows.one(c, link["b"] if link["a"] == post else link["a"])
            if other and other["incident"]:
                sides[link["must"]].add(other["incident"])
        return {"must": frozenset(sides[True]), "cannot": frozenset(sides[False])}
