"""`lists ...`: other offices' lists of debts, which of their rows the net saw, and how many neither saw.

Knows the parts it asks.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import MOST, By, CountyFile, Feeds, Why, clock_now, existing_store, opened_desk, records
from monitor.commands.saying import said, tell
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.incidents.recapture import Audit
    from monitor.parse.debts import Read

Source = Annotated[
    str | None, typer.Option("--source", help="Only this office's list, by the name it was brought under.")
]
First = Annotated[str | None, typer.Option("--from", help="The first local day, e.g. 2026-11-01.")]
Last = Annotated[str | None, typer.Option("--to", help="The last local day, that day included.")]
Key = Annotated[
    str, typer.Argument(metavar="ROW", help="A row's key, or enough of its beginning, as `lists rows` prints it.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands of the lists."""
    lists = typer.Typer(
        help="Other offices' lists of debts (对照清单): what the net never saw.", no_args_is_help=True
    )  # fmt: skip
    lists.command("import")(import_)
    for command in (show, rows, decide, take, undo, missed):
        lists.command()(command)
    app.add_typer(lists, name="lists")


def import_(
    file: Annotated[Path, typer.Argument(help="An export as .xlsx or .csv, its headings in any order.")],
    source: Annotated[str, typer.Option("--source", help="Whose list it is, e.g. 12345热线.")],
    first: First = None,
    last: Last = None,
    by: By = "operator",
    reason: Why = "",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Takes another office's list: day, company or project, place, trade, heads, sum. Nothing about persons is read.

    Columns of names, telephones, papers and the complaint's own words are left unread and named. A row that cannot be
    read is named with its line and reason, the others are kept, and the exit status is 1; import the corrected file
    again: what is there already is not added twice. Give --from and --to where the list speaks for more days than its
    first and last row.

    Example: xinshao lists import 热线工单.xlsx --source 12345热线 --from 2026-11-01 --to 2026-11-30 --by zhou
    """
    from monitor.ledger.lists import bring

    begin, end = _day(first, "--from"), _day(last, "--to")
    if begin and end and begin > end:
        raise typer.BadParameter("the first day lies after the last", param_hint="--from")
    if not source.strip() or len(source) > 100:
        raise typer.BadParameter("must be a name of at most 100 characters", param_hint="--source")
    with opened_desk(feeds, county) as ledger:
        now = clock_now()
        read = _read(file, now, begin, end, ledger.county, ledger.matrix)
        _tell_columns(file.name, read)
        days = [row.day for _, row in read.rows]
        if days:
            brought = bring(
                ledger, read.rows, source=source.strip(), first=begin or min(days), last=end or max(days),
                file=file.name, by=by, at=now, reason=reason or file.name,
            )  # fmt: skip
            _tell_notes(read, brought.notes)
            number = "—" if brought.number is None else str(brought.number)
            typer.echo(said(f"list {number}: {brought.new} rows added, {brought.known} were there before"))
        else:
            _tell_notes(read, ())
    if lost := sum(note.lost for note in read.notes):
        tell(f"{lost} rows could not be read")
        raise typer.Exit(1)


def _read(file: Path, now: datetime, first: date | None, last: date | None, county: Any, matrix: Any) -> Read:
    from monitor.model import Document
    from monitor.parse.debts import read_debts, reader_for
    from monitor.text import SHANGHAI

    try:
        body = file.read_bytes()
    except OSError as problem:
        raise InputError(f"{file} cannot be read: {problem.strerror}") from problem
    sectors = {one.id: one.name for one in matrix.sectors.values()}
    reader = reader_for(county, sectors, now.astimezone(SHANGHAI).date(), first, last)
    return read_debts(Document(url=f"file:{file.name}", fetched_at=now, body=body), file.name, reader)


def _tell_columns(name: str, read: Read) -> None:
    if read.persons:
        tell(f"{name}: columns about persons are not read and not stored: {'、'.join(read.persons)}")
    if read.unread:
        tell(f"{name}: columns that are not used: {'、'.join(read.unread)}")


def _tell_notes(read: Read, further: Any) -> None:
    from monitor.parse.debts import told

    for note in sorted((*read.notes, *further), key=lambda one: one.row):
        tell(told(note))


def _day(written: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as problem:
        raise typer.BadParameter("must be a day like 2026-11-20", param_hint=option) from problem


def show() -> None:
    """The lists that were brought: whose, for which days, how many rows, by whom.

    Example: xinshao lists show
    """
    from monitor.store import lists
    from monitor.text import face

    with existing_store() as store, store.read() as c:
        found = lists.imports(c)
    for one in found:
        typer.echo(f"{one.id}\t{one.source}\t{one.first}..{one.last}\t{one.rows}\t{one.file}\t{one.by}\t{face(one.at)}")
    typer.echo(said(f"{len(found)} lists"))


def rows(
    which: Annotated[
        str, typer.Option("--state", help="seen, waiting, unseen or all: whether the net saw the debt.")
    ] = "all",
    source: Source = None,
    first: First = None,
    last: Last = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """The listed debts, each with what the net knows of it and why; those that wait need a person's yes or no.

    Example: xinshao lists rows --state waiting
    """
    import json

    from monitor.digest.recapture import compared, reason, state_of
    from monitor.store import lists

    if which not in ("all", "seen", "waiting", "unseen"):
        raise typer.BadParameter("seen, waiting, unseen or all", param_hint="--state")
    with records(feeds, county) as (store, config, _), store.read() as c:
        begin, end = _period(lists.imports(c), first, last)
        found = compared(c, config.county, begin, end, source)
    for debt in found.debts:
        if not begin <= debt.day <= end or which not in ("all", state_of(debt)):
            continue
        for kept in debt.rows:
            row = {
                "row": kept.key, "source": kept.source, **asdict(kept.row), "day": kept.row.day.isoformat(),
                "state": state_of(debt), "incident": debt.fit.incident, "why": reason(debt.fit), "ahead": debt.ahead,
            }  # fmt: skip
            if as_json:
                typer.echo(json.dumps(row, ensure_ascii=False))
            else:
                told = (kept.key[:12], row["day"], kept.source, kept.row.name, row["state"], debt.fit.incident or "—")
                typer.echo("\t".join((*told, row["why"])))


def decide(
    row: Key,
    answer: Annotated[str, typer.Argument(help="yes, no, or undo.")],
    incident: Annotated[
        str | None, typer.Option("--incident", help="Another incident than the one that is proposed.")
    ] = None,
    by: By = "operator",
    reason: Why = "",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """A person's yes or no: whether a row's debt is that of the incident. Changes no incident; `undo` takes it back.

    Example: xinshao lists decide 3f2a9c0d11e4 yes --by zhou
    """
    from monitor.digest.recapture import proposed
    from monitor.ledger import lists as acts

    if answer not in ("yes", "no", "undo"):
        raise typer.BadParameter("yes, no, or undo", param_hint="ANSWER")
    with opened_desk(feeds, county) as ledger:
        with ledger.store.read() as c:
            key = _whole(c, row)
            wanted = incident or proposed(c, ledger.county, key)
        now, why = clock_now(), reason or f"{row} {answer}"
        if answer == "undo":
            if not acts.unjudge(ledger, key, by=by, at=now, reason=why):
                raise InputError(f"nothing was said of row {key[:12]}")
        elif wanted is None:
            raise InputError(f"no incident is proposed for row {key[:12]}: name one with --incident")
        else:
            acts.judge(ledger, key, wanted, same=answer == "yes", by=by, at=now, reason=why)
    typer.echo(said(f"row {key[:12]}: {answer}"))


def take(row: Key, by: By = "operator", feeds: Feeds = None, county: CountyFile = None) -> None:
    """Opens a case (立案) from a row that the net never saw; departments are told as of every other case.

    Example: xinshao lists take 3f2a9c0d11e4 --by zhou
    """
    from monitor.ledger.lists import open_case

    with opened_desk(feeds, county) as ledger:
        with ledger.store.read() as c:
            key = _whole(c, row)
        incident = open_case(ledger, key, by=by, at=clock_now())
    typer.echo(incident)


def _whole(c: Any, beginning: str) -> str:
    """The row that a key begins; InputError for none or several."""
    from monitor.store import lists

    found = lists.beginning(c, beginning)
    if len(found) != 1:
        raise InputError(f"{len(found)} rows begin with {beginning}")
    return found[0]


def undo(
    number: Annotated[int, typer.Argument(min=1, max=MOST, help="The number of the list, as `lists show` prints it.")],
    reason: Why,
    by: By = "operator",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Takes an import back: its rows, unless another import holds them too, and what was said of them.

    Example: xinshao lists undo 3 --reason 导错了文件 --by zhou
    """
    from monitor.ledger import lists as acts

    with opened_desk(feeds, county) as ledger:
        gone = acts.undo(ledger, number, by=by, at=clock_now(), reason=reason)
    if not gone:
        raise InputError(f"there is no list {number}, or it was undone")
    typer.echo(said(f"list {number} undone"))


def missed(
    source: Source = None,
    first: First = None,
    last: Last = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, every figure.")] = False,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """How many debts of the lists the net had seen, who was first, and an estimate of how many neither saw.

    Chapman's estimate with a 95 % interval from two lists; none is given with fewer than seven debts on both, where
    the posts themselves speak of such an office, or while too many rows wait for a person.

    Example: xinshao lists missed --from 2026-11-01 --to 2026-11-30 --json
    """
    import json

    from monitor.digest.recapture import recapture, sentences
    from monitor.store import lists

    with records(feeds, county) as (store, config, _), store.read() as c:
        begin, end = _period(lists.imports(c), first, last)
        found = recapture(c, config.county, begin, end, source)
    if found is None:
        tell("no list speaks for these days: bring one with `xinshao lists import`")
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False))
        return
    for line in sentences(found):
        typer.echo(line)
    for share in (*found.by_source, *found.towns, *found.sectors):
        typer.echo(f"{share.value or '—'}\t{share.seen}/{share.listed}")


def _period(brought: Any, first: str | None, last: str | None) -> tuple[date, date]:
    """What was asked for; else the last year that any list speaks for."""
    today = clock_now().date() + timedelta(days=1)
    end = _day(last, "--to") or max((one.last for one in brought), default=today)
    return _day(first, "--from") or end - timedelta(days=364), end


def _plain(found: Audit) -> dict[str, Any]:
    from monitor.digest.recapture import why_refused

    told = asdict(found)
    more = {
        "earlier": found.earlier, "same_day": found.same_day, "later": found.later, "share": found.share,
        "median_ahead": found.median_ahead, "refused_because": why_refused(found),
    }  # fmt: skip
    return {**told, "first": found.first.isoformat(), "last": found.last.isoformat(), **more}
