"""county.yaml -> who is responsible here, and the county's own register. Knows every key and its limits."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from monitor import written
from monitor.backing import Account, AccountState, Deposit, Form, Funds
from monitor.errors import ConfigError
from monitor.model import Contact, County, RegisterRow
from monitor.text import MAIL, SHANGHAI
from monitor.written import Strict, Text

NOT_THERE = "go to the folder of the installation, or name the file with --county"
NOWHERE = County(code="000000", name="")  # an installation that has not been told where it is


class ContactEntry(Strict):
    name: Text
    mail: Annotated[str, Field(pattern=f"^{MAIL}$")] | None = None
    phone: str | None = None
    robot: str | None = None
    town: Text | None = None


class DepositEntry(Strict):
    form: Form | None = None
    yuan: Annotated[float, Field(gt=0, le=1_000_000_000)] | None = None
    until: date | None = None
    where: Text | None = None


def _month(value: Any) -> Any:
    """`2026-09` -> its first day."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        return date.fromisoformat(f"{value}-01")
    raise ValueError("must be a month like 2026-09")


class AccountEntry(Strict):
    state: AccountState
    bank: Text | None = None
    tail: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None
    paid: Annotated[date, BeforeValidator(_month)] | None = None


class FundsEntry(Strict):
    """What the register says of the money behind a project; what is left out is not known, and not a no."""

    contractor: Text | None = None
    owner: Text | None = None
    deposit: DepositEntry | None = None
    account: AccountEntry | None = None
    real_name: bool | None = None
    board: bool | None = None
    source: Text | None = None
    as_of: date | None = None

    def funds(self) -> Funds:
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        lodged, account = self.deposit, self.account
        plain["deposit"] = Deposit(**lodged.model_dump()) if lodged else None
        return Funds(**{**plain, "account": Account(**account.model_dump()) if account else None})


class RegisterEntry(Strict):
    kind: Literal["project", "employer", "place"]
    name: Text
    town: str | None = None
    aliases: tuple[str, ...] = ()
    sector: str | None = None
    gov_invested: bool = False
    soe: bool = False
    employers: tuple[str, ...] = ()
    owner_department: str | None = None
    funds: FundsEntry | None = None

    def row(self) -> RegisterRow:
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        return RegisterRow(**{**plain, "funds": self.funds.funds() if self.funds else None})


class CountyEntry(Strict):
    """county.yaml as written."""

    code: Annotated[str, Field(pattern=r"^\d{6,12}$")]
    name: Text
    province: str = ""
    city: str = ""
    towns: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    register_: tuple[RegisterEntry, ...] = Field((), alias="register")
    contacts: dict[str, tuple[ContactEntry, ...]] = Field(default_factory=dict)
    lead_policy: Literal["industry_first", "hrss_first"] = "industry_first"
    campaigns: tuple[tuple[datetime, datetime], ...] = ()

    @field_validator("campaigns", mode="before")
    @classmethod
    def _dates(cls, value: Any) -> Any:
        """`- [2026-11-01, 2027-02-05]`: both days count, Asia/Shanghai."""
        periods = []
        for period in value or ():
            start, end = (datetime.fromisoformat(str(day)).replace(tzinfo=SHANGHAI) for day in period)
            if start >= end:
                raise ValueError(f"campaign ends before it starts: {period}")
            periods.append((start, end + timedelta(days=1)))
        return tuple(periods)

    def county(self) -> County:
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in ("register_", "contacts")}
        return County(
            **plain,
            register=tuple(row.row() for row in self.register_),
            contacts={
                department: tuple(Contact(**contact.model_dump()) for contact in contacts)
                for department, contacts in self.contacts.items()
            },
        )


def read_county(path: Path) -> County:
    """The county of one file. ConfigError lists every fault."""
    try:
        return CountyEntry.model_validate(written.document(path, absent=NOT_THERE) or {}).county()
    except ValidationError as problem:
        raise ConfigError(written.faults(path.name, problem)) from problem
