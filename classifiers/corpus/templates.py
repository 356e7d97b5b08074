"""Fills the slots of templates*.yaml: own posts, the same every time. Knows no real text and no model."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml

from classifiers.verdict import Kind

EACH = 5  # fillings of a template
_FILES = (("T", "t", "templates.yaml"), ("V", "v", "templates_2.yaml"))  # how ids and pairs of each file begin
_LABELS = {"o": Kind.OPEN, "r": Kind.RESOLVED, "d": Kind.DISPUTE, "g": Kind.GENERAL, "n": Kind.NOISE}
_SLOT = re.compile(r"\{(\w+)\}")


def posts() -> Iterator[dict[str, Any]]:
    """Rows shaped like own_*.jsonl: a story and its other ends are one pair, filled with the same words.

    An end is named by its label's letter, then, where its writer said so, by its code (classifiers.lacks).
    """
    for mark, pair, name in _FILES:
        text = resources.files("classifiers.corpus").joinpath(name).read_text(encoding="utf-8")
        yield from _of_file(mark, pair, yaml.safe_load(text))


def _of_file(mark: str, pair: str, written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    slots = written["slots"]
    for number, story in enumerate(written["pairs"]):
        for turn in range(EACH):
            for key, text in story.items():
                chance = random.Random(f"{number}:{turn}")  # noqa: S311 - the same words for every end of a story
                name = f"{mark}{number}-{turn}{key.replace(' ', '')}"
                yield _post(name, f"{pair}{number}", key, text, slots, chance)
    for kind in ("general", "noise", "dispute"):
        for number, text in enumerate(written.get(kind, ())):
            for turn in range(EACH if _SLOT.search(text) else 1):
                chance = random.Random(f"{kind}:{number}:{turn}")  # noqa: S311
                name = f"{mark}{kind}{number}"
                yield _post(f"{name}-{turn}", f"{pair}{kind}{number}", kind[0], text, slots, chance)
    yield from _buried(mark, pair, written)


def _buried(mark: str, pair: str, written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Long posts with one telling sentence: what it tells is the label, whatever stands around it."""
    stories = [ends for story in written["pairs"] if len(ends := _told_apart(story)) == 2]
    for number in range(int(written["buried"])):
        chance = random.Random(f"buried:{number}")  # noqa: S311
        story = chance.choice(stories)
        before, after = chance.sample(written["fillers"], 3), chance.sample(written["fillers"], 2)
        words = random.Random(f"words:{number}").random()  # noqa: S311 - both ends of a story get the same words
        for key, told in story.items():
            text = "".join([*before, told.rstrip("。") + "。", *after])
            filling = random.Random(words)  # noqa: S311
            yield _post(f"{mark}b{number}{key[0]}", f"{pair}b{number}", key, text, written["slots"], filling)


def _told_apart(story: dict[str, str]) -> dict[str, str]:
    """The open end of a story and its first dispute, where it has both."""
    ends = {key[0]: key for key in reversed(story)}
    return {ends[letter]: story[ends[letter]] for letter in "od" if letter in ends}


def _post(
    name: str, pair: str, key: str, text: str, slots: dict[str, list[Any]], chance: random.Random
) -> dict[str, Any]:
    words = {slot: str(chance.choice(slots[slot])) for slot in sorted(slots)}
    filled = _SLOT.sub(lambda match: words[match.group(1)], text)
    label, code = _LABELS[key[0]].value, key[2:]
    return {"id": name, "title": None, "text": filled, "label": label, "pair": pair, "style": "template", "lack": code}
