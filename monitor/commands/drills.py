"""`drill begin|end|show`: practising on an invented incident. Knows the parts it asks."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from monitor.commands.opening import By, CountyFile, Feeds, clock_now, opened_desk, opened_store


def register(app: typer.Typer) -> None:
    """Adds the commands of drills."""
    drill = typer.Typer(
        help="Drills (演练): invented incidents, marked as such everywhere, counted nowhere.", no_args_is_help=True
    )
    for command in (begin, end, show):
        drill.command()(command)
    app.add_typer(drill, name="drill")


def begin(
    scenario: Annotated[str, typer.Argument(help="crane, gather or shop: see `drill show`.")],
    town: Annotated[str, typer.Option(help="Town of the county it is set in.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="What is practised: goes into the ledger.")] = "drill",
    by: By = "operator",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Begins a drill and sends its messages, each marked 【演练】, to who would be told in earnest.

    Example: xinshao drill begin crane --town 柳溪镇 --reason 季度演练 --by zhou
    """
    _act(None, {"scenario": scenario, "town": town}, reason, by, feeds, county)


def end(
    incident: Annotated[str, typer.Argument(help="The drill's number, YL-...")],
    reason: Annotated[str, typer.Option("--reason", help="The after-action note: what was slow, why, what changes.")],
    by: By = "operator",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Ends a drill; steps in time, late and left out are measured and kept with the note.

    Example: xinshao drill end YL-2026-0001 --reason 电话接通慢，改用值班手机 --by zhou
    """
    _act(incident, {}, reason, by, feeds, county)


def _act(incident: str | None, data: dict[str, str], reason: str, by: str, feeds: Feeds, county: CountyFile) -> None:
    from monitor.model import Act, Change
    from monitor.store import incidents

    with opened_desk(feeds, county) as ledger:
        change = Change(act=Act.DRILL, at=clock_now(), reason=reason, actor=by, incident=incident, data=data)
        done = ledger.record(change)
        with ledger.store.read() as c:
            row = incidents.one(c, done.incident or "") or {}
    measured = row.get("closeout", {}).get("after_action", {}).get("measured")
    told = {"incident": done.incident, "title": row.get("title"), "messages": done.notifications, "measured": measured}
    print(json.dumps(told, ensure_ascii=False))


def show() -> None:
    """The scenarios, and the drills there have been with what they taught.

    Example: xinshao drill show
    """
    from monitor.ledger.plans import scenarios
    from monitor.store import incidents
    from monitor.text import face

    for one in scenarios().values():
        typer.echo(f"{one.id}\t{one.level.value}\t{one.name}")
    with opened_store() as store, store.read() as c:
        rows = incidents.drills(c)
    for row in rows:
        note = (row["closeout"].get("after_action") or {}).get("text", "")
        typer.echo(f"{row['id']}\t{face(row['opened_at'])}\t{row['state']}\t{row['title']}\t{note}")
