"""Sector and traits of a text, by the table in signals.yaml. Knows the matrix's ids, not its consequences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from monitor.facts.clauses import Clause
from monitor.facts.needles import Needles

UNKNOWN = "unknown"
EARLY, LATE = 60, 300  # characters in which a text says what it is about, and after which it strays
LEAST = 1.5  # weight under which no sector is named


@dataclass(frozen=True, slots=True)
class Rule:
    """A trait holds in a sentence where `present` is found and `absent` is not."""

    trait: str
    present: re.Pattern[str]
    absent: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Signals:
    """The table, and which of its patterns a text can match: `near` and `told` count in the order of the other two."""

    sectors: tuple[tuple[str, float, re.Pattern[str]], ...]
    rules: tuple[Rule, ...]
    near: Needles
    told: Needles


@lru_cache(maxsize=1)
def signals() -> Signals:
    """The packaged table; ValueError if one of its patterns is wrong."""
    with (files("monitor.facts") / "signals.yaml").open(encoding="utf-8") as file:
        table = yaml.safe_load(file)
    sectors = tuple(
        (sector, float(weight), re.compile(pattern))
        for sector, weighted in table["sectors"].items()
        for weight, pattern in weighted.items()
    )
    rules = tuple(
        Rule(trait, re.compile(rule["all"]), re.compile(rule["none"]) if "none" in rule else None)
        for trait, listed in table["traits"].items()
        for rule in listed
    )
    return Signals(
        sectors, rules, Needles([row[2].pattern for row in sectors]), Needles([rule.present.pattern for rule in rules])
    )


def sector(text: str, named: str = "") -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sector the words speak for and where they stand; `unknown` where they say too little.

    `named`: the debtor's and the site's names, which tell a trade better than the rest of a text.
    """
    weights: dict[str, float] = {}
    places: dict[str, list[tuple[int, int]]] = {}
    table = signals()
    for at in sorted(table.near.worth(f"{named}\n{text}")):
        name, weight, pattern = table.sectors[at]
        seen: set[str] = set()
        if named and pattern.search(named):
            weights[name] = weights.get(name, 0.0) + weight * 2.5
        for match in pattern.finditer(text):
            if match[0] in seen:
                continue
            seen.add(match[0])
            near = 1.5 if match.start() < EARLY else 1.0 if match.start() < LATE else 0.5
            weights[name] = weights.get(name, 0.0) + near * (weight if len(seen) == 1 else weight / 3)
            places.setdefault(name, []).append(match.span())
    if not weights:
        return UNKNOWN, ()
    best = max(weights, key=lambda name: (weights[name], -places.get(name, [(0, 0)])[0][0]))
    return (best, tuple(places.get(best, ())[:3])) if weights[best] >= LEAST else (UNKNOWN, ())


def traits(text: str, pieces: list[Clause]) -> dict[str, tuple[int, int]]:
    """Trait -> where the words stand that say so, in the order of the table. `pieces`: the sentences of `text`."""
    found: dict[str, tuple[int, int]] = {}
    table = signals()
    for at in sorted(table.told.worth(text)):
        rule = table.rules[at]
        if rule.trait in found:
            continue
        for piece in pieces:
            match = rule.present.search(piece.text)
            if match and not (rule.absent and rule.absent.search(piece.text)):
                found[rule.trait] = (piece.start + match.start(), piece.start + match.end())
                break
    return found
