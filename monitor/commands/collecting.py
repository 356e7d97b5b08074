"""`xinshao fetch`: one line an address. Knows the line's shape and the folder of bodies; fetching is in collect/."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.stream import json_line

if TYPE_CHECKING:
    from monitor.collect import Fetch, Fetcher, Request
    from monitor.config import Settings
    from monitor.model import Document

AHEAD = 64  # addresses under way at once; lines come out in the order of the input


def register(app: typer.Typer) -> None:
    """Adds `fetch`."""
    app.command("fetch")(fetch)


def fetch(
    urls: Annotated[list[str], typer.Argument(help="addresses; - reads them from stdin, one a line")],
    allow: Annotated[
        list[str] | None, typer.Option(help="a network admitted although not public, e.g. 10.1.0.0/16")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="folder that keeps the bodies, by SHA-256, and asks conditionally")
    ] = None,
) -> None:
    """Fetches addresses as the service would: guarded, politely, bounded; one JSON line an address.

    Example: xinshao fetch https://example.gov.cn/rss.xml --body pages
    """
    from ipaddress import ip_network

    from monitor.config import read_settings

    try:
        networks = tuple(str(ip_network(network, strict=False)) for network in allow or ())
    except ValueError as problem:
        raise typer.BadParameter(f"--allow: {problem}") from problem
    if body is not None:
        body.mkdir(parents=True, exist_ok=True)
    lines = _addresses(urls)
    failed = asyncio.run(_all(lines, networks, _Kept(body), read_settings()))
    raise typer.Exit(1 if failed else 0)


def _addresses(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        if url == "-":
            yield from (line for raw in sys.stdin if (line := raw.strip().removeprefix("\ufeff").strip()))
        else:
            yield url


async def _all(urls: Iterable[str], allow: tuple[str, ...], kept: _Kept, settings: Settings) -> bool:
    """Fetches all, writes a line each in order; whether any failed."""
    from monitor.collect import Fetcher

    failed = False
    async with Fetcher.from_settings(settings) as fetcher:
        async for line in _in_order(urls, fetcher, allow, kept):
            sys.stdout.write(json_line(line))
            sys.stdout.flush()
            failed |= line["outcome"] not in ("ok", "not_modified")
    return failed


async def _in_order(
    urls: Iterable[str], fetcher: Fetcher, allow: tuple[str, ...], kept: _Kept
) -> AsyncIterator[dict[str, Any]]:
    under_way: list[asyncio.Task[dict[str, Any]]] = []
    latest: dict[str, asyncio.Task[dict[str, Any]]] = {}
    for url in urls:
        task = asyncio.create_task(_one(url, fetcher, allow, kept, latest.get(url)))
        latest[url] = task
        under_way.append(task)
        if len(under_way) >= AHEAD:
            yield await under_way.pop(0)
    for task in under_way:
        yield await task


async def _one(
    url: str, fetcher: Fetcher, allow: tuple[str, ...], kept: _Kept, before: asyncio.Task[dict[str, Any]] | None
) -> dict[str, Any]:
    if before is not None:
        await before  # the same address again: after its first answer, and conditionally
    fetched = await fetcher.fetch(kept.request(url, allow))
    kept.keep(fetched)
    return _line(fetched)


class _Kept:
    """Bodies and validators: of this run, and of the folder where there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, dict[str, str | None]] = {}
        if folder is not None and (index := folder / "index.json").exists():
            self._known = json.loads(index.read_text("utf-8"))

    def request(self, url: str, allow: tuple[str, ...]) -> Request:
        from monitor.collect import Request

        known = self._known.get(url, {})
        return Request(url=url, allow=allow, etag=known.get("etag"), last_modified=known.get("last_modified"))

    def keep(self, fetched: Fetch) -> None:
        if fetched.document is None:
            return
        from monitor.collect import validators

        document = fetched.document
        self._known[fetched.url] = {**validators(document), "sha256": document.sha256}
        if self._folder is not None:
            (self._folder / document.sha256).write_bytes(document.body)
            (self._folder / "index.json").write_text(json.dumps(self._known, ensure_ascii=False), "utf-8")


def _line(fetched: Fetch) -> dict[str, Any]:
    document = fetched.document
    return {
        "url": fetched.url,
        "outcome": str(fetched.outcome),
        "reason": fetched.reason,
        "permanent": fetched.permanent,
        "retry_after": fetched.retry_after,
        "http_status": fetched.http_status,
        "final_url": fetched.final_url,
        "bytes": len(document.body) if document else 0,
        "sha256": hashlib.sha256(document.body).hexdigest() if document else None,
        "charset": _charset(document) if document else None,
        "elapsed_ms": fetched.elapsed_ms,
    }


def _charset(document: Document) -> str | None:
    from monitor.errors import InputError
    from monitor.parse.decode import decode

    try:
        return decode(document).charset
    except InputError:
        return None
