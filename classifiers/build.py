"""Makes a model folder: trained on all rows, calibrated, banded and measured on cross-validation, named by its content.

Knows what a model folder holds. The same rows and seed give the same bytes: no time stamp, no pickle.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import evaluate, registry, sieve, train
from classifiers.corpus import ORIGINS, base, sources
from classifiers.wage_arrears import MANIFEST, WEIGHTS

FLOOR = 0.0005  # the score of a post the prefilter rejects


def build(corpus: train.Corpus, seed: int = 0) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The manifest and the arrays of a model trained on all rows, calibrated and banded on cross-validation."""
    rows = corpus.rows
    found = evaluate.cross_validate(corpus, seed)
    linear = train.fit(rows)
    vocabulary: dict[str, list[str]] = {}
    arrays: dict[str, np.ndarray] = {}
    for name, part in (("whole", linear.whole), ("sentence", linear.sentence)):
        vocabulary |= {family: list(names) for family, names in part.vectors.vocabulary.items()}
        each = {"weights": part.weights, "bias": part.bias, "idf": part.vectors.idf}
        arrays |= {f"{name}_{key}": array.astype(np.float32) for key, array in each.items()}
    if found.mix is not None:
        arrays["kinds_mix"] = found.mix.astype(np.float32)
    manifest = {
        "vocabulary": vocabulary,
        "calibration": asdict(found.calibration),
        "bands": asdict(found.bands),
        "figures": {name: round(value, 4) for name, value in evaluate.figures(found).items()},
        "floor": FLOOR,
        "seed": seed,
        "rows": {origin: sum(row.origin == origin for row in rows) for origin in ORIGINS},
        "background": corpus.background,
    }
    return {"version": _version(manifest, arrays), **manifest}, arrays


def save(folder: Path, manifest: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Writes the model: JSON and npz, no pickle, no time stamp."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / WEIGHTS, **arrays)  # type: ignore[arg-type]
    text = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _version(manifest: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
    """Named after what it is: the same weights and bands have the same version."""
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(arrays[name].tobytes())
    return f"grammar-{digest.hexdigest()[:10]}"


def ship() -> str:
    """Rebuilds prefilter and base (where the shared posts are present) and the shipped model; returns its version."""
    shared = sources.shared_folder()
    if shared is not None:
        sieve.save(sieve.learn(shared))
        base.save(*train.shared_rows(shared))
    manifest, arrays = build(train.gather())
    save(registry.SHIPPED, manifest, arrays)
    return str(manifest["version"])


def main(arguments: Sequence[str] | None = None) -> None:
    """For a developer: `python -m classifiers.build`."""
    parser = argparse.ArgumentParser(
        prog="python -m classifiers.build",
        description="Learns prefilter, base and shipped model anew and overwrites them in this checkout.",
        epilog="Example: XINSHAO_SHARED=../shared python -m classifiers.build",
    )
    parser.parse_args(arguments)
    print(ship())


if __name__ == "__main__":
    main()
