"""Traits by a third hand who had read no rule: what is heard, what only sounds so, and what a person reads first.

tests/data/facts/traits_5.yaml says how its parts came about. The floors are what was measured on the day,
less a little.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ledgerhouse import ledger_on, stores

from classifiers import life_risk
from classifiers.normalize import normalize
from classifiers.unsure import doubts, unsure
from classifiers.verdict import Assessment, Flag, Kind
from monitor.facts import read
from monitor.incidents.level import grade
from monitor.model import Act, County, Level, Post
from monitor.pipeline.take import Intake
from monitor.routing import load_matrix

DATA = Path(__file__).parent / "data/facts/traits_5.yaml"
NOW = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
SEVERITY = load_matrix().severity


@cache
def parts() -> dict[str, dict[str, dict[str, list[str]]]]:
    found: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return found


@cache
def said(text: str) -> frozenset[str]:
    found = read(Post(id="1", text=text, published_at=NOW))
    return frozenset((*found.traits, *found.signs))


def danger(text: str) -> str:
    """What becomes of a post: red at once, read first by a person, or neither."""
    told = life_risk.listen(normalize(text).text)
    if "self_harm" in said(text) or (told is not None and not told.perhaps):
        return "red"
    return "first" if told is not None or "life_unsure" in said(text) else "silent"


def share(part: str, side: str, traits: tuple[str, ...] = ()) -> float:
    """Of the posts of one side of a part, of all traits or some: those that are said to carry theirs."""
    told = [trait in said(text) for trait, sides in parts()[part].items() if not traits or trait in traits
            for text in sides[side]]  # fmt: skip
    return sum(told) / len(told)


@pytest.mark.parametrize(("part", "heard", "near"), [
    ("first", 0.98, 0.01), ("sealed", 0.77, 0.10), ("learnt", 0.83, 0.04),
])  # fmt: skip
def test_what_a_third_hand_wrote_is_heard_and_its_near_misses_are_not(part: str, heard: float, near: float) -> None:
    assert share(part, "heard") >= heard
    assert share(part, "near") <= near


@pytest.mark.parametrize(("part", "red", "silent", "false_red"), [
    ("first", 26, 0, 0), ("sealed", 16, 2, 9), ("learnt", 24, 0, 7),
])  # fmt: skip
def test_danger_to_life_is_red_or_read_first(part: str, red: int, silent: int, false_red: int) -> None:
    sides = parts()[part]["self_harm"]
    heard, near = (Counter(map(danger, sides[side])) for side in ("heard", "near"))
    assert heard["red"] >= red
    assert heard["silent"] <= silent
    assert near["red"] <= false_red


def test_who_is_in_danger_and_speaks_of_work_or_denies_it_is_never_passed_over() -> None:
    came = {text: danger(text) for text in parts()["beside"]["self_harm"]["heard"]}
    assert [text for text, what in came.items() if what == "silent"] == []
    assert sum(what == "red" for what in came.values()) >= 0.7 * len(came)


def test_three_of_thirty_dangers_told_far_round_are_heard_by_nobody() -> None:
    """Of a list that nothing was learnt from: the fewer the better, and no more than on the day."""
    came = Counter(map(danger, parts()["far"]["self_harm"]["heard"]))
    assert (came["red"] >= 23, came["silent"] <= 3) == (True, True), came


@pytest.mark.parametrize("text", [
    "我们班组在楼顶上做防水，做完了老板不给结账", "塔吊上的信号工，站了一年，工资欠半年",
    "天台上装太阳能热水器，一台一百二，装了三十台没给钱",
    "我爬塔吊上班，一个月八千，老板拖了三个月没发", "广告牌上换灯布，爬上去一次两百，广告公司欠我十次的钱",
])  # fmt: skip
def test_ordinary_work_on_a_tower_or_a_roof_is_not_red(text: str) -> None:
    found = read(Post(id="1", text=text, published_at=NOW))
    told = life_risk.listen(normalize(text).text)
    assert "self_harm" not in found.traits
    assert grade(found, severity=SEVERITY, life_risk=told is not None and not told.perhaps).level is not Level.RED


@pytest.mark.parametrize("text", [
    "塔吊司机把自己锁在驾驶室里，说不给工资就不下来", "我是塔吊司机，现在人在大臂上，五个月工资今天不给我就松手",
    "防水工老陈爬上楼顶要工资，两个小时了，消防在铺气垫", "干外墙的两口子今早上了楼顶，说老板不来不走，工资欠半年",
])  # fmt: skip
def test_who_works_up_there_and_will_not_come_down_is_red(text: str) -> None:
    assert danger(text) == "red"


@pytest.mark.parametrize(("text", "trait"), [
    ("招工说日薪三百，结账砍价砍到两百二，还不给", "violence"), ("我正说工资的事，他老打断我的话", "violence"),
    ("我县出台措施杜绝以物抵薪，工资必须发现钱，我的两万能管吗", "pay_in_kind"),
    ("工资卡在我手里，密码忘了，两个月没进账", "bank_card_withheld"),
    ("老板说你去法院告我啊，工资随便告", "in_judicial"),
    ("老板出差了联系不上，工资说好今天发的", "employer_fled"),
    ("我们没有堵门也没有拉横幅，就派了三个代表去谈工资", "collective_action"),
])  # fmt: skip
def test_a_figure_a_denial_advice_or_an_ordinary_reason_is_no_trait(text: str, trait: str) -> None:
    assert trait not in said(text)


@pytest.mark.parametrize(("text", "trait"), [
    ("条例写着不得以物抵薪，可老板还是拿酒抵工资", "pay_in_kind"),
    ("老板说出差，结果人去楼空，工资欠三个月", "employer_fled"),
    ("说是打官司，判决书下来四个月了还没执行，工资没拿到", "in_judicial"),
    ("砍价不成老板就动手打人，工资没给", "violence"),
    ("去年围过一次没用，今天六十多人又把项目部大门围了，要工资", "collective_action"),
])  # fmt: skip
def test_what_happened_all_the_same_is_heard_beside_such_words(text: str, trait: str) -> None:
    assert trait in said(text)


def test_every_doubt_says_why_and_leaves_a_way_out() -> None:
    written: list[dict[str, Any]] = yaml.safe_load(
        (Path(life_risk.__file__).parent / "lexicon/unsure.yaml").read_text(encoding="utf-8")
    )["doubts"]
    assert len(written) == len(doubts())
    assert all(doubt["why"] and doubt["but"] for doubt in written)


def test_a_doubt_is_asked_of_the_sentence_and_lifted_by_the_text() -> None:
    sentence = "在塔吊上检修了三个月，工资没给"
    assert unsure("塔吊上", sentence, sentence)
    assert not unsure("塔吊上", sentence, sentence + "。今天不给我就跳下去")
    assert not unsure("跳楼", "我在工地上班，要跳楼了", "我在工地上班，要跳楼了")


class Verdict:
    """Takes every post for one of this flag, in no danger."""

    version = "one"

    def __init__(self, flag: Flag) -> None:
        self.flag = flag

    def assess(self, posts: list[tuple[str | None, str]]) -> list[Assessment]:
        return [Assessment(self.flag, 0.5, Kind.OPEN, False, "one") for _ in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        return self.assess([(title, text)])[0]


@pytest.mark.parametrize(("flag", "text", "first"), [
    (Flag.REVIEW, "塔吊上的信号工，站了一年，工资欠半年", True),  # perhaps in danger
    (Flag.ALERT, "塔吊上的信号工，站了一年，工资欠半年", True),
    (Flag.REVIEW, "李总给我收尸吧，十三万我拿命来换", True),  # in danger by its facts, in no case yet
    (Flag.REVIEW, "工资拖了两个月，问问怎么办", False),
    (Flag.PASS, "塔吊上的信号工，站了一年，工资欠半年", False),  # no facts are read of what is passed over
])  # fmt: skip
def test_a_post_whose_facts_perhaps_tell_of_danger_is_read_first(
    flag: Flag, text: str, first: bool, tmp_path: Path
) -> None:
    for store in stores("sqlite", tmp_path):
        intake = Intake(store, ledger_on(store), Verdict(flag), County(code="990101", name="青禾县"))  # type: ignore[arg-type]
        reading = intake.read([Post(id="a" * 24, text=text, fetched_at=NOW)])[0]
        assert (reading.assessment.perhaps_life_risk, reading.assessment.life_risk) == (first, False)
        if flag is Flag.REVIEW and first:
            change = intake.decide(reading, NOW)
            assert (change.act, change.reason) == (Act.HOLD, "perhaps in danger, to be read first")


@pytest.mark.parametrize(("text", "never"), [
    ("打钱公司在哪，欠我工资", "打钱公司"), ("给熟人家盖房子，熟人家欠我八千", "熟人家"),
    ("拍短剧拖欠我三千块", "拍短剧"),
    ("收费站欠我们保洁三个月工资", "收费站"), ("结账给了一堆饭店储值卡，说抵两个月工资", "一堆饭店"),
    ("我在网上发了欠薪的帖子，公司让删帖才给钱", "网上发了"), ("判决书像废纸，老板是老赖，欠我三万六", "老板(姓赖)"),
])  # fmt: skip
def test_what_people_do_and_whose_house_it_was_is_no_debtor(text: str, never: str) -> None:
    assert read(Post(id="1", text=text)).employer != never


@pytest.mark.parametrize(
    ("trait", "text"),
    [
        ("violence", "包工头拿刀砍工友，已被拘留，工资还是不给"),
        ("violence", "工头威胁我们，谁再要工资就打断谁的腿，还说要拘留"),
        ("employer_fled", "老板跑路了，财务也不见了，工资没人发"),
        ("employer_fled", "老板失联三个月，说是出差，工资没结"),
        ("employer_fled", "老板带着钱去了国外旅游，工人工资一分没发，联系不上"),
        ("employer_fled", "工头拿了工程款消失，另一个工友请假回家了"),
    ],
)
def test_a_word_of_lessons_or_of_staff_hides_no_deed(trait: str, text: str) -> None:
    """拘留, 宣传, 财务 and 出差 beside it had silenced what was told."""
    assert trait in said(text)


def test_a_boast_beside_blows_makes_them_no_lesson() -> None:
    assert danger("要工资时工友被打断三根肋骨，老板宣传说是自己摔的") == "red"
    assert danger("老板说要弄死讨薪的人，还拿治安管理处罚法吓唬人") == "red"


def test_what_staff_or_an_earlier_employer_did_is_still_no_flight() -> None:
    for text in (
        "上家老板跑了，现在这家公司欠我两个月工资",
        "万一老板跑路了怎么办，工资还没发",
        "财务跑路了，老板说下周发工资",
    ):
        assert "employer_fled" not in said(text), text
