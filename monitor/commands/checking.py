"""`check` and `doctor`: what is wrong with the files, and what would stop this installation. Knows no repair itself."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from monitor.commands.failing import sentence
from monitor.commands.opening import CountyFile, Feeds
from monitor.commands.saying import said, tell
from monitor.errors import ConfigError, Fault, XinshaoError

if TYPE_CHECKING:
    from monitor.config import Config, Settings
    from monitor.model import County, Feed
    from monitor.routing import Matrix

T = TypeVar("T")

EXAMPLE, OWN = "990101", "write your own before anything real is sent"  # docs/county.example.yaml
MAIL_REMEDY = "check XINSHAO_SMTP_HOST, _PORT, _TLS, _USER and _PASSWORD, and the firewall"
OTHERS = ("XINSHAO_SHARED",)  # read by trainings and tests only
SPOKEN = (XinshaoError, ImportError, ValueError)  # whose text is a sentence for people
Finding = tuple[bool, str, str]  # good, what, what to do


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(doctor)


def check(feeds: Feeds = None, county: CountyFile = None) -> None:
    """Validates feeds.yaml, county.yaml, matrix, calendar, contacts and mail settings; lists every fault at once.

    Example: xinshao check --feeds feeds.yaml --county county.yaml
    """
    from monitor import config
    from monitor.routing.lint import lint

    settings, faults = _settings()
    told = not faults
    loaded: Config | None = None
    try:
        loaded = config.load(feeds=feeds, county=county, settings=settings)
    except ConfigError as problem:
        faults += problem.faults
    matrix, wrong = _matrix(settings)
    faults += wrong
    faults += _kinds(loaded.feeds if loaded else _alone(config.read_feeds, feeds or Path("feeds.yaml")) or ())
    place = loaded.county if loaded else _alone(config.read_county, county or settings.county or Path("county.yaml"))
    if place is not None:
        faults += _contacts(place, matrix)
    if loaded is not None and told and not _reachable(loaded.county):
        remedy = "add contacts to county.yaml or set XINSHAO_DUTY_MAIL"
        faults.append(Fault("county.yaml: contacts", "nobody can be reached by mail", remedy))
    faults += _mail(settings)
    if faults or loaded is None:
        raise ConfigError(faults)
    advice = [note if note.path.startswith("county.yaml") else _of_matrix(note) for note in lint(matrix, loaded.county)]
    if settings.matrix is None:  # the packaged one is not the operator's to mend
        advice = [note for note in advice if note.path.startswith("county.yaml")]
    for note in (*loaded.warnings, *_strangers(), *_invented(loaded.county), *_calendar(datetime.now(UTC)), *advice):
        tell(f"note: {said(note)}")
    enabled = sum(feed.enabled for feed in loaded.feeds)
    print(said(f"{len(loaded.feeds)} feeds ({enabled} enabled), county {loaded.county.name or '—'}: no fault"))


def _strangers() -> Iterator[Fault]:
    """Variables that begin as ours do and that nothing reads: a slip of the pen that would silently do nothing."""
    from difflib import get_close_matches

    from monitor import config

    known = [f"XINSHAO_{name.upper()}" for name in config.Settings.model_fields]
    env_file = Path(".env")
    written = env_file.read_text("utf-8", "replace").splitlines() if env_file.is_file() else []
    given = {line.partition("=")[0].removeprefix("export ").strip(): ".env" for line in written if "=" in line}
    given |= dict.fromkeys(os.environ, "")
    for name, where in given.items():
        if name.upper().startswith("XINSHAO_") and name.upper() not in (*known, *OTHERS):
            like = get_close_matches(name.upper(), known, 1)
            remedy = f"did you mean {like[0]}?" if like else "see the operator's guide, Settings"
            yield Fault(f"{where}: {name}" if where else name, "nothing reads this variable", remedy)


def _invented(county: County) -> Iterator[Fault]:
    """What still stands as in the example: a mail to an invented address reaches nobody (RFC 2606: `.example`)."""
    if county.code == EXAMPLE:
        yield Fault("county.yaml: code", f"is still that of the example: {county.code} {county.name}", OWN)
    for department, contacts in county.contacts.items():
        mails = [contact.mail for contact in contacts if contact.mail and contact.mail.endswith(".example")]
        if mails:
            yield Fault(f"county.yaml: contacts.{department}", f"is still that of the example: {', '.join(mails)}", OWN)


def _matrix(settings: Settings) -> tuple[Matrix, list[Fault]]:
    """The matrix in force, or the packaged one with the faults of the county's own."""
    from monitor.routing import load_matrix
    from monitor.routing.replay import matrix_on
    from monitor.text import SHANGHAI

    try:
        return matrix_on(settings.matrix, datetime.now(UTC).astimezone(SHANGHAI).date()), []
    except ConfigError as problem:
        return load_matrix(), list(problem.faults)


def _of_matrix(note: Fault) -> Fault:
    return Fault(f"matrix.yaml: {note.path}", note.problem, note.remedy)


def _calendar(now: datetime) -> Iterator[Fault]:
    """A year whose holidays are not known yet: deadlines are counted without its 调休 days."""
    from monitor.clocks import Calendar
    from monitor.text import SHANGHAI

    year = now.astimezone(SHANGHAI).year
    if not Calendar().published(year):
        problem = f"the holidays of {year} are not known, so deadlines are counted without its 调休 days"
        yield Fault("calendar", problem, "upgrade chinesecalendar")


def _settings() -> tuple[Settings, list[Fault]]:
    """The settings; where a variable is wrong its fault, and the defaults to check the rest with."""
    from monitor import config

    try:
        return config.read_settings(), []
    except ConfigError as problem:
        return config.Settings.model_construct(), list(problem.faults)


def _alone(read: Callable[[Path], T], path: Path) -> T | None:
    """What can still be checked in one file while another one is wrong; None where this one is."""
    try:
        return read(path)
    except ConfigError:
        return None


def _kinds(feeds: Iterable[Feed]) -> Iterator[Fault]:
    """A request that would be unlawful."""
    from monitor.collect import Trouble
    from monitor.collect.lawful import refuse_unlawful

    for number, feed in enumerate(feeds):
        try:
            refuse_unlawful(feed)
        except Trouble as trouble:
            yield Fault(f"feeds.yaml: feeds[{number}] ({feed.name})", trouble.reason, "ask its owner for an interface")


def _contacts(county: County, matrix: Matrix) -> Iterator[Fault]:
    """Departments and sectors that the matrix does not have, and contacts that nothing reaches."""
    for department, contacts in county.contacts.items():
        if department not in matrix.departments:
            yield Fault(f"county.yaml: contacts.{department}", "the matrix has no such department", "see route-test")
        for number, contact in enumerate(contacts):
            if not contact.mail and not contact.robot:
                where = f"county.yaml: contacts.{department}[{number}] ({contact.name})"
                yield Fault(where, "can be reached by nothing that is sent", "add `mail:` or `robot:`")
    for number, row in enumerate(county.register):
        where = f"county.yaml: register[{number}] ({row.name})"
        if row.sector and row.sector not in matrix.sectors:
            yield Fault(f"{where}.sector", f"the matrix has no sector {row.sector!r}", "see route-test")
        if row.owner_department and row.owner_department not in matrix.departments:
            problem = f"the matrix has no department {row.owner_department!r}"
            yield Fault(f"{where}.owner_department", problem, "see route-test")


def _reachable(county: County) -> bool:
    return any(contact.mail for contacts in county.contacts.values() for contact in contacts)


def _mail(settings: Settings) -> Iterator[Fault]:
    """Settings that are well formed each and cannot work together, or at all."""
    if settings.smtp_user and not settings.smtp_password:
        yield Fault("XINSHAO_SMTP_PASSWORD", "is missing although XINSHAO_SMTP_USER is set", "add it to .env")
    if settings.smtp_password and settings.smtp_tls == "none":
        yield Fault("XINSHAO_SMTP_TLS", "a password would travel in plain text", "use starttls or tls")
    yield from _bounces(settings)
    if not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", settings.database):
        yield Fault("XINSHAO_DATABASE_URL", "is neither SQLite nor PostgreSQL", "write sqlite:///… or postgresql://…")


def _bounces(settings: Settings) -> Iterator[Fault]:
    from monitor.channels.bounces import fits

    if settings.bounce_address and not fits(settings.bounce_address):
        remedy = "write bounce@host or bounce-*@host, with at most 23 characters before the @"
        yield Fault("XINSHAO_BOUNCE_ADDRESS", "is no address with room for a token", remedy)
    if settings.bounce_mailbox and not settings.bounce_address:
        yield Fault(
            "XINSHAO_BOUNCE_ADDRESS", "is missing: nothing will come to XINSHAO_BOUNCE_MAILBOX", "add it to .env"
        )
    if settings.bounce_mailbox and not settings.bounce_mailbox.startswith(("imap://", "imaps://")):
        yield Fault("XINSHAO_BOUNCE_MAILBOX", "is no IMAP address", "write imaps://user@host/INBOX")
    if settings.bounce_mailbox and not settings.bounce_password:
        yield Fault("XINSHAO_BOUNCE_PASSWORD", "is missing although XINSHAO_BOUNCE_MAILBOX is set", "add it to .env")


# ------------------------------------------------------------------ doctor
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
    for examine in (_python, _disk, _database, _work, _model, _rules, _smtp, _outbox, _fonts, _feeds, _coverage):
        for good, what, remedy in _safely(examine, loaded):
            bad += _printed(good, what, remedy)
    if bad:
        tell(f"{bad} findings need a hand")
        raise typer.Exit(1)


def _printed(good: bool, what: str, remedy: str) -> bool:
    """Prints a finding; whether it is a bad one."""
    after = f"\n     -> {said(remedy)}" if remedy and not good else ""
    print(f"{said('ok ' if good else 'BAD')}  {said(what)}{after}")
    return not good


def _tried(address: str, config: Config) -> Iterator[Finding]:
    """A mail sent the way every warning goes; whether the person has it, only the person can say."""
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
    from monitor.store.base import open_store

    store = open_store(config.settings.database)
    try:
        store.check()
        yield True, f"database opens and is sound ({store.engine.dialect.name})", ""
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
    from monitor.store import outbox
    from monitor.store.base import open_store

    store = open_store(config.settings.database)
    try:
        with store.read() as c:
            lost, depth = outbox.undelivered(c, states=("failed", "held"), limit=5), outbox.depth(c)
    finally:
        store.close()
    stuck = depth.get("failed", 0) + depth.get("held", 0)
    if not stuck:
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
    from monitor.collect.health import Ill
    from monitor.pipeline.health import alarms

    found = alarms(config, datetime.now(UTC))
    watched = [feed for feed in config.feeds if feed.enabled]
    if found and len(found) == len(watched) and all(one.ill is Ill.UNASKED and one.since is None for one in found):
        yield True, "no feed has been asked yet: start `xinshao run`", ""  # an installation before its first day
        return
    if not found:
        yield True, "every feed answers", ""
    for alarm in found:
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
