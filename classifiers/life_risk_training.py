"""Learns the weights of lexicon/harm_weights.json, which hear danger told in words no rule of harm.yaml names.

Run by hand when sentences are added: `python -m classifiers.life_risk_training ../shared/data tests/data/classifiers`.
Knows where the sentences lie and how many alarms the background may cost; the product never imports it. From the
weights (single characters and pairs that occur three times or more) no text can be rebuilt. The half that was never
read while mending (life_risk_held.yaml), the last set (life_risk_last.yaml) and the blind hands
(life_risk_voices_held.yaml) are not learnt from. Prints what is heard of each voice when it alone is not learnt from.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from classifiers import life_risk
from classifiers.normalize import normalize
from classifiers.registry import active
from classifiers.verdict import full_text

LEARNT = ("life_risk.yaml", "life_risk_mend.yaml", "life_risk_later.yaml", "life_risk_voices.yaml")
RULED, ALARMS = 31, 16  # posts of the background, out of fold, that may be heard: with a rule, and without
WEIGHT, STRENGTH, RARE, SMALL = 6.0, 0.5, 3, 0.03  # of a danger, of the fit; a pair seen less, a weight less is dropped
REAL = 0.01  # score from which a post of the background that a rule flags may be true: it teaches nothing

Told = tuple[
    str, bool, bool
]  # a stretch of text; whether a rule speaks in its post, and whether that names pay or work
One = TypeVar("One")


def main(shared: Path, sentences: Path) -> None:
    """Writes the weights and the threshold beside the other lists."""
    risk, calm = _written(sentences)
    background = _background(shared / "background.jsonl.gz")
    labelled = [
        told for text in _posts(shared / "labelled.jsonl") if not life_risk.by_rules(text) for told in _told(text)
    ]
    taught = [told if sure else [] for told, sure in background]
    halves = [_fit(risk, calm + labelled + _flat(taught[half::2])) for half in (0, 1)]
    weights = _fit(risk, calm + labelled + _flat(taught))
    weights.ruled, weights.threshold = (
        round(_scores([told for told, _ in background], halves, ruled=ruled)[-most], 3)
        for ruled, most in ((True, RULED), (False, ALARMS))
    )
    target = Path(__file__).parent / "lexicon" / "harm_weights.json"
    told = {"bias": weights.bias, "threshold": weights.threshold, "ruled": weights.ruled}
    text = json.dumps({**told, "grams": dict(sorted(weights.grams.items()))}, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8")
    print(f"{len(risk)} dangers, {len(calm)} calm, {len(weights.grams)} weights, threshold {weights.threshold}")
    _leave_voices_out(sentences / "life_risk_voices.yaml", (risk, calm + labelled + _flat(taught)), weights)


def _scores(posts: Sequence[list[Told]], halves: Sequence[life_risk.Weights], *, ruled: bool) -> list[float]:
    """What each post weighs by the half that did not learn from it, ascending: those a rule flags, or the rest."""
    return sorted(
        max(life_risk.weigh(text, halves[1 - at % 2]) for text, _, _ in told)
        for at, told in enumerate(posts)
        if told and told[0][1] is ruled
    )


def _enough(told: Told, weights: life_risk.Weights) -> bool:
    text, ruled, named = told
    return life_risk.weigh(text, weights) >= weights.enough(ruled=ruled, named=named)


def _leave_voices_out(path: Path, taught: tuple[list[Told], list[Told]], shipped: life_risk.Weights) -> None:
    """Prints how much of each voice is heard by weights that learnt all but this voice."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    totals = {"risk": [0, 0], "calm": [0, 0]}
    for voice in written["calm"]:
        own = {part: [_told(normalize(line).text) for line in written[part].get(voice, [])] for part in totals}
        risk, calm = (
            [one for one in known if one not in set(_flat(own[part]))]
            for known, part in zip(taught, totals, strict=True)
        )
        weights = _fit(risk, calm)
        weights.ruled, weights.threshold = shipped.ruled, shipped.threshold
        heard = {part: sum(any(_enough(one, weights) for one in told) for told in lines) for part, lines in own.items()}
        print(voice, *(f"{part} {heard[part]}/{len(own[part])}" for part in totals))
        for part, total in totals.items():
            total[0], total[1] = total[0] + heard[part], total[1] + len(own[part])
    print("each voice left out once:", totals)


def _fit(risk: Sequence[Told], calm: Sequence[Told]) -> life_risk.Weights:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer(analyzer=life_risk.grams, binary=True, min_df=RARE)
    ruled = csr_matrix([[float(rule)] for _, rule, _ in (*risk, *calm)])
    seen = hstack([words.fit_transform([text for text, _, _ in (*risk, *calm)]), ruled]).tocsr()
    model = LogisticRegression(C=STRENGTH, max_iter=500, solver="liblinear", random_state=0)
    model.fit(seen, [1] * len(risk) + [0] * len(calm), sample_weight=[WEIGHT] * len(risk) + [1.0] * len(calm))
    learnt = model.coef_[0]
    found = {gram: round(float(learnt[at]), 3) for gram, at in words.vocabulary_.items()}
    kept = {gram: weight for gram, weight in found.items() if abs(weight) >= SMALL}
    return life_risk.Weights(kept, round(float(model.intercept_[0]), 3), 0.0, 0.0)


def _written(folder: Path) -> tuple[list[Told], list[Told]]:
    """Windows of danger and of calm, of our own sentences."""
    parts: dict[str, list[str]] = {"risk": [], "calm": []}
    for name in LEARNT:
        written = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for part, kept in parts.items():
            for line in _flat(written[part].values()):
                debts = written["debts"] if "{d}" in line else [""]
                kept += [line.format(d=debt) for debt in debts]
    corpus = Path(__file__).parent / "corpus"
    for path in sorted(corpus.glob("own_*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            parts["risk" if row.get("life_risk") else "calm"].append(full_text(row.get("title"), row["text"]))
    cut = {part: _flat(_told(normalize(text).text) for text in texts) for part, texts in parts.items()}
    return cut["risk"], cut["calm"]


def _posts(path: Path) -> list[str]:
    packed = path.read_bytes()
    lines = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8").split("\n")
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line]
    return [normalize(full_text(row.get("title"), row["text"])).text for row in rows]


def _told(text: str) -> list[Told]:
    """What is weighed of a normalised text."""
    ruled, named = bool(life_risk.by_rules(text)), life_risk.named(text)
    return [(text[start:end], ruled, named) for start, end in life_risk.windows(text)]


def _background(path: Path) -> list[tuple[list[Told], bool]]:
    """What is weighed of each post, and whether it surely tells of no danger."""
    texts = _posts(path)
    scores = [each.score for each in active().assess([(None, text) for text in texts])]
    told = list(map(_told, texts))
    return [
        (each, score < REAL or not any(rule for _, rule, _ in each)) for each, score in zip(told, scores, strict=True)
    ]


def _flat(lists: Iterable[Iterable[One]]) -> list[One]:
    return [one for each in lists for one in each]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
