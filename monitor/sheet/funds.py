"""The columns that tell of money: of a register's line, of a list of deposits or special accounts; a list read whole.

Headings may stand in any order, in the words of several offices, or be missing; what a list does not say is None. Every
fault is told with its file, row and column. Of an account number only the last four digits leave this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.backing import SIGNS, Account, AccountState, Deposit, Form, Funds, Line
from monitor.errors import ConfigError, Fault
from monitor.sheet import cells, signals
from monitor.sheet.cells import fault, words
from monitor.sheet.rows import Row, columns

OF_REGISTER = (
    "contractor", "owner", "form", "yuan", "until", "where", "account", "bank", "tail", "paid", "real_name", "board",
    "source", "as_of",
)  # fmt: skip
OF_LIST = {
    "deposits": ("project", "firm", "form", "yuan", "until", "where"),
    "accounts": ("project", "firm", "account", "bank", "tail", "paid"),
    **dict.fromkeys(SIGNS, signals.COLUMNS),
}
MOST_LINES = 5_000  # of a list: a county has some hundred projects


# ------------------------------------------------------------------ one row
def deposit(row: Row) -> Deposit | None:
    """What a row says of its deposit; None where it says nothing."""
    said = row.read("form", lambda written: cells.one_of("forms", written))
    form = Form(said) if said else None
    yuan = row.yuan() or None  # 0 yuan is no sum: a plain no is written as a form
    until, where = row.read("until", cells.day), row.name("where")
    if yuan and form in (Form.NONE, Form.EXEMPT):
        row.wrong("form", "some", form=row.get("form"))
    return Deposit(form, yuan, until, where) if form or yuan or until else None


def account(row: Row, *, listed: bool = False, today: date | None = None) -> Account | None:
    """What a row says of its special account. `listed`: standing in a list of accounts means that there is one."""
    said = row.read("account", lambda written: cells.one_of("accounts", written))
    bank, tail, paid = row.name("bank"), row.read("tail", cells.tail), row.read("paid", cells.month)
    if paid and today and paid > today:
        row.wrong("paid", "later", value=row.get("paid"))
    if said is None and not (listed or bank or tail or paid):
        return None
    return Account(AccountState(said or "open"), bank, tail, paid)


def funds(row: Row, *, source: str | None, as_of: date | None) -> Funds | None:
    """What a line of the register says of money; None where it says nothing. Its own source and date come first."""
    found = Funds(
        contractor=row.name("contractor"),
        owner=row.name("owner"),
        deposit=deposit(row),
        account=account(row, today=as_of),
        real_name=row.read("real_name", cells.yes_no),
        board=row.read("board", cells.yes_no),
    )
    if found == Funds():
        return None
    own = row.read("as_of", cells.day)
    told = {name: getattr(found, name) for name in found.__slots__}
    return Funds(**{**told, "source": row.name("source") or source, "as_of": own or as_of})


# ------------------------------------------------------------------ a list
@dataclass(frozen=True, slots=True)
class Listed:
    """The lines of one file, and the headings that were not understood."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


def read_list(kind: str, body: bytes, *, name: str, today: date) -> Listed:
    """A list of `deposits`, of `accounts` or of one sign. ConfigError tells every fault: `保证金.xlsx: 第3行 金额`."""
    rows = cells.lines(body, name, MOST_LINES)
    found = columns(next(rows, ()), OF_LIST[kind], loose=True)
    needed = OF_LIST[kind][0]
    if needed not in found.at:
        wanted = words()["headings"][needed][0]
        raise ConfigError([Fault(name, fault("head", column=wanted), fault("save"))])
    lines: list[Line] = []
    faults: list[Fault] = []
    for number, line in enumerate(rows, 2):
        row = found.row(line, name, number)
        if any(row.texts.values()):
            told = signals.line(kind, row, today) if kind in SIGNS else _line(kind, row, today)
            lines += [told] if told else []
            faults += row.faults
    if not lines and not faults:
        faults.append(Fault(name, fault("empty")))
    faults += repeated(lines)
    if faults:
        raise ConfigError(faults)
    return Listed(tuple(lines), found.ignored)


def read_lists(kind: str, files: Iterable[tuple[str, bytes]], *, today: date) -> Listed:
    """The files (name, body) of one list, together the whole of it. ConfigError tells the faults of all of them."""
    lines: list[Line] = []
    faults: list[Fault] = []
    ignored: list[str] = []
    for name, body in files:
        try:
            found = read_list(kind, body, name=name, today=today)
        except ConfigError as problem:
            faults += problem.faults
            continue
        lines += found.lines
        ignored += (f"{name}: {title}" for title in found.ignored)
    if faults or (faults := repeated(lines)):
        raise ConfigError(faults)
    return Listed(tuple(lines), tuple(ignored))


def _line(kind: str, row: Row, today: date) -> Line:
    if not row.get("project"):
        row.wrong("project", "project")
    given = {"project": row.name("project") or "", "firm": row.name("firm"), "file": row.file, "row": row.number}
    if kind == "accounts":
        return Line(**given, account=account(row, listed=True, today=today))  # type: ignore[arg-type]
    held = deposit(row)
    if held is None and not row.faults:
        row.wrong("yuan", "nothing", "nothing_remedy")
    return Line(**given, deposit=held)  # type: ignore[arg-type]


def repeated(lines: Sequence[Line]) -> list[Fault]:
    """Lines that say the same of the same project: money counted twice. Over all files of a list.

    Of a list of arrears they are no fault: two meters of a firm may stand at the same sum.
    """
    first: dict[tuple[Any, ...], Line] = {}
    faults = []
    for line in lines:
        if line.signal:
            continue
        key = (line.project, line.firm, line.deposit, line.account)
        known = first.setdefault(key, line)
        if known is not line:
            where = cells.place(line.file, line.row, "")
            told = fault("same", file="" if known.file == line.file else known.file, row=known.row)
            faults.append(Fault(where, told, fault("same_remedy")))
    return faults


# ------------------------------------------------------------------ back to cells
def cells_of(held: Funds | None) -> dict[str, str]:
    """The cells of a register's line that `funds` reads back."""
    if held is None:
        return {}
    say, lodged, at = words(), held.deposit or Deposit(), held.account
    said = {
        "contractor": held.contractor, "owner": held.owner, "source": held.source,
        "form": say["forms"][lodged.form.value][0] if lodged.form else "",
        "yuan": f"{lodged.yuan:.2f}".removesuffix(".00") if lodged.yuan is not None else "",
        "until": cells.write_day(lodged.until), "where": lodged.where,
        "account": say["accounts"][at.state.value][0] if at else "",
        "bank": at.bank if at else "", "tail": at.tail if at else "",
        "paid": f"{at.paid:%Y-%m}" if at and at.paid else "",
        "real_name": _said(held.real_name), "board": _said(held.board),
        "as_of": cells.write_day(held.as_of),
    }  # fmt: skip
    return {column: value or "" for column, value in said.items()}


def _said(answer: bool | None) -> str:
    return "" if answer is None else str(words()["yes" if answer else "no"][0])
