"""Cases, polls and digests for tests: written as the ledger and the poller leave them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledgerhouse import matrix
from sqlalchemy import insert

from monitor.clocks import Calendar
from monitor.digest import make
from monitor.digest.figures import Figures, figures, local_day
from monitor.digest.make import Digest
from monitor.model import Feed
from monitor.store import Store, schema

DAY = date(2027, 1, 20)
MORNING = datetime(2027, 1, 21, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, the day after
START = local_day(DAY)[0]
FEED = Feed(name="青禾论坛", kind="rss", url="http://forum.example/rss", source="青禾论坛")
FORMULA = '=HYPERLINK("http://x.example","点")'
DANGEROUS = [FORMULA, "+1+1", "-2", "@SUM(A1)", "\t=1+1", "#REF!", "a\x00b\x0bc\ud800"]


def case(store: Store, number: int, opened: datetime, **values: Any) -> str:
    """A case as the ledger would have left it, with one resolve clock of ten days."""
    id_ = f"QX-2027-{number:04d}"
    facts = {"employer": "乙禾劳务", "project": "锦禾苑三期", "workers": 10, "amount_yuan": 50_000.0, "months": 3}
    row = {
        "id": id_, "version": 1, "state": "assigned", "verification": "unverified", "level": "yellow",
        "level_reasons": ["yellow:3个月"], "title": "锦禾苑三期 · 乙禾劳务", "facts": facts, "route": {"articles": []},
        "lead": "housing", "co": [], "town": "柳溪镇", "sector": "building_municipal", "posts": 1,
        "representative": "p", "opened_at": opened, "updated_at": opened, "closeout": {}, **values,
    }  # fmt: skip
    row["facts"] = {**facts, **values.get("facts", {})}
    clock = {
        "incident": id_, "name": "resolve", "started_at": opened, "due_at": opened + timedelta(days=10),
        "done_at": row.get("closed_at"), "basis": "", "skipped": [],
    }  # fmt: skip
    store.unit(lambda c: (c.execute(insert(schema.incidents), [row]), c.execute(insert(schema.clocks), [clock])))
    return id_


def watch(store: Store, outcome: str = "ok", *, day: date = DAY, hours: range = range(24)) -> None:
    """A poll an hour."""
    start = local_day(day)[0]
    rows = [{"feed": FEED.name, "at": start + timedelta(hours=h, minutes=5), "outcome": outcome} for h in hours]
    store.unit(lambda c: c.execute(insert(schema.polls), rows))


def count(store: Store, days: int = 1, now: datetime = MORNING, day: date = DAY) -> Figures:
    with store.read() as c:
        return figures(c, day, now=now, feeds=[FEED], days=days, eve=Calendar().next_eve(day))


def digest(store: Store, folder: Path, days: int = 1, **options: Any) -> Digest:
    ledger = (["编号", "事件"], [["QX-2027-0001", FORMULA]])
    return make.make(
        count(store, days, **options), matrix(), folder, county="青禾县", base_url="https://x.example", ledger=ledger
    )
