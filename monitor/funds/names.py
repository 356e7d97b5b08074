"""When two names mean the same firm. Pure; companies only, and never a guess.

Inside one project a short form is enough (`same_firm`). Over a whole county it is not: there one name must be the
other without the place before it and the form of company or branch after it (`Directory`), and fit one firm only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LEAST_FIRM = 3  # characters of a short form inside a project
LEAST_IN_COUNTY = 4  # of a name without its place, where any firm of the county could be meant
LEAST_PLACE, LONGEST_PLACE = 2, 8  # one character before a name is part of it: 新东方超市 is not 东方超市
_MARKS = re.compile(r"[\s\"'“”‘’《》〈〉「」【】()\[\]·・.,，、:：;；_\-—–#]")
_COMPANY = re.compile(r"(?:股份|有限|责任|总?公司|集团){1,6}$")
_BRANCH = re.compile(
    r"(?:第?[一二三四五六七八九十\d]*(?:分公司|项目部|项目经理部|工程处|分厂|厂区|分店|门店|网点|店|厂)|"
    r"(?:股份|有限|责任|总?公司|集团))$"
)
_TRADE = re.compile(
    r"建筑|建设|建工|建安|工程|劳务|服装|制衣|鞋业|玩具|家具|电子|电器|机械|五金|塑料|塑胶|印刷|纸业|食品|粮油|农业|果业|"
    r"物业|管理|装饰|装修|装潢|门窗|安装|市政|园林|绿化|环境|环保|保洁|保安|水务|水利|路桥|公路|交通|电力|能源|新能源|矿业|"
    r"房地产|地产|置业|投资|发展|实业|科技|信息|网络|传媒|教育|培训|医药|贸易|商贸|商业|超市|百货|物流|快递|速递|运输|"
    r"餐饮|酒店|饭店|宾馆|火锅|旅游|健身|家政|服务|人力资源|咨询|设备|材料|建材|混凝土|钢结构|[厂店]"
)


def plain(name: str) -> str:
    """A name without blanks, marks and letter case."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", name).lower())


def core(name: str) -> str:
    """A name as `same_cores` compares it: without the form of company at its end."""
    return _COMPANY.sub("", plain(name))


def same_cores(one: str, other: str) -> bool:
    """Whether one core contains the other."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return short == long or (len(short) >= LEAST_FIRM and short in long)


def same_firm(one: str, other: str) -> bool:
    """甲木建工 and 望舟甲木建工有限公司: one name contains the other's, without the form of company at its end."""
    return same_cores(core(one), core(other))


def stem(name: str) -> str:
    """A firm's name without the form of company, branch or works at its end, as far as three characters are left."""
    found = plain(name)
    while (cut := _BRANCH.search(found)) and cut.start() >= LEAST_FIRM:
        found = found[: cut.start()]
    return found


def without_place(found: str) -> Iterator[str]:
    """What a stem may be called without the place before it: 望舟甲木建工 gives 甲木建工, never 建工 alone."""
    for at in range(LEAST_PLACE, min(LONGEST_PLACE, len(found) - LEAST_IN_COUNTY) + 1):
        head, rest = found[:at], found[at:]
        if not _TRADE.search(head) and len(_TRADE.sub("", rest)) >= 2:
            yield rest


@dataclass
class Directory:
    """Firms by name. `add` each name once, then ask."""

    _names: dict[str, dict[str, str]] = field(default_factory=dict)  # stem -> plain name -> name as written
    _longer: dict[str, set[str]] = field(default_factory=dict)  # stem without its place -> stems

    @classmethod
    def of(cls, names: Iterable[str]) -> Directory:
        """Of all of `names`."""
        found = cls()
        for name in names:
            found.add(name)
        return found

    def add(self, name: str) -> None:
        """Knows a name from now on."""
        known = stem(name)
        if known not in self._names:
            self._names[known] = {}
            for rest in without_place(known):
                self._longer.setdefault(rest, set()).add(known)
        self._names[known].setdefault(plain(name), name)

    def find(self, name: str) -> tuple[str, ...]:
        """The known names that this one can mean: none, the one, or several among which nobody can tell."""
        asked, own = plain(name), stem(name)
        if not asked:
            return ()
        same = self._names.get(own, {})
        if asked in same:
            return (same[asked],)
        if same:
            return tuple(sorted(same.values()))
        near = {rest for rest in without_place(own) if rest in self._names} | self._longer.get(own, set())
        return tuple(sorted(one for known in near for one in self._names[known].values()))
