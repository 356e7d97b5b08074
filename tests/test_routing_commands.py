"""`route`, `route-test`, `deadline`, `roster` as a person or a pipe calls them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from monitor.commands import responsibility, roster
from monitor.errors import ConfigError
from monitor.model import Contact
from monitor.routing import load_matrix
from monitor.routing.roster import Shift
from monitor.routing.roster_sheet import read_sheet, write_sheet

RUNNER = CliRunner()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("XINSHAO_COUNTY", raising=False)
    monkeypatch.chdir(tmp_path)
    made = typer.Typer()
    responsibility.register(made)
    roster.register(made)
    return made


def lines(app: typer.Typer, command: list[str], *rows: Any, status: int = 0) -> list[dict[str, Any]]:
    sent = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    done = RUNNER.invoke(app, command, input=sent)
    assert done.exit_code == status, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


FACTS = {
    "workers": 18, "amount_yuan": 326000, "months": 3, "employer": None, "project": None,
    "sector": "building_municipal",
    "traits": ["owner_arrears"],
    "place": {"text": "柳溪镇", "code": None, "name": "柳溪镇", "level": "town", "in_area": True},
}  # fmt: skip


def test_a_line_of_facts_is_routed(app: typer.Typer) -> None:
    (found,) = lines(app, ["route", "--now", "2025-12-03T20:14:00+08:00"], {"id": "a", "facts": FACTS, "spans": {}})
    assert found["level"] == "yellow"
    assert found["level_reasons"] == ["yellow:10-29人", "yellow:10万以上", "yellow:3个月且人均5000以上"]
    assert (found["lead"], found["co"]) == ("housing", ["hrss", "town", "union", "owner", "qx_office"])
    assert (found["ack_due"], found["hold"], found["notify_by_phone"]) == ("2小时", False, [])
    assert found["articles"][:2] == ["TL7(2)", "TL29"]
    assert found["reasons"]


def test_a_post_is_read_and_routed(app: typer.Typer) -> None:
    post = {"id": "b", "text": "我们15个人在西岭装组件,一共欠13万5", "published_at": "2026-02-05T07:55:00+08:00"}
    (found,) = lines(app, ["route"], post)
    assert found["level"] == "orange"  # eleven days before 除夕
    assert found["ack_due"] == "30分钟"
    (later,) = lines(app, ["route", "--now", "2026-03-05T07:55:00+08:00"], post)
    assert later["level"] == "yellow"


def test_spread_and_danger_may_stand_beside_the_facts(app: typer.Typer) -> None:
    quiet = {"id": "c", "facts": {"sector": "manufacturing"}, "published_at": "2026-06-01T08:00:00"}
    rows = [quiet, {**quiet, "engagement": {"reposts": 500}}, {**quiet, "life_risk": True}]
    found = lines(app, ["route"], *rows)
    assert [one["level"] for one in found] == ["blue", "orange", "red"]
    assert found[2]["lead"] == "police"


def test_lead_policy(app: typer.Typer) -> None:
    (found,) = lines(app, ["route", "--lead-policy", "hrss_first"], {"id": "a", "facts": FACTS})
    assert found["lead"] == "hrss"
    assert RUNNER.invoke(app, ["route", "--lead-policy", "mine"], input="").exit_code == 2


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        {"text": "没有编号"},
        {"id": "a"},
        {"id": "a", "facts": {"workers": "many"}},
        {"id": "a", "facts": {"workers": -1}},
        {"id": "a", "facts": {"traits": "self_harm"}},
        {"id": "a", "facts": {"traits": [1]}},
        {"id": "a", "facts": {"place": "柳溪镇"}},
        {"id": "a", "facts": {"place": {"in_area": "yes"}}},
        {"id": "a", "facts": {"sector": 7}},
        {"id": "a", "facts": {}, "engagement": 5},
        {"id": "a", "facts": {}, "published_at": "yesterday"},
        '{"id": "a", "facts": {"amount_yuan": NaN}}',
        '{"id": "a", "facts": {"amount_yuan": 1e999}}',
    ],
)
def test_a_bad_line_is_an_error_in_its_place(app: typer.Typer, row: Any) -> None:
    good = {"id": "z", "facts": {}}
    found = lines(app, ["route"], row, good, status=1)
    assert found[0]["error"]
    assert found[1]["lead"] == "hrss"


def test_huge_and_odd_facts_are_still_routed(app: typer.Typer) -> None:
    odd = {
        "workers": 10**12,
        "amount_yuan": 1e18,
        "months": 0,
        "traits": ["self_harm"] * 500,
        "employer": "厂" * 10_000,
    }
    (found,) = lines(app, ["route"], {"id": "a", "facts": odd})
    assert found["level"] == "red"
    assert len(found["co"]) == len(set(found["co"]))


def test_route_test_explains_itself(app: typer.Typer) -> None:
    asked = [
        "sector=building_municipal",
        "traits=employer_fled,gov_invested",
        "workers=23",
        "town=柳溪镇",
        "in_area=yes",
    ]
    done = RUNNER.invoke(app, ["route-test", *asked, "--now", "2026-02-05T08:00:00+08:00"])
    assert done.exit_code == 0
    for part in (
        "内部办理等级：橙",
        "主办：住房和城乡建设局",
        "立即电话通知",
        "第七条第二款",
        "2026-02-08 23:59",
        "专项行动期",
    ):
        assert part in done.stdout


def test_route_test_names_the_person_where_the_county_has_contacts(app: typer.Typer, tmp_path: Path) -> None:
    county = tmp_path / "c.yaml"
    county.write_text('code: "990101"\nname: 青禾县\ncontacts: {hrss: [{name: 监察值班, phone: "1"}]}\n', "utf-8")
    done = RUNNER.invoke(app, ["route-test", "sector=mining", "--county", str(county)])
    assert "监察值班" in done.stdout


def test_every_wrong_word_of_route_test_is_named(app: typer.Typer) -> None:
    done = RUNNER.invoke(app, ["route-test", "sector=moon", "traits=magic", "workers=many", "colour=red"])
    assert done.exit_code == 2
    for part in ("moon", "magic", "many", "colour"):
        assert part in done.output


def test_another_matrix_decides(app: typer.Typer, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'extends: builtin\nversion: "2027.1"\nrules:\n'
        "  - {name: 矿山归应急, when: {sectors: [mining]}, then: {set_lead: emergency, articles: [TL4(1)]}}\n",
        "utf-8",
    )
    (found,) = lines(app, ["route", "--matrix", str(own)], {"id": "a", "facts": {"sector": "mining"}})
    assert (found["lead"], found["matrix"]) == ("emergency", "2027.1")
    own.write_text("extends: builtin\ncolour: red\n", "utf-8")
    done = RUNNER.invoke(app, ["route", "--matrix", str(own)], input="")
    assert isinstance(done.exception, ConfigError)


def test_deadline_gives_every_clock_and_the_days_that_did_not_count(app: typer.Typer) -> None:
    row = {
        "id": "a", "level": "blue", "opened_at": "2026-02-12T09:00:00+08:00", "campaign": True,
        "pauses": [{"from": "2026-02-12T10:00:00+08:00", "to": "2026-02-13T10:00:00+08:00", "reason": "等回单"}],
    }  # fmt: skip
    (found,) = lines(app, ["deadline"], row)
    clocks = {clock["name"]: clock for clock in found["clocks"]}
    assert list(clocks) == ["acknowledge", "contact_worker", "verify", "public_reply", "resolve"]
    assert clocks["acknowledge"]["due_at"] == "2026-02-12T13:00:00+08:00"
    assert clocks["resolve"]["due_at"] == "2026-02-15T23:59:59+08:00"
    assert clocks["contact_worker"]["skipped"][0] == {"day": "2026-02-12", "reason": "暂停：等回单"}
    assert {"day": "2026-02-17", "reason": "春节放假"} in clocks["contact_worker"]["skipped"]
    assert [clock["name"] for clock in found["statutory"]] == [
        "inspection_accept",
        "petition_transfer",
        "inspection_close",
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "level": "green", "opened_at": "2026-02-12T09:00:00+08:00"},
        {"id": "a", "level": "red"},
        {"id": "a", "level": "red", "opened_at": "soon"},
        {"id": "a", "level": "red", "opened_at": "2026-02-12T09:00:00", "campaign": "yes"},
        {"id": "a", "level": "red", "opened_at": "2026-02-12T09:00:00", "pauses": {}},
        {"id": "a", "level": "red", "opened_at": "2026-02-12T09:00:00", "pauses": [{"from": "2026-02-12T09:00:00"}]},
        {
            "id": "a", "level": "red", "opened_at": "2026-02-12T09:00:00",
            "pauses": [{"from": "2026-02-12T09:00:00", "to": "2026-02-13T09:00:00", "reason": " "}],
        },
    ],
)  # fmt: skip
def test_a_bad_deadline_line_says_what_is_wrong(app: typer.Typer, row: dict[str, Any]) -> None:
    (found,) = lines(app, ["deadline"], row, status=1)
    assert found["error"]


# ------------------------------------------------------------------ roster
def sheet(path: Path, *, hours: int) -> Path:
    now = datetime.now(UTC).replace(microsecond=0, second=0)
    contact = Contact(name="甲", mail="a@example.invalid", phone="0000-1")
    one = Shift(
        department="qx_office", starts_at=now, ends_at=now + timedelta(hours=hours), contact=contact, note="带班"
    )
    path.write_bytes(write_sheet([one], load_matrix()))
    return path


def test_a_roster_goes_in_comes_out_and_shows_its_gap(app: typer.Typer, tmp_path: Path) -> None:
    file = sheet(tmp_path / "in.xlsx", hours=24)
    assert RUNNER.invoke(app, ["roster", "import", str(file)]).exit_code == 0
    out = tmp_path / "out.xlsx"
    assert RUNNER.invoke(app, ["roster", "export", str(out)]).exit_code == 0
    assert read_sheet(out.read_bytes(), load_matrix()) == read_sheet(file.read_bytes(), load_matrix())
    done = RUNNER.invoke(app, ["roster", "check"])
    assert done.exit_code == 1
    assert "无人值班" in done.stdout


def test_a_full_roster_has_no_gap(app: typer.Typer, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["roster", "check", str(sheet(tmp_path / "full.xlsx", hours=24 * 8))])
    assert done.exit_code == 0
    assert "0 gaps" in done.stdout


def test_nothing_is_entered_while_a_row_is_wrong(app: typer.Typer, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"no sheet")
    assert isinstance(RUNNER.invoke(app, ["roster", "import", str(bad)]).exception, ConfigError)
    assert "0 shifts" in RUNNER.invoke(app, ["roster", "check"]).stdout
