"""One's own account and password, and the administrator's list of accounts. Knows accounts, no incident.

There is no default account: the first start makes an administrator with a random password that is printed once.
"""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.errors import InputError
from monitor.ledger.accounts import add_account, set_disabled, set_scope, unpair
from monitor.store import Store, factors, users
from monitor.web import passwords
from monitor.web.access import ADMIN, CONFINABLE, ROLES, Person, unfit, wide
from monitor.web.desk import Desk, desk_of, words
from monitor.web.sessions import Administrator, AdministratorForm, Anybody, AnyForm, Submission, TooOften
from monitor.web.signing import text
from monitor.web.subscription import address_for

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
FIRST = "admin"


def first_account(store: Store) -> str | None:
    """Makes the first administrator, named `admin`, where nobody exists yet; returns the password to print once."""
    password = passwords.fresh()
    stored = passwords.hashed(password)

    def make(c: Any) -> bool:
        if users.all_users(c):
            return False
        users.add_user(c, FIRST, display=words()["roles"][ADMIN], password=stored, role=ADMIN)
        return True

    return password if store.unit(make) else None


# ------------------------------------------------------------------ one's own account
@router.get("/account")
def account(request: Request, person: Anybody) -> Response:
    return _account(request, person, None)


def _account(request: Request, person: Person, refused: str | None) -> HTMLResponse:
    desk = desk_of(request)
    with desk.store.read() as c:
        row = users.user(c, person.name)
    return desk.page(
        request, "account.html", person, status=400 if refused else 200, refused=refused,
        shortest=passwords.SHORTEST, advised=passwords.ADVISED,
        subscription=address_for(desk, person.name, row["password"]) if row else "",
    )  # fmt: skip


@router.post("/account/password")
def change_password(request: Request, sent: AnyForm) -> Response:
    desk, person = desk_of(request), sent.person
    old, new, again = (text(sent.form, key) for key in ("old", "new", "again"))
    wait = desk.by_account.wait(person.name, desk.now().timestamp())
    if wait:
        raise TooOften(wait)
    with desk.store.read() as c:
        row = users.user(c, person.name)
    right = row is not None and passwords.matches(row["password"], old)
    refused = "wrong" if not right else "differ" if new != again else passwords.refusal(new, person.name)
    if refused:
        return _account(request, person, refused)
    _set_password(desk, person.name, new, but=person.session)
    log.info("password changed", user=person.name)
    return RedirectResponse("/account?done=password", status_code=303)


def _set_password(desk: Desk, name: str, password: str, *, but: str | None = None) -> bool:
    """Writes a password and ends the person's other sessions (ASVS V7.4.3); False when there is no such person."""
    stored = passwords.hashed(password)

    def write(c: Any) -> bool:
        users.close_sessions_of(c, name, but=but)
        users.succeeded(c, name)
        return users.change_user(c, name, {"password": stored})

    return desk.store.unit(write)


# ------------------------------------------------------------------ the administrator
@router.get("/users")
def people(request: Request, person: Administrator) -> Response:
    return _people(request, person)


def _people(request: Request, person: Person, made: tuple[str, str] | None = None) -> HTMLResponse:
    """The list; `made`: name and new password, shown this once."""
    desk = desk_of(request)
    with desk.store.read() as c:
        rows, paired = users.all_users(c), factors.paired(c)
    return desk.page(
        request, "users.html", person, rows=rows, roles=ROLES, departments=desk.names.departments, made=made,
        towns=desk.config.county.towns, confinable=CONFINABLE, wide=wide,
        paired=paired, asked=desk.config.settings.paired_roles,
    )  # fmt: skip


@router.post("/users")
def add(request: Request, sent: AdministratorForm) -> Response:
    desk, password = desk_of(request), passwords.fresh()
    name, display, role = (sent.text(key, 60) for key in ("name", "display", "role"))
    department, towns = _scope(desk, sent)
    says = desk.words["accounts"]
    if not name or not name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise InputError(says["name"])
    if role not in ROLES:
        raise InputError(says["role"])
    if why := unfit(role, department, towns):
        raise InputError(says[why])
    if not add_account(
        desk.ledger, name, display=display, password=passwords.hashed(password), role=role, department=department,
        towns=towns, by=sent.person.name, at=desk.now(), reason=says["reasons"]["add"],
    ):  # fmt: skip
        raise InputError(says["taken"])
    log.info("account added", user=name, role=role, department=department, towns=towns, by=sent.person.name)
    return _people(request, sent.person, (name, password))


def _scope(desk: Desk, sent: Submission) -> tuple[str | None, list[str]]:
    """Department and towns as chosen; InputError for what the county does not have."""
    department = sent.text("department", 40) or None
    towns = [town for town in sent.form.getlist("towns") if isinstance(town, str) and town]
    if department is not None and department not in desk.names.departments:
        raise InputError(desk.words["accounts"]["role"])
    if any(town not in desk.config.county.towns for town in towns):
        raise InputError(desk.words["accounts"]["town"])
    return department, list(dict.fromkeys(towns))


@router.post("/users/{name}/scope")
def confine(request: Request, name: str, sent: AdministratorForm) -> Response:
    """Gives an account another department or other towns; it holds from the next click on."""
    desk = desk_of(request)
    says, (department, towns) = desk.words["accounts"], _scope(desk, sent)
    with desk.store.read() as c:
        row = users.user(c, name)
    if row is None:
        raise InputError(says["unknown"])
    if why := unfit(row["role"], department, towns):
        raise InputError(says[why])
    set_scope(
        desk.ledger, name, department=department, towns=towns, by=sent.person.name, at=desk.now(),
        reason=sent.text("reason", 300) or says["reasons"]["scope"],
    )  # fmt: skip
    log.info("account confined", user=name, department=department, towns=towns, by=sent.person.name)
    return RedirectResponse("/users?done=account", status_code=303)


@router.post("/users/{name}/{step}")
def change(request: Request, name: str, step: str, sent: AdministratorForm) -> Response:
    """`step`: disable, enable, reset, sessions, unpair. Nobody disables the own account."""
    desk = desk_of(request)
    if step == "disable" and name == sent.person.name:
        raise InputError(desk.words["accounts"]["self"])
    password = passwords.fresh() if step == "reset" else None
    found = _set_password(desk, name, password) if password else _step(desk, name, step, sent.person.name)
    if not found:
        raise InputError(desk.words["accounts"]["unknown"])
    log.info("account changed", user=name, step=step, by=sent.person.name)
    if password:
        return _people(request, sent.person, (name, password))
    return RedirectResponse("/users?done=account", status_code=303)


def _step(desk: Desk, name: str, step: str, by: str) -> bool:
    """Disabling ends the person's sessions in the same transaction (ASVS V7.4.2)."""
    if step == "sessions":
        return desk.store.unit(lambda c: users.user(c, name) is not None and users.close_sessions_of(c, name) >= 0)
    if step not in ("disable", "enable", "unpair"):
        return False
    why = desk.words["accounts"]["reasons"][step]
    if step == "unpair":
        return unpair(desk.ledger, name, by=by, at=desk.now(), reason=why)
    return set_disabled(desk.ledger, name, disabled=step == "disable", by=by, at=desk.now(), reason=why)
