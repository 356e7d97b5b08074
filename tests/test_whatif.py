"""先试后改: other rules tried on past cases: what would differ, who would be mailed, and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import webhouse
from ledgerhouse import BOTH, NOON, county, joined, later, ledger_on, matrix, reading, stores
from typer.testing import CliRunner
from webhouse import House, database

from monitor.clocks import Calendar
from monitor.commands import whatif as commands
from monitor.digest.whatif import Rules, WhatIf, what_if
from monitor.model import Contact, Level
from monitor.routing.matrix_file import load_matrix
from monitor.routing.policy import Policy
from monitor.routing.roster import Shift
from monitor.store import Store, open_store, outbox
from monitor.text import SHANGHAI

FIRST, LAST = date(2026, 1, 19), date(2026, 1, 25)
NIGHT = datetime(2026, 1, 20, 23, 30, tzinfo=SHANGHAI)


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def rules(**changed: Any) -> Rules:
    return replace(Rules(matrix=matrix(), county=county()), **changed)


def cases(store: Store, number: int = 3, at: datetime = NOON) -> None:
    """Small debts of building sites, an hour apart."""
    for n in range(number):
        name = f"{'东西南北中甲乙丙'[n]}苑{n + 3}号院"
        text = f"{name}工地，{'甲乙丙丁戊己庚辛'[n]}木建工拖欠我们{n + 4}个工人工资，一人欠2000元，位于青石镇"
        one = reading(f"p{n}", text, author=f"网友{n}", url=f"https://bbs.qinghe.example/t/{n}")
        ledger_on(store).record(joined(one, at + timedelta(hours=n)))


def tried(store: Store, **changed: Any) -> WhatIf:
    return what_if(store, rules(), rules(**changed), FIRST, LAST, calendar=Calendar())


def other(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "matrix.yaml"
    path.write_text(f"extends: builtin\n{text}", "utf-8")
    return load_matrix(path)


# ------------------------------------------------------------------ both sides
def test_the_same_rules_change_nothing_and_count_what_was_really_mailed(store: Store) -> None:
    cases(store)
    found = tried(store)
    assert (found.looked_at, list(found.moves)) == (3, [])
    assert found.before == found.after
    with store.read() as c:
        sent = [row for row in outbox.recent(c, 500) if row["occasion"] == "first"]
    assert found.before.mails.total() == len(sent) > 0
    assert dict(found.before.mails) == {
        one: sum(row["department"] == one for row in sent) for one in {row["department"] for row in sent}
    }


def test_another_threshold_is_told_by_its_cases_and_levels(store: Store, tmp_path: Path) -> None:
    cases(store)
    own = other(tmp_path, "severity:\n  conditions:\n    - {level: orange, label: 5人以上, workers_from: 5}\n")
    found = tried(store, matrix=own)
    assert len(found.moves) == 2
    assert {becomes for (_, becomes), _ in found.levels()} == {"orange"}
    assert found.after.levels[Level.ORANGE.value] == 2
    assert found.changes()["level"] == 2


def test_another_lead_moves_mails_from_desk_to_desk(store: Store) -> None:
    cases(store)
    found = tried(store, lead_policy="hrss_first")
    assert found.leads() == [(("housing", "hrss"), 3)]
    assert found.as_row()["lead"] == {"housing->hrss": 3}


def test_a_contact_that_goes_leaves_its_department_to_be_called(store: Store) -> None:
    cases(store)
    contacts = {name: people for name, people in county().contacts.items() if name != "housing"}
    found = tried(store, county=replace(county(), contacts=contacts))
    assert list(found.moves) == [], "the route asks no contact"
    assert (found.before.to_call["housing"], found.after.to_call["housing"]) == (0, 3)


def test_without_quiet_hours_nothing_waits_for_the_morning(store: Store) -> None:
    cases(store, 1, NIGHT)
    quiet = Policy()
    found = tried(store, policy=replace(quiet, quiet_from=quiet.quiet_to, quiet_to=quiet.quiet_to))
    assert found.before.morning.total() == found.before.mails.total() > 0
    assert found.after.morning.total() == 0
    assert found.after.mails == found.before.mails


def test_what_goes_beyond_a_persons_day_is_counted(store: Store) -> None:
    cases(store, 6)
    found = tried(store, policy=Policy(budget=4))
    assert (found.before.busiest, found.before.over_budget) == (6, 0)
    assert found.after.over_budget > 0


@pytest.mark.parametrize(("weekday", "covered"), [(1, 3), (2, 0)])
def test_a_roster_of_next_month_is_laid_over_the_past_by_weekday(store: Store, weekday: int, covered: int) -> None:
    """The cases were opened on a Tuesday (1); the sheet names housing's officer on one day of the week."""
    cases(store)
    monday = datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)
    there = Contact("李值班", "li@qinghe.example", "1")
    turns = [
        Shift(department=name, starts_at=start, ends_at=start + timedelta(days=1), contact=one)
        for name, day, one in (("housing", weekday, there), ("water", 6, Contact("王", "wang@qinghe.example", "2")))
        for start in [monday + timedelta(days=day)]
    ]  # fmt: skip
    found = tried(store, roster=turns)
    assert (found.before.on_duty, found.after.on_duty) == (0, covered)
    assert tried(store, roster=[]).after.on_duty == 0


def test_days_before_and_after_are_left_out(store: Store) -> None:
    cases(store)
    found = what_if(
        store, rules(), rules(lead_policy="hrss_first"), date(2026, 2, 1), date(2026, 2, 9), calendar=Calendar()
    )
    assert (found.looked_at, list(found.moves), found.after.mails.total()) == (0, [], 0)


# ------------------------------------------------------------------ the page
@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


TOWN_LEADS = (
    "extends: builtin\nsectors:\n  building_municipal: {name: 房建, lead: hrss, co: [housing], articles: [JC26], "
    "basis: general}\n"
)


def send(house: House, name: str = "zhou", files: dict[str, Any] | None = None, **told: str) -> Any:
    return house.browser(name).post("/what-if/files", {"days": "30", **told}, files=files or {"x": ("", b"")})


@pytest.mark.parametrize("name", ["zhou", "lin", "ruan", "shen"])
def test_the_page_tells_what_would_change_and_changes_nothing(house: House, name: str) -> None:
    incident = house.opens()
    browser = house.browser(name)
    before = database(house)
    page = browser.post("/what-if/files", {"days": "30", "text": TOWN_LEADS}, files={"x": ("", b"")})
    assert page.status_code == 200
    assert incident in page.text
    assert "换主办：<b>1</b> 件" in page.text
    assert database(house) == before
    assert house.row(incident)["lead"] == "housing"


def test_a_handler_and_a_confined_leader_have_none_of_it(house: House) -> None:
    house.opens()
    assert send(house, "jian", text=TOWN_LEADS).status_code == 403
    assert "/what-if" not in house.browser("jian").get("/situation").text
    assert "/what-if" in house.browser("lin").get("/situation").text


def test_every_fault_of_a_file_is_told_with_its_place(house: House) -> None:
    page = send(house, files={"matrix": ("m.yaml", b"extends: builtin\ncolour: red\noffice: nowhere\n")})
    assert page.status_code == 422
    assert "matrix.yaml: colour" in page.text
    assert "matrix.yaml: office" in page.text
    assert send(house, files={"county": ("c.yaml", b"\xff\xfe")}).status_code == 422
    assert send(house, files={"roster": ("r.xlsx", b"no sheet")}).status_code == 422


@pytest.mark.parametrize("told", [{}, {"quiet": "evening"}])
def test_nothing_to_try_and_hours_that_are_none_are_said(house: House, told: dict[str, str]) -> None:
    page = send(house, **told)
    assert page.status_code in (400, 422)
    assert "静默时段" in page.text


def test_a_county_file_that_names_other_contacts_is_tried_and_forgotten(house: House) -> None:
    house.opens()
    text = 'code: "999901"\nname: 青禾县\ncontacts:\n  hrss:\n    - {name: 甲, mail: a@b.example}\n'
    page = send(house, files={"county": ("c.yaml", text.encode())}, quiet="无").text
    assert "没有邮箱、只能打电话的" in page
    assert house.ledger.county.contacts["housing"], "the county in force stays"


# ------------------------------------------------------------------ the command
def test_the_command_prints_counts_or_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "var").mkdir()
    kept = open_store(f"sqlite:///{tmp_path / 'var' / 'xinshao.db'}")
    ledger_on(kept).record(joined(reading(), later(hours=1)))
    kept.close()
    (tmp_path / "m.yaml").write_text(TOWN_LEADS, "utf-8")
    app = typer.Typer()
    commands.register(app)

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["--since", "2026-01-19", "--until", "2026-01-21", *words])

    done = run("--matrix", "m.yaml")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["cases"], told["moved"], told["lead"]) == (1, 1, {"housing->hrss": 1})
    table = run("--matrix", "m.yaml", "--table").stdout
    assert "立案的 1 件，1 件办法会变" in table
    assert "QX-2026-0001" in table
    assert run().exit_code == 2
    assert run("--quiet", "late").exit_code == 2
    assert json.loads(run("--quiet", "none").stdout)["moved"] == 0
