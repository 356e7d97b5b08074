"""All divisions of the country down to towns, their short forms, and a compiled automaton that finds them in a text.

Codes are those of the standard GB/T 2260: 2 digits a province, 4 a city, 6 a county, 9 a town. A division lies in
another when its code begins with the other's. Knows names and codes, not which of them a text means; place.py decides.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import ahocorasick_rs
import yaml

LEVELS = {2: "province", 4: "city", 6: "county", 9: "town"}
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

_NO_NAME = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", ""})
_PEOPLES = (
    "壮族|回族|维吾尔族?|朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|傣族|白族|景颇族|傈僳族|哈萨克族?|"
    "柯尔克孜|蒙古族?|满族|瑶族|黎族|畲族|水族|"
    "仡佬族|拉祜族|佤族|纳西族|土族|撒拉族|保安族|东乡族|裕固族|塔吉克|达斡尔族|鄂温克族|鄂伦春族?|仫佬族|"
    "毛南族|布朗族|怒族|普米族|独龙族|锡伯|各族|羌"
)
_SELF_RULED = re.compile(rf"(?:{_PEOPLES})*自治[州县旗区]$")
_LONG_CITY = re.compile(r"(?:市|地区|盟|林区)$")
_LONG_COUNTY = re.compile(r"[县市区旗]$")
_PEOPLES_DISTRICT = re.compile(rf"(?:{_PEOPLES})区$")
_TOWN = re.compile(r"^.{2,}(?:镇|乡|街道|苏木|开发区|地区)$")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """`names`: code -> name. `meanings[i]`: what form number i of the automaton can mean: (code, is a short form)."""

    names: dict[str, str]
    automaton: ahocorasick_rs.AhoCorasick
    meanings: list[tuple[tuple[str, bool], ...]]

    def mentions(self, text: str) -> list[tuple[int, int, int]]:
        """(form, start, end) of every name, longest first, not overlapping."""
        return self.automaton.find_matches_as_indexes(text)

    def stands_for(self, name: str) -> bool:
        """Whether `name` is, whole, a province or a city: 南京, 河南省."""
        hits = self.automaton.find_matches_as_indexes(name)
        whole = [form for form, start, end in hits if start == 0 and end == len(name)]
        return any(len(code) <= 4 for form in whole for code, _ in self.meanings[form])

    def whole(self, name: str) -> bool:
        """Whether `name` is, whole, a province, a city or a county, long or short: 河南, 望城."""
        hits = self.automaton.find_matches_as_indexes(name)
        forms = [form for form, start, end in hits if start == 0 and end == len(name)]
        return any(len(code) <= 6 for form in forms for code, _ in self.meanings[form])

    def path(self, code: str) -> str:
        """The whole name: 河南省新乡市卫滨区."""
        steps = [code[:n] for n in (2, 4, 6, 9) if n <= len(code)]
        named = [self.names.get(step, "") for step in steps]
        return "".join(dict.fromkeys(name for name in named if name not in _NO_NAME))  # 东莞市 stands there twice

    def name(self, code: str) -> str:
        return self.names.get(code, "")


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The packaged divisions, compiled once a process (a tenth of a second)."""
    names = dict(_divisions())
    forms: dict[str, list[tuple[str, bool]]] = {}
    for code, name in names.items():
        for form, short in _forms(code, name):
            forms.setdefault(form, []).append((code, short))
    for code, form in (*_composed(names), *_former(names, forms)):
        forms.setdefault(form, []).append((code, False))
    automaton = ahocorasick_rs.AhoCorasick(list(forms), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return Gazetteer(names, automaton, [tuple(meanings) for meanings in forms.values()])


def _divisions() -> Iterator[tuple[str, str]]:
    raw = (files("monitor.facts") / "divisions.txt.gz").read_bytes()
    for line in gzip.decompress(raw).decode().split("\n"):
        head, *towns = line.split("\t")
        code, _, name = head.partition(" ")
        yield code, name
        for town in towns:
            yield code + town[:3], town[3:]


def _forms(code: str, name: str) -> Iterator[tuple[str, bool]]:
    """Every way this division is written; True for a short form."""
    if name in _NO_NAME or len(name) < 2:
        return
    if len(code) == 9:
        if _TOWN.match(name):
            yield name, False
        return
    yield name, False
    short = shortened(code, name)
    if name.endswith("自治州"):
        yield f"{short}州", False
    if short and short != name and len(short) >= 2:
        yield short, True


def _composed(names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """济南市中区 is the district of Jinan, not a 中区 of 济南市."""
    for code, name in names.items():
        city = names.get(code[:4], "")
        if len(code) == 6 and name.startswith("市") and city.endswith("市"):
            yield code, city[:-1] + name


def _former(names: dict[str, str], forms: dict[str, list[tuple[str, bool]]]) -> Iterator[tuple[str, str]]:
    """Names that a county had or is called by, where no other has its stem: 横山县 for 横山区, 丰宁县 for 丰宁自治县;
    即墨市 for 即墨区 by the list of former.yaml, and what can only be listed: 郧县 for 郧阳区.
    """
    listed: dict[str, list[str]] = yaml.safe_load((files("monitor.facts") / "former.yaml").read_text("utf-8"))
    cities = frozenset(listed.pop("cities"))
    written = {form for former in listed.values() for form in former}
    stems: dict[str, list[str]] = {}
    for code, name in names.items():
        if len(code) == 6 and len(stem := shortened(code, name)) >= 2 and name[-1] in "县市区":
            stems.setdefault(stem, []).append(code)
    for stem, codes in stems.items():
        if any(len(code) < 6 for code, _ in forms.get(stem, ())) or len(codes) > 1:
            continue
        county = f"{stem}县" if names[codes[0]][-1] in "区市" or _SELF_RULED.search(names[codes[0]]) else ""
        for form in (county, f"{stem}市" if stem in cities else ""):
            if form and form not in forms and form not in written:
                yield codes[0], form
    for code, former in listed.items():
        yield from ((code, form) for form in former if form not in forms)


def shortened(code: str, name: str) -> str:
    """河南省 -> 河南, 湘西土家族苗族自治州 -> 湘西, 大厂回族自治县 -> 大厂."""
    if len(code) == 2:
        return {"15": "内蒙古", "45": "广西", "54": "西藏", "64": "宁夏", "65": "新疆"}.get(code, name[:-1])
    if _SELF_RULED.search(name):
        return _SELF_RULED.sub("", name)
    if len(code) == 6 and _PEOPLES_DISTRICT.search(name):
        return _PEOPLES_DISTRICT.sub("", name)
    if name == "浦东新区":
        return "浦东"
    return (_LONG_CITY if len(code) == 4 else _LONG_COUNTY).sub("", name)


def trimmed(area: str) -> str:
    """410700 -> 4107, 410000 -> 41: a division code without the zeros that say "all of it"."""
    if len(area) > 6:
        area = area.rstrip("0") if len(area) == 12 and area.endswith("000") else area
        return area[:9] if len(area) >= 9 else area.ljust(9, "0")[: 6 if area[6:].strip("0") == "" else 9]
    while len(area) > 2 and area.endswith("00"):
        area = area[:-2]
    return area
