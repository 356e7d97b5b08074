"""Learns the prefilter's weights from labelled posts and the background. Knows scikit-learn; decides nothing itself.

Features: which terms and classes of the grammar a post has; nothing else, so that the prefilter costs one pass of one
automaton. The threshold is low on purpose: a rejected case is seen by nobody but the random audit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import prefilter
from classifiers.corpus import WEIGHTS as TRUST
from classifiers.corpus import sources
from classifiers.normalize import normalize
from classifiers.scan import class_ids, seen, term_classes, terms
from classifiers.verdict import full_text

THRESHOLD = -2.85  # of unseen rows it lets through every open one of 451 and five in a hundred of the background
_STRENGTH = 0.3  # inverse regularisation
_OWN, _UNREAD = 0.3, 0.5  # weight of a post written for this project, and of a background post taken as noise unread


def learn(shared: Path) -> dict[str, Any]:
    """What prefilter.json holds, learnt from every labelled row and every background post."""
    found = posts(shared)
    weights, bias = fit([each[0] for each in found], [each[1] for each in found], [each[2] for each in found])
    return {
        "bias": round(float(bias), 3),
        "threshold": THRESHOLD,
        "terms": _named(terms(), weights[: len(terms())]),
        "classes": _named(tuple(class_ids()), weights[len(terms()) :]),
    }


def posts(shared: Path) -> list[tuple[frozenset[int], bool, float, str]]:
    """Terms, open or not, weight and origin of every post there is to learn from."""
    data = shared / "data"
    out: list[tuple[frozenset[int], bool, float, str]] = []
    read = sources.read_hashes()
    labelled = (raw for raw in sources.texts(data / "labelled.jsonl") if raw["label"] != "ambiguous")
    out += [(_terms(raw), raw["label"] == "open", TRUST["labelled"], "labelled") for raw in labelled]
    for raw in sources.texts(data / "unlabelled.jsonl.gz"):
        label = read.get(sources.text_hash(raw["title"], raw["text"]))
        if label is not None:
            out.append((_terms(raw), label == "open", TRUST["read"], "read"))
    out += [(_terms(raw), raw["label"] == "open", _OWN, "own") for raw in sources.own_texts()]
    background = sources.texts(data / "background.jsonl.gz")
    return out + [(_terms(raw), False, _UNREAD, "background") for raw in background]


def fit(seen: Sequence[frozenset[int]], truth: Sequence[bool], trust: Sequence[float]) -> tuple[Any, float]:
    """Weights of all terms, then of all classes, and the bias."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    classes, first = term_classes(), len(terms())
    columns = [sorted(each | {first + classes[term] for term in each}) for each in seen]
    starts = np.cumsum([0, *map(len, columns)])
    flat = np.array([column for each in columns for column in each], dtype=np.int64)
    matrix = csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(seen), first + len(class_ids())))
    solver = LogisticRegression(C=_STRENGTH, solver="liblinear", dual=True, random_state=0, max_iter=5000, tol=1e-3)
    model = solver.fit(matrix, np.array(truth), sample_weight=np.array(trust))
    return model.coef_[0], float(model.intercept_[0])


def save(learnt: dict[str, Any]) -> None:
    """Writes prefilter.json and has it read anew."""
    text = json.dumps(learnt, ensure_ascii=False, indent=0, sort_keys=True)
    prefilter.FILE.write_text(text + "\n", encoding="utf-8")
    prefilter.forget()


def _terms(raw: dict[str, Any]) -> frozenset[int]:
    return frozenset(seen(normalize(full_text(raw.get("title"), raw["text"])).text))


def _named(names: Sequence[str], weights: Any) -> dict[str, float]:
    return {name: round(float(each), 3) for name, each in zip(names, weights, strict=True) if round(float(each), 3)}
