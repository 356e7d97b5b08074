"""`backtest`: what a model would have done with the stored posts. Knows the command line only."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.opening import opened_store

if TYPE_CHECKING:
    from classifiers.registry import Classifier

DAYS = 30  # looked at where --since is not given


def register(app: typer.Typer) -> None:
    app.command()(backtest)


def backtest(
    model: Annotated[str, typer.Option(help="As `xinshao model list` prints it; none: the active one.")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, in Shanghai; none: 30 days ago.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, itself included; none: today.")
    ] = None,
) -> None:
    """What a model would have done with the stored posts: one JSON object of alerts gained and lost. Records nothing.

    Example: xinshao backtest --model shipped --since 2026-01-01 --until 2026-01-31
    """
    from monitor import config
    from monitor.pipeline.backtest import backtest as run
    from monitor.text import SHANGHAI

    today = datetime.now(UTC).astimezone(SHANGHAI).date()
    last: date = until.date() if until else today
    first: date = since.date() if since else last - timedelta(days=DAYS)
    if first > last:
        raise typer.BadParameter(f"{first} is after {last}", param_hint="--since")
    chosen = _model(config.read_settings().home, model)
    with opened_store() as store:
        start, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, last + timedelta(days=1)))
        found = run(store, chosen, start, end)
    typer.echo(json.dumps({"since": str(first), "until": str(last), **found.as_row()}, ensure_ascii=False))


def _model(home: Path, name: str) -> Classifier:
    """The named model, or the active one; exit status 1 names those there are."""
    from classifiers.registry import active, folder_of
    from classifiers.wage_arrears import load

    if not name:
        return active(home)
    try:
        return load(folder_of(home, name))
    except LookupError as problem:
        typer.echo(str(problem).strip("'\""), err=True)
        raise typer.Exit(1) from problem
