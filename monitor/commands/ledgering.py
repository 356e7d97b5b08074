"""`xinshao export|backup|restore|erase|ledger`: what an operator does with the records. Knows files and exit codes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import (
    By,
    CountyFile,
    Why,
    clock_now,
    existing_store,
    known_county,
    matrix_in_force,
    moment_option,
    opened_store,
)
from monitor.commands.saying import said, tell
from monitor.errors import InputError
from monitor.text import inert

if TYPE_CHECKING:
    from monitor.model import County
    from monitor.routing import Matrix
    from monitor.store import Store

ledger_app = typer.Typer(help="The ledger itself. Example: xinshao ledger verify", no_args_is_help=True)
ENDINGS = (".csv", ".jsonl", ".xlsx")
HEAD = re.compile(r"(\d{1,15}):([0-9a-f]{64})")
EXPORT_LIMIT = 50  # rows an export holds unless more are asked for (a list of cases is easily carried off)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (export, backup, restore, erase):
        app.command()(command)
    ledger_app.command()(verify)
    ledger_app.command()(show)
    ledger_app.command()(looks)
    app.add_typer(ledger_app, name="ledger")


def export(
    file: Annotated[Path, typer.Argument(help="Where to: .csv, .jsonl or .xlsx.")],
    reason: Why,
    by: By = "operator",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most.")] = EXPORT_LIMIT,
    department: Annotated[str | None, typer.Option(help="Only the incidents of this department id.")] = None,
    town: Annotated[list[str] | None, typer.Option(help="Only the incidents of this town; may be repeated.")] = None,
    county: CountyFile = None,
) -> None:
    """Writes the 台账 of 34 columns. Every export is a row of the ledger: who, why, how many.

    Where --by names an account of the pages, only the incidents that it sees there are written.

    Example: xinshao export ledger.xlsx --reason 月度核对 --by zhou
    """
    from monitor.ledger.export import export_rows

    if file.suffix not in ENDINGS:
        raise typer.BadParameter("the ending must be .csv, .jsonl or .xlsx", param_hint="FILE")
    if file.is_dir():
        raise InputError(f"{file} is a folder: name a file in it")
    with existing_store() as store:
        with store.read() as c:
            matrix, place = matrix_in_force(), known_county(county)
            only = _seen(c, by, place, matrix)
            header, rows = export_rows(
                c, matrix=matrix, register=place.register, department=department, towns=town or (), only=only,
                limit=limit,
            )  # fmt: skip
        what = {"export": file.name, "rows": len(rows), "department": department, "towns": town or []}
        with _written(file, header, rows, mark=f"{by} {clock_now().isoformat(timespec='minutes')}") as part:
            _log(store, by, reason, what)
            try:
                part.replace(file)
            except OSError as problem:
                _log(store, by, f"failed: {problem.strerror}", {**what, "failed": True})
                raise
    tell(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} in {file}")


def _seen(c: Any, by: str, county: County, matrix: Matrix) -> frozenset[str] | None:
    """The incidents that an account of this name sees; None: no account, or one that sees them all."""
    from monitor.commands.acting import account, refuse, shown
    from monitor.web.access import Right

    person = account(c, by)
    if person is None:
        return None
    if not person.may(Right.EXPORT):
        raise refuse(f"{person.name} ({person.role}) may not export")
    return None if person.whole else frozenset(shown(c, person, county, matrix))


@contextmanager
def _written(file: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], *, mark: str) -> Iterator[Path]:
    """The rows beside `file`, by its ending, whole; gone again unless it is put in place. `mark`: who took it out.

    What cannot be written fails here, before anything is noted: the log never tells of an export that was none.
    """
    part = file.with_name(f".{file.name}.part")
    try:
        _fill(part, file.suffix, header, rows, mark)
        yield part
    finally:
        part.unlink(missing_ok=True)


def _fill(part: Path, ending: str, header: Sequence[str], rows: Sequence[Sequence[Any]], mark: str) -> None:
    if ending == ".xlsx":
        from monitor.digest.sheet import workbook

        part.write_bytes(workbook({"ledger": (header, rows), "export": (["by"], [[mark]])}))
    elif ending == ".jsonl":
        lines = (json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        part.write_text("".join(lines), encoding="utf-8")
    else:
        with part.open("w", encoding="utf-8-sig", newline="") as out:
            sheet = csv.writer(out)
            sheet.writerow(header)
            sheet.writerows([inert(value) for value in row] for row in rows)
            sheet.writerow([mark])


def _log(store: Store, by: str, reason: str, data: dict[str, Any]) -> None:
    from monitor.store import ledger as rows

    row = {
        "incident": None, "version": None, "act": "note", "actor": by, "at": clock_now(), "reason": reason,
        "data": {"input": data, "posts": []},
    }  # fmt: skip

    def work(c: Any) -> None:
        rows.hold(c)
        rows.append(c, [row])

    store.unit(work)


def backup(
    file: Annotated[Path, typer.Argument(help="The .zip to write.")],
) -> None:
    """Writes the whole database into one file while the service runs. Keep the secret key apart from it.

    Example: xinshao backup /backups/xinshao-$(date +%F).zip
    """
    from monitor.store.copies import backup as copy

    with existing_store() as store:
        manifest = copy(store, file, clock_now())
    print(json.dumps({"file": str(file), **manifest}, ensure_ascii=False))


def restore(
    file: Annotated[
        Path | None, typer.Argument(help="A .zip that `xinshao backup` wrote; none: on PostgreSQL, after pg_restore.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    before: Annotated[
        str | None, typer.Option(help="PostgreSQL: address of the database that was set aside, if it still answers.")
    ] = None,
) -> None:
    """Puts a backup in place of the database, which is set aside; queued messages wait for a person.

    On PostgreSQL pg_restore puts it back; this command, without a file, then holds the queue and passes over numbers.

    Example: xinshao restore /backups/xinshao-2026-01-20.zip --yes
    """
    from monitor.config import read_settings
    from monitor.store.copies import file_of
    from monitor.store.copies import restore as from_file

    database = file_of(read_settings().database)
    if database is None:
        print(json.dumps(_after_pg_restore(file, yes, before)))
        return
    if file is None:
        raise typer.BadParameter("name the backup to put back", param_hint="FILE")
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    if not yes:
        typer.confirm(said(f"replace {database} by {file}?"), abort=True)
    print(json.dumps(from_file(file, database, clock_now())))


def _after_pg_restore(file: Path | None, yes: bool, before: str | None) -> dict[str, Any]:
    from monitor.store.copies import put_back

    if file is not None:
        why = (
            "this installation uses PostgreSQL: put it back with pg_restore, then run `xinshao restore` without a file"
        )
        raise typer.BadParameter(why, param_hint="FILE")
    if not yes:
        typer.confirm(said("has pg_restore just put this database back, and is no service running?"), abort=True)
    with opened_store() as store:
        return put_back(store, clock_now(), before)


def erase(
    posts: Annotated[list[str], typer.Argument(help="Ids of posts.")],
    reason: Why,
    by: By = "operator",
) -> None:
    """Erases posts and what was made from their words: excerpts in messages, evidence, keys, ledger data.

    Example: xinshao erase 1f0c9a7be2d34c55 --reason 发帖人请求 --by zhou
    """
    from monitor.ledger.erase import erase as forget

    missing = 0
    with existing_store() as store:
        for post in posts:
            incident = forget(store, post, by=by, reason=reason, now=clock_now())
            missing += incident is None
            print(json.dumps({"post": post, "erased": incident is not None, "incident": incident or None}))
    raise typer.Exit(1 if missing else 0)


def verify(
    head: Annotated[
        str | None, typer.Option(help="NUMBER:HASH of an earlier check: nothing before it changed.")
    ] = None,
) -> None:
    """Walks the hash chain and compares every incident with its history. Exit 1 when something was tampered with.

    Example: xinshao ledger verify
    """
    from monitor.ledger.chain import verify as walk
    from monitor.store import ledger as rows

    earlier = _head(head) if head is not None else None
    with existing_store() as store, store.read() as c:
        found = walk(c, bodies=True)
        kept = earlier is None or rows.hash_of(c, earlier[0]) == earlier[1]
    breaks = [{"seq": one.seq, "incident": one.incident, "problem": one.problem} for one in found.breaks]
    if not kept:
        breaks.append({"seq": None, "incident": None, "problem": f"the row {head} is not there any more"})
    print(json.dumps({"rows": found.length, "head": found.head, "whole": not breaks, "breaks": breaks}))
    raise typer.Exit(1 if breaks else 0)


def _head(written: str) -> tuple[int, str]:
    """The number and hash of an earlier check, as `verify` prints it."""
    found = HEAD.fullmatch(written.strip())
    if found is None:
        example = "NUMBER:HASH as an earlier check printed it under `head`"
        raise typer.BadParameter(f"{written!r} is not {example}", param_hint="--head")
    return int(found[1]), found[2]


def show(
    incident: Annotated[str, typer.Argument(help="An incident's number.")],
    at: Annotated[str | None, typer.Option(help="A moment (ISO 8601): the incident as it was then.")] = None,
) -> None:
    """Rebuilds an incident from its ledger rows, as it is or as it was.

    Example: xinshao ledger show QX-2026-0038 --at 2026-01-20T09:00
    """
    from monitor.ledger.chain import state_at
    from monitor.store import incidents

    moment = moment_option(at, "--at")
    with existing_store() as store, store.read() as c:
        history = incidents.history(c, incident)
    if not history:
        tell(f"the ledger has no rows of {incident}")
        raise typer.Exit(1)
    print(json.dumps(state_at(history, moment), ensure_ascii=False, indent=1))


def looks(
    user: Annotated[str, typer.Option(help="Only of this account.")] = "",
    incident: Annotated[str, typer.Option(help="Only of this incident.")] = "",
    since: Annotated[str, typer.Option(help="First local day, e.g. 2027-01-20.")] = "",
    until: Annotated[str, typer.Option(help="Last local day.")] = "",
) -> None:
    """Who opened which case, paper, proof or export: one JSON line a person, thing and day, the latest first.

    Example: xinshao ledger looks --incident QX-2027-0042
    """
    from monitor.store import looks as register

    for day in (since, until):
        if day and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise InputError(f"{day!r} is not a day like 2027-01-20")
    asked: dict[str, Any] = {"user": user, "incident": incident, "since": since, "until": until}
    with existing_store() as store, store.read() as c:
        for row in register.listed(c, **asked, limit=1_000_000):
            print(json.dumps({**row, "first_at": row["first_at"].isoformat(), "last_at": row["last_at"].isoformat()}))
