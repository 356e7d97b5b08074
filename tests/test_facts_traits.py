"""Traits and signs from plain wordings: how many are heard, and how few near-misses are taken for one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from classifiers.lexicon import written_out
from monitor.facts import read
from monitor.facts.traits import table
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
    assert set(wordings("traits_3.yaml")) == {rule.id for rule in table().rules} - set(table().perhaps.values())


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


@pytest.mark.parametrize("text", [
    "老板说工资下个月再发，真是打断骨头连着筋，亲兄弟还要明算账，欠我三个月工资",
    "这厂欠薪三个月，一听财务说没钱我头都裂了，像被人打了一拳",
    "老板欠工资不给，天天喊效益不好，我的心被他砍了一刀，流血一样疼",
    "欠工资的老板就是欠揍，气得我脑出血都要犯了",
    "我在望舟日报社下面的发行公司送报，人民日报、工人日报都送，拖欠工资两个月没发",
    "我是央视合作的外包公司剪辑，央视来了新栏目，工资拖了三个月没给",
    "我们厂上百人，门口保安说公司没钱，工资还是没发",
    "几百人的大厂说倒闭就倒闭，工资一分没发，公司门口围墙都拆了",
    "欠薪这事我们在路上堵了半天才到劳动局，工资还没要到",
    "抖音热搜第一都是明星，没人关心我们农民工欠薪",
    "微博热搜天天是明星离婚，我们的工资谁管，老板拖了半年",
    "看了人民日报发的根治欠薪通知，想问我们厂拖欠工资怎么投诉",
    "新华社报道今年保障农民工工资支付条例执行情况，拖欠工资可以打12333",
    "打了老板三次电话，都没接，工资还没发，眼睛都等瞎了",
    "工资被砍一半，还要拖，这一刀砍得我心里流血",
    "好多围观的人，几百人看表演，坐满了广场，我摆摊被欠的工钱还没要到",
    "公司年会几百人坐满大厅，老板还说没钱发工资",
    "所有的路都被堵死了，投诉没用，工资要不回来",
    "以前隔壁工地有人被打断腿，我们这边老板只是拖欠工资",
    "昨天夜班撞破了头，工伤还没认，工资也拖着",
    "老板打破了原来的承诺，欠薪两月",
    "我在派出所食堂做饭，看到打架打破头的来做笔录，可我工资三个月没发",
    "我是小学老师，孩子打架打伤了都要我管，绩效工资拖了一年没发",
    "被打入冷宫一样，公司不给派活，工资也欠着，我心都碎了，肋骨都疼",
    "欠薪的事被人捅到网上，老板的脸都肿了似的，还是没给钱",
    "法治日报登过这样的案例，我想学着要工资，有人懂吗",
    "工人日报社的印刷厂发了通知，工资推迟到月底",
    "人民网领导留言板发了三次留言，工资还没解决",
    "给央视投稿发了视频，没人理，工资还是欠着",
    "气死人了，真想揍老板一顿，工资拖到现在，医院等钱住院呢",
    "拳馆教练，工资三个月没发，学员打拳把手肿了找我",
    "拳击俱乐部欠教练工资，前几天一学员韧带断了他们也不赔",
    "老板欠几百人的工资，坐着奔驰去公司上班",
    "几百个员工坐班车去总部上班，工资拖了俩月",
    "学校几百个学生坐在操场，我们老师站在门口迎接领导，绩效工资没发",
    "我是环卫工，扫国道边上，站在路口，工资三个月没给",
    "公交车停在路中间坏了，我是司机，公司还拖我工资",
    "老板打断我的话，说工资没有，我气得肋骨疼",
    "厨房里切菜刀掉下来砍伤了脚，工资还欠着",
    "老板住院，他儿子动手术，工资就拖着没发",
    "工资要不到，气得老婆扇了我一耳光，嘴都肿了",
    "老板踢了我出工作群，工资没发，我累得昏倒住院",
    "公司踢人出群裁员，我妈住院没钱，工资没发",
    "老板手头紧，我挨了批评，脚肿了还得站柜台，工资也没给",
    "工友们被太阳晒得晕倒，老板动手机转账转了一半工资",
    "老板砍价砍了一刀又一刀，工钱从八千砍到五千，还没给",
    "厂里打折处理货物，打断了供应链，工资发不出",
    "全国新闻都在说清欠，我们厂还拖着工资",
    "中央电视台曝光过的那个品牌，我给他家打工，工资没结",
    "拦了一辆出租去劳动局，走高速，工资的事没解决",
])  # fmt: skip
def test_a_figure_of_speech_an_accident_or_an_employer_called_after_a_paper_wakes_nobody(text: str) -> None:
    assert not said(text) & set(SIGNS)


@pytest.mark.parametrize(("text", "sign"), [
    ("去项目部要工资，被十几个人拿钢管打断了腿，孩子在医院哭", "injury"),
    ("要工资被老板的人推倒撞破了头，缝了八针", "injury"),
    ("我爸讨薪被打成重伤，现在抢救，别人都不敢作证", "injury"),
    ("讨薪那天老板动手，我肋骨断了两根", "injury"),
    ("几百人的厂，今天全坐在县政府门口讨薪", "crowd"),
    ("上百个工人堵在项目部门口讨薪，拉着横幅", "crowd"),
    ("央视来采访我们讨薪的事了，老板还是不给钱", "national_media"),
    ("讨薪的事上了抖音热榜第一，几千万人看", "national_media"),
    ("新华社报了我们讨薪的事", "national_media"),
])  # fmt: skip
def test_what_is_told_beside_such_words_is_heard(text: str, sign: str) -> None:
    assert sign in said(text)


def test_who_forbids_passing_the_buck_passes_none() -> None:
    assert "official_misconduct" not in said("县政府开会，要求各部门严禁推诿扯皮，把欠薪的事办好")
    assert "official_misconduct" in said("劳动局互相推诿，工资要了半年没人管")
