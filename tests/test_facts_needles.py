"""What must stand in a text before a pattern is worth a search, and that nothing is lost by asking first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from monitor.facts import endings, sites
from monitor.facts.needles import Needles, alternatives, needles
from monitor.facts.signals import signals
from monitor.facts.traits import table as traits

OWN = Path(__file__).parent / "data" / "facts"
TEXTS = [
    line for name in ("wordings.txt", "voices.txt", "spans.txt") for line in (OWN / name).read_text("utf-8").split("\n")
]


@pytest.mark.parametrize(("pattern", "words"), [
    ("塔吊|楼顶", {"塔吊", "楼顶"}),
    ("汽车(?:厂|公司)", {"汽车厂", "汽车公司"}),
    ("老师?说", {"老师说", "老说"}),
    ("(?:没|未)[^，]{0,6}(?:专户|保证金)", {"专户", "保证金"}),
    ("家政(?!策)", {"家政"}),
    ("[一二三]中(?![国心])", {"一中", "二中", "三中"}),
    ("(?:打|揍)[^，]{0,6}?(?:断|折)了?腿", {"断腿", "断了腿", "折腿", "折了腿"}),
    ("工[^，]{0,3}?薪酬", {"薪酬"}),
    ("(?:已)?(?:经)?", set()),
    ("[^一二三]|木工", set()),
])  # fmt: skip
def test_the_words_a_pattern_needs(pattern: str, words: set[str]) -> None:
    assert needles(pattern) == words


def test_bars_in_groups_and_classes_part_nothing() -> None:
    assert alternatives("a(?:b|c)|[|]d|e") == ["a(?:b|c)", "[|]d", "e"]


def test_no_pattern_that_matches_is_left_out() -> None:
    rules = [re.compile(rule.present) for rule in traits().rules]
    for patterns, asked in (([row[2] for row in signals().sectors], signals().near), (rules, traits().told)):
        for text in TEXTS:
            assert {at for at, pattern in enumerate(patterns) if pattern.search(text)} <= asked.worth(text)


def test_every_pattern_of_the_table_needs_a_word() -> None:
    assert Needles([row[2].pattern for row in signals().sectors]).worth("") == set()
    assert Needles([rule.present for rule in traits().rules]).worth("") == set()


def test_the_look_at_the_first_character_hides_no_name() -> None:
    names = yaml.safe_load((OWN / "names.yaml").read_text(encoding="utf-8"))
    texts = [*TEXTS, *(f"我们在{name}项目干活" for name in (names["employers"] + names["sites"]).split())]
    for plain, guarded in ((endings.ENDING, endings.endings), (sites.ENDING, sites.PROJECT.finditer)):
        for text in texts:
            assert [m.span() for m in guarded(text)] == [m.span() for m in re.finditer(plain, text)]
