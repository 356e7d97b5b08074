"""What a post lacks to be an open case: the money that is meant, how it stands with it, whose case it is.

A reader's code has three letters. Money: w earned pay, p pension, i social insurance, c compensation, s subsidy,
d deposit or investment, g goods or project, l level of pay, o other. State: u unpaid, z settled, n denied, f feared or
announced, k nothing owed. Case: o told as one's own or of people named, h asked in general, r rule, news or opinion,
x fiction, abroad, metaphor, advertisement. `-`: not told. An open case is `wuo`. Knows codes; no text, no weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.corpus import STATES, Row
from classifiers.verdict import Kind

LETTERS = ("wpicsdgol-", "uznfk-", "ohrx-")
_CASE = "wuo"  # what an open case has
_QUIET = 0.15  # what a sentence weighs beside the one a code hangs on
_BY_LABEL = ("own", "decision")  # nobody marked sentences there: each has what its post has


@dataclass(frozen=True, slots=True)
class Lack:
    """One way not to be a case: one of `letters` at `place` of the code; a post told by label alone: of `kind`."""

    name: str
    place: int
    letters: str
    kind: Kind | None = None


LACKS = (
    Lack("pension or insurance", 0, "pi", Kind.DISPUTE),
    Lack("compensation or subsidy", 0, "cs", Kind.DISPUTE),
    Lack("deposit, goods, project", 0, "dgo", Kind.DISPUTE),
    Lack("nothing owed", 1, "k"),
    Lack("settled", 1, "z", Kind.RESOLVED),
    Lack("denied or feared", 1, "nf"),
    Lack("in general", 2, "hr", Kind.GENERAL),
    Lack("elsewhere", 2, "x", Kind.NOISE),
)


class Codes:
    """The codes of sentences, side by side: what each sentence of a post with a code may teach."""

    def __init__(self, rows: Sequence[Row], states: Any, share: Any, trust: Any) -> None:
        """`rows`: the post of each sentence; `states`: the reader's marks; `share`, `trust`: what it weighs."""
        self.kind = np.array([row.label.value for row in rows])
        self.by_label = np.array([row.origin in _BY_LABEL for row in rows])
        self.letters = np.array([list(row.lack or "---") for row in rows]).reshape(len(rows), 3)
        first = np.concatenate(([True], [rows[at] is not rows[at - 1] for at in range(1, len(rows))]))
        number = np.arange(len(rows)) - np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
        self.hinge = number == np.array([row.hinge for row in rows])
        self.states = states == STATES
        read = np.where(self.hinge, 1.0, _QUIET)
        self.weight = np.where(self.states, 1.0, np.where(self.by_label, share * trust, read))

    def lesson(self, lack: Lack) -> tuple[Any, Any]:
        """Whether each sentence has what this lack is the want of, and its weight: 0 where nobody knows."""
        letter = self.letters[:, lack.place]
        short = np.isin(letter, list(lack.letters))
        has = self.states | ((letter == _CASE[lack.place]) & self.hinge & ~self.by_label)
        has |= self.by_label & (self.kind == Kind.OPEN.value)
        if lack.place == 0:
            has |= self.by_label & (self.kind == Kind.RESOLVED.value)
        if lack.kind is not None:
            short |= self.by_label & (self.kind == lack.kind.value)
        has &= ~short
        return has, self.weight * (has | short)
