"""`cluster` and `forecast`: which posts tell of one debt, and how far it will spread. Knows the command line only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

File = Annotated[str | None, typer.Argument(metavar="[FILE]", help="JSON lines; none or `-`: stdin.")]


def register(app: typer.Typer) -> None:
    app.command()(cluster)
    app.command()(forecast)


def cluster(
    file: File = None,
    county: Annotated[
        Path | None, typer.Option("--county", help="county.yaml whose register names projects (or XINSHAO_COUNTY).")
    ] = None,
) -> None:
    """Which posts tell of one debt, one after another in input order.

    Example: xinshao classify posts.jsonl | head; xinshao cluster posts.jsonl
    """
    from classifiers.verdict import Assessment, Flag, Kind
    from monitor.commands.opening import configured
    from monitor.commands.stream import post_from, run_filter
    from monitor.config import read_county
    from monitor.facts import read
    from monitor.incidents.gather import Gathering
    from monitor.model import Reading

    known = county or configured("county")
    here = read_county(known) if known else None
    gathering, unread = Gathering(), Assessment(Flag.ALERT, 1.0, Kind.OPEN, False, "given")
    latest = datetime(1970, 1, 1, tzinfo=UTC)

    def answer(row: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal latest
        post = post_from(row)
        latest = max(latest, post.published_at or latest)
        incident, how = gathering.add(Reading(post, unread, read(post, here)), post.published_at or latest)
        return {"id": post.id, "incident": incident, "joined": how.joined, "reason": how.reason}

    raise typer.Exit(run_filter(file, answer))


def forecast(file: File = None) -> None:
    """How far an incident will spread: median and 80 % interval for the next 1 to 24 hours.

    Example: echo '{"incident":"I-1","now":"2026-01-20T12:00:00+08:00","observations":[]}' | xinshao forecast
    """
    from monitor.commands.stream import run_filter

    raise typer.Exit(run_filter(file, _forecast))


def _forecast(row: Mapping[str, Any]) -> dict[str, Any]:
    from monitor.commands.stream import moment_from
    from monitor.incidents.forecast import forecast as foretell

    now = moment_from(row.get("now"), "now")
    seen = row.get("observations")
    if now is None or not isinstance(seen, list) or not isinstance(row.get("incident"), str):
        raise ValueError("a forecast needs `incident`, `now` and a list `observations`")
    points = [_point(one) for one in seen]
    found = foretell(points, now)
    return {
        "incident": row["incident"],
        "enough_data": found.enough_data,
        "horizons": [{"hours": h.hours, "median": h.median, "lo": h.lo, "hi": h.hi} for h in found.horizons],
        "reason": found.reason,
    }


def _point(one: Any) -> tuple[datetime, float]:
    from monitor.commands.stream import moment_from

    at = moment_from(one.get("at"), "at") if isinstance(one, Mapping) else None
    count = one.get("count") if isinstance(one, Mapping) else None
    if at is None or isinstance(count, bool) or not isinstance(count, (int, float)) or not 0 <= count < 1e12:
        raise ValueError("an observation is {`at`: time, `count`: number of 0 or more}")
    return at, float(count)
