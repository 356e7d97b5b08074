"""The classifier from outside: spelling tricks, offsets, reasons, kinds, the prefilter, the same answer both ways."""

from __future__ import annotations

import gc
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.features import read
from classifiers.keywords import Keywords
from classifiers.normalize import normalize, tricked, untricked
from classifiers.obfuscate import TRICKS, obfuscate
from classifiers.registry import SHIPPED, active
from classifiers.scan import hide_places, scan
from classifiers.tokenizer import reference, words
from classifiers.verdict import Flag, Kind, full_text
from classifiers.wage_arrears import load

PAIRS = [
    ("我们在青禾县望江台工地干了三个月，工资一分没给，老板电话不接", "望江台工地的工资今天全部结清了，谢谢大家"),
    ("柳溪鞋厂拖欠二十名员工半年工资，员工讨薪无果", "柳溪镇召开根治欠薪专项行动部署会"),
    ("包工头跑了，十几个工友的血汗钱没人给", "楼盘烂尾，业主的血汗钱谁来还"),
    ("被告尚欠原告工资8240元未付。", "被告辩称已足额支付工资，不存在拖欠，请求驳回。"),
    ("学校去年的绩效工资到现在还没发给老师", "游戏里的打工人三个月没发薪水，玩家笑翻"),
]


@pytest.mark.parametrize(("unpaid", "other"), PAIRS)
def test_the_same_story_unpaid_scores_higher_than_its_other_end(unpaid: str, other: str) -> None:
    model = active()
    assert model.assess_one(None, unpaid).score > 0.5 > model.assess_one(None, other).score


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("工 资", "工资"),
        ("工.资不发", "工资不发"),
        ("拖\u200b欠工资", "拖欠工资"),
        ("工zi没发，laoban跑lu了", "工资没发，老板跑路了"),
        ("勞動局 討薪", "劳动局 讨薪"),
        ("老 板 不 给 钱", "老板不给钱"),
        ("ＡＢＣ１２３", "abc123"),
        ("欠💰不还", "欠钱不还"),
        ("工工工资没发", "工资没发"),
        ("拖欠农民工工资", "拖欠农民工工资"),
        ("办公资源", "办公资源"),
    ],
)
def test_disguised_spelling_is_undone_and_plain_spelling_left(written: str, plain: str) -> None:
    assert normalize(written).text == plain


@given(st.text(alphabet="工资欠薪讨老板不发给钱 .·*\u200b💰勞討zi，。一分", max_size=40))
@settings(max_examples=150, deadline=None)
def test_every_character_of_the_normal_form_leads_back(text: str) -> None:
    normal = normalize(text)
    places = [normal.original(at, at + 1) for at in range(len(normal.text))]
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text(alphabet="a9z西楚地省市区县某", max_size=8))
@settings(max_examples=400, deadline=None)
def test_hidden_places_are_made_one_wherever_they_stand(text: str) -> None:
    slow = re.sub(
        "西地省|楚|[a-z][0-9]{0,2}[市区县](?:[a-z][0-9]{1,2}[市区县])?", lambda it: "某".ljust(len(it[0]), "地"), text
    )
    assert hide_places(text) == slow


TRICKY = "工资欠薪讨老板不发给钱  .·*-_\u200b💰勞討ｇＡziGZ，。,、…一分\n\t\ud83d1İK"


@given(st.text(alphabet=TRICKY, max_size=14))
@settings(max_examples=600, deadline=None)
def test_a_text_in_which_the_first_search_finds_nothing_has_no_trick_to_undo(text: str) -> None:
    if not tricked().search(text):
        assert untricked(text) == (text.encode().lower().decode(), [])


@given(st.text(alphabet=TRICKY, max_size=14))
@settings(max_examples=200, deadline=None)
def test_the_normal_form_is_the_same_as_text_as_bytes_and_place_by_place(text: str) -> None:
    normal = normalize(text)
    assert normal.utf8 == normal.text.encode()
    origins = tuple(range(len(text))) if normal.origins is None else normal.origins
    assert [normal.original(at, at + 1)[0] for at in range(len(normal.text))] == list(origins)


@given(st.sampled_from(PAIRS), st.sampled_from(TRICKS), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_reasons_point_into_the_text_as_written(pair: tuple[str, str], trick: str, seed: int) -> None:
    text = obfuscate(pair[0], seed, 1.0, (trick,))
    assessment = active().assess_one("求助", text)
    whole = full_text("求助", text)
    assert all(whole[reason.start : reason.end] == reason.text for reason in assessment.reasons)


def test_an_alert_carries_its_reasons_and_its_kinds_sum_to_one() -> None:
    assessment = active().assess_one("求助", PAIRS[0][0])
    assert assessment.kind is Kind.OPEN
    assert assessment.flag in (Flag.ALERT, Flag.REVIEW)
    assert assessment.reasons
    assert sum(assessment.kinds.values()) == pytest.approx(1.0)


def test_a_post_of_another_world_is_passed_unread() -> None:
    assessment = active().assess_one(None, "今天天气好，去公园看花")
    assert (assessment.flag, assessment.kind, assessment.reasons) == (Flag.PASS, Kind.NOISE, ())


def test_one_by_one_and_in_a_batch_are_the_same() -> None:
    posts: list[tuple[str | None, str]] = [(None, text) for pair in PAIRS for text in pair]
    assert active().assess(posts) == [active().assess_one(*post) for post in posts]


@pytest.mark.parametrize("collects", [True, False])
def test_a_batch_leaves_the_collector_of_cycles_as_it_was_also_when_it_fails(collects: bool) -> None:
    (gc.enable if collects else gc.disable)()
    try:
        active().assess([(None, "工资一分没给"), ("标题", "发了")])
        assert gc.isenabled() is collects
        with pytest.raises(TypeError):
            active().assess([(None, 7)])  # type: ignore[list-item]
        assert gc.isenabled() is collects
    finally:
        gc.enable()


def test_scores_are_what_vectors_of_length_one_times_the_weights_come_to() -> None:
    linear = load(SHIPPED).linear
    texts = [text for pair in PAIRS for text in pair]
    told = [read(scan(normalize(text).text)) for text in texts]
    for part, rows in (
        (linear.whole, [(each.words,) for each in told]),
        (linear.sentence, [sentence for each in told for sentence in each.sentences]),
    ):
        posts = part.vectors.of(rows)
        expected = np.tile(part.bias, (len(rows), 1))
        np.add.at(expected, posts.row, (part.weights[:, posts.column] * posts.value).T)
        assert np.allclose(part.scores([part.vectors.columns(row) for row in rows]), expected, atol=1e-9)


@pytest.mark.parametrize("text", ["", " ", "\n", "💰", "\ud83d", "a" * 5000, "欠" * 3000])
def test_nothing_written_breaks_it(text: str) -> None:
    assert 0.0 <= active().assess_one(None, text).score <= 1.0


def test_words_are_cut_as_jieba_cuts_them() -> None:
    text = "我们班组在柳溪镇拖欠农民工工资的工地上干活"
    assert words(text) == reference()(text)
    assert "".join(words(text)) == text


def test_the_baseline_knows_the_obvious() -> None:
    assert Keywords().assess_one(None, "老板拖欠我们三个月工资").flag is Flag.ALERT
    assert Keywords().assess_one(None, "今天天气好").flag is Flag.PASS
