"""Another office's list of debts, from its export: bytes -> rows, and what was not taken, each with its row and reason.

Knows headings as 12345 hotlines, petition offices, the national clue platform and labour inspection write them. What
these lists hold about persons (names, phones, identity numbers, the complaint's own words) is not read: a column is
read only where it is known to tell of the debt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from monitor.errors import ConfigError, Fault
from monitor.listed import Listed, Note
from monitor.model import County, Document
from monitor.parse.faults import Unreadable
from monitor.parse.known import catalogue
from monitor.parse.sheets import HEAD, cells_of
from monitor.sheet import cells

_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$|\s*[上下]午.*$")
_HEADS = re.compile(r"(?:约|共|近)?(\d{1,6})(?:余|多)?[人名个位]?(?:左右)?")
_EPOCH, _SERIAL = date(1899, 12, 30), range(20_000, 80_000)  # how a sheet counts days: 1954 to 2119
_BRACKET = re.compile(r"^(?P<one>.{2,}?)[(（](?P<other>[^()（）]{3,})[)）]$")
_WORKS = re.compile(r"项目|工程|标段?$|小区|工地|[一二三四五六七八九十\d]期|改造|学校|中学|小学|医院$")
LONGEST = 120  # characters of a name or place


@dataclass(frozen=True, slots=True)
class Read:
    """`persons`: headings of columns about persons; `unread`: of all others that nothing was read from."""

    rows: tuple[tuple[int, Listed], ...]
    notes: tuple[Note, ...]
    persons: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """What a file is read with. `sectors`: id -> name; `towns`: a name or nickname -> town; `today`: local."""

    today: date
    first: date | None = None
    last: date | None = None
    sectors: Mapping[str, str] = field(default_factory=dict)
    towns: Mapping[str, str] = field(default_factory=dict)


def reader_for(
    county: County, sectors: Mapping[str, str], today: date, first: date | None = None, last: date | None = None
) -> Reader:
    """For the lists of a county, whose towns are known by their nicknames too."""
    towns = {name: name for name in county.towns}
    towns |= {name: town for name, town in county.aliases.items() if town in county.towns}
    return Reader(today=today, first=first, last=last, sectors=sectors, towns=towns)


def read_debts(document: Document, name: str, reader: Reader) -> Read:
    """The debts of a list. ConfigError where it is no table or has no heading for day and debtor; never for a row."""
    lines = enumerate(_lines(document, name), 1)
    for _, line in islice(lines, HEAD):
        columns = _columns(line)
        if "day" in columns and {"employer", "project"} & set(columns):
            break
    else:
        raise ConfigError([Fault(name, sentence("head"), sentence("save"))])
    rows: list[tuple[int, Listed]] = []
    notes: list[Note] = []
    for number, line in lines:
        texts = {key: (line[at] if at < len(line) else None) for key, (at, _) in columns.items()}
        if any(cells.text(cell) for cell in texts.values()):
            found = _Row(number, texts, {key: unit for key, (_, unit) in columns.items()}, reader)
            row = found.read()
            notes += found.notes
            if row is not None:
                rows.append((number, row))
    if not rows and not notes:
        raise ConfigError([Fault(name, sentence("empty"))])
    return Read(tuple(rows), tuple(notes), *_left_out(next(_head(document, name)), columns))


def sentence(key: str, **values: Any) -> str:
    """What is said of a fault."""
    return str(_words()["faults"][key]).format(**values)


def told(note: Note) -> str:
    """第3行：没有写日期."""
    return f"{_words()['row'].format(number=note.row)}：{sentence(note.key, **note.values)}"


def _words() -> Mapping[str, Any]:
    return catalogue("debts.yaml")


def _lines(document: Document, name: str) -> Iterator[Sequence[Any]]:
    try:
        yield from cells_of(document)
    except Unreadable as problem:
        raise ConfigError([Fault(name, problem.zh, sentence("save"))]) from problem


# ------------------------------------------------------------------ headings
def _head(document: Document, name: str) -> Iterator[Sequence[Any]]:
    for line in islice(_lines(document, name), HEAD):
        columns = _columns(line)
        if "day" in columns and {"employer", "project"} & set(columns):
            yield line


def _columns(line: Sequence[Any]) -> dict[str, tuple[int, int]]:
    """Field -> the column that tells it best, and what its figures are multiplied by."""
    ranked: dict[str, tuple[int, int, int]] = {}
    for at, cell in enumerate(line):
        plain, unit = cells.heading(cell)
        for key, names in _words()["headings"].items():
            if plain in names and not _of_persons(plain):
                ranked[key] = min(ranked.get(key, (10_000, 0, 1)), (names.index(plain), at, unit))
    return {key: (at, unit) for key, (_, at, unit) in ranked.items()}


def _of_persons(heading: str) -> bool:
    rest = heading
    for harmless in _words()["not persons"]:
        rest = rest.replace(harmless, "")
    return any(word in rest for word in _words()["persons"])


def _left_out(head: Sequence[Any], columns: Mapping[str, tuple[int, int]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headings that nothing was read from: of persons or of free text, which may tell of them; and all others."""
    used = {at for at, _ in columns.values()}
    rest = [(cells.heading(cell)[0], cells.text(cell)[:20]) for at, cell in enumerate(head) if at not in used]
    named = [(plain, title) for plain, title in rest if title]
    personal = [
        title for plain, title in named if _of_persons(plain) or any(word in plain for word in _words()["texts"])
    ]
    return tuple(personal), tuple(title for _, title in named if title not in personal)


# ------------------------------------------------------------------ rows
class _Row:
    """One row while it is read."""

    def __init__(self, number: int, texts: Mapping[str, Any], units: Mapping[str, int], reader: Reader) -> None:
        self.number, self.texts, self.units, self.reader = number, texts, units, reader
        self.notes: list[Note] = []

    def read(self) -> Listed | None:
        day = self._day()
        employer, project = _parted(self._name("employer"), self._name("project"))
        if not employer and not project:
            self._note("nobody", lost=True)
        if day is None or not (employer or project):
            return None
        place = self._name("place")
        return Listed(
            day=day,
            employer=employer or None,
            project=project or None,
            place=place or None,
            town=town_in(place or project or employer, self.reader.towns),
            sector=sector_of(self._name("sector"), self.reader.sectors),
            workers=self._workers(),
            amount_yuan=self._yuan(),
        )

    def _name(self, key: str) -> str:
        return re.sub(r"\s+", " ", cells.text(self.texts.get(key)))[:LONGEST] if self.texts.get(key) is not None else ""

    def _note(self, key: str, *, lost: bool = False, **values: Any) -> None:
        self.notes.append(Note(self.number, key, values, lost))

    def _day(self) -> date | None:
        cell, reader = self.texts.get("day"), self.reader
        written = cells.text(cell)
        found = _date(cell, written)
        if found is None:
            self._note("day" if written else "no_day", lost=True, **({"value": written[:30]} if written else {}))
        elif found > reader.today:
            self._note("future", lost=True, value=found.isoformat())
        elif (reader.first and found < reader.first) or (reader.last and found > reader.last):
            self._note("outside", lost=True, value=found.isoformat())
        else:
            return found
        return None

    def _workers(self) -> int | None:
        written = cells.text(self.texts.get("workers")).replace(",", "")
        if not written or written in cells.words()["unsaid"]:
            return None
        match = _HEADS.fullmatch(written)
        if match is None:
            self._note("workers", value=written[:20])
            return None
        return int(match[1]) or None

    def _yuan(self) -> float | None:
        written = cells.text(self.texts.get("amount"))
        try:
            return cells.yuan(written, self.units.get("amount", 1)) or None
        except cells.Unreadable as wrong:
            self._note("too_much" if wrong.key == "too_much" else "yuan", **{"value": written[:30], **wrong.values})
            return None


def _date(cell: Any, written: str) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, (int, float)) and int(cell) in _SERIAL:
        return _EPOCH + timedelta(days=int(cell))
    try:
        found = cells.day(_TIME.sub("", written))
    except cells.Unreadable:
        return None
    return None if found == cells.FOREVER else found


def _parted(employer: str, project: str) -> tuple[str, str]:
    """甲木建工（锦禾苑三期项目） of a column for both: debtor and works; a site in the debtor's place is the works."""
    if project or not employer:
        return employer, project
    if found := _BRACKET.match(employer):
        one, other = found["one"].strip(), found["other"].strip()
        if _WORKS.search(other):
            return one, other
        if _WORKS.search(one):
            return other, one
    parts = [part for part in re.split(r"[/／]", employer) if part.strip()]
    if len(parts) == 2 and bool(_WORKS.search(parts[0])) != bool(_WORKS.search(parts[1])):
        one, other = (part.strip() for part in parts)
        return (other, one) if _WORKS.search(one) else (one, other)
    return ("", employer) if re.search(r"项目(?:部)?$|工地$|工程$|标段$", employer) else (employer, "")


def town_in(written: str, towns: Mapping[str, str]) -> str | None:
    """The county's town that a text names, by its longest name."""
    named = [name for name in towns if name in written]
    return towns[max(named, key=len)] if named else None


def sector_of(written: str, sectors: Mapping[str, str]) -> str:
    """The trade's id, by the matrix's name for it or by what other offices call it; `unknown` for any other word."""
    if not written:
        return "unknown"
    if written in sectors:
        return written
    for id_, name in sectors.items():
        if written == name or written in re.split(r"[、/（）()]", name):
            return id_
    for id_, names in _words()["sectors"].items():
        if written.removesuffix("行业") in names and (not sectors or id_ in sectors):
            return str(id_)
    return "unknown"
