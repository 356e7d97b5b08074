"""What is in force while the service runs: the matrix of the day, and feeds.yaml and county.yaml as last saved right.

Knows when to read again; the reading itself is routing's and config's. A file that is wrong changes nothing: what was
before stays, and `fault` says why until the file is right. Settings (`XINSHAO_*`, .env) hold until a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import structlog

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


def _names(config: Config, *, but: Config) -> Sequence[str]:
    """The feeds that one configuration has and the other has not, or has otherwise."""
    others = {feed.name: feed for feed in but.feeds}
    return [feed.name for feed in config.feeds if others.get(feed.name) != feed]


def day_of(now: datetime) -> date:
    """The local day, by which versions come into force."""
    return now.astimezone(SHANGHAI).date()
