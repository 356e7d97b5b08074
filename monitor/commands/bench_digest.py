"""How long the report of a large month takes as a process of its own. Invents the month; knows no result beforehand.

`digest` (xinshao bench digest): 5,000 incidents in 31 days, each with posts, clocks and assignments, told by
`xinshao digest --days 31`; the baseline is the same command over a month without any incident.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.model import County
    from monitor.store import Store

INCIDENTS, DAYS, ROUNDS = 5_000, 31, 3
STATES = ("assigned", "acknowledged", "handling", "paid", "closing", "closed", "closed", "closed", "held")
LEVELS = ("blue", "blue", "yellow", "yellow", "orange", "red")
CLOCKS = (("acknowledge", 0.2), ("contact_worker", 1), ("verify", 5), ("public_reply", 7), ("resolve", 15))
FEEDS = """feeds:
  - {name: 青禾论坛, kind: rss, url: "http://forum.example/rss", source: 青禾论坛, purpose: 欠薪线索, legal_basis: 公开}
"""
LEADS = {"building_municipal": "housing", "highway_waterway": "transport", "manufacturing": "hrss"}


def fill(store: Store, county: County, count: int = INCIDENTS, *, last: date, seed: int = 7) -> None:
    """Writes `count` invented incidents, opened over the DAYS days that end with `last`, as the ledger leaves them."""
    from sqlalchemy import insert

    from monitor.store import schema

    rows = list(_incidents(county, count, datetime(last.year, last.month, last.day, 15, tzinfo=UTC), seed))
    tables = {
        schema.incidents: [row for row, *_ in rows],
        schema.posts: [post for _, posts, *_ in rows for post in posts],
        schema.clocks: [clock for *_, clocks, _ in rows for clock in clocks],
        schema.assignments: [given for *_, assignments in rows for given in assignments],
    }

    def write(c: Any) -> None:
        for table, values in tables.items():
            for start in range(0, len(values), 1_000):
                c.execute(insert(table), values[start : start + 1_000])

    store.unit(write)


def _incidents(county: County, count: int, end: datetime, seed: int) -> Iterator[tuple[Any, Any, Any, Any]]:
    pick = random.Random(seed)  # noqa: S311  invents cases, no secret
    projects = [row for row in county.register if row.kind == "project"]
    employers = [row.name for row in county.register if row.kind == "employer"]
    for number in range(1, count + 1):
        project, sector = pick.choice(projects), pick.choice(list(LEADS))
        opened = end - timedelta(minutes=pick.randrange(DAYS * 1_440))
        state, id_ = pick.choice(STATES), f"QX-{end.year}-{number:04d}"
        closed = opened + timedelta(days=pick.randrange(1, 20)) if state == "closed" else None
        workers, employer = pick.randrange(1, 60), pick.choice(employers)
        facts = {
            "employer": employer, "project": project.name, "workers": workers, "amount_yuan": workers * 12_600.0,
            "months": pick.randrange(1, 9), "traits": ["employer_fled"] if pick.random() < 0.1 else [],
            "place": {"text": project.town, "town": project.town, "in_area": True}, "missing": [],
        }  # fmt: skip
        row = {
            "id": id_, "version": 3, "state": state, "verification": "verifying", "level": pick.choice(LEVELS),
            "level_reasons": ["yellow:10-29人"], "title": f"{project.name} · {employer}：{workers}人被欠薪",
            "facts": facts, "route": {"articles": ["TL29", "TL30"], "reasons": ["按行业"]}, "lead": LEADS[sector],
            "co": ["qx_office", "town"], "town": project.town, "sector": sector, "posts": 2,
            "representative": f"{number:016x}", "opened_at": opened, "updated_at": opened, "closed_at": closed,
            "close_code": "C1" if closed else None, "paid_yuan": facts["amount_yuan"] if closed else 0,
            "paid_workers": workers if closed else 0, "closeout": {},
        }  # fmt: skip
        yield row, [_post(id_, number, n, opened) for n in range(2)], _clocks(id_, opened, closed), _given(row)


def _post(incident: str, number: int, copy: int, opened: datetime) -> dict[str, Any]:
    text = "工地干了几个月，工资一直没有发下来，二十多个人都在等。" * 3
    return {
        "id": f"{number:012x}{copy:04x}", "feed": "青禾论坛", "native_id": f"{number}-{copy}", "platform": "青禾论坛",
        "url": f"http://forum.example/t/{number}-{copy}", "title": None, "text": text, "masked_text": text,
        "author_code": f"{number + copy:012x}", "published_at": opened, "fetched_at": opened, "flag": "alert",
        "score": 0.97, "kind": "open", "reasons": [], "model": "bench", "facts": {}, "incident": incident,
        "recorded_at": opened,
    }  # fmt: skip


def _clocks(incident: str, opened: datetime, closed: datetime | None) -> list[dict[str, Any]]:
    return [
        {"incident": incident, "name": name, "started_at": opened, "due_at": opened + timedelta(days=days),
         "done_at": closed, "basis": "内部时限", "skipped": []}
        for name, days in CLOCKS
    ]  # fmt: skip


def _given(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"incident": row["id"], "department": one, "role": "co" if number else "lead", "state": "acknowledged",
         "at": row["opened_at"]}
        for number, one in enumerate((row["lead"], *row["co"]))
    ]  # fmt: skip


# ------------------------------------------------------------------ measuring
def digest() -> dict[str, Any]:
    """Seconds of the process and of its processor time, best and median of ROUNDS.

    `ratio`: processor time to that of the same command over an empty month; it holds on a busy machine too.
    """
    with tempfile.TemporaryDirectory() as folder:
        full = _month(Path(folder) / "full", INCIDENTS)
        empty = _month(Path(folder) / "empty", 0)
    return {
        "incidents": INCIDENTS, "days": DAYS, "rounds": ROUNDS,
        "full": _told(full), "empty": _told(empty),
        "ratio": round(min(cpu for _, cpu in full) / min(cpu for _, cpu in empty), 2),
    }  # fmt: skip


def _told(rounds: list[tuple[float, float]]) -> dict[str, float]:
    walls, cpus = (sorted(round(one[n], 2) for one in rounds) for n in (0, 1))
    middle = len(rounds) // 2
    return {"seconds": walls[0], "seconds_median": walls[middle], "cpu": cpus[0], "cpu_median": cpus[middle]}


def _month(home: Path, count: int) -> list[tuple[float, float]]:
    """(wall, processor) seconds of each round."""
    from monitor.config import load
    from monitor.store import open_store

    home.mkdir()
    feeds, county_file = home / "feeds.yaml", Path(__file__).parent.parent / "demo" / "county.yaml"
    feeds.write_text(FEEDS, encoding="utf-8")
    files = ("--feeds", str(feeds), "--county", str(county_file))
    county = load(feeds=feeds, county=county_file).county
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    last = datetime.now(UTC).date().replace(day=1) - timedelta(
        days=1
    )  # so that clocks have run out and cases are closed
    fill(store, county, count, last=last)
    store.close()
    command = [sys.executable, "-m", "monitor", "digest", "--date", last.isoformat(), "--days", str(DAYS), *files]
    environment = {**os.environ, "XINSHAO_HOME": str(home), "XINSHAO_DATABASE_URL": ""}
    seconds = []
    for _ in range(ROUNDS):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, "--out", str(home / "out")], env=environment, check=True, capture_output=True)  # noqa: S603
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        seconds.append((time.perf_counter() - start, used))
    return seconds
