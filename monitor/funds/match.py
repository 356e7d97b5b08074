"""Which project of the register a name means: the same name, or one that contains the other whole. Never a guess.

Two projects that fit, a firm that is another one's, a phase or a lot that only one side names: no match, and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.backing import Line, Loaded
from monitor.funds.names import core, plain, same_cores, same_firm
from monitor.model import Facts, RegisterRow

LEAST = 4  # characters that a contained name must have
_PART = re.compile(
    r"[一二三四五六七八九十百\d]+(?:期|标段?|区|号|栋|幢|组团|批)|(?:第?[一二三四五六七八九十\d]+)?(?:合同段|标段)|"
    r"[a-z]\d*(?:区|标段?|地块|段)|[东南西北中][区段]|[甲乙丙丁](?:区|标段?)|\d"
)


@dataclass(frozen=True, slots=True)
class Match:
    """`row`: the project meant; None, and `how` says why: none, several, part, firm, unnamed, unregistered.

    With a row `how` is exact or contained. `others`: names of projects that came into question, or the firm's own.
    """

    row: RegisterRow | None
    how: str
    others: tuple[str, ...] = ()


def forms(row: RegisterRow) -> tuple[str, ...]:
    """The names a project goes by."""
    return tuple(dict.fromkeys(form for form in map(plain, (row.name, *row.aliases)) if form))


def firms_of(row: RegisterRow) -> tuple[str, ...]:
    """Companies that the register puts on a project."""
    held = row.funds
    named = (held.contractor, held.owner) if held else ()
    return tuple(dict.fromkeys((*row.employers, *(one for one in named if one))))


@dataclass
class Book:
    """The register's projects and the lists as they were loaded, matched once. `lists`: kind -> list."""

    register: Sequence[RegisterRow] = ()
    lists: Mapping[str, Loaded] = field(default_factory=dict)
    _found: dict[str, Match] = field(default_factory=dict)
    _placed: dict[str, dict[str, list[Line]]] = field(default_factory=dict)
    _unplaced: dict[str, list[tuple[Line, Match]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.projects = tuple(row for row in self.register if row.kind == "project")
        self._cores = [(row, [core(one) for one in firms_of(row)]) for row in self.projects]
        self._exact: dict[str, list[RegisterRow]] = {}
        for row in self.projects:
            for form in forms(row):
                self._exact.setdefault(form, []).append(row)

    def named(self, name: str) -> Match:
        """The project of the register that a name means."""
        if name not in self._found:
            self._found[name] = self._named(plain(name))
        return self._found[name]

    def _named(self, name: str) -> Match:
        exact = self._exact.get(name, [])
        if len(exact) == 1:
            return Match(exact[0], "exact")
        if exact:
            return Match(None, "several", _names(exact))
        near = {id(row): (row, over) for form, rows in self._exact.items() if (over := _over(form, name)) is not None
                for row in rows}  # fmt: skip
        whole = [row for row, _ in near.values()]
        if len(whole) > 1:
            return Match(None, "several", _names(whole))
        if not whole:
            return Match(None, "none")
        leftovers = [over for form in forms(whole[0]) if (over := _over(form, name)) is not None]
        if all(_PART.search(over) for over in leftovers):
            return Match(None, "part", _names(whole))
        return Match(whole[0], "contained")

    def project(self, facts: Facts) -> Match:
        """The project that a debt is about. An employer alone names none, only the projects it stands on."""
        if not self.projects:
            return Match(None, "unregistered")
        if facts.project:
            return self.named(facts.project)
        return Match(None, "unnamed", self._sites_of(core(facts.employer)) if facts.employer else ())

    def _sites_of(self, employer: str) -> tuple[str, ...]:
        """The projects that the register has an employer on."""
        return _names(row for row, firms in self._cores if any(same_cores(employer, one) for one in firms))

    def lines(self, kind: str, row: RegisterRow) -> list[Line]:
        """What a list says of a project."""
        self._place(kind)
        return self._placed[kind].get(row.name, [])

    def unmatched(self, kind: str) -> list[tuple[Line, Match]]:
        """Lines of a list that no project of the register was found for, each with why."""
        self._place(kind)
        return self._unplaced[kind]

    def _place(self, kind: str) -> None:
        if kind in self._placed:
            return
        placed: dict[str, list[Line]] = {}
        unplaced: list[tuple[Line, Match]] = []
        loaded = self.lists.get(kind)
        for line in loaded.lines if loaded else ():
            found = self._with_firm(line)
            if found.row is None:
                unplaced.append((line, found))
            else:
                placed.setdefault(found.row.name, []).append(line)
        self._placed[kind], self._unplaced[kind] = placed, unplaced

    def _with_firm(self, line: Line) -> Match:
        """A line's project; one whose firm the register does not put on that project is not taken."""
        found = self.named(line.project) if self.projects else Match(None, "unregistered")
        known = firms_of(found.row) if found.row else ()
        if line.firm and known and not any(same_firm(line.firm, one) for one in known):
            return Match(None, "firm", (found.row.name if found.row else "", *known))
        return found


def _over(form: str, name: str) -> str | None:
    """What the longer name says beyond the shorter one; None where neither contains the other."""
    short, long = sorted((form, name), key=len)
    if len(short) < LEAST or short == long or short not in long:
        return None
    return long.replace(short, "", 1)


def _names(rows: Iterable[RegisterRow]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)
