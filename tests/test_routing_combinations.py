"""Generated combinations against an independent statement of the rules.

`data/routing/combinations.jsonl` holds 420 cases and what the rules make of them, drawn and judged by `judged` below,
which knows only sets and a table of duties (the shared source matrix) and nothing of monitor/routing. Where that
table is at hand, the file is judged anew.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.commands.responsibility import facts_from
from monitor.incidents.level import grade
from monitor.model import County, Engagement
from monitor.routing import load_matrix, route

CASES = Path(__file__).parent / "data" / "routing" / "combinations.jsonl"
COUNTY = County(code="990101", name="青禾县")
TOWNS = ("柳溪镇", "石鼓岭镇", None)
MATRIX = load_matrix()


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_combination_is_routed_and_graded_as_the_rules_say(case: dict[str, Any]) -> None:
    facts = facts_from(case["facts"])
    spread = Engagement(views=case["views"], reposts=case["reposts"])
    grading = grade(
        facts, severity=MATRIX.severity, engagement=spread, posts=case["posts"], campaign_days_left=case["days_left"]
    )
    found = route(MATRIX, facts, grading=grading, county=COUNTY, lead_policy=case["policy"])
    expected = case["expected"]
    assert grading.level == expected["level"]
    assert found.lead == expected["lead"]
    assert sorted(found.co) == expected["co"]
    assert sorted(found.notify_by_phone) == expected["phone"]
    assert sorted(found.articles) == expected["articles"]
    assert found.hold is expected["hold"]


def test_there_are_enough_cases_and_they_reach_every_sector_and_trait() -> None:
    drawn = cases()
    assert len(drawn) >= 300
    assert {case["facts"]["sector"] for case in drawn} == set(MATRIX.sectors)
    assert {trait for case in drawn for trait in case["facts"]["traits"]} == set(MATRIX.traits)


@pytest.mark.shared
def test_the_file_is_what_the_source_table_makes_of_it() -> None:
    source = yaml.safe_load(shared_table().read_text("utf-8"))
    for case in cases():
        assert judged(source, case) == case["expected"], case["id"]


def shared_table() -> Path:
    folder = Path(os.environ.get("XINSHAO_SHARED") or Path(__file__).parents[2] / "shared")
    table = folder / "domain" / "routing_matrix.yaml"
    if not table.exists():
        pytest.skip("the source table is not at hand")
    return table


# ------------------------------------------------------------------ the independent statement
LEAD_ORDER = ("self_harm", "violence", "out_of_area", "child_labour", "private_hire", "project_payment")
ORDER = ("blue", "yellow", "orange", "red")


def judged(source: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """What the rules make of a case: area first, then life, hold, sector, traits, standing members."""
    facts, sector = case["facts"], {row["id"]: row for row in source["sectors"]}[case["facts"]["sector"]]
    rows = {row["id"]: row for row in source["traits"]}
    traits = [rows[name] for name in facts["traits"]]
    lead, members = sector["lead"], {sector["lead"], *sector["co"]}
    if case["policy"] == "hrss_first":
        lead = "hrss"
    setting = [name for name in LEAD_ORDER if name in facts["traits"]]
    if setting:
        op = rows[setting[0]]["op"]["set_lead"]
        lead = sector["lead"] if op == "industry_by_sector" else op
    for trait in traits:
        members |= set(trait["op"].get("add", ()))
        moved = trait["op"].get("set_lead")
        members |= {moved} if moved and moved != "industry_by_sector" else set()
    members |= {lead, "hrss", "qx_office"} | ({"town"} if facts["place"] and facts["place"]["town"] else set())
    articles = {str(one) for row in (sector, *traits) for one in row["articles"]}
    return {
        "level": level_of(case, rows),
        "lead": lead,
        "co": sorted(members - {lead}),
        "phone": sorted({one for trait in traits for one in trait["op"].get("notify", ())}),
        "articles": sorted(articles),
        "hold": any(trait["op"].get("hold", False) for trait in traits),
    }


def level_of(case: dict[str, Any], rows: dict[str, Any]) -> str:
    """The severity table, read aloud."""
    facts, names = case["facts"], set(case["facts"]["traits"])
    workers, amount, months = facts["workers"] or 0, facts["amount_yuan"] or 0, facts["months"] or 0
    asked = {rows[name]["op"]["min_level"] for name in names if "min_level" in rows[name]["op"]} | {"blue"}
    if "self_harm" in names or (workers >= 100 and "collective_action" in names):
        asked.add("red")
    if workers >= 30 or amount >= 1_000_000 or case["reposts"] >= 500 or case["views"] >= 100_000:
        asked.add("orange")
    if {"collective_action", "employer_fled", "child_labour"} & names:
        asked.add("orange")
    if workers >= 10 or amount >= 100_000 or case["posts"] >= 3:
        asked.add("yellow")
    if workers and months >= 3 and amount / workers >= 5000:
        asked.add("yellow")
    highest = max(asked, key=ORDER.index)
    near = case["days_left"] is not None and case["days_left"] <= 15
    return {"blue": "yellow", "yellow": "orange"}.get(highest, highest) if near else highest


def drawn(source: dict[str, Any], count: int = 420, seed: int = 20260217) -> list[dict[str, Any]]:
    """Cases over all sectors and traits, each judged. Was used once, to write the file."""
    dice, found = random.Random(seed), []
    sectors, traits = [row["id"] for row in source["sectors"]], [row["id"] for row in source["traits"]]
    for number in range(count):
        names = {traits[number % len(traits)], *dice.sample(traits, dice.choice((0, 0, 1, 2, 3)))}
        outside = "out_of_area" in names
        town = None if outside else dice.choice(TOWNS)
        case = {
            "id": f"c{number:03d}",
            "policy": dice.choice(("industry_first", "industry_first", "hrss_first")),
            "facts": {
                "workers": dice.choice((None, 1, 2, 9, 10, 29, 30, 99, 100, 480)),
                "amount_yuan": dice.choice((None, 800.0, 4999.0, 99_999.0, 100_000.0, 999_999.0, 1_000_000.0, 7.2e6)),
                "months": dice.choice((None, 0.25, 1.0, 2.9, 3.0, 18.0)),
                "sector": sectors[number % len(sectors)],
                "traits": dice.sample(sorted(names), len(names)),
                "place": None if town is None and not outside else {"text": "", "town": town, "in_area": not outside},
            },
            "views": dice.choice((0, 0, 5200, 99_999, 100_000)),
            "reposts": dice.choice((0, 0, 40, 499, 500)),
            "posts": dice.choice((1, 1, 2, 3)),
            "days_left": dice.choice((None, None, 0, 15, 16, 60)),
        }
        found.append({**case, "expected": judged(source, case)})
    return found
