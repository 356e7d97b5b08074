"""Names of firms that no ending betrays: brands, clubs and platforms, told by what is said of them.

Knows how headlines name a debtor. Names with an ending are the matter of parties.py, what letters say of spoken.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import ahocorasick_rs
import yaml

from classifiers.tokenizer import words
from monitor.facts.names import AUTHORITY, GENERIC, ONE_OF_MANY, STOPS, of_a_person, of_a_place, trimmed
from monitor.facts.parties import Named, weigh
from monitor.facts.spoken import NO_NAME_BEFORE, NOT_BRAND, spoken

_BRAND = re.compile(
    r"(?:^|[\n:：「」“”\s])(?:网友|多名员工|当事人|媒体)?(?:曝光?|爆料?|"
    r"网传)?(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,14}?)"
    r"(?:被(?:曝|指|爆|传|员工|前员工|供应商|讨薪|起诉)|因(?:被)?欠薪|\s?(?:已经?|长期|一直|大量|恶意)?(?:拖欠|"
    r"欠薪|压着[^，。]{0,4}(?:工资|薪))|宣布|公司欠薪|疑似?(?:欠薪|倒闭|跑路|暴雷|破产)|发不出(?:工资|薪)|"
    r"(?:正式|已|将|拟|宣告|申请)*破产(?:清算)?(?=[，,。 ]|$|前|后)|全员(?:停工|放假|降薪|解散)|大裁员|"
    r"裁员(?=[，,。 不没]|$)|一夜(?:关店|闭店|关门|搬空)|年终奖|断薪|停发|陷(?:入)?(?:欠薪|讨薪)|大规模(?:停工)?欠薪|"
    r"回应[\u4e00-\u9fa5]{0,6}欠薪|(?:突然|集体)?(?:倒闭|闭店|关店|停工|停产|停运|停摆|爆雷|暴雷|人去楼空)|"
    r"(?:连锁)?(?:暂停营业|停业|道歉|致歉|创始人回应|老板回应|官方(?:回应|称))|(?:老板|创始人)(?:说|跑路|失联)|"
    r"(?:前?员工|飞行员|空乘|职工|司机|老师|"
    r"教师|剪辑师|球员|队员|教练|演员|主播|骑手|店员|外教|医生|护士|设计师|程序员|船员|群演|艺人|站长|工程师|"
    r"厨师|保安|护工|教职工|乘务员|列车员|售票员|收银员|导购|记者|编辑|乐手|模特|实习生|分公司|工厂|门店|加盟商|"
    r"代理商|合伙人)"
    r"(?:称|辞职|爆料|讨薪|曝|因被欠薪|被欠薪|集体|联名|发文|围堵|停工|停运|停课|停诊|罢工|罢课|举牌|拉横幅|"
    r"维权|自述|实名|投诉|举报|追薪|追讨|讨要|起诉|没拿到|堵门|喊话))"
)
_BY_BRAND = re.compile(r"被(?![告曝指爆])(?P<name>[A-Za-z\u4e00-\u9fa5·]{2,8}?)(?:拖欠|欠薪|欠)")
_CONTRACTOR = re.compile(
    r"(?:总包|分包|承包方|劳务方)(?:单位|公司|是)?(?P<name>[\u4e00-\u9fa5]{2,4}?)(?=欠|拖欠|没给|不给|没结|未付|说)"
)
_QUOTED = re.compile(
    r"(?:在|[^\u4e00-\u9fa5]|品牌|公司|"
    r"企业)[「“](?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,10})[」”](?=[^，。]{0,6}(?:创始人|员工|公司|倒闭|欠薪|拖欠|上班|"
    r"工作|打工|关停|闭店))"
)
_RESPONDS = re.compile(r"(?:如何看待|当事人)?回应(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,8}?)(?:公司)?(?:欠薪|拖欠)")
_OF_FIRM = re.compile(
    r"(?:的)?(?:公司|员工|职工|被曝|被指|欠薪|拖欠|工资|停工|倒闭|骑手|司机|门店|网点|快递|物流|汽车|老板)"
)
EVIDENCE = 2.5  # what must speak for a known brand that a text mentions: most are only mentioned


@lru_cache(maxsize=1)
def _known() -> tuple[ahocorasick_rs.AhoCorasick, list[tuple[str, str, bool]]]:
    """The automaton of the packaged brands, and of each its name, its trade and whether it is an ordinary word too."""
    with (files("monitor.facts") / "brands.yaml").open(encoding="utf-8") as file:
        table: dict[str, str] = yaml.safe_load(file)
    rows = []
    for trade, listed in table.items():
        alone, _, ordinary = listed.partition("|")
        rows += [(name, trade, False) for name in alone.split()] + [(name, trade, True) for name in ordinary.split()]
    automaton = ahocorasick_rs.AhoCorasick([row[0] for row in rows], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return automaton, rows


def trades(text: str) -> Iterator[tuple[str, str, int, int]]:
    """(name, trade, start, end) of every known brand in `text`."""
    automaton, rows = _known()
    for number, start, end in automaton.find_matches_as_indexes(text):
        name, trade, ordinary = rows[number]
        if name.isascii() and (text[start - 1 : start].isascii() and text[start - 1 : start].isalnum()):
            continue  # EDG in a longer word
        if (not ordinary or _OF_FIRM.match(text, end)) and _whole_words(text, start, end):
            yield name, trade, start, end


def is_known(name: str) -> bool:
    """Whether it is one of the packaged brands."""
    return name in _names()


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(row[0] for row in _known()[1])


def _whole_words(text: str, start: int, end: int) -> bool:
    """Whether no word of the text reaches over an edge of the name, as 千万 and 豪宅 do over 万豪."""
    position, edges = max(0, start - 4), set()
    for word in words(text[position : end + 4]):
        edges.add(position)
        position += len(word)
    return start in edges and (end in edges or end == position)


def _mentioned(text: str, title_end: int) -> Iterator[Named]:
    for name, _, start, end in trades(text):
        weight = weigh(text, name, start, end, title_end)
        if weight >= EVIDENCE:
            yield Named(name, start, end, weight)


def brands(text: str, title_end: int) -> list[Named]:
    """Names without 公司 or 厂, as headlines give them: X被曝欠薪, 被X欠薪."""
    head = text[: title_end or 60]
    found = []
    for pattern, weight in ((_BRAND, 2.5), (_BY_BRAND, 3.0), (_RESPONDS, 2.5), (_QUOTED, 2.0)):
        for match in pattern.finditer(head):
            name, start = trimmed(match["name"], match.start("name"), 2)
            if (
                len(name) >= 2
                and not (GENERIC.search(name) or ONE_OF_MANY.search(name))
                and not (NOT_BRAND.search(name) or NO_NAME_BEFORE.search(name))
                and not (AUTHORITY.search(name) or of_a_place(name))
                and not (of_a_person(name) and not is_known(name))
            ):
                found.append(Named(name, start, match.end("name"), weight + (2.5 if match.end() <= title_end else 0)))
    found += [*spoken(text), *_mentioned(text, title_end)]
    contractors = (m for m in _CONTRACTOR.finditer(text) if not NOT_BRAND.search(m["name"]))
    found += [Named(m["name"], *m.span("name"), 2.0) for m in contractors if not set(words(m["name"])) & STOPS]
    return found
