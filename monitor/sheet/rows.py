"""Which column of a sheet holds what, and one row's texts with the faults found while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from monitor.errors import Fault
from monitor.sheet import cells
from monitor.sheet.cells import Unreadable, fault, words

T = TypeVar("T")
LONGEST = 200  # characters of a name


@dataclass(slots=True)
class Row:
    """One row's texts by column, and the faults found while it is read."""

    texts: Mapping[str, str]
    titles: Mapping[str, str]  # column -> the heading over it, and what its figures are multiplied by
    units: Mapping[str, int]
    file: str
    number: int
    faults: list[Fault] = field(default_factory=list)

    def get(self, column: str) -> str:
        return self.texts.get(column, "")

    def name(self, column: str) -> str | None:
        return self.get(column)[:LONGEST] or None

    def read(self, column: str, reader: Callable[[str], T | None]) -> T | None:
        """The value of a column, or None with the fault noted."""
        try:
            return reader(self.get(column))
        except Unreadable as wrong:
            self.wrong(column, wrong.key, **wrong.values)
            return None

    def wrong(self, column: str, key: str, remedy: str = "", **values: Any) -> None:
        where = cells.place(self.file, self.number, self.titles.get(column, ""))
        self.faults.append(Fault(where, fault(key, **values), fault(remedy) if remedy else ""))

    def yuan(self, column: str = "yuan") -> float | None:
        return self.read(column, lambda written: cells.yuan(written, self.units.get(column, 1)))


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a sheet holds what. `ignored`: headings that none of them is."""

    at: Mapping[str, int]
    titles: Mapping[str, str]
    units: Mapping[str, int]
    ignored: tuple[str, ...]

    def row(self, line: Sequence[Any], file: str, number: int) -> Row:
        texts = {column: cells.text(line[at]) if at < len(line) else "" for column, at in self.at.items()}
        return Row(texts, self.titles, self.units, file, number)


def columns(head: Sequence[Any], wanted: Iterable[str], *, loose: bool) -> Columns:
    """Finds `wanted` columns by their headings, the most telling of several. `loose`: bare words like 金额 count."""
    names = words()["headings"]
    told = [(number, *cells.heading(cell), cells.text(cell)) for number, cell in enumerate(head) if cells.text(cell)]
    found: dict[str, tuple[int, int, str]] = {}
    used: set[int] = set()
    for column in wanted:
        ranked = [
            (names[column].index(plain), number, unit, title)
            for number, plain, unit, title in told
            if plain in names[column] and number not in used and (loose or plain not in words()["loose"])
        ]
        if ranked:
            _, number, unit, title = min(ranked)
            found[column] = (number, unit, title)
            used.add(number)
    return Columns(
        at={column: one[0] for column, one in found.items()},
        titles={column: one[2] for column, one in found.items()},
        units={column: one[1] for column, one in found.items()},
        ignored=tuple(title for number, _, _, title in told if number not in used),
    )
