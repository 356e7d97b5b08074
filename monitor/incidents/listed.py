"""Which incident a row of another office's list is about: certainly, perhaps, or none. Pure; knows names, no store.

Names decide as they do for posts (`names.same_name`); place, days, sums and heads only support or stand against. What
is not certain waits for a person. Nothing here joins incidents or opens one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from monitor.incidents.keys import exact
from monitor.incidents.names import LONG, core, parts, plain_name, same_name, two_names
from monitor.incidents.place import WINDOW
from monitor.listed import Judged, Kept, Listed
from monitor.model import RegisterRow

NEAR = timedelta(days=30)  # beyond it, up to WINDOW, a name alone is not sure
CLOSE = 1.15  # two figures that are one, counted twice
LARGER = 1.5  # a list's figure so much larger is another debt's; a smaller one may be of one of its workers


class Grade(StrEnum):
    CERTAIN = "certain"
    PERHAPS = "perhaps"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An incident as the net saw it. `first`, `last`: local days of its first and last post that no list brought."""

    incident: str
    title: str
    first: date
    last: date
    employer: str | None = None
    project: str | None = None
    town: str | None = None
    sector: str = "unknown"
    workers: int | None = None
    amount_yuan: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """What a row and an incident have to do with each other. `why`: a key of the catalogue; `weight` orders fits."""

    grade: Grade
    why: str
    incident: str | None = None
    weight: float = 0.0
    values: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Fit(Grade.NONE, "nothing")


class Called:
    """What the county's register calls things: nicknames to names, projects to the companies on them."""

    def __init__(self, register: Sequence[RegisterRow] = ()) -> None:
        self._names = {form: row.name for row in register for form in (row.name, *row.aliases)}
        self._chains = {row.name: row.employers for row in register if row.kind == "project" and row.employers}

    def name(self, written: str | None) -> str | None:
        return self._names.get(written, written) if written else None

    def chain(self, project: str | None) -> tuple[str, ...]:
        """The companies that the register puts on a project."""
        named = next((name for name in self._chains if same_name(name, project)), None) if project else None
        return self._chains[named] if named else ()


def fit(row: Listed, seen: Sighting, called: Called) -> Fit:
    """Whether both are one debt."""
    outside = max(seen.first - row.day, row.day - seen.last, timedelta(0))
    if outside > WINDOW:
        return NOTHING
    name = _by_name(row, seen, called)
    if name is None:
        return _by_figures(row, seen)
    why, weight, sure = name
    found = Fit(Grade.CERTAIN, why, seen.incident, weight, {"name": _named(why, seen)})
    against = _against(row, seen, outside, whole=why == "project")
    if against:
        return replace(found, grade=Grade.PERHAPS, why=against, values={**found.values, "days": outside.days})
    if not sure and not _supported(row, seen):
        return replace(found, grade=Grade.PERHAPS, why="name_only" if why != "chain" else "chain")
    return found


def _by_name(row: Listed, seen: Sighting, called: Called) -> tuple[str, float, bool] | None:
    """(which name, weight, whether it is enough by itself); None where no name ties them or two tell them apart."""
    project, employer = called.name(row.project), called.name(row.employer)
    site, debtor = called.name(seen.project), called.name(seen.employer)
    if same_name(project, site):
        return "project", 3.0, True
    if same_name(employer, site) or same_name(project, debtor):
        return "crossed", 2.5, True
    if two_names(project, site):
        return None
    if same_name(employer, debtor):
        return "employer", 2.0, False
    on_site = any(same_name(employer, one) for one in called.chain(site))
    on_chain = on_site or any(same_name(debtor, one) for one in called.chain(project))
    return ("chain", 1.0, False) if on_chain else None


def _named(why: str, seen: Sighting) -> str:
    """The incident's name by which they are tied, as the reason tells it."""
    first, other = (seen.employer, seen.project) if why == "employer" else (seen.project, seen.employer)
    return first or other or ""


def _against(row: Listed, seen: Sighting, outside: timedelta, *, whole: bool) -> str:
    """What makes a tie by name unsure; empty for nothing. `whole`: by the project, whose debts are one."""
    if row.town and seen.town and row.town != seen.town:
        return "other_town"
    if outside > NEAR:
        return "long_ago"
    larger = _larger(row.amount_yuan, seen.amount_yuan) or _larger(row.workers, seen.workers)
    return "larger" if larger and not whole else ""


def _supported(row: Listed, seen: Sighting) -> bool:
    """Whether anything beside the name speaks for one debt."""
    return (
        bool(row.town and row.town == seen.town)
        or _close(row.amount_yuan, seen.amount_yuan)
        or (_close(row.workers, seen.workers) and (row.workers or 0) > 1)
    )


def _by_figures(row: Listed, seen: Sighting) -> Fit:
    """Where one side names nobody: the same place and trade with the same sum may be one debt; a person decides."""
    named = two_names(row.project, seen.project) or two_names(row.employer, seen.employer)
    other = bool(row.town and seen.town and row.town != seen.town)
    same_sum = row.amount_yuan is not None and row.amount_yuan == seen.amount_yuan
    heads = row.workers is not None and row.workers == seen.workers and row.workers > 1
    if named or other or not same_sum or not (heads or exact(row.amount_yuan)):
        return NOTHING
    return Fit(Grade.PERHAPS, "figures", seen.incident, 0.5)


def _close(one: float | None, other: float | None) -> bool:
    return bool(one and other) and max(one or 0, other or 0) <= CLOSE * min(one or 0, other or 0)


def _larger(one: float | None, other: float | None) -> bool:
    return bool(one and other) and (one or 0) > LARGER * (other or 0)


# ------------------------------------------------------------------ many rows, many incidents
class Sightings:
    """Incidents, found by what their names share with a row's: so the work does not grow with the ledger."""

    def __init__(self, seen: Iterable[Sighting], called: Called) -> None:
        self.called = called
        self.by_id: dict[str, Sighting] = {}
        self._forms: list[tuple[str, int]] = []  # incident, pairs of characters in one form of one of its names
        self._by_pair: dict[str, list[int]] = defaultdict(list)
        self._by_ends: dict[str, set[str]] = defaultdict(set)
        self._by_sum: dict[float, set[str]] = defaultdict(set)
        for one in seen:
            self.add(one)

    def add(self, one: Sighting) -> None:
        """One more."""
        self.by_id[one.incident] = one
        for form in self._forms_of(one.project, one.employer, *self.called.chain(self.called.name(one.project))):
            pairs = _pairs(form)
            for pair in pairs:
                self._by_pair[pair].append(len(self._forms))
            self._forms.append((one.incident, len(pairs)))
            self._by_ends[_ends(form)].add(one.incident)
        if one.amount_yuan:
            self._by_sum[one.amount_yuan].add(one.incident)

    def _forms_of(self, *names: str | None) -> set[str]:
        single = {part for name in names for written in (name, self.called.name(name)) for part in parts(written)}
        return {form for name in single for form in (core(name), plain_name(name))}

    def near(self, row: Listed) -> list[Sighting]:
        """Those that may be about the row's debt: one name holds the other, or both are long and end alike (a slip)."""
        found = set(self._by_sum.get(row.amount_yuan or -1.0, ()))
        chain = self.called.chain(self.called.name(row.project))
        for form in self._forms_of(row.project, row.employer, *chain):
            pairs = _pairs(form)
            shared = Counter(held for pair in pairs for held in self._by_pair.get(pair, ()))
            for held, count in shared.items():
                incident, size = self._forms[held]
                if count == min(len(pairs), size):
                    found.add(incident)
            found |= self._by_ends.get(_ends(form), set()) if len(form) >= LONG else set()
        near = (self.by_id[one] for one in sorted(found))
        return [one for one in near if one.first - WINDOW <= row.day <= one.last + WINDOW]

    def best(self, row: Listed, judged: Collection[Judged] = ()) -> Fit:
        """The incident that fits best. What a person said comes first; of equals none is certain."""
        for one in judged:
            if one.same:
                return Fit(Grade.CERTAIN, "person", one.incident, 9.0, {"by": one.by})
        refused = {one.incident for one in judged}
        fits = [fit(row, one, self.called) for one in self.near(row) if one.incident not in refused]
        fits = [one for one in fits if one.grade is not Grade.NONE]
        if not fits:
            return NOTHING
        fits.sort(key=lambda one: (one.grade is Grade.CERTAIN, one.weight, -self._days(row, one)), reverse=True)
        first, *rest = fits
        rivals = [one for one in rest if one.grade is Grade.CERTAIN and one.weight == first.weight]
        if first.grade is Grade.CERTAIN and rivals:
            return replace(first, grade=Grade.PERHAPS, why="several", values={"count": len(rivals) + 1})
        return first

    def _days(self, row: Listed, one: Fit) -> int:
        return abs((self.by_id[one.incident or ""].first - row.day).days)


def _pairs(form: str) -> set[str]:
    return {form[at : at + 2] for at in range(len(form) - 1)}


def _ends(form: str) -> str:
    """First and last character of a name that is long enough for a slip of the pen; empty for the others."""
    return form[0] + form[-1] if len(form) >= LONG else ""


# ------------------------------------------------------------------ rows of one debt
@dataclass(frozen=True, slots=True)
class Debt:
    """A debt as the lists tell it: its rows, the earliest first, and what the net knows of it.

    `fit` of the first row. `seen` None: the net did not see it, or nobody has said yet (`waiting`). `taken`: the case
    that a person opened from a row, or tied one to, though the net has no post of it.
    """

    rows: tuple[Kept, ...]
    fit: Fit
    seen: Sighting | None = None
    taken: str | None = None

    @property
    def waiting(self) -> bool:
        return self.fit.grade is Grade.PERHAPS

    @property
    def day(self) -> date:
        return self.rows[0].row.day

    @property
    def ahead(self) -> int | None:
        """Days by which the net was earlier than the lists; negative: later; None: not seen."""
        return (self.day - self.seen.first).days if self.seen else None


def debts(rows: Sequence[Kept], seen: Sightings, judged: Mapping[str, Sequence[Judged]]) -> list[Debt]:
    """Rows of one debt put together: those of one incident, and unmatched ones that are certainly one another's."""
    of_incident: dict[str, list[Kept]] = defaultdict(list)
    fits: dict[str, Fit] = {}
    loose: list[Kept] = []
    for kept in sorted(rows, key=lambda one: (one.row.day, one.key)):
        found = seen.best(kept.row, judged.get(kept.key, ()))
        fits[kept.key] = found
        if found.grade is Grade.CERTAIN:
            of_incident[found.incident or ""].append(kept)
        else:
            loose.append(kept)
    told = []
    for incident, held in of_incident.items():
        sighting = seen.by_id.get(incident)
        told.append(Debt(tuple(held), fits[held[0].key], sighting, None if sighting else incident))
    told += [Debt(tuple(held), fits[held[0].key]) for held in _alike(loose, fits, seen.called)]
    return sorted(told, key=lambda one: (one.day, one.rows[0].key))


def _alike(rows: Sequence[Kept], fits: Mapping[str, Fit], called: Called) -> list[list[Kept]]:
    """Rows of one debt, each compared with the first of a group only: a star, never a chain.

    Two rows that name one firm and nothing that tells them apart are one debt: many workers call, each for all.
    """
    waiting = [kept for kept in rows if fits[kept.key].grade is Grade.PERHAPS]
    groups: list[list[Kept]] = []
    for part in (waiting, [kept for kept in rows if fits[kept.key].grade is Grade.NONE]):
        index = Sightings((), called)
        held: dict[str, list[Kept]] = {}
        for kept in part:
            best = index.best(kept.row)
            if best.incident and (best.grade is Grade.CERTAIN or best.why == "name_only"):
                held[best.incident].append(kept)
                continue
            held[kept.key] = [kept]
            index.add(_as_sighting(kept))
        groups += held.values()
    return groups


def _as_sighting(kept: Kept) -> Sighting:
    row = kept.row
    return Sighting(
        incident=kept.key, title=row.name, first=row.day, last=row.day, employer=row.employer, project=row.project,
        town=row.town, sector=row.sector, workers=row.workers, amount_yuan=row.amount_yuan,
    )  # fmt: skip
