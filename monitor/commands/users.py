"""`xinshao user add|disable|enable|reset|list`: who may sign in. Knows accounts only; there is no default password."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from monitor.commands.opening import matrix_in_force, opened_store
from monitor.commands.saying import tell

app = typer.Typer(help="Accounts of the web pages. Example: xinshao user add zhou --role duty", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
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
    department: Annotated[str | None, typer.Option(help="Department id of the matrix; a handler needs one.")] = None,
    display: Annotated[str, typer.Option(help="The name shown on pages.")] = "",
    password_stdin: FromStdin = False,
) -> None:
    """Adds an account and prints its password once.

    Example: xinshao user add li --role handler --department housing --display 李工
    """
    from monitor.store import users
    from monitor.web import passwords
    from monitor.web.access import HANDLER, ROLES

    if role not in ROLES:
        raise _refuse(f"unknown role {role!r}: one of {', '.join(ROLES)}", 2)
    if department is not None and department not in _departments():
        raise _refuse(f"the matrix knows no department {department!r}: one of {', '.join(sorted(_departments()))}", 2)
    if role == HANDLER and department is None:
        raise _refuse("a handler belongs to a department: add --department", 2)
    password, made = _password(name, password_stdin)
    row: dict[str, Any] = {"display": display, "role": role, "department": department}
    row["password"] = passwords.hashed(password)
    with opened_store() as store:
        if not store.unit(lambda c: users.add_new(c, name, **row)):
            raise _refuse(f"there is an account {name!r} already; `xinshao user reset {name}` gives a new password", 1)
    _show(name, password if made else None)


def _departments() -> frozenset[str]:
    return frozenset(matrix_in_force().departments)


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
def disable(name: Name) -> None:
    """Closes an account and ends its sessions at once.

    Example: xinshao user disable zhou
    """
    _change(name, {"disabled": True})


@app.command()
def enable(name: Name) -> None:
    """Opens a closed account again.

    Example: xinshao user enable zhou
    """
    _change(name, {"disabled": False, "failures": 0, "locked_until": None})


def _change(name: str, values: dict[str, Any]) -> None:
    from monitor.store import users

    def write(c: Any) -> bool:
        users.close_sessions_of(c, name)
        return users.change_user(c, name, values)

    with opened_store() as store:
        if not store.unit(write):
            raise _refuse(f"there is no account {name!r}; `xinshao user list` shows them", 1)


@app.command("list")
def list_() -> None:
    """Lists the accounts: name, role, department, state.

    Example: xinshao user list
    """
    from monitor.store import users

    with opened_store() as store, store.read() as c:
        for row in users.all_users(c):
            state = "disabled" if row["disabled"] else "active"
            print("\t".join((row["name"], row["role"], row["department"] or "-", state)))
