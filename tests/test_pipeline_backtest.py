"""What another model would have done with the stored posts, and that asking changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer
import yaml
from ledgerhouse import NOON, county, joined, later, ledger_on, matrix, reading
from sqlalchemy import select
from typer.testing import CliRunner

from classifiers.verdict import Assessment, Flag, Kind
from monitor.clocks import Calendar
from monitor.commands import backtesting
from monitor.commands.opening import matrix_in_force
from monitor.model import Act, Change
from monitor.pipeline.backtest import backtest
from monitor.pipeline.reroute import reroute, row_of
from monitor.routing import load_matrix
from monitor.store import Store, incidents, open_store, schema

TEXTS = {
    "sure": "锦禾苑三期工地，甲木建工拖欠我们23个工人3个月工资一共46万元",
    "doubted": "听说丁岳路桥那边的工资还没有发，不知真假",
    "fish": "周末去青禾湖钓鱼",
}


class Contrary:
    """A model that alerts on everything but what speaks of the first employer."""

    version = "contrary"

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        return [self.assess_one(*post) for post in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        flag = Flag.PASS if "甲木" in text else Flag.ALERT
        return Assessment(flag, 0.5, Kind.OPEN, False, self.version, ())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'var' / 'xinshao.db'}")
    ledger = ledger_on(opened)
    held = reading("doubted", TEXTS["doubted"], flag="review")
    passed = reading("fish", TEXTS["fish"], flag="pass", kind="noise")
    ledger.record_all(
        [
            joined(reading("sure", TEXTS["sure"])),
            Change(act=Act.HOLD, at=NOON, reason="unsure", readings=(held,)),
            Change(act=Act.PASS, at=NOON, reason="other", readings=(passed,)),
        ]
    )
    ledger.record(Change(act=Act.DISMISS, at=later(hours=1), reason="谣言", actor="reviewer", data={"post": "doubted"}))
    yield opened
    opened.close()


def test_gains_and_losses_are_counted_by_what_reviewers_said(store: Store) -> None:
    found = backtest(store, Contrary(), NOON - timedelta(days=1), NOON + timedelta(days=1)).as_row()
    assert (found["model"], found["posts"]) == ("contrary", 3)
    assert found["then"] == {"alert": 1, "review": 1, "pass": 1}
    assert found["now"] == {"alert": 2, "pass": 1}
    assert found["moved"] == {"alert->pass": 1, "pass->alert": 1, "review->alert": 1}
    assert found["gained"] == {"confirmed": 0, "dismissed": 1, "unreviewed": 1}
    assert found["lost"] == {"confirmed": 0, "dismissed": 0, "unreviewed": 1}
    assert found["reviewed"]["dismissed"] == {"pass": 0, "review": 0, "alert": 1}
    assert (sorted(found["gained_ids"]), found["lost_ids"]) == (["doubted", "fish"], ["sure"])


def test_only_the_period_is_looked_at_and_its_end_is_not_in_it(store: Store) -> None:
    assert backtest(store, Contrary(), NOON - timedelta(days=1), NOON).posts == 0
    assert backtest(store, Contrary(), NOON, NOON + timedelta(seconds=1)).posts == 3


def app() -> typer.Typer:
    made = typer.Typer()
    backtesting.register(made)
    made.callback()(lambda: None)
    return made


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app(), ["backtest", *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_prints_one_object_and_records_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    with store.read() as c:
        before = incidents.listing(c)
    status, out, _ = call("--model", "shipped", "--since", "2026-01-20", "--until", "2026-01-20")
    found = json.loads(out)
    assert (status, found["posts"], found["since"]) == (0, 3, "2026-01-20")
    assert sum(found["now"].values()) == 3
    assert "工资" not in out
    assert json.loads(call("--since", "2026-01-21", "--until", "2026-01-21")[1])["posts"] == 0
    with store.read() as c:
        assert incidents.listing(c) == before
    status, out, err = call("--model", "nobody")
    assert (status, out) == (1, "")
    assert "no model 'nobody'; there are:" in err
    assert call("--since", "2026-02-01", "--until", "2026-01-01")[0] == 2


# ------------------------------------------------------------------ another matrix
def other_matrix(folder: Path) -> Path:
    """A county's own version: building goes to 人社局."""
    path = folder / "trial.yaml"
    changes = {"building_municipal": {"lead": "hrss", "co": ["housing", "town"]}}
    path.write_text(yaml.safe_dump({"extends": "builtin", "version": "trial", "sectors": changes}), "utf-8")
    return path


def snapshot(store: Store) -> dict[str, list[object]]:
    """Everything the database holds."""
    with store.read() as c:
        return {t.name: [tuple(row) for row in c.execute(select(t))] for t in schema.metadata.sorted_tables}


def test_another_matrix_names_what_would_move_and_changes_nothing(store: Store, tmp_path: Path) -> None:
    new, before = load_matrix(other_matrix(tmp_path)), snapshot(store)
    asked = {"county": county(), "calendar": Calendar()}
    found = reroute(store, matrix(), new, NOON - timedelta(days=1), NOON + timedelta(days=1), **asked)
    (move,) = found.moves
    row = row_of(move)
    assert (row["before"]["lead"], row["after"]["lead"], row["recorded"]["lead"]) == ("housing", "hrss", "housing")
    assert {"lead", "co"} <= set(row["changes"])
    assert row["reasons"]
    assert found.as_row()["lead"] == {"housing->hrss": 1}
    assert found.as_row()["matrix"] == {"before": matrix().version, "after": "trial"}
    assert snapshot(store) == before
    same = reroute(store, matrix(), matrix(), NOON - timedelta(days=1), NOON + timedelta(days=1), **asked)
    assert (same.looked_at, list(same.moves)) == (1, [])
    assert reroute(store, matrix(), new, NOON + timedelta(days=1), NOON + timedelta(days=9), **asked).looked_at == 0


def test_another_severity_moves_the_level_and_what_hangs_on_it(store: Store) -> None:
    none = replace(matrix(), version="calm", severity=replace(matrix().severity, conditions=(), floors={}))
    found = reroute(
        store, matrix(), none, NOON - timedelta(days=1), NOON + timedelta(days=1), county=county(), calendar=Calendar()
    )
    (move,) = found.moves
    assert move.changes == ("level",)
    assert move.after.grading.level.value in ("blue", "yellow")  # the campaign may raise it by one
    assert move.before.grading.level.rank > move.after.grading.level.rank
    (levels,) = found.as_row()["level"]
    assert levels.endswith(f"->{move.after.grading.level.value}")


def test_the_command_replays_a_matrix_as_lines_and_as_a_table(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    file, days = str(other_matrix(tmp_path)), ("--since", "2026-01-20", "--until", "2026-01-20")
    status, out, err = call("--matrix", file, *days)
    rows = [json.loads(line) for line in out.splitlines()]
    assert (status, len(rows), rows[0]["after"]["lead"]) == (0, 1, "hrss")
    assert json.loads(err)["moved"] == 1
    status, out, _ = call("--matrix", file, *days, "--table")
    lines = out.splitlines()
    assert lines[0].split() == ["编号", "等级", "主办", "协办增减", "依据增减", "其他"]
    assert "住建局 → 人社局" in lines[1]
    assert lines[-1] == "主办住建局→人社局：1件"
    assert "没有一件事件会变" in call("--matrix", file, "--since", "2026-02-20", "--until", "2026-02-20", "--table")[1]
    assert call("--matrix", file, "--model", "shipped")[0] == 2
    assert call("--matrix", file, "--lead-policy", "nobody")[0] == 2


def test_what_is_in_force_here_is_what_another_matrix_is_compared_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    file, days = other_matrix(tmp_path), ("--since", "2026-01-20", "--until", "2026-01-20")
    monkeypatch.setenv("XINSHAO_MATRIX", str(file))
    assert json.loads(call("--matrix", str(file), *days)[2])["moved"] == 0
    assert matrix_in_force().version == "trial"
    monkeypatch.delenv("XINSHAO_MATRIX")
    assert matrix_in_force() is matrix()
