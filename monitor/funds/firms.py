"""Who builds the project a debt is about: owner, general contractor, subcontractors, as the register and lists say.

Pure, and by the same match as the money behind a debt; what they do not say of a firm's part is left unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from monitor.backing import Funds
from monitor.funds.behind import contractor_in
from monitor.funds.match import Book, Match
from monitor.funds.names import same_firm
from monitor.model import Facts

REGISTER = "register"  # the list a firm stands in, beside monitor.backing.LISTS
_LABOUR = "劳务"
# On a site as something else than a subcontractor: who watches, draws, tests, or has it built.
_OTHER_PART = re.compile(
    r"监理|设计|勘察|勘测|测绘|检测|咨询|造价|招标|代建|城投|投资|置业|地产|开发|银行|保险|政府|(?:局|委|办|厅|会|中心|指挥部)$"
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's name as it stands in `stands`: register, deposits or accounts. `as_of`: the day that speaks of."""

    name: str
    stands: str = REGISTER
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Firms:
    """The firms of one debt's project; None and () are unknown, not a no. `match`: how the project was found."""

    match: Match
    owner: Firm | None = None
    contractor: Firm | None = None
    subcontractors: tuple[Firm, ...] = ()


def firms(book: Book, facts: Facts) -> Firms:
    """The firms of the project that a debt is about; nobody where the register has no such project."""
    match = book.project(facts)
    if match.row is None:
        return Firms(match=match)
    told = match.row.funds or Funds()
    owner = Firm(told.owner, as_of=told.as_of) if told.owner else None
    contractor = _contractor(book, match, told)
    return Firms(
        match=match,
        owner=owner,
        contractor=contractor,
        subcontractors=_subcontractors(match, facts.employer, owner, contractor),
    )


def _contractor(book: Book, match: Match, told: Funds) -> Firm | None:
    found = contractor_in(book, match, told)
    if found is None:
        return None
    name, kind = found
    return Firm(name, kind, book.lists[kind].as_of) if kind else Firm(name, as_of=told.as_of)


def _subcontractors(
    match: Match, employer: str | None, owner: Firm | None, contractor: Firm | None
) -> tuple[Firm, ...]:  # fmt: skip
    """The one the case names, or all where it names no employer; none where it names somebody else.

    The register's firms of a project bear no part: one is a subcontractor by its own name (劳务), or because owner
    and general contractor are known to be others.
    """
    known = [one.name for one in (owner, contractor) if one]
    rest = [one for one in match.row.employers if not any(_same(one, other) for other in known)] if match.row else []
    found = [one for one in rest if _LABOUR in one or (len(known) == 2 and not _OTHER_PART.search(one))]
    if employer:
        found = [one for one in found if _same(one, employer)]
        found = found if len(found) == 1 else []
    return tuple(Firm(one) for one in dict.fromkeys(found))


def _same(one: str, other: str) -> bool:
    """甲木建工劳务 is no other name of 甲木建工, although it contains it."""
    return same_firm(one, other) and (_LABOUR in one) == (_LABOUR in other)
