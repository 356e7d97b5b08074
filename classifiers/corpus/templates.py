"""Fills the slots of templates.yaml: this project's own posts, the same every time. Knows no real text and no model."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml

from classifiers.verdict import Kind

EACH = 5  # fillings of a template
_LABELS = {"o": Kind.OPEN, "r": Kind.RESOLVED, "d": Kind.DISPUTE, "g": Kind.GENERAL, "n": Kind.NOISE}
_SLOT = re.compile(r"\{(\w+)\}")


def posts() -> Iterator[dict[str, Any]]:
    """Rows shaped like own_*.jsonl: a story and its other ends are one pair, filled with the same words."""
    written = yaml.safe_load(
        resources.files("classifiers.corpus").joinpath("templates.yaml").read_text(encoding="utf-8")
    )
    for number, story in enumerate(written["pairs"]):
        for turn in range(EACH):
            for key, text in story.items():
                chance = random.Random(f"{number}:{turn}")  # noqa: S311 - the same words for every end of a story
                yield _post(f"T{number}-{turn}{key}", f"t{number}", _LABELS[key], text, written["slots"], chance)
    for kind in ("general", "noise", "dispute"):
        for number, text in enumerate(written[kind]):
            for turn in range(EACH if _SLOT.search(text) else 1):
                chance = random.Random(f"{kind}:{number}:{turn}")  # noqa: S311
                yield _post(f"T{kind}{number}-{turn}", f"t{kind}{number}", Kind(kind), text, written["slots"], chance)
    yield from _buried(written)


def _buried(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Long posts with one telling sentence: what it tells is the label, whatever stands around it."""
    stories = [story for story in written["pairs"] if "d" in story]
    for number in range(int(written["buried"])):
        chance = random.Random(f"buried:{number}")  # noqa: S311
        story = chance.choice(stories)
        before, after = chance.sample(written["fillers"], 3), chance.sample(written["fillers"], 2)
        words = random.Random(f"words:{number}").random()  # noqa: S311 - both ends of a story get the same words
        for key in ("o", "d"):
            text = "".join([*before, story[key].rstrip("。") + "。", *after])
            filling = random.Random(words)  # noqa: S311
            yield _post(f"Tb{number}{key}", f"tb{number}", _LABELS[key], text, written["slots"], filling)


def _post(
    name: str, pair: str, label: Kind, text: str, slots: dict[str, list[Any]], chance: random.Random
) -> dict[str, Any]:
    words = {slot: str(chance.choice(slots[slot])) for slot in sorted(slots)}
    filled = _SLOT.sub(lambda match: words[match.group(1)], text)
    return {"id": name, "title": None, "text": filled, "label": label.value, "pair": pair, "style": "template"}
