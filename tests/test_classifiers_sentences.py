"""Sentences that a reader marked: what they teach, that they fit the posts, and how far down people read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from classifiers import features, train
from classifiers.corpus import BESIDE, STATES, TOUCHES, Row, base, sources
from classifiers.scan import class_ids, class_names, hits, place_of, scan
from classifiers.verdict import Kind, full_text

LONG = "食堂的菜又贵又难吃。宿舍漏雨三年没人修。另外去年的夜班费也一直没给过。盼领导过问。"


def told(text: str) -> features.Told:
    return features.read(scan(text))


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("老板拖欠我们三个月工资", {"OWE<老板", "OWE>我们", "WAGE<我们", "OWE>拖欠"}),
        ("工资，老板说下月给", {"WAGE>工资", "WAGE>老板"}),
    ],
)
def test_a_word_near_a_term_is_told_with_its_side(text: str, near: set[str]) -> None:
    (sentence,) = told(text).sentences
    assert near <= set(sentence[features.SENTENCE.index("near")])
    assert not any(name.endswith(("，", "。")) for name in sentence[features.SENTENCE.index("near")])


@pytest.mark.parametrize("not_yet", ["还没", "还没有", "还未", "尚未", "仍未", "一直没"])
@pytest.mark.parametrize("paid", ["拿到", "付清", "结清", "到账", "要回"])
def test_what_has_not_been_paid_yet_is_unpaid_and_not_paid(not_yet: str, paid: str) -> None:
    found = {class_names()[kind] for _, _, kind, _ in hits(f"我的工资到现在{not_yet}{paid}工资")}
    assert "UNPAID" in found
    assert "PAID" not in found


def test_a_sentence_is_named_by_its_place_among_the_stops_whatever_the_lexicon_knows() -> None:
    (sentence,) = [each for each in scan(LONG).sentences if each.core]
    assert place_of(LONG, sentence) == 2
    assert class_ids()["BONUS"] in sentence.classes


def long_cases(marked: bool) -> list[Row]:
    """Long complaints with a debt in one sentence, and as many without; the debt sentence marked or not."""
    rows = []
    for number in range(24):
        case = number % 2 == 0
        debt = "拖欠工资三个月至今没给。" if case else "工资三千五一直没涨。"
        text = f"工资条上没有盖章。奖金方案写在墙上第{number}页。{debt}"
        counted = sources.counted(None, text) | ({"states": (BESIDE, BESIDE, STATES)} if marked and case else {})
        label = Kind.OPEN if case else Kind.DISPUTE
        rows.append(Row(id=str(number), label=label, origin="labelled", group=str(number), platform="weibo", **counted))
    return rows


def test_a_marked_case_teaches_that_its_other_sentences_are_none() -> None:
    def scores(marked: bool) -> list[float]:
        linear = train.fit(long_cases(marked)).sentence
        parts = told("工资条上没有盖章。拖欠工资三个月至今没给").sentences
        return [sum(linear.shares(each).values()) for each in parts]

    (plain_beside, plain_debt), (beside, debt) = scores(marked=False), scores(marked=True)
    assert debt - beside > plain_debt - plain_beside


def test_marks_outlive_the_base(tmp_path: Path) -> None:
    rows = [replace(row, states=(BESIDE, TOUCHES, STATES)) for row in long_cases(marked=False)]
    base.save(rows, 10, tmp_path)
    assert [row.states for row in base.load(tmp_path)[0]] == [row.states for row in rows]


def test_marks_are_a_hash_and_places_and_hold_no_text() -> None:
    lines = sources.packaged("sentences_read.jsonl")
    assert len(lines) >= 440
    for line in lines:
        assert set(line) <= {"hash", "states", "touches"}
        assert re.fullmatch(r"[0-9a-f]{16}", line["hash"])
        places = line["states"] + line.get("touches", [])
        assert all(isinstance(place, int) and place >= 0 for place in places)
        assert len(places) == len(set(places))


@pytest.mark.shared
def test_every_mark_is_on_a_sentence_of_an_open_case() -> None:
    shared = sources.shared_folder()
    if shared is None:
        pytest.skip("no folder of shared posts beside the checkout")
    marks = {line["hash"]: line for line in sources.packaged("sentences_read.jsonl")}
    files = [shared / "data" / name for name in ("labelled.jsonl", "unlabelled.jsonl.gz")]
    texts = [(raw["title"], raw["text"]) for file in files for raw in sources.texts(file)]
    found = {sources.text_hash(*each): each for each in texts if sources.text_hash(*each) in marks}
    assert set(found) == set(marks)
    for key, (title, text) in found.items():
        stops = len(re.findall(r"[。！？!?；;\n]", full_text(title, text)))
        assert max([0, *marks[key]["states"], *marks[key].get("touches", [])]) <= stops
    rows = sources.labelled(shared)
    marked = [row for row in rows if row.states]
    assert all(row.open and len(row.states) == len(row.sentences) for row in marked)
    assert len(marked) > 370


def test_people_read_further_down_while_the_background_is_quiet() -> None:
    truth, scores = [True] * 50 + [False] * 50, [0.9] * 49 + [0.5] + [0.1] * 50
    alone = train.choose_bands(truth, scores)
    quiet = train.choose_bands(truth, scores, [0.3] * 3 + [0.02] * 47, 1000)
    loud = train.choose_bands(truth, scores, [0.6] * 50, 1000)
    assert quiet.review < alone.review == loud.review <= alone.alert
    assert sum(score >= quiet.review for score in [0.3] * 3 + [0.02] * 47) >= 3
