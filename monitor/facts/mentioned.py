"""Every name of a place that a text mentions, and how much speaks for the work being there.

Knows roles: the site, the home town, where a boss fled to, a road, a dish, a newspaper, a firm's seat; and that
沿海城市 is no 海城市. Which of them is meant is chosen in place.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifiers.tokenizer import word_class, words
from monitor.facts.gazetteer import gazetteer, trimmed
from monitor.facts.surnames import word_list

_NOT_AFTER_SHORT = re.compile(
    r"路|街(?!道)|大道|大街|巷|站(?!点)|机场|港(?!区)|湾|门(?!店|口)|大学|学院|银行|时间|现代|航空(?!港)|拉面|小面|"
    r"烤鸭|话|菜|队|足球|重工|汽车|保险|师范|交通大|理工|财经|股份|大厦|广场|饭店|实业|证券|"
    r"建工|城建|一建|二建|三建|四建|五建|六建|地产|置业|东路|西路|南路|北路|中路|快报|南部|北部|东部|西部"
)
_MEDIA_AFTER = re.compile(
    r"(?:市|省)?(?:日报|晚报|青年报|晨报|商报|卫视|新闻|都市报|时报|电视台|交通广播|早报|发布|网讯|快讯|之声|"
    r"法治报|生活报|城市报|热线)"
)
_COMPANY_AFTER = re.compile(r"[\u4e00-\u9fa5A-Za-z（）()]{0,14}?(?:有限|股份|集团|公司)")
_COMPANY_BREAK = re.compile(r"[的在，。、]|一家|某|工地|项目|当地|本地|多家")
_HOME_AFTER = re.compile(
    r"(?:市|省|县)?(?:的?(?:老板|包工头|客商|商人)|人(?![民社大才事力气流])|籍|老乡|老家|户口|出来的|过来的|"
    r"媳妇|妹子|小伙|农村人|"
    r"的农民(?!工)|农民(?!工)|那边过来)"
)
_HOME_BEFORE = re.compile(
    r"(?:老家(?:在|是)?|来自于?|家住|家在|户籍(?:所在)?地?(?:为|是|在)?|籍贯[:：是]?|身份证|回到?|我是|本人是?|"
    r"我们是|都是|出生于?|从)[:：]?[\u4e00-\u9fa5]{0,3}$"
)
_SITE_BEFORE = re.compile(
    r"(?:在|位于|地处|坐标|去到?|来到?|到|地址|项目地|工地在|跑到|前往|地点[:：]?|#|【|于)[:：]?(?:了|的)?$"
)
_SITE_AFTER = re.compile(
    r"(?:市|省|县)?(?:的)?(?:[一某]|多名|数十|工地|项目|打工|上班|干|做|工作|本地|当地|分公司|分店|店|一家|医院|"
    r"学校|中学|小学|公交|环卫|街头|发生|警方|网友|男子|女子|外卖)"
)
_AWAY = re.compile(
    r"(?:听说(?:他|人)?在|(?:他|老板|工头|经理|负责人|老总)人?(?:现在)?在|逃往|逃到|逃去|跑到|跑去|躲到|躲在|总部(?:在|位于)?|注册地|(?:法院|法庭|仲裁委?|仲裁庭|律师)在|搬到|转到|旅游|飞往|嫁到|出差)[\u4e00-\u9fa5]{0,2}$"
)
_POSTED_FROM = re.compile(r"(?:IP\s?(?:属地|归属地|地址)?|发布于|发表于|来自于?)\s*[:：]?\s*(?:中国)?$", re.I)
_DISHES = re.compile(  # 海南鸡饭店, 新疆大盘鸡: what is cooked, not where
    r"(?:[\u4e00-\u9fa5]?(?:(?:大盘|辣子|黄焖|口水|三杯)?鸡(?![场厂棚])|鱼头|火锅|[米酸]粉|米线|[拉烩刀削热干]面|包子|泡馍|凉皮|烧烤|小吃|饺子|馄饨|烤鸭|板鸭|螺蛳粉|豆腐|"
    r"肉夹馍|胡辣汤|烟专卖))|[\u4e00-\u9fa5]{1,2}菜(?:馆|店)"
)
WORK_AFTER = re.compile(  # after a county's short form that stands by itself: work, or a debt
    r"(?:县城|城区|那边|这边|当地)?的?(?:一[个家处]|某)?[\u4e00-\u9fa5]{0,4}?(?:工地|项目部|[工矿]厂|厂|饭店|酒店|煤矿|民宿|剧组|大棚|安置房)"
    r"|(?:县城|那边|这边|当地)?(?:打工|上班|干了|干活|做工|做活|务工|修路|被?拖欠|被?欠(?:薪|了|我|工)|讨薪)"
)
_WAS_IN = re.compile(r"(?:我|我们|本人|都|俺|俺们)是?在$")  # 我是在苏州干的活, against 我是苏州人
_IN = re.compile(r"(?:在|位于|地处|坐标|工地在|地点[:：]?|地址[:：]?)$")
_CLAUSE_START = re.compile(r"(?:^|[，。！？!?；;：:、\s#【\[（(])$")
_NAME_GOES_ON = re.compile(
    r"[路街巷桥村镇乡庄湖河江山寺庙园里坊牌人籍话菜]|花园|国际|广场|大道|大厦|集团|有限|大学|学院|酒(?!店)"
)
_GENERIC = frozenset(word_list("generic"))
_NAMES_NEAR = {"ns", "nr", "nrt", "nz", "n", ""}  # classes of a word that may be a place of the city served
_NOT_ALONE = frozenset(word_list("not_alone"))
_EARLIER = re.compile(r"(?:先|以前|之前|原来|原先|曾|曾经)在$")
_UNKNOWN_PARENT = re.compile(r"[\u4e00-\u9fa5]{2}[县旗]$")


@dataclass(slots=True)
class Mention:
    """One name in the text with everything it can mean. `bare`: the short form of counties only, no name by itself."""

    start: int
    end: int
    codes: tuple[str, ...]
    bare: bool
    weight: float


def mentions(text: str, title_end: int, area: str | None) -> list[Mention]:
    """Names in their order; `title_end`: where the title ends, whose names weigh more; `area`: the division served."""
    table = gazetteer()
    found: list[Mention] = []
    head = 0  # where the names that stand together begin: 我老家在四川|达州
    for form, start, end in table.mentions(text):
        meanings = table.meanings[form]
        if (
            len(meanings[0][0]) == 9
            and _UNKNOWN_PARENT.search(text[max(0, start - 5) : start])
            and not (found and found[-1].end == start)
        ):
            continue  # a town of a county that no table knows
        joined = bool(found) and found[-1].end == start
        within = joined and any(code[: len(of)] == of for code, _ in meanings for of in found[-1].codes)
        head = head if within else start
        weight = _role(text, start, end, all(is_short for _, is_short in meanings), head)
        if weight is None or (len(meanings) > 1 and not joined and text[end : end + 2] in {"小学", "中学"}):
            continue  # 大同小学, 朝阳小学
        if not joined and end - start <= 3 and len(meanings[0][0]) == 6 and _cuts_a_word(text, start):
            continue  # 适应城市, 提高县
        weight += 0.5 if start < title_end else 0.0
        bare = text[start:end] in _GENERIC or all(is_short and len(code) == 6 for code, is_short in meanings)
        codes = tuple(code for code, _ in meanings)
        if bare and (alone := _alone(text, start, end, codes, area)):
            bare, codes, weight = False, alone, weight / 2
        found.append(Mention(start, end, codes, bare, weight))
    return found


def _alone(text: str, start: int, end: int, codes: tuple[str, ...], area: str | None) -> tuple[str, ...]:
    """What a county's short form means by itself: 在莱芜, 晋江的鞋厂; nothing where it is a word or says of no work.

    A name of the country that no other county shares, and no word beside; or one of the city served.
    """
    home = trimmed(area)[:4] if area and len(trimmed(area)) >= 4 else None
    near = tuple(code for code in codes if home and code.startswith(home))
    meant = near if len(near) == 1 else codes
    name, before, after = text[start:end], text[max(0, start - 8) : start], text[end : end + 12]
    if (
        len(meant) != 1
        or name in _NOT_ALONE
        or (name in _GENERIC and not near)
        or word_class(name) not in (_NAMES_NEAR if near else {"ns"})
    ):
        return ()
    if not _is_word(text, start, end) or _NAME_GOES_ON.match(after):
        return ()
    at = _IN.search(before) or _CLAUSE_START.search(before)
    return meant if at and (WORK_AFTER.match(after) or (near and _IN.search(before))) else ()


def _cuts_a_word(text: str, start: int) -> bool:
    """Whether a word begins before `start` and goes on behind it."""
    position = max(0, start - 6)
    for word in words(text[position : start + 4]):
        if position >= start:
            break
        position += len(word)
    return position > start


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a reader cuts the words so that this is one: not in 大名府."""
    position = max(0, start - 4)
    for word in words(text[position : end + 5]):
        if position == start:
            return len(word) == end - start
        position += len(word)
    return False


def _role(text: str, start: int, end: int, short: bool, head: int) -> float | None:
    """How much speaks for the work being there; None where it is no place at all (北京路, 重庆日报)."""
    after, before = text[end : end + 18], text[max(0, head - 8) : head]
    if _POSTED_FROM.search(before) or (text[end - 1] in "县市区" and after[:1] in {"场", "级"}):
        return None
    if short and _DISHES.match(after) and not _IN.search(before):
        return None
    if text[start:end] == "和县" and start and text[start - 1] not in "市省。，\n（(【 ":
        return None  # 东岸街道和县人社局
    if (short and _NOT_AFTER_SHORT.match(after)) or _MEDIA_AFTER.match(after):
        return None
    if _HOME_AFTER.match(after) or (_HOME_BEFORE.search(before) and not _WAS_IN.search(before)):
        return -2.0 if not _SITE_BEFORE.search(before) else -0.5
    if _AWAY.search(before):
        return -2.0
    if _EARLIER.search(before):
        return 0.5
    weight = 1.0 if short else 1.5
    weight += 1.0 if _SITE_BEFORE.search(before) else 0.0
    weight += 1.0 if _SITE_AFTER.match(after) else 0.0
    company = _COMPANY_AFTER.match(after)
    if company and not _COMPANY_BREAK.search(company[0]):
        return -0.4  # where a firm is registered is not where the work is
    return weight
