"""Where the work was. Knows the site from the home town, and when to keep silent; knows names by the gazetteer only.

A mention that can mean several places is settled by the other places of the text, by the county
served, or not at all. A place that only stands inside a company's name, or that people come from, is no work site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.tokenizer import words
from monitor.facts.gazetteer import LEVELS, MUNICIPALITIES, gazetteer
from monitor.facts.surnames import word_list
from monitor.model import BY_FEED, County, Place

_NOT_AFTER_SHORT = re.compile(
    r"路|街(?!道)|大道|大街|巷|站(?!点)|机场|港(?!区)|湾|门(?!店|口)|大学|学院|银行|时间|现代|航空|拉面|小面|"
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
    r"(?:听说(?:他|人)?在|他?人在|逃往|逃到|逃去|跑到|跑去|躲到|躲在|总部(?:在|位于)?|注册地|搬到|转到|旅游|飞往|嫁到|出差)[\u4e00-\u9fa5]{0,2}$"
)
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
    mentions = _mentions(text, title_end)
    outside = _OUTSIDE.search(text)
    if not mentions:
        return _elsewhere(outside) if outside else None
    chains = [chain for chain in _chains(text, mentions) if len(chain) > 1 or not _overlaps(chain[0], ours)]
    if not chains:
        return _elsewhere(outside) if outside else None
    best = max(chains, key=lambda chain: (_weight(chain), -chain[0].start))
    if _weight(best) <= 0:
        return _elsewhere(outside) if outside else None
    return _placed(text, best, chains, area)


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
def _mentions(text: str, title_end: int) -> list[_Mention]:
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
        if weight is None:
            continue
        weight += 0.5 if start < title_end else 0.0
        bare = all(is_short and len(code) == 6 for code, is_short in meanings)
        found.append(_Mention(start, end, tuple(code for code, _ in meanings), bare, weight))
    return found


def _role(text: str, start: int, end: int, short: bool) -> float | None:
    """How much speaks for the work being there; None where it is no place at all (北京路, 重庆日报)."""
    after, before = text[end : end + 18], text[max(0, start - 8) : start]
    if text[start:end] == "和县" and start and text[start - 1] not in "市省。，\n（(【 ":
        return None  # 东岸街道和县人社局
    if (short and _NOT_AFTER_SHORT.match(after)) or _MEDIA_AFTER.match(after):
        return None
    if _HOME_AFTER.match(after) or _HOME_BEFORE.search(before):
        return -2.0 if not _SITE_BEFORE.search(before) else -0.5
    if _AWAY.search(before):
        return -2.0
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
    codes = best[-1].codes
    start, end = best[0].start, best[-1].end
    codes, reason = _settled(codes, [c for chain in chains if chain is not best for c in _plain(chain)], area)
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


def _settled(codes: tuple[str, ...], others: list[str], area: str | None) -> tuple[tuple[str, ...], str]:
    if len(codes) == 1:
        return codes, "named in the text"
    if chief := _chief(codes):
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


def _chief(codes: tuple[str, ...]) -> str | None:
    """What a name means to everyone: 海南 the province, 西安 the capital, 东营 the city whose district it also is."""
    provinces = [code for code in codes if len(code) == 2]
    if provinces:
        return provinces[0]
    cities = [code for code in codes if len(code) == 4]
    capital = [code for code in cities if code.endswith("01")]
    if capital:
        return capital[0]
    if len(cities) == 1 and all(code.startswith(cities[0]) for code in codes):
        return cities[0]
    return None


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
