"""What is in force while the service runs: the matrix of the day, feeds.yaml and county.yaml as last saved right, the
model as last promoted.

Knows when to read again; the reading itself is routing's, config's and the registry's. What is wrong changes nothing:
what was before stays, and `fault` says why until it is right. Settings hold until a restart; a changed .env is named.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

import structlog

from classifiers.registry import Classifier, active
from monitor.config import Config, load_again
from monitor.errors import ConfigError
from monitor.pipeline.rested import Rested
from monitor.routing import Matrix
from monitor.routing.replay import matrix_on
from monitor.text import SHANGHAI

log = structlog.get_logger()


class InForce:
    """The matrix of one installation. `path` as `matrix_on` takes it; raises its ConfigError where it is wrong now."""

    def __init__(self, path: Path | None, now: datetime) -> None:
        self.path, self.fault = path, ""
        self._files, self._day = Rested([path] if path else []), day_of(now)
        self.matrix = matrix_on(path, self._day)

    def look(self, now: datetime) -> Matrix:
        """The matrix that holds now, read again where its file changed or its day is over."""
        day = day_of(now)
        if self._files.changed(now) or day != self._day:
            self._read(day)
        return self.matrix

    def _read(self, day: date) -> None:
        self._day = day
        try:
            matrix = matrix_on(self.path, day)
        except ConfigError as problem:
            self.fault = str(problem)
            log.error("the matrix is wrong, the one before it stays", kept=self.matrix.version, faults=self.fault)
            return
        if matrix != self.matrix:
            log.info("another matrix is in force", was=self.matrix.version, now=matrix.version)
        self.matrix, self.fault = matrix, ""


class Watched:
    """The feeds and the county of one installation, by the files they were read from. One made without files stays."""

    def __init__(self, config: Config) -> None:
        self.config, self.fault = config, ""
        self._files = Rested(config.files)

    def look(self, now: datetime) -> Config:
        """The configuration that holds now, read again where its files changed."""
        if not self._files.changed(now):
            return self.config
        try:
            config = load_again(self.config)
        except ConfigError as problem:
            self.fault = str(problem)
            log.error("feeds.yaml or county.yaml is wrong, what was before stays", faults=self.fault)
            return self.config
        came, went = _names(config, but=self.config), _names(self.config, but=config)
        log.info("feeds.yaml and county.yaml taken up", feeds=len(config.feeds), came=came[:20], went=went[:20])
        self.config, self.fault = config, ""
        return config


class Chosen:
    """The model of one installation: the one promoted in `home`, the shipped one where that cannot be loaded.

    Posts go on being judged, each by the model that its row names; the pages, `xinshao doctor` and the log say why.
    """

    def __init__(self, home: Path) -> None:
        self.home, self.fault = home, ""
        self._files = Rested([home / "models" / "active"])
        self.classifier = self._read(None)

    def look(self, now: datetime) -> Classifier:
        """The model that judges now, read again where another was promoted."""
        if self._files.changed(now):
            was, self.classifier = self.classifier.version, self._read(self.classifier)
            if not self.fault:
                log.info("another model judges", was=was, now=self.classifier.version)
        return self.classifier

    def _read(self, before: Classifier | None) -> Classifier:
        try:
            found, self.fault = active(self.home), ""
        except (ValueError, KeyError, OSError, BadZipFile) as problem:
            found, self.fault = before or active(), str(problem)
            log.error("the model chosen here cannot be used", judges=found.version, reason=self.fault)
        return found


class EnvFile:
    """`.env` as it was when the service began. Its settings hold until a restart: what was changed since is named."""

    def __init__(self, path: Path = Path(".env")) -> None:
        self.path, self.changed = path.absolute(), tuple[str, ...]()
        self._files, self._began = Rested([path]), _variables(self.path)

    def look(self, now: datetime) -> tuple[str, ...]:
        """Names of the variables that another start would read otherwise."""
        if self._files.changed(now):
            found, began = _variables(self.path), self._began
            self.changed = tuple(sorted(name for name in found | began if found.get(name) != began.get(name)))
            log.warning(".env was changed: it holds from the next start on", variables=self.changed)
        return self.changed


def _variables(file: Path) -> dict[str, str | None]:
    """Ours in the file, but those that the environment overrides."""
    from dotenv import dotenv_values

    try:
        written = dotenv_values(file, encoding="utf-8") if file.is_file() else {}
    except (OSError, UnicodeDecodeError):  # the next start says what is wrong with it
        return {"XINSHAO_*": None}
    ours = {name.upper(): value for name, value in written.items() if name.upper().startswith("XINSHAO_")}
    return {name: ours[name] for name in ours if name not in os.environ}


def _names(config: Config, *, but: Config) -> Sequence[str]:
    """The feeds that one configuration has and the other has not, or has otherwise."""
    others = {feed.name: feed for feed in but.feeds}
    return [feed.name for feed in config.feeds if others.get(feed.name) != feed]


def day_of(now: datetime) -> date:
    """The local day, by which versions come into force."""
    return now.astimezone(SHANGHAI).date()
