"""Posts -> changes: classify, read the facts, decide, record. Knows the order of the work; judges nothing itself.

The ledger places a post inside its own transaction, so two posts of one debt that arrive in the same second, on two
machines, still meet in one incident. Taking the same posts again changes nothing but how far they have spread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from classifiers.registry import Classifier
from monitor import facts as facts_room
from monitor.facts.place import of_feed
from monitor.ledger import Ledger, Recorded
from monitor.model import Act, Assessment, Change, County, Facts, Feed, Flag, Kind, Post, Reading
from monitor.store import posts as post_rows
from monitor.store.base import Store
from monitor.store.sampled import AUDIT_EVERY

BATCH = 200  # posts a transaction: long enough to be quick, short enough not to hold up a reviewer


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of some posts."""

    posts: int = 0
    new: int = 0
    acts: Mapping[str, int] = field(default_factory=dict)  # open, join, hold, pass
    recorded: tuple[Recorded, ...] = ()


class Intake:
    """Takes posts into the house. One classifier, one ledger, one county. `feeds`: what their areas are taken from."""

    def __init__(
        self, store: Store, ledger: Ledger, classifier: Classifier, county: County, feeds: Sequence[Feed] = ()
    ) -> None:
        self.store, self.ledger, self.classifier = store, ledger, classifier
        self.watch(county, feeds)

    def watch(self, county: County, feeds: Sequence[Feed]) -> None:
        """Reads what comes from now on by this county and the areas of these feeds."""
        self.county, self.areas = county, {feed.name: feed.area for feed in feeds}

    def take(self, posts: Sequence[Post], now: datetime, evidence: Mapping[str, str] | None = None) -> Taken:
        """Reads and records posts. `evidence`: SHA-256 of the stored document that each post id was read from."""
        new, acts, recorded = 0, Counter[str](), list[Recorded]()
        for start in range(0, len(posts), BATCH):
            batch = list({post.id: post for post in posts[start : start + BATCH]}.values())
            fresh = self._fresh(batch, now)
            if not fresh:
                continue
            changes = [self.decide(reading, now, evidence) for reading in self.read(fresh)]
            done = self.ledger.record_all(changes)
            acts.update(str(entry.act) for entry in done)
            recorded += done
            new += len(fresh)
        return Taken(len(posts), new, dict(acts), tuple(recorded))

    def read(self, posts: Sequence[Post]) -> list[Reading]:
        """The verdict on each post, and the facts of those that may belong to a case."""
        verdicts = self.classifier.assess([(post.title, post.text) for post in posts])
        return [
            _looked_at_first(Reading(post, verdict, self._facts(post, verdict)))
            for post, verdict in zip(posts, verdicts, strict=True)
        ]

    def decide(self, reading: Reading, now: datetime, evidence: Mapping[str, str] | None = None) -> Change:
        """The machine's change for one reading, with its reason.

        An alert joins the incident of its debt or opens one. A settled case, or an unsure post, joins one that is
        already known; else the unsure one waits for a person, and so does every life at risk.
        """
        verdict, incident = reading.assessment, None
        if verdict.flag is Flag.ALERT:
            act, reason = Act.JOIN, f"alert, score {verdict.score:.2f}"
        elif found := self._known_incident(reading, now):
            act, (incident, reason) = Act.JOIN, found
        elif verdict.life_risk or verdict.flag is Flag.REVIEW:
            act = Act.HOLD
            reason = _why_held(verdict)
        else:
            act, reason = Act.PASS, f"{verdict.kind}, score {verdict.score:.2f}"
        data: dict[str, object] = {}
        if sha := (evidence or {}).get(reading.post.id):
            data["evidence"] = sha
        if act is Act.PASS and _drawn(reading.post.id):
            data["audit"] = True
        return Change(act=act, at=now, reason=reason, incident=incident, readings=(reading,), data=data)

    def _known_incident(self, reading: Reading, now: datetime) -> tuple[str, str] | None:
        """The incident that an unsure or settled post speaks of, with the reason; None where it names no known debt."""
        verdict = reading.assessment
        settled = verdict.kind is Kind.RESOLVED
        if not settled and (verdict.flag is Flag.PASS or verdict.kind is not Kind.OPEN):
            return None
        found = self.ledger.where(reading, now)
        return (found.incident, found.reason) if found.incident else None

    def _facts(self, post: Post, verdict: Assessment) -> Facts:
        worth = verdict.flag is not Flag.PASS or verdict.life_risk or verdict.kind is Kind.RESOLVED
        if not worth:
            return Facts()
        facts = facts_room.read(post, self.county)
        return facts if facts.place else replace(facts, place=of_feed(self.areas.get(post.feed or ""), self.county))

    def _fresh(self, posts: Sequence[Post], now: datetime) -> list[Post]:
        """Posts not stored before; how far the known ones have gone is noted."""
        with self.store.read() as c:
            stored = post_rows.known(c, posts)
        seen = [(stored[post.id], now, post.engagement) for post in posts if post.id in stored and post.engagement]
        if seen:
            self.store.unit(lambda c: post_rows.observe(c, seen))
            self.ledger.spread({stored_id for stored_id, _, _ in seen}, now)
        return [post for post in posts if post.id not in stored]


def _looked_at_first(reading: Reading) -> Reading:
    """The reading, marked as perhaps telling of danger to life where the facts say so and the words alone did not."""
    verdict, facts = reading.assessment, reading.facts
    waits = verdict.flag is Flag.REVIEW and "self_harm" in facts.traits  # no case, no level: nobody else would see it
    if verdict.life_risk or not (waits or "life_unsure" in facts.signs) or verdict.flag is Flag.PASS:
        return reading
    return replace(reading, assessment=replace(verdict, perhaps_life_risk=True))


def _why_held(verdict: Assessment) -> str:
    if verdict.life_risk:
        return "somebody may be in danger"
    return "perhaps in danger, to be read first" if verdict.perhaps_life_risk else f"unsure, score {verdict.score:.2f}"


def _drawn(post: str) -> bool:
    """A fair draw that is the same on every machine, whatever the ids of an import look like."""
    return int.from_bytes(sha256(post.encode("utf-8", "replace")).digest()[:8]) % AUDIT_EVERY == 0
