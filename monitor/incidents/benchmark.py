"""How fast posts of invented debts are placed, against joining exact copies only. Measures; asserts nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from classifiers.verdict import Assessment, Flag, Kind
from monitor.incidents.gather import Gathering
from monitor.incidents.keys import copy_key
from monitor.model import Facts, Post, Reading

POSTS, EACH = 20_000, 12  # posts, and of one debt on average
START = datetime(2026, 1, 1, tzinfo=UTC)
SIGNS = "锦禾望澜庚辛岚松竹梅溪湖云海泰恒盛荣华瑞祥安康宁福源鑫宏"
TAILS = ("请有关部门尽快解决", "家里等着用钱", "打电话不接", "催了多次没有结果")
GIVEN = Assessment(Flag.ALERT, 1.0, Kind.OPEN, False, "given")


def throughput() -> dict[str, Any]:
    """Posts placed a second of processor time, their facts read beforehand, and the ratio to joining copies only."""
    readings = invented(POSTS)
    gathering, seen = Gathering(), dict[str, str]()
    placed = _pace(lambda one: gathering.add(one, one.post.published_at or START), readings)
    copied = _pace(lambda one: seen.setdefault(copy_key(one), one.post.id), readings)
    return {
        "posts": POSTS,
        "incidents": len(gathering.incidents),
        "placed_per_s": round(placed),
        "copies_only_per_s": round(copied),
        "ratio": round(placed / copied, 3),
    }


def invented(number: int, seed: int = 5) -> list[Reading]:
    """Readings of invented debts in order of time, six hundred days long."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [_reading(chance, which, START + which * timedelta(days=600) / number) for which in range(number)]


def _reading(chance: random.Random, which: int, at: datetime) -> Reading:
    known = chance.randrange(max(which - 10 * EACH, 0) // EACH, which // EACH + 1)
    debt = random.Random(known)  # noqa: S311 - the debt's own names and sums, whoever tells of it
    project = "".join(debt.sample(SIGNS, 3)) + debt.choice(("苑", "公馆", "大桥", "产业园"))
    workers, amount = debt.randint(2, 120), debt.randint(10_000, 999_999)
    days, end = chance.randint(9, 999), chance.choice(TAILS)
    text = f"{project}的{workers}个人{debt.randint(1, 14)}个月没拿到钱，一共{amount}元，等了{days}天，{end}"
    post = Post(id=str(which), text=text, published_at=at)
    return Reading(post, GIVEN, Facts(project=project, workers=workers, amount_yuan=float(amount)))


def _pace(work: Callable[[Reading], object], readings: list[Reading]) -> float:
    began = process_time()
    for one in readings:
        work(one)
    return len(readings) / (process_time() - began)
