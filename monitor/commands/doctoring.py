"""`doctor`: what would stop this installation from working, part by part. Knows no repair itself."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.failing import sentence
from monitor.commands.opening import CountyFile, Feeds
from monitor.commands.saying import said, tell
from monitor.errors import XinshaoError

if TYPE_CHECKING:
    from monitor.config import Config

MAIL_REMEDY = "check XINSHAO_SMTP_HOST, _PORT, _TLS, _USER and _PASSWORD, and the firewall"
SPOKEN = (XinshaoError, ImportError, ValueError)  # whose text is a sentence for people
Finding = tuple[bool, str, str]  # good, what, what to do


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    feeds: Feeds = None,
    county: CountyFile = None,
    mail: Annotated[str | None, typer.Option("--mail", help="Send a test mail to this address, too.")] = None,
) -> None:
    """What would stop this installation from working: database, mail, clock, disk, model, fonts, silent feeds.

    Example: xinshao doctor --mail it@office.example
    """
    from monitor import config

    loaded = config.load(feeds=feeds, county=county)
    bad = 0
    for good, what, remedy in _safely(partial(_tried, mail), loaded) if mail else ():
        bad += _printed(good, what, remedy)
    opens = True
    for examine in (_python, _disk, _database, _work, _model, _rules, _smtp, _outbox, _fonts, _feeds, _coverage):
        if examine in (_work, _outbox, _feeds, _coverage) and not opens:
            continue  # each would only say again why it does not
        for good, what, remedy in _safely(examine, loaded):
            bad += _printed(good, what, remedy)
            opens = opens and (good or examine is not _database or "clock" in what)
    if bad:
        tell(f"{bad} findings need a hand")
        raise typer.Exit(1)


def _printed(good: bool, what: str, remedy: str) -> bool:
    """Prints a finding; whether it is a bad one."""
    after = f"\n     -> {said(remedy)}" if remedy and not good else ""
    print(f"{said('ok ' if good else 'BAD')}  {said(what)}{after}")
    return not good


def _tried(address: str, config: Config) -> Iterator[Finding]:
    """A mail sent the way every message goes; whether the person has it, only the person can say."""
    from monitor.channels import Channels
    from monitor.channels.mail import test_row
    from monitor.errors import DeliveryError

    try:
        asyncio.run(Channels.from_settings(config.settings).by_name["mail"].send(test_row(address, datetime.now(UTC))))
    except DeliveryError as problem:
        yield False, problem.reason, MAIL_REMEDY
        return
    where = "the mail server took" if config.settings.smtp_host else f"written to {config.settings.home / 'mail'}:"
    yield True, f"{where} a test mail to {address}", ""


def _safely(examine: Callable[[Config], Iterator[Finding]], config: Config) -> Iterator[Finding]:
    try:
        yield from examine(config)
    except Exception as problem:  # whatever breaks one part, the others are looked at, and all of it is told
        told = sentence(problem) or (str(problem) if isinstance(problem, SPOKEN) else repr(problem))
        yield False, f"{getattr(examine, '__name__', 'mail').strip('_')}: {told}", ""


def _python(_: Config) -> Iterator[Finding]:
    yield sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}", "use 3.11+"
    year = datetime.now(UTC).year
    yield 2025 <= year <= 2100, f"clock says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "set the system clock"


def _disk(config: Config) -> Iterator[Finding]:
    from monitor.config import LOW_DISK

    home = config.settings.home
    config.settings.make_home()
    probe = home / ".probe"
    probe.write_text("x")
    probe.unlink()
    free = config.settings.free()
    yield free > LOW_DISK, f"{home} is writable, {free / 1e9:.1f} GB free", "make room: at least 1 GB"
    if home.stat().st_mode & 0o005:  # made by an earlier version, or by hand
        yield True, f"every account of this machine can read {home}: to keep it to this one, chmod 700 {home}", ""


def _database(config: Config) -> Iterator[Finding]:
    from monitor.pipeline.clock import WRONG, difference
    from monitor.store.base import open_store

    store = open_store(config.settings.database)
    try:
        store.check()
        yield True, f"database opens and is sound ({store.engine.dialect.name})", ""
        off = difference(store)
        if abs(off) > WRONG:
            what = f"this machine's clock and the database's are {abs(off).total_seconds():.0f} s apart"
            yield False, what, "set both by the same time server (NTP); until then the service goes by the database's"
    finally:
        store.close()


def _work(config: Config) -> Iterator[Finding]:
    """Whether the timed jobs of the service come to their end; what the watcher elsewhere says to the heartbeat."""
    from monitor.store import alive, done
    from monitor.store.base import open_store
    from monitor.text import face

    store = open_store(config.settings.database)
    try:
        with store.read() as c:
            late, ends, fault = alive.late(c, datetime.now(UTC)), alive.ends(c), done.detail(c, "heartbeat")
            late = [one for one in late if one.job not in (alive.RECORD, alive.SEND)]  # told below, with the reason
            began = done.when(c, alive.BEGAN)
    finally:
        store.close()
    names = ", ".join(f"{one.job} ({face(one.since)})" for one in late)
    if not ends:
        yield True, "no service has worked here yet: start `xinshao run`", ""
    elif late:
        remedy = "start the service, or restart it"
        yield False, f"jobs that no longer come to their end, with their last: {names}", remedy
    else:
        yield True, "the service is at work: every timed job comes to its end", ""
        if (changed := _written(Path(".env"))) and began and changed > began:
            what = f".env was changed at {face(changed)}, after the service began at {face(began)}"
            yield False, what, "restart the service and every worker: settings hold from a start on"
    if config.settings.heartbeat_url:
        told = "not called yet" if fault is None else fault or "the watcher takes it"
        yield not fault, f"heartbeat: {told}", "see XINSHAO_HEARTBEAT_URL and the watcher"


def _written(file: Path) -> datetime | None:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.is_file() else None


def _model(config: Config) -> Iterator[Finding]:
    from classifiers.registry import active

    model = active(config.settings.home)
    verdict = model.assess_one(None, "老板拖欠我们三个月工资一直不给")  # a sentence every model must alert on
    yield str(verdict.flag) == "alert", f"model {model.version} answers", "xinshao model rollback"


def _rules(config: Config) -> Iterator[Finding]:
    from monitor.pipeline.in_force import InForce

    matrix = InForce(config.settings.matrix, datetime.now(UTC)).matrix
    yield True, f"responsibility matrix {matrix.version} is in force", ""


def _smtp(config: Config) -> Iterator[Finding]:
    settings = config.settings
    if not settings.smtp_host:
        yield True, f"no mail server configured: mails become files in {settings.home / 'mail'}", ""
        return
    from monitor.channels import ChannelDown, Channels
    from monitor.channels.mail import Smtp

    mail = Channels.from_settings(settings).by_name["mail"]
    assert isinstance(mail, Smtp)  # what a named server gives
    try:
        asyncio.run(mail.reach())
    except ChannelDown as problem:
        yield False, problem.reason, MAIL_REMEDY
        return
    how = " and accepts the login" if settings.smtp_user else ""
    yield True, f"mail server {settings.smtp_host}:{settings.smtp_port} answers{how}", ""


def _outbox(config: Config) -> Iterator[Finding]:
    """What was not delivered, the highest level and newest first, each with its reason."""
    from monitor.store import alive, outbox
    from monitor.store.base import open_store
    from monitor.text import face

    store = open_store(config.settings.database)
    try:
        with store.read() as c:
            lost, depth = outbox.undelivered(c, states=("failed", "held"), limit=5), outbox.depth(c)
            stand = [one.since for one in alive.late(c, datetime.now(UTC)) if one.job == alive.SEND]
            tried = [row for row in outbox.undelivered(c, states=("queued",), limit=50) if row["last_error"]]
            aside = outbox.put_aside(c, datetime.now(UTC) - timedelta(days=1), datetime.now(UTC))
    finally:
        store.close()
    if aside:
        told = "their cases and the digest tell each with its reason"
        yield True, f"{len(aside)} warnings of the last day were kept back by a silence or the budget: {told}", ""
    if stand:
        why = tried[0]["last_error"] if tried else ""
        why = f"nothing leaves since {face(stand[0])}, {depth.get('queued', 0)} messages wait: {why}"
        yield False, why, MAIL_REMEDY
    stuck = depth.get("failed", 0) + depth.get("held", 0)
    if not stuck:
        if not stand:
            yield True, f"every message was delivered; {depth.get('queued', 0)} wait for their time", ""
        return
    first = "; ".join(f"{row['recipient']}: {row['last_error'] or row['reason']}" for row in lost)
    remedy = "telephone them, correct the address, then press retry or `told` on the outbox page"
    yield False, f"{stuck} messages were not delivered: {first[:600]}", remedy


def _fonts(_: Config) -> Iterator[Finding]:
    from monitor.digest.canvas import font

    try:
        yield True, f"charts are drawn with {font()[0]}", ""
    except LookupError as problem:
        yield False, f"charts would show boxes for words: {problem.args[0]}", "apt-get install fonts-noto-cjk"


def _feeds(config: Config) -> Iterator[Finding]:
    from monitor.collect.answer import Why
    from monitor.collect.health import Ill
    from monitor.collect.words import why
    from monitor.pipeline.health import alarms

    found = alarms(config, datetime.now(UTC))
    watched = [feed for feed in config.feeds if feed.enabled]
    if found and len(found) == len(watched) and all(one.ill is Ill.UNASKED and one.since is None for one in found):
        yield True, "no feed has been asked yet: start `xinshao run`", ""  # an installation before its first day
        return
    if not found:
        yield True, "every feed answers", ""
    lost = [one for one in found if why(one.reason) is Why.UNRECORDED]
    if lost:
        what = f"{len(lost)} feeds answer, but the database or its disk takes nothing: {lost[0].reason}"
        yield False, what, "make room for the database, or make it writable; feeds are asked again within five minutes"
    for alarm in (one for one in found if one not in lost):
        yield False, f"feed {alarm.feed}: {alarm.ill}: {alarm.reason}", f"xinshao feed test {alarm.feed}"


def _coverage(config: Config) -> Iterator[Finding]:
    """Whether a quiet day was quiet, or only unseen."""
    from monitor.pipeline.health import seen
    from monitor.store.base import open_store

    store = open_store(config.settings.database)
    try:
        good, why = seen(store, config, datetime.now(UTC))
    finally:
        store.close()
    if why == "nothing was watched":
        yield True, "coverage of the last 24 hours: nothing was watched yet", ""
        return
    yield good, f"coverage of the last 24 hours: {why}", "see the feeds page: which platform, which hours, why"
