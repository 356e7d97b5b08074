"""People who work with the service, their sessions. Knows the tables `users` and `sessions`; hashes nothing itself.

These are officials on duty. Nothing here is about a poster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.schema import second_factors, sessions, users

Row = dict[str, Any]


def all_users(c: Connection) -> list[Row]:
    """Everybody, by name; without password hashes."""
    shown = [column for column in users.c if column.name != "password"]
    return [dict(row) for row in c.execute(select(*shown).order_by(users.c.name)).mappings()]


def user(c: Connection, name: str) -> Row | None:
    """One person with the password hash, failures and lock."""
    row = c.execute(select(users).where(users.c.name == name)).mappings().first()
    return dict(row) if row else None


def named(c: Connection, name: str) -> list[str]:
    """The accounts in use of somebody called so: by sign-in name or by the name that is shown."""
    query = select(users.c.name).where((users.c.name == name) | (users.c.display == name), users.c.disabled.is_(False))
    return list(c.execute(query).scalars())


def add_user(
    c: Connection, name: str, *, display: str, password: str, role: str, department: str | None = None,
    towns: Sequence[str] = (),
) -> None:  # fmt: skip
    """Adds a person; `password` is an argon2 hash. IntegrityError when the name is taken."""
    row = {"name": name, "display": display, "password": password, "role": role, "department": department}
    c.execute(insert(users).values(**row, towns=list(towns) or None, disabled=False, failures=0))


def add_new(
    c: Connection, name: str, *, display: str, password: str, role: str, department: str | None = None,
    towns: Sequence[str] = (),
) -> bool:  # fmt: skip
    """As `add_user`, unless the name is taken: then False, and nothing is written."""
    if user(c, name) is not None:
        return False
    add_user(c, name, display=display or name, password=password, role=role, department=department, towns=towns)
    return True


def change_user(c: Connection, name: str, values: Mapping[str, Any]) -> bool:
    """Changes columns of a person (password, role, department, towns, disabled, display); False when there is none."""
    return c.execute(update(users).where(users.c.name == name).values(**values)).rowcount == 1


def failed(c: Connection, name: str, *, locked_until: datetime | None) -> None:
    """Counts a wrong password, and locks when the caller says so."""
    values = {"failures": users.c.failures + 1, "locked_until": locked_until}
    c.execute(update(users).where(users.c.name == name).values(**values))


def succeeded(c: Connection, name: str) -> None:
    """Forgets earlier wrong passwords."""
    c.execute(update(users).where(users.c.name == name).values(failures=0, locked_until=None))


def open_session(c: Connection, id_: str, *, user: str, csrf: str, now: datetime, expires_at: datetime) -> None:
    """Begins a session; `id_` is the hash of the cookie."""
    row = {"id": id_, "user": user, "csrf": csrf, "created_at": now, "seen_at": now, "expires_at": expires_at}
    c.execute(insert(sessions).values(**row))


def session(c: Connection, id_: str, now: datetime) -> Row | None:
    """A session that has not expired, of a person not disabled, with the columns of `Person`."""
    in_force = second_factors.c.since.is_not(None).label("paired")
    query = (
        select(sessions, users.c.role, users.c.department, users.c.towns, users.c.display, in_force)
        .join(users, users.c.name == sessions.c.user)
        .outerjoin(second_factors, second_factors.c.user == users.c.name)
        .where(sessions.c.id == id_, sessions.c.expires_at > now, users.c.disabled.is_(False))
    )
    row = c.execute(query).mappings().first()
    return dict(row) if row else None


def seen(c: Connection, id_: str, now: datetime) -> None:
    """Notes that the session was used."""
    c.execute(update(sessions).where(sessions.c.id == id_).values(seen_at=now))


def close_session(c: Connection, id_: str) -> None:
    """Ends one session."""
    c.execute(delete(sessions).where(sessions.c.id == id_))


def close_sessions_of(c: Connection, name: str, *, but: str | None = None) -> int:
    """Ends every session of a person, except `but`; returns how many."""
    query = delete(sessions).where(sessions.c.user == name)
    return c.execute(query if but is None else query.where(sessions.c.id != but)).rowcount


def drop_expired(c: Connection, now: datetime) -> int:
    """Forgets sessions that have expired."""
    return c.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount
