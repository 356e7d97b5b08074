"""Workers named in judgments: counted by how a name stands among words, whoever it is."""

from __future__ import annotations

import pytest

from monitor.facts.persons import named
from monitor.facts.reading import read
from monitor.model import Post

NAMED = [
    ("被告一直没有将工资结清给司徒明。", ["司徒明"]),
    ("苗春生要求公司支付其2012年9月份工资", ["苗春生"]),
    ("由华丰厂向温小青支付克扣的绩效。", ["温小青"]),
    ("另查明,尤建设的2013年奖金尚未支付。", ["尤建设"]),
    ("冯某在工地担任电焊工,完工后仅得到部分报酬。", ["冯某"]),
    ("龚某、卜某、汤某均为被告雇请的木工", ["龚某", "卜某", "汤某"]),
    ("证人万桂兰到庭作证,被告未付工资", []),
    ("被告法定代表人邵立新承认欠薪", []),
    ("上诉人应予支付工资,向原告出具欠条", []),
    ("于2015年3月向被告主张权利", []),
]


@pytest.mark.parametrize(("text", "names"), NAMED, ids=[text[:12] for text, _ in NAMED])
def test_names_of_workers_in_judgments(text: str, names: list[str]) -> None:
    assert [name for name, _, _ in named(text)] == names
    assert all(text[start:end] == name for name, start, end in named(text))


def test_one_name_is_one_worker_and_two_are_not() -> None:
    assert read(Post(id="1", text="被告于2014年5月停产,自此未再给孟祥云发放过工资。")).workers == 1
    assert read(Post(id="1", text="被告以资金困难为由,拖欠杭某等人的工资。")).workers is None


def test_a_letter_in_the_first_person_is_not_searched_for_names() -> None:
    assert read(Post(id="1", text="我们在石料厂干活,厂长对冯某说过年再给大家结工资,一直没给")).workers is None


@pytest.mark.parametrize(
    "piece",
    ["3名工人、4名工人、", "原告张三、李四、王五", "2012年、2013年、", "3月120元、4月130元、", "1、2、3、4月工资"],
)
def test_a_list_without_end_is_read_like_a_short_one(piece: str) -> None:
    """Twenty thousand characters without a stop: each number looks at its surroundings, not at the whole list."""
    found = read(Post(id="1", text=piece * 2500))
    assert found.amount_yuan is None
    assert found.workers is None or found.workers < 50
