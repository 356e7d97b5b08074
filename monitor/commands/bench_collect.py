"""How fast and how lightly pages are fetched, measured on hosts of this machine. Knows no result beforehand.

`collect` (xinshao bench collect): the same requests through our fetcher and through one shared httpx client. The sites
run in a process of their own on addresses of 127.0.0.0/8; half of their feeds answer 304, 5 % fail, 2 % hang. The long
run over thousands of feeds is in bench_collect_soak.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ALLOW = ("127.0.0.0/8",)
ITEMS = 20  # of a feed
LOOK = 0.05  # seconds between two looks at the clock
GROWS = 4  # of ten feeds, the one with this last digit brings a new post at every poll
_ITEM = (
    "<item><title>青禾县的第{post}条消息</title><link>http://site.example/{feed}/{post}</link>"
    "<description>河边的桃花开了，镇上的人都去看，这是{feed}号栏目的第{post}条。</description></item>"
)


def host(number: int) -> str:
    """The address of the n-th host, 0 .. 60,000."""
    return f"127.{1 + number // 40_000}.{(number // 200) % 200}.{number % 200 + 1}"


def body(feed: int, times: int = 0) -> bytes:
    """What feed number `feed` says when it is asked for the n-th time."""
    newest = ITEMS + (times if feed % 10 == GROWS else 0)
    items = "".join(_ITEM.format(feed=feed, post=newest - n) for n in range(ITEMS))
    return f"<rss version='2.0'><channel><title>{feed}</title>{items}</channel></rss>".encode()


# ------------------------------------------------------------------ the sites
def _serve(hosts: int, ready: Any, stop: Any, report: Path) -> None:
    asyncio.run(_sites(hosts, ready, stop, report))


async def _sites(hosts: int, ready: Any, stop: Any, report: Path) -> None:
    log: list[tuple[float, str, str]] = []
    times: dict[int, int] = defaultdict(int)
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
                number = int(path.rpartition("/")[2])
                log.append((time.monotonic(), name, path))
                times[number] += 1
                busy[name] += 1
                busiest[name] = max(busiest[name], busy[name])
                try:
                    await _answer(number, times[number], head, reader, writer)
                finally:
                    busy[name] -= 1
        writer.close()

    servers = [await asyncio.start_server(talk, host(0), 0)]
    port = servers[0].sockets[0].getsockname()[1]
    servers += [await asyncio.start_server(talk, host(n), port) for n in range(1, hosts)]
    ready.put(port)
    lag = 0.0  # how late these sites are themselves on a busy machine: their log is no better than that
    while not stop.is_set():
        wanted = time.monotonic() + LOOK
        await asyncio.sleep(LOOK)
        lag = max(lag, time.monotonic() - wanted)
    report.write_text(json.dumps({"log": log, "busiest": busiest, "lag": lag}))
    for server in servers:
        server.close()


async def _answer(
    number: int, times: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if number % 100 < 5:
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    elif number % 100 < 7:
        await reader.read(1)  # never answers; ends when the client has had enough
        raise ConnectionError
    elif number % 2 and b"if-none-match" in head.lower():
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    else:
        said = body(number, times)
        head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' % len(said)
        writer.write(head + said)
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
