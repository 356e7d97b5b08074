"""`xinshao feed add` and `xinshao feed test`: look at a source before it is watched. Knows collect, parse and config.

Nothing reaches the database; `add` writes feeds.yaml only after the posts were shown and a person said yes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.saying import said, tell

if TYPE_CHECKING:
    from monitor.collect import Fetch
    from monitor.model import Document, Feed, Post
    from monitor.parse.propose import Proposal

FOLLOWED = 3  # pages opened to show what full texts look like
SHOWN = 12
ASKED = (  # what an entry needs and a page cannot say
    ("name", "name: what the office calls this source"),
    ("purpose", "purpose: why it is watched"),
    ("legal_basis", "legal_basis: on what law and terms it is read (see the entries of feeds.yaml)"),
)

feed_app = typer.Typer(name="feed", help="Look at sources, and add them to feeds.yaml.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds `feed add` and `feed test`."""
    app.add_typer(feed_app)


@feed_app.command("test")
def look(
    name: Annotated[str, typer.Argument(help="a feed's name in feeds.yaml")],
    feeds: Annotated[Path, typer.Option(help="the file of feeds")] = Path("feeds.yaml"),
    as_json: Annotated[bool, typer.Option("--json", help="posts as JSON lines instead of a table")] = False,
) -> None:
    """Fetches one feed once and shows what it gives; saves nothing.

    Example: xinshao feed test 县论坛
    """
    from monitor.config import read_feeds

    watched = {feed.name: feed for feed in read_feeds(feeds)}
    if name not in watched:
        raise typer.BadParameter(f"no feed of that name in {feeds}; there are: {', '.join(watched)}")
    looked = _look(watched[name])
    _show(looked, as_json=as_json)
    raise typer.Exit(1 if looked.fault else 0)


@feed_app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="a site, a list page, a forum board or a feed")],
    name: Annotated[str, typer.Option(help="its name; asked for if not given")] = "",
    source: Annotated[str, typer.Option(help="the outlet or platform; the host if not given")] = "",
    purpose: Annotated[str, typer.Option(help="why it is watched; asked for if not given")] = "",
    legal_basis: Annotated[str, typer.Option(help="on what legal basis; asked for if not given")] = "",
    kind: Annotated[str, typer.Option(help="instead of the proposed kind")] = "",
    every: Annotated[str, typer.Option(help="how often, e.g. 15m")] = "30m",
    area: Annotated[str, typer.Option(help="division code the source speaks for")] = "",
    allow: Annotated[list[str] | None, typer.Option(help="a network admitted although not public")] = None,
    feeds: Annotated[Path, typer.Option(help="the file of feeds")] = Path("feeds.yaml"),
    yes: Annotated[bool, typer.Option("--yes", help="save without asking, if posts were found")] = False,
) -> None:
    """Finds a site's feeds, proposes how to read it, shows the posts, and saves after a yes.

    Example: xinshao feed add https://bbs.example.org/forum.php?mod=forumdisplay&fid=2 --name 县论坛
    """
    from monitor.commands.feed_entry import append, entry_text
    from monitor.model import Feed

    start = Feed(name=name or url, kind=kind or "page", url=url, source=source or _host(url), allow=tuple(allow or ()))
    looked, proposal = asyncio.run(_discover(start, kind))
    _show(looked, as_json=False)
    if looked.fault or not looked.posts:
        raise typer.Exit(1)
    if proposal is not None:
        _say(f"read as {looked.feed.kind}: {proposal.why}")
    values = {"name": name, "purpose": purpose, "legal_basis": legal_basis, "every": every, "area": area}
    _say(f"to be added to {feeds}:\n" + entry_text(looked.feed, values, posts=len(looked.posts)))
    if not yes and not typer.confirm(said(f"Save this to {feeds}?")):
        raise typer.Exit(1)
    for key, says in ASKED:
        values[key] = values[key] or _ask(says, looked.feed.source if key == "name" else None)
    append(feeds, entry_text(looked.feed, values, posts=len(looked.posts)))
    _say(f"saved as {values['name']} in {feeds}")


def _ask(says: str, default: str | None) -> str:
    return str(typer.prompt(says, default=default))


# ------------------------------------------------------------------ looking
@dataclass(frozen=True, slots=True)
class _Looked:
    """What one look at a feed gave. `fault`: why there are no posts, or fewer than promised."""

    feed: Feed
    posts: tuple[Post, ...] = ()
    fault: str = ""
    unread: tuple[str, ...] = ()  # pages behind items that gave no text, with the reason
    pages: tuple[tuple[Post, Document], ...] = ()  # items and the pages behind them that were opened


def _look(feed: Feed) -> _Looked:
    if feed.url.startswith("file:"):
        return _parsed(_file(feed), feed)
    return asyncio.run(_look_once(feed))


async def _look_once(feed: Feed) -> _Looked:
    """One poll without memory: no validators, no cursor, and the first pages behind its items."""
    from monitor.collect import Fetcher, Trouble, requests_for
    from monitor.config import read_settings

    settings = read_settings()
    token = settings.tokens.get(feed.name)
    if feed.kind == "mailbox":
        return _letters(feed, token.get_secret_value() if token else None, settings.certificates)
    try:
        requests = requests_for(
            feed, etag=None, last_modified=None, cursor=None, now=_now(),
            token=token.get_secret_value() if token else None,
        )  # fmt: skip
    except Trouble as trouble:
        return _Looked(feed, fault=str(trouble))
    if not requests:
        return _Looked(feed, fault=f"a feed of kind {feed.kind} is brought, not fetched")
    async with Fetcher.from_settings(settings) as fetcher:
        fetched = await fetcher.fetch(requests[0])
        if fetched.document is None:
            return _Looked(feed, fault=_why(fetched))
        return await _followed(_parsed(fetched.document, feed), fetcher.fetch)


def _letters(feed: Feed, password: str | None, certificates: Path | None) -> _Looked:
    """The latest letters of a mailbox; they stay there, unmarked."""
    from monitor.collect import Trouble
    from monitor.collect.mailbox import read_mailbox

    try:
        mail = read_mailbox(feed, password, None, _now(), certificates=certificates)
    except Trouble as trouble:
        return _Looked(feed, fault=str(trouble))
    looked = [_parsed(letter, replace(feed, minimum=0)) for letter in mail.documents]
    unread = [f"{letter.url}: {one.fault}" for letter, one in zip(mail.documents, looked, strict=True) if one.fault]
    posts = tuple(post for one in looked for post in one.posts)
    return _Looked(feed, posts, unread=(*mail.passed_over, *unread))


async def _followed(looked: _Looked, fetch: Any) -> _Looked:
    """Opens the first pages of a feed that follows its links."""
    from monitor.collect import follow
    from monitor.errors import InputError
    from monitor.parse import pages

    posts, unread, opened = list(looked.posts), [], []
    stubs = [post for post in posts if not post.complete and post.url][:FOLLOWED]
    for stub in stubs:
        fetched = await fetch(follow(looked.feed, stub.url or ""))
        try:
            if fetched.document is None:
                unread.append(f"{stub.url}: {_why(fetched)}")
            else:
                opened.append((stub, fetched.document))
                place = posts.index(stub)
                posts[place : place + 1] = pages(fetched.document, looked.feed, stub)
        except InputError as problem:
            unread.append(f"{stub.url}: {problem}")
    return replace(looked, posts=tuple(posts), unread=tuple(unread), pages=tuple(opened))


def _with_text_rule(looked: _Looked) -> _Looked:
    """The same with a selector for the article, where the opened pages agree on one and all are read by it."""
    from monitor.errors import InputError
    from monitor.parse import pages
    from monitor.parse.propose import text_rule

    rule = text_rule([document for _, document in looked.pages])
    if not rule or looked.feed.kind != "listing" or "text" in looked.feed.selectors:
        return looked
    feed = replace(looked.feed, selectors={**looked.feed.selectors, "text": rule})
    try:
        read = {post.id: post for stub, document in looked.pages for post in pages(document, feed, stub)}
    except InputError:
        return looked
    return replace(looked, feed=feed, posts=tuple(read.get(post.id, post) for post in looked.posts))


def _parsed(document: Document, feed: Feed) -> _Looked:
    from monitor.errors import InputError
    from monitor.parse import parse

    try:
        return _Looked(feed, tuple(parse(document, feed)))
    except InputError as problem:
        return _Looked(feed, fault=str(problem))


async def _discover(start: Feed, kind: str) -> tuple[_Looked, Proposal | None]:
    """Looks at an address as what it most likely is; a feed that the page itself offers is preferred when it works."""
    from monitor.collect import Fetcher, Request, requests_for
    from monitor.config import read_settings
    from monitor.errors import InputError
    from monitor.parse.propose import propose

    if kind:
        return await _look_once(start), None
    async with Fetcher.from_settings(read_settings()) as fetcher:
        fetched = await fetcher.fetch(Request(url=start.url, allow=start.allow))
        if fetched.document is None:
            return _Looked(start, fault=_why(fetched)), None
        try:
            proposal = propose(fetched.document)
        except InputError as problem:
            return _Looked(start, fault=str(problem)), None
        for offer in proposal.offers:
            _say(f"offered: {offer.kind} {offer.url} ({offer.title})")
        for offer in proposal.offers:
            offered = replace(start, kind=offer.kind, url=offer.url, follow=not offer.options, options=offer.options)
            (request,) = requests_for(offered, etag=None, last_modified=None, cursor=None, now=_now())
            found = await fetcher.fetch(request)
            looked = _parsed(found.document, offered) if found.document else _Looked(offered, fault=_why(found))
            if not looked.fault:
                return await _followed(looked, fetcher.fetch), replace(proposal, why=f"the page offers {offer.title}")
            _say(f"{offer.url} is not readable: {looked.fault}")
        guessed = replace(start, kind=proposal.kind, selectors=proposal.selectors, follow=proposal.follow)
        return _with_text_rule(await _followed(_parsed(fetched.document, guessed), fetcher.fetch)), proposal


def _file(feed: Feed) -> Document:
    from urllib.parse import unquote, urlsplit

    from monitor.errors import InputError
    from monitor.model import Document

    path = Path(unquote(urlsplit(feed.url).path))
    try:
        return Document(url=feed.url, fetched_at=_now(), body=path.read_bytes())
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror}") from problem


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).hostname or url
    except ValueError as problem:
        raise typer.BadParameter(f"{url!r} is no address", param_hint="URL") from problem


def _why(fetched: Fetch) -> str:
    """What came of a fetch, and what helps."""
    from monitor.collect import remedy

    private = "address: " in fetched.reason and "is not public" in fetched.reason
    hint = " — if it is your own intranet, add --allow with its network, e.g. --allow 10.1.0.0/16" if private else ""
    return f"{fetched.outcome}: {fetched.reason}{hint or _after(remedy(fetched.reason))}"


def _after(words: str) -> str:
    return f" — {words}" if words else ""


# ------------------------------------------------------------------ showing
def _say(words: str) -> None:
    tell(words)


def _show(looked: _Looked, *, as_json: bool) -> None:
    if as_json:
        from monitor.commands.stream import json_line, post_row

        for post in looked.posts:
            sys.stdout.write(json_line(post_row(post)))
    elif looked.posts:
        _table(looked.feed, looked.posts)
    for page in looked.unread:
        _say(f"page not read: {page}")
    if looked.fault:
        _say(f"{looked.feed.name}: {looked.fault}")


def _table(feed: Feed, posts: Sequence[Post]) -> None:
    """The first posts. Markup in titles is text here: rich must not read `[red]`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from monitor.text import face

    table = Table(title=Text(f"{feed.kind} {feed.url}"), caption=f"{len(posts)} posts; the first {SHOWN} are shown")
    for column in ("published", "author", "title", "text", "complete"):
        table.add_column(column, overflow="fold")
    for post in posts[:SHOWN]:
        cells = (
            face(post.published_at) if post.published_at else "?",
            post.author or "",
            post.title or "",
            post.text.replace("\n", " ")[:80],
            "yes" if post.complete else "page to be opened",
        )
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)
