"""The hours ahead on an incident's page, and what stands out on the pages that leaders read."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
import webhouse
from webhouse import House

from monitor.model import Engagement, Place
from monitor.store import incidents, posts

AFTER = timedelta(minutes=20)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def spread_of(house: House, counts: list[int]) -> str:
    """An incident whose post was seen every twenty minutes with these reposts."""
    incident = house.opens()
    with house.store.read() as c:
        post = incidents.posts_of(c, incident)[0]["id"]
    seen = [
        (post, house.now + number * AFTER, Engagement(comments=count // 2, reposts=count))
        for number, count in enumerate(counts)
    ]
    house.store.unit(lambda c: posts.observe(c, seen))
    house.now += len(counts) * AFTER
    return incident


def opened(house: House, town: str, sector: str, number: int) -> None:
    house.opens(
        f"{town}第{number}家的工钱一直没给", employer=f"第{number}号{sector}商行", project=None, sector=sector,
        workers=2 + number, amount_yuan=1000.0 * number + 17, place=Place(town, "999901", "青禾县", "town", True, town),
    )  # fmt: skip


def county_with_a_burst(house: House) -> None:
    """Seventy quiet days, then riders of one town."""
    start, chance = house.now, random.Random(2)
    for back in range(70, -1, -1):
        house.now = start - timedelta(days=back)
        if chance.random() < 0.3:
            opened(house, chance.choice(("石鼓岭镇", "东岸街道")), "manufacturing", 100 + back)
        if back < 4:
            opened(house, "柳溪镇", "food_delivery", 200 + 2 * back)
            opened(house, "柳溪镇", "food_delivery", 201 + 2 * back)


def test_an_incident_page_shows_the_hours_ahead(house: House) -> None:
    incident = spread_of(house, [2, 6, 14, 25, 38, 52])
    page = house.browser("zhou").get(f"/incidents/{incident}").text
    card = page[page.index('id="forecast"') :]
    for part in ("现有 <b", "<polygon", "24 小时", "八成可能在", "不改变等级"):
        assert part in card
    assert "次观测" in card


def test_too_little_is_said_in_chinese_with_its_reason(house: House) -> None:
    page = house.browser("zhou").get(f"/incidents/{house.opens()}").text
    card = page[page.index('id="forecast"') : page.index('id="history"')]
    assert "数据不足，不作预测：只观测到" in card
    assert "<svg" not in card


def test_leaders_see_what_stands_out_and_handlers_do_not(house: House) -> None:
    county_with_a_burst(house)
    for path in ("/situation", "/board"):
        page = house.browser("lin").get(path).text
        card = page[page.index('id="excess"') :]
        assert "柳溪镇" in card[:3000]
        assert "天内" in card[:3000]
        assert 'id="excess"' not in house.browser("jian").get(path).text


def test_a_young_ledger_says_that_it_cannot_judge_yet(house: House) -> None:
    house.opens()
    assert "还不能判断：台账只有 1 天" in house.browser("lin").get("/situation").text
    assert 'id="excess"' not in house.browser("lin").get("/board").text
