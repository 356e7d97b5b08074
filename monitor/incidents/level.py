"""Facts + spread -> 内部办理等级, with every condition that asked for one. Pure; the matrix sets the conditions.

The highest condition decides. Spread and the number of posts may raise a level and never lower it: there is no
condition that a larger number undoes at a lower level. An internal grade of urgency, never a public warning:
突发事件应对法 art. 63 gives its four colours to other kinds of events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from monitor.model import Engagement, Facts, Grading, Level


class Condition(Protocol):
    """One condition of severity; None means the limit does not matter. Yuan, months, people."""

    @property
    def level(self) -> Level: ...
    @property
    def label(self) -> str: ...
    @property
    def trait(self) -> str | None: ...
    @property
    def sign(self) -> str | None: ...
    @property
    def life_risk(self) -> bool: ...
    @property
    def workers_from(self) -> int | None: ...
    @property
    def workers_to(self) -> int | None: ...
    @property
    def amount_from(self) -> float | None: ...
    @property
    def months_from(self) -> float | None: ...
    @property
    def per_worker_from(self) -> float | None: ...
    @property
    def reposts_from(self) -> int | None: ...
    @property
    def views_from(self) -> int | None: ...
    @property
    def posts_from(self) -> int | None: ...


class Severity(Protocol):
    """The matrix's section of the same name (monitor.routing.matrix.Severity is one)."""

    @property
    def conditions(self) -> Sequence[Condition]: ...
    @property
    def floors(self) -> Mapping[str, tuple[Level, str]]: ...
    @property
    def life_traits(self) -> Sequence[str]: ...
    @property
    def campaign_within_days(self) -> int: ...
    @property
    def campaign_raises(self) -> Sequence[Level]: ...
    @property
    def campaign_label(self) -> str: ...


LIFE = "self_harm"  # the trait that is danger to life by itself


def grade(
    facts: Facts,
    *,
    severity: Severity,
    life_risk: bool = False,
    engagement: Engagement | None = None,
    posts: int = 1,
    campaign_days_left: int | None = None,
) -> Grading:
    """The level of an incident and its reasons, e.g. `yellow:10-29人`.

    `posts`: accounts that report it. `campaign_days_left`: days to 除夕 while a campaign runs, else None.
    """
    found = [
        *_by_conditions(facts, severity, life_risk, engagement or Engagement(), posts),
        *_by_traits(facts, severity),
    ]
    level = max((one for one, _ in found), key=lambda one: one.rank, default=Level.BLUE)
    raised = _campaign(level, severity, campaign_days_left)
    if raised is not level:
        found.append((raised, severity.campaign_label))
    return Grading(raised, tuple(dict.fromkeys(f"{one}:{label}" for one, label in found)))


def _by_conditions(
    facts: Facts, severity: Severity, life_risk: bool, engagement: Engagement, posts: int
) -> Iterator[tuple[Level, str]]:
    each = facts.amount_yuan / facts.workers if facts.amount_yuan is not None and facts.workers else None
    for one in severity.conditions:
        measured = (
            (facts.workers, one.workers_from),
            (facts.amount_yuan, one.amount_from),
            (facts.months, one.months_from),
            (each, one.per_worker_from),
            (engagement.reposts, one.reposts_from),
            (engagement.views, one.views_from),
            (posts, one.posts_from),
        )
        within = one.workers_to is None or (facts.workers is not None and facts.workers <= one.workers_to)
        danger = not one.life_risk or life_risk or LIFE in facts.traits
        named = (one.trait is None or one.trait in facts.traits) and (one.sign is None or one.sign in facts.signs)
        if within and danger and named and all(_reached(value, limit) for value, limit in measured):
            yield one.level, one.label


def _reached(value: float | None, limit: float | None) -> bool:
    return limit is None or (value is not None and value >= limit)


def _by_traits(facts: Facts, severity: Severity) -> Iterator[tuple[Level, str]]:
    for trait in dict.fromkeys(facts.traits):
        if trait in severity.floors:
            yield severity.floors[trait]


def _campaign(level: Level, severity: Severity, days_left: int | None) -> Level:
    """One level up in the last days of a campaign, where the matrix says so (blue, yellow)."""
    if (
        days_left is None
        or not 0 <= days_left <= severity.campaign_within_days
        or level not in severity.campaign_raises
    ):
        return level
    return list(Level)[level.rank + 1]
