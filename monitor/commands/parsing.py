"""`xinshao parse`: a document into posts, without a feeds.yaml. Knows the room of parsing and the frame of filters."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from monitor.commands.saying import said, tell
from monitor.commands.stream import json_line, moment_from, post_row


def register(app: typer.Typer) -> None:
    """Adds the commands of this part."""
    app.command()(parse)


def parse(
    file: Annotated[str, typer.Argument(help="the document as fetched; - reads stdin")],
    kind: Annotated[
        str,
        typer.Option(help="rss, page, listing, discuz, board, weibo, douyin, vendor, sitemap, file, mailbox, wechat"),
    ],
    url: Annotated[str, typer.Option(help="the address it came from: links are resolved against it")],
    fetched_at: Annotated[
        str | None, typer.Option(help="when it was fetched (ISO 8601), for 昨天 and 5分钟前; now if not given")
    ] = None,
    content_type: Annotated[str, typer.Option(help="the Content-Type header it came with, if known")] = "",
) -> None:
    """Reads a document and prints one post a line.

    Example: xinshao parse a.xml --kind rss --url https://news.example.org/rss.xml | xinshao classify
    """
    from monitor.errors import InputError
    from monitor.model import Document, Feed
    from monitor.parse import parse as read

    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        now = moment_from(fetched_at, "--fetched-at") or datetime.now(UTC)
        source = _source(kind, url)
    except OSError as problem:
        tell(f"{file} cannot be read: {problem.strerror}")
        raise typer.Exit(2) from problem
    except ValueError as problem:
        tell(problem)
        raise typer.Exit(2) from problem
    headers = {"content-type": content_type} if content_type else {}
    feed = Feed(name="command line", kind=kind, url=url, source=source, minimum=0)
    try:
        posts = read(Document(url=url, fetched_at=now, body=body, headers=headers), feed)
    except InputError as problem:
        tell(f"{file}: {said(problem)}")
        raise typer.Exit(2 if getattr(problem, "code", "") == "unknown_kind" else 1) from problem
    for post in posts:
        sys.stdout.write(json_line(post_row(post)))


def _source(kind: str, url: str) -> str:
    """The platform of platform kinds, else the host."""
    return kind if kind in {"weibo", "douyin"} else urlsplit(url).hostname or kind
