"""What a command opens and closes again: the store alone, the records, or the whole house. Knows no work.

Faults of the operator's files end the command with exit status 2 (see __main__).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.saying import tell

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.ledger import Ledger
    from monitor.model import County
    from monitor.pipeline.house import House
    from monitor.routing import Matrix
    from monitor.store import Store

FIRST_YEAR, LAST_YEAR = 2000, 2100  # of what can be asked about
MOST = 2_147_483_647  # that a database gives as a number
Feeds = Annotated[Path | None, typer.Option("--feeds", help="Another feeds.yaml than that of this folder.")]
CountyFile = Annotated[Path | None, typer.Option("--county", help="Another county.yaml.")]
By = Annotated[str, typer.Option("--by", help="Who does it: goes into the ledger.")]
Why = Annotated[str, typer.Option("--reason", help="Why: goes into the ledger.")]


def moment_option(value: str | None, option: str) -> datetime | None:
    """A time an operator wrote, Asia/Shanghai where no zone stands; what is none is wrong usage (exit 2)."""
    from monitor.commands.stream import moment_from

    try:
        return moment_from(value, option)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint=option) from problem


def configured(name: str) -> Path | None:
    """A path of the settings, for commands that need none of the others: from the environment, or from `.env`."""
    written = os.environ.get(f"XINSHAO_{name.upper()}")
    if written:
        return Path(written)
    if not Path(".env").is_file():
        return None
    from monitor.config import read_settings

    found: Path | None = getattr(read_settings(), name)
    return found


def opened_store() -> closing[Store]:
    """The database of this installation; reads no feeds.yaml and no county.yaml."""
    from monitor import logs
    from monitor.config import read_settings

    logs.plain()
    return closing(_open(read_settings().database))


def _open(url: str) -> Store:
    """The database, whose clock the command goes by from now on, as the service and every worker do."""
    from monitor.pipeline.clock import CLOCK
    from monitor.store import open_store

    store = open_store(url)
    CLOCK.follow(store)
    return store


def days_asked(since: datetime | None, until: datetime | None, days: int = 30) -> tuple[date, date]:
    """First and last day in Shanghai; the last `days` where none are given."""
    from monitor.text import SHANGHAI

    last = until.date() if until else clock_now().astimezone(SHANGHAI).date()
    first = since.date() if since else last - timedelta(days=days)
    if not (first.year >= FIRST_YEAR and last.year <= LAST_YEAR):
        raise typer.BadParameter(
            f"the years {FIRST_YEAR} to {LAST_YEAR} can be asked about", param_hint="--since, --until"
        )
    if first > last:
        raise typer.BadParameter(f"{first} is after {last}", param_hint="--since")
    return first, last


def clock_now() -> datetime:
    """The time by the clock of the database that was opened; by this machine's own where none was, or it has none."""
    from monitor.pipeline.clock import CLOCK

    return CLOCK.now()


def has_store() -> bool:
    """Whether there is a database here; one on a server is asked when it is opened."""
    from monitor.config import read_settings
    from monitor.store.copies import file_of

    file = file_of(read_settings().database)
    return file is None or file.exists()


def existing_store() -> closing[Store]:
    """The database that is already there. One made on the spot would say "whole" and "saved" of nothing (exit 2)."""
    from monitor.config import read_settings
    from monitor.store.copies import file_of

    file = file_of(read_settings().database)
    if not has_store():
        place = "go to the folder where the service runs, or set XINSHAO_HOME to its data folder"
        tell(f"there is no database at {file}: {place}")
        raise typer.Exit(2)
    return opened_store()


@contextmanager
def opened_ledger() -> Iterator[Ledger]:
    """The ledger of this installation, for acts that concern no department's desk: reads no county.yaml."""
    from monitor.clocks import Calendar
    from monitor.config import read_settings
    from monitor.ledger import Ledger
    from monitor.model import County

    with opened_store() as store:
        key = read_settings().key()
        yield Ledger(store, County(code="", name=""), matrix_in_force(), Calendar(), key)


def known_county(file: Path | None = None) -> County:
    """The county of a file, or of this installation; one without a name where there is none."""
    from monitor.config import NOWHERE, read_county, read_settings

    file = file or read_settings().county or Path("county.yaml")
    return read_county(file) if file.exists() else NOWHERE


def matrix_in_force(file: Path | None = None) -> Matrix:
    """The matrix of a file, or that of this installation (XINSHAO_MATRIX) as of today; the packaged one without."""
    from monitor.config import read_settings
    from monitor.routing import load_matrix
    from monitor.routing.replay import matrix_on
    from monitor.text import SHANGHAI

    if file is not None:
        return load_matrix(file)
    return matrix_on(read_settings().matrix, clock_now().astimezone(SHANGHAI).date())


@contextmanager
def records(feeds: Path | None = None, county: Path | None = None) -> Iterator[tuple[Store, Config, Matrix]]:
    """The records of this installation without its classifier, which no paper and no digest needs."""
    from monitor import config, logs

    logs.plain()
    loaded = config.load(feeds=feeds, county=county)
    loaded.settings.make_home()
    with closing(_open(loaded.settings.database)) as store:
        yield store, loaded, matrix_in_force()


@contextmanager
def opened_desk(feeds: Path | None = None, county: Path | None = None) -> Iterator[Ledger]:
    """The ledger with the county's departments and the policy of its messages, for acts whose departments are told."""
    from monitor.clocks import Calendar
    from monitor.ledger import Ledger
    from monitor.pipeline.house import policy_of

    with records(feeds, county) as (store, config, matrix):
        settings = config.settings
        yield Ledger(store, config.county, matrix, Calendar(), settings.key(), policy_of(settings))


def opened_house(feeds: Path | None = None, county: Path | None = None) -> closing[House]:
    """Every room of this installation."""
    from monitor import config
    from monitor.pipeline.house import assemble

    return closing(assemble(config.load(feeds=feeds, county=county)))
