"""Accounts as acts of the ledger: who was given which sight, and by whom; the table's row and the chain's together.

Knows the table of accounts and the ledger's door. Passwords are hashed elsewhere and never told here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.ledger.door import Ledger
from monitor.model import Act, Change
from monitor.store import factors, users


def add_account(
    ledger: Ledger, name: str, *, display: str, password: str, role: str, department: str | None,
    towns: Sequence[str] = (), by: str, at: datetime, reason: str,
) -> bool:  # fmt: skip
    """Adds an account (`password`: an argon2 hash); False when the name is taken, and nothing is written."""
    given = {"name": name, "role": role, "department": department, "towns": list(towns)}

    def work(c: Connection) -> bool:
        return users.add_new(
            c, name, display=display, password=password, role=role, department=department, towns=towns
        )  # fmt: skip

    return _recorded(ledger, work, {"do": "add", **given}, by, at, reason)


def set_scope(
    ledger: Ledger, name: str, *, department: str | None, towns: Sequence[str], by: str, at: datetime, reason: str
) -> bool:
    """Confines an account to a department and towns from its next click on; False when there is none of that name."""
    given = {"name": name, "department": department, "towns": list(towns)}

    def work(c: Connection) -> bool:
        return users.change_user(c, name, {"department": department, "towns": list(towns) or None})

    return _recorded(ledger, work, {"do": "scope", **given}, by, at, reason)


def set_disabled(ledger: Ledger, name: str, *, disabled: bool, by: str, at: datetime, reason: str) -> bool:
    """Closes an account and ends its sessions at once, or opens it again; False when there is none of that name."""

    def work(c: Connection) -> bool:
        if disabled:
            users.close_sessions_of(c, name)
        return users.change_user(c, name, {"disabled": disabled, "failures": 0, "locked_until": None})

    return _recorded(ledger, work, {"do": "disable" if disabled else "enable", "name": name}, by, at, reason)


def unpair(ledger: Ledger, name: str, *, by: str, at: datetime, reason: str) -> bool:
    """Takes an account's second step of sign-in away and ends its sessions; False when it has none."""

    def work(c: Connection) -> bool:
        return factors.drop(c, name) and users.close_sessions_of(c, name) >= 0

    return _recorded(ledger, work, {"do": "unpair", "name": name}, by, at, reason)


def _recorded(
    ledger: Ledger, work: Callable[[Connection], bool], data: Mapping[str, Any], by: str, at: datetime, reason: str
) -> bool:
    def decide(c: Connection) -> tuple[bool, list[Change]]:
        done = work(c)
        return done, [Change(act=Act.ACCOUNT, at=at, reason=reason, actor=by, data=data)] if done else []

    return ledger.record_with(decide)
