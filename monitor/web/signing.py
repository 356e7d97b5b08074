"""Signing in, with a second step for who has one, and out. Knows accounts and sessions; no other page.

Between the two steps nothing is stored: the second page carries a ticket, sealed over the account, its password's hash
and the minute, that serves five minutes. Wrong codes count like wrong passwords, and the count is forgotten only when
both steps were right, so that a known password does not buy guesses at the code (ASVS 5.0 V6.3.1, V6.6.3).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.store import factors, users
from monitor.text import storable
from monitor.web import onetime, passwords
from monitor.web.access import HANDLER
from monitor.web.again import fields, local, send_again, sign_in_page
from monitor.web.desk import Desk, desk_of
from monitor.web.errors import address
from monitor.web.sessions import (
    AnyForm,
    OpenForm,
    TooOften,
    cookie,
    drop_cookie,
    fingerprint,
    form_token,
    is_locked,
    log,
    open_session,
    recognised,
    set_cookie,
    whoever,
    wrong,
)

router = APIRouter()
TICKET = 300  # seconds between the two steps


@router.get("/")
def home(request: Request) -> Response:
    person = whoever(request)
    if person is None:
        return RedirectResponse("/signin", status_code=303)
    return RedirectResponse("/incidents" if person.role == HANDLER else "/board", status_code=303)


@router.get("/signin")
def signin_page(request: Request, next: str = "") -> Response:
    if whoever(request) is not None:
        return RedirectResponse(local(next), status_code=303)
    return sign_in_page(request, next)


@router.post("/signin")
async def signin(request: Request, form: OpenForm) -> Response:
    desk = desk_of(request)
    name, password = storable(text(form, "name")).strip()[:100], text(form, "password")
    _not_too_often(desk, request, name)
    row = await run_in_threadpool(recognised, desk, name, password, address(request))
    if row is None:
        target, to, written = _carried(form)
        return await run_in_threadpool(
            sign_in_page, request, target, failed=True, status=401, to=local(to) if to else "", written=written
        )
    desk.by_address.refund(address(request))  # an office behind one address signs in at eight o'clock
    if await run_in_threadpool(_in_force, desk, name):
        return await run_in_threadpool(_second_page, request, form, _ticket(desk, row))
    return await run_in_threadpool(_let_in, request, form, name, "password")


@router.post("/signin/second")
async def second(request: Request, form: OpenForm) -> Response:
    """The code of the app, or a recovery code; 401 and the page again where it is neither."""
    desk, ticket = desk_of(request), text(form, "ticket")
    name = storable(ticket.partition(".")[2].rpartition(".")[0])[:100]
    _not_too_often(desk, request, name)
    how = await run_in_threadpool(_shown, desk, name, ticket, text(form, "code")[:60], address(request))
    if how == "stale":
        target, to, written = _carried(form)
        return await run_in_threadpool(
            sign_in_page, request, target, slow=True, status=401, to=local(to) if to else "", written=written
        )
    if how is None:
        return await run_in_threadpool(_second_page, request, form, ticket, failed=True)
    desk.by_address.refund(address(request))
    return await run_in_threadpool(_let_in, request, form, name, how)


@router.post("/signout")
def signout(request: Request, sent: AnyForm) -> Response:
    desk_of(request).store.unit(lambda c: users.close_session(c, sent.person.session))
    log.info("signed out", user=sent.person.name)
    answer = RedirectResponse("/signin", status_code=303)
    drop_cookie(request, answer)
    return answer


# ------------------------------------------------------------------ both steps
def text(form: FormData, key: str) -> str:
    """A field as it was typed; empty when absent or a file."""
    value = form.get(key)
    return value if isinstance(value, str) else ""


def _carried(form: FormData) -> tuple[str, str, str]:
    """Where to go afterwards, and the form that waits for the sign-in."""
    return text(form, "next"), text(form, "to"), text(form, "written")


def _not_too_often(desk: Desk, request: Request, name: str) -> None:
    now = desk.now().timestamp()
    wait = desk.by_address.wait(address(request), now) or desk.by_account.wait(name, now)
    if wait:
        log.warning("sign-in throttled", user=name, address=address(request))
        raise TooOften(wait)


def _let_in(request: Request, form: FormData, name: str, how: str) -> Response:
    """To the page asked for; or the form that waited for this sign-in, to be looked at and sent."""
    desk, (target, to, written) = desk_of(request), _carried(form)
    desk.by_account.refund(name)
    token = open_session(desk, name, address(request), how)
    before = request.cookies.get(cookie(request))
    if before:  # the session before this sign-in does not outlive it (ASVS V7.2.4)
        desk.store.unit(lambda c: users.close_session(c, fingerprint(before)))
    person = whoever(request, token) if to and written else None
    answer: Response = (
        RedirectResponse(local(target), status_code=303)
        if person is None
        else send_again(request, person, to, fields(written))
    )
    set_cookie(request, answer, "xinshao", token)
    return answer


# ------------------------------------------------------------------ the second
def _in_force(desk: Desk, name: str) -> bool:
    with desk.store.read() as c:
        row = factors.factor(c, name)
    return row is not None and row["since"] is not None


def _second_page(request: Request, form: FormData, ticket: str, failed: bool = False) -> Response:
    target, to, written = _carried(form)
    return desk_of(request).page(
        request, "second_step.html", status=401 if failed else 200, token=form_token(request), ticket=ticket,
        failed=failed, target=local(target), to=local(to) if to else "", written=written,
    )  # fmt: skip


def _ticket(desk: Desk, row: Mapping[str, Any]) -> str:
    at = f"{int(desk.now().timestamp())}.{row['name']}"
    return f"{at}.{desk.seal('second step', at + row['password'])}"


def _shown(desk: Desk, name: str, ticket: str, given: str, address: str) -> str | None:
    """`app` or `recovery` where the code is right, `stale` where the first step is too long ago; None: wrong."""
    with desk.store.read() as c:
        row, factor = users.user(c, name), factors.factor(c, name)
    if row is None or row["disabled"] or factor is None or not _fresh(desk, row, ticket):
        return "stale"
    if is_locked(row, desk.now()):
        wrong(desk, name, None, address, "locked")
        return None
    how = right_code(desk, factor, given)
    if how is None:
        wrong(desk, name, row, address, "wrong code of the second step")
    return how


def _fresh(desk: Desk, row: Mapping[str, Any], ticket: str) -> bool:
    at, _, seal = ticket.rpartition(".")
    stamp = at.partition(".")[0]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    sealed = desk.seal("second step", at + row["password"])
    return hmac.compare_digest(sealed.encode(), seal.encode()) and 0 <= desk.now().timestamp() - int(stamp) < TICKET


def right_code(desk: Desk, factor: Mapping[str, Any], given: str) -> str | None:
    """`app` or `recovery`, and the code is used up; None: it is neither, or was used before."""
    name, secret = factor["user"], onetime.opened(factor["secret"], desk.key)
    step = onetime.step_of(secret, given, desk.now().timestamp())
    if step is not None:
        return "app" if desk.store.unit(lambda c: factors.use_step(c, name, step)) else None
    plain = onetime.tidy(given)
    group = plain.split("-")[0]
    if not plain or not passwords.matches(factor["recovery"].get(group), plain):
        return None
    return "recovery" if desk.store.unit(lambda c: factors.use_recovery(c, name, group)) else None
