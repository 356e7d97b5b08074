"""The matrix as a file: packaged facts, all faults at once, a county's differences, versions, replay, lint."""

from __future__ import annotations

import copy
import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.errors import ConfigError
from monitor.model import County, Facts, Incident, IncidentState, Level, RegisterRow, Verification
from monitor.routing import load_matrix
from monitor.routing.lint import lint
from monitor.routing.matrix import Rule, han
from monitor.routing.matrix_file import BUILTIN, read_matrix
from monitor.routing.replay import in_force, matrix_on, moved

MATRIX = load_matrix()
SOURCE: dict[str, Any] = yaml.safe_load(BUILTIN.read_text("utf-8"))
COUNTY = County(code="990101", name="青禾县")


# ------------------------------------------------------------------ what is packaged
def test_the_packaged_matrix_is_whole() -> None:
    assert (len(MATRIX.departments), len(MATRIX.sectors), len(MATRIX.traits)) == (42, 27, 33)
    assert set(MATRIX.close_codes) == {f"C{number}" for number in range(1, 11)}
    assert "http" not in BUILTIN.read_text("utf-8")


def test_every_article_can_be_cited_in_full() -> None:
    groups = (MATRIX.departments, MATRIX.sectors, MATRIX.traits)
    articles = {article for group in groups for one in group.values() for article in one.articles}
    assert len(articles) > 80
    for article in articles:
        assert re.fullmatch(r"《.+》(实施细则)?(（.+）)?(第.+条.*)?", MATRIX.cite(article)), article


@pytest.mark.parametrize(
    ("article", "text"),
    [
        ("TL7(2)", "《保障农民工工资支付条例》（国务院令第724号）第七条第二款"),
        ('TL7(2)"等"', "《保障农民工工资支付条例》（国务院令第724号）第七条第二款等"),
        ("TL57(2)", "《保障农民工工资支付条例》（国务院令第724号）第五十七条第（二）项"),
        ("XF276-1", "《刑法》第二百七十六条之一"),
        ("XFTL5(五)", "《信访工作条例》第五条第（五）项"),
        ("FS3-2", "《关于审理拒不支付劳动报酬刑事案件适用法律若干问题的解释》（法释〔2013〕3号）第二条"),
        ("GHF", "《工会法》"),
        ("国办发〔2016〕61号", "《关于在政务公开工作中进一步做好政务舆情回应的通知》（国办发〔2016〕61号）"),
        ("ZZ9", "ZZ9"),
    ],
)
def test_citation(article: str, text: str) -> None:
    assert MATRIX.cite(article) == text


@pytest.mark.parametrize(
    ("number", "words"),
    [("1", "一"), ("10", "十"), ("15", "十五"), ("20", "二十"), ("101", "一百零一"), ("110", "一百一十"),
     ("276", "二百七十六"), ("0", "0"), ("五", "五")],
)  # fmt: skip
def test_numbers_of_articles(number: str, words: str) -> None:
    assert han(number) == words


@pytest.mark.shared
def test_ids_and_facts_are_those_of_the_source_table() -> None:
    folder = Path(os.environ.get("XINSHAO_SHARED") or Path(__file__).parents[2] / "shared")
    path = folder / "domain" / "routing_matrix.yaml"
    if not path.exists():
        pytest.skip("the source table is not at hand")
    source = yaml.safe_load(path.read_text("utf-8"))
    assert set(source["departments"]) == set(MATRIX.departments)
    for row in source["sectors"]:
        own = MATRIX.sectors[row["id"]]
        assert (own.lead, list(own.co), list(own.articles)) == (
            row["lead"],
            row["co"],
            [str(a) for a in row["articles"]],
        )
    for row in source["traits"]:
        trait, op = MATRIX.traits[row["id"]], row["op"]
        assert trait.name == row["name"]
        assert list(trait.add) == op.get("add", [])
        assert (trait.set_lead, trait.min_level, trait.hold) == (op.get("set_lead"), op.get("min_level"), "hold" in op)


# ------------------------------------------------------------------ faults
def faults(document: Any) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        read_matrix(document, "matrix.yaml")
    return [fault.path for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "matrix.yaml: colour"),
        ({"lead_policy": "nobody_first"}, "matrix.yaml: lead_policy"),
        ({"office": "nowhere"}, "matrix.yaml: office"),
        ({"effective_to": "2019-01-01"}, "matrix.yaml: effective_to"),
        ({"effective_from": "soon"}, "matrix.yaml: effective_from"),
        ({"lead_precedence": ["self_harm"]}, "matrix.yaml: lead_precedence"),
        ({"sectors": {"mining": {"lead": "moon"}}}, "matrix.yaml: sectors.mining.lead"),
        ({"sectors": {"mining": {"articles": []}}}, "matrix.yaml: sectors.mining.articles"),
        ({"sectors": {"mining": {"articles": ["QQ1"]}}}, "matrix.yaml: sectors.mining.articles[0]"),
        ({"traits": {"soe": {"add": ["sasac", "moon"]}}}, "matrix.yaml: traits.soe.add[1]"),
        ({"traits": {"soe": {"min_level": "purple"}}}, "matrix.yaml: traits.soe.min_level"),
        ({"traits": {"soe": {"colour": 1}}}, "matrix.yaml: traits.soe.colour"),
        ({"departments": {"rail": {"stand_in": "rail"}}}, "matrix.yaml: departments.rail.stand_in"),
        ({"departments": {"Rail!": {"name": "x", "basis": "law"}}}, "matrix.yaml: departments.Rail!.[key]"),
        ({"criminal_lines": {"one_worker_yuan": 100}}, "matrix.yaml: criminal_lines.one_worker_yuan"),
        ({"severity": {"acknowledge": {"red": 0}}}, "matrix.yaml: severity.acknowledge.red"),
        ({"rules": [{"name": "a", "when": {"traits": ["magic"]}, "then": {}}]}, "matrix.yaml: rules[0].when.traits[0]"),
        ({"rules": [{"name": "a", "when": {}, "then": {"set_lead": "x"}}]}, "matrix.yaml: rules[0].then.set_lead"),
        (
            {"severity": {"conditions": [{"level": "red", "label": "a", "sign": "thunder"}]}},
            "matrix.yaml: severity.conditions[0].sign",
        ),
        ({"extends": "elsewhere"}, "matrix.yaml: extends"),
    ],
)
def test_a_fault_has_its_path(change: dict[str, Any], path: str) -> None:
    assert path in faults({"extends": "builtin", **change})


def test_all_faults_come_together() -> None:
    found = faults(
        {
            "extends": "builtin",
            "colour": "red",
            "traits": {"soe": {"min_level": "purple"}, "petition": {"add": ["nowhere"]}},
            "rules": [{"name": "a", "when": {"sectors": ["moon"]}, "then": {"articles": ["QQ1"]}}],
        }
    )
    assert len(found) == 5


def test_a_missing_section_and_no_mapping_are_said() -> None:
    document = copy.deepcopy(SOURCE)
    del document["sectors"]["unknown"], document["severity"]["acknowledge"]["blue"]
    assert {"matrix.yaml: sectors.unknown", "matrix.yaml: severity.acknowledge.blue"} <= set(faults(document))
    assert faults(["a", "list"]) == ["matrix.yaml"]
    assert "matrix.yaml: version" in faults({})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: '1'\nversion: '2'\n", "twice"),
        ("a: [1, 2", "not YAML"),
        ("a: \xff", "UTF-8"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=words):
        load_matrix(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_matrix(tmp_path / "none.yaml")


# ------------------------------------------------------------------ a county's own
def own(**changes: Any) -> Any:
    return read_matrix({"extends": "builtin", **changes}, "own.yaml")


def test_a_county_writes_only_its_differences() -> None:
    mine = own(
        version="青禾2027", lead_policy="hrss_first", sectors={"mining": {"lead": "emergency"}},
        criminal_lines={"total_yuan": 60000},
    )  # fmt: skip
    assert (mine.version, mine.lead_policy) == ("青禾2027", "hrss_first")
    assert mine.sectors["mining"].lead == "emergency"
    assert mine.sectors["mining"].co == MATRIX.sectors["mining"].co
    assert mine.criminal_lines.total_yuan == 60000
    assert mine.traits == MATRIX.traits


# ------------------------------------------------------------------ versions and replay
def test_one_version_is_in_force_on_a_day() -> None:
    old = replace(MATRIX, version="1", effective_to=date(2027, 1, 1))
    new = replace(MATRIX, version="2", effective_from=date(2027, 1, 1))
    assert in_force([new, old], date(2026, 12, 31)) is old
    assert in_force([new, old], date(2027, 1, 1)) is new
    with pytest.raises(ConfigError, match="none is in force"):
        in_force([new], date(2026, 12, 31))


def test_versions_that_overlap_or_share_a_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="together"):
        in_force([MATRIX, replace(MATRIX, effective_from=date(2027, 1, 1))], date(2027, 1, 1))
    twins = [replace(MATRIX, effective_to=date(2027, 1, 1)), replace(MATRIX, effective_from=date(2027, 1, 1))]
    with pytest.raises(ConfigError, match="twice"):
        in_force(twins, date(2027, 1, 1))


def version(folder: Path, name: str, start: str, end: str | None = None) -> None:
    text = {"extends": "builtin", "version": name, "effective_from": start, "effective_to": end}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(text), "utf-8")


def test_an_installation_takes_the_version_of_its_folder_that_is_in_force(tmp_path: Path) -> None:
    version(tmp_path, "one", "2026-01-01", "2027-01-01")
    version(tmp_path, "two", "2027-01-01")
    assert matrix_on(tmp_path, date(2026, 12, 31)).version == "one"
    assert matrix_on(tmp_path, date(2027, 1, 1)).version == "two"
    assert matrix_on(tmp_path / "two.yaml", date(2027, 1, 1)).version == "two"
    assert matrix_on(None, date(2027, 1, 1)) is MATRIX
    for path, day in ((tmp_path, date(2025, 1, 1)), (tmp_path / "two.yaml", date(2026, 1, 1))):
        with pytest.raises(ConfigError, match="none is in force"):
            matrix_on(path, day)


def test_faults_of_every_version_come_together_and_an_empty_folder_is_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \*\.yaml"):
        matrix_on(tmp_path, date(2027, 1, 1))
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("extends: builtin\nnonsense: 1\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        matrix_on(tmp_path, date(2027, 1, 1))
    assert [fault.path for fault in caught.value.faults] == ["a.yaml: nonsense", "b.yaml: nonsense"]


def incident(number: int, sector: str, *traits: str) -> Incident:
    now = datetime(2026, 1, 12, tzinfo=UTC)
    return Incident(
        id=f"QX-2026-{number:04d}", version=1, state=IncidentState.ASSIGNED, verification=Verification.UNVERIFIED,
        level=Level.BLUE, level_reasons=(), facts=Facts(sector=sector, traits=traits), title="x", opened_at=now,
        updated_at=now, lead="hrss",
    )  # fmt: skip


def test_replay_names_what_would_move_and_how() -> None:
    new = own(version="2", sectors={"mining": {"lead": "emergency", "co": ["hrss", "town"]}})
    past = [incident(1, "mining"), incident(2, "manufacturing"), incident(3, "mining", "self_harm")]
    found = list(moved(MATRIX, new, past, county=COUNTY))
    assert [(one.incident.id, one.changes) for one in found] == [
        ("QX-2026-0001", ("lead", "co")), ("QX-2026-0003", ("co",)),
    ]  # fmt: skip
    assert found[0].gained == ()
    assert found[0].lost == ("nat_res",)
    assert (found[0].before.route.lead, found[0].after.route.lead) == ("hrss", "emergency")
    assert list(moved(MATRIX, MATRIX, past, county=COUNTY)) == []


# ------------------------------------------------------------------ lint
def advice(matrix: Any, county: County | None = None) -> str:
    return "\n".join(str(one) for one in lint(matrix, county))


def test_the_packaged_matrix_gets_no_advice_but_departments_in_reserve() -> None:
    assert {one.path for one in lint(MATRIX)} == {"departments.pboc", "departments.tax", "departments.procurator"}


def test_lint_finds_what_validation_allows() -> None:
    rules = (
        Rule(name="甲", sectors=("mining",), set_lead="town", articles=("TL4(2)",)),
        Rule(name="乙", sectors=("mining",), set_lead="emergency"),
        Rule(name="乙", towns=("天河镇",)),
    )
    sectors = {**MATRIX.sectors, "mining": replace(MATRIX.sectors["mining"], co=("hrss", "town", "town"))}
    conditions = (*MATRIX.severity.conditions, replace(MATRIX.severity.conditions[-1], workers_from=9, workers_to=2))
    odd = replace(MATRIX, rules=rules, sectors=sectors, severity=replace(MATRIX.severity, conditions=conditions))
    county = replace(
        COUNTY, towns=("柳溪镇",), contacts={"moon": ()}, register=(RegisterRow(kind="project", name="丙", sector="x"),)
    )
    text = advice(odd, county)
    for part in (
        "repeats the lead", "names a department twice", "is overruled by rules[1]", "moves the lead without an article",
        "does nothing", "has the name of", "天河镇 is no town", "is no department", "unknown sector",
        "no number of workers",
        "contacts.qx_office",
    ):  # fmt: skip
        assert part in text, part
