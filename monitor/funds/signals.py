"""工资支付隐患: firms that have begun to leave other things unpaid, as offices' lists of arrears tell. Pure.

保障农民工工资支付条例 38(2): 人社 watches and warns of hidden dangers to pay by what water, power, gas, property
management, credit and taxes tell of a firm. A signal is a reason to look into a firm in time. It is no debt of wages,
it opens no case and changes no level; a firm that no list names is unknown, not sound. Companies only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from monitor.backing import SIGNS, Line, Loaded, Sign, Signal, Trend, Visit
from monitor.funds import firms as parts
from monitor.funds.behind import days_stale
from monitor.funds.match import Book, firms_of
from monitor.funds.names import Directory, plain, stem
from monitor.model import Facts
from monitor.text import SHANGHAI, aware

# How much is worth a visit. No law sets it; both are this project's own: one bill may be forgotten, two of different
# kinds seldom are, and art. 11 has wages paid by the month, so that three months are a quarter nobody was paid in.
TOGETHER, LONG = 2, 3
AGAIN = timedelta(days=60)  # as long as a list may be relied on
_ORDER = (Trend.NEW, Trend.MORE, Trend.LESS, Trend.SAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one list says of one firm, its lines of several meters together. `stale`: days, of a list too old."""

    sign: Sign
    name: str  # as the list writes it
    signal: Signal
    source: str
    as_of: date
    stale: int = 0

    @property
    def months(self) -> int:
        """How long it is unpaid: as the list counts it, or from the month it names to its day."""
        told, since = self.signal.months or 0, self.signal.since
        return max(told, _months(since, self.as_of)) if since else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A firm of a case. `part`: employer, contractor, owner or subcontractor; `others`: listed names it may mean."""

    name: str
    part: str
    seen: tuple[Seen, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCase:
    """What the lists say of the firms of a case. `silent`: lists that name none of them; `missing`: not loaded."""

    firms: tuple[Named, ...]
    silent: tuple[Sign, ...]
    missing: tuple[Sign, ...]

    @property
    def pressing(self) -> bool:
        return any(pressing(one.seen) for one in self.firms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A firm with signals. `ids`: cases in hand that name it; `projects`: where the register has it.

    `visited`: the last time somebody looked into it; `due`: whether somebody should now.
    """

    name: str
    seen: tuple[Seen, ...]
    ids: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    visited: Visit | None = None
    due: bool = False

    @property
    def pressing(self) -> bool:
        return pressing(self.seen)

    @property
    def fresh(self) -> bool:
        """Whether a list names it that did not name it before, or tells of more than before."""
        return any(one.signal.trend in (Trend.NEW, Trend.MORE) for one in self.seen)

    @property
    def yuan(self) -> float:
        return sum(one.signal.yuan or 0.0 for one in self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """All firms with signals, those that press most first.

    `loaded`: signs whose list there is; `stale`: lists that are too old; `brought`: when the newest list was loaded.
    """

    hints: tuple[Hint, ...] = ()
    loaded: tuple[Sign, ...] = ()
    stale: tuple[tuple[Sign, date, int], ...] = ()
    brought: datetime | None = None

    @property
    def ahead(self) -> tuple[Hint, ...]:
        """Firms to look into: where somebody can still come in time."""
        return tuple(one for one in self.hints if one.due)


def _months(since: date, until: date) -> int:
    return max((until.year - since.year) * 12 + until.month - since.month, 0)


def pressing(seen: Sequence[Seen]) -> bool:
    """Several kinds together, a standstill, or one thing unpaid for a quarter."""
    return len({one.sign for one in seen}) >= TOGETHER or any(
        one.sign is Sign.IDLE or one.months >= LONG for one in seen
    )


@dataclass
class Signals:
    """The lists of arrears as they are loaded, by firm, put together once."""

    book: Book
    today: date
    _by_name: dict[str, dict[Sign, Seen]] = field(default_factory=dict)  # plain name -> sign -> what its list says
    _firms: dict[Sign, Directory] = field(default_factory=dict)  # the names of each list

    def __post_init__(self) -> None:
        self.loaded = tuple(Sign(kind) for kind in SIGNS if kind in self.book.lists)
        for sign in self.loaded:
            found = _gathered(sign, self.book.lists[sign.value], self.today)
            self._firms[sign] = Directory.of(seen.name for seen in found.values())
            for name, seen in found.items():
                self._by_name.setdefault(name, {})[sign] = seen
        self._aliases = _aliases(self.book)
        self._registered = Directory.of(name for names in self._aliases.values() for name in names)
        self._sites: dict[str, list[str]] = {}  # plain name of a firm -> projects that the register has it on
        for row in self.book.projects:
            for firm in firms_of(row):
                self._sites.setdefault(plain(firm), []).append(row.name)
        self._builders = Directory.of(firm for row in self.book.projects for firm in firms_of(row))

    def of_case(self, facts: Facts) -> OfCase:
        """The firms that a case or its project names, with what the lists say of each."""
        firms = [self._named(name, part) for name, part in _firms_of(self.book, facts)]
        told = {one.sign for firm in firms for one in firm.seen}
        return OfCase(
            firms=tuple(firms),
            silent=tuple(sign for sign in self.loaded if sign not in told),
            missing=tuple(sign for sign in Sign if sign not in self.loaded),
        )

    def outlook(self, cases: Iterable[tuple[str, Facts]] = (), visits: Iterable[Visit] = ()) -> Hints:
        """Every firm with signals. `cases`: (id, facts) of those in hand; a firm carries the ids of those naming it.

        `visits`: to firms of the lists, the oldest first; the last of a firm counts.
        """
        groups = self._groups()
        group_of = {name: first for first, names in groups.items() for name in names}
        ids: dict[str, dict[str, None]] = {first: {} for first in groups}
        for id_, facts in cases:
            for firm in self.of_case(facts).firms:
                for seen in firm.seen:
                    ids[group_of[plain(seen.name)]][id_] = None
        last = self._last(visits, group_of)
        hints = [self._hint(names, tuple(ids[first]), last.get(first)) for first, names in groups.items()]
        dated = [(sign, self.book.lists[sign.value].as_of) for sign in self.loaded]
        return Hints(
            hints=tuple(sorted(hints, key=_rank)),
            loaded=self.loaded,
            stale=tuple((sign, as_of, days) for sign, as_of in dated if (days := days_stale(as_of, self.today))),
            brought=max((self.book.lists[sign.value].at for sign in self.loaded), default=None),
        )

    def _named(self, name: str, part: str) -> Named:
        seen: list[Seen] = []
        others: dict[str, None] = {}
        for sign in self.loaded:
            found = self._in(sign, name)
            if len(found) == 1:
                seen.append(self._by_name[plain(found[0])][sign])
            others.update(dict.fromkeys(found if len(found) > 1 else ()))  # nobody can tell which firm of the list
        return Named(name=name, part=part, seen=tuple(seen), others=tuple(others))

    def _in(self, sign: Sign, name: str) -> list[str]:
        """The names of one list that a firm's name can mean; the name itself comes before the register's for it."""
        own = self._firms[sign].find(name)
        return list(own) or sorted({one for form in self._forms(name) for one in self._firms[sign].find(form)})

    def _forms(self, name: str) -> tuple[str, ...]:
        """The names that the register has for a firm; its own alone where the register does not know it."""
        meant = {self._aliases[plain(one)] for one in self._registered.find(name)}
        return meant.pop() if len(meant) == 1 else (name,)

    def _groups(self) -> dict[str, list[str]]:
        """Plain names of the lists that mean one firm, under the first: by another list's name, or by the register."""
        groups: dict[str, list[str]] = {}
        first_of: dict[str, str] = {}
        for name, found in sorted(self._by_name.items(), key=lambda pair: (len(pair[0]), pair[0])):
            written = next(iter(found.values())).name
            meant = {plain(one) for sign in self.loaded for one in self._in(sign, written)}
            near = {first_of[one] for one in meant if one in first_of}
            near = {one for one in near if not self._clash(groups[one], name)}
            first = near.pop() if len(near) == 1 else name
            groups.setdefault(first, []).append(name)
            first_of[name] = first
        return groups

    def _clash(self, group: Sequence[str], name: str) -> bool:
        """Two names in one list are two firms."""
        return any(self._by_name[one].keys() & self._by_name[name].keys() for one in group)

    def _last(self, visits: Iterable[Visit], group_of: Mapping[str, str]) -> dict[str, Visit]:
        """The last visit of each firm, also where its list writes another name for it by now."""
        listed = Directory.of(seen.name for found in self._by_name.values() for seen in found.values())
        last: dict[str, Visit] = {}
        for one in visits:
            own = plain(one.firm)
            meant = {group_of[own]} if own in group_of else {group_of[plain(name)] for name in listed.find(one.firm)}
            if len(meant) == 1:
                last[meant.pop()] = one
        return last

    def _hint(self, names: Sequence[str], ids: tuple[str, ...], visited: Visit | None) -> Hint:
        seen = [one for name in names for one in self._by_name[name].values()]
        shown = max((one.name for one in seen), key=len)
        forms = {form for one in seen for form in (one.name, *self._forms(one.name))}
        builders = {found for form in forms for found in self._builders.find(form)}
        on = sorted(site for one in builders for site in self._sites[plain(one)])
        return Hint(
            name=shown, seen=tuple(sorted(seen, key=lambda one: list(Sign).index(one.sign))), ids=ids,
            projects=tuple(dict.fromkeys(on)), visited=visited,
            due=pressing(seen) and not ids and self._again(visited, seen),
        )  # fmt: skip

    def _again(self, visited: Visit | None, seen: Sequence[Seen]) -> bool:
        """Whether to look (again): never looked, two months ago, or a later list names it anew or for more.

        The first list of a kind has nothing beside it: whom it names, it names anew.
        """
        if visited is None:
            return True
        day = aware(visited.at).astimezone(SHANGHAI).date()
        worse = any(one.as_of > day and one.signal.trend in (None, Trend.NEW, Trend.MORE) for one in seen)
        return worse or self.today - day > AGAIN


def compared(lines: Sequence[Line], before: Loaded | None, as_of: date) -> list[Line]:
    """The lines of a list with how each stands beside the list before it; unmarked where there was none.

    A list of the same day puts the one before right: what that one was compared with still counts.
    """
    if before is None:
        return list(lines)
    known = _by_firm(before.lines)
    corrected = before.as_of == as_of
    if corrected and not any(one.trend for one in known.values()):
        return list(lines)
    now = _by_firm(lines)
    marks = {name: _trend(one, known.get(name), corrected) for name, one in now.items()}
    return [replace(line, signal=replace(line.signal, trend=marks[plain(line.firm or "")])) if line.signal else line
            for line in lines]  # fmt: skip


def _trend(now: Signal, before: Signal | None, corrected: bool) -> Trend:
    if before is None:
        return Trend.NEW
    if corrected:
        return before.trend or Trend.SAME
    pairs = [(now.yuan, before.yuan), (now.months, before.months)]
    for one, other in pairs:  # money first: a month more with less owed is less
        if one is not None and other is not None and one != other:
            return Trend.MORE if one > other else Trend.LESS
    return Trend.SAME


def _by_firm(lines: Iterable[Line]) -> dict[str, Signal]:
    """One signal a firm: the longest time, all money, the earliest day, the weightiest trend of its lines."""
    found: dict[str, Signal] = {}
    for line in lines:
        if line.signal and line.firm:
            name = plain(line.firm)
            found[name] = _together(found[name], line.signal) if name in found else line.signal
    return found


def _together(one: Signal, other: Signal) -> Signal:
    return Signal(
        months=max((n for n in (one.months, other.months) if n is not None), default=None),
        yuan=None if one.yuan is None and other.yuan is None else (one.yuan or 0.0) + (other.yuan or 0.0),
        since=min((d for d in (one.since, other.since) if d is not None), default=None),
        trend=min((t for t in (one.trend, other.trend) if t is not None), key=_ORDER.index, default=None),
    )


def _gathered(sign: Sign, loaded: Loaded, today: date) -> dict[str, Seen]:
    names = {plain(line.firm): line.firm for line in loaded.lines if line.firm}
    stale = days_stale(loaded.as_of, today)
    return {
        name: Seen(sign=sign, name=names[name], signal=signal, source=loaded.source, as_of=loaded.as_of, stale=stale)
        for name, signal in _by_firm(loaded.lines).items()
    }


def _aliases(book: Book) -> Mapping[str, tuple[str, ...]]:
    """Every form that the register gives a firm -> all of them; a form of two firms stands for itself."""
    found: dict[str, tuple[str, ...]] = {}
    twice: set[str] = set()
    for row in book.register:
        if row.kind == "employer":
            for form in (row.name, *row.aliases):
                twice |= {plain(form)} if plain(form) in found else set()
                found[plain(form)] = (row.name, *row.aliases)
    return {form: names for form, names in found.items() if form not in twice}


def _firms_of(book: Book, facts: Facts) -> list[tuple[str, str]]:
    """(name, part) of the firms of a case, each once: whom the posts name first, then those of its project."""
    told = parts.firms(book, facts)
    found = [(facts.employer, "employer")] if facts.employer else []
    found += [(one.name, part) for one, part in ((told.contractor, "contractor"), (told.owner, "owner")) if one]
    found += [(one.name, "subcontractor") for one in told.subcontractors]
    unique: dict[str, tuple[str, str]] = {}
    for name, part in found:
        unique.setdefault(stem(name), (name, part))
    return list(unique.values())


def _rank(one: Hint) -> tuple[bool, bool, int, int, float, str]:
    """Those to look into first, then those that press, then by how many kinds, how long and how much."""
    longest = max((seen.months for seen in one.seen), default=0)
    return (not one.due, not one.pressing, -len(one.seen), -longest, -one.yuan, one.name)
