"""Where the work was, of the places that a text mentions, and when to keep silent. Knows codes; mentioned.py roles.

A mention that can mean several places is settled by the other places of the text, by the county
served, or not at all. A place that only stands inside a company's name, or that people come from, is no work site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifiers.tokenizer import words
from monitor.facts.gazetteer import LEVELS, MUNICIPALITIES, gazetteer, trimmed
from monitor.facts.mentioned import WORK_AFTER, Mention, mentions
from monitor.facts.surnames import word_list
from monitor.model import BY_FEED, County, Place

_LIST_GAP = re.compile(r"(?:的?(?:工地|项目)(?=[、和]))?[、/和及与跟，,]{1,2}")
_BEFORE_TOWN = word_list("stops") | word_list("weak_stops")
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


def in_area(code: str | None, area: str | None) -> bool | None:
    """Whether a division lies in the area; None where it is only known to hold it, or either is unknown."""
    if not code or not area:
        return None
    area = trimmed(area)
    if code.startswith(area):
        return True
    return None if area.startswith(code) else False


def locate(
    text: str, *, area: str | None = None, title_end: int = 0, ours: Sequence[tuple[int, int]] = ()
) -> Place | None:
    """The work site named in `text`; a Place without a code where its name is ambiguous; None where none is named.

    `area`: division code of the county served; it settles names that several counties share, and says `in_area`.
    `ours`: where the county's own names stand: alone, they are no other county's towns.
    """
    named = mentions(text, title_end, area)
    outside = _OUTSIDE.search(text)
    if not named:
        return _elsewhere(outside) if outside else None
    chains = [chain for chain in _chains(text, named) if len(chain) > 1 or not _overlaps(chain[0], ours)]
    if not chains:
        return _elsewhere(outside) if outside else None
    best = max(chains, key=lambda chain: (_weight(chain), -chain[0].start))
    if _weight(best) <= 0:
        return _elsewhere(outside) if outside else None
    return _listed(text, best, chains, area) or _placed(text, best, chains, area)


def _listed(text: str, best: list[Mention], chains: list[list[Mention]], area: str | None) -> Place | None:
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


def _overlaps(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < mention.end and mention.start < end for start, end in spans)


def _elsewhere(found: re.Match[str]) -> Place:
    name = found["name"] + (found["city"] or "")
    return Place(text=name, name=found["city"], in_area=False, reason="the text says it was outside the province")


# ------------------------------------------------------------------ 河南省 + 新乡市 + 卫滨区
def _chains(text: str, named: list[Mention]) -> list[list[Mention]]:
    """Mentions that stand together, each narrower than the last; a county's short form only after its parent."""
    chains: list[list[Mention]] = []
    for mention in named:
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


def _weight(chain: list[Mention]) -> float:
    worst = min(m.weight for m in chain)
    if worst <= -0.4:
        return worst
    return max(m.weight for m in chain) + 0.3 * (len(chain) - 1) + 0.1 * len(chain[-1].codes[0])


# ------------------------------------------------------------------ one division, or silence
def _placed(text: str, best: list[Mention], chains: list[list[Mention]], area: str | None) -> Place:
    codes = _whole(best[-1].codes)
    start, end = best[0].start, best[-1].end
    others = [c for chain in chains if chain is not best for c in _plain(chain)]
    sited = best[-1].weight >= 2 or bool(WORK_AFTER.match(text[end : end + 12]))
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


def _plain(chain: list[Mention]) -> tuple[str, ...]:
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


def _deepened(code: str, best: list[Mention], chains: list[list[Mention]]) -> str:
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
