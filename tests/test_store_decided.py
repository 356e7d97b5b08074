"""What reviewers decided reaches the model of their county: masked, with its kind, the last word on each post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgerhouse import BOTH, by, ledger_on, reading, stores

from monitor.commands.reading import decided
from monitor.model import Act, Change
from monitor.store import Store
from monitor.store.decided import decisions

LATER = {"p1": 1, "p2": 2, "p3": 3, "p4": 4}


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "var").mkdir()
    yield from stores(request.param, tmp_path / "var")


def review(store: Store) -> None:
    """Four posts wait; three are decided: a case, an old one that was paid, and one about something else."""
    ledger = ledger_on(store)
    for name in LATER:
        post = reading(name, f"我叫张建国，电话13800001234，工资的事{name}", flag="review", author=None, url=None)
        ledger.record(Change(act=Act.HOLD, at=post.post.fetched_at, reason="unsure", readings=(post,)))
    for name, act, label in (("p2", "dismiss", "resolved"), ("p3", "dismiss", "noise"), ("p1", "confirm", "open")):
        change = by("zhou", act, None, post=name, label=label)  # type: ignore[arg-type]
        ledger.record(change)


def test_each_decision_is_a_lesson_without_anybody_s_name(store: Store) -> None:
    review(store)
    with store.read() as c:
        found = decisions(c)
    assert {row["id"]: row["label"] for row in found} == {"p1": "open", "p2": "resolved", "p3": "noise"}
    assert not any("张建国" in row["text"] or "13800001234" in row["text"] for row in found)


def test_a_training_reads_them_where_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    own = tmp_path / "own.jsonl"
    with decided(own) as lines:
        assert lines == own
    with decided(None) as lines:
        assert lines is None  # no database here: none is made to look into it
    assert not (tmp_path / "var").exists()
    for store in stores("sqlite", tmp_path / "var"):
        review(store)
    with decided(None) as lines:
        assert lines is not None
        assert [json.loads(line)["label"] for line in lines.read_text(encoding="utf-8").splitlines()]
        assert lines.parent.stat().st_mode & 0o077 == 0
    assert not lines.exists()
