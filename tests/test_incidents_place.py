"""One debt, one incident: what joins, what never does, and why."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from classifiers.verdict import Assessment, Flag, Kind
from monitor.incidents.forecast import forecast
from monitor.incidents.gather import Gathering
from monitor.incidents.links import Links
from monitor.incidents.names import core, same_name, specific
from monitor.incidents.place import Candidate, place
from monitor.incidents.texts import own_words
from monitor.model import Facts, Place, Post, Reading

NOW = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
VERDICT = Assessment(Flag.ALERT, 1.0, Kind.OPEN, False, "given")


def reading(text: str, number: int = 0, **facts: object) -> Reading:
    return Reading(Post(id=f"p{number}", text=text), VERDICT, Facts(**facts))  # type: ignore[arg-type]


def placed(*readings: Reading, apart: timedelta = timedelta(hours=1)) -> list[str]:
    gathering = Gathering()
    return [gathering.add(one, NOW + apart * n)[0] for n, one in enumerate(readings)]


LONG = (
    "二十二个人在锦禾苑三期支模板，开春进场入秋收工，带班的总讲款子还在走流程，"
    "四十来万工钱至今挂账，几家人的日子都指着它"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (reading(LONG), reading(LONG + "！！！")),  # copied
        (reading(LONG), reading("求扩散：" + LONG)),  # copied with a call
        (reading(LONG), reading("锦禾苑三期支模板，开春进场入秋收工，带班的总讲款子还在走流程")),  # a part of it
        (reading("木工说没拿到钱", project="锦禾苑三期"), reading("那边瓦工也没有", project="锦禾苑三期")),
        (reading("厂里两个月没发", employer="己光电子厂"), reading("今天又去堵门", employer="己光电子厂")),
        (reading("厂里两个月没发", employer="甲木建工有限公司"), reading("甲木还欠着", employer="甲木建工")),
        (
            reading("一共二十三人", workers=23, amount_yuan=240000.0),
            reading("还是没给", workers=23, amount_yuan=240000.0),
        ),
    ],
)
def test_posts_of_one_debt_join(one: Reading, other: Reading) -> None:
    assert len(set(placed(one, other))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (reading("欠我们工资", employer="某公司"), reading("欠我们工资不给", employer="某公司")),
        (reading("包工头跑了", employer="包工头"), reading("包工头不接电话", employer="包工头")),
        (
            reading("木工没拿到", project="锦禾苑", employer="甲木建工"),
            reading("瓦工没拿到", project="望江台", employer="甲木建工"),
        ),
        (reading("厂里没发", employer="己光电子厂"), reading("店里没发", employer="庚味火锅")),
        (
            reading("工地没发", employer="未央建设", place=Place("甲县", "110101", "甲县", "county")),
            reading("工地没发", employer="未央建设", place=Place("乙县", "320102", "乙县", "county")),
        ),
        (reading("欠二十万", amount_yuan=200000.0), reading("也欠二十万", amount_yuan=200000.0)),
        (  # one worker each, of two firms: a round sum ties nothing
            reading("欠我一万块", employer="己光电子厂", workers=1, amount_yuan=10000.0),
            reading("一万元一直没给", employer="庚味火锅", workers=1, amount_yuan=10000.0),
        ),
    ],
)
def test_two_debts_never_merge(one: Reading, other: Reading) -> None:
    assert len(set(placed(one, other))) == 2


def test_a_copy_of_any_of_its_posts_joins_however_little_it_is_like_the_first() -> None:
    told = "柳溪的瓦工也说没拿到，六个人从春天等到入冬"
    gathering = Gathering()
    for number, one in enumerate((
        reading(LONG, 1, project="锦禾苑三期"),
        reading("锦禾苑三期" + told, 2, project="锦禾苑三期"),
        reading("转发：锦禾苑三期" + told, 3),
    )):  # fmt: skip
        found = gathering.add(one, NOW + timedelta(hours=number))[1]
    assert (found.incident, found.reason) == ("I-1", "same text")
    parted = Gathering(links=Links.of(cannot=[("p1", "p3"), ("p2", "p3")]))
    parted.add(reading(LONG, 1), NOW)
    assert parted.add(reading(LONG, 3), NOW)[1].incident is None


def test_what_is_only_said_of_a_firm_is_no_part_of_its_name() -> None:
    a = reading("甲木欠着工钱", 0, employer="望舟甲木")
    b = reading("网上说的那件事", 1, employer="网传望舟甲木")
    c = reading("区里通报了", 2, employer="望舟甲木农林科技有限公司")
    assert len(set(placed(a, b, c))) == 1
    assert core("网传望舟甲木") == core("望舟甲木")


def test_an_exact_sum_that_the_other_text_states_ties_them_though_it_leads_with_another() -> None:
    one = reading("厂里欠128184元，先付了一部分，余下49728.8元", 0, amount_yuan=128184.0, employer="己光电子厂")
    other = reading("还有49728.8元没结", 1, amount_yuan=49728.8)
    phone = reading("电话1497288123，没结", 1, amount_yuan=49728.8)
    assert place(other, [candidate(one)], NOW).joined
    assert not place(phone, [candidate(reading("电话149728.85", 0, employer="己光电子厂"))], NOW).joined


def test_a_name_that_only_two_headings_hold_ties_them() -> None:
    one, other, dull, line = (
        Reading(Post(id=str(number), title=title, text=text), VERDICT, Facts())
        for number, (title, text) in enumerate(
            (
                ("今年入冬了望江台禾府为何还不能完工住人", "听干活的讲工钱欠了半年，人都走光了"),
                ("望江台禾府三栋楼收尾无人，门窗水电全部停在半路上", "瓦工班组没拿到钱，楼里空着"),
                ("拖欠农民工工资何时解决", "瓦工班组没拿到钱，楼里空着"),
                ("望禾铁路三个标段没发钱", "一路的人都在等"),
            )
        )
    )
    assert place(other, [candidate(one)], NOW).reason == "both headings name 望江台禾府"
    assert not place(dull, [candidate(one)], NOW).joined
    assert own_words("望禾铁路何时完工", "望禾铁路三个标段没发钱") == ""
    assert not place(line, [candidate(one)], NOW).joined


def candidate(one: Reading) -> Candidate:
    return Candidate("I-1", one.facts, one.post.full_text, NOW)


def test_a_debt_is_a_star_and_never_a_chain() -> None:
    a = reading("木工没拿到", project="锦禾苑")
    b = reading("锦禾苑和望江台的都没拿到", project="锦禾苑/望江台")
    c = reading("我们望江台的没拿到", project="望江台")
    first, second, third = placed(a, b, c)
    assert first == second
    assert third != first


def test_a_debt_talked_about_after_two_months_of_silence_opens_anew() -> None:
    one = reading("厂里两个月没发", employer="己光电子厂")
    assert len(set(placed(one, one, apart=timedelta(days=61)))) == 2


@pytest.mark.parametrize("name", ["某公司", "老板", "包工头", "项目部", "那个工地", "劳务公司", "", None, "厂"])
def test_a_name_that_says_nothing_cannot_tie_posts_together(name: str | None) -> None:
    assert not specific(name)


def test_names_are_compared_without_endings_width_and_brackets() -> None:
    assert core("甲木建工（集团）有限公司") == core("甲木建工")
    assert same_name("锦禾苑三期", "锦禾苑")
    assert not same_name("甲木建工", "丁岳路桥")


def test_the_cluster_command_answers_in_input_order_and_names_a_bad_line() -> None:
    lines = [
        {"id": "a", "text": LONG},
        {"id": "b", "text": "转：" + LONG},
        {"text": 3},
        {"id": "c", "text": "今天天气不错"},
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    done = subprocess.run([sys.executable, "-m", "monitor", "cluster"], input=given, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [row.get("id") for row in rows] == ["a", "b", None, "c"]
    assert rows[0]["incident"] == rows[1]["incident"] != rows[3]["incident"]
    assert (rows[0]["joined"], rows[1]["joined"], "error" in rows[2]) == (False, True, True)


# ------------------------------------------------------------------ how far it will spread
def seen(*counts: float, every: float = 1.0) -> list[tuple[datetime, float]]:
    return [(NOW + timedelta(hours=every * n), count) for n, count in enumerate(counts)]


@pytest.mark.parametrize("points", [[], seen(5), seen(5, 9), seen(1, 2, 3), seen(50, 60, 70, every=0.1)])
def test_too_little_is_said_to_be_too_little(points: list[tuple[datetime, float]]) -> None:
    found = forecast(points, NOW + timedelta(hours=3))
    assert not found.enough_data
    assert found.reason
    assert not found.horizons


def test_a_growing_post_goes_on_growing_and_a_still_one_hardly() -> None:
    growing = forecast(seen(10, 40, 90, 160), NOW + timedelta(hours=3))
    still = forecast(seen(100, 160, 160, 160, 160, 160, 160), NOW + timedelta(hours=6))
    assert growing.horizons[2].median > 200
    assert still.horizons[2].median < 200
    for found in (growing, still):
        medians = [one.median for one in found.horizons]
        assert medians == sorted(medians)
        assert all(one.lo <= one.median <= one.hi for one in found.horizons)


def test_a_count_that_fell_is_a_correction_and_what_lies_ahead_is_not_looked_at() -> None:
    points = seen(10, 40, 35, 80)
    assert forecast(points, NOW + timedelta(hours=3)) == forecast(
        [*points, (NOW + timedelta(hours=9), 9_000)], NOW + timedelta(hours=3)
    )
    assert forecast(points, NOW + timedelta(hours=3)).horizons[0].lo >= 80


# ------------------------------------------------------------------ names
@pytest.mark.parametrize(
    "name", ["物业公司", "电子厂", "某建筑公司", "外卖平台", "原来的老板", "一家餐饮公司", "私人医院"]
)
def test_a_trade_alone_is_no_name(name: str) -> None:
    assert not specific(name)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("望舟市甲木建筑劳务公司", "甲木劳务公司", True),
        ("明澜融媒大数据公司", "明澜媒融大数据公司", True),  # two characters swapped
        ("青石中路锦禾家园", "青石路锦禾家园", True),  # one left out
        ("青石东路锦禾家园", "青石路锦禾家园", False),  # but not one that tells two streets apart
        ("锦禾苑一期", "锦禾苑二期", False),
        ("青石镇中心小学", "柳溪镇中心小学", False),
        ("甲木一建公司", "甲木二建公司", False),
    ],
)
def test_names_written_otherwise(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
