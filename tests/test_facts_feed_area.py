"""A text that names no place stands in the area of its feed, and says so; whatever a text names comes before it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import webhouse
from ledgerhouse import ledger_on, stores

from classifiers.verdict import Assessment, Flag, Kind
from monitor.facts.place import of_feed
from monitor.incidents.merge import merged
from monitor.incidents.place import disagreement
from monitor.model import BY_FEED, County, Facts, Feed, Place, Post
from monitor.pipeline.take import Intake

HERE = County(code="990101", name="青禾县", city="望舟市")
FEED = Feed(name="县论坛", kind="discuz", url="https://bbs.qinghe.example/rss", source="青禾论坛", area="990101")
NOW = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)


class Sure:
    """Takes every post for an open case."""

    version = "sure"

    def assess(self, posts: list[tuple[str | None, str]]) -> list[Assessment]:
        return [Assessment(Flag.ALERT, 0.99, Kind.OPEN, False, "sure") for _ in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        return self.assess([(title, text)])[0]


@pytest.mark.parametrize(
    ("area", "name", "level", "here"),
    [
        ("990101", "望舟市青禾县", "county", True),
        ("110105", "北京市朝阳区", "county", None),
        ("43", "湖南省", "province", None),
        ("430100", "湖南省长沙市", "city", None),
    ],
)
def test_the_area_of_a_feed_is_a_place_that_says_where_it_is_from(
    area: str, name: str, level: str, here: bool | None
) -> None:
    found = of_feed(area, HERE)
    assert found is not None
    assert (found.name, found.level, found.in_area, found.reason, found.by_feed) == (name, level, here, BY_FEED, True)


@pytest.mark.parametrize("area", [None, "", "000000", "990202"])
def test_an_area_that_says_nothing_is_no_place(area: str | None) -> None:
    assert of_feed(area, HERE) is None


def test_a_text_that_names_a_place_keeps_it_and_another_gets_that_of_its_feed(tmp_path: Path) -> None:
    for store in stores("sqlite", tmp_path):
        feeds = [FEED, Feed(name="别处", kind="rss", url="https://news.qinghe.example/rss", source="别处")]
        intake = Intake(store, ledger_on(store), Sure(), HERE, feeds)  # type: ignore[arg-type]

        def place(text: str, feed: str, intake: Intake = intake) -> Place | None:
            post = Post(id="a" * 24, text=text, feed=feed, fetched_at=NOW)
            return intake.read([post])[0].facts.place

        silent = place("厂里欠了我们三个人半年工资", "县论坛")
        named = place("在北京市朝阳区的工地干活，欠了三个人半年工资", "县论坛")
        assert silent is not None
        assert silent.by_feed
        assert named is not None
        assert (named.code, named.by_feed) == ("110105", False)
        assert place("厂里欠了我们三个人半年工资", "别处") is None


def test_the_area_of_a_feed_tells_no_debts_apart_and_yields_to_a_place_that_is_named() -> None:
    feed = Facts(place=Place("甲县", "110101", "甲县", "county", reason=BY_FEED))
    text = Facts(place=Place("乙县", "320102", "乙县", "county", reason="named in the text"))
    assert disagreement(feed, text) == ""
    assert merged(feed, text).place == text.place == merged(text, feed).place


def test_a_page_says_that_the_text_does_not_name_it(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path)
    incident = house.opens(place=of_feed(webhouse.COUNTY.code, webhouse.COUNTY))
    assert "按来源地区" in house.browser("zhou").get(f"/incidents/{incident}").text
    assert "按来源地区" not in house.browser("zhou").get(f"/incidents/{house.opens('另一处的三个人')}").text
