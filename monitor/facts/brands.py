"""Names of firms that no ending betrays: brands, clubs and platforms, told by what is said of them.

Knows who works where, who is accused of not paying, and how headlines name a debtor.
Names with an ending are the matter of parties.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import ahocorasick_rs
import yaml

from classifiers.tokenizer import words
from monitor.facts.names import AUTHORITY, GENERIC, ONE_OF_MANY, REGION, STOPS, nameish, of_a_place, trimmed
from monitor.facts.parties import Named, weigh

_BRAND = re.compile(
    r"(?:^|[\n:：「」“”\s])(?:网友|多名员工|当事人|媒体)?(?:曝光?|爆料?)?(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,14}?)"
    r"(?:被(?:曝|指|爆)|因(?:被)?欠薪|\s?(?:已经?|长期|一直|大量|恶意)?(?:拖欠|欠薪)|宣布|公司欠薪|大规模(?:停工)?欠薪|"
    r"回应[\u4e00-\u9fa5]{0,6}欠薪|突然倒闭|(?:老板|创始人)(?:说|跑路|失联)|(?:员工|飞行员|空乘|职工|司机|老师|"
    r"教师)(?:称|辞职|爆料|讨薪|曝|因被欠薪|被欠薪|集体讨薪))"
)
_KINDS_OF_PEOPLE = (
    r"员工|职工|工人|老师|教师|护士|医生|司机|保安|保洁|服务员|厨师|骑手|主播|教练|队员|球员|店员|"
    r"临聘人员|工作人员|业务员|会计|技术员|辅警|网格员"
)
_SAID_OF_ME = re.compile(
    rf"(?:我|我们|本人)(?:曾经?|原来?|现在?|都)?(?:是|系|为|作为)(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{{3,14}}?)的?"
    rf"(?:一名|一位|一个|全体|普通|在职|离职|退休|下岗|老|临时|合同制|后厨|前台)*(?:{_KINDS_OF_PEOPLE})|"
    r"(?:我|本人|我们|曾|一直)在(?P<place>[\u4e00-\u9fa5A-Za-z0-9·]{3,14}?)(?:上班|打工|工作(?!的|期间)|任职|当(?:保安|服务员|厨师|老师|会计|司机|保洁)|做(?:保安|"
    r"服务员|厨师|保洁|销售|会计|客服|收银))"
)
_HIRED_BY = re.compile(
    r"(?:应聘到|应聘|入职了?|就职于|受雇于|供职于|被聘到|招聘到|任职于)(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{3,14}?)(?:工作|上班|任职|从事|担任|做|当|[，。,;；])|"
    r"(?:被告|被申请人)(?:[:：是为])?(?P<place>[\u4e00-\u9fa5A-Za-z0-9·]{3,14}?)(?:应当?|于|向原告|支付|拖欠|未|没有|辩称|不服|至今|尚欠)"
)
_OF_NOBODY = re.compile(r"各|乡镇|战线|系统|基层|打工人|劳动者|环境|同事|家长|孩子|学生|保险|疫情|情况|时候|自己")
_SAID_AGAINST = re.compile(
    r"(?:投诉|举报|反映|曝光|控告|避雷|揭露|关于)(?:一下|下)?(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{3,16}?)(?:长期|恶意|一直|无故|随意|非法|违法|多次|"
    r"严重)*(?:[,，]?欠[了我工]|拖欠|克扣|欠薪|欠发|不发|扣发|扣押|欠[员工教职民农]|未发|停发|不给)"
)
_NO_PLACE_OF_WORK = re.compile(
    r"工地|项目|工程|[省市县区镇乡村]$|外地|外面|外省|这里|那里|这边|那边|老家|家里|家乡|本地|当地|城里|广东|深圳|上海|北京|浙江|江苏|福建|"
    r"[一某各该这那]家|[一某该这那]个|公司$|单位$|工厂$|学校$|医院$|酒店$|饭店$|企业$|期间|以后|之前|时候|建筑|车间|厂里|店里|他|她|我|老板|包工头|"
    r"大桥|小区|高速|铁路|隧道|楼|战线|系统|基层|各|你们|有关|部门|领导|农民工|民工|工资|政府$|[一二三四五六七八九十\d]+(?:年|月|名|个|天)"
)
_BY_BRAND = re.compile(r"被(?![告曝指爆])(?P<name>[A-Za-z\u4e00-\u9fa5·]{2,8}?)(?:拖欠|欠薪|欠)")
_CONTRACTOR = re.compile(
    r"(?:总包|分包|承包方|劳务方)(?:单位|公司|是)?(?P<name>[\u4e00-\u9fa5]{2,4}?)(?=欠|拖欠|没给|不给|没结|未付|说)"
)
_QUOTED = re.compile(
    r"(?:在|[^\u4e00-\u9fa5]|品牌|公司|企业)[「“](?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,10})[」”](?=[^，。]{0,6}(?:创始人|员工|公司|倒闭|欠薪|拖欠|上班|"
    r"工作|打工|关停|闭店))"
)
_RESPONDS = re.compile(r"(?:如何看待|当事人)?回应(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,8}?)(?:公司)?(?:欠薪|拖欠)")
_NOT_BRAND = re.compile(
    r"^(?:近|第|首批|万|元|全|人均|已|这|我们|该|本|小?包工头|工头|消费者|家长|涉事|男子|女子|老板|公司|企业|工人|农民工|员工|网友|记者|老赖|医院|学校|有人|又有|多名|部分|他们|我们|单位|"
    r"领导|政府|平台|长期|恶意|因|被|仍|还|一直|至今|为何|法院|大量|无故|克扣|或者|国家|遭遇|消费者|事件|官方)|"
    r"原告|被告|告[尚仍拖支共]|^告|支付|判令|[要讨付因应]|(?:工|师|医护|司机|教练|球员|老人|包工头|网友|人员|们|"
    r"被|遭|酬|后|(?<!多)多|工地|项目|工程|标段?|大桥|小区|高速|铁路|隧道|广场|水库|厂房)$|\d+人|[\d一二三四五六七八九十百]+名|\d万|工资|怎么|如何|什么|以来|[年月日]|工友|项目部|[两二三几]包"
)


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
                and not _NOT_BRAND.search(name)
                and not (AUTHORITY.search(name) or of_a_place(name))
            ):
                found.append(Named(name, start, match.end("name"), weight + (2.5 if match.end() <= title_end else 0)))
    found += [*_by_context(text), *_mentioned(text, title_end)]
    contractors = (m for m in _CONTRACTOR.finditer(text) if not _NOT_BRAND.search(m["name"]))
    found += [Named(m["name"], *m.span("name"), 2.0) for m in contractors if not set(words(m["name"])) & STOPS]
    return found


def _by_context(text: str) -> list[Named]:
    """Names that no ending betrays: where somebody works, whose worker somebody is, who is accused of not paying."""
    found = []
    for pattern, weight in ((_SAID_OF_ME, 2.0), (_SAID_AGAINST, 2.5), (_HIRED_BY, 2.0)):
        for match in pattern.finditer(text):
            group = match.lastgroup or "name"
            name, start = trimmed(match[group], match.start(group), 2)
            plain = REGION.sub("", name)
            of_name = any(pattern.search(name) for pattern in (_OF_NOBODY, AUTHORITY, ONE_OF_MANY, _NOT_BRAND))
            of_plain = any(pattern.search(plain) for pattern in (_NO_PLACE_OF_WORK, GENERIC))
            if (
                len(plain) >= 2
                and len(name) >= 3
                and not (of_name or of_plain or name.endswith("的"))
                and nameish(plain)
            ):
                found.append(Named(name, start, match.end(group), weight))
    return found
