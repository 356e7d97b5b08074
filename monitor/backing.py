"""What the county's own lists say: of the money behind a project, and of firms that have begun to run short of it.

Types only. None always means "nobody has told us" and never "no": a no is written as one. Knows companies and projects,
never persons; of an account number no more than its last four digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Form(StrEnum):
    """How a 工资保证金 was lodged (条例第三十二条)."""

    CASH = "cash"
    GUARANTEE = "guarantee"  # of a bank
    INSURANCE = "insurance"
    EXEMPT = "exempt"  # 免存: lawfully none
    NONE = "none"  # 未存: a plain no


class AccountState(StrEnum):
    """Whether a 工资专用账户 exists (条例第二十六条)."""

    OPEN = "open"
    NONE = "none"  # a plain no
    CLOSED = "closed"  # 已销户: after completion, once nothing is owed (第二十七条第二款)


@dataclass(frozen=True, slots=True)
class Deposit:
    """工资保证金. `form` None: the list does not say which; `until`: the last day it holds, that day included."""

    form: Form | None = None
    yuan: float | None = None
    until: date | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """工资专用账户. `tail`: last four digits; `paid`: the first day of the last month wages were paid through it."""

    state: AccountState
    bank: str | None = None
    tail: str | None = None
    paid: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What one line of the register says. `source` and `as_of`: which list it came from, and of which day it speaks."""

    contractor: str | None = None  # 施工总承包单位
    owner: str | None = None  # 建设单位
    deposit: Deposit | None = None
    account: Account | None = None
    real_name: bool | None = None  # 用工实名制
    board: bool | None = None  # 维权信息告示牌
    source: str | None = None
    as_of: date | None = None


class Sign(StrEnum):
    """What a firm that runs short leaves unpaid first, or that its work stands still (条例第三十八条第二款)."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    ESTATE = "estate"  # 物业费、租金
    CREDIT = "credit"  # overdue loans
    TAX = "tax"
    SOCIAL = "social"  # 社会保险费; the Regulation does not name it, the office's practice does
    IDLE = "idle"  # 停工停产


class Trend(StrEnum):
    """A line beside the list before it, as it was when the list was loaded."""

    NEW = "new"
    MORE = "more"
    LESS = "less"
    SAME = "same"


class Found(StrEnum):
    """What came of looking into a firm that runs short."""

    SOUND = "sound"  # wages are paid
    WARNED = "warned"  # paid so far, the firm was told its duty
    OWING = "owing"  # wages are owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A firm looked into: what was found, in words too, by which officer, when."""

    firm: str
    found: Found
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signal:
    """Standing in such a list. `months` unpaid, `yuan` unpaid, `since` when; None: the list does not say."""

    months: int | None = None
    yuan: float | None = None
    since: date | None = None
    trend: Trend | None = None  # None: there was no list before


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list, as the office wrote it: of a project's deposit or account, or of a firm's signal."""

    project: str = ""
    firm: str | None = None  # 施工总承包单位; of a signal the firm that owes
    deposit: Deposit | None = None
    account: Account | None = None
    signal: Signal | None = None
    file: str = ""
    row: int = 0


MONEY = ("deposits", "accounts")
SIGNS = tuple(sign.value for sign in Sign)
LISTS = (*MONEY, *SIGNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A list as it was loaded, whole. `as_of`: the day its figures speak of; `at`: when it was loaded, by whom."""

    kind: str  # one of LISTS
    lines: Sequence[Line]
    source: str
    sha256: str
    as_of: date
    at: datetime
    by: str
