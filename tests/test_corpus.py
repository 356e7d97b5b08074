"""The training material: rows a loader can trust, labels by hash only, no post that leans on another's text."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from classifiers.corpus import sources
from classifiers.verdict import Kind

FOLDER = resources.files("classifiers.corpus")
NAMES = sorted(entry.name for entry in FOLDER.iterdir())
OWN = [name for name in NAMES if re.fullmatch(r"own_\d+\.jsonl", name)]
LABELS = [name for name in NAMES if re.fullmatch(r"labels_\w+\.jsonl", name)]
KINDS = {kind.value for kind in Kind}
RUN = 10  # characters in a row, digits and punctuation left out, that two texts may share by chance
LEAST, SHARE = 6, 0.3  # shared runs, and their share of the post, from which it counts as leaning on the other text


def own_posts() -> list[dict[str, Any]]:
    return [row for name in OWN for row in sources.packaged(name)]


def runs(text: str) -> set[str]:
    """All runs of RUN letters; the whole text where it is shorter."""
    plain = "".join(sign for sign in text if sign.isalpha())
    return {plain[at : at + RUN] for at in range(max(1, len(plain) - RUN + 1))}


def third_parties(shared: Path) -> Iterator[str]:
    """Labelled, unlabelled and example texts, titles in front."""
    data = shared / "data"
    with gzip.open(data / "unlabelled.jsonl.gz", "rt", encoding="utf-8") as unlabelled:
        lines = unlabelled.readlines()
    for path in (data / "labelled.jsonl", shared / "domain" / "examples.jsonl"):
        lines += path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        raw = json.loads(line)
        yield (raw.get("title") or "") + (raw.get("text") or "")


@pytest.mark.parametrize("name", OWN)
def test_a_written_post_has_all_its_parts(name: str) -> None:
    for row in sources.packaged(name):
        assert set(row) == {"id", "title", "text", "label", "life_risk", "pair", "style"}, row["id"]
        assert row["label"] in KINDS
        assert isinstance(row["life_risk"], bool)
        assert row["text"].strip() == row["text"] != ""
        assert row["title"] is None or row["title"].strip()


def test_written_posts_are_told_once() -> None:
    posts = own_posts()
    assert not [name for name, times in Counter(row["id"] for row in posts).items() if times > 1]
    assert not [text for text, times in Counter((row["title"], row["text"]) for row in posts).items() if times > 1]


def test_a_pair_stays_in_its_file() -> None:
    """A fold keeps a pair together by its name, so a name must not return by chance elsewhere."""
    files: dict[str, set[str]] = {}
    for name in OWN:
        for row in sources.packaged(name):
            files.setdefault(row["pair"], set()).add(name)
    assert not {pair: names for pair, names in files.items() if len(names) > 1}


def test_the_written_posts_cover_kinds_lengths_and_danger() -> None:
    posts = own_posts()
    kinds = Counter(row["label"] for row in posts)
    assert len(posts) >= 1_560
    assert min(kinds[kind] for kind in KINDS) >= 100
    assert sum(300 <= len(row["text"]) <= 800 for row in posts) >= 80
    assert sum(len(row["text"]) <= 12 for row in posts) >= 80
    assert sum(row["life_risk"] for row in posts) >= 20


@pytest.mark.parametrize("name", LABELS)
def test_labels_name_a_post_by_hash_and_hold_no_text(name: str) -> None:
    for row in sources.packaged(name):
        assert set(row) <= {"hash", "label", "borderline", "life_risk"}
        assert re.fullmatch(r"[0-9a-f]{16}", row["hash"])
        assert row["label"] in KINDS
        assert isinstance(row["borderline"], bool)


def test_a_thousand_posts_are_labelled_by_reading_once_each() -> None:
    hashes = [row["hash"] for name in LABELS for row in sources.packaged(name)]
    assert len(hashes) == len(set(hashes)) >= 1_000


@pytest.mark.shared
def test_every_hash_is_a_post_and_no_written_post_leans_on_a_third_party() -> None:
    shared = sources.shared_folder()
    if shared is None:
        pytest.skip("no folder of shared posts beside the checkout")
    files = [shared / "data" / name for name in ("unlabelled.jsonl.gz", "background.jsonl.gz")]
    posts = {sources.text_hash(raw["title"], raw["text"]) for file in files for raw in sources.texts(file)}
    assert {row["hash"] for name in LABELS for row in sources.packaged(name)} <= posts
    known = {run for text in third_parties(shared) for run in runs(text)}
    near = {}
    for row in own_posts():
        mine = runs((row["title"] or "") + row["text"])
        common = mine & known
        if len(common) >= LEAST and len(common) >= SHARE * len(mine):
            near[row["id"]] = sorted(common)[:3]
    assert not near
