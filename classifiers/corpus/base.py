"""The shipped base: features and labels of the shared rows, so that a county can train without their texts.

Knows its own two files. No text can be rebuilt from it: neither the words of a post nor those of a sentence have an
order, and a feature is kept only where at least three groups of posts have it, so that a name, a number or a turn of
phrase of one post is in no column.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from pathlib import Path

import numpy as np

from classifiers.corpus import Row
from classifiers.features import FAMILIES
from classifiers.verdict import Kind

FOLDER = Path(__file__).parent
LEAST_GROUPS = 3
_KINDS = tuple(Kind)


def prune(rows: Sequence[Row]) -> list[Row]:
    """The rows without features that fewer than three groups have."""
    kept = [_common(rows, at) for at in range(len(FAMILIES))]
    return [
        replace(
            row,
            words=tuple(name for name in row.words if name in kept[0]),
            sentences=tuple(
                tuple(tuple(name for name in part if name in kept[at]) for at, part in enumerate(sentence, 1))
                for sentence in row.sentences
            ),
        )
        for row in rows
    ]


def save(rows: Sequence[Row], background: int, folder: Path = FOLDER) -> None:
    """Writes base.npz and base.json; the same rows give the same bytes."""
    names = {family: sorted(set(chain.from_iterable(_each(rows, at)))) for at, family in enumerate(FAMILIES)}
    arrays: dict[str, np.ndarray] = {"sentences": np.array([len(row.sentences) for row in rows], dtype=np.uint16)}
    for at, family in enumerate(FAMILIES):
        index = {name: column for column, name in enumerate(names[family])}
        entries = [sorted(index[name] for name in part) for part in _each(rows, at)]
        arrays[f"{family}_lengths"] = np.array([len(each) for each in entries], dtype=np.uint16)
        arrays[f"{family}_columns"] = np.array([column for each in entries for column in each], dtype=np.uint16)
    np.savez_compressed(folder / "base.npz", **arrays)  # type: ignore[arg-type]
    groups = {group: at for at, group in enumerate(dict.fromkeys(row.group for row in rows))}
    told = {
        "background": background,
        "names": names,
        "rows": [
            [
                *(_KINDS.index(row.label), row.origin, groups[row.group], row.platform, int(row.borderline)),
                *("".join(map(str, row.states)), row.lack, row.hinge, dict(row.facts)),
            ]
            for row in rows
        ],
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (folder / "base.json").write_text(text, encoding="utf-8")


def load(folder: Path = FOLDER) -> tuple[list[Row], int]:
    """The rows, and how many background posts were looked at for them."""
    told = json.loads((folder / "base.json").read_text(encoding="utf-8"))
    with np.load(folder / "base.npz", allow_pickle=False) as arrays:
        words, *parts = (_unpack(arrays, family, told["names"][family]) for family in FAMILIES)
        lengths = arrays["sentences"].tolist()
    firsts = list(accumulate(lengths, initial=0))
    sentences = list(zip(*parts, strict=True))
    rows = [
        Row(
            id=f"B{at:05d}",
            label=_KINDS[label],
            origin=origin,
            group=f"B{group}",
            platform=platform,
            words=words[at],
            sentences=tuple(sentences[firsts[at] : firsts[at + 1]]),
            states=tuple(map(int, states)),
            lack=lack,
            hinge=hinge,
            borderline=bool(borderline),
            facts=facts,
        )
        for at, (label, origin, group, platform, borderline, states, lack, hinge, facts) in enumerate(told["rows"])
    ]
    return rows, int(told["background"])


def _each(rows: Sequence[Row], at: int) -> Iterator[Collection[str]]:
    """One family of every row (the words) or of every sentence."""
    for row in rows:
        if at == 0:
            yield row.words
        else:
            yield from (sentence[at - 1] for sentence in row.sentences)


def _common(rows: Sequence[Row], at: int) -> frozenset[str]:
    groups: dict[str, set[str]] = {}
    for row in rows:
        for name in chain.from_iterable(_each([row], at)):
            seen = groups.setdefault(name, set())
            if len(seen) < LEAST_GROUPS:
                seen.add(row.group)
    return frozenset(name for name, seen in groups.items() if len(seen) >= LEAST_GROUPS)


def _unpack(arrays: np.lib.npyio.NpzFile, family: str, names: list[str]) -> list[tuple[str, ...]]:
    columns, out, start = arrays[f"{family}_columns"].tolist(), [], 0
    for length in arrays[f"{family}_lengths"].tolist():
        out.append(tuple(names[columns[at]] for at in range(start, start + length)))
        start += length
    return out
