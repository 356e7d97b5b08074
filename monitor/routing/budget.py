"""The budget of one round, shared out by level: what an officer is written to about, and what the digest tells.

Knows messages, what each recipient had today and what still waits for them; knows no store. Pure. Red, and a life at
risk, is outside: never counted and never put aside. Below it the shares are ceilings from the bottom up, so that what
comes late and matters more finds room: blue fills at most half of a day, blue and yellow together four fifths.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.model import Level, Notification
from monitor.routing.wording import label, say

CEILINGS = {Level.BLUE: 0.5, Level.YELLOW: 0.8, Level.ORANGE: 1.0}  # of the budget, for the level and all below it
Spent = Mapping[str, Mapping[int, int]]  # recipient -> rank of the level -> messages today


@dataclass(frozen=True, slots=True)
class Queued:
    """A message of today that has not left yet: it can still make room for one of a higher level."""

    key: str
    recipient: str
    level: Level


@dataclass(frozen=True, slots=True)
class Aside:
    """A message the digest tells instead, and why."""

    notification: Notification
    reason: str


@dataclass(frozen=True, slots=True)
class Ration:
    """What goes out, what does not, and queued messages (key, reason) that go to the digest to make room."""

    send: tuple[Notification, ...] = ()
    aside: tuple[Aside, ...] = ()
    displaced: tuple[tuple[str, str], ...] = ()


def ration(
    messages: Sequence[Notification],
    *,
    spent: Spent,
    budget: int,
    exempt: Collection[str] = (),
    queued: Sequence[Queued] = (),
) -> Ration:
    """Shares out one round. Highest level first: nothing lower goes where something higher is put aside.

    `exempt`: keys that are always sent and cost nothing: messages that are queued already and only tell the latest
    state. `queued`: messages of today that have not left; those of lower levels could still stay behind.
    """
    day = _Day(budget, {who: dict(counts) for who, counts in spent.items()}, _by_recipient(queued))
    send: list[Notification] = []
    aside: list[Aside] = []
    for message in sorted(messages, key=lambda one: -one.level.rank):
        if message.level is Level.RED or message.data.get("life_risk") or message.key in exempt:
            send.append(message)
            continue
        why = day.refusal(message)
        if why is None:
            day.count(message.recipient, message.level, 1)
            send.append(message)
        else:
            aside.append(Aside(message, why))
    return Ration(tuple(send), tuple(aside), tuple(day.displaced))


def _by_recipient(queued: Sequence[Queued]) -> dict[str, list[Queued]]:
    """Per recipient, the lowest level last: it is taken first."""
    found: dict[str, list[Queued]] = {}
    for one in sorted(queued, key=lambda one: -one.level.rank):
        if one.level is not Level.RED:
            found.setdefault(one.recipient, []).append(one)
    return found


@dataclass(slots=True)
class _Day:
    """What each recipient has had so far, while a round is shared out."""

    budget: int
    spent: dict[str, dict[int, int]]
    queued: dict[str, list[Queued]]
    displaced: list[tuple[str, str]] = field(default_factory=list)

    def count(self, recipient: str, level: Level, number: int) -> None:
        counts = self.spent.setdefault(recipient, {})
        counts[level.rank] = counts.get(level.rank, 0) + number

    def refusal(self, message: Notification) -> str | None:
        """Why the message cannot go; None when it can, after what is lower and has not left made room for it."""
        full = self._full(message.recipient, message.level)
        waiting = self.queued.get(message.recipient, [])
        moved: list[Queued] = []
        while full is not None and waiting and waiting[-1].level.rank < message.level.rank:
            moved.append(waiting.pop())
            self.count(message.recipient, moved[-1].level, -1)
            full = self._full(message.recipient, message.level)
        if full is not None:  # no room could be made: what was moved stays where it was
            for one in reversed(moved):
                waiting.append(one)
                self.count(message.recipient, one.level, 1)
            return self._reason(message, *full)
        why = say("told", "displaced", level=label("levels", message.level.value))
        self.displaced += [(one.key, why) for one in moved]
        return None

    def _full(self, recipient: str, level: Level) -> tuple[Level, int, int] | None:
        """The first ceiling a message of this level would break through: level, messages, ceiling."""
        counts = self.spent.get(recipient, {})
        for ceiling, share in CEILINGS.items():
            sent = sum(number for rank, number in counts.items() if rank <= ceiling.rank)
            if level.rank <= ceiling.rank and sent >= int(self.budget * share):
                return ceiling, sent, int(self.budget * share)
        return None

    def _reason(self, message: Notification, ceiling: Level, sent: int, most: int) -> str:
        if ceiling is Level.ORANGE:
            return say("told", "budget", sent=sent, budget=self.budget)
        names = "、".join(label("levels", one.value) for one in CEILINGS if one.rank <= ceiling.rank)
        return say("told", "budget_share", levels=names, sent=sent, share=most, budget=self.budget)
