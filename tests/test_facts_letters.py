"""Invented letters and posts by writers who had not run the rules: who owes, for which site, in which trade.

Each file was scored once before any rule was turned to it: docs/decisions/2026-11-25-facts-by-rules.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.facts import learn, learn_debtors, measure
from monitor.facts.debtors import candidates, debtor
from monitor.facts.reading import read
from monitor.incidents.names import specific

OWN = Path(__file__).parent / "data" / "facts"
FILES = sorted(OWN.glob("letters_*.txt"))
FLOORS = {"employer": 0.72, "project": 0.65}  # F1


def test_who_owes_and_where_in_letters() -> None:
    rows = [row for path in FILES for row in learn.letters(path)]
    facts = {row["id"]: read(measure.post_of(row)) for row in rows}
    table = measure.scores(rows, facts)
    for fact in FLOORS:
        print(f"{fact:12} F1 {table[fact].f1:.3f} of {table[fact].hit + table[fact].missed}")
    right, total = measure.sector_accuracy(rows, facts)
    print(f"sector {right}/{total}")
    assert len(rows) >= 160
    assert {fact: table[fact].f1 >= floor for fact, floor in FLOORS.items()} == dict.fromkeys(FLOORS, True)
    assert right / total >= 0.70


def test_posts_that_no_rule_was_turned_to() -> None:
    """The half of two batches that is never learnt from and never read: what a new post gives."""
    rows = learn.letters(OWN / "sealed_posts.txt")
    facts = {row["id"]: read(measure.post_of(row)) for row in rows}
    table = measure.scores(rows, facts)
    right, total = measure.sector_accuracy(rows, facts)
    print({fact: round(score.f1, 3) for fact, score in table.items()}, f"sector {right}/{total}")
    assert table["employer"].f1 >= 0.68
    assert right / total >= 0.90


OWES = [
    ("我在一家做检测的公司上班,公司叫禾准检测,三个月工资没发", "禾准检测"),
    ("网红奶茶“甲木茶事”一夜关店,店员的工资没人管", "甲木茶事"),
    ("被告卓某于十日内付给原告劳务报酬8354元,被告青禾县第二建筑公司在欠付工程款范围内承担责任", "卓某"),
    ("给丙川沙场拉了半年砂石,工资一直没给", "丙川沙场"),
    ("被申请人望舟市明溪水处理设备有限公司于五日内支付申请人工资差额", "望舟市明溪水处理设备有限公司"),
    ("《北岭渡》剧组跑了,群演的工钱没人认账", "《北岭渡》剧组"),
    ("县动物园的活包给了丁木环境,丁木环境拖欠饲养员工资", "丁木环境"),
    ("裁决望舟云木教育咨询有限公司支付申请人三个月工资", "望舟云木教育咨询有限公司"),
]


@pytest.mark.parametrize(("text", "name"), OWES, ids=[name for _, name in OWES])
def test_who_owes(text: str, name: str) -> None:
    found = debtor(text, 0)
    assert found is not None
    assert measure.contained(found.name, name)


def test_every_candidate_stands_where_it_says() -> None:
    for text, _ in OWES:
        for named, signs in candidates(text, 0):
            assert signs
            if "(" not in named.name:
                assert text[named.start : named.end] == named.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("被申请人汪某某拖欠申请人工资8000元", "被告(汪某某)"),
        ("作为加工点经营者的经营者柏某拖欠工人工资", "个人(柏某)"),
        ("带班的姓敖,一直不给我们工钱", "包工头(姓敖)"),
        ("清淤的活包给一个姓邬的,到现在没给工钱", "包工头(姓邬)"),
        ("据被告张某金的自述,工钱未结算过", None),
        ("应就拖欠被告辛某某工资款担责", None),
    ],
)
def test_a_private_debtor_is_a_role_and_a_surname_and_joins_no_two_debts(text: str, name: str | None) -> None:
    found = debtor(text, 0)
    assert (found and found.name) == name
    assert not specific(name)


def test_a_span_that_names_something_else_is_no_candidate() -> None:
    text = "我在甲木公司上班,工资没发"
    assert debtor(text, 0) is not None
    assert debtor(text, 0, [(2, 6)]) is None


@pytest.mark.shared
@pytest.mark.skipif(measure.shared() is None, reason="set XINSHAO_SHARED to the folder with data/labelled.jsonl")
@pytest.mark.parametrize(
    ("halves", "kept"), [("AB", learn_debtors.WEIGHTS), ("A", OWN / "without_b" / "debtors.json")], ids=["shipped", "A"]
)
def test_the_weights_are_what_learning_gives(halves: str, kept: Path) -> None:
    """Shipped is what both halves teach; half B is reported by what half A teaches alone."""
    folder = measure.shared()
    assert folder is not None
    written = json.loads(kept.read_text(encoding="utf-8"))
    learnt = learn_debtors.learn(learn_debtors.rows_of(folder, OWN, halves))
    assert learnt["signs"].keys() == written["signs"].keys()
    assert all(abs(written["signs"][sign] - weight) < 0.02 for sign, weight in learnt["signs"].items())
