"""`silence add|end|show`: messages kept back for a while, with author, reason and end. Knows the parts it asks."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.commands.opening import MOST, By, Why, clock_now, moment_option, opened_ledger, opened_store
from monitor.commands.saying import said


def register(app: typer.Typer) -> None:
    """Adds the commands of silences."""
    silence = typer.Typer(
        help="Silences (静默): never of red, never of danger to life; they end by themselves.", no_args_is_help=True
    )
    for command in (add, end, show):
        silence.command()(command)
    app.add_typer(silence, name="silence")


def add(
    until: Annotated[str, typer.Option(help="ISO 8601; at most seven days ahead.")],
    reason: Why,
    by: By = "operator",
    incident: Annotated[str | None, typer.Option(help="Only this incident.")] = None,
    department: Annotated[str | None, typer.Option(help="Only this department id.")] = None,
    occasion: Annotated[list[str] | None, typer.Option(help="Only this kind of message; may be repeated.")] = None,
) -> None:
    """Keeps messages back until a moment; each is written down with the silence's number and told in the digest.

    Example: xinshao silence add --incident QX-2026-0038 --until 2026-01-20T18:00 --reason 专班已在现场 --by zhou
    """
    from monitor.ledger.duty import begin_silence

    moment = moment_option(until, "--until")
    if moment is None:
        raise typer.BadParameter("a silence needs an end", param_hint="--until")
    with opened_ledger() as ledger:
        number = begin_silence(
            ledger, by=by, at=clock_now(), reason=reason, until=moment, incident=incident,
            department=department, occasions=occasion or (),
        )  # fmt: skip
    typer.echo(said(f"silence {number} until {moment.isoformat(timespec='minutes')}"))


def end(
    number: Annotated[int, typer.Argument(min=1, max=MOST, help="The number of the silence.")],
    reason: Why,
    by: By = "operator",
) -> None:
    """Ends a silence early; whoever has still not answered is told again.

    Example: xinshao silence end 3 --reason 处置完毕 --by wu
    """
    from monitor.ledger.duty import end_silence

    with opened_ledger() as ledger:
        end_silence(ledger, number, by=by, at=clock_now(), reason=reason)
    typer.echo(said(f"silence {number} ended"))


def show() -> None:
    """The silences in force, each with its scope, author, end and reason.

    Example: xinshao silence show
    """
    from monitor.store import shifts
    from monitor.text import face

    with opened_store() as store, store.read() as c:
        rows = shifts.silences_at(c, clock_now())
    for row in rows:
        scope = " ".join(filter(None, (row["incident"], row["department"], *row["occasions"])))
        typer.echo(f"{row['id']}\t{scope}\t{row['author']}\t{face(row['until'])}\t{row['reason']}")
    typer.echo(said(f"{len(rows)} silences in force"))
