"""`funds ...`: the lists of deposits and special accounts, and the money behind a case. Knows the parts it asks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.opening import (
    By,
    CountyFile,
    Feeds,
    Why,
    clock_now,
    configured,
    existing_store,
    opened_ledger,
    records,
)
from monitor.commands.saying import said, tell
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.backing import Line
    from monitor.funds import Book
    from monitor.model import RegisterRow


class Kind(StrEnum):
    deposits = "deposits"
    accounts = "accounts"


Which = Annotated[Kind, typer.Argument(help="deposits 保证金名册, accounts 专户名册.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of the lists."""
    funds = typer.Typer(help="The money behind a debt (资金名册): deposits, special accounts.", no_args_is_help=True)
    for command in (load, show, drop):
        funds.command()(command)
    funds.command("of")(of_case)
    app.add_typer(funds, name="funds")


def load(
    kind: Which,
    files: Annotated[list[Path], typer.Argument(help="One or more .xlsx; together they are the whole list.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The day the figures speak of, e.g. 2026-11-20; today unless given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only shows what would match; keeps nothing.")] = False,
    county: CountyFile = None,
    by: By = "operator",
    reason: Why = "",
) -> None:
    """Loads a list in the place of the one before; nothing is kept while any row is wrong.

    A line goes to a project of the register by the same name, or one name that contains the other. What does not match
    is printed with its row and why, and is never guessed. Offices that keep lists of their own: name all files at once.

    Example: xinshao funds load deposits 住建保证金.xlsx 交通保证金.xlsx --as-of 2026-11-20 --by zhou
    """
    from monitor.ledger.funds import load_list, without_persons
    from monitor.text import SHANGHAI

    today = datetime.now(SHANGHAI).date()
    speaks_of = _day(as_of, today)
    register = _register(county)
    lines = without_persons(_read(kind.value, files, today), register)
    source = "、".join(file.name for file in files)
    _print_unmatched(kind.value, _book(register, kind.value, lines, source, speaks_of))
    if dry_run:
        return
    with opened_ledger() as ledger:
        load_list(
            ledger, kind.value, lines, source=source, as_of=speaks_of, by=by, at=clock_now(),
            reason=reason or source, register=register,
        )  # fmt: skip


def _day(written: str | None, today: date) -> date:
    try:
        found = date.fromisoformat(written) if written else today
    except ValueError as problem:
        raise typer.BadParameter("must be a day like 2026-11-20", param_hint="--as-of") from problem
    if found > today:
        raise typer.BadParameter("is a day that has not come yet", param_hint="--as-of")
    return found


def _read(kind: str, files: list[Path], today: date) -> list[Line]:
    """The lines of all files; ConfigError with the faults of all of them."""
    from monitor.sheet.funds import read_lists

    bodies = []
    for file in files:
        try:
            bodies.append((file.name, file.read_bytes()))
        except OSError as problem:
            raise InputError(f"{file} cannot be read: {problem.strerror}") from problem
    found = read_lists(kind, bodies, today=today)
    if found.ignored:
        tell(f"columns that are not used: {'；'.join(found.ignored)}")
    return list(found.lines)


def _register(county: Path | None) -> tuple[RegisterRow, ...]:
    from monitor.config import read_county

    known = county or configured("county") or Path("county.yaml")
    if county is None and not known.is_file():
        tell("no county.yaml here: nothing can be matched until it has a register")
        return ()
    return read_county(known).register


def _book(register: tuple[RegisterRow, ...], kind: str, lines: list[Line], source: str, as_of: date) -> Book:
    from monitor.backing import Loaded
    from monitor.funds import Book

    now = clock_now()
    loaded = Loaded(kind=kind, lines=tuple(lines), source=source, sha256="", as_of=as_of, at=now, by="")
    return Book(register, {kind: loaded})


def _print_unmatched(kind: str, book: Book) -> None:
    """A line of output for every one that matches no project, and the sum of both."""
    from monitor.funds.wording import matched

    unmatched = book.unmatched(kind)
    for line, why in unmatched:
        firm = f"（{line.firm}）" if line.firm else ""
        typer.echo(f"{line.file}:{line.row}\t{line.project}{firm}\t{matched(why)}")
    total = len(book.lists[kind].lines)
    typer.echo(said(f"{total} lines: {total - len(unmatched)} matched, {len(unmatched)} not"))


def show(county: CountyFile = None) -> None:
    """The lists that are loaded: from what, of which day, by whom, and which of their lines match no project today.

    Example: xinshao funds show
    """
    from monitor.backing import LISTS
    from monitor.funds import Book
    from monitor.funds.wording import words
    from monitor.store import funds
    from monitor.text import face

    register = _register(county)
    with existing_store() as store, store.read() as c:
        lists = funds.lists(c)
    book = Book(register, lists)
    for kind in LISTS:
        loaded = lists.get(kind)
        if loaded is None:
            typer.echo(said(f"{kind}: not loaded"))
            continue
        typer.echo(f"{words()['lists'][kind]}\t{loaded.source}\t{loaded.as_of}\t{face(loaded.at)}\t{loaded.by}")
        _print_unmatched(kind, book)


def drop(kind: Which, reason: Why, by: By = "operator") -> None:
    """Takes a list out: what it told is unknown again, which is not a no.

    Example: xinshao funds drop accounts --reason 名册有误，重报 --by zhou
    """
    from monitor.ledger.funds import drop_list

    with opened_ledger() as ledger:
        gone = drop_list(ledger, kind.value, by=by, at=clock_now(), reason=reason)
    if not gone:
        tell(f"{kind.value}: not loaded")
        raise typer.Exit(1)
    typer.echo(said(f"{kind.value}: dropped"))


def of_case(
    incident: Annotated[str, typer.Argument(help="Number of the incident, e.g. QX-2027-0042.")],
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """The money that stands behind one case, as its page shows it: each line with its article and where it is from.

    Example: xinshao funds of QX-2027-0042
    """
    from monitor.clocks import Calendar
    from monitor.funds.wording import lines
    from monitor.ledger.behind import block
    from monitor.store import incidents

    with records(feeds, county) as (store, config, matrix), store.read() as c:
        row = incidents.one(c, incident)
        if row is None:
            tell(f"no incident {incident}")
            raise typer.Exit(1)
        told = block(
            c, row, register=config.county.register, matrix=matrix, calendar=Calendar(), now=clock_now()
        )  # fmt: skip
    for line in (told["cover_name"], *lines(told)):
        typer.echo(line)
