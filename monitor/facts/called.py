"""Names that a text introduces: 一家公司叫甲木, 网红奶茶“乙禾”, 老板是什么丙川环境. Knows how, not whether they owe.

Headlines and known brands are the matter of brands.py, what is said of those who work there of spoken.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.tokenizer import word_class, words
from monitor.facts.beginnings import quick
from monitor.facts.brands import is_known
from monitor.facts.endings import LOOSE
from monitor.facts.names import (
    AUTHORITY,
    GENERIC,
    ONE_OF_MANY,
    REGION,
    STOPS,
    in_no_name,
    nameish,
    of_a_person,
    of_a_place,
    only_kinds,
    trimmed,
)
from monitor.facts.parties import Named

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·]"
_KIND = (
    r"(?:品牌|公司|企业|[小大便门网]店|店铺|连锁店?|平台|机构|工作室|网红店?|奶茶|火锅|健身房|商|团购|软件|游戏|"
    r"餐厅|酒店|饭店|民宿|超市|学校|幼儿园|医院|门诊部?|诊所|"
    r"厂|俱乐部|球队|战队|剧组|车企|新势力|房企|物业|集团|美容院|影院|培训班|驾校|养老院|餐饮|快递|物流|劳务|"
    r"装修队?|家政|婚庆|电商|独角兽|龙头|老字号|中介|工程队|施工队|"
    r"合作社|农庄|景区|乐园|单位|店)"
)
_HAPPENS = (
    r"(?:一夜|突然|停[业摆服产工运]|关[停门店闭]|闭店|倒闭|跑路|失联|拖?欠|被|员工|店员|骑手|司机|老板|创始人|"
    r"负责人|门店|总部|站长|暴雷|爆雷|破产|卷款|人去楼空|宣布|资金链|旗下|"
    rf"{_KIND}|[\u4e00-\u9fa5]{{0,4}}店|上班|打工|工作|干了|做了)"
)
_CALLED = re.compile(
    rf"(?:叫(?:做|什么)?|(?<=[个家地])什么)[“「\"]?(?P<name>{_NAME}{{2,14}}?)[”」\"]?(?=[，。,；;（(()、\s]|的|"
    rf"上班|打工|工作|干|做|公司|$)"
)
_CALLED_AFTER = re.compile(
    rf"(?:{_KIND}[，,]?(?:的?名字|名称|名)?(?:是|就)?|一个|一家|是个|是家|[那这有]家|开了?[个家]|招牌|店面|厂子|"
    rf"饭店|馆子|外地|本地|最早|最近一[个家块])$"
)
_CALLED_FAR = re.compile(rf"{_KIND}[^。！？；]{{0,16}}[，,](?:名字|就)?$|名字(?:就|是)?$")
_CALLED_NOT = re.compile(r"[我你他她们都就不别再能来去]$|大家$|人家$")
_QUOTED = re.compile(rf"[“「](?P<name>{_NAME}{{2,10}})[”」]")
_QUOTED_AFTER = re.compile(rf"{_KIND}$")
_QUOTED_LED = re.compile(r"(?:[的在给跟与和被由为帮对去到]|名叫|叫)$")
_QUOTED_BEFORE = re.compile(_HAPPENS)
_NO_PARTY = re.compile(
    r"[的了是不没就也都要把被让我你他她它这那吗呢吧啊，某\d某等至从为将]|工资|工钱|合同|"
    r"[年月处额多后前时天人包]$|^[一二三两]|单位|原告|被告|工作|^[费认人]"
)
_LOOSE_NAME = re.compile(r"[的了是不没就也都要把被让我你他她它这那吗呢吧啊，]|工资|工钱|合同")
_PARTY = quick(
    r"(?:被投诉(?:单位|企业|公司|人|方)?|被举报(?:单位|企业|公司|人|方)?|欠薪(?:单位|企业|公司|方)|投诉(?:对象|"
    r"单位|企业)|涉事(?:企业|公司|单位)|用工单位|被告|被申请人|被执行人|被上诉人|上诉人|施工单位|承建单位|"
    r"承建方|施工方|总承?包方?|分包方?|用人单位|劳务方?|制片方|物业公司|店名|厂名|公司名称?|企业名称|单位名称|"
    r"总包单位|分包单位|中标单位|上面公司是一家|公司是|单位是|厂家是|"
    r"老板是|甲方是)|中标的|经营的|名下"
)
_PARTY_NAME = re.compile(
    rf"(?:[:：是为叫一二三1-3]|一家|的)?(?P<name>{_NAME}{{3,16}}?)(?=[，。,；;、（(\s]|$|工程|公司|应|未|支付|辩|"
    rf"拖|欠|与|在|于|对|设备|车间|至今|以|因|自|从|将|已|向|就|\d|的)"
)
_NO_NAME = re.compile(
    r"^(?:今|老(?:板|百姓|赖|乡|人|员工|师|家|婆|公)|包|黑|三|两|N|不|没|先|再|等|你|我|他|她|被|已|无|零|高|低|"
    r"优化|自愿|毕业|劳动|工资|生活费|阶段|人去楼空|现|停业|设备|人才|最|合(?:同|作|伙|法|计|格|理|适)|实习|"
    r"恶意|临时|兼职|灵活|"
    r"经营|资金|正|个人|承揽|合作|赔偿|农民工|打工|血汗|福利|奖金|绩效)|[吗呢吧了啊呀的]$|费$|款$|工资|合同|"
    r"协议|借条|欠条|群$|[一二两三四五六七八九十]+[年月天]"
)


_CREW = re.compile(r"《[^《》]{2,14}》(?:剧组|摄制组|节目组|栏目组|项目组|制作组)")
_TAKES = quick(
    r"[承外发转]?包给|转让给|现在归|改名叫?|更名为|接管的|接手的|运营方|主办方|承办方|制作方|出品方|经营方|管理方|"
    r"合同是[跟和与]|收购方|公司是|牌子(?:叫|是)|人力是|属于|关系挂?在|挂靠?在|合同签在|劳务公司|派遣公司|"
    r"中介(?:公司)?(?:是|叫)"
)
_TAKER = re.compile(
    rf"(?:了)?(?:一家|一个)?(?:叫|什么)?(?P<name>{_NAME}{{2,14}}?)(?=[，。,；;、（(\s]|$|公司|来?管|接管|经营|"
    rf"运营|承包|道歉|致歉|说|讲|称|那边|的人|支付|负责|来做|拖|欠|[一至]直?今?没|名下|代发|的人|签|下面)"
)
_LETTERS = re.compile(
    r"[A-Z](?<![A-Za-z\d].)[A-Za-z]{1,9}(?=战队|俱乐部|选手|队员|电竞|青训|分部|公司|员工|健身|影城|教育|门店|集团)"
)


def called(text: str) -> list[Named]:
    """Names introduced as such, each with what speaks for it."""
    found = [*_with_a_verb(text), *_between_marks(text), *_of_a_party(text), *_by_the_way(text)]
    return [Named(name, start, end, weight, frozenset(signs)) for name, start, end, weight, signs in found]


def _with_a_verb(text: str) -> Iterator[tuple[str, int, int, float, set[str]]]:
    """一家公司叫甲木, 公司是做家装的,叫甲木整装."""
    for match in _CALLED.finditer(text):
        from_ = max(0, match.start() - 16)
        near = _CALLED_AFTER.search(text, from_, match.start())
        far = not near and _CALLED_FAR.search(text, from_, match.start())
        name, start = trimmed(match["name"], match.start("name"), 2)
        ends = not near and not far and LOOSE.search(name) and not _CALLED_NOT.search(text, from_, match.start())
        if (near or far or ends) and _can_be(name):
            yield name, start, match.end("name"), 2.5 if near else 1.5, {"called" if near else "called far"}


def _between_marks(text: str) -> Iterator[tuple[str, int, int, float, set[str]]]:
    if "“" not in text and "「" not in text:
        return
    for match in _QUOTED.finditer(text):
        name = match["name"]
        if (
            not _can_be(name)
            or (_known_word(name) and not _QUOTED_AFTER.search(text, max(0, match.start() - 6), match.start()))
            or any(in_no_name(word) for word in words(name))
            or (_LOOSE_NAME.search(name) and len(name) > 4)
        ):
            continue
        kind = _QUOTED_AFTER.search(text, max(0, match.start() - 6), match.start())
        led = _QUOTED_LED.search(text, max(0, match.start() - 2), match.start())
        happens = _QUOTED_BEFORE.match(text, match.end())
        signs = (
            {"in quotes"}
            | ({"quoted, it happens"} if happens else set())
            | ({"quoted after its kind"} if kind else set())
        )
        yield (
            name,
            match.start("name"),
            match.end("name"),
            2.5 if happens or kind else 1.2,
            signs | ({"quoted, led"} if led else set()),
        )


def _of_a_party(text: str) -> Iterator[tuple[str, int, int, float, set[str]]]:
    """被告甲木纺织, 施工单位乙禾环保: what stands where a party does, if it can be a name."""
    for cue in _PARTY.finditer(text):
        match = _PARTY_NAME.match(text, cue.end())
        if match is None:
            continue
        name, start = trimmed(match["name"], match.start("name"), 2)
        if _can_be(name) and _of_a_firm(name, cue[0]) and not _NO_PARTY.search(name):
            yield name, start, match.end("name"), 1.5, {"party"}


def _by_the_way(text: str) -> Iterator[tuple[str, int, int, float, set[str]]]:
    """活包给了甲木, 《乙禾》剧组, KXG选手: who took the work, a crew by its film, a club by its letters."""
    for cue in _TAKES.finditer(text):
        match = _TAKER.match(text, cue.end())
        if match is None:
            continue
        name, start = trimmed(match["name"], match.start("name"), 2)
        if _can_be(name) and nameish(REGION.sub("", name)) and not _NO_PARTY.search(name):
            yield name, start, match.end("name"), 1.5, {"party"}
    crews = _CREW.finditer(text) if "《" in text else ()
    for match in (*crews, *_LETTERS.finditer(text)):
        yield match[0], *match.span(), 1.5, {"called far"}


def _of_a_firm(name: str, whole: str) -> bool:
    """A party of a case must end as a firm of some trade does; one whose part in the works is told, only be a name."""
    return bool(LOOSE.search(name)) if whole.startswith(("被", "上")) else nameish(REGION.sub("", name))


def _known_word(name: str) -> bool:
    """改制, 独角兽: a word in quotes is none."""
    return len(words(name)) == 1 and bool(word_class(name)) and not is_known(name)


def _can_be(name: str) -> bool:
    plain = REGION.sub("", name)
    if (
        len(plain) < 2
        or name in STOPS
        or only_kinds(name)
        or of_a_person(name)
        or of_a_place(name)
        or _NO_NAME.search(name)
    ):
        return False
    return not any(pattern.search(name) for pattern in (GENERIC, ONE_OF_MANY, AUTHORITY))
