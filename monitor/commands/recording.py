"""`record`: a person's act on an incident, from the command line through the same door as the pages. Knows no rule."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import By, CountyFile, Feeds, Why, clock_now, opened_desk

if TYPE_CHECKING:
    from monitor.model import Act


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(record)


def record(
    incident: Annotated[str, typer.Argument(help="The incident's number.")],
    act: Annotated[str, typer.Argument(help="acknowledge, accept, return, arbitrate, verify, pay, close, approve ...")],
    values: Annotated[list[str] | None, typer.Argument(help="KEY=VALUE, as the act needs them; JSON or text.")] = None,
    reason: Why = "",
    by: By = "",
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """Records what a person did; the ledger's rules may refuse it. Prints the incident's new version.

    Where --by names an account of the pages, it may do here what it may do there, on incidents that it sees.

    Example: xinshao record QX-2026-0038 arbitrate lead=hrss final=true --reason 属用工管理 --by zhou
    """
    from monitor.commands.acting import account, may
    from monitor.model import Act, Change

    if not reason.strip() or not by.strip():
        raise typer.BadParameter("every act in the ledger has an author and a reason", param_hint="--by, --reason")
    try:
        kind = Act(act)
    except ValueError as problem:
        raise typer.BadParameter(f"{act!r} is none of {', '.join(Act)}", param_hint="ACT") from problem
    data = _data(kind, values or ())
    with opened_desk(feeds, county) as ledger:
        with ledger.store.read() as c:
            if (person := account(c, by)) is not None:
                may(c, person, kind, incident, data, ledger.county, ledger.matrix)
        change = Change(act=kind, at=clock_now(), reason=reason, actor=by, incident=incident, data=data)
        done = ledger.record(change)
    told = {"incident": done.incident, "version": done.version, "act": done.act.value, "messages": done.notifications}
    print(json.dumps(told))


def _data(act: Act, values: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE pairs. What the act takes as words stays as it is; a number, true or a list is read as JSON."""
    from monitor.ledger.given import forms

    takes = forms(act)
    if takes is None:
        raise typer.BadParameter(f"{act.value} has a command or page of its own", param_hint="ACT")
    found: dict[str, Any] = {}
    for pair in values:
        key, sign, text = pair.partition("=")
        if not sign or not key:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="VALUES")
        if key not in takes:
            known = ", ".join(takes) or "nothing but --reason"
            raise typer.BadParameter(f"{act.value} takes {known}; not {key!r}", param_hint="VALUES")
        found[key] = text if takes[key] is str else _read(text)
    return found


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
