"""Learns the weights of lexicon/harm_weights.json, which hear danger told in words no rule of harm.yaml names.

Run by hand when sentences are added: `python -m classifiers.life_risk_training ../shared/data tests/data/classifiers`.
Knows where the sentences lie and how many alarms the background may cost; the product never imports it. From the
weights (single characters and pairs that occur three times or more) no text can be rebuilt. The half that was never
read while mending (life_risk_held.yaml) and the last set (life_risk_last.yaml) are not learnt from.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from classifiers import life_risk
from classifiers.normalize import normalize
from classifiers.verdict import full_text

LEARNT = ("life_risk.yaml", "life_risk_mend.yaml", "life_risk_later.yaml")
ALARMS = 8  # posts of the background, out of fold, that may be heard beyond those the rules find
WEIGHT, STRENGTH, RARE, SMALL = 6.0, 2.0, 3, 0.03  # of a danger, of the fit; a pair seen less, a weight less is dropped


def main(shared: Path, sentences: Path) -> None:
    """Writes the weights and the threshold beside the other lists."""
    risk, calm = _written(sentences)
    background = [_calm_windows(text) for text in _posts(shared / "background.jsonl.gz")]
    labelled = [window for text in _posts(shared / "labelled.jsonl") for window in _calm_windows(text)]
    halves = [_fit(risk, calm + labelled + _flat(background[half::2])) for half in (0, 1)]
    scores = sorted(
        max(life_risk.weigh(window, halves[1 - at % 2]) for window in windows)
        for at, windows in enumerate(background)
        if windows
    )
    weights = _fit(risk, calm + labelled + _flat(background))
    weights.threshold = round(scores[-ALARMS], 3)
    target = Path(__file__).parent / "lexicon" / "harm_weights.json"
    told = {"bias": weights.bias, "threshold": weights.threshold, "grams": dict(sorted(weights.grams.items()))}
    target.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(risk)} dangers, {len(calm)} calm, {len(weights.grams)} weights, threshold {weights.threshold}")


def _fit(risk: Sequence[str], calm: Sequence[str]) -> life_risk.Weights:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer(analyzer=life_risk.grams, binary=True, min_df=RARE)
    seen = words.fit_transform([*risk, *calm])
    model = LogisticRegression(C=STRENGTH, max_iter=500, solver="liblinear", random_state=0)
    model.fit(seen, [1] * len(risk) + [0] * len(calm), sample_weight=[WEIGHT] * len(risk) + [1.0] * len(calm))
    found = {gram: round(float(model.coef_[0][at]), 3) for gram, at in words.vocabulary_.items()}
    kept = {gram: weight for gram, weight in found.items() if abs(weight) >= SMALL}
    return life_risk.Weights(kept, round(float(model.intercept_[0]), 3), 0.0)


def _written(folder: Path) -> tuple[list[str], list[str]]:
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
    cut = {part: _flat(_windows(normalize(text).text) for text in texts) for part, texts in parts.items()}
    return cut["risk"], cut["calm"]


def _posts(path: Path) -> list[str]:
    packed = path.read_bytes()
    lines = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8").split("\n")
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line]
    return [normalize(full_text(row.get("title"), row["text"])).text for row in rows]


def _windows(text: str) -> list[str]:
    return [text[start:end] for start, end in life_risk.windows(text)]


def _calm_windows(text: str) -> list[str]:
    """What a post that no rule flags says about pay."""
    return [] if life_risk.by_rules(text) else _windows(text)


def _flat(lists: Iterable[Iterable[str]]) -> list[str]:
    return [one for each in lists for one in each]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
