"""The classifier: text in, verdict with reasons out. Knows weights and bands from a model folder; trains nothing.

Order of work: normal form, hits of the grammar, life risk, prefilter, features, scores, calibration, band. A post the
prefilter rejects gets the floor score; life risk is looked for in every post, and no score silences it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import features, life_risk, reasons
from classifiers.calibration import Bands, Calibration
from classifiers.doubt import doubtful
from classifiers.linear import Linear, Vectors
from classifiers.normalize import Normal, normalize
from classifiers.prefilter import worth_reading
from classifiers.scan import Scan, hide_places, hits, of_hits
from classifiers.verdict import Assessment, Flag, Kind, full_text

MANIFEST, WEIGHTS = "manifest.json", "weights.npz"


class WageArrears:
    """A linear model over words and grammar. Safe to share between threads: nothing changes after loading."""

    def __init__(
        self, manifest: Mapping[str, Any], vectors: Vectors, linear: Linear, *, prefilter: bool = True
    ) -> None:
        self.manifest = manifest
        self.version: str = manifest["version"]
        self.bands = Bands(**manifest["bands"])
        self.calibration = Calibration(**manifest["calibration"])
        self.vectors, self.linear, self.prefilter = vectors, linear, prefilter
        self._floor = self._rejected()

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        """One assessment a post (title, text), in order."""
        return [self.assess_one(title, text) for title, text in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        """The verdict on one post."""
        whole = full_text(title, text)
        normal = normalize(whole)
        found = hits(normal.text)
        risk = life_risk.spans(normal.text, found)
        if self.prefilter and not worth_reading(normal.text, found):
            return self._floor if not risk else self._at_risk(self._floor, normal, whole, risk)
        verdict = self._read(of_hits(hide_places(normal.text), len(title or ""), found), normal, whole)
        return verdict if not risk else self._at_risk(verdict, normal, whole, risk)

    def score(self, scan: Scan) -> float:
        """The calibrated probability of `open` for a scanned text; what training measures."""
        return self.calibration.open(self.linear.scores(self.vectors.of(features.count(scan)))[0])

    def _read(self, scan: Scan, normal: Normal, whole: str) -> Assessment:
        post = self.vectors.of(features.count(scan))
        logits = self.linear.scores(post)
        score = self.calibration.open(logits[0])
        kinds = self.calibration.kinds(score, logits[1:])
        flag = self.bands.flag(score)
        if flag is Flag.ALERT and doubtful(normal.text):
            flag = Flag.REVIEW
        told = () if flag is Flag.PASS else reasons.of(scan, normal, whole, self.vectors, self.linear, post)
        return Assessment(
            flag=flag,
            score=score,
            kind=max(kinds, key=lambda kind: kinds[kind]),
            life_risk=False,
            model=self.version,
            reasons=told,
            kinds=kinds,
        )

    def _at_risk(self, verdict: Assessment, normal: Normal, whole: str, risk: Sequence[tuple[int, int]]) -> Assessment:
        """The same verdict for a post that tells of danger to life: a person sees it whatever the score."""
        flag = Flag.REVIEW if verdict.flag is Flag.PASS else verdict.flag
        danger = tuple(reasons.at(normal, whole, start, end, 1.0) for start, end in risk[:3])
        return replace(verdict, flag=flag, life_risk=True, reasons=(*danger, *verdict.reasons))

    def _rejected(self) -> Assessment:
        score = float(self.manifest["floor"])
        kinds = {kind: (1.0 - score if kind is Kind.NOISE else score if kind is Kind.OPEN else 0.0) for kind in Kind}
        return Assessment(Flag.PASS, score, Kind.NOISE, life_risk=False, model=self.version, kinds=kinds)


def load(folder: Path, *, prefilter: bool = True) -> WageArrears:
    """The model in `folder`: a JSON manifest and an npz of weights, both plain data (no pickle)."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        linear = Linear(arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32))
        vectors = Vectors(manifest["vocabulary"], arrays["idf"].tolist())
    return WageArrears(manifest, vectors, linear, prefilter=prefilter)
