"""How long a decision takes as the matrix grows. Measures; asserts nothing."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

from monitor.model import County, Facts, Grading, Level, Place
from monitor.routing.decide import route
from monitor.routing.matrix import Matrix, Rule
from monitor.routing.matrix_file import load_matrix

TOWNS = 40
RULES = 10_000
ROUNDS = 2_000


def grown(matrix: Matrix, count: int = RULES) -> Matrix:
    """The matrix with `count` county rules spread over sectors, traits and towns."""
    sectors, traits = list(matrix.sectors), list(matrix.traits)
    rules = tuple(
        Rule(
            name=f"r{number}",
            sectors=(sectors[number % len(sectors)],),
            traits=(traits[number // len(sectors) % len(traits)],),
            towns=(f"t{number % TOWNS}",),
            add=("audit",),
        )
        for number in range(count)
    )
    return replace(matrix, rules=rules)


def throughput() -> dict[str, Any]:
    """Microseconds a decision: packaged matrix, 10,000 spread rules, and their ratio."""
    plain = load_matrix()
    many = grown(plain)
    many.rules_by_key  # noqa: B018 - filed once, as in service
    each = {"packaged_us": _mean(plain), f"rules_{RULES}_us": _mean(many)}
    return {**each, "ratio": round(each[f"rules_{RULES}_us"] / each["packaged_us"], 2), "decisions": ROUNDS}


def _mean(matrix: Matrix) -> float:
    facts = Facts(
        workers=23, amount_yuan=240000.0, months=2.0, sector="building_municipal",
        traits=("employer_fled", "gov_invested", "owner_arrears"), place=Place("", town="t7", in_area=True),
    )  # fmt: skip
    grading, county = Grading(Level.ORANGE, ()), County(code="990101", name="青禾县")
    start = perf_counter()
    for _ in range(ROUNDS):
        route(matrix, facts, grading=grading, county=county)
    return round((perf_counter() - start) / ROUNDS * 1e6, 1)
