"""Where the work was. Knows the site from the home town, and when to keep silent; knows names by the gazetteer only.

A mention that can mean several places is settled by the other places of the text, by the county
served, or not at all. A place that only stands inside a company's name, or that people come from, is no work site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.tokenizer import word_class, words
from monitor.facts.gazetteer import LEVELS, MUNICIPALITIES, gazetteer
from monitor.facts.surnames import word_list
from monitor.model import BY_FEED, County, Place

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
_COUNTY_AFTER = re.compile(  # after a county's short form that stands by itself: work, or a debt
    r"(?:县城|城区|那边|这边|当地)?的?(?:一[个家处]|某)?[\u4e00-\u9fa5]{0,4}?(?:工地|项目部|[工矿]厂|厂|饭店|酒店|煤矿|民宿|剧组|大棚|安置房)"
    r"|(?:县城|那边|这边|当地)?(?:打工|上班|干了|干活|做工|做活|务工|修路|被?拖欠|被?欠(?:薪|了|我|工)|讨薪)"
)
_IN = re.compile(r"(?:在|位于|地处|坐标|工地在|地点[:：]?|地址[:：]?)$")
_CLAUSE_START = re.compile(r"(?:^|[，。！？!?；;：:、\s#【\[（(])$")
_NAME_GOES_ON = re.compile(
    r"[路街巷桥村镇乡庄湖河江山寺庙园里坊牌人籍话菜]|花园|国际|广场|大道|大厦|集团|有限|大学|学院|酒(?!店)"
)
_NAMES_NEAR = {"ns", "nr", "nrt", "nz", "n", ""}  # classes of a word that may be a place of the city served
_NOT_ALONE = frozenset(word_list("not_alone"))
_LIST_GAP = re.compile(r"(?:的?(?:工地|项目)(?=[、和]))?[、/和及与跟，,]{1,2}")
_EARLIER = re.compile(r"(?:先|以前|之前|原来|原先|曾|曾经)在$")
_BEFORE_TOWN = word_list("stops") | word_list("weak_stops")
_UNKNOWN_PARENT = re.compile(r"[\u4e00-\u9fa5]{2}[县旗]$")
_UNLISTED = re.compile(
    r"(?P<county>[\u4e00-\u9fa5]{2,3}[县旗])?(?P<town>[\u4e00-\u9fa5]{2,4}?(?:镇(?![长政])|乡(?![亲下长里])|"
    r"街道(?!办公)|开发区))"
)
_OUTSIDE = re.compile(
    r"(?P<name>外省|外地)(?P<city>[\u4e00-\u9fa5]{2,4}?[市县区])?[^，。！？\n]{0,10}?(?:工地|打工|上班|干|做|"
    r"务工|工作|项目|厂)"
)


_HOME = re.compile(
    r"(?:家住|老家(?:在|是)?|户籍[:：是在]?|籍贯[:：是]?|现住址?[:：是]?|住址[:：是]?|来自于?)[\u4e00-\u9fa5]{0,8}$"
)


@dataclass(slots=True)
class _Mention:
    """One name in the text with everything it can mean. `bare`: the short form of counties only, no name by itself."""

    start: int
    end: int
    codes: tuple[str, ...]
    bare: bool
    weight: float


def in_area(code: str | None, area: str | None) -> bool | None:
    """Whether a division lies in the area; None where it is only known to hold it, or either is unknown."""
    if not code or not area:
        return None
    area = trimmed(area)
    if code.startswith(area):
        return True
    return None if area.startswith(code) else False


def trimmed(area: str) -> str:
    """410700 -> 4107, 410000 -> 41: a division code without the zeros that say "all of it"."""
    if len(area) > 6:
        area = area.rstrip("0") if len(area) == 12 and area.endswith("000") else area
        return area[:9] if len(area) >= 9 else area.ljust(9, "0")[: 6 if area[6:].strip("0") == "" else 9]
    while len(area) > 2 and area.endswith("00"):
        area = area[:-2]
    return area


def locate(
    text: str, *, area: str | None = None, title_end: int = 0, ours: Sequence[tuple[int, int]] = ()
) -> Place | None:
    """The work site named in `text`; a Place without a code where its name is ambiguous; None where none is named.

    `area`: division code of the county served; it settles names that several counties share, and says `in_area`.
    `ours`: where the county's own names stand: alone, they are no other county's towns.
    """
    mentions = _mentions(text, title_end, area)
    outside = _OUTSIDE.search(text)
    if not mentions:
        return _elsewhere(outside) if outside else None
    chains = [chain for chain in _chains(text, mentions) if len(chain) > 1 or not _overlaps(chain[0], ours)]
    if not chains:
        return _elsewhere(outside) if outside else None
    best = max(chains, key=lambda chain: (_weight(chain), -chain[0].start))
    if _weight(best) <= 0:
        return _elsewhere(outside) if outside else None
    return _listed(text, best, chains, area) or _placed(text, best, chains, area)


def _listed(text: str, best: list[_Mention], chains: list[list[_Mention]], area: str | None) -> Place | None:
    """What holds all the places of a list of equals (郑州、洛阳、开封三地), or those of them in the area served.

    None where there is no such list.
    """
    row = [chains[0]]
    for chain in chains[1:]:
        gap = text[row[-1][-1].end : chain[0].start]
        if not _LIST_GAP.fullmatch(gap.strip()) or _weight(chain) <= 0 or _weight(row[-1]) <= 0:
            if best in row:
                break
            row = []
        row.append(chain)
    if best not in row:
        return None
    meant = [_whole(chain[-1].codes) for chain in row]
    codes = {codes[0] if len(codes) == 1 else _chief(codes, False) or "" for codes in meant}
    if len(row) < 2 or "" in codes or any(len(code) > 6 for code in codes):
        return None
    shared = _common(tuple(sorted(codes)))
    if shared in codes:
        return None  # 河南、新乡
    written = text[row[0][0].start : row[-1][-1].end]
    ours = tuple(sorted(code for code in codes if in_area(code, area)))
    if ours:
        return _known(written, _common(ours), f"of {len(row)} places, what lies in the area served", area)
    if not shared:
        return Place(text=written, reason=f"{len(row)} places in several provinces")
    return _known(written, shared, f"{len(row)} places in it", area)


def unlisted(text: str) -> Place | None:
    """A town that stands in no table, as written, without a code: what a reader can still look up."""
    for match in _UNLISTED.finditer(text):
        town = _town_name(match["town"])
        if _HOME.search(text[max(0, match.start() - 8) : match.end()]):
            continue
        if len(town) >= 3:
            written = (match["county"] or "") + town
            reason = "no table knows a place of this name"
            return Place(text=written, name=written, level="town", town=town, reason=reason)
    return None


def of_feed(area: str | None, county: County | None) -> Place | None:
    """The area that a feed speaks for, for a text that names no place; None where the code says nothing.

    Its reason is `feed`. In the area served where the feed speaks for that or a part of it; a feed that speaks for more
    or for another place leaves it open, for what stands there may have happened here.
    """
    if not area or not trimmed(area).strip("0"):
        return None
    code = trimmed(area)
    ours = county is not None and bool(county.code.strip("0")) and code.startswith(trimmed(county.code))
    name = gazetteer().path(code) or (f"{county.city}{county.name}" if county is not None and ours else "")
    if not name:
        return None
    level = LEVELS.get(len(code))
    return Place(text=name, code=code, name=name, level=level, in_area=True if ours else None, reason=BY_FEED)


def _town_name(written: str) -> str:
    """Without the words before it: 在柳溪镇 -> 柳溪镇."""
    position = cut = 0
    for word in words(written):
        position += len(word)
        if word in _BEFORE_TOWN and position < len(written):
            cut = position
    return written[cut:]


def _overlaps(mention: _Mention, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < mention.end and mention.start < end for start, end in spans)


def _elsewhere(found: re.Match[str]) -> Place:
    name = found["name"] + (found["city"] or "")
    return Place(text=name, name=found["city"], in_area=False, reason="the text says it was outside the province")


# ------------------------------------------------------------------ what is named, and in which role
def _mentions(text: str, title_end: int, area: str | None) -> list[_Mention]:
    table = gazetteer()
    found: list[_Mention] = []
    for form, start, end in table.mentions(text):
        meanings = table.meanings[form]
        if (
            len(meanings[0][0]) == 9
            and _UNKNOWN_PARENT.search(text[max(0, start - 5) : start])
            and not (found and found[-1].end == start)
        ):
            continue  # a town of a county that no table knows
        weight = _role(text, start, end, all(is_short for _, is_short in meanings))
        joined = bool(found) and found[-1].end == start
        if weight is None or (len(meanings) > 1 and not joined and text[end : end + 2] in {"小学", "中学"}):
            continue  # 大同小学, 朝阳小学
        weight += 0.5 if start < title_end else 0.0
        bare = all(is_short and len(code) == 6 for code, is_short in meanings)
        codes = tuple(code for code, _ in meanings)
        if bare and (alone := _alone(text, start, end, codes, area)):
            bare, codes, weight = False, alone, weight / 2
        found.append(_Mention(start, end, codes, bare, weight))
    return found


def _alone(text: str, start: int, end: int, codes: tuple[str, ...], area: str | None) -> tuple[str, ...]:
    """What a county's short form means by itself: 在莱芜, 晋江的鞋厂; nothing where it is a word or says of no work.

    A name of the country that no other county shares, and no word beside; or one of the city served.
    """
    home = trimmed(area)[:4] if area and len(trimmed(area)) >= 4 else None
    near = tuple(code for code in codes if home and code.startswith(home))
    meant = near if len(near) == 1 else codes
    name, before, after = text[start:end], text[max(0, start - 8) : start], text[end : end + 12]
    if len(meant) != 1 or name in _NOT_ALONE or word_class(name) not in (_NAMES_NEAR if near else {"ns"}):
        return ()
    if not _is_word(text, start, end) or _NAME_GOES_ON.match(after):
        return ()
    at = _IN.search(before) or _CLAUSE_START.search(before)
    return meant if at and (_COUNTY_AFTER.match(after) or (near and _IN.search(before))) else ()


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a reader cuts the words so that this is one: not in 大名府."""
    position = max(0, start - 4)
    for word in words(text[position : end + 5]):
        if position == start:
            return len(word) == end - start
        position += len(word)
    return False


def _role(text: str, start: int, end: int, short: bool) -> float | None:
    """How much speaks for the work being there; None where it is no place at all (北京路, 重庆日报)."""
    after, before = text[end : end + 18], text[max(0, start - 8) : start]
    if _POSTED_FROM.search(before) or (text[end - 1] == "市" and after.startswith("场")):
        return None
    if short and _DISHES.match(after) and not _IN.search(before):
        return None
    if text[start:end] == "和县" and start and text[start - 1] not in "市省。，\n（(【 ":
        return None  # 东岸街道和县人社局
    if (short and _NOT_AFTER_SHORT.match(after)) or _MEDIA_AFTER.match(after):
        return None
    if _HOME_AFTER.match(after) or _HOME_BEFORE.search(before):
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


# ------------------------------------------------------------------ 河南省 + 新乡市 + 卫滨区
def _chains(text: str, mentions: list[_Mention]) -> list[list[_Mention]]:
    """Mentions that stand together, each narrower than the last; a county's short form only after its parent."""
    chains: list[list[_Mention]] = []
    for mention in mentions:
        last = chains[-1][-1] if chains else None
        if (
            last is not None
            and mention.start - last.end <= 3
            and not re.search(r"[、和，]", text[last.end : mention.start])
        ):
            narrowed = tuple(c for c in mention.codes if any(c.startswith(p) and c != p for p in last.codes))
            if narrowed:
                last.codes = tuple(p for p in last.codes if any(c.startswith(p) for c in narrowed))
                mention.codes = narrowed
                chains[-1].append(mention)
                continue
        if not mention.bare:
            chains.append([mention])
    return chains


def _weight(chain: list[_Mention]) -> float:
    worst = min(m.weight for m in chain)
    if worst <= -0.4:
        return worst
    return max(m.weight for m in chain) + 0.3 * (len(chain) - 1) + 0.1 * len(chain[-1].codes[0])


# ------------------------------------------------------------------ one division, or silence
def _placed(text: str, best: list[_Mention], chains: list[list[_Mention]], area: str | None) -> Place:
    codes = _whole(best[-1].codes)
    start, end = best[0].start, best[-1].end
    others = [c for chain in chains if chain is not best for c in _plain(chain)]
    sited = best[-1].weight >= 2 or bool(_COUNTY_AFTER.match(text[end : end + 12]))
    codes, reason = _settled(codes, others, area, sited)
    if len(codes) == 1:
        code = _deepened(codes[0], best, chains)
        if code != codes[0]:
            reason = "another name in the text is more exact"
        return _known(text[start:end], code, reason, area)
    common = _common(codes)
    if len(common) >= 4:
        return _known(text[start:end], common, f"{len(codes)} towns of this name in it", area)
    reason = f"{len(codes)} places of this name, the text does not say which"
    return Place(text=text[start:end], reason=reason)


def _plain(chain: list[_Mention]) -> tuple[str, ...]:
    return chain[-1].codes if len(chain[-1].codes) == 1 else ()


def _settled(codes: tuple[str, ...], others: list[str], area: str | None, sited: bool) -> tuple[tuple[str, ...], str]:
    if len(codes) == 1:
        return codes, "named in the text"
    if chief := _chief(codes, sited):
        return (chief,), "named in the text"
    supported = tuple(c for c in codes if any(c.startswith(other) for other in others))
    if len(supported) == 1:
        return supported, "the only one of this name in a place the text names"
    if area:
        home = trimmed(area)
        near = tuple(c for c in codes if c.startswith(home))
        if len(near) == 1 and not supported:
            return near, "the one of this name in the area served"
    return supported or codes, ""


def _chief(codes: tuple[str, ...], sited: bool) -> str | None:
    """What a name means to everyone: 海南 the province, 西安 the capital, 东营 the city whose district it also is.

    Where work is said to be (`sited`), 中山 is the city, for its other meaning is a district of a lesser city.
    """
    provinces = [code for code in codes if len(code) == 2]
    if provinces:
        return provinces[0]
    cities = [code for code in codes if len(code) == 4]
    capital = [code for code in cities if code.endswith("01")]
    if capital:
        return capital[0]
    if len(cities) == 1 and all(code.startswith(cities[0]) or (sited and _minor(code)) for code in codes):
        return cities[0]
    return None


def _minor(code: str) -> bool:
    """A district of a city that is no capital: 中山 is the city in Guangdong, not Dalian's district."""
    capital = code[2:4] == "01" or code[:2] in MUNICIPALITIES
    return len(code) == 6 and gazetteer().name(code).endswith("区") and not capital


def _whole(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Without the one county that a city without districts is in the tables: 东莞市东莞市."""
    name = gazetteer().name
    return tuple(code for code in codes if len(code) <= 4 or code[:4] not in codes or name(code) != name(code[:4]))


def _deepened(code: str, best: list[_Mention], chains: list[list[_Mention]]) -> str:
    """A narrower place inside the chosen one that the text names elsewhere and not as a home town."""
    narrower = [
        c
        for chain in chains
        if chain is not best and _weight(chain) > 0
        for c in chain[-1].codes
        if c.startswith(code) and len(c) > len(code)
    ]
    return narrower[0] if narrower and len(set(narrower)) == 1 else code


def _common(codes: tuple[str, ...]) -> str:
    first = codes[0]
    for length in (6, 4, 2):
        if all(code.startswith(first[:length]) for code in codes):
            return first[:length]
    return ""


def _known(written: str, code: str, reason: str, area: str | None) -> Place:
    table = gazetteer()
    level = "city" if code[:2] in MUNICIPALITIES and len(code) == 2 else LEVELS[len(code)]
    town = table.name(code) if len(code) == 9 else None
    return Place(
        text=written,
        code=code,
        name=table.path(code),
        level=level,
        in_area=in_area(code, area),
        town=town,
        reason=reason,
    )
