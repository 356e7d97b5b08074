"""Which model is in use. Knows the shipped model and a folder of local ones; knows nothing of training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from classifiers.verdict import Assessment
from classifiers.wage_arrears import WageArrears, load


class Classifier(Protocol):
    """What the pipeline needs of any model, the keyword baseline included."""

    @property
    def version(self) -> str: ...

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]: ...

    def assess_one(self, title: str | None, text: str) -> Assessment: ...


SHIPPED = Path(__file__).parent / "shipped"


def active(home: Path | None = None) -> Classifier:
    """The model promoted under `home`/models, or the shipped one. Loaded once a process and version."""
    return _loaded(str(active_folder(home)))


def active_folder(home: Path | None) -> Path:
    """Where the weights in use lie: `models/active` holds a version's name; none, or a dangling one: the shipped."""
    if home is not None:
        pointer = Path(home) / "models" / "active"
        if pointer.is_file() and (folder := pointer.parent / pointer.read_text(encoding="utf-8").strip()).is_dir():
            return folder
    return SHIPPED


@lru_cache(maxsize=4)
def _loaded(folder: str) -> WageArrears:
    return load(Path(folder))
