"""`roster import|export|check`: the duty roster as a spreadsheet, and its gaps. Knows the parts it asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.opening import opened_store
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.routing import Matrix
    from monitor.routing.roster import Shift

Sheet = Annotated[Path, typer.Argument(help="an .xlsx file")]
Days = Annotated[int, typer.Option("--days", min=1, max=400, help="how far ahead to look")]


def register(app: typer.Typer) -> None:
    """Adds the commands of the roster."""
    roster = typer.Typer(help="The duty roster (值班表): import, export, gaps.", no_args_is_help=True)
    roster.command("import")(import_)
    roster.command("export")(export)
    roster.command("check")(check)
    app.add_typer(roster, name="roster")


def import_(file: Sheet) -> None:
    """Enters the shifts of a spreadsheet; nothing is entered while any row is wrong.

    Example: xinshao roster import 值班表.xlsx
    """
    from monitor.store import shifts as table

    found = _read(file)
    rows = [
        {
            "department": one.department,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "name": one.contact.name,
            "mail": one.contact.mail,
            "phone": one.contact.phone,
            "note": one.note,
        }
        for one in found
    ]
    with opened_store() as store:
        store.unit(lambda c: table.add(c, rows))
    typer.echo(f"{len(rows)} shifts entered")


def export(file: Sheet, days: Days = 31) -> None:
    """Writes the shifts from yesterday on as a spreadsheet that can be edited and imported again.

    Example: xinshao roster export 值班表.xlsx --days 62
    """
    from monitor.routing.roster_sheet import write_sheet

    found = _stored(days)
    file.write_bytes(write_sheet(found, _matrix()))
    typer.echo(f"{len(found)} shifts written to {file}")


def check(
    file: Annotated[Path | None, typer.Argument(help="an .xlsx file; none: what is entered")] = None, days: Days = 7
) -> None:
    """Hours without anybody, and people who stand in two departments at once. Exit 1 where there are any.

    Example: xinshao roster check --days 7
    """
    from monitor.routing.roster import doubled, gaps

    found = _read(file) if file else _stored(days)
    matrix, now = _matrix(), datetime.now(UTC)
    wanted = dict.fromkeys((matrix.office, *(one.department for one in found)))
    holes = gaps(found, wanted, now, matrix=matrix, ahead=timedelta(days=days), days_off=_days_off(now, days))
    for hole in holes:
        typer.echo(hole.reason)
    pairs = doubled(found)
    for one, other in pairs:
        both = f"{matrix.name_of(one.department)}、{matrix.name_of(other.department)}"
        typer.echo(f"{one.contact.name}: {both} {other.starts_at.isoformat(timespec='minutes')}")
    typer.echo(f"{len(found)} shifts, {len(holes)} gaps in {days} days, {len(pairs)} doubled")
    raise typer.Exit(1 if holes or pairs else 0)


def _days_off(now: datetime, days: int) -> dict[date, str]:
    """The days off ahead by the calendar, each with its reason."""
    from monitor.clocks import Calendar
    from monitor.text import SHANGHAI

    calendar, today = Calendar(), now.astimezone(SHANGHAI).date()
    ahead = [today + timedelta(days=number) for number in range(days + 1)]
    return {day: calendar.day(day).why for day in ahead if not calendar.is_workday(day)}


def _read(file: Path) -> list[Shift]:
    from monitor.routing.roster_sheet import read_sheet

    try:
        body = file.read_bytes()
    except OSError as problem:
        raise InputError(f"{file} cannot be read: {problem.strerror}") from problem
    return read_sheet(body, _matrix(), name=file.name)


def _stored(days: int) -> list[Shift]:
    from monitor.routing.roster import shift_from
    from monitor.store import shifts as table

    now = datetime.now(UTC)
    with opened_store() as store, store.read() as c:
        rows = table.between(c, now - timedelta(days=1), now + timedelta(days=days))
    return [shift_from(row) for row in rows]


def _matrix() -> Matrix:
    from monitor.routing import load_matrix

    return load_matrix()
