"""Danger to life over money one worked for: what was learnt from is found whole, what was never read mostly.

The floors of the unseen sets are what was measured on the day, less a little; a figure of the learnt sets says nothing
about the next post.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from classifiers import life_risk
from classifiers.lexicon import load
from classifiers.normalize import normalize
from classifiers.registry import active
from classifiers.verdict import Flag

DATA = Path(__file__).parent / "data/classifiers"
WRITTEN = yaml.safe_load((DATA / "life_risk.yaml").read_text(encoding="utf-8"))


def sentences(part: str) -> list[str]:
    """Every line with every way to tell the debt."""
    lines = [line for style in WRITTEN[part].values() for line in style]
    return [line.format(d=debt) for line in lines for debt in (WRITTEN["debts"] if "{d}" in line else [""])]


def found(text: str) -> bool:
    return bool(life_risk.spans(normalize(text).text))


def test_the_two_lists_are_as_long_as_promised() -> None:
    assert len(sentences("risk")) >= 150
    assert len(sentences("calm")) >= 300


def test_no_person_in_danger_is_missed() -> None:
    assert [text for text in sentences("risk") if not found(text)] == []


def test_few_calm_sentences_are_taken_for_danger() -> None:
    wrong = [text for text in sentences("calm") if found(text)]
    precision = len(sentences("risk")) / (len(sentences("risk")) + len(wrong))
    assert precision >= 0.9, wrong


def test_the_quick_search_begins_where_the_patterns_themselves_find_something() -> None:
    """No phrase may begin with what is not written out in it: the quick search would pass over it."""
    harm = load("harm")
    meets = [meeting["meets"] for meeting in harm["meetings"]]
    phrases = [*harm["oneself"], *harm["others"], *meets, *(harm[name] for name in ("harmless", "frames"))]
    written = "\n".join([*sentences("risk"), *sentences("calm"), *phrases])
    for phrase in phrases:
        plain = phrase.replace("HIGH", harm["high"])
        slow = re.compile(plain)
        starts = [match.start() for match in life_risk.starts_of(plain).finditer(written)]
        assert [match.start() for match in slow.finditer(written) if match.start() not in starts] == []
        assert all(slow.match(written, start) for start in starts)


def lines_of(name: str, part: str = "risk") -> list[str]:
    written = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return [line for style in written[part].values() for line in style]


def share_found(name: str, part: str, *, perhaps: bool = False) -> float:
    """Of the lines of a list; `perhaps`: with what perhaps tells of danger."""
    lines = lines_of(name, part)
    heard = [life_risk.listen(normalize(line).text) for line in lines]
    return sum(danger is not None and (perhaps or not danger.perhaps) for danger in heard) / len(lines)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("life_risk_mend.yaml", 1.0),
        ("life_risk_later.yaml", 0.94),  # learnt from since: 133 of 140
        ("life_risk_held.yaml", 0.95),  # the half never read while mending: 76 of 80
        ("life_risk_last.yaml", 0.9),  # written last, in a voice as foreign as possible: 55 of 60
        ("life_risk_voices.yaml", 0.95),  # learnt from; each voice left out once: see the decision of 2026-11-25
        ("life_risk_voices_more.yaml", 0.9),
        ("life_risk_voices_third.yaml", 0.9),
        ("life_risk_voices_held.yaml", 0.85),  # three hands that had read nothing: 67 of 75
        ("life_risk_voices_sealed.yaml", 0.9),  # four voices drawn by lot and never learnt from: 36 of 38
    ],
)
def test_dangers_told_in_other_words_are_found(name: str, least: float) -> None:
    assert share_found(name, "risk") >= least


@pytest.mark.parametrize(
    ("name", "least"),
    [("life_risk_held.yaml", 0.97), ("life_risk_last.yaml", 0.95), ("life_risk_voices_held.yaml", 0.9)],
)
def test_more_of_them_are_read_by_a_person_first(name: str, least: float) -> None:
    assert share_found(name, "risk", perhaps=True) >= least


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("life_risk_mend.yaml", 0.1),
        ("life_risk_held.yaml", 0.13),
        ("life_risk_voices_held.yaml", 0.13),
        ("life_risk_voices_sealed.yaml", 0.2),
    ],
)
def test_tricky_calm_of_the_fresh_sets_is_mostly_left_alone(name: str, most: float) -> None:
    assert share_found(name, "calm") <= most


@pytest.mark.parametrize("text", ["塔吊上有人要跳，消防来了", "项目部门口有个男的往身上倒汽油，大家都往后退"])
def test_a_danger_at_work_is_heard_without_a_word_of_pay(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text", ["锦和大桥的工人讨薪无门", "工人在桥上干活，工资没发", "水库大坝加固的工人讨要工资", "烟囱拆完了，工钱没给"]
)
def test_a_site_that_is_called_after_a_high_place_is_no_danger(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize("text", ["今天去河边走走，桃花开了", "周末去江边骑车，桥上人不少", "楼顶晒被子的人真多"])
def test_an_outing_to_a_river_or_a_roof_is_no_danger(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize("text", ["塔吊司机坐在驾驶室里拍云海", "工人在楼顶做防水，味道太大", "吊篮作业要系安全绳"])
def test_work_at_a_height_is_no_danger_by_itself(text: str) -> None:
    assert not found(text)


def test_a_danger_no_rule_names_is_weighed_and_its_clause_is_the_reason() -> None:
    text = "讨薪的老人在走廊里，他用玻璃碴子往喉咙上戳，血喷出来了"
    assert found(text)
    assert life_risk.weigh("今天发工资", life_risk._known().weights) < life_risk._known().weights.threshold


@pytest.mark.parametrize(
    "text", ["爬上塔吊讨薪，工钱一分没有", "爬 上 塔 吊 要 工 资", "爬上塔diao，工zi没给", "爬上塔​吊要工钱"]
)
def test_a_person_on_a_crane_reaches_a_person_whatever_the_score(text: str) -> None:
    assessment = active().assess_one(None, text)
    assert assessment.life_risk
    assert assessment.flag in (Flag.ALERT, Flag.REVIEW)
    assert text[assessment.reasons[0].start : assessment.reasons[0].end] == assessment.reasons[0].text


def test_a_sale_and_a_campaign_are_no_danger() -> None:
    assert not found("跳楼价甩卖，工资月结")
    assert not found("预防轻生宣传进工地，老板工人都来听")


def test_what_is_perhaps_danger_is_read_by_a_person_and_is_no_danger_yet() -> None:
    """Between the two thresholds lies what a person reads first; nobody is called out for it."""
    known = life_risk._known()
    assert -4 < known.weights.perhaps < 0
    texts = [text for name in ("life_risk_held.yaml", "life_risk_last.yaml") for text in lines_of(name)]
    doubted = [text for text in texts if (danger := life_risk.listen(normalize(text).text)) and danger.perhaps]
    assert doubted
    for text, assessment in zip(doubted, active().assess([(None, text) for text in doubted]), strict=True):
        assert not found(text)
        assert (assessment.life_risk, assessment.perhaps_life_risk) == (False, True)
        assert assessment.flag in (Flag.ALERT, Flag.REVIEW)
        assert text[assessment.reasons[0].start : assessment.reasons[0].end] == assessment.reasons[0].text


def test_a_sentence_without_a_stop_is_looked_at_as_far_as_sentences_go() -> None:
    """A hundred thousand characters of 欠薪 took twelve seconds: every word of it was looked for in all of it."""
    endless = "欠薪" * 50_000
    begin, end = life_risk._sentence(endless, 50_000, 50_002)
    assert (50_000 - begin, end - 50_002) == (life_risk.LONGEST, life_risk.LONGEST)
    assert life_risk._sentence("先说。我要跳楼！再说", 3, 5) == (3, 7)
    assert life_risk._sentence("我要跳楼", 0, 4) == (0, 4)
