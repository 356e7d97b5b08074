"""`roster ...`: the duty roster as a spreadsheet, its gaps, and swaps of shifts. Knows the parts it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import (
    MOST,
    By,
    Why,
    clock_now,
    matrix_in_force,
    moment_option,
    opened_ledger,
    opened_store,
)
from monitor.commands.saying import said
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.routing import Matrix
    from monitor.routing.roster import Shift

Sheet = Annotated[Path, typer.Argument(help="an .xlsx file")]
Number = Annotated[int, typer.Argument(min=1, max=MOST, help="The number of the swap.")]
Days = Annotated[int, typer.Option("--days", min=1, max=400, help="how far ahead to look")]


def register(app: typer.Typer) -> None:
    """Adds the commands of the roster."""
    roster = typer.Typer(help="The duty roster (值班表): import, export, gaps, swaps.", no_args_is_help=True)
    roster.command("import")(import_)
    for command in (export, check, show, remove, swap, agree, refuse, undo):
        roster.command()(command)
    app.add_typer(roster, name="roster")


def import_(file: Sheet, by: By = "operator", reason: Why = "") -> None:
    """Enters the shifts of a spreadsheet; nothing is entered while any row is wrong.

    Example: xinshao roster import 值班表.xlsx --by zhou
    """
    from monitor.ledger.duty import enter_shifts

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
            "town": one.contact.town,
        }
        for one in found
    ]
    with opened_ledger() as ledger:
        enter_shifts(ledger, rows, by=by, at=clock_now(), reason=reason or file.name)
    typer.echo(said(f"{len(rows)} shifts entered"))


# ------------------------------------------------------------------ shifts and swaps, one by one
def show(days: Days = 14) -> None:
    """The shifts from now on with their numbers, and every swap of them: asked, agreed, refused or undone.

    Example: xinshao roster show --days 7
    """
    from monitor.store import shifts as table

    matrix = _matrix()
    with opened_store() as store, store.read() as c:
        now = clock_now()
        rows, swaps = table.between(c, now, now + timedelta(days=days)), table.swaps_shown(c, now)
    for row in rows:
        typer.echo(f"{row['id']}\t{_hours(row)}\t{matrix.name_of(row['department'])}\t{row['name']}")
    for row in swaps:
        typer.echo(
            f"swap {row['id']}\t{_hours(row)}\t{row['absent']} -> {row['name']}\t{row['state']}\t{row['reason']}"
        )


def _hours(row: Mapping[str, Any]) -> str:
    from monitor.text import face

    return f"{face(row['starts_at'])} - {face(row['ends_at'])}"


def remove(
    shifts: Annotated[
        list[int], typer.Argument(min=1, max=MOST, help="Numbers of shifts, as `roster show` gives them.")
    ],
    reason: Why,
    by: By = "operator",
) -> None:
    """Takes shifts out of the roster, with what was swapped of them.

    Example: xinshao roster remove 12 13 --reason 改排 --by zhou
    """
    from monitor.ledger.duty import remove_shifts

    with opened_ledger() as ledger:
        gone = remove_shifts(ledger, shifts, by=by, at=clock_now(), reason=reason)
    typer.echo(said(f"{gone} shifts removed"))
    raise typer.Exit(0 if gone == len(set(shifts)) else 1)


def swap(
    shift: Annotated[int, typer.Argument(min=1, max=MOST, help="The number of the shift.")],
    to: Annotated[str, typer.Option("--to", help="Who takes it.")],
    reason: Why,
    mail: Annotated[str | None, typer.Option(help="Mail address of who takes it.")] = None,
    phone: Annotated[str | None, typer.Option(help="Phone of who takes it.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601; the shift's beginning unless given.")] = None,
    end: Annotated[str | None, typer.Option("--until", help="ISO 8601; the shift's end unless given.")] = None,
    by: By = "operator",
) -> None:
    """Asks that somebody else takes a shift; it holds once the other side has agreed (`roster agree`).

    Example: xinshao roster swap 12 --to 吴越 --phone 0999-6200111 --reason 家中有事 --by zhou
    """
    from monitor.ledger.duty import ask_swap
    from monitor.model import Contact

    taker = Contact(to, mail, phone)
    hours = {"starts_at": moment_option(start, "--from"), "ends_at": moment_option(end, "--until")}
    with opened_ledger() as ledger:
        number = ask_swap(ledger, shift, taker, by=by, at=clock_now(), reason=reason, **hours)
    typer.echo(said(f"swap {number} asked; it holds after: xinshao roster agree {number} --by ... --reason ..."))


def agree(number: Number, reason: Why, by: By = "operator") -> None:
    """The other side agrees: who is on duty follows at once. Never by the one who asked.

    Example: xinshao roster agree 3 --reason 本人同意 --by wu
    """
    from monitor.ledger.duty import agree_swap

    _settle(agree_swap, number, by, reason)


def refuse(number: Number, reason: Why, by: By = "operator") -> None:
    """The other side does not agree: the shift stays as it was.

    Example: xinshao roster refuse 3 --reason 另有任务 --by wu
    """
    from monitor.ledger.duty import refuse_swap

    _settle(refuse_swap, number, by, reason)


def undo(number: Number, reason: Why, by: By = "operator") -> None:
    """Takes a swap back before it has begun.

    Example: xinshao roster undo 3 --reason 不用换了 --by zhou
    """
    from monitor.ledger.duty import undo_swap

    _settle(undo_swap, number, by, reason)


def _settle(act: Callable[..., None], number: int, by: str, reason: str) -> None:
    from monitor.store import shifts as table

    with opened_ledger() as ledger:
        act(ledger, number, by=by, at=clock_now(), reason=reason)
        with ledger.store.read() as c:
            row = table.swap(c, number)
    typer.echo(f"swap {number}: {row['state'] if row else 'gone'}")


def export(file: Sheet, days: Days = 31) -> None:
    """Writes the shifts from yesterday on as a spreadsheet that can be edited and imported again.

    Example: xinshao roster export 值班表.xlsx --days 62
    """
    from monitor.routing.roster_sheet import write_sheet

    found = _stored(days)
    file.write_bytes(write_sheet(found, _matrix()))
    typer.echo(said(f"{len(found)} shifts written to {file}"))


def check(
    file: Annotated[Path | None, typer.Argument(help="an .xlsx file; none: what is entered")] = None, days: Days = 7
) -> None:
    """Hours without anybody, and people who stand in two departments at once. Exit 1 where there are any.

    Example: xinshao roster check --days 7
    """
    from monitor.routing.roster import doubled, gaps

    found = _read(file) if file else _stored(days)
    matrix, now = _matrix(), clock_now()
    wanted = dict.fromkeys((matrix.office, *(one.department for one in found)))
    holes = gaps(found, wanted, now, matrix=matrix, ahead=timedelta(days=days), days_off=_days_off(now, days))
    for hole in holes:
        typer.echo(hole.reason)
    pairs = doubled(found)
    for one, other in pairs:
        both = f"{matrix.name_of(one.department)}、{matrix.name_of(other.department)}"
        typer.echo(f"{one.contact.name}: {both} {other.starts_at.isoformat(timespec='minutes')}")
    typer.echo(said(f"{len(found)} shifts, {len(holes)} gaps in {days} days, {len(pairs)} doubled"))
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

    with opened_store() as store, store.read() as c:
        now = clock_now()
        rows = table.between(c, now - timedelta(days=1), now + timedelta(days=days))
    return [shift_from(row) for row in rows]


def _matrix() -> Matrix:
    return matrix_in_force()
