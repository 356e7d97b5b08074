"""The county's own register in a text: projects, employers, towns, villages, nicknames. Knows no other county."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from monitor.model import County, RegisterRow

_TRADE = re.compile(
    r"(?:水务工程公司|农业工程|电子厂|建筑劳务|(?:柳溪)?网点|劳务|建工|建设|置业|路桥|火锅|饭店|家政|新能源|"
    r"教育|健身|环境|制衣|果业合作社|水务|电子|"
    r"物业|物流|速递|餐饮|酒店|科技|传媒|装饰|园林|有限公司|有限责任公司|股份有限公司|公司|集团|厂|店)+$"
)
_PHASE = re.compile(r"[一二三四五六七八九十\d]+(?:期|标段?)$")
_BRANCH = re.compile(r"[(（]([\u4e00-\u9fa5]{1,8}(?:店|分公司|分店|网点))[)）]|([\u4e00-\u9fa5]{2,4}(?:分公司|分店))")
_GENERIC = frozenset({"城区", "县城", "开发区", "工业园", "老城", "新区"})
_HOME_BEFORE = re.compile(
    r"(?:家住|家在|老家(?:在|是)?|户籍(?:所在)?地?(?:为|是|在)?|籍贯[:：是]?|现住址?|住址[:：是]?|来自于?|"
    r"出生于?)[:：]?"
    r"(?:[\u4e00-\u9fa5]{1,3}市)?(?:[\u4e00-\u9fa5]{1,4}县)?$"
)
_NOT_AFTER = re.compile(r"出来|人(?!民|社)|老乡|籍|发布|吧(?:的)?")


@dataclass(frozen=True, slots=True)
class Hit:
    """A register row found in the text. `name`: what the row is called, or as much of it as the text says."""

    row: RegisterRow
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LocalHit:
    """A town or the county itself, by name or nickname."""

    town: str | None
    start: int
    end: int
    generic: bool


class Register:
    """A county's names, compiled once; see `register_of`."""

    def __init__(self, county: County) -> None:
        self.county = county
        rows: dict[str, tuple[RegisterRow, str]] = {}
        for row in county.register:
            for form in (row.name, *row.aliases):
                rows.setdefault(form, (row, _shown(row.name, form)))
        for row in county.register:
            if row.kind == "employer" and len(stem := _TRADE.sub("", row.name)) >= 2 and not _is_place(stem, county):
                rows.setdefault(stem, (row, row.name))
        self._rows = list(rows.values())
        self._automaton = _compiled(list(rows))
        local = {name: name for name in county.towns} | dict(county.aliases)
        for short, full in list(local.items()):
            local[short] = full
        if county.name:
            local[county.name] = county.name
        self._apart = _told_apart(county, local)
        self._apart_automaton = _compiled([rest for rest, _ in self._apart])
        self._local = list(local.items())
        self._local_automaton = _compiled(list(local))

    def hits(self, text: str) -> list[Hit]:
        """Register rows in the order of the text."""
        if self._automaton is None:
            return []
        found = []
        for form, start, end in self._automaton.find_matches_as_indexes(text):
            row, name = self._rows[form]
            branch = _BRANCH.match(text, end) if row.kind == "employer" else None
            if branch:
                name, end = name + (branch[1] or branch[2]), branch.end()
            found.append(Hit(row, name, start, end))
        return found

    def apart(self, text: str, local: Sequence[LocalHit]) -> list[Hit]:
        """Projects named in two pieces, 高标准农田，石鼓岭的: the rest of the name, and the town it begins with."""
        if self._apart_automaton is None:
            return []
        towns, found = {hit.town for hit in local}, []
        for form, start, end in self._apart_automaton.find_matches_as_indexes(text):
            rows = [row for rest, row in self._apart if rest == self._apart[form][0] and row.town in towns]
            if len(rows) == 1:
                found.append(Hit(rows[0], rows[0].name, start, end))
        return found

    def local(self, text: str) -> list[LocalHit]:
        """Towns of the county, or the county itself (town None), by any name; home towns left out."""
        if self._local_automaton is None:
            return []
        found = []
        for form, start, end in self._local_automaton.find_matches_as_indexes(text):
            short, full = self._local[form]
            before = text[max(0, start - 12) : start]
            if _NOT_AFTER.match(text, end) or before.endswith("@") or _HOME_BEFORE.search(before):
                continue
            town = full if full != self.county.name else None
            found.append(LocalHit(town, start, end, short in _GENERIC))
        return found


def _told_apart(county: County, local: Mapping[str, str]) -> list[tuple[str, RegisterRow]]:
    """(rest of the name, row) of projects that are called after their town; what is left must still say something."""
    found = []
    for row in county.register:
        begins = [short for short, full in local.items() if full == row.town and row.name.startswith(short)]
        rest = row.name[max(map(len, begins), default=0) :]
        if row.kind == "project" and begins and len(rest) >= 4:
            found.append((rest, row))
    return found


def _is_place(stem: str, county: County) -> bool:
    return stem in county.aliases or stem in county.towns or stem == county.name


def _shown(name: str, form: str) -> str:
    """锦禾苑 stays 锦禾苑 although the register's row is 锦禾苑三期: the text does not say which phase."""
    return form if name.startswith(form) and _PHASE.match(name[len(form) :]) else name


def _compiled(forms: list[str]) -> ahocorasick_rs.AhoCorasick | None:
    forms = [form for form in forms if form]
    return ahocorasick_rs.AhoCorasick(forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest) if forms else None


_COMPILED: dict[int, Register] = {}


def register_of(county: County) -> Register:
    """The county's register, compiled on first use; a handful is kept."""
    held = _COMPILED.get(id(county))
    if held is None or held.county is not county:
        if len(_COMPILED) >= 8:
            _COMPILED.clear()
        held = _COMPILED[id(county)] = Register(county)
    return held
