"""`backtest`: what a model would have done with the stored posts, a matrix with the incidents. Knows options only."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.opening import CountyFile, days_asked, matrix_in_force, opened_store
from monitor.commands.saying import tell

if TYPE_CHECKING:
    from classifiers.registry import Classifier
    from monitor.model import County


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
    matrix: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A matrix instead of a model: who would lead.")
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="With --matrix: a table to read, no JSON lines.")] = False,
    lead_policy: Annotated[
        str | None, typer.Option("--lead-policy", help="With --matrix: industry_first or hrss_first.")
    ] = None,
    county: CountyFile = None,
) -> None:
    """What a model would have done with the stored posts: one JSON object of alerts gained and lost. Records nothing.

    With --matrix: which incidents of the ledger another matrix would move, one JSON line each (lead, level, articles).

    Example: xinshao backtest --model shipped --since 2026-01-01 --until 2026-01-31
    """
    first, last, start, end = _period(since, until)
    if matrix is not None:
        if model:
            raise typer.BadParameter("a model or a matrix, not both", param_hint="--matrix")
        _replay(matrix, start, end, table, lead_policy, county)
        return
    from monitor import config
    from monitor.pipeline.backtest import backtest as run

    chosen = _model(config.read_settings().home, model)
    with opened_store() as store:
        found = run(store, chosen, start, end)
    typer.echo(json.dumps({"since": str(first), "until": str(last), **found.as_row()}, ensure_ascii=False))


def _period(since: datetime | None, until: datetime | None) -> tuple[date, date, datetime, datetime]:
    """First and last day, and the moments from and before which things count."""
    from monitor.text import SHANGHAI

    first, last = days_asked(since, until)
    start, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, last + timedelta(days=1)))
    return first, last, start, end


def _replay(
    file: Path, start: datetime, end: datetime, table: bool, lead_policy: str | None, county: Path | None
) -> None:
    """Moves to stdout, the sum of them to stderr."""
    from monitor.clocks import Calendar
    from monitor.pipeline.reroute import reroute, row_of
    from monitor.routing import load_matrix
    from monitor.routing.matrix import POLICIES
    from monitor.routing.replay_told import table_of

    if lead_policy not in (None, *POLICIES):
        raise typer.BadParameter(f"one of {', '.join(POLICIES)}", param_hint="--lead-policy")
    with opened_store() as store:
        found = reroute(store, matrix_in_force(), load_matrix(file), start, end, county=_county(county),
                        calendar=Calendar(), lead_policy=lead_policy)  # fmt: skip
    if table:
        typer.echo(table_of(found.old, found.new, found.moves))
    else:
        for move in found.moves:
            typer.echo(json.dumps(row_of(move), ensure_ascii=False))
    typer.echo(json.dumps(found.as_row(), ensure_ascii=False), err=True)


def _county(file: Path | None) -> County:
    """The county of --county, XINSHAO_COUNTY or this folder, as the service takes it."""
    from monitor.config import NOWHERE, read_county, read_settings

    here = Path("county.yaml")
    chosen = file or read_settings().county or (here if here.exists() else None)
    return read_county(chosen) if chosen else NOWHERE


def _model(home: Path, name: str) -> Classifier:
    """The named model, or the active one; exit status 1 names those there are."""
    from classifiers.registry import active, folder_of
    from classifiers.wage_arrears import load

    try:
        return load(folder_of(home, name)) if name else active(home)
    except (LookupError, ValueError) as problem:
        tell(str(problem).strip("'\""))
        raise typer.Exit(1) from problem
