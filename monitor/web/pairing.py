"""两步验证: a person pairs the own phone with the account, renews recovery codes, or gives it up. Knows no other page.

Every step asks for the password again (ASVS 5.0 V7.5.1). The secret is shown until a first code has proved that the
phone has it, recovery codes once. Nothing of it needs the internet, on the server or on the phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.store import factors, users
from monitor.web import onetime, passwords
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Anybody, AnyForm, Submission, TooOften, log
from monitor.web.signing import text

router = APIRouter(prefix="/account/second")


@router.get("")
def second(request: Request, person: Anybody) -> Response:
    return _page(request, person)


def _page(request: Request, person: Person, refused: str = "", codes: Sequence[str] = ()) -> HTMLResponse:
    """The state of the own second factor; `codes`: recovery codes, shown this once."""
    desk = desk_of(request)
    with desk.store.read() as c:
        row = factors.factor(c, person.name)
    drawing: dict[str, Any] = {}
    if row is not None and row["since"] is None:
        secret = onetime.opened(row["secret"], desk.key)
        address = onetime.address(secret, issuer=desk.words["second_factor"]["issuer"], account=person.name)
        drawing = {"code": _drawn(address), "typed": onetime.typed(secret), "address": address}
    return desk.page(
        request, "second.html", person, status=400 if refused else 200, row=row, refused=refused, codes=codes,
        drawing=drawing, must=person.role in desk.config.settings.paired_roles,
    )  # fmt: skip


def _drawn(address: str) -> Markup:
    """The address as a QR code, an SVG within the page: the policy of the pages allows no picture from data."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(lineclass=None, omitsize=True, dark="#000", light="#fff"))  # noqa: S704 - only squares


@router.post("/begin")
def begin(request: Request, sent: AnyForm) -> Response:
    desk, name = desk_of(request), sent.person.name
    if not _is_the_person(desk, sent):
        return _page(request, sent.person, desk.words["second_factor"]["password"])
    secret = onetime.sealed(onetime.fresh_secret(), desk.key)
    desk.store.unit(lambda c: factors.begin(c, name, secret))
    return _back()


@router.post("/confirm")
def confirm(request: Request, sent: AnyForm) -> Response:
    """The first code of the phone: from now on it is asked for, and the person's other sessions end."""
    desk, person = desk_of(request), sent.person
    with desk.store.read() as c:
        row = factors.factor(c, person.name)
    if row is None or row["since"] is not None:
        return _back()
    secret, now = onetime.opened(row["secret"], desk.key), desk.now()
    given = text(sent.form, "code")[:60]
    step = onetime.step_of(secret, given, now.timestamp())
    if step is None:
        return _page(request, person, _why_not(desk, secret, given, now.timestamp()))
    codes = onetime.fresh_recovery()
    kept = _hashed(codes)

    def write(c: Any) -> bool:
        users.close_sessions_of(c, person.name, but=person.session)
        return factors.confirm(c, person.name, step, kept, now)

    if not desk.store.unit(write):
        return _back()
    log.info("second factor paired", user=person.name)
    return _page(request, person, codes=codes)


@router.post("/recovery")
def recovery(request: Request, sent: AnyForm) -> Response:
    """Other recovery codes; the earlier ones serve no more."""
    desk, name = desk_of(request), sent.person.name
    if not _is_the_person(desk, sent):
        return _page(request, sent.person, desk.words["second_factor"]["password"])
    codes = onetime.fresh_recovery()
    kept = _hashed(codes)
    if not sent.person.paired or not desk.store.unit(lambda c: factors.renew_recovery(c, name, kept)):
        return _back()
    log.info("recovery codes renewed", user=name)
    return _page(request, sent.person, codes=codes)


@router.post("/off")
def off(request: Request, sent: AnyForm) -> Response:
    """Back to the password alone; also gives up a pairing that was only begun."""
    desk, name = desk_of(request), sent.person.name
    if sent.person.paired and not _is_the_person(desk, sent):
        return _page(request, sent.person, desk.words["second_factor"]["password"])
    if desk.store.unit(lambda c: factors.drop(c, name)) and sent.person.paired:
        log.info("second factor given up", user=name)
        return RedirectResponse("/account/second?done=paired_off", status_code=303)
    return _back()


def _back() -> Response:
    return RedirectResponse("/account/second", status_code=303)


def _is_the_person(desk: Desk, sent: Submission) -> bool:
    wait = desk.by_account.wait(sent.person.name, desk.now().timestamp())
    if wait:
        raise TooOften(wait)
    with desk.store.read() as c:
        row = users.user(c, sent.person.name)
    right = passwords.matches(row["password"] if row else None, text(sent.form, "password"))
    if right:
        desk.by_account.refund(sent.person.name)
    return right


def _hashed(codes: Sequence[str]) -> dict[str, str]:
    """First group -> slow hash of the whole code."""
    return {one.split("-")[0]: passwords.hashed_code(one) for one in codes}


def _why_not(desk: Desk, secret: bytes, given: str, seconds: float) -> str:
    """That the code is wrong; where only the clocks differ, by how much: on an intranet they often do."""
    says = desk.words["second_factor"]
    off = onetime.minutes_off(secret, given, seconds)
    if off is None:
        return str(says["wrong"])
    return str(says["clock"]).format(way=says["ahead" if off > 0 else "behind"], minutes=abs(off))
