"""Thousands of feeds on a short interval for minutes on end, by the service itself. Knows no result beforehand.

    python -m monitor.commands.bench_collect_soak [minutes] [feeds] [hosts]

What runs is `xinshao run` without its pages: scheduler, poller, parser, classifier, ledger, outbox and an SQLite file.
The sites are a process of their own and write down who asked what when; the figures of the schedule and of the limits
per host come from their log alone. Half of the feeds answer 304, one in ten brings a new post at every poll, 5 % answer
500, 2 % never answer; each host has feeds of several sorts.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from monitor.commands.bench_collect import ALLOW, host, sites

GAP = 1.0  # seconds between two starts at one host, as on the public web
SICK = 7  # of a hundred feeds: those that fail or hang, whose schedule is that of the back-off
OFF = 0.1  # of the interval
PATIENCE = 25  # seconds at the end: longer than a site that hangs is waited for


def soak(minutes: float = 15, feeds: int = 5_000, hosts: int = 500, every: int = 300) -> dict[str, Any]:
    """The schedule as the sites saw it, CPU share of one core, peak memory in MB, and how the hosts were treated."""
    with sites(hosts) as (port, stop, report, process), tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        stored = asyncio.run(_serve(minutes * 60, _feeds(feeds, hosts, port, every), Path(folder)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        stop.set()
        process.join(30)
        seen = json.loads(report.read_text())
    return {**stored, "cpu_percent": round(100 * cpu / wall, 1), "peak_mb": _peak(), **schedule(seen, every)}


def _feeds(count: int, hosts: int, port: int, every: int) -> tuple[Any, ...]:
    """Feeds, ten a host where there are 5,000 on 500, well and sick ones mixed."""
    from monitor.model import Feed

    return tuple(
        Feed(
            name=f"feed {number}",
            kind="rss",
            url=f"http://{host((number + 7 * (number // hosts)) % hosts)}:{port}/feed/{number}",
            source=f"bench {number}",
            every=timedelta(seconds=every),
            purpose="bench",
            legal_basis="bench",
            allow=ALLOW,
        )
        for number in range(count)
    )


async def _serve(seconds: float, feeds: tuple[Any, ...], home: Path) -> dict[str, Any]:
    """Runs the service over these feeds; what its store says of the polls at the end."""
    from monitor.collect import Fetcher, Limits
    from monitor.config import NOWHERE, Config, read_settings
    from monitor.pipeline.house import assemble
    from monitor.service import Service
    from monitor.store import feeds as rows

    settings = read_settings().model_copy(update={"home": home, "database_url": "", "duty_mail": "duty@office.example"})
    house = assemble(Config(settings=settings, feeds=feeds, county=NOWHERE))
    service = Service(house, Fetcher(limits=Limits(own_gap=GAP)))
    started = datetime.now(UTC)
    await service.start()
    await asyncio.sleep(seconds)
    service.scheduler.pause()
    await asyncio.sleep(PATIENCE)  # what is under way ends in its own time
    with house.store.read() as c:
        found = rows.polls_between(c, started, datetime.now(UTC))
    await service.stop()
    house.close()
    return _told(found)


def _told(polls: Iterable[Any]) -> dict[str, Any]:
    """Outcomes of all polls, and every failure of a feed that should have been well."""
    outcomes, unexpected, new = Counter[str](), Counter[str](), 0
    for poll in polls:
        outcomes[poll.outcome] += 1
        new += poll.new
        if poll.outcome in ("failed", "refused") and int(poll.feed.split()[1]) % 100 >= SICK:
            unexpected[poll.reason[:80]] += 1
    return {"outcomes": dict(outcomes), "new_posts": new, "unexpected": dict(unexpected)}


def schedule(seen: dict[str, Any], every: int) -> dict[str, Any]:
    """How far the starts of the answering feeds were from one interval apart, and how the hosts were treated.

    `seen`: `log` of (moment in seconds, host, path), `busiest` requests at once of each host.
    """
    times: dict[str, list[float]] = defaultdict(list)
    starts: dict[str, list[float]] = defaultdict(list)
    for at, name, path in seen["log"]:
        times[path].append(at)
        starts[name].append(at)
    well = [moments for path, moments in times.items() if int(path.rpartition("/")[2]) % 100 >= SICK]
    gaps = sorted(later - earlier for moments in well for earlier, later in pairwise(moments))
    off = [gap for gap in gaps if abs(gap - every) > OFF * every]
    between = sorted(b - a for moments in starts.values() for a, b in pairwise(moments))
    return {
        "requests": len(seen["log"]),
        "feeds_seen": len(times),
        "intervals": len(gaps),
        "interval_min_median_max": [round(gaps[n], 1) for n in (0, len(gaps) // 2, -1)] if gaps else [],
        "off_schedule": len(off),
        "off_by": dict(Counter(f"{round(gap / every, 1)} intervals" for gap in off)),
        "most_at_one_host": max(seen["busiest"].values(), default=0),
        "closest_starts_at_one_host": [round(gap, 3) for gap in between[:3]],
        "starts_closer_than_the_gap": sum(gap < GAP for gap in between),
        "sites_were_late_themselves_by": round(seen["lag"], 3),
    }


def _peak() -> int:
    """The most memory this process ever held, in MB; what a forked parent held does not count (hence not getrusage)."""
    status = Path("/proc/self/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return round(int(match[1]) / 1024) if match else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    print(json.dumps(soak(*given), ensure_ascii=False, indent=1))
