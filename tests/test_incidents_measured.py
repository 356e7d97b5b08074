"""How many posts come to the right incident: invented ones at scale, and labelled ones where the data are at hand."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from incidents_forms import faults, posts

from classifiers.verdict import Assessment, Flag, Kind
from monitor.facts import measure, read
from monitor.incidents.gather import Gathering
from monitor.model import Post, Reading

START = datetime(2024, 1, 1, tzinfo=UTC)
VERDICT = Assessment(Flag.ALERT, 1.0, Kind.OPEN, False, "given")
FOLDER = measure.shared()


def placed(number: int, seed: int) -> tuple[float, float, float]:
    """Over-merged, split, posts placed a second of processor time (their facts read beforehand)."""
    told = posts(number, seed)
    made = [
        Post(id=str(which), text=text, published_at=START + timedelta(hours=hour))
        for which, (hour, _, text) in enumerate(told)
    ]
    readings = [Reading(post, VERDICT, read(post)) for post in made]
    gathering, began = Gathering(), time.process_time()
    incidents = [gathering.add(one, one.post.published_at or START)[0] for one in readings]
    pace = number / (time.process_time() - began)
    return *faults([debt for _, debt, _ in told], incidents), pace


def test_two_thousand_posts_of_known_debts() -> None:
    over, split, _ = placed(2000, seed=3)
    assert over <= 0.01
    assert split <= 0.04


@pytest.mark.soak
def test_a_hundred_thousand_posts_of_known_debts() -> None:
    over, split, pace = placed(100_000, seed=4)
    print(f"over-merged {over:.4f} split {split:.4f} placed {pace:.0f} a second")
    assert over <= 0.01
    assert split <= 0.03


@pytest.mark.shared
@pytest.mark.skipif(FOLDER is None, reason="set XINSHAO_SHARED to the folder with data/incidents.json")
def test_labelled_posts_of_one_incident() -> None:
    """Floors a little under what was measured; the file does not list every pair of posts that tell of one debt."""
    assert FOLDER is not None
    known = json.loads((FOLDER / "data" / "incidents.json").read_text("utf-8"))
    truth = {post: f"known {number}" for number, group in enumerate(known["incidents"]) for post in group}
    gathering = Gathering()
    rows = sorted(measure.open_rows(FOLDER), key=lambda row: str(row.get("date") or ""))
    for row in rows:
        post, day = measure.post_of(row), str(row.get("date") or "")[:10]
        now = datetime.fromisoformat(day).replace(tzinfo=UTC) if len(day) == 10 else datetime(2015, 1, 1, tzinfo=UTC)
        gathering.add(Reading(post, VERDICT, read(post)), now)
    found = gathering.posts
    gold = {post: truth.get(post, post) for post in found}
    pair, cubed = _pair_f1(found, gold), _b_cubed(found, gold)
    joined = [pair for pair in known["cannot_link"] if found.get(pair[0], "a") == found.get(pair[1], "b")]
    print(f"posts {len(found)} pair F1 {pair:.3f} B-cubed F1 {cubed:.3f} cannot-link pairs joined {len(joined)}")
    assert joined == []
    assert pair >= 0.65
    assert cubed >= 0.95


def _groups(of: dict[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for post, name in of.items():
        found[name].add(post)
    return found


def _pair_f1(found: dict[str, str], gold: dict[str, str]) -> float:
    one, other = (
        {pair for group in _groups(of).values() for pair in combinations(sorted(group), 2)} for of in (found, gold)
    )
    return 2 * len(one & other) / (len(one) + len(other))


def _b_cubed(found: dict[str, str], gold: dict[str, str]) -> float:
    mine, right = _groups(found), _groups(gold)
    common = {post: len(mine[found[post]] & right[gold[post]]) for post in found}
    precision = sum(common[post] / len(mine[found[post]]) for post in found) / len(found)
    recall = sum(common[post] / len(right[gold[post]]) for post in found) / len(found)
    return 2 * precision * recall / (precision + recall)
