"""What another model would have done with the stored posts, and that asking changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from ledgerhouse import NOON, joined, later, ledger_on, reading
from typer.testing import CliRunner

from classifiers.verdict import Assessment, Flag, Kind
from monitor.commands import backtesting
from monitor.model import Act, Change
from monitor.pipeline.backtest import backtest
from monitor.store import Store, incidents, open_store

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
