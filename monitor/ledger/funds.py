"""Lists of deposits, accounts and firms in arrears as acts of the ledger: table's row and chain's in one transaction.

Knows when a list is replaced and by whom; what it means for a debt is decided in monitor.funds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from monitor.backing import Found, Line, Loaded, Visit
from monitor.facts.cell import firm_in
from monitor.facts.mask import mask
from monitor.funds.match import firms_of
from monitor.funds.signals import compared
from monitor.ledger.door import Ledger
from monitor.ledger.standing import forbid
from monitor.model import Act, Change, RegisterRow
from monitor.store import funds
from monitor.text import storable


def load_list(
    ledger: Ledger,
    kind: str,
    lines: Sequence[Line],
    *,
    source: str,
    as_of: date,
    by: str,
    at: datetime,
    reason: str,
    register: Sequence[RegisterRow] | None = None,
) -> Loaded:
    """Puts a list, whole, in the place of the one before: what is not in it any more is not known any more.

    `register`: whose companies are known as such; the ledger's county's where none is given.
    """
    known = without_persons(lines, ledger.county.register if register is None else register)
    source = storable(source)

    def work(c: Connection) -> tuple[Loaded, list[Change]]:
        marked = compared(known, funds.lists(c).get(kind), as_of)
        loaded = Loaded(
            kind=kind, lines=tuple(marked), source=source, sha256=funds.digest(marked), as_of=as_of, at=at, by=by
        )  # fmt: skip
        funds.put(c, loaded)
        data = {
            "do": "load", "list": kind, "source": source, "as_of": as_of.isoformat(), "lines": len(loaded.lines),
            "sha256": loaded.sha256,
        }  # fmt: skip
        return loaded, [Change(act=Act.FUNDS, at=at, reason=reason, actor=by, data=data)]

    return ledger.record_with(work)


def note_visit(ledger: Ledger, firm: str, found: Found, *, note: str, by: str, at: datetime) -> Visit:
    """Registers what came of looking into a firm that a list of arrears names; ForbiddenChange for any other name.

    Only firms of the lists have such a register: nobody else can be entered in it, and no person. The note is masked.
    """
    note = mask(storable(note)).text

    def work(c: Connection) -> tuple[Visit, list[Change]]:
        listed = {line.firm for one in funds.lists(c).values() for line in one.lines if line.signal}
        if firm not in listed:
            raise forbid("unlisted_firm", firm=firm[:80])
        visit = Visit(firm=firm, found=found, note=note, by=by, at=at)
        number = funds.add_visit(c, visit)
        data = {"do": "visit", "number": number, "firm": firm, "found": found.value, "at": at.isoformat()}
        return visit, [Change(act=Act.FUNDS, at=at, reason=note, actor=by, data=data)]

    return ledger.record_with(work)


def without_persons(lines: Sequence[Line], register: Sequence[RegisterRow]) -> list[Line]:
    """The lines without names of people where a firm should stand: nobody is then known to be the contractor.

    A person's own arrears are nobody's business here: such a line is left out whole.
    """
    known = {name for row in register for name in (row.name, *row.aliases, *firms_of(row))}
    named = [replace(line, firm=firm_in(line.firm, known) if line.firm else None) for line in lines]
    return [line for line in named if line.firm or not line.signal]


def drop_list(ledger: Ledger, kind: str, *, by: str, at: datetime, reason: str) -> bool:
    """Takes a list out, so that what it told is unknown again; False when none was loaded."""

    def work(c: Connection) -> tuple[bool, list[Change]]:
        gone, data = funds.drop(c, kind), {"do": "drop", "list": kind}
        return gone, [Change(act=Act.FUNDS, at=at, reason=reason, actor=by, data=data)] if gone else []

    return ledger.record_with(work)
