"""The county's register: what it finds in a text, and its spreadsheet with every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sheets import sheet

import monitor.demo
from monitor.config import read_county
from monitor.errors import ConfigError
from monitor.facts.register import register_of
from monitor.facts.register_sheet import as_yaml, read_register, write_register
from monitor.model import RegisterRow

COUNTY = read_county(Path(monitor.demo.__file__).with_name("county.yaml"))


def test_a_register_goes_to_a_sheet_and_comes_back_the_same() -> None:
    assert read_register(write_register(COUNTY.register)) == COUNTY.register


def test_the_lines_for_the_county_file_say_the_same() -> None:
    entries = yaml.safe_load(as_yaml(COUNTY.register))["register"]
    assert [entry["name"] for entry in entries] == [row.name for row in COUNTY.register]
    assert entries[0]["employers"] == list(COUNTY.register[0].employers)


def test_columns_may_stand_in_any_order_and_sectors_be_named() -> None:
    body = sheet(("名称", "行业", "类别", "政府投资", "别名"), ("青云里", "水利", "项目", "是", "青云、云里"))
    assert read_register(body) == (
        RegisterRow(kind="project", name="青云里", aliases=("青云", "云里"), sector="water_works", gov_invested=True),
    )


def test_every_fault_is_told_with_its_row() -> None:
    body = sheet(
        ("类别", "名称", "行业", "国企"),
        ("项目", "青云里", "开山", ""),
        ("工程", "", "", "也许"),
        ("项目", "青云里", "", "否"),
    )
    with pytest.raises(ConfigError) as told:
        read_register(body, name="a.xlsx")
    paths = [fault.path for fault in told.value.faults]
    assert paths == [
        "a.xlsx: 第2行 行业",
        "a.xlsx: 第3行 类别",
        "a.xlsx: 第3行 名称",
        "a.xlsx: 第3行 国企",
        "a.xlsx: 第4行 名称",
    ]


@pytest.mark.parametrize("body", [b"", b"no sheet", sheet(("甲", "乙"), ("丙", "丁"))])
def test_what_is_no_register_is_refused(body: bytes) -> None:
    with pytest.raises(ConfigError):
        read_register(body)


def test_a_name_that_begins_like_a_formula_stays_a_name() -> None:
    row = RegisterRow(kind="employer", name="=1+1", aliases=("@甲",))
    assert read_register(write_register([row])) == (row,)


def test_names_and_nicknames_are_found_and_home_towns_are_not() -> None:
    register = register_of(COUNTY)
    text = "我是西岭人,在己光电子上班,老棉纺厂旁边,锦禾苑的活也干过"
    assert [hit.name for hit in register.hits(text)] == ["己光电子厂", "老棉纺厂", "锦禾苑"]
    assert register.local("西岭人") == []
    assert [hit.town for hit in register.local("西岭这边")] == ["西岭镇"]


def test_a_branch_stays_with_its_name() -> None:
    (hit,) = register_of(COUNTY).hits("庚味火锅(青禾店)欠薪")
    assert hit.name == "庚味火锅青禾店"


@pytest.mark.parametrize(
    ("text", "project"),
    [
        ("高标准农田，石鼓岭的，干活十九个人的钱全没给", "石鼓岭高标准农田"),
        ("石鼓岭镇那个高标准农田，活干完了钱没给", "石鼓岭高标准农田"),
        ("柳溪镇的高标准农田，活干完了钱没给", None),
        ("高标准农田干完了钱没给", None),
    ],
)
def test_a_project_named_in_two_pieces_is_found_where_its_town_is_named_too(text: str, project: str | None) -> None:
    register = register_of(COUNTY)
    found = register.apart(text, register.local(text))
    assert [hit.name for hit in found] == ([project] if project else [])


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("家住柳溪镇，在外面打工，工资没发", []),
        ("本人户籍青禾县柳溪镇，在外省被欠薪", []),
        ("我是柳溪镇卫生院的护士，工资没发", ["柳溪镇"]),
        ("老家在柳溪镇，在石鼓镇的工地干活", ["石鼓镇"]),
    ],
)
def test_where_somebody_lives_is_not_where_they_worked(text: str, towns: list[str]) -> None:
    towns_known = [town for town in towns if town in COUNTY.towns]
    assert [hit.town for hit in register_of(COUNTY).local(text) if hit.town] == towns_known
