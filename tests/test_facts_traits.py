"""Traits and signs from plain wordings: how many are heard, and how few near-misses are taken for one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from monitor.facts import read
from monitor.facts.traits import table, written_out
from monitor.model import SIGNS, Post

OWN = Path(__file__).parent / "data" / "facts"
WHEN = datetime(2026, 1, 10, tzinfo=UTC)


@cache
def wordings(name: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = yaml.safe_load((OWN / name).read_text(encoding="utf-8"))
    return found


@cache
def said(text: str, when: datetime | None = WHEN) -> frozenset[str]:
    found = read(Post(id="1", text=text, published_at=when))
    return frozenset((*found.traits, *found.signs))


def counted(name: str, places: slice) -> Counter[str]:
    """How many wordings are heard and how many near-misses are not, of how many."""
    count: Counter[str] = Counter()
    for trait, sides in wordings(name).items():
        for side, texts in sides.items():
            count[side] += len(texts[places])
            count[f"{side} said"] += sum(trait in said(text) for text in texts[places])
    return count


@pytest.mark.parametrize(("name", "places", "recall", "alarms"), [
    ("traits.yaml", slice(0, None, 2), 0.99, 0.0),
    ("traits.yaml", slice(1, None, 2), 0.90, 0.03),
    ("traits_2.yaml", slice(0, None, 2), 0.98, 0.0),
    ("traits_2.yaml", slice(1, None, 2), 0.75, 0.1),
    ("traits_3.yaml", slice(0, None, 2), 0.97, 0.0),
    ("traits_3.yaml", slice(1, None, 2), 0.68, 0.15),
    ("traits_4.yaml", slice(None), 0.8, 0.03),
])  # fmt: skip
def test_plain_wordings_are_heard_and_near_misses_are_not(
    name: str, places: slice, recall: float, alarms: float
) -> None:
    count = counted(name, places)
    assert count["heard said"] >= recall * count["heard"], count
    assert count["near said"] <= alarms * count["near"], count


def test_every_trait_that_a_text_can_tell_has_wordings() -> None:
    assert set(wordings("traits_3.yaml")) == {rule.id for rule in table().rules}


@pytest.mark.parametrize(("text", "sign"), [
    ("去要工资被保安拿钢管打断了腿", "injury"),
    ("讨薪的把省道堵了，两头排了几公里", "road_blocked"),
    ("上百号人今早把售楼部围了，要工资", "crowd"),
    ("几百人堵在县政府门口讨薪", "crowd"),
    ("央视都播了我们讨薪的事，工资还没给", "national_media"),
])  # fmt: skip
def test_a_sign_is_a_graver_kind_of_a_trait(text: str, sign: str) -> None:
    assert sign in SIGNS
    assert {sign, table().kinds[sign]} <= said(text)


@pytest.mark.parametrize(("year", "long_ago"), [(2019, False), (2020, True), (2026, True), (None, False)])
def test_a_named_year_is_long_ago_only_by_the_date_of_the_post(year: int | None, long_ago: bool) -> None:
    when = datetime(year, 6, 1, tzinfo=UTC) if year else None
    assert ("over_two_years" in said("2017年修桥的工资，跑到现在没拿到", when)) is long_ago
    assert ("over_two_years" in said("打一七年起就欠着我们工钱", when)) is long_ago


def test_the_short_hand_of_the_table() -> None:
    assert (
        written_out("<boss>~4跑≈2", {"boss": "老板|厂"})
        == "(?:老板|厂)[^，。,;；！？!?\\n]{0,4}?跑[^。！？!?\\n]{0,2}?"
    )


@pytest.mark.parametrize(("text", "fled"), [
    ("老板跑路了，工资找谁要？", True),
    ("老板跑路了？没有，他就是不接电话，工资三个月没给", False),
    ("老板跑路了吗？工资还能不能发", False),
])  # fmt: skip
def test_a_question_states_nothing(text: str, fled: bool) -> None:
    assert ("employer_fled" in said(text)) is fled


@pytest.mark.parametrize("text", [
    "我们不闹事不堵路，就想知道工资什么时候发", "老板天天不发工资，气得我想跳楼（开玩笑的）",
    "听说隔壁工地有人跳楼讨薪，我们这边老板说月底给", "我爬上六楼去问工资", "工地食堂两个人抢锅，跟工资没关系",
])  # fmt: skip
def test_calm_posts_call_nobody(text: str) -> None:
    assert not said(text) & {"self_harm", "violence", "collective_action", *SIGNS}


def test_a_threat_that_is_no_joke_is_heard() -> None:
    assert "self_harm" in said("我不是开玩笑的，今天不给工资我就从这楼上跳下去")


@pytest.mark.parametrize("text", ["", "？" * 500, "被打" * 2000, "年" * 5000, "欠" + "2017年" * 3000])
def test_any_text_is_read(text: str) -> None:
    assert isinstance(said(text), frozenset)
