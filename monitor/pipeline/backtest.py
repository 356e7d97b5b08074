"""What a model would have done with the stored posts: alerts gained and lost, by what reviewers said. Records nothing.

A text is read here and leaves only as a count or an id. Posts whose text was erased or forgotten cannot be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from classifiers.registry import Classifier
from monitor.model import Flag
from monitor.store import posts as post_rows
from monitor.store.base import Store

BATCH = 500  # posts assessed at once
LISTED = 200  # ids named on each side
LABELS = ("confirmed", "dismissed", "unreviewed")


@dataclass(slots=True)
class Backtest:
    """Figures of one model over a period. `moved`: {(flag then, flag now): posts}; `gained`, `lost`: by label."""

    model: str
    posts: int = 0
    then: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    labelled: Counter[tuple[str, str]] = field(default_factory=Counter)  # (label, flag now)
    gained_ids: list[str] = field(default_factory=list)
    lost_ids: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any], flag: Flag) -> None:
        """Counts one post."""
        before, after, label = str(row["flag"]), flag.value, _label(row["review"])
        self.posts += 1
        self.then[before] += 1
        self.now[after] += 1
        self.labelled[label, after] += 1
        if before == after:
            return
        self.moved[before, after] += 1
        if after == Flag.ALERT.value:
            self.gained[label] += 1
            self.gained_ids += [row["id"]][: LISTED - len(self.gained_ids)]
        elif before == Flag.ALERT.value:
            self.lost[label] += 1
            self.lost_ids += [row["id"]][: LISTED - len(self.lost_ids)]

    def as_row(self) -> dict[str, Any]:
        """One JSON object: counts, and at most LISTED ids a side."""
        return {
            "model": self.model,
            "posts": self.posts,
            "then": dict(self.then),
            "now": dict(self.now),
            "moved": {f"{before}->{after}": count for (before, after), count in sorted(self.moved.items())},
            "gained": {label: self.gained[label] for label in LABELS},
            "lost": {label: self.lost[label] for label in LABELS},
            "reviewed": {
                label: {flag.value: self.labelled[label, flag.value] for flag in Flag} for label in LABELS[:2]
            },
            "gained_ids": self.gained_ids,
            "lost_ids": self.lost_ids,
        }


def backtest(store: Store, classifier: Classifier, since: datetime, until: datetime) -> Backtest:
    """Assesses the posts recorded since <= t < until (aware moments) again."""
    found = Backtest(classifier.version)
    with store.read() as c:
        for batch in _batches(post_rows.between(c, since, until)):
            verdicts = classifier.assess([(row["title"], row["text"]) for row in batch])
            for row, verdict in zip(batch, verdicts, strict=True):
                found.add(row, verdict.flag)
    return found


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _label(review: str | None) -> str:
    """What a person said of the post; one still in the queue, or never shown to anybody, has no label."""
    return review if review in ("confirmed", "dismissed") else "unreviewed"
