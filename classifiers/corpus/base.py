"""The shipped base: counted features and labels of the shared rows, so that a county can train without their texts.

Knows its own two files. No text can be rebuilt from it: counts have no order, and a feature is kept only where at least
three groups of posts have it, so that a name, a number or a turn of phrase of one post is in no column.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    kept = {family: _common(rows, family) for family in FAMILIES}
    return [
        Row(
            id=row.id,
            label=row.label,
            origin=row.origin,
            group=row.group,
            platform=row.platform,
            counts={family: {n: c for n, c in row.counts[family].items() if n in kept[family]} for family in FAMILIES},
            borderline=row.borderline,
            facts=row.facts,
        )
        for row in rows
    ]


def save(rows: Sequence[Row], background: int, folder: Path = FOLDER) -> None:
    """Writes base.npz and base.json; the same rows give the same bytes."""
    names = {family: sorted({name for row in rows for name in row.counts[family]}) for family in FAMILIES}
    arrays: dict[str, np.ndarray] = {}
    for family in FAMILIES:
        index = {name: at for at, name in enumerate(names[family])}
        entries = [sorted((index[name], count) for name, count in row.counts[family].items()) for row in rows]
        arrays[f"{family}_lengths"] = np.array([len(each) for each in entries], dtype=np.uint16)
        arrays[f"{family}_columns"] = np.array([column for each in entries for column, _ in each], dtype=np.uint16)
        arrays[f"{family}_counts"] = np.array([min(c, 255) for each in entries for _, c in each], dtype=np.uint8)
    np.savez_compressed(folder / "base.npz", **arrays)  # type: ignore[arg-type]
    groups = {group: at for at, group in enumerate(dict.fromkeys(row.group for row in rows))}
    told = {
        "background": background,
        "names": names,
        "rows": [
            [_KINDS.index(row.label), row.origin, groups[row.group], row.platform, int(row.borderline), dict(row.facts)]
            for row in rows
        ],
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    (folder / "base.json").write_text(text, encoding="utf-8")


def load(folder: Path = FOLDER) -> tuple[list[Row], int]:
    """The rows, and how many background posts were looked at for them."""
    told = json.loads((folder / "base.json").read_text(encoding="utf-8"))
    with np.load(folder / "base.npz", allow_pickle=False) as arrays:
        counts = {family: _unpack(arrays, family, told["names"][family]) for family in FAMILIES}
    rows = [
        Row(
            id=f"B{at:05d}",
            label=_KINDS[label],
            origin=origin,
            group=f"B{group}",
            platform=platform,
            counts={family: counts[family][at] for family in FAMILIES},
            borderline=bool(borderline),
            facts=facts,
        )
        for at, (label, origin, group, platform, borderline, facts) in enumerate(told["rows"])
    ]
    return rows, int(told["background"])


def _common(rows: Sequence[Row], family: str) -> frozenset[str]:
    groups: dict[str, set[str]] = {}
    for row in rows:
        for name in row.counts[family]:
            seen = groups.setdefault(name, set())
            if len(seen) < LEAST_GROUPS:
                seen.add(row.group)
    return frozenset(name for name, seen in groups.items() if len(seen) >= LEAST_GROUPS)


def _unpack(arrays: np.lib.npyio.NpzFile, family: str, names: list[str]) -> list[dict[str, int]]:
    columns, counts = arrays[f"{family}_columns"].tolist(), arrays[f"{family}_counts"].tolist()
    out, start = [], 0
    for length in arrays[f"{family}_lengths"].tolist():
        out.append({names[columns[at]]: counts[at] for at in range(start, start + length)})
        start += length
    return out
