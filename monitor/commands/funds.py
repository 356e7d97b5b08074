"""`funds ...`: lists of deposits, accounts and firms in arrears; what they say of a case. Knows the parts it asks."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.backing import Found
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
    from collections.abc import Sequence

    from monitor.backing import Line
    from monitor.funds import Book
    from monitor.model import RegisterRow


class Kind(StrEnum):
    deposits = "deposits"
    accounts = "accounts"
    water = "water"
    power = "power"
    gas = "gas"
    estate = "estate"
    credit = "credit"
    tax = "tax"
    social = "social"
    idle = "idle"


Which = Annotated[
    Kind,
    typer.Argument(
        help="deposits 保证金名册, accounts 专户名册; firms in arrears: water 欠水费, power 欠电费, gas 欠燃气费, "
        "estate 欠物业费租金, credit 贷款逾期, tax 欠税, social 欠社保费, idle 停工停产."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of the lists."""
    funds = typer.Typer(
        help="The money behind a debt (资金名册): deposits, special accounts; and firms that run short.",
        no_args_is_help=True,
    )
    for command in (load, show, drop, hints, visit):
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
    Of firms in arrears 单位名称 is needed; a person's arrears are left out. They are told beside the list before.

    Example: xinshao funds load deposits 住建保证金.xlsx 交通保证金.xlsx --as-of 2026-11-20 --by zhou
    Example: xinshao funds load power 供电公司欠费清单.xlsx --as-of 2026-11-20 --by zhou
    """
    from monitor.backing import MONEY
    from monitor.ledger.funds import load_list, without_persons
    from monitor.text import SHANGHAI

    today = datetime.now(SHANGHAI).date()
    speaks_of = _day(as_of, today)
    register = _register(county)
    given = _read(kind.value, files, today)
    lines = without_persons(given, register)
    source = "、".join(file.name for file in files)
    if kind.value in MONEY:
        _print_unmatched(kind.value, _book(register, kind.value, lines, source, speaks_of))
    else:
        _print_firms(lines, len(given) - len(lines))
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


def _print_firms(lines: Sequence[Line], persons: int) -> None:
    firms = len({line.firm for line in lines})
    typer.echo(said(f"{len(lines)} lines: {firms} firms"))
    if persons:
        typer.echo(said(f"{persons} lines about persons left out"))


def show(county: CountyFile = None) -> None:
    """The lists that are loaded: from what, of which day, by whom, and which of their lines match no project today.

    Example: xinshao funds show
    """
    from monitor.backing import LISTS, MONEY
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
        if kind in MONEY:
            _print_unmatched(kind, book)
        else:
            _print_firms(loaded.lines, 0)


def hints(county: CountyFile = None) -> None:
    """Firms that run short by the lists of arrears, those to look into first on top, and which cases name them.

    A hint is no debt of wages: it is a reason to look in time (条例第三十八条第二款). Companies only.

    Example: xinshao funds hints
    """
    from monitor.funds.hinting import rows, summary
    from monitor.ledger.behind import outlook
    from monitor.names import money
    from monitor.store import figures

    register = _register(county)
    with existing_store() as store, store.read() as c:
        found = outlook(c, figures.in_hand(c, brief=True), register=register, now=clock_now())
    for line in summary(found):
        typer.echo(line)
    for name, signs, yuan, projects, cases, looked, source in rows(found):
        typer.echo("\t".join((name, signs, money(yuan) if yuan else "", projects, str(cases), looked, source)))


def visit(
    firm: Annotated[str, typer.Argument(help="The firm as a list of arrears writes it.")],
    found: Annotated[Found, typer.Argument(help="sound 工资按时发放, warned 尚未拖欠，已约谈, owing 已有欠薪.")],
    reason: Why,
    by: By = "operator",
) -> None:
    """Registers what came of looking into a firm that runs short; then it is not due until a list tells of more.

    Wages that are owed need a case of their own: this opens none.

    Example: xinshao funds visit 亥星制衣有限公司 warned --reason 看了十月工资表，约谈法人代表按月支付 --by zhou
    """
    from monitor.ledger.funds import note_visit

    with opened_ledger() as ledger:
        visit = note_visit(ledger, firm, found, note=reason, by=by, at=clock_now())
    typer.echo(said(f"{visit.firm}: registered"))


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
    """The money behind one case and signs that its firms run short, as its page shows them: each line with its source.

    Example: xinshao funds of QX-2027-0042
    """
    from monitor.clocks import Calendar
    from monitor.funds.wording import lines
    from monitor.ledger.behind import block, hint_letter
    from monitor.store import incidents

    with records(feeds, county) as (store, config, matrix), store.read() as c:
        row = incidents.one(c, incident)
        if row is None:
            tell(f"no incident {incident}")
            raise typer.Exit(1)
        told = block(
            c, row, register=config.county.register, matrix=matrix, calendar=Calendar(), now=clock_now()
        )  # fmt: skip
        signals = hint_letter(c, row, register=config.county.register, now=clock_now())
    for line in (told["cover_name"], *lines(told), *signals):
        typer.echo(line)
