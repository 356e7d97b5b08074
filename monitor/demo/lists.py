"""The fictional county's lists of deposits and special accounts, dated from today so that something always ends soon.

Knows what a district would hand over; how a list is kept and matched the house knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.backing import LISTS, Account, AccountState, Deposit, Form, Line
from monitor.clocks import Calendar
from monitor.ledger import Ledger
from monitor.ledger.funds import load_list
from monitor.model import County
from monitor.routing import load_matrix
from monitor.store import funds, open_store
from monitor.text import SHANGHAI

AGO = timedelta(days=6)  # how old the lists are


@cache
def _lists() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.demo") / "lists.yaml").read_text(encoding="utf-8"))
    return loaded


def lines(kind: str, today: date) -> list[Line]:
    """A list as it would be read from its sheet on this day."""
    source = _lists()["sources"][kind]
    return [
        Line(
            project=one["project"],
            firm=one.get("firm"),
            deposit=_deposit(one["deposit"], today) if "deposit" in one else None,
            account=_account(one["account"], today) if "account" in one else None,
            file=source,
            row=row,
        )
        for row, one in enumerate(_lists()[kind], 2)
    ]


def _deposit(one: Mapping[str, Any], today: date) -> Deposit:
    until = today + timedelta(days=one["days"]) if "days" in one else None
    return Deposit(Form(one["form"]), one.get("yuan"), until, one.get("where"))


def _account(one: Mapping[str, Any], today: date) -> Account:
    paid = _months_before(today, one["months_ago"]) if "months_ago" in one else None
    return Account(AccountState(one["state"]), one.get("bank"), one.get("tail"), paid)


def _months_before(today: date, months: int) -> date:
    whole = today.year * 12 + today.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def bring_lists(database: str, county: County, key: bytes) -> None:
    """Loads both lists into the demo's database, once."""
    now = datetime.now(UTC)
    today = now.astimezone(SHANGHAI).date()
    store = open_store(database)
    try:
        ledger = Ledger(store, county, load_matrix(), Calendar(), key)
        with store.read() as c:
            known = funds.lists(c)
        for kind in LISTS:
            if kind not in known:
                load_list(
                    ledger, kind, lines(kind, today), source=_lists()["sources"][kind], as_of=today - AGO,
                    by=_lists()["by"], at=now, reason=_lists()["reason"],
                )  # fmt: skip
    finally:
        store.close()
