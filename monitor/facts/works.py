"""Sites told by what is done to them: 甲木镇敬老院扩建, 给乙禾水库浇混凝土, 叫“丙川里”的工地. Knows phrases only.

Sites whose ending tells them, and where a trade is plied, are the matter of sites.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.facts.beginnings import by_first_character
from monitor.facts.names import REGION, led_up_to, nameish, no_speech, trimmed

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·#]"
_WORK = (
    r"(?:改扩建|扩建|新建|迁建|改建|改造|重建|重修|翻修|翻新|整修|修缮|加固|提标|提升|"
    r"整治|清淤|亮化|硬化|装修|维修|拓宽|续建)"
)
_DONE = re.compile(
    by_first_character(
        rf"{_WORK}{{1,3}}(?:工程|项目|[A-Z]{{0,2}}\d{{1,2}}标段?)?(?=[，。,;；、\s]|的|那个|工地|项目|工程|施工|[^，。]{{0,3}}人工|欠|拖|由|期间|早?已|主体|做|干|$)".replace(
            f"{_WORK}{{1,3}}", f"{_WORK}{_WORK}?{_WORK}?"
        )
    )
)
_HEAD = re.compile(rf"{_NAME}{{2,18}}$")
_STANDS = re.compile(
    r"(?:[楼院厂路桥河殿库所校区园场站馆道渠塘村寨街巷府湖寺庙堤坝山线坊]|支行|中心|管网|大院|基地|广场|学校|街区|中学|小学|大学|医院|公路|级路|酒店|饭店)$"
)
_GIVEN = re.compile(
    rf"[给为](?P<name>{_NAME}{{3,14}}?)(?:浇|凿|铺|焊|刷|挂|砌|贴|挖|架[线设]|换[线灯水管路门窗]|装[电门窗空灯路]|做[防水外木瓦油钢]|打[桩混灰])"
)
_QUOTED = re.compile(rf"[“「\"](?P<name>{_NAME}{{2,12}})[”」\"](?P<site>的?(?:工地|项目|楼盘|小区|工程))?")
_QUOTED_AFTER = re.compile(r"(?:桥|路|楼|楼盘|小区|工地|项目|工程)[，,]?(?:就是|叫|名字叫|是)$")
_CALLED = re.compile(rf"叫(?:做|什么)?(?P<name>{_NAME}{{2,10}})的(?P<site>工地|项目|楼盘|小区|工程)")
_NAMED = re.compile(rf"(?:小区|楼盘|项目|工地)(?:的?名字)?叫(?:做|什么)?(?P<name>{_NAME}{{2,8}})(?=[，。,])")
_AT = re.compile(rf"工地(?:就)?(?:是|在|叫)[^，。]{{0,16}}?(?:的|是|叫)?(?P<name>{_NAME}{{3,8}})(?=[，。])")
_BARE = re.compile(
    r"^(?:我们?|他们?|学校|医院|厂房|老|旧|新|小区|村里|镇里|县里|城区|政府|房屋|办公楼|道路|公路|马路|街道|某)+$|原告|被告|工资|劳务"
)


def by_works(text: str, built: bool) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of every site told by what is done to it or by its being called so.

    `built`: there is building in the text.
    """
    for name, start, end in led_up_to(text, _DONE, _HEAD, 20, 1):
        plain = REGION.sub("", name)
        if len(name) >= 3 and len(plain) >= 2 and _STANDS.search(name) and not _BARE.search(plain) and no_speech(plain):
            tail = _DONE.match(text, end)
            stop = tail.end() if tail else end
            yield text[start:stop], start, stop
    for match in _GIVEN.finditer(text):
        name, start = trimmed(match["name"], match.start("name"), 2)
        if _STANDS.search(name) and len(REGION.sub("", name)) >= 3 and not _BARE.search(name) and nameish(name):
            yield name, start, match.end("name")
    yield from _called(text, built)


def _called(text: str, built: bool) -> Iterator[tuple[str, int, int]]:
    """那个叫“未名里”的工地, 修桥,叫“长虹桥”, 工地就在城北那个翡翠湾."""
    marked = _QUOTED.finditer(text) if "“" in text or "「" in text or '"' in text else ()
    for match in (*marked, *_CALLED.finditer(text)):
        name, start = trimmed(match["name"], match.start("name"), 2)
        told = match["site"] or (
            _STANDS.search(name) and _QUOTED_AFTER.search(text, max(0, match.start() - 8), match.start())
        )
        swept = "小区" in (match["site"] or "") and not built  # where somebody sweeps, nothing is built
        if told and not swept and len(name) >= 2 and not _BARE.search(name):
            yield name, start, match.end("name")
    for match in (*_AT.finditer(text), *(_NAMED.finditer(text) if built else ())):
        name, start = trimmed(match["name"], match.start("name"), 2)
        if len(name) >= 2 and not _BARE.search(name) and nameish(name):
            yield name, start, match.end("name")
