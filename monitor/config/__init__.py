"""The operator's files and environment -> one Config. Knows where each is looked for; knows no room that uses them.

    settings    XINSHAO_* variables or .env: where things are, and secrets
    feeds       feeds.yaml: what is watched
    county      county.yaml: who is responsible here, and the county's register

All faults are collected before anything is refused, each with its path and a remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from monitor.config.county import NOWHERE, CountyEntry, read_county
from monitor.config.feeds import FEED_KINDS, FeedEntry, read_feeds
from monitor.config.settings import LOW_DISK, Settings, read_settings
from monitor.errors import ConfigError, Fault
from monitor.model import Contact, County, Feed

__all__ = [
    "FEED_KINDS", "LOW_DISK", "NOWHERE", "Config", "CountyEntry", "FeedEntry", "Settings", "Unheeded", "load",
    "load_again", "read_county", "read_feeds", "read_settings",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an installation is told. `warnings` do not stop it; `xinshao check` and `doctor` show them."""

    settings: Settings
    feeds: tuple[Feed, ...]
    county: County
    warnings: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()  # feeds.yaml and county.yaml, absolute, there or not; none where it was made without


@dataclass(frozen=True, slots=True)
class Unheeded:
    """What was changed under a running service and does not hold, each with the reason; empty where all of it holds.

    `files`: feeds.yaml, county.yaml; `model`: the one promoted here; `settings`: variables of .env, by their names.
    """

    files: str = ""
    model: str = ""
    settings: tuple[str, ...] = ()


def load(*, feeds: Path | None = None, county: Path | None = None, settings: Settings | None = None) -> Config:
    """Reads everything; raises one ConfigError with the faults of all files together."""
    faults: list[Fault] = []
    warnings: list[Fault] = []
    settings = settings or read_settings()
    watched: tuple[Feed, ...] = ()
    place = NOWHERE
    try:
        watched = read_feeds(feeds or Path("feeds.yaml"))
    except ConfigError as problem:
        faults += problem.faults
    county_path = county or settings.county or (Path("county.yaml") if Path("county.yaml").exists() else None)
    if county_path is None:
        warnings.append(Fault("county.yaml", "not found", "without it all mail goes to XINSHAO_DUTY_MAIL"))
    else:
        try:
            place = read_county(county_path)
        except ConfigError as problem:
            faults += problem.faults
    if faults:
        raise ConfigError(faults)
    if settings.duty_mail and not place.contacts:
        place = _with_duty_desk(place, settings.duty_mail)
    files = (feeds or Path("feeds.yaml"), county_path or Path("county.yaml"))
    return Config(settings, watched, place, tuple(warnings), tuple(file.absolute() for file in files))


def load_again(config: Config) -> Config:
    """Reads the files of a configuration once more, with the settings it has. ConfigError as `load`.

    A county.yaml that is gone is a fault, not a county without contacts; one that was never there may come.
    """
    feeds, county = config.files
    known = county.exists() or config.county.code != NOWHERE.code
    return load(feeds=feeds, county=county if known else None, settings=config.settings)


def _with_duty_desk(county: County, mail: str) -> County:
    values = {name: getattr(county, name) for name in County.__slots__}
    return County(**{**values, "contacts": {"qx_office": (Contact(name=mail, mail=mail),)}})
