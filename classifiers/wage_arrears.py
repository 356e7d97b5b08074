"""The classifier: text in, verdict with reasons out. Knows weights and bands from a model folder; trains nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import life_risk
from classifiers.normalize import Normal, normalize
from classifiers.tokenizer import words
from classifiers.verdict import Assessment, Flag, Kind, Reason, full_text

KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Bands:
    """Score at or above which a post is an alert, or goes to a person first."""

    alert: float
    review: float

    def flag(self, score: float) -> Flag:
        return Flag.ALERT if score >= self.alert else Flag.REVIEW if score >= self.review else Flag.PASS


class WageArrears:
    """A linear model over words. Safe to share between threads: nothing changes after loading."""

    def __init__(self, manifest: Mapping[str, Any], weights: np.ndarray, idf: np.ndarray) -> None:
        self.version: str = manifest["version"]
        self.bands = Bands(**manifest["bands"])
        self._index = {word: row for row, word in enumerate(manifest["vocabulary"])}
        self._idf = idf.tolist()
        self._rows = weights.tolist()
        self._bias = manifest["bias"]

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        """One assessment a post (title, text), in order."""
        return [self.assess_one(title, text) for title, text in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        """The verdict on one post."""
        normal = normalize(full_text(title, text))
        tokens = words(normal.text)
        values, norm = self._features(tokens)
        logits = [
            bias + sum(value * self._rows[row][k] for row, value in values.items()) / norm
            for k, bias in enumerate(self._bias)
        ]
        top = max(logits)
        odds = [math.exp(logit - top) for logit in logits]
        kinds = {kind: odd / sum(odds) for kind, odd in zip(KINDS, odds, strict=True)}
        score = kinds[Kind.OPEN]
        at_risk = life_risk.spans(normal.text)
        flag = self.bands.flag(score)
        return Assessment(
            flag=Flag.REVIEW if at_risk and flag is Flag.PASS else flag,
            score=score,
            kind=max(kinds, key=lambda kind: kinds[kind]),
            life_risk=bool(at_risk),
            model=self.version,
            reasons=self._reasons(normal, full_text(title, text), tokens, values, norm, at_risk),
            kinds=kinds,
        )

    def _features(self, tokens: Sequence[str]) -> tuple[dict[int, float], float]:
        counts: dict[int, int] = {}
        for token in tokens:
            if (row := self._index.get(token)) is not None:
                counts[row] = counts.get(row, 0) + 1
        values = {row: (1.0 + math.log(count)) * self._idf[row] for row, count in counts.items()}
        return values, math.sqrt(sum(value * value for value in values.values())) or 1.0

    def _reasons(
        self,
        normal: Normal,
        text: str,
        tokens: Sequence[str],
        values: Mapping[int, float],
        norm: float,
        at_risk: Sequence[tuple[int, int]],
    ) -> tuple[Reason, ...]:
        reasons = []
        for start, end in at_risk:
            begin, stop = normal.original(start, end)
            reasons.append(Reason(text[begin:stop], begin, stop, 1.0))
        seen: dict[int, Reason] = {}
        position = 0
        for token in tokens:
            row = self._index.get(token)
            if row is not None and row not in seen:
                begin, stop = normal.original(position, position + len(token))
                seen[row] = Reason(text[begin:stop], begin, stop, round(self._rows[row][0] * values[row] / norm, 4))
            position += len(token)
        reasons += sorted(seen.values(), key=lambda reason: -abs(reason.weight))[:6]
        return tuple(reasons)


def load(folder: Path) -> WageArrears:
    """The model in `folder`: manifest.json and weights.npz, both plain data (no pickle)."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        return WageArrears(manifest, arrays["weights"], arrays["idf"])
