"""The classifier: text in, verdict with reasons out. Knows weights and bands from a model folder; trains nothing.

Order of work: normal form, hits of the grammar, life risk, prefilter, features, scores, calibration, band. A post the
prefilter rejects gets the floor score; life risk is looked for in every post, and no score silences it.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import features, life_risk, reasons
from classifiers.calibration import LOGITS, Bands, Calibration
from classifiers.doubt import doubtful
from classifiers.lacks import LACKS
from classifiers.linear import Linear, Part, Read, Vectors
from classifiers.normalize import Normal, normalize
from classifiers.prefilter import worth_reading
from classifiers.scan import Hit, Scan, core_terms, hide_places, hits_of, matches, of_hits
from classifiers.verdict import Assessment, Flag, Kind, full_text

MANIFEST, WEIGHTS = "manifest.json", "weights.npz"
PARTS = {"whole": features.WHOLE, "sentence": features.SENTENCE}
_FEW = 16  # posts whose words are held at once
_TERM, _SECOND = itemgetter(0), itemgetter(1)
_UNREAD: tuple[bool, Sequence[Hit]] = (False, ())
_WORDS_ONLY: tuple[bool, Sequence[Hit]] = (True, ())
BATCH = 2000  # posts scored together


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
        with _unwatched():
            for start in range(0, len(posts), BATCH):
                out += self._assess(posts[start : start + BATCH])
        return out

    def assess_one(self, title: str | None, text: str) -> Assessment:
        """The verdict on one post."""
        return self._assess([(title, text)])[0]

    def _assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        """Each step for all posts before the next step, so that what it looks up stays near the processor."""
        wholes = list(starmap(full_text, posts))
        normals = list(map(normalize, wholes))
        looked = [self._look(normal.utf8) for normal in normals]
        risks = [
            life_risk.listen(normal.text, hits, normal.utf8) for normal, (_, hits) in zip(normals, looked, strict=True)
        ]
        read = [at for at, (reads, _) in enumerate(looked) if reads]
        scans = [of_hits(hide_places(normals[at].text), len(posts[at][0] or ""), looked[at][1]) for at in read]
        verdicts = [self._floor] * len(posts)
        for at, scan, told, logits in zip(read, scans, *self._scored(scans), strict=True):
            verdicts[at] = self._verdict(logits)
            if verdicts[at].flag is not Flag.PASS:
                verdicts[at] = self._explained(verdicts[at], told or features.read(scan), scan, normals[at], wholes[at])
        for at, risk in enumerate(risks):
            if risk:
                verdicts[at] = self._at_risk(verdicts[at], normals[at], wholes[at], risk)
        return verdicts

    def _look(self, utf8: bytes) -> tuple[bool, Sequence[Hit]]:
        """Whether the model reads a text, and what of the grammar stands where, as far as anybody asks."""
        found = matches(utf8)
        seen = set(map(_TERM, found))
        if not self.prefilter or worth_reading(seen):
            return _WORDS_ONLY if _asked().isdisjoint(seen) else (True, hits_of(utf8, found))
        owed = life_risk.terms()
        if owed.isdisjoint(seen):
            return _UNREAD
        return False, hits_of(utf8, [each for each in found if each[0] in owed])

    def _scored(self, scans: Sequence[Scan]) -> tuple[list[features.Told | None], list[list[float]]]:
        """What is read of each text, and its logits; the words are not kept where no sentence is about pay or debt."""
        kept: list[features.Told | None] = []
        columns: list[Read] = []
        for start in range(0, len(scans), _FEW):
            for told in features.read_all(scans[start : start + _FEW]):
                columns.append(self.linear.columns(told))
                kept.append(told if told.sentences else None)
        return kept, self.linear.logits_of(columns).tolist() if columns else []

    def _verdict(self, logits: Sequence[float]) -> Assessment:
        score, kinds = self.calibration.verdict(logits)
        kind = max(kinds.items(), key=_SECOND)[0]
        return Assessment(self.bands.flag(score), score, kind, life_risk=False, model=self.version, kinds=kinds)

    def _explained(
        self, verdict: Assessment, told: features.Told, scan: Scan, normal: Normal, whole: str
    ) -> Assessment:
        """The same with its reasons; what only sounds like a case goes to a person first."""
        doubted = verdict.flag is Flag.ALERT and doubtful(normal.text)
        why = reasons.of(scan, told, normal, whole, self.linear)
        return replace(verdict, flag=Flag.REVIEW if doubted else verdict.flag, reasons=why)

    def _at_risk(self, verdict: Assessment, normal: Normal, whole: str, risk: life_risk.Danger) -> Assessment:
        """The same verdict for a post that tells of danger to life: a person sees it whatever the score."""
        flag = Flag.REVIEW if verdict.flag is Flag.PASS else verdict.flag
        danger = tuple(reasons.at(normal, whole, start, end, 1.0) for start, end in risk.spans[:3])
        why = (*danger, *verdict.reasons)
        return replace(verdict, flag=flag, life_risk=not risk.perhaps, perhaps_life_risk=risk.perhaps, reasons=why)

    def _rejected(self) -> Assessment:
        score = self.floor
        kinds = {kind: (1.0 - score if kind is Kind.NOISE else score if kind is Kind.OPEN else 0.0) for kind in Kind}
        return Assessment(Flag.PASS, score, Kind.NOISE, life_risk=False, model=self.version, kinds=kinds)


@contextmanager
def _unwatched() -> Iterator[None]:
    """Without the collector of cycles: a batch makes a million small things and no cycle, and it would walk the house
    for them. Two threads at once only begin to collect again a little sooner or later.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@lru_cache(maxsize=1)
def _asked() -> frozenset[int]:
    """The terms for which it matters where they stand: a text without one is read as words only."""
    return core_terms() | life_risk.terms()


def load(folder: Path, *, prefilter: bool = True) -> WageArrears:
    """The model in `folder`: a JSON manifest and an npz of weights, both plain data (no pickle).

    ValueError: it was trained by a version of this program with other features.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    parts = []
    remedy = "train it anew (xinshao model train), or use the shipped one (xinshao model promote shipped)"
    other = f"model {manifest['version']} was trained by another version of this program: {remedy}"
    if set(manifest["vocabulary"]) != {family for families in PARTS.values() for family in families}:
        raise ValueError(other)
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        for part, families in PARTS.items():
            vectors = Vectors(manifest["vocabulary"], arrays[f"{part}_idf"], families)
            weights, bias = (arrays[f"{part}_{name}"].astype(np.float64) for name in ("weights", "bias"))
            if len(bias) != LOGITS + (len(LACKS) if part == "sentence" else 0):
                raise ValueError(other)
            parts.append(Part(vectors, weights, bias))
        mix = arrays["kinds_mix"].astype(np.float64) if "kinds_mix" in arrays else None
    return WageArrears(manifest, Linear(parts[0], parts[1], mix), prefilter=prefilter)
