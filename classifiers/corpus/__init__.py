"""What a model learns from. Knows rows and where they come from; no text of a third party is kept in this package.

own_*.jsonl, templates.yaml: posts written for this project. labels_*.jsonl: labels of real posts, by a hash of the
text only. sentences_read.jsonl: which sentences of an open case state the debt, likewise. lacks_read.jsonl: what a post
lacks to be an open case (classifiers.lacks), likewise.
base.npz, base.json: counted features of the shared rows with their labels; see base.py for why no text can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from classifiers.features import Parts, Told
from classifiers.verdict import Kind

BESIDE, TOUCHES, STATES = 0, 1, 2  # a sentence of an open case: about something else, near the debt, states it
ORIGINS = ("labelled", "read", "own", "background", "decision")  # where a row's label comes from
WEIGHTS = {"labelled": 1.0, "read": 1.0, "own": 0.2, "background": 1.0, "decision": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One post as the model sees it. `group`: near-duplicates and pairs share one, and are never split by a fold.

    `words`: those of the post, without repeats; `sentences`: features of each sentence about pay or debt. `states`:
    how each of them tells of unpaid earned pay, as a reader marked it (STATES, TOUCHES, BESIDE); empty where nobody
    did. `lack`: a reader's code of what it lacks to be a case (classifiers.lacks), `hinge`: the sentence it hangs on,
    -1 where all count alike. `facts`: what the card is broken down by (length, sector, workers).
    """

    id: str
    label: Kind
    origin: str
    group: str
    platform: str
    words: tuple[str, ...]
    sentences: tuple[Parts, ...] = ()
    states: tuple[int, ...] = ()
    lack: str = ""
    hinge: int = -1
    borderline: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.label is Kind.OPEN

    @property
    def told(self) -> Told:
        """The row as the model reads a post."""
        return Told(self.words, self.sentences)
