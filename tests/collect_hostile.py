"""Run inside a network namespace that has only loopback: every expectation of the hostile server, put to our fetcher.

    python collect_hostile.py HOSTILE_SERVER.py   prints {"met": n, "of": n, "missed": [...], "canary": n, "peak_mb": n}

Pages are asked for on port+3, whose robots.txt is a 404, so that the run is not spaced by the main port's crawl delay.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from monitor.collect import Fetch, Fetcher, Limits, Outcome, Request, validators
from monitor.errors import InputError
from monitor.model import Feed
from monitor.parse import parse
from monitor.parse.decode import decode

ALLOW = ("127.0.0.0/8",)
LIMITS = Limits(deadline=6, robots_deadline=2, together=8)
ROBOTS = {  # port: (path, outcome)
    0: [("/robots.txt", "ok")], 1: [("/page", "refused")], 2: [("/page", "refused")], 3: [("/page", "ok")],
    4: [("/robots-secret", "refused"), ("/page", "ok")], 5: [("/page", "ok")], 6: [("/page", "refused")],
    7: [("/page", "ok")], 8: [("/robots-disallow", "refused"), ("/page", "ok")], 9: [("/page", "ok")],
}  # fmt: skip
OUTCOMES = {
    "ok": {Outcome.OK}, "error": {Outcome.FAILED, Outcome.REFUSED}, "skip": {Outcome.FAILED, Outcome.REFUSED},
    "not_modified": {Outcome.NOT_MODIFIED}, "denied": {Outcome.REFUSED}, "retry_later": {Outcome.FAILED},
}  # fmt: skip


def _peak_mb() -> int:
    """This program's own peak: `ru_maxrss` survives exec and would count the test runner that started it (proc(5))."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]


async def judge(fetcher: Fetcher, doc: dict[str, Any], port: int) -> str:
    """Why an expectation is not met; empty when it is."""
    path = doc["path"]
    if match := re.match(r"\[port\+(\d+)\]", path):
        number = int(match[1])
        got = [
            (p, str((await get(fetcher, f"http://127.0.0.1:{port + number}{p}")).outcome)) for p, _ in ROBOTS[number]
        ]
        return "" if got == ROBOTS[number] else str(got)
    url = f"http://127.0.0.1:{port + 3}{path}"
    if path.startswith("https:"):
        url = f"https://127.0.0.1:{port + 10}/ok"
    elif path.startswith("/robots"):
        url = f"http://127.0.0.1:{port + (4 if 'secret' in path else 0)}{path}"
    fetched = await get(fetcher, url)
    if doc["outcome"] == "not_modified" and fetched.document:
        fetched = await get(fetcher, url, **validators(fetched.document))
    return expected(doc, fetched)


async def get(fetcher: Fetcher, url: str, **values: Any) -> Fetch:
    return await fetcher.fetch(Request(url=url, allow=ALLOW, **values))


def expected(doc: dict[str, Any], fetched: Fetch) -> str:
    if not any(fetched.outcome in OUTCOMES[each] for each in doc["outcome"].split("|")):
        return read_as_feed(doc, fetched) if doc["outcome"] == "error" else f"{fetched.outcome} {fetched.reason}"
    if doc["outcome"] == "retry_later" and (fetched.permanent or not fetched.retry_after):
        return "does not say when to come back"
    if fetched.elapsed_ms > 1000 * doc.get("max_s", 60):
        return f"took {fetched.elapsed_ms} ms"
    if fetched.document and doc.get("text") and doc["text"] not in decode(fetched.document).text:
        return f"{doc['text']} is not in the text"
    if fetched.document and "items" in doc:
        feed = Feed(name="x", kind="rss", url=fetched.url, source="x", minimum=0)
        found = len(parse(fetched.document, feed))
        return "" if found == doc["items"] else f"{found} items, not {doc['items']}"
    return ""


def read_as_feed(doc: dict[str, Any], fetched: Fetch) -> str:
    """HTML where a feed was is an error of the poll: the parser says so."""
    try:
        assert fetched.document is not None
        parse(fetched.document, Feed(name="x", kind="rss", url=fetched.url, source="x"))
    except InputError:
        return ""
    return f"{fetched.outcome} {fetched.reason}"


def tell(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return json.loads(answer.read())


def wasteful(doc: dict[str, Any], hits: dict[str, Any]) -> str:
    hit = hits.get(f"[+3]{doc['path']}", {"requests": 0, "bytes": 0})
    if hit["bytes"] > doc.get("max_bytes", 10**12) or hit["requests"] > doc.get("max_requests", 10**6):
        return f"{hit['requests']} requests, {hit['bytes']} bytes"
    return ""


async def run(port: int, docs: list[dict[str, Any]]) -> dict[str, Any]:
    wanted = [doc for doc in docs if doc["path"] != "/_canary"]
    async with Fetcher(limits=LIMITS, contact="test@example.cn") as fetcher:
        verdicts = await asyncio.gather(*(judge(fetcher, doc, port) for doc in wanted))
    hits = tell(port, "/_hits")
    missed = [
        (doc["path"], why)
        for doc, verdict in zip(wanted, verdicts, strict=True)
        if (why := verdict or wasteful(doc, hits))
    ]
    canary = sum(hit["requests"] for path, hit in hits.items() if path.endswith("/_canary"))
    peak = _peak_mb()
    met = len(wanted) - len(missed) + (canary == 0)
    return {"met": met, "of": len(docs), "missed": missed, "canary": canary, "peak_mb": peak}


def main(server: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = 20_000 + probe.getsockname()[1] % 20_000
    process = subprocess.Popen([sys.executable, server, "--port", str(port)])
    try:
        for _ in range(100):
            try:
                docs = tell(port, "/_index")
                break
            except OSError:
                time.sleep(0.1)
        print(json.dumps(asyncio.run(run(port, docs)), ensure_ascii=False))
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main(sys.argv[1])
