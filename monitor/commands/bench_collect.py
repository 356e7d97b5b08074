"""How fast and how lightly feeds are collected, measured on hosts of this machine. Knows no result beforehand.

`collect` (xinshao bench collect): the same requests through our fetcher and through one shared httpx client.
`soak`: many feeds on a five-minute interval for minutes on end, by the store's own due dates:

    python -c "from monitor.commands.bench_collect import soak; print(soak(minutes=15))"

The sites run in a process of their own on addresses of 127.0.0.0/8; half answer 304, 5 % fail, 2 % hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

ALLOW = ("127.0.0.0/8",)
BODY = ("<rss version='2.0'><channel><title>x</title>" + "<item><title>青禾县</title></item>" * 100).encode()


def host(number: int) -> str:
    """The address of the n-th host, 0 .. 60,000."""
    return f"127.{1 + number // 40_000}.{(number // 200) % 200}.{number % 200 + 1}"


# ------------------------------------------------------------------ the sites
def _serve(hosts: int, ready: Any, stop: Any, report: Path) -> None:
    asyncio.run(_sites(hosts, ready, stop, report))


async def _sites(hosts: int, ready: Any, stop: Any, report: Path) -> None:
    log: list[tuple[float, str, str]] = []
    busy: dict[str, int] = defaultdict(int)
    busiest: dict[str, int] = defaultdict(int)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = writer.get_extra_info("sockname")[0]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while True:
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
                path = head.split(b" ", 2)[1].decode()
                if path == "/robots.txt":
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                log.append((time.time(), name, path))
                busy[name] += 1
                busiest[name] = max(busiest[name], busy[name])
                try:
                    await _answer(int(path.rpartition("/")[2]), head, reader, writer)
                finally:
                    busy[name] -= 1
        writer.close()

    servers = [await asyncio.start_server(talk, host(0), 0)]
    port = servers[0].sockets[0].getsockname()[1]
    servers += [await asyncio.start_server(talk, host(n), port) for n in range(1, hosts)]
    ready.put(port)
    while not stop.is_set():
        await asyncio.sleep(0.2)
    report.write_text(json.dumps({"log": log, "busiest": busiest}))
    for server in servers:
        server.close()


async def _answer(number: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if number % 100 < 5:
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    elif number % 100 < 7:
        await reader.read(1)  # never answers; ends when the client has had enough
        raise ConnectionError
    elif number % 2 and b"if-none-match" in head.lower():
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    else:
        writer.write(
            b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' % len(BODY) + BODY
        )
    await writer.drain()


@contextlib.contextmanager
def sites(hosts: int) -> Iterator[tuple[int, Any, Path, Any]]:
    """(port, stop event, report file, process) of the sites in a process of their own."""
    spawn = multiprocessing.get_context("spawn")
    ready, stop = spawn.Queue(), spawn.Event()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        process = spawn.Process(target=_serve, args=(hosts, ready, stop, report), daemon=True)
        process.start()
        try:
            yield ready.get(timeout=60), stop, report, process
        finally:
            stop.set()
            process.join(10)
            if process.is_alive():
                process.kill()


# ------------------------------------------------------------------ ours against one shared client
def collect(hosts: int = 100, requests: int = 2_000, together: int = 100) -> dict[str, Any]:
    """Requests a second and CPU ms a request, ours and one shared httpx client's; ratio > 1: ours is faster."""
    with sites(hosts) as (port, *_):
        urls = [f"http://{host(n % hosts)}:{port}/feed/{100 * n + 50}" for n in range(requests)]  # only healthy ones
        shared = asyncio.run(_timed(_shared(urls, together)))
        ours = asyncio.run(_timed(_ours(urls, together)))
    return {
        "baseline": "one shared httpx.AsyncClient, no guard, no robots.txt, no limits",
        "hosts": hosts,
        "requests": requests,
        "together": together,
        "ours": ours,
        "shared": shared,
        "ratio": round(ours["per_second"] / shared["per_second"], 2),
        "cpu_ratio": round(shared["cpu_ms"] / ours["cpu_ms"], 2),
    }


async def _timed(work: Any) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    done = await work
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"per_second": round(done / wall, 1), "cpu_ms": round(1000 * cpu / done, 3), "done": done}


async def _shared(urls: list[str], together: int) -> int:
    import httpx

    places = asyncio.Semaphore(together)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

        async def one(url: str) -> bool:
            async with places:
                return (await client.get(url)).status_code == 200

        return sum(await asyncio.gather(*map(one, urls)))


async def _ours(urls: list[str], together: int) -> int:
    from monitor.collect import Fetcher, Limits, Outcome, Request

    async with Fetcher(limits=Limits(everywhere=together)) as fetcher:
        fetched = await asyncio.gather(*(fetcher.fetch(Request(url=url, allow=ALLOW)) for url in urls))
    return sum(each.outcome is Outcome.OK for each in fetched)


# ------------------------------------------------------------------ many feeds for a long time
def soak(minutes: float = 15, feeds: int = 5_000, hosts: int = 500, every: int = 300) -> dict[str, Any]:
    """The schedule as the sites saw it, CPU share of one core, peak memory in MB, and what per-host limits were met."""
    with sites(hosts) as (port, stop, report, process), tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        outcomes = asyncio.run(_watch(minutes * 60, _feeds(feeds, hosts, port, every), f"sqlite:///{folder}/soak.db"))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        stop.set()
        process.join(30)
        seen = json.loads(report.read_text())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "outcomes": outcomes,
        "cpu_percent": round(100 * cpu / wall, 1),
        "peak_mb": round(peak),
        **_schedule(seen, every),
    }


def _feeds(count: int, hosts: int, port: int, every: int) -> list[Any]:
    from monitor.model import Feed

    return [
        Feed(
            name=f"feed {number}",
            kind="rss",
            url=f"http://{host(number % hosts)}:{port}/feed/{number}",
            source="bench",
            every=timedelta(seconds=every),
            allow=ALLOW,
        )
        for number in range(count)
    ]


async def _watch(seconds: float, feeds: list[Any], url: str) -> dict[str, int]:
    """The service's loop in small: claim what is due, fetch, write back, in batches."""
    from monitor.collect import Fetcher, Limits
    from monitor.collect.backoff import first_due
    from monitor.store import feeds as rows
    from monitor.store.base import open_store

    store = open_store(url)
    by_name = {feed.name: feed for feed in feeds}
    started = datetime.now(UTC)
    store.unit(lambda c: rows.sync(c, {feed.name: first_due(feed, started, len(feeds)) for feed in feeds}))
    counts: dict[str, int] = defaultdict(int)
    done: list[Any] = []
    under_way: set[asyncio.Task[None]] = set()
    async with Fetcher(limits=Limits(own_gap=1.0, everywhere=200)) as fetcher:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            finished, done = done, []
            taken = store.unit(lambda c, finished=finished: _turn(c, finished, datetime.now(UTC)))  # type: ignore[misc]
            for state in taken:
                task = asyncio.create_task(_poll(fetcher, by_name[state.name], state, done, counts))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(0.5)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    store.close()
    return dict(counts)


def _turn(c: Any, finished: list[Any], now: datetime) -> list[Any]:
    from monitor.store import feeds as rows

    for state, poll, values in finished:
        rows.finish(c, state, poll, **values)
    return rows.claim_due(c, now, limit=200)


async def _poll(fetcher: Any, feed: Any, state: Any, done: list[Any], counts: dict[str, int]) -> None:
    from monitor.collect import requests_for, validators
    from monitor.collect.backoff import ended, next_due
    from monitor.store.feeds import Poll

    now = datetime.now(UTC)
    (request,) = requests_for(feed, etag=state.etag, last_modified=state.last_modified, cursor=None, now=now)
    fetched = await fetcher.fetch(request)
    counts[str(fetched.outcome)] += 1
    if fetched.outcome in ("failed", "refused") and int(feed.name.split()[1]) % 100 >= 7:
        counts[f"unexpected: {fetched.reason}"] += 1
    due = next_due(feed, state, ended(fetched), now)
    values = {"due_at": due.at, **(validators(fetched.document) if fetched.document else {})}
    poll = Poll(feed=feed.name, at=now, outcome=str(fetched.outcome), reason=fetched.reason, posts=1)
    done.append((state, poll, values))


def _schedule(seen: dict[str, Any], every: int) -> dict[str, Any]:
    """How far the starts of the answering feeds were from one interval apart, and how the hosts were treated."""
    times: dict[str, list[float]] = defaultdict(list)
    hosts: dict[str, list[float]] = defaultdict(list)
    for at, name, path in seen["log"]:
        times[path].append(at)
        hosts[name].append(at)
    healthy = [moments for path, moments in times.items() if int(path.rpartition("/")[2]) % 100 >= 7]
    gaps = [later - earlier for moments in healthy for earlier, later in pairwise(moments)]
    off = [gap for gap in gaps if abs(gap - every) > 0.1 * every]
    closest = min((b - a for moments in hosts.values() for a, b in pairwise(moments)), default=0.0)
    return {
        "requests": len(seen["log"]),
        "feeds_seen": len(times),
        "intervals": len(gaps),
        "interval_min_max": [round(min(gaps, default=0), 1), round(max(gaps, default=0), 1)],
        "off_schedule": len(off),
        "most_at_one_host": max(seen["busiest"].values(), default=0),
        "closest_starts_at_one_host": round(closest, 3),
    }
