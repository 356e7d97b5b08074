"""`recheck`: figures of the monthly check by a second person. Knows the parts it asks; records nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from monitor.commands.opening import clock_now, existing_store


def register(app: typer.Typer) -> None:
    app.command()(recheck)


def recheck(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; none: the month whose draw is open.")] = None,
) -> None:
    """How often a second person sided with the first, and how often with the machine: one JSON line a group.

    `overruled`: verdicts that people overruled; `unseen`: cases the machine opened and nobody had looked into. No
    person is named or counted.

    Example: xinshao recheck --month 2026-12
    """
    from monitor.store import recheck as rows

    with existing_store() as store, store.read() as c:
        now = clock_now()
        told = rows.answers(c, month or rows.month_of(now))
        drawn = rows.drawn(c, now) if month in (None, rows.month_of(now)) else []
    for group in rows.GROUPS:
        counted = rows.counted(told, group, sum(row["group"] == group for row in drawn))
        typer.echo(json.dumps({"group": group, **asdict(counted)}))
