"""The sample of passed posts that people look at all the same: what tells how much the machine misses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from ledgerhouse import NOON, county, reading

from classifiers.registry import Classifier
from monitor.ledger import Ledger
from monitor.model import Act
from monitor.pipeline.take import Intake
from monitor.store import open_store

IDS = [hashlib.sha256(f"{number}".encode()).hexdigest()[:16] for number in range(4000)]


def drawn(folder: Path, flag: str, ids: list[str]) -> list[str]:
    """Those of the ids that an intake of its own marks for a person's look."""
    intake = Intake(open_store(f"sqlite:///{folder}/x.db"), cast(Ledger, None), cast(Classifier, None), county())
    one = reading("seen", "周末去青禾湖钓鱼", flag=flag, kind="noise")
    changes = {each: intake.decide(replace(one, post=replace(one.post, id=each)), NOON) for each in ids}
    assert {change.act for change in changes.values()} <= {Act.PASS, Act.JOIN}
    return [each for each, change in changes.items() if _marked(change.data)]


def _marked(data: Mapping[str, object]) -> bool:
    return data.get("audit") is True


def test_about_one_passed_post_in_two_hundred_is_looked_at_and_the_same_ones_everywhere(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    found = drawn(tmp_path / "here", "pass", IDS)
    assert 10 <= len(found) <= 32  # twenty on average
    assert found == drawn(tmp_path / "there", "pass", IDS)


def test_what_people_see_anyhow_is_not_drawn(tmp_path: Path) -> None:
    assert drawn(tmp_path, "alert", IDS) == []


def test_posts_that_an_import_numbers_in_its_own_way_are_drawn_as_fairly(tmp_path: Path) -> None:
    """Ids like 工单-17 once were never drawn, and of plain numbers only every two-hundredth in a row."""
    for form in ("工单-{}", "{}", "WB{:06d}"):
        assert 10 <= len(drawn(tmp_path, "pass", [form.format(number) for number in range(4000)])) <= 32, form
