"""The digest's catalogue and its number forms. Knows words, no figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.clocks.wording import clock_name
from monitor.names import money as written
from monitor.names import name
from monitor.routing.matrix import Matrix


@cache
def words() -> Mapping[str, Any]:
    """words.yaml, read once."""
    loaded: Mapping[str, Any] = yaml.safe_load((files(__package__) / "words.yaml").read_text(encoding="utf-8"))
    return loaded


def word(group: str, key: str | None) -> str:
    """`word("levels", "red")` -> 红; the key itself where the catalogue has none."""
    return name(group, key) if key else str(words()["unknown"])


def clock(name: str) -> str:
    """A clock as monitor/clocks calls it, or this catalogue where that one is silent."""
    return str(words()["clocks"].get(name) or clock_name(name))


def duration(span: timedelta) -> str:
    """3天, 5小时, 40分钟: in the largest unit that it fills."""
    if span.days:
        return str(words()["days"].format(count=span.days))
    minutes = int(span.total_seconds() // 60)
    return str(
        words()["hours"].format(count=minutes // 60) if minutes >= 60 else words()["minutes"].format(count=minutes)
    )


def day_text(day: date) -> str:
    """2026年1月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def money(yuan: float | None) -> str:
    """How a paper writes money: 32.6万元; 未知 where nobody says."""
    return str(words()["unknown"]) if yuan is None else written(yuan)


def change(now: int, before: int) -> str:
    """环比: 12 after 10 -> +20%; from ten times on 10倍; nothing to compare with -> —."""
    if not before:
        return "—"
    return str(words()["times"]).format(times=now // before) if now >= 10 * before else f"{now / before - 1:+.0%}"


def department(matrix: Matrix, id_: str | None) -> str:
    """A department's short name: what stands before its first bracket."""
    name = matrix.name_of(id_) if id_ else str(words()["unknown"])
    return name.split("（")[0].split("(")[0]


def sector(matrix: Matrix, id_: str | None) -> str:
    """A sector's name."""
    known = matrix.sectors.get(id_ or "unknown")
    return known.name if known else str(id_)
