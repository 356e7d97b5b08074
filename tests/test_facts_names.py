"""Names of every kind of employer and site in the sentences people put them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.facts import measure
from monitor.facts.reading import read
from monitor.model import Post

OWN = Path(__file__).parent / "data" / "facts"


def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((OWN / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("file", "fact", "names", "told", "least"), [
    ("names.yaml", "employer", "employers", "of_employers", 0.93), ("names.yaml", "project", "sites", "of_sites", 0.90),
    ("names_2.yaml", "employer", "employers", "of_employers", 0.91),
    ("names_2.yaml", "project", "sites", "of_sites", 0.90),
    ("names_3.yaml", "employer", "employers", "of_employers", 0.78),
    ("names_3.yaml", "project", "sites", "of_sites", 0.85),
    ("names_4.yaml", "employer", "employers", "of_employers", 0.88),
    ("names_5.yaml", "employer", "employers", "of_employers", 0.96),
])  # fmt: skip
def test_a_name_is_found_in_the_sentences_people_use(file: str, fact: str, names: str, told: str, least: float) -> None:
    sentences = table(file)
    cases = [(name, sentence.format(name)) for name in sentences[names].split() for sentence in sentences[told]]
    missed = [
        (text, found)
        for name, text in cases
        if not measure.contained(found := getattr(read(Post(id="1", text=text)), fact), name)
    ]
    print(*missed, sep="\n")
    assert 1 - len(missed) / len(cases) >= least


@pytest.mark.parametrize(
    "text",
    [
        "我在深圳上班,老板拖欠工资", "我在外地打工,工资没拿到", "我们在工地干活,老板不给钱", "投诉老板克扣工资",
        "我们是农民工,工资没发",
        "我是一名普通员工,公司不发工资", "我是公司的员工,工资拖着",
        "我在家里上班,工资没发", "举报公司拖欠工资", "我们厂拖欠工资",
    ],
)  # fmt: skip
def test_what_names_nobody_gives_no_name(text: str) -> None:
    found = read(Post(id="1", text=text))
    assert (found.employer, found.project) == (None, None)


def test_a_private_person_is_never_kept_by_full_name() -> None:
    for text in (
        "刘德明拖欠我们工资",
        "被王大山拖欠工资,怎么办",
        "陈志强老板跑路,我们的工资没着落",
        "在李建国干了半年,工资没结清",
    ):
        found = read(Post(id="1", text=text)).employer
        assert found is None or "姓" in found, (text, found)


def test_the_trade_is_what_the_debtor_does_and_what_is_built() -> None:
    lines = [line.split(" | ") for line in (OWN / "trades.txt").read_text(encoding="utf-8").splitlines()]
    cases = [(text, trade) for text, trade in (line for line in lines if len(line) == 2) if not text.startswith("#")]
    wrong = [(text, trade, found) for text, trade in cases if (found := read(Post(id="1", text=text)).sector) != trade]
    print(*wrong, sep="\n")
    assert len(wrong) <= 2
