"""个人信息保护影响评估: every table is accounted for, the periods are those that hold, and people judge."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
import typer
import webhouse
from typer.testing import CliRunner
from webhouse import House

from monitor.commands import impact as commands
from monitor.config import Config
from monitor.digest import impact
from monitor.ledger import wishes
from monitor.store import impact as held
from monitor.store import looks, retention, users


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def words(body: bytes) -> str:
    document = docx.Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def config_of(house: House, **changed: Any) -> Config:
    config: Config = house.app.state.desk.config
    return replace(config, settings=config.settings.model_copy(update=changed))


def test_no_table_and_no_column_of_posts_is_left_out() -> None:
    """A new table fails here until the paper says what it holds, how long, and who may see it."""
    say, known = impact.catalogue()["data"], held.columns()
    told = [name for row in say["rows"] for name in row["tables"]]
    assert {*told, *say["none"]} == set(known)
    assert not set(told) & set(say["none"])
    columns = [one for row in say["rows"] for one in row["tables"].get("posts", [])]
    assert sorted(columns) == sorted(known["posts"])


def test_the_periods_are_those_that_housekeeping_keeps(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ORIGINALS", timedelta(days=77))
    with house.store.read() as c:
        found = impact.assess(c, config_of(house), house.now, "0.1.0")
    text = words(impact.paper(found))
    assert "立案的至了结后 77 天" in text
    assert "{" not in text


def test_it_counts_what_is_held_and_what_was_looked_at(house: House) -> None:
    house.opens()
    house.holds()
    house.store.unit(lambda c: looks.note(c, "zhou", looks.EXPORT, "", house.now))
    given = {"kind": "erase", "link": "https://x.example/1", "wish": "请删去它", "proof": "account"}
    number = wishes.register(house.ledger, **given, by="zhou", at=house.now)
    with house.store.read() as c:
        found = impact.assess(c, config_of(house), house.now, "0.1.0")
        later = impact.assess(c, config_of(house), house.now + timedelta(days=40), "0.1.0")
    assert (found.counts["posts"], found.counts["in_cases"], found.counts["exports"]) == (2, 1, 1)
    assert found.counts["originals"] == 1, "the one whose words had to be masked"
    assert found.roles["handler"] == 3
    assert (found.overdue, later.overdue) == (0, 1)
    wishes.answer(house.ledger, number, outcome="unheld", text="没有保存", by="wu", at=house.now)
    with house.store.read() as c:
        assert impact.assess(c, config_of(house), house.now, "0.1.0").answered == 1


def test_what_the_settings_leave_open_is_said_and_nothing_else(house: House) -> None:
    house.store.unit(lambda c: users.change_user(c, "jian", {"department": "town"}))
    with house.store.read() as c:
        bad = impact.assess(c, config_of(house), house.now, "0.1.0")
        good = config_of(
            house, base_url="https://x.example", contact="0000-1", second_factor="admin,leader",
        )  # fmt: skip
        fine = replace(impact.assess(c, good, house.now, "0.1.0"), wide=())
    told = "\n".join(impact.findings(bad))
    for part in ("HTTPS", "XINSHAO_CONTACT", "XINSHAO_SECOND_FACTOR", "jian"):
        assert part in told
    assert list(impact.findings(fine)) == []
    assert "按系统所知，没有发现问题" in words(impact.paper(fine))


def test_conclusions_and_signatures_are_left_to_people(house: House) -> None:
    with house.store.read() as c:
        text = words(impact.paper(impact.assess(c, config_of(house), house.now, "0.1.0")))
    assert "评估人：＿＿" in text
    assert "□可以处理" in text
    assert "☑" not in text


def test_no_word_of_a_post_and_no_poster_is_in_it(house: House) -> None:
    house.opens()
    with house.store.read() as c:
        text = words(impact.paper(impact.assess(c, config_of(house), house.now, "0.1.0")))
    for word in ("张建国", "13800001234", "一分没给", "江上一只船", "甲木建工"):
        assert word not in text


@pytest.mark.parametrize(("name", "status"), [("lin", 200), ("ruan", 200), ("shen", 200), ("zhou", 403), ("jian", 403)])
def test_who_checks_the_office_may_have_it_and_the_look_is_registered(house: House, name: str, status: int) -> None:
    answer = house.browser(name).get("/impact.docx")
    assert answer.status_code == status
    with house.store.read() as c:
        assert len(looks.listed(c, user=name)) == (status == 200)
    assert ("/impact.docx" in house.browser(name).get("/wishes").text) == (status == 200)


def test_the_command_writes_it_and_says_what_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n- {name: 县论坛, kind: discuz, url: 'https://bbs.example/', source: 论坛, purpose: 发现欠薪, "
        "legal_basis: 条例第四条}\n",
        "utf-8",
    )
    app = typer.Typer()
    commands.register(app)
    done = CliRunner().invoke(app, ["--out", "a.docx"])
    assert done.exit_code == 0, done.output
    assert "HTTPS" in done.output
    assert "影响评估" in words((tmp_path / "a.docx").read_bytes())
