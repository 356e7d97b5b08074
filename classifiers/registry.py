"""Which model is in use, and how that changes. Knows the shipped model and a folder of local ones; trains nothing.

`models/<version>/` a model; `models/active`, `models/shadow` the versions in use; `models/history.jsonl` every change
with its reason. A model below the pinned floors is promoted only with a written reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from classifiers.verdict import Assessment
from classifiers.wage_arrears import MANIFEST, WageArrears, load

SHIPPED = Path(__file__).parent / "shipped"
FLOORS = Path(__file__).parent / "floors.json"


class Classifier(Protocol):
    """What the pipeline needs of any model, the keyword baseline included."""

    @property
    def version(self) -> str: ...

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]: ...

    def assess_one(self, title: str | None, text: str) -> Assessment: ...


class BelowFloor(Exception):
    """A model is worse than the pinned floors; `faults` says where."""

    def __init__(self, version: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{version} is below the pinned floors: " + "; ".join(faults))


def active(home: Path | None = None) -> Classifier:
    """The model promoted under `home`/models, or the shipped one. Loaded once a process and version."""
    return _loaded(str(_pointed(home, "active") or SHIPPED))


def shadow(home: Path | None = None) -> Classifier | None:
    """The challenger that runs beside the active model and decides nothing; None where there is none."""
    folder = _pointed(home, "shadow")
    return _loaded(str(folder)) if folder else None


def folder_of(home: Path, version: str) -> Path:
    """Where a model lies; LookupError names the versions there are."""
    if version in ("shipped", _manifest(SHIPPED)["version"]):
        return SHIPPED
    folder = home / "models" / Path(version).name
    if not (folder / MANIFEST).is_file():
        known = ", ".join(each["version"] for each in models(home))
        raise LookupError(f"no model {version!r}; there are: {known}")
    return folder


def models(home: Path) -> list[dict[str, Any]]:
    """Every model: version, whether it is active or shadow, its figures; the shipped one first."""
    folders = [SHIPPED, *sorted(path.parent for path in (home / "models").glob(f"*/{MANIFEST}"))]
    used, beside = _pointed(home, "active") or SHIPPED, _pointed(home, "shadow")
    rows = []
    for folder in folders:
        manifest = _manifest(folder)
        told = {key: manifest.get(key) for key in ("version", "figures", "bands", "rows")}
        rows.append({**told, "shipped": folder == SHIPPED, "active": folder == used, "shadow": folder == beside})
    return rows


def promote(home: Path, version: str, *, at: datetime, reason: str = "", beside: bool = False) -> str:
    """Makes a model the active one (`beside`: the shadow); BelowFloor unless a reason for the regression is given."""
    folder = folder_of(home, version)
    faults = [] if beside else below_floors(folder)
    if faults and not reason.strip():
        raise BelowFloor(_manifest(folder)["version"], faults)
    name = "shipped" if folder == SHIPPED else folder.name
    _point(home, "shadow" if beside else "active", name, at, reason, faults)
    return name


def rollback(home: Path, *, at: datetime, reason: str = "rollback") -> str:
    """Back to what was active before the last change; LookupError where there was none."""
    past = [line for line in _history(home) if line["pointer"] == "active"]
    if not past:
        raise LookupError("no model was ever promoted here: nothing to roll back to")
    before = past[-1]["before"]
    _point(home, "active", before, at, reason, [])
    return str(before)


def below_floors(folder: Path) -> list[str]:
    """Which pinned figures a model misses, in words; empty: none. A model without figures misses all."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    figures = _manifest(folder).get("figures") or {}
    faults = []
    for name, floor in floors["at_least"].items():
        if not figures.get(name, -1.0) >= floor:
            faults.append(f"{name} {figures.get(name)} < {floor}")
    for name, ceiling in floors["at_most"].items():
        if not figures.get(name, 1e9) <= ceiling:
            faults.append(f"{name} {figures.get(name)} > {ceiling}")
    return faults


def _pointed(home: Path | None, pointer: str) -> Path | None:
    if home is None:
        return None
    file = Path(home) / "models" / pointer
    if not file.is_file():
        return None
    name = file.read_text(encoding="utf-8").strip()
    folder = file.parent / name
    return folder if name and (folder / MANIFEST).is_file() else None


def _point(home: Path, pointer: str, name: str, at: datetime, reason: str, faults: Sequence[str]) -> None:
    file = home / "models" / pointer
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8").strip() if file.is_file() else "shipped"
    line = {
        "at": at.isoformat(),
        "pointer": pointer,
        "before": before,
        "now": name,
        "reason": reason,
        "below": list(faults),
    }
    with (file.parent / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")
    part = file.with_suffix(".new")
    part.write_text(name + "\n", encoding="utf-8")
    part.replace(file)


def _history(home: Path) -> list[dict[str, Any]]:
    file = home / "models" / "history.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


@lru_cache(maxsize=4)
def _loaded(folder: str) -> WageArrears:
    return load(Path(folder))
