"""`check`: what is wrong with the settings and files, every fault at once. Knows no repair itself."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from monitor.commands.opening import CountyFile, Feeds
from monitor.commands.saying import said, tell
from monitor.errors import ConfigError, Fault

if TYPE_CHECKING:
    from monitor.config import Config, Settings
    from monitor.model import County, Feed
    from monitor.routing import Matrix

T = TypeVar("T")

EXAMPLE, OWN = "990101", "write your own before anything real is sent"  # docs/county.example.yaml
OTHERS = ("XINSHAO_SHARED",)  # read by trainings and tests only


def register(app: typer.Typer) -> None:
    app.command()(check)


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
