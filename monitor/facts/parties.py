"""Who owes: companies, schools, offices and foremen named in a text.

Knows how such names are built and which words betray the debtor. A private person is named by surname and role only
(包工头(姓辛)), for the object is the debt. Knows no register; register.py does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from classifiers.tokenizer import words
from monitor.facts.clauses import WAGE
from monitor.facts.endings import endings
from monitor.facts.names import (
    AUTHORITY,
    FIRST_STOPS,
    REGION,
    STOPS,
    TOWN_BEFORE,
    WEAK_STOPS,
    core_of,
    tells_a_firm,
    trimmed,
    whole,
)

_TREATED = re.compile(
    r"^(?:门诊|急诊|骨科|外科)?(?:住院|治疗|医治|抢救|急救|进行|手术|检查|就诊|就医|缝|诊断|拍片|鉴定|照)"
)
_OWES = re.compile(
    rf"^(?:的?(?:老板|负责人|领导|校方|校长|项目部|总经理|法人))?(?![^，。]{{0,3}}(?:没有发生|回应|"
    rf"否认|[^，。]{{0,12}}(?:范围内|连带)))[^，。！？\n]{{0,9}}?(?:拖欠|欠薪|欠|克扣|扣|不发|没发|未发|不给|"
    rf"没给|迟迟|停发|不付|未付|未支付|"
    rf"没有发|没有?兑现|未兑现|拖着|押|没结|不结|拒不|欠发|少发|违反劳动法)"
    rf"|^[^，。！？\n]{{0,12}}(?:{WAGE})[^，。！？\n]{{0,8}}(?:没|未|不|拖|欠)|^(?:应当?|立即|未|一直)?(?:支付|"
    rf"向原告)"
)
_PRESS = re.compile(r"(?:报社|电视台|广播站|出版社|杂志社)$")  # named mostly because it reports
_FIRM_INSIDE = re.compile(r"公司|局|集团|路桥|建工|建设|劳务")
_OWES_ITSELF = re.compile(
    r"^(?:、[\u4e00-\u9fa5]{2,4}局)?(?:长期|一直|至今|恶意|仍|还)?(?:拖欠|欠|克扣|不发|没发|不给|停发|扣发|"
    r"(?:没有?|未|不)(?:兑现|发放|落实|支付|给)|请[我他]|辞退|开除|解聘|雇|招聘?)"
)
_BUILDS = re.compile(r"^(?:承建|承包|总承包|分包|中标)")
_BUILDER = re.compile(
    r"(?:公司|集团|建工|建设|建筑|建安|劳务|路桥|装饰|市政|幕墙|钢构|[局冶投建队])$"
)  # who works on sites, and is none
_SITE_AFTER = re.compile(
    r"^(?:的)?(?:新院区|教学楼|综合楼|宿舍楼|住院楼|改?扩建|改建|改造|迁建|提标|厂房|二期|三期)?(?:工地|"
    r"项目(?!经理|部)|工程(?!师|队|款)|楼盘)|"
    r"^(?:新院区|教学楼|综合楼|宿舍楼|住院楼|工程的)"
)
_DEVELOPS = re.compile(r"^(?:开发|投资开发|的楼盘)")
_NEWS = re.compile(r"^(?:被曝|被指|回应|宣布|疑似|大规模|承认|否认|突然|员工|门口|多地|停工|倒闭|破产|官方|骑手|被)")
_WORKS_AT = re.compile(r"(?:在|到|去|进|来|于|入职|就职于|供职|是|我们|为|给|帮|跟)[^，。！？\n]{0,6}$")
_MEMBER = re.compile(r"(?:我|我们|本人)(?:曾)?(?:是|系|原是|在|于|为)$")
_MEMBER_AFTER = re.compile(
    r"^的?(?:一名|一位|一个|全体|在职|普通|离职|财务)?(?:员工|职工|工人|老师|教师|电工|人员|司机|护士|医生|保安|民工)"
)
_AT = re.compile(r"(?:在|到|去|进|于|至|由|为|系)(?:位于)?$")
_AT_WORK = re.compile(
    r"^(?:的)?(?:正式|开始|一直|兼职|实习)?(?:工作(?!人员|组|的?时)|上班|任职|就职|打工|做事|干活|从事|担任|开车|实习|"
    r"当(?:保安|保洁|老师|教师|司机|会计|门卫)|务工|任教|代课|服务了|做(?:保安|保洁|门卫|厨师)|的?(?:下岗|内退|"
    r"退休|在职|离职|原)?(?:职工|员工)(?=[，。,、]|$))"
)
_HIRED = re.compile(
    r"^(?:聘请|聘用|聘为|聘任|招聘|招用|录用|录取|雇|辞退|解聘|开除|招工|建立(?:事实)?劳动|签订|签了|签的|"
    r"劳动合同|解除)"
)
_FOR = re.compile(r"(?:给|帮|为|跟)$")
_WORKED_FOR = re.compile(r"^(?:干|做|修|盖|建|打|装|运|拉|搞|砌|刷|扫|看|守|种|绿化|施工)")
_ITS_OWN = re.compile(r"^(?:聘请|聘用|招聘|雇佣|招录|招收)的")
_WITH = re.compile(r"(?:与|和|跟|被|由|受|经)$")
_TREATS = re.compile(
    r"^(?:的?(?:领导|老板|负责人|院方|校方))?(?:长期|一直|至今|公然|非法|违法|无故|擅自|单方面?|强行|恶意|经常|"
    r"仍然|明知|既)*"
    r"(?:不与|未与|没有?与|不和|没和|不给|未给|没给|没有给|不为|未为|不签|未签|没有签|未依法|不缴|未缴|不交|"
    r"欠缴|欠交|强制|强迫|逼|要求员工|"
    r"辞退|开除|裁|解聘|违反|侵害|侵犯|剥夺|压榨|剥削|欺骗|欺压|歧视|非法用工|乱扣|罚|降薪|拒付|拒绝|收取|降低|"
    r"安排|毁约)"
)
_ONE_NAME = re.compile(r"(?![欠拖扣老员职工的与和在被将把、])[\u4e00-\u9fa5A-Z0-9]{0,8}")
_BESIDE = re.compile(r"^[^。；，\n]{0,14}(?:范围内|连带|补充(?:清偿)?责任)")  # who pays only if the debtor does not
_FORMERLY = re.compile(r"[(（](?:原|前身|曾用名)[^()（）]{0,6}$")
_COMPLAINS = re.compile(r"(?:投诉|举报|反映|控告|关于|揭露|避雷|曝光|起诉)[^，。！？\n]{0,6}$")
_DEFENDANT = re.compile(
    r"(?:被告|被申请人|被上诉人|判令|责令|用人单位|施工单位|承建|承包|总包|分包|"
    r"劳务(?:公司)?)[^，。！？\n]{0,4}[:：为是]?$"
)
_OWNER = re.compile(r"(?:建设单位|业主|开发商|甲方|监理|发包|开发|供|租给)[^，。！？\n]{0,4}[:：为是]?$")

_FIRM_END = re.compile(r"(?:股份|集团)?(?:有限)?(?:责任)?(?:公司|集团)$")
_ALONE = frozenset("的了着该贵这那各是被我们你他她，。、；：！？,.;:!? \n\t") | {""}
LEAST, SURE = -1.5, 2.5  # what must speak for a name to be weighed at all; before a foreman by the plain rule


@dataclass(frozen=True, slots=True)
class Named:
    """A name found, where, and how much speaks for it."""

    name: str
    start: int
    end: int
    weight: float
    signs: frozenset[str] = frozenset()


def both(first: Named, again: Named, more: float) -> Named:
    """One name from two mentions: where it stood first, with what either says."""
    signs = first.signs | again.signs | {"thrice" if "twice" in first.signs else "twice"}
    return Named(first.name, first.start, first.end, max(first.weight, again.weight) + more, signs)


def organisations(text: str, title_end: int) -> dict[str, Named]:
    """The organisations of a text that may owe, by name."""
    merged: dict[str, Named] = {}
    floor, matches = 0, list(endings(text))
    for match, following in zip_longest(matches, matches[1:]):
        if following and _runs_on(text[match.end() : following.start()], match[0]):
            continue  # 甲木集团乙禾公司: one name
        named = _organisation(text, match, floor, title_end)
        floor = match.end()
        if named is None:
            continue
        held = merged.get(named.name)
        merged[named.name] = named if held is None else both(held, named, 0.4)
    return merged


def _runs_on(between: str, ending: str) -> bool:
    """Whether a name goes on into the next: a group and its firm, a firm and its branch."""
    return (
        ending.endswith(("集团", "公司"))
        and len(between) <= 8
        and bool(_ONE_NAME.fullmatch(between))
        and not (set(words(between)) & (STOPS | WEAK_STOPS | FIRST_STOPS))
    )


def in_full(best: Named, others: list[Named]) -> Named:
    """The longest form of the best name that the text gives: 华剑公司 -> 华剑置业有限公司."""
    core = _FIRM_END.sub("", REGION.sub("", best.name))
    if len(core) < 2 or len(core_of(best.name)) < 2:
        return best
    longer = [n for n in others if core in n.name and n.name.endswith("公司") and len(n.name) > len(best.name)]
    return max(longer, key=lambda n: n.weight) if longer else best


def _organisation(text: str, match: re.Match[str], floor: int, title_end: int) -> Named | None:
    if text[match.start() - 1 : match.start()] in _ALONE:
        return None  # 我公司, 该公司, the beginning of a clause: no name before it
    said = whole(text, match, floor)
    name, start = trimmed(*said, len(match[0]))
    if not _is_one(name, match[0]) and "有限" in match[0]:
        name, start = trimmed(*said, len(match[0]), registered=True)
    if not _is_one(name, match[0]):
        return None
    inner = TOWN_BEFORE.sub("", name)
    if inner != name and len(core_of(inner)) >= 2 and len(inner) >= 4:
        name, start = inner, start + len(name) - len(inner)  # 柳溪镇甲木建工 is 甲木建工
    signs = told_of(text, name, start, match.end(), title_end)
    weight = rated(signs)
    return Named(name, start, match.end(), weight, signs) if weight >= LEAST else None


def _is_one(name: str, ending: str) -> bool:
    return len(name) > len(ending) and tells_a_firm(name)


RATES = {
    "in the title": 1.5, "firm or works": 0.5, "owes": 3.0, "works at": 1.5, "member": 2.5, "treats": 1.5,
    "builds": 1.5, "liable beside": -3.0, "develops": -1.5, "accused": 1.5, "defendant": 2.0, "owner": -1.5,
    "formerly": -2.0, "site or sickbed": -3.0, "office on a site": -2.5, "news": 2.0, "press": -2.5,
    "authority that owes": -1.0, "authority": -6.0,
}  # fmt: skip


def weigh(text: str, name: str, start: int, end: int, title_end: int) -> float:
    """How much the words around a name speak for its owing: 1 where they say nothing, less for somebody else."""
    return rated(told_of(text, name, start, end, title_end))


def rated(signs: frozenset[str]) -> float:
    """What signs come to by the plain rule."""
    return 1.0 + sum(RATES.get(sign, 0.0) for sign in signs)


def told_of(text: str, name: str, start: int, end: int, title_end: int) -> frozenset[str]:
    """The signs around one mention of a name: what is said before and after it, and of which kind the name is."""
    before = text[max(0, start - 12) : start].rstrip("「“\"'")
    after = text[end : end + 24].lstrip("」”\"'")
    site = bool(_SITE_AFTER.match(after)) and not _BUILDER.search(name)
    member = bool(
        _MEMBER.search(before)
        or _MEMBER_AFTER.match(after)
        or (_AT.search(before) and _AT_WORK.match(after))
        or (_WITH.search(before) and _HIRED.match(after))
        or before.endswith("入职")
        or (_FOR.search(before) and _WORKED_FOR.match(after))
        or _ITS_OWN.match(after)
    )
    held = {
        "in the title": start < title_end,
        "firm or works": name.endswith(("公司", "厂")),
        "owes": not site and bool(_OWES.match(after)),
        "works at": bool(_WORKS_AT.search(before)),
        "member": member,
        "treats": not member and bool(_TREATS.match(after)),
        "builds": bool(_BUILDS.match(after)),
        "develops": bool(_DEVELOPS.match(after)),
        "accused": bool(_COMPLAINS.search(before)),
        "defendant": bool(_DEFENDANT.search(before)),
        "owner": bool(_OWNER.search(before)),
        "formerly": bool(_FORMERLY.search(before)),
        "site or sickbed": site or bool(_TREATED.match(after)),
        "office on a site": name.endswith("项目部") and not _FIRM_INSIDE.search(name),
        "news": start < title_end and bool(_NEWS.match(after)),
        "liable beside": bool(_BESIDE.match(after)),
        "press": bool(_PRESS.search(name)),
    }
    if AUTHORITY.search(name):
        held["authority that owes" if member or _OWES_ITSELF.match(after) else "authority"] = True
    return frozenset(sign for sign, holds in held.items() if holds)
