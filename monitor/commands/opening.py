"""What a command opens and closes again: the store alone, the records, or the whole house. Knows no work.

Faults of the operator's files end the command with exit status 2 (see __main__).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.pipeline.house import House
    from monitor.routing import Matrix
    from monitor.store import Store

Feeds = Annotated[Path | None, typer.Option("--feeds", help="Another feeds.yaml than that of this folder.")]
CountyFile = Annotated[Path | None, typer.Option("--county", help="Another county.yaml.")]


def opened_store() -> closing[Store]:
    """The database of this installation; reads no feeds.yaml and no county.yaml."""
    from monitor.config import read_settings
    from monitor.store import open_store

    return closing(open_store(read_settings().database))


@contextmanager
def records(feeds: Path | None = None, county: Path | None = None) -> Iterator[tuple[Store, Config, Matrix]]:
    """The records of this installation without its classifier, which no paper and no digest needs."""
    from monitor import config
    from monitor.routing import load_matrix
    from monitor.store import open_store

    loaded = config.load(feeds=feeds, county=county)
    loaded.settings.home.mkdir(parents=True, exist_ok=True)
    with closing(open_store(loaded.settings.database)) as store:
        yield store, loaded, load_matrix()


def opened_house(feeds: Path | None = None, county: Path | None = None) -> closing[House]:
    """Every room of this installation."""
    from monitor import config
    from monitor.pipeline.house import assemble

    return closing(assemble(config.load(feeds=feeds, county=county)))
