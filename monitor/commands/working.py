"""`worker`: the same work as `run`, taken from the distributed queue. Knows the command line only."""

from __future__ import annotations

import asyncio
from contextlib import closing

import typer

from monitor.commands.opening import CountyFile, Feeds
from monitor.commands.saying import tell


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker(feeds: Feeds = None, county: CountyFile = None) -> None:
    """The service's jobs from the queue in PostgreSQL, beside any number of other machines; without the web.

    Example: xinshao worker --feeds feeds.yaml
    """
    from monitor import config
    from monitor.pipeline.house import assemble
    from monitor.workers import require, run_worker

    loaded = config.load(feeds=feeds, county=county)
    require(loaded)
    with closing(assemble(loaded)) as house:
        asyncio.run(run_worker(house, tell))
