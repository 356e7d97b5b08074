"""The fictional county's lists, dated from today so that something always ends soon and a firm is always new on one.

Knows what a district would hand over; how a list is kept and matched the house knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.backing import Account, AccountState, Deposit, Form, Found, Line, Signal
from monitor.clocks import Calendar
from monitor.ledger import Ledger
from monitor.ledger.funds import load_list, note_visit
from monitor.model import County
from monitor.routing import load_matrix
from monitor.store import funds, open_store
from monitor.text import SHANGHAI

AGO, BEFORE = timedelta(days=6), timedelta(days=36)  # how old the lists are, and those before them


@cache
def _lists() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.demo") / "lists.yaml").read_text(encoding="utf-8"))
    return loaded


def lines(kind: str, today: date, *, before: bool = False) -> list[Line]:
    """A list as it would be read from its sheet on this day; `before`: the one before it, empty where there is none."""
    source = _lists()["sources"][kind]
    rows = _lists()["before"].get(kind, ()) if before else _lists()[kind]
    return [
        Line(
            project=one.get("project", ""),
            firm=one.get("firm"),
            deposit=_deposit(one["deposit"], today) if "deposit" in one else None,
            account=_account(one["account"], today) if "account" in one else None,
            signal=_signal(one["signal"], today) if "signal" in one else None,
            file=source,
            row=row,
        )
        for row, one in enumerate(rows, 2)
    ]


def _deposit(one: Mapping[str, Any], today: date) -> Deposit:
    until = today + timedelta(days=one["days"]) if "days" in one else None
    return Deposit(Form(one["form"]), one.get("yuan"), until, one.get("where"))


def _account(one: Mapping[str, Any], today: date) -> Account:
    paid = _months_before(today, one["months_ago"]) if "months_ago" in one else None
    return Account(AccountState(one["state"]), one.get("bank"), one.get("tail"), paid)


def _signal(one: Mapping[str, Any], today: date) -> Signal:
    since = _months_before(today, one["months_ago"]) if "months_ago" in one else None
    return Signal(one.get("months"), one.get("yuan"), since)


def _months_before(today: date, months: int) -> date:
    whole = today.year * 12 + today.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def bring_lists(database: str, county: County, key: bytes) -> None:
    """Loads the lists into the demo's database, once: first those before, then those of now."""
    now = datetime.now(UTC)
    today = now.astimezone(SHANGHAI).date()
    store = open_store(database)
    try:
        ledger = Ledger(store, county, load_matrix(), Calendar(), key)
        with store.read() as c:
            known = funds.lists(c)
        for kind, source in _lists()["sources"].items():
            for earlier in (True, False) if kind not in known else ():
                if given := lines(kind, today, before=earlier):
                    load_list(
                        ledger, kind, given, source=source, as_of=today - (BEFORE if earlier else AGO),
                        by=_lists()["by"], at=now, reason=_lists()["reason"],
                    )  # fmt: skip
        if not known:
            seen = _lists()["visit"]
            note_visit(ledger, seen["firm"], Found(seen["found"]), note=seen["note"], by=_lists()["by"], at=now)
    finally:
        store.close()
