"""`xinshao user add|scope|disable|enable|reset|unpair|list`: who may sign in and see what. No default password."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from monitor.commands.opening import By, clock_now, known_county, matrix_in_force, opened_ledger, opened_store
from monitor.commands.saying import tell

app = typer.Typer(help="Accounts of the web pages. Example: xinshao user add zhou --role duty", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
Towns = Annotated[
    list[str] | None, typer.Option("--town", help="属地: only cases of this town; may be given several times.")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin instead of making a random one.")
]


def register(main: typer.Typer) -> None:
    main.add_typer(app, name="user")


def _refuse(text: str, status: int) -> typer.Exit:
    tell(text)
    return typer.Exit(status)


def _password(name: str, from_stdin: bool) -> tuple[str, bool]:
    """The password and whether it was made here (and must be shown)."""
    from monitor.web import passwords

    if not from_stdin:
        return passwords.fresh(), True
    given = sys.stdin.readline().rstrip("\r\n")
    why = passwords.refusal(given, name)
    if why:
        least = passwords.SHORTEST
        raise _refuse(f"refused ({why}): at least {least} characters, none that leaked or holds a name", 2)
    return given, False


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="duty, handler, leader, admin or auditor.")] = "duty",
    department: Annotated[str | None, typer.Option(help="Department id of the matrix: only its cases.")] = None,
    display: Annotated[str, typer.Option(help="The name shown on pages.")] = "",
    town: Towns = None,
    by: By = "operator",
    password_stdin: FromStdin = False,
) -> None:
    """Adds an account and prints its password once.

    Example: xinshao user add li --role handler --department housing --display 李工
    """
    from monitor.ledger.accounts import add_account
    from monitor.web import passwords
    from monitor.web.access import ROLES, wide

    if role not in ROLES:
        raise _refuse(f"unknown role {role!r}: one of {', '.join(ROLES)}", 2)
    towns = _fitting(role, department, town or [])
    password, made = _password(name, password_stdin)
    with opened_ledger() as ledger:
        if not add_account(
            ledger, name, display=display, password=passwords.hashed(password), role=role, department=department,
            towns=towns, by=by, at=clock_now(), reason="user add",
        ):  # fmt: skip
            raise _refuse(f"there is an account {name!r} already; `xinshao user reset {name}` gives a new password", 1)
    if wide(role, department, towns) and known_county().towns:
        tell(f"{name} sees the cases of every town: confine it with `xinshao user scope {name} --town NAME`")
    _show(name, password if made else None)


def _fitting(role: str, department: str | None, towns: list[str]) -> list[str]:
    """The towns, once department and towns are such as there are and such as the role may have (exit 2 otherwise)."""
    from monitor.web.access import unfit

    departments, known = frozenset(matrix_in_force().departments), known_county().towns
    if department is not None and department not in departments:
        raise _refuse(f"the matrix knows no department {department!r}: one of {', '.join(sorted(departments))}", 2)
    for town in towns:
        if known and town not in known:
            raise _refuse(f"the county has no town {town!r}: one of {', '.join(known)}", 2)
    why = unfit(role, department, towns)
    if why == "office":
        raise _refuse(f"a {role} sees the whole county: only a handler or a leader is confined to towns", 2)
    if why:
        raise _refuse("a handler belongs to a department or a town: add --department or --town", 2)
    return list(dict.fromkeys(towns))


@app.command()
def scope(
    name: Name,
    department: Annotated[str | None, typer.Option(help="Department id of the matrix; left out: any.")] = None,
    town: Towns = None,
    reason: Annotated[str, typer.Option(help="Goes into the ledger.")] = "user scope",
    by: By = "operator",
) -> None:
    """Says what a handler or leader sees: cases of a department, of towns, or both; holds at once. No option: any.

    Example: xinshao user scope li --department town --town 柳溪镇 --by zhou
    """
    from monitor.ledger.accounts import set_scope
    from monitor.store import users

    with opened_ledger() as ledger:
        with ledger.store.read() as c:
            row = users.user(c, name)
        if row is None:
            raise _unknown(name)
        towns = _fitting(row["role"], department, town or [])
        set_scope(ledger, name, department=department, towns=towns, by=by, at=clock_now(), reason=reason)
    print("\t".join((name, row["role"], department or "-", ",".join(towns) or "-")))


def _show(name: str, password: str | None) -> None:
    print(f"{name}\t{password}" if password else name)
    if password:
        tell("shown this once; change it after the first sign-in")


@app.command()
def reset(name: Name, password_stdin: FromStdin = False) -> None:
    """Gives a new password, printed once; ends every session and lifts a lock.

    Example: xinshao user reset zhou
    """
    from monitor.web import passwords

    password, made = _password(name, password_stdin)
    _change(name, {"password": passwords.hashed(password), "failures": 0, "locked_until": None})
    _show(name, password if made else None)


@app.command()
def disable(name: Name, by: By = "operator") -> None:
    """Closes an account and ends its sessions at once.

    Example: xinshao user disable zhou
    """
    _set_disabled(name, True, by)


@app.command()
def enable(name: Name, by: By = "operator") -> None:
    """Opens a closed account again.

    Example: xinshao user enable zhou
    """
    _set_disabled(name, False, by)


def _set_disabled(name: str, disabled: bool, by: str) -> None:
    from monitor.ledger.accounts import set_disabled

    why = "user disable" if disabled else "user enable"
    with opened_ledger() as ledger:
        if not set_disabled(ledger, name, disabled=disabled, by=by, at=clock_now(), reason=why):
            raise _unknown(name)


def _unknown(name: str) -> typer.Exit:
    return _refuse(f"there is no account {name!r}; `xinshao user list` shows them", 1)


@app.command()
def unpair(name: Name, by: By = "operator") -> None:
    """Takes the second step of sign-in from an account whose phone is lost; ends its sessions.

    Example: xinshao user unpair zhou
    """
    from monitor.ledger.accounts import unpair
    from monitor.store import users

    with opened_ledger() as ledger:
        with ledger.store.read() as c:
            if users.user(c, name) is None:
                raise _unknown(name)
        if not unpair(ledger, name, by=by, at=clock_now(), reason="user unpair"):
            raise _refuse(f"{name!r} signs in with a password alone", 1)
    print(name)


def _change(name: str, values: dict[str, Any]) -> None:
    from monitor.store import users

    def write(c: Any) -> bool:
        users.close_sessions_of(c, name)
        return users.change_user(c, name, values)

    with opened_store() as store:
        if not store.unit(write):
            raise _unknown(name)


@app.command("list")
def list_() -> None:
    """Lists the accounts: name, role, department, towns, state, and what is asked at sign-in.

    Example: xinshao user list
    """
    from monitor.store import factors, users

    with opened_store() as store, store.read() as c:
        paired = factors.paired(c)
        for row in users.all_users(c):
            state = "disabled" if row["disabled"] else "active"
            towns = ",".join(row["towns"] or ()) or "-"
            steps = "two steps" if row["name"] in paired else "password"
            print("\t".join((row["name"], row["role"], row["department"] or "-", towns, state, steps)))
