"""The classifier: text in, verdict with reasons out. Knows weights and bands from a model folder; trains nothing.

Order of work: normal form, hits of the grammar, life risk, prefilter, features, scores, calibration, band. A post the
prefilter rejects gets the floor score; life risk is looked for in every post, and no score silences it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import features, life_risk, reasons
from classifiers.calibration import Bands, Calibration
from classifiers.doubt import doubtful
from classifiers.linear import Linear, Part, Vectors
from classifiers.normalize import Normal, normalize
from classifiers.prefilter import worth_reading
from classifiers.scan import Scan, hide_places, hits_of, matches, of_hits
from classifiers.verdict import Assessment, Flag, Kind, Reason, full_text

MANIFEST, WEIGHTS = "manifest.json", "weights.npz"
PARTS = {"whole": features.WHOLE, "sentence": features.SENTENCE}
_TERM = itemgetter(0)  # of a match
BATCH = 2000  # posts scored together


@dataclass(frozen=True, slots=True)
class _Seen:
    """A post on its way through. `told`: what the model reads of it; None where the prefilter rejects it."""

    whole: str
    normal: Normal
    risk: Sequence[tuple[int, int]]
    scan: Scan | None = None
    told: features.Told | None = None


class WageArrears:
    """Linear models over words and sentences. Safe to share between threads: nothing changes after loading."""

    def __init__(self, manifest: Mapping[str, Any], linear: Linear, *, prefilter: bool = True) -> None:
        self.manifest = manifest
        self.version: str = manifest["version"]
        self.bands = Bands(**manifest["bands"])
        self.calibration = Calibration(**manifest["calibration"])
        self.linear, self.prefilter = linear, prefilter
        self.floor = float(manifest["floor"])  # the score of a post that the prefilter rejects
        self._floor = self._rejected()

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        """One assessment a post (title, text), in order; read in batches, scored together."""
        out: list[Assessment] = []
        for start in range(0, len(posts), BATCH):
            out += self._assess([self._see(title, text) for title, text in posts[start : start + BATCH]])
        return out

    def assess_one(self, title: str | None, text: str) -> Assessment:
        """The verdict on one post."""
        return self._assess([self._see(title, text)])[0]

    def _see(self, title: str | None, text: str) -> _Seen | None:
        """What is to be judged of a post; None where the prefilter rejects it and nobody's life is at risk."""
        whole = full_text(title, text)
        normal = normalize(whole)
        terms = matches(normal.utf8)
        seen = set(map(_TERM, terms))
        rejected = self.prefilter and not worth_reading(seen)
        found = () if rejected and life_risk.terms().isdisjoint(seen) else hits_of(normal.utf8, terms)
        risk = life_risk.spans(normal.text, found)
        if rejected:
            return _Seen(whole, normal, risk) if risk else None
        scan = of_hits(hide_places(normal.text), len(title or ""), found)
        return _Seen(whole, normal, risk, scan, features.read(scan))

    def _assess(self, posts: Sequence[_Seen | None]) -> list[Assessment]:
        read = [post.told for post in posts if post and post.told]
        logits = iter(self.linear.logits(read).tolist() if read else ())
        verdicts = [self._verdict(post, next(logits)) if post and post.told else self._floor for post in posts]
        return [
            self._at_risk(verdict, post.normal, post.whole, post.risk) if post and post.risk else verdict
            for verdict, post in zip(verdicts, posts, strict=True)
        ]

    def _verdict(self, post: _Seen, logits: Sequence[float]) -> Assessment:
        score, kinds = self.calibration.verdict(logits)
        flag = self.bands.flag(score)
        if flag is Flag.ALERT and doubtful(post.normal.text):
            flag = Flag.REVIEW
        told: tuple[Reason, ...] = ()
        if flag is not Flag.PASS and post.scan and post.told:
            told = reasons.of(post.scan, post.told, post.normal, post.whole, self.linear)
        return Assessment(
            flag=flag,
            score=score,
            kind=max(kinds.items(), key=itemgetter(1))[0],
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
        score = self.floor
        kinds = {kind: (1.0 - score if kind is Kind.NOISE else score if kind is Kind.OPEN else 0.0) for kind in Kind}
        return Assessment(Flag.PASS, score, Kind.NOISE, life_risk=False, model=self.version, kinds=kinds)


def load(folder: Path, *, prefilter: bool = True) -> WageArrears:
    """The model in `folder`: a JSON manifest and an npz of weights, both plain data (no pickle).

    ValueError: it was trained by a version of this program with other features.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    parts = []
    if set(manifest["vocabulary"]) != {family for families in PARTS.values() for family in families}:
        remedy = "train it anew (xinshao model train), or use the shipped one (xinshao model promote shipped)"
        raise ValueError(f"model {manifest['version']} was trained by another version of this program: {remedy}")
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        for part, families in PARTS.items():
            vectors = Vectors(manifest["vocabulary"], arrays[f"{part}_idf"], families)
            weights, bias = (arrays[f"{part}_{name}"].astype(np.float64) for name in ("weights", "bias"))
            parts.append(Part(vectors, weights, bias))
    return WageArrears(manifest, Linear(*parts), prefilter=prefilter)
