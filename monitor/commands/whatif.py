"""`what-if`: rules tried on past cases before they are put in force. Knows options only; changes nothing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.opening import (
    CountyFile,
    days_asked,
    existing_store,
    known_county,
    matrix_in_force,
)

if TYPE_CHECKING:
    from monitor.digest.whatif import Rules, WhatIf


def register(app: typer.Typer) -> None:
    app.command(name="what-if")(what_if)


def what_if(
    matrix: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another responsibility matrix: who, how urgent.")
    ] = None,
    new_county: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another county.yaml: contacts, register, policy.")
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Another duty roster (.xlsx), laid over the past by weekday."),
    ] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Other quiet hours, like 23:00-06:30; `none`: mail at night, too.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, in Shanghai; none: 30 days ago.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, itself included; none: today.")
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="To read, no JSON.")] = False,
    county: CountyFile = None,
) -> None:
    """What other rules would have done with past cases: one JSON object (lead, level, first mails by department).

    A matrix, a county.yaml, a roster, quiet hours, or several at once, beside those in force. Changes nothing.

    Example: xinshao what-if --matrix new.yaml --new-county county.new.yaml --since 2026-10-01 --table
    """
    from monitor.clocks import Calendar
    from monitor.digest.whatif import what_if as run

    first, last = days_asked(since, until)
    old, new = _sides(matrix, new_county, roster, quiet, county)
    with existing_store() as store:
        found = run(store, old, new, first, last, calendar=Calendar())
    if table:
        for line in lines(found):
            typer.echo(line)
    else:
        typer.echo(json.dumps(found.as_row(), ensure_ascii=False))


def _sides(
    matrix: Path | None, new_county: Path | None, roster: Path | None, quiet: str | None, county: Path | None
) -> tuple[Rules, Rules]:
    """What is in force, and what is proposed; wrong usage where nothing is."""
    from dataclasses import replace

    from monitor.config import read_county, read_settings
    from monitor.digest.whatif import Rules
    from monitor.pipeline.house import policy_of
    from monitor.routing import load_matrix
    from monitor.routing.roster_sheet import read_sheet

    if not any((matrix, new_county, roster, quiet)):
        raise typer.BadParameter("name what is to be tried", param_hint="--matrix, --new-county, --roster, --quiet")
    settings = read_settings()
    old = Rules(matrix=matrix_in_force(), county=known_county(county), policy=policy_of(settings))
    other = load_matrix(matrix) if matrix else old.matrix
    if quiet:
        settings = settings.model_copy(update={"quiet_hours": _quiet(quiet)})
    return old, replace(
        old, matrix=other, county=read_county(new_county) if new_county else old.county, policy=policy_of(settings),
        roster=read_sheet(roster.read_bytes(), other, name=roster.name) if roster else None,
    )  # fmt: skip


def _quiet(written: str) -> str:
    from monitor.config.settings import quiet_hours

    try:
        return quiet_hours("" if written == "none" else written)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--quiet") from problem


def lines(found: WhatIf) -> list[str]:
    """The whole as a person reads it: the cases that move, then who would be told."""
    from monitor.routing.replay_told import table_of
    from monitor.routing.wording import say

    old, new, before, after = found.old.matrix, found.new.matrix, found.before, found.after
    told = [say("whatif", "cases", first=found.first, last=found.last, count=found.looked_at, moved=len(found.moves))]
    if found.moves:
        told += ["", table_of(old, new, found.moves), ""]
    told.append(
        say("whatif", "mails", before=before.mails.total(), after=after.mails.total(),
            morning_before=before.morning.total(), morning_after=after.morning.total(),
            over_before=before.over_budget, over_after=after.over_budget, busiest_before=before.busiest,
            busiest_after=after.busiest)
    )  # fmt: skip
    for department, was, becomes in found.desks():
        if was != becomes:
            told.append(say("whatif", "desk", department=new.name_of(department), before=was, after=becomes))
    calls = [
        "、".join(say("whatif", "calls", department=matrix.name_of(one), count=n) for one, n in side.to_call.items())
        for matrix, side in ((old, before), (new, after))
    ]
    nobody = say("whatif", "nobody")
    told.append(say("whatif", "call", before=calls[0] or nobody, after=calls[1] or nobody))
    return [*told, say("whatif", "duty", before=before.on_duty, after=after.on_duty)]
