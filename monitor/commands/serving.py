"""`run`, `poll`, `import`, `replay`, `digest`: the service and its work done once. Knows the command line only."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import FIRST_YEAR, LAST_YEAR, CountyFile, Feeds, clock_now, opened_house, records
from monitor.commands.saying import tell
from monitor.text import visible

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.digest.make import Digest
    from monitor.model import Feed
    from monitor.pipeline.poll import Polled


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(poll)
    app.command("import")(import_)
    app.command()(replay)
    app.command()(digest)


def say(text: str) -> None:
    """Progress and logs go to stderr; data goes to stdout."""
    tell(text)


def run(
    demo: Annotated[
        bool, typer.Option("--demo", help="Add the demo town, its mail box and a fictional county.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the intranet.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_534, help="Port of the service.")] = 8420,
    feeds: Feeds = None,
    county: CountyFile = None,
    speed: Annotated[float, typer.Option(help="Demo: how many times faster than life the day runs.")] = 60.0,
) -> None:
    """Scheduler, outbox and web in one process.

    Example: xinshao run --demo
    """
    from monitor import config
    from monitor.service import run_service

    with ExitStack() as closing:
        loaded = _demo(closing, host, port, speed) if demo else config.load(feeds=feeds, county=county)
        asyncio.run(run_service(loaded, host, port, say))


def _demo(closing: ExitStack, host: str, port: int, speed: float) -> Config:
    """The fictional county: its files, its mail server, quicker polling. Its state has a folder of its own."""
    from monitor import config
    from monitor.errors import ConfigError, Fault

    try:
        from monitor.demo import start
        from monitor.demo.elsewhere import bring_elsewhere
        from monitor.demo.lists import bring_lists
        from monitor.demo.past import bring_past
    except ModuleNotFoundError as problem:  # an installation from the wheel, without the extra `demo`
        if not str(problem.name).startswith("aiosmtpd"):
            raise
        remedy = "pip install aiosmtpd, or `xinshao run` on your own feeds.yaml"
        fault = Fault("installation", "the demo's mail server (aiosmtpd) is not installed", remedy)
        raise ConfigError([fault]) from problem
    settings = config.read_settings()
    home = settings.home / "demo"
    town = closing.enter_context(start(speed=speed, port=port + 1, home=home / "town"))
    say(f"demo mail box: {town.mail_box.url}")
    say(f"demo town: {town.urls['bbs']} (forum)  {town.urls['board']} (message board)  {town.urls['news']} (news)")
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared, not bound
    values = settings.model_dump() | {
        "home": home,
        "database_url": "",
        "smtp_host": town.mail_box.smtp_host,
        "smtp_port": town.mail_box.smtp_port,
        "smtp_tls": "none",
        "smtp_user": "",
        "smtp_password": None,
        "mail_from": "xinshao@qinghe.example",
        "base_url": f"http://{shown}:{port}",
        "poll_seconds": 3,
        "quiet_hours": "",  # the scripted day is over before a real night is
    }
    loaded = config.load(feeds=town.feeds_path, county=town.county_path, settings=config.Settings(**values))
    loaded.settings.make_home()
    for name, password in bring_past(loaded).items():
        first = f"sign in as {name}, password {password} (shown once; change it under the account page)"
        say(first if name == "admin" else f"or as {name}, who sees one town only, password {password} (shown once)")
    bring_lists(loaded.settings.database, loaded.county, loaded.settings.key())
    bring_elsewhere(loaded.settings.database, loaded.county, loaded.settings.key())
    return loaded


def poll(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="FEED", help="Names of feeds; none: those that are due.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only feeds whose time has come (the default without names).")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every enabled feed, due or not.")] = False,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """One pass: collect, parse, classify, read facts, place, record. Prints one line a feed.

    Example: xinshao poll 县论坛
    """
    from monitor.collect import Fetcher
    from monitor.errors import ConfigError, Fault
    from monitor.pipeline.poll import Poller

    with opened_house(feeds, county) as opened:
        known = {feed.name for feed in opened.config.feeds}
        if unknown := [name for name in names or () if name not in known]:
            raise ConfigError(
                [Fault("feeds.yaml", f"no feed is called {name!r}", "see the names there") for name in unknown]
            )

        async def work() -> list[Polled]:
            async with Fetcher.from_settings(opened.config.settings) as fetcher:
                poller = Poller(opened.store, opened.intake, fetcher, opened.config)
                now = clock_now()
                if everything or (names and not due):
                    return await poller.poll_named(list(names or poller.feeds), now)
                return await poller.poll_due(now)

        polled = asyncio.run(work())
        if not polled:
            say("no feed is due; --all polls every one")
        for one in polled:
            print(_line(one))
        if any(one.outcome in ("failed", "refused") for one in polled):
            bad = sum(one.outcome in ("failed", "refused") for one in polled)
            say(f"{bad} of {len(polled)} feeds could not be read")
            raise typer.Exit(1)


def _line(one: Polled) -> str:
    acts = " ".join(f"{act}={count}" for act, count in sorted(one.taken.acts.items()))
    counts = f"posts={one.taken.posts} new={one.taken.new} {acts}".rstrip()
    return visible(f"{one.feed}\t{one.outcome}\t{counts}\t{one.elapsed_ms} ms\t{' '.join(one.reason.split())}")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON lines, or an export of a vendor or platform tool.")],
    feed: Annotated[str, typer.Option("--feed", help="Name under which the posts are kept.")] = "import",
    kind: Annotated[str, typer.Option("--kind", help="file, weibo, douyin or vendor.")] = "file",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Takes a file into the same pipeline; importing it again changes nothing.

    Example: xinshao import 热线工单.xlsx --feed 12345热线
    """
    from monitor.errors import InputError

    with opened_house(feeds, county) as opened:
        try:
            body = file.read_bytes()
        except OSError as problem:
            raise InputError(f"{file} cannot be read: {problem.strerror}") from problem
        from monitor.pipeline.bring import bring_file, feed_of

        taken = bring_file(opened.store, opened.intake, opened.config, file, body, feed, kind, clock_now(), _progress)
        if unread := _unread(feed_of(opened.config, file, feed, kind), body):
            say(f"columns that nothing is read from: {'、'.join(unread)}")
        acts = " ".join(f"{act}={count}" for act, count in sorted(taken.acts.items()))
        print(f"{file.name}\tposts={taken.posts} new={taken.new} {acts}".rstrip())


def _unread(feed: Feed, body: bytes) -> list[str]:
    from monitor.model import Document
    from monitor.parse.sheets import unread_columns

    if feed.kind != "file":
        return []
    return unread_columns(Document(url=feed.url, fetched_at=datetime.now(UTC), body=body), feed)


def _progress(steps: Iterator[Any], total: int) -> Iterator[Any]:
    """A bar on a terminal; silent elsewhere."""
    if not sys.stderr.isatty() or total < 2:
        return steps
    from rich.console import Console
    from rich.progress import track

    return iter(track(steps, total=total, console=Console(stderr=True), description="importing", transient=True))


def replay(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A post id, or the SHA-256 of a stored document.")],
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Reads stored evidence again, from parse to place, and prints what would be decided now. Records nothing.

    Example: xinshao replay 3f2a9c0d11e4b7aa
    """
    import json

    from monitor.pipeline.again import replay as read_again

    with opened_house(feeds, county) as opened:
        for row in read_again(opened.store, opened.intake, opened.config, id_, clock_now()):
            print(json.dumps(row, ensure_ascii=False))


def digest(
    day: Annotated[str | None, typer.Option("--date", help="Local day, e.g. 2027-01-20; default: yesterday.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files; default: digests in XINSHAO_HOME.")
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, help="Days that end with it: 7 a week, 31 a month.")
    ] = 1,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """A day's digest as mail (.eml), docx and xlsx. Sends nothing.

    Example: xinshao digest --date 2027-01-20 --out .
    """
    from monitor.clocks import Calendar
    from monitor.pipeline.daily import make_digest
    from monitor.text import SHANGHAI

    today = clock_now().astimezone(SHANGHAI).date()
    try:
        wanted = date.fromisoformat(day) if day else today - timedelta(days=1)
    except ValueError as problem:
        raise typer.BadParameter(f"{day!r} is not a day like 2027-01-20", param_hint="--date") from problem
    if not FIRST_YEAR <= wanted.year <= LAST_YEAR:
        raise typer.BadParameter(f"{wanted} lies outside the years {FIRST_YEAR} to {LAST_YEAR}", param_hint="--date")
    if wanted > today:
        raise typer.BadParameter(f"{wanted} is still to come: a digest tells of a day that was", param_hint="--date")
    with records(feeds, county) as (store, config, matrix):
        folder, now = out or config.settings.home / "digests", clock_now()
        made = make_digest(store, config, matrix, Calendar(), wanted, now, folder, days)
        for path in (_mail_of(made, config, now), *made.attachments):
            print(path)


def _mail_of(made: Digest, config: Config, now: datetime) -> Path:
    """The mail as it would go out, beside its attachments, to be opened in a mail program or forwarded."""
    from monitor.channels.mail import compose
    from monitor.pipeline.daily import notifications

    path, settings = Path(made.attachments[0]).with_suffix(".eml"), config.settings
    data = {"subject": made.subject, "text": made.text, "html": made.html, "inline": dict(made.inline),
            "attachments": list(made.attachments)}  # fmt: skip
    to = [one.recipient for one in notifications(made, config, path.stem)] or [settings.duty_mail or settings.mail_from]
    row = {"recipient": to[0], "message_id": f"<{path.stem}@xinshao>", "created_at": now, "level": 1, "data": data}
    path.write_bytes(compose(row, sender=settings.mail_from, base_url=settings.base_url).as_bytes())
    return path
