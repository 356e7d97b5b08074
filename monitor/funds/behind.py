"""What stands behind one debt, on one day: lawful sources, what is missing from the lists, and findings. Pure.

Everything told is a `Fact` with the list it stands in and the day that list speaks of. A figure is never added up over
two lists that tell of the same money. Articles are of 保障农民工工资支付条例 (国务院令第724号): 26 to 34, 55, 56, 63.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from monitor.backing import AccountState, Deposit, Form, Funds
from monitor.funds.match import Book, Match
from monitor.funds.names import same_firm
from monitor.model import Facts
from monitor.sheet.cells import FOREVER

SOON = 30  # days before a guarantee ends in which somebody must act
DAY = timedelta(days=1)
WORKS = frozenset({  # 工程建设领域: where articles 23 to 37 hold
    "building_municipal", "decoration", "highway_waterway", "water_works", "railway", "aviation_works", "energy_power",
    "telecom_works", "agri_works", "land_works",
})  # fmt: skip
EITHER = frozenset({"unknown", "landscaping_sanitation", "mining"})  # may be a building site, may be not


class Cover(StrEnum):
    """Whether a deposit stands behind the debts of a project."""

    COVERED = "covered"
    PARTLY = "partly"
    NONE = "none"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"  # not the building trade: no deposit is asked for there


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a list says. `key`: of its sentence; `tone`: good, bad, warn, plain; `articles`: ids of the law."""

    key: str
    tone: str = "plain"
    values: Mapping[str, Any] = field(default_factory=dict)
    articles: tuple[str, ...] = ()
    source: str = ""  # empty: not a list, but the case itself
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a department must look into. `article`: the duty; `penalty`: who orders it put right, and its item."""

    key: str
    article: str
    penalty: str
    item: int


FINDINGS = {
    "deposit": Finding("deposit", "TL32", "TL55", 2),
    "deposit_over": Finding("deposit_over", "TL32", "TL55", 2),
    "account": Finding("account", "TL26", "TL55", 1),
    "real_name": Finding("real_name", "TL28", "TL55", 3),
    "board": Finding("board", "TL34", "TL56", 4),
}


# A list older than this is shown with a warning. Wages are paid by the month (保障农民工工资支付条例 11, 31): a list
# two months old knows of no account that has stopped since. No law sets the period; it is this project's own.
STALE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Debt:
    """What is still owed: of the case asked about, or of others on the same project. `yuan` None: nobody says."""

    yuan: float | None
    paid: float = 0.0

    @property
    def left(self) -> float | None:
        return None if self.yuan is None else max(self.yuan - self.paid, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The deposit of a project as one list tells it; without any `lodged`, no list does."""

    lodged: tuple[Deposit, ...] = ()
    source: str = ""
    as_of: date | None = None

    @property
    def known(self) -> bool:
        return bool(self.lodged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The block of one debt."""

    match: Match
    cover: Cover
    facts: tuple[Fact, ...] = ()  # lawful sources and their state
    unknown: tuple[Fact, ...] = ()  # what no list says
    findings: tuple[Finding, ...] = ()
    whole: bool = True  # False: other debts of the project may be hidden from who asks

    @property
    def project(self) -> str | None:
        return self.match.row.name if self.match.row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day that is asked about. `works`: whether offices and banks are open; `eve`: the next 除夕."""

    today: date
    works: Callable[[date], bool] = lambda day: day.weekday() < 5
    eve: date | None = None


def behind(
    book: Book,
    facts: Facts,
    debt: Debt,
    day: Day,
    others: Sequence[Debt] | None = (),
    *,
    whole: bool = True,
) -> Behind:
    """What stands behind a debt. `others`: open debts of other cases on the project, which the deposit serves too.

    None: they were not asked for, and no verdict is given on whether the deposit suffices. Not `whole`: they are those
    that the asker may see; whether there are more is never told, so that it suffices is not either.
    """
    match = book.project(facts)
    if match.row is None and facts.sector not in WORKS | EITHER:
        return Behind(match=Match(None, "outside"), cover=Cover.OUTSIDE, facts=tuple(_emergency(facts)))
    if match.row is None:
        return Behind(match=match, cover=Cover.UNKNOWN, facts=tuple(_emergency(facts)))
    told = match.row.funds or Funds()
    held = deposit_of(book, match)
    found = [
        *_first_to_pay(book, match, facts, told),
        *_deposit(held, debt, others, day, whole),
        *_account(book, match, told),
    ]
    found += [*_differs(book, match, held, told), *_emergency(facts)]
    found += _stale(found, day.today)
    return Behind(
        match=match,
        cover=cover(held, debt, others or (), day.today),
        facts=tuple(found),
        unknown=tuple(_unknown(book, match, told, held)),
        findings=tuple(FINDINGS[key] for key in _found(book, match, told, held, day.today)),
        whole=whole,
    )


# ------------------------------------------------------------------ deposit
def deposit_of(book: Book, match: Match) -> Held:
    """What the list of deposits says of a project; where it says nothing of it, what the register says."""
    loaded = book.lists.get("deposits")
    lines = book.lines("deposits", match.row) if match.row else []
    lodged = tuple(line.deposit for line in lines if line.deposit)
    if loaded and lodged:
        return Held(lodged=lodged, source=loaded.source, as_of=loaded.as_of)
    told = match.row.funds if match.row else None
    if told and told.deposit:
        return Held(lodged=(told.deposit,), source=told.source or "", as_of=told.as_of)
    return Held()


def holds(one: Deposit, today: date) -> bool | None:
    """Whether a deposit can be drawn on: a guarantee up to its last day; None where the list does not say enough."""
    if one.form in (Form.NONE, Form.EXEMPT):
        return False
    if one.until is not None and one.until < today:
        return False if one.form in (Form.GUARANTEE, Form.INSURANCE) else None
    return True if one.until is not None or one.form is Form.CASH else None


def standing(held: Held, today: date) -> float | None:
    """Yuan that hold for certain; None where a list does not say enough to tell any, 0 for a plain no."""
    answers = [holds(one, today) for one in held.lodged]
    sure = sum(one.yuan for one, good in zip(held.lodged, answers, strict=True) if good and one.yuan)
    if sure:
        return sure
    return 0.0 if answers and all(answer is False for answer in answers) else None


def cover(held: Held, debt: Debt, others: Sequence[Debt], today: date) -> Cover:
    """A deposit serves every debt of its project: covered only where it suffices for all that are known."""
    yuan = standing(held, today)
    if yuan == 0:
        return Cover.NONE
    if yuan is None or debt.left is None:
        return Cover.UNKNOWN
    return Cover.COVERED if yuan >= debt.left + sum(other.left or 0 for other in others) else Cover.PARTLY


def _deposit(held: Held, debt: Debt, others: Sequence[Debt] | None, day: Day, whole: bool) -> list[Fact]:
    if not held.known:
        return []
    from_ = {"source": held.source, "as_of": held.as_of}
    found = [_one(one, day, from_) for one in held.lodged]
    yuan = standing(held, day.today)
    if yuan and debt.left is not None and others is None:
        found.append(Fact("suffices_alone", "plain", {"held": yuan, "left": debt.left}, ("TL32",)))
    elif yuan and debt.left is not None:
        others = others or ()
        owed = [other.left for other in others]
        values = {"held": yuan, "left": debt.left, "pays": min(yuan, debt.left), "others": len(owed),
                  "owed": sum(one or 0 for one in owed), "unstated": owed.count(None)}  # fmt: skip
        kind = cover(held, debt, others, day.today)
        if kind is Cover.COVERED and not whole:
            found.append(Fact("suffices_seen", "plain", values, ("TL32",)))
        else:
            found.append(Fact(f"suffices_{kind.value}", "good" if kind is Cover.COVERED else "warn", values, ("TL32",)))
    elif yuan:
        found.append(Fact("suffices_unstated", "plain", {"held": yuan}, ("TL32",)))
    return found


def _one(one: Deposit, day: Day, from_: Mapping[str, Any]) -> Fact:
    form = one.form.value if one.form else "unsaid"
    values = {"form": form, "yuan": one.yuan, "where": one.where, "until": one.until}
    if one.form in (Form.NONE, Form.EXEMPT):
        tone = "bad" if one.form is Form.NONE else "plain"
        return Fact(f"deposit_{form}", tone, values, ("TL32",), **from_)
    if one.until is None or one.until == FOREVER:
        lasting = one.form is Form.CASH or one.until == FOREVER
        return Fact("deposit_lasting" if lasting else "deposit_undated", "plain", values, ("TL32",), **from_)
    days = (one.until - day.today).days
    if days < 0:
        over = holds(one, day.today) is False
        return Fact("deposit_over" if over else "deposit_past", "bad" if over else "warn", values, ("TL32",), **from_)
    last = last_open_day(one.until, day)
    values |= {"days": days, "last": last if last != one.until else None, "eve": day.eve}
    if days <= SOON:
        key = "deposit_ends" if days else "deposit_ends_today"
        return Fact("deposit_no_day" if last is None else key, "bad", values, ("TL32",), **from_)
    if day.eve and one.until < day.eve:
        return Fact("deposit_before_eve", "warn", values, ("TL32",), **from_)
    return Fact("deposit_dated", "plain", values, ("TL32",), **from_)


def last_open_day(until: date, day: Day) -> date | None:
    """The last day, not before today and not after `until`, on which a bank is open; None where there is none left."""
    at = until
    while at >= day.today and until - at < 40 * DAY:
        if day.works(at):
            return at
        at -= DAY
    return None


# ------------------------------------------------------------------ who pays, and through what
def contractor_in(book: Book, match: Match, told: Funds) -> tuple[str, str] | None:
    """The general contractor with the kind of list that says so, empty for the register, which is asked first."""
    if told.contractor:
        return told.contractor, ""
    for kind in ("deposits", "accounts"):
        firms = {line.firm for line in book.lines(kind, match.row) if line.firm} if match.row else set()
        if len(firms) == 1:
            return firms.pop(), kind
    return None


def contractor_of(book: Book, match: Match, told: Funds) -> tuple[str, str, date | None] | None:
    """The general contractor with where that stands: the register first, then whoever lodged the deposit."""
    found = contractor_in(book, match, told)
    if found is None:
        return None
    name, kind = found
    return (name, book.lists[kind].source, book.lists[kind].as_of) if kind else (name, told.source or "", told.as_of)


def _first_to_pay(book: Book, match: Match, facts: Facts, told: Funds) -> list[Fact]:
    found = []
    contractor = contractor_of(book, match, told)
    if contractor:
        name, source, as_of = contractor
        own = bool(facts.employer and same_firm(facts.employer, name))
        moved = "illegal_subcontract" in facts.traits
        articles = ("TL16",) if own else ("TL30(4)",) if moved else ("TL30(3)",)
        key = "contractor_owes" if own else "contractor_first"
        found.append(Fact(key, "good", {"contractor": name}, articles, source, as_of))
    if told.owner and "owner_arrears" in facts.traits:
        found.append(Fact("owner_advances", "good", {"owner": told.owner}, ("TL29(2)",), told.source or "", told.as_of))
    return found


def _account(book: Book, match: Match, told: Funds) -> list[Fact]:
    loaded = book.lists.get("accounts")
    lines = book.lines("accounts", match.row) if match.row else []
    listed = [line.account for line in lines if line.account]
    if loaded and listed:
        return [_state(one, loaded.source, loaded.as_of) for one in listed]
    return [_state(told.account, told.source or "", told.as_of)] if told.account else []


def _state(one: Any, source: str, as_of: date | None) -> Fact:
    values = {"bank": one.bank, "tail": one.tail, "paid": one.paid}
    if one.state is AccountState.NONE:
        return Fact("account_none", "bad", values, ("TL26",), source, as_of)
    if one.state is AccountState.CLOSED:
        return Fact("account_closed", "warn", values, ("TL27(2)",), source, as_of)
    if one.paid is None:
        return Fact("account_open", "plain", values, ("TL26",), source, as_of)
    silent = silent_months(one.paid, as_of)
    if silent:
        return Fact("account_silent", "bad", {**values, "months": silent}, ("TL29(1)", "TL31(3)"), source, as_of)
    return Fact("account_paid", "good", values, ("TL31(3)",), source, as_of)


def days_stale(as_of: date | None, today: date) -> int:
    """How many days old a list is that is too old to rely on; 0 for one that is not, and for one without a date."""
    return (today - as_of).days if as_of is not None and today - as_of > STALE else 0


def _stale(found: Sequence[Fact], today: date) -> list[Fact]:
    """One warning, about the oldest of the lists that were used and are too old."""
    oldest = min(
        (one for one in found if days_stale(one.as_of, today)), key=lambda one: one.as_of or today, default=None
    )
    if oldest is None:
        return []
    values = {"days": days_stale(oldest.as_of, today)}
    return [Fact("stale", "warn", values, (), oldest.source, oldest.as_of)]


def silent_months(paid: date, as_of: date | None) -> int:
    """Whole months after the last payment that were over when the list was made; later ones nobody knows of."""
    if as_of is None:
        return 0
    return max((as_of.year - paid.year) * 12 + as_of.month - paid.month - 1, 0)


def _differs(book: Book, match: Match, held: Held, told: Funds) -> list[Fact]:
    """Register and list tell two sums of one deposit: the list is taken, and both are shown."""
    loaded = book.lists.get("deposits")
    if not (loaded and told.deposit and match.row and book.lines("deposits", match.row)):
        return []
    listed = sum(one.yuan or 0 for one in held.lodged)
    registered = 0.0 if told.deposit.form is Form.NONE else told.deposit.yuan
    if registered is None or registered == listed:
        return []
    values = {"listed": listed, "registered": registered, "list": loaded.source}
    return [Fact("differs", "warn", values, (), told.source or "", told.as_of)]


def _emergency(facts: Facts) -> list[Fact]:
    """The test of 第六十三条: fled, or cannot pay for now; a post can only point at it."""
    key = "emergency_fled" if "employer_fled" in facts.traits else "emergency_check"
    found = [Fact(key, "warn" if key == "emergency_fled" else "plain", {}, ("TL63",))]
    return found + ([Fact("emergency_hardship", "warn", {}, ("TL63",))] if "hardship" in facts.traits else [])


# ------------------------------------------------------------------ what is not known, and what is to be looked into
def _unknown(book: Book, match: Match, told: Funds, held: Held) -> list[Fact]:
    found = []
    if not held.known:
        found.append(_missing(book, "deposits", "deposit"))
    if not told.account and not (match.row and book.lines("accounts", match.row)):
        found.append(_missing(book, "accounts", "account"))
    if contractor_of(book, match, told) is None:
        found.append(Fact("no_contractor", articles=("TL30(3)",)))
    found += [Fact(f"no_{key}") for key in ("real_name", "board") if getattr(told, key) is None]
    return found


def _missing(book: Book, kind: str, name: str) -> Fact:
    """Two different things: the list was never loaded, or it was and this project is not found in it."""
    loaded = book.lists.get(kind)
    if loaded is None:
        return Fact(f"{name}_not_loaded")
    return Fact(f"{name}_not_listed", source=loaded.source, as_of=loaded.as_of)


def _found(book: Book, match: Match, told: Funds, held: Held, today: date) -> list[str]:
    found = []
    if held.known and all(one.form is Form.NONE for one in held.lodged):
        found.append("deposit")
    over = [one for one in held.lodged if one.form not in (Form.NONE, Form.EXEMPT)]
    if over and all(holds(one, today) is False for one in over):
        found.append("deposit_over")
    lines = book.lines("accounts", match.row) if match.row else []
    accounts = [line.account for line in lines if line.account] or ([told.account] if told.account else [])
    if accounts and all(one.state is AccountState.NONE for one in accounts):
        found.append("account")
    return found + [key for key in ("real_name", "board") if getattr(told, key) is False]
