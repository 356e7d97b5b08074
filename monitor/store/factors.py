"""The second factor of an account: its sealed secret, the step last used, recovery codes. Knows the table
`second_factors`; makes and checks no code itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.schema import second_factors

Row = dict[str, Any]


def factor(c: Connection, user: str) -> Row | None:
    """The second factor of a person; `since` None: begun, and not confirmed by a first code."""
    row = c.execute(select(second_factors).where(second_factors.c.user == user)).mappings().first()
    return dict(row) if row else None


def paired(c: Connection) -> frozenset[str]:
    """The accounts that sign in with a second factor."""
    return frozenset(c.execute(select(second_factors.c.user).where(second_factors.c.since.is_not(None))).scalars())


def begin(c: Connection, user: str, secret: str) -> bool:
    """A new secret that waits for its first code; False, and nothing changes, where one is in force already."""
    row = factor(c, user)
    if row is not None and row["since"] is not None:
        return False
    drop(c, user)
    c.execute(insert(second_factors).values(user=user, secret=secret, since=None, used=0, recovery={}))
    return True


def confirm(c: Connection, user: str, step: int, recovery: Mapping[str, str], now: datetime) -> bool:
    """In force from now on; `step` is that of the first code. False: there is nothing to confirm."""
    waiting = (second_factors.c.user == user) & second_factors.c.since.is_(None)
    return c.execute(
        update(second_factors).where(waiting).values(since=now, used=step, recovery=dict(recovery))
    ).rowcount == 1  # fmt: skip


def use_step(c: Connection, user: str, step: int) -> bool:
    """Whether a code of this step may still serve; then never again, nor any earlier one (RFC 6238, 5.2)."""
    later = (second_factors.c.user == user) & (second_factors.c.used < step)
    return c.execute(update(second_factors).where(later).values(used=step)).rowcount == 1


def use_recovery(c: Connection, user: str, group: str) -> bool:
    """Strikes a recovery code off by its first group; False: it was used already.

    The row is held from the look to the writing: on a server two sign-ins at once would both find the code unused.
    """
    query = select(second_factors.c.recovery).where(second_factors.c.user == user).with_for_update()
    left = c.execute(query).scalar()
    if left is None or group not in left:
        return False
    rest = {key: value for key, value in left.items() if key != group}
    return renew_recovery(c, user, rest)


def renew_recovery(c: Connection, user: str, recovery: Mapping[str, str]) -> bool:
    """Other recovery codes; False where there is no second factor."""
    query = update(second_factors).where(second_factors.c.user == user).values(recovery=dict(recovery))
    return c.execute(query).rowcount == 1


def drop(c: Connection, user: str) -> bool:
    """Back to the password alone; False where there was no second factor."""
    return c.execute(delete(second_factors).where(second_factors.c.user == user)).rowcount == 1
