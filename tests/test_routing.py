"""Who must act: lead policy, precedence of traits, area, conflict of interest, county rules, standing members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ledger.closing import STILL_OPEN
from monitor.model import County, Facts, Grading, Level, Place, RegisterRow, Route
from monitor.routing import load_matrix, route
from monitor.routing.decide import criminal_line
from monitor.routing.interest import complained_of
from monitor.routing.matrix import Rule

MATRIX = load_matrix()
COUNTY = County(
    code="990101",
    name="青禾县",
    towns=("柳溪镇", "石鼓岭镇"),
    register=(
        RegisterRow(kind="project", name="石鼓岭泵站除险加固", sector="water_works", owner_department="water"),
        RegisterRow(kind="project", name="柳溪中学", sector="building_municipal", owner_department="education"),
        RegisterRow(kind="project", name="监察大队办公楼", sector="building_municipal", owner_department="hrss"),
        RegisterRow(kind="employer", name="己光电子厂", sector="manufacturing", aliases=("己光厂",)),
    ),
)
HERE = Place("", town="柳溪镇", in_area=True)


def decided(level: Level = Level.BLUE, *, county: County = COUNTY, matrix: Any = MATRIX, **given_: Any) -> Route:
    life = given_.pop("life_risk", False)
    policy = given_.pop("lead_policy", None)
    facts = Facts(**{"place": HERE, **given_})
    return route(matrix, facts, grading=Grading(level, ()), county=county, life_risk=life, lead_policy=policy)


# ------------------------------------------------------------------ sector and policy
def test_industry_first_gives_the_site_to_the_building_authority() -> None:
    found = decided(sector="building_municipal")
    assert found.lead == "housing"
    assert found.co == ("hrss", "town", "union", "qx_office")


def test_hrss_first_swaps_the_lead_and_keeps_everybody() -> None:
    found = decided(sector="building_municipal", lead_policy="hrss_first")
    assert found.lead == "hrss"
    assert set(found.co) == {"housing", "town", "union", "qx_office"}
    assert any("统一主办" in one for one in found.reasons)


def test_project_money_stays_with_the_industry_under_either_policy() -> None:
    found = decided(sector="water_works", traits=("project_payment",), lead_policy="hrss_first")
    assert (found.lead, found.hold) == ("water", True)


def test_unknown_sector_and_trait_are_still_somebodys_and_are_named() -> None:
    found = decided(sector="space_mining", traits=("teleportation",))
    assert found.lead == "hrss"
    assert any("space_mining" in one for one in found.reasons)
    assert any("teleportation" in one for one in found.reasons)


def test_register_names_the_sector_that_the_text_does_not() -> None:
    found = decided(employer="己光厂", sector="unknown")
    assert found.articles[0] == "TL7(1)"
    assert "industry" in found.co


# ------------------------------------------------------------------ precedence
@pytest.mark.parametrize(
    ("traits", "lead"),
    [
        (("out_of_area", "self_harm"), "police"),
        (("child_labour", "violence"), "police"),
        (("out_of_area", "child_labour"), "qx_office"),
        (("private_hire", "child_labour"), "hrss"),
        (("project_payment", "private_hire"), "town"),
    ],
)
def test_the_lead_does_not_depend_on_the_order_of_traits(traits: tuple[str, str], lead: str) -> None:
    one, other = decided(traits=traits), decided(traits=traits[::-1])
    assert one.lead == other.lead == lead
    assert set(one.co) == set(other.co)


def test_an_outranked_lead_takes_part() -> None:
    found = decided(traits=("self_harm", "private_hire"), place=None, sector="domestic_service")
    assert "town" in found.co
    assert any("列为协办" in one for one in found.reasons)


def test_life_first_even_where_a_person_must_decide() -> None:
    found = decided(sector="building_municipal", traits=("self_harm", "project_payment"))
    assert found.lead == "police"
    assert found.hold
    assert found.notify_by_phone == ("police", "emergency", "health", "gov_office")


def test_a_verdict_of_danger_calls_for_help_without_the_trait() -> None:
    found = decided(sector="manufacturing", life_risk=True)
    assert found.lead == "police"
    assert "emergency" in found.notify_by_phone


@pytest.mark.parametrize("trait", ["suspected_fabrication", "planned_collective", "petition", "hardship"])
def test_police_come_only_by_the_traits_that_say_so(trait: str) -> None:
    found = decided(sector="building_municipal", traits=(trait,))
    assert "police" not in (found.lead, *found.co, *found.notify_by_phone)


# ------------------------------------------------------------------ area
def test_work_outside_the_county_is_transferred_with_a_receipt() -> None:
    found = decided(sector="building_municipal", place=Place("烟洲市", name="烟洲市", in_area=False))
    assert found.lead == "qx_office"
    assert found.co[0] == "housing"
    assert {"JC13", "TL10(3)"} <= set(found.articles)
    assert any("回执" in one for one in found.reasons)


def test_text_and_map_that_disagree_go_to_a_person() -> None:
    assert decided(traits=("out_of_area",), place=HERE).hold


def test_without_a_town_no_town_is_invented() -> None:
    found = decided(sector="it_office", place=None)
    assert "town" not in found.co
    assert any("乡镇未明" in one for one in found.reasons)


def test_a_place_of_level_town_is_the_town() -> None:
    found = decided(sector="it_office", place=Place("柳溪", name="柳溪镇", level="town", in_area=True))
    assert "town" in found.co


# ------------------------------------------------------------------ conflict of interest
def test_the_authority_whose_own_project_it_is_neither_leads_nor_sees() -> None:
    found = decided(sector="water_works", project="石鼓岭泵站除险加固")
    assert found.lead == "qx_office"
    assert "water" not in found.co
    assert any("被反映" in one for one in found.reasons)


def test_a_co_handler_that_is_complained_of_drops_out() -> None:
    found = decided(sector="education_training", project="柳溪中学")
    assert "education" not in found.co
    assert found.lead == "hrss"


def test_a_complaint_about_the_labour_office_leaves_the_labour_office() -> None:
    found = decided(sector="building_municipal", project="监察大队办公楼", lead_policy="hrss_first")
    assert found.lead == "gov_office"
    assert not {"hrss", "qx_office"} & {*found.co}


def test_an_employer_that_is_a_department_is_a_party() -> None:
    assert set(complained_of(MATRIX, Facts(employer="青禾县水利局"), COUNTY)) == {"water"}
    assert complained_of(MATRIX, Facts(employer="水利局家属院物业"), COUNTY) == {}


def test_help_for_a_life_is_called_even_if_it_is_complained_of() -> None:
    found = decided(employer="青禾县公安局", traits=("self_harm",))
    assert "police" in found.notify_by_phone
    assert found.lead == "qx_office"


# ------------------------------------------------------------------ county rules
def with_rules(*rules: Rule) -> Any:
    return replace(MATRIX, rules=rules)


def test_a_county_rule_needs_all_its_conditions() -> None:
    rule = Rule(
        name="柳溪高温津贴", sectors=("manufacturing",), traits=("petition", "legal_aid"), towns=("柳溪镇",),
        level=Level.YELLOW, add=("youth_women",), notify=("union",), articles=("TL8",), note="三日内入厂",
    )  # fmt: skip
    matrix = with_rules(rule)
    holds = {"sector": "manufacturing", "traits": ("legal_aid", "petition")}
    assert "youth_women" in decided(Level.ORANGE, matrix=matrix, **holds).co
    assert "youth_women" not in decided(Level.BLUE, matrix=matrix, **holds).co
    assert "youth_women" not in decided(Level.ORANGE, matrix=matrix, **{**holds, "traits": ("petition",)}).co
    assert "youth_women" not in decided(Level.ORANGE, matrix=matrix, **holds, place=Place("", town="石鼓岭镇")).co
    assert "youth_women" not in decided(Level.ORANGE, matrix=matrix, **{**holds, "sector": "mining"}).co


def test_later_rules_have_the_last_word_but_never_over_life() -> None:
    matrix = with_rules(Rule(name="一", set_lead="town"), Rule(name="二", set_lead="justice"))
    assert decided(matrix=matrix, sector="manufacturing").lead == "justice"
    found = decided(matrix=matrix, sector="manufacturing", traits=("violence",))
    assert found.lead == "police"
    assert {"town", "justice"} <= set(found.co)


def test_a_decision_looks_at_no_rule_it_cannot_match() -> None:
    from monitor.routing.benchmark import grown

    many = grown(MATRIX, 10_000)
    filed = [len(rules) for rules in many.rules_by_key.values()]
    assert sum(filed) == 10_000
    assert max(filed) <= 10


# ------------------------------------------------------------------ criminal line: a hint, never a verdict
@pytest.mark.parametrize(
    ("facts", "reached"),
    [
        ({"workers": 10, "amount_yuan": 30_000.0}, True),
        ({"workers": 9, "amount_yuan": 30_000.0}, False),
        ({"workers": 1, "amount_yuan": 5_000.0, "months": 3.0}, True),
        ({"workers": 1, "amount_yuan": 5_000.0, "months": 2.0}, False),
        ({"amount_yuan": 500_000.0, "months": 9.0}, False),
    ],
)
def test_criminal_line(facts: dict[str, Any], reached: bool) -> None:
    assert (criminal_line(MATRIX, Facts(**facts)) is not None) is reached


def test_project_money_never_gets_the_hint() -> None:
    found = decided(traits=("project_payment",), workers=50, amount_yuan=7.2e6, months=12.0)
    assert not any("数额线" in one for one in found.reasons)


# ------------------------------------------------------------------ properties
PLACES = st.none() | st.builds(
    Place, st.just(""), town=st.none() | st.sampled_from(["柳溪镇", "石鼓岭镇"]), in_area=st.none() | st.booleans()
)
ANY_FACTS = st.fixed_dictionaries(
    {
        "sector": st.sampled_from([*MATRIX.sectors, "no_such_sector"]),
        "traits": st.lists(st.sampled_from([*MATRIX.traits, "no_such_trait"]), max_size=8).map(tuple),
        "workers": st.none() | st.integers(0, 5000),
        "amount_yuan": st.none() | st.floats(0, 1e9),
        "months": st.none() | st.floats(0, 100),
        "place": PLACES,
        "project": st.none() | st.sampled_from([row.name for row in COUNTY.register]),
        "employer": st.none() | st.sampled_from(["青禾县水利局", "甲木建工", "青禾县人社局", ""]),
        "life_risk": st.booleans(),
        "lead_policy": st.sampled_from([None, "industry_first", "hrss_first"]),
    }
)


@given(ANY_FACTS, st.sampled_from(list(Level)))
def test_nothing_is_unrouted_and_nobody_is_named_twice(facts: dict[str, Any], level: Level) -> None:
    found = decided(level, **facts)
    assert found.lead in MATRIX.departments
    assert found.lead not in found.co
    assert len(set(found.co)) == len(found.co)
    assert set(found.co) | set(found.notify_by_phone) <= set(MATRIX.departments)
    assert found.articles
    assert found.reasons
    assert found.ack_due == MATRIX.severity.acknowledge[level]


@given(ANY_FACTS)
def test_standing_members_are_attached_unless_they_are_complained_of(facts: dict[str, Any]) -> None:
    found, members = decided(**facts), {"hrss", "qx_office"}
    place = facts["place"]
    if place is not None and place.town and place.in_area is not False:
        members.add("town")
    accused = complained_of(MATRIX, Facts(project=facts["project"], employer=facts["employer"]), COUNTY)
    assert members - set(accused) <= {found.lead, *found.co}
    if facts["life_risk"] or {"self_harm", "violence"} & set(facts["traits"]):
        return
    assert not set(accused) & {found.lead, *found.co, *found.notify_by_phone}


@given(ANY_FACTS, st.randoms(use_true_random=False))
def test_the_order_of_traits_changes_no_decision(facts: dict[str, Any], dice: Any) -> None:
    shuffled = list(facts["traits"])
    dice.shuffle(shuffled)
    one, other = decided(**facts), decided(**{**facts, "traits": tuple(shuffled)})
    assert (one.lead, one.hold, set(one.co)) == (other.lead, other.hold, set(other.co))


def reasons_of(**given: Any) -> str:
    return "\n".join(decided(**given).reasons)


def test_the_law_for_rural_workers_is_not_cited_for_others_without_saying_so() -> None:
    """保障农民工工资支付条例 art. 2; the department stays the same."""
    school = reasons_of(sector="education_training", traits=("employer_fled",))
    assert "先核实劳动者身份" in school
    assert "教师不属条例所称农民工" in school
    assert "先核实劳动者身份" not in reasons_of(sector="education_training")
    assert "先核实劳动者身份" not in reasons_of(sector="building_municipal", traits=("employer_fled",))


def test_public_money_is_never_to_be_advanced_by_the_builder() -> None:
    assert "不得由施工单位垫资" in reasons_of(sector="water_works", traits=("gov_invested",))


def test_a_province_s_criminal_line_is_claimed_only_where_one_was_entered() -> None:
    given = {"sector": "building_municipal", "workers": 12, "amount_yuan": 80_000.0}
    assert "本省标准未填入" in reasons_of(**given)
    lines = replace(MATRIX.criminal_lines, province="青禾省")
    assert "达到青禾省拒不支付劳动报酬罪数额线" in reasons_of(matrix=replace(MATRIX, criminal_lines=lines), **given)


def test_every_conclusion_that_the_rules_let_close_is_called_so() -> None:
    assert [id_ for id_, code in MATRIX.close_codes.items() if not code.closes] == list(STILL_OPEN)
