"""The sector of a text, by the table in signals.yaml. Knows the matrix's ids, not its consequences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from monitor.facts.beginnings import quick
from monitor.facts.brands import trades
from monitor.facts.needles import Needles

UNKNOWN = "unknown"
WORKS = "works"  # words of building work, whatever is built; no sector of the matrix
EARLY, LATE = 60, 300  # characters in which a text says what it is about, and after which it strays
NAMED, KNOWN = 12.0, 20.0  # weight of what the debtor's own name says, and of a brand whose trade is known
_BUILDS = re.compile(
    r"农民工|民工|包工头|工地|施工|工程款|工程队|承建|承包工程|总包|班组|项目部|竣工|装修|翻新|翻修|钢筋|木工|瓦工|泥工|抹灰|刷墙|基建"
)
# others build for them: schools, hospitals, inns, offices, developers and firms of no class
_HOUSES = ("education_training", "health_eldercare", "catering_hotel", "public_institution", "unknown")
_BUILT = ("building_municipal", "decoration", "highway_waterway", "railway", "water_works", "energy_power",
          "telecom_works", "agri_works", "land_works")  # fmt: skip
LEAST = 1.5  # weight under which no sector is named


@dataclass(frozen=True, slots=True)
class Signals:
    """The table, and which of its patterns a text can match: `near` counts in the order of `sectors`."""

    sectors: tuple[tuple[str, float, re.Pattern[str]], ...]
    named: tuple[tuple[str, re.Pattern[str]], ...]
    near: Needles


@lru_cache(maxsize=1)
def signals() -> Signals:
    """The packaged table; ValueError if one of its patterns is wrong."""
    with (files("monitor.facts") / "signals.yaml").open(encoding="utf-8") as file:
        table = yaml.safe_load(file)
    weighed = [(name, row) for name, weighted in table["sectors"].items() for row in weighted.items()]
    return Signals(
        tuple((name, float(weight), quick(pattern)) for name, (weight, pattern) in weighed),
        tuple((name, re.compile(pattern)) for name, pattern in table["named"].items()),
        Needles([pattern for _, (_, pattern) in weighed]),
    )


def sector(text: str, debtor: str = "", site: str = "") -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sector the words speak for and where they stand; `unknown` where they say too little.

    `debtor`, `site`: their names as written, which tell a trade better than the rest of a text.
    """
    weights: dict[str, float] = {}
    places: dict[str, list[tuple[int, int]]] = {}
    table, named, builds = signals(), f"{debtor} {site}".strip(), bool(_BUILDS.search(text, 0, 2 * LATE))
    for at in sorted(table.near.worth(f"{named}\n{text}")):
        name, weight, pattern = table.sectors[at]
        seen: set[str] = set()
        if named and not (builds and name in _HOUSES) and pattern.search(named):
            weights[name] = weights.get(name, 0.0) + weight * 2.5
        for match in pattern.finditer(text):
            if match[0] in seen:
                continue
            seen.add(match[0])
            near = 1.5 if match.start() < EARLY else 1.0 if match.start() < LATE else 0.5
            weights[name] = weights.get(name, 0.0) + near * (weight if len(seen) == 1 else weight / 3)
            places.setdefault(name, []).append(match.span())
    _works(weights, places)
    _by_name(weights, debtor, text, builds)
    if not weights:
        return UNKNOWN, ()
    best = max(weights, key=lambda name: (weights[name], -places.get(name, [(0, 0)])[0][0]))
    if best == UNKNOWN or weights[best] < LEAST:
        return UNKNOWN, ()
    return best, tuple(places.get(best, ())[:3])


def _works(weights: dict[str, float], places: dict[str, list[tuple[int, int]]]) -> None:
    """Gives the words of building work (民工, 施工) to what is built: a road, a dam; a house where none is named."""
    general = weights.pop(WORKS, 0.0)
    spans = places.pop(WORKS, [])
    if general:
        built = max((name for name in _BUILT if weights.get(name)), key=lambda name: weights[name], default=_BUILT[0])
        weights[built] = weights.get(built, 0.0) + general
        places.setdefault(built, []).extend(spans)


def _by_name(weights: dict[str, float], debtor: str, text: str, builds: bool) -> None:
    """What the debtor's name says: its ending, and known brands. A school that is being built is a building site."""
    for name, pattern in signals().named:
        if debtor and not (builds and name in _HOUSES) and pattern.search(debtor):
            weights[name] = weights.get(name, 0.0) + NAMED
    for _, trade, start, _ in trades(f"{debtor}\n{text[:LATE]}"):
        if start < len(debtor):
            weights[trade] = weights.get(trade, 0.0) + KNOWN
        elif not debtor:
            weights[trade] = weights.get(trade, 0.0) + 2.0
