"""Danger to life over money one worked for: every such sentence is found; tricky others mostly are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from classifiers import life_risk
from classifiers.normalize import normalize
from classifiers.registry import active
from classifiers.verdict import Flag

WRITTEN = yaml.safe_load((Path(__file__).parent / "data/classifiers/life_risk.yaml").read_text(encoding="utf-8"))


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
