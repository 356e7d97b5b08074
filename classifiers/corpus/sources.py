"""Reads labelled posts from files. Knows the files' shapes; what a post looks like to the model is features' matter.

`shared` is the folder of third parties' posts that a developer may have beside the checkout; it is never required.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from classifiers import features
from classifiers.corpus import BESIDE, STATES, TOUCHES, Row, templates
from classifiers.keywords import Keywords
from classifiers.normalize import normalize
from classifiers.prefilter import worth_reading
from classifiers.scan import Scan, hide_places, hits, of_hits, place_of, seen
from classifiers.verdict import Kind, full_text

_KEYWORDS = Keywords()


def shared_folder() -> Path | None:
    """XINSHAO_SHARED, or `shared` beside the checkout, where it holds the labelled posts."""
    named = os.environ.get("XINSHAO_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2].parent / "shared"
    return folder if (folder / "data" / "labelled.jsonl").is_file() else None


def text_hash(title: str | None, text: str) -> str:
    """16 hex digits of SHA-256 over title, newline, text: names a post without holding it."""
    return hashlib.sha256(full_text(title, text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def counted(title: str | None, text: str) -> dict[str, Any]:
    """One post as the classifier reads it: `words`, `sentences`, and what readers marked: `states`, `lack`, `hinge`."""
    plain = hide_places(normalize(full_text(title, text)).text)
    scan = of_hits(plain, len(title or ""), hits(plain))
    told = features.read(scan)
    sentences = tuple(tuple(map(_solid, sentence)) for sentence in told.sentences)
    name = text_hash(title, text)
    lack = _lacks().get(name, {})
    return {
        "words": _solid(told.words),
        "sentences": sentences,
        "states": _states(scan, _marks().get(name)),
        "lack": lack.get("lack", ""),
        "hinge": _hinge(scan, lack.get("at")),
    }


def _hinge(scan: Scan, at: int | None) -> int:
    places = [place_of(scan.text, each) for each in scan.sentences if each.core]
    return places.index(at) if at in places else -1


def _states(scan: Scan, marked: dict[str, Any] | None) -> tuple[int, ...]:
    if marked is None:
        return ()
    told = dict.fromkeys(marked.get("touches", ()), TOUCHES) | dict.fromkeys(marked["states"], STATES)
    return tuple(told.get(place_of(scan.text, each), BESIDE) for each in scan.sentences if each.core)


@lru_cache(maxsize=1)
def _marks() -> dict[str, dict[str, Any]]:
    return {line["hash"]: line for line in packaged("sentences_read.jsonl")}


@lru_cache(maxsize=1)
def _lacks() -> dict[str, dict[str, Any]]:
    return {line["hash"]: line for line in packaged("lacks_read.jsonl")}


def _solid(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in set(names) if not name.isspace()))


def labelled(shared: Path) -> list[Row]:
    """The posts two annotators agreed on; those marked ambiguous are left out."""
    return [
        Row(
            id=raw["id"],
            label=Kind(raw["label"]),
            origin="labelled",
            group=raw["group"],
            platform=raw["source"],
            **counted(raw["title"], raw["text"]),
            borderline=bool(raw["borderline"]),
            facts=_facts(raw),
        )
        for raw in _lines(shared / "data" / "labelled.jsonl")
        if raw["label"] != "ambiguous"
    ]


def read_labels(shared: Path, known: frozenset[str]) -> list[Row]:
    """Rows of unlabelled.jsonl.gz that this project has labelled by reading; copies of `known` texts are left out."""
    labels = _read_lines()
    rows = []
    for raw in _lines(shared / "data" / "unlabelled.jsonl.gz"):
        line = labels.get(text_hash(raw["title"], raw["text"]))
        if line is not None and opening(raw) not in known:
            rows.append(_row(raw, Kind(line["label"]), "read", raw["source"], bool(line.get("borderline"))))
    return rows


def read_hashes() -> dict[str, str]:
    """The labels given by reading, by hash of the text."""
    return {key: line["label"] for key, line in _read_lines().items()}


def _read_lines() -> dict[str, dict[str, Any]]:
    return {line["hash"]: line for name in _packaged_names("labels_") for line in packaged(name)}


def background(shared: Path) -> tuple[list[Row], int]:
    """Background posts the prefilter lets through, taken as noise where nobody read them; how many there are in all."""
    rows, total, read = [], 0, read_hashes()
    for raw in _lines(shared / "data" / "background.jsonl.gz"):
        total += 1
        if worth_reading(seen(normalize(full_text(raw["title"], raw["text"])).text)):
            label = read.get(text_hash(raw["title"], raw["text"]), Kind.NOISE)
            rows.append(_row(raw, Kind(label), "background", raw["source"]))
    return rows, total


def own() -> list[Row]:
    """Posts written for this project: own_*.jsonl of this package and its templates. A contrast pair is one group."""
    return [
        _row(raw, Kind(raw["label"]), "own", raw.get("style") or "own", group=f"own-{raw.get('pair') or raw['id']}")
        for raw in own_texts()
    ]


def own_texts() -> Iterator[dict[str, Any]]:
    """The posts written for this project as written."""
    return chain(*(packaged(name) for name in _packaged_names("own_")), templates.posts())


def decisions(path: Path) -> list[Row]:
    """Reviewers' decisions: JSON lines {title, text, label}; ValueError names the line that is none."""
    rows = []
    for number, raw in enumerate(_lines(path), 1):
        try:
            raw = {"id": f"decision-{number}", "title": None, **raw}
            rows.append(
                _row(raw, Kind(raw["label"]), "decision", "decision", group=text_hash(raw["title"], raw["text"]))
            )
        except (KeyError, ValueError, TypeError) as problem:
            raise ValueError(f"{path.name} line {number}: {problem}") from problem
    return rows


def opening(raw: dict[str, Any]) -> str:
    """How a post begins, normalised: equal for copies."""
    return hide_places(normalize(full_text(raw["title"], raw["text"])).text)[:60]


def openings(shared: Path) -> frozenset[str]:
    """The openings of all labelled posts."""
    return frozenset(opening(raw) for raw in _lines(shared / "data" / "labelled.jsonl"))


def packaged(name: str) -> list[dict[str, Any]]:
    """The lines of a file of this package; none where it is not there."""
    entry = resources.files("classifiers.corpus").joinpath(name)
    if not entry.is_file():
        return []
    return [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines() if line.strip()]


def _packaged_names(start: str) -> list[str]:
    names = (entry.name for entry in resources.files("classifiers.corpus").iterdir())
    return sorted(name for name in names if name.startswith(start) and name.endswith(".jsonl"))


def texts(path: Path) -> list[dict[str, Any]]:
    """The raw lines of a shared file, for measurements that rewrite texts."""
    return list(_lines(path))


def _row(
    raw: dict[str, Any], label: Kind, origin: str, platform: str, borderline: bool = False, group: str = ""
) -> Row:
    return Row(
        id=raw["id"],
        label=label,
        origin=origin,
        group=group or raw["id"],
        platform=platform,
        **counted(raw.get("title"), raw["text"]) | ({"lack": raw["lack"]} if raw.get("lack") else {}),
        borderline=borderline,
        facts=_facts(raw),
    )


def _facts(raw: dict[str, Any]) -> dict[str, str]:
    size = len(full_text(raw.get("title"), raw["text"]))
    length = next(
        name for limit, name in ((30, "<=30"), (150, "31-150"), (500, "151-500"), (10**9, ">500")) if size <= limit
    )
    facts = raw.get("facts") or {}
    workers = facts.get("workers")
    small = isinstance(workers, (int, float)) and 1 <= workers <= 5
    said = "1" if _KEYWORDS.assess_one(raw.get("title"), raw["text"]).score else ""
    return {
        "keywords": said,
        "length": length,
        "sector": str(facts.get("sector") or ""),
        "workers": "1-5" if small else "",
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
