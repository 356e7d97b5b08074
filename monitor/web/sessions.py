"""Signing in and out, and who is asking. Knows accounts and sessions; knows no other page.

A session is a random 256-bit cookie of which only the SHA-256 is stored; it ends after IDLE without use, LIFE after
sign-in, at sign-out, and at once when the account is disabled or its password changes. Five wrong passwords lock an
account for a minute, each further one for twice as long, at most an hour (ASVS 5.0 V6.3.1, V7).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import Depends, Path
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from monitor.store import users
from monitor.text import SHANGHAI, storable
from monitor.web import passwords
from monitor.web.access import Person, Right, person_of
from monitor.web.desk import Desk, desk_of
from monitor.web.shield import same_origin

IDLE, LIFE = timedelta(hours=1), timedelta(hours=12)
FREE_TRIES, FIRST_LOCK, LONGEST_LOCK = 5, timedelta(minutes=1), timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)  # a session's last use is written this often at most
log = structlog.get_logger("monitor.web.access")


class NotSignedIn(Exception):
    """The page needs a session."""


class NotPaired(Exception):
    """The person's role asks for a second factor, and the account has none yet."""


class Denied(Exception):
    """The person may not do this. `hidden`: answer as if it did not exist."""

    def __init__(self, why: str, *, hidden: bool = False) -> None:
        super().__init__(why)
        self.hidden = hidden


class FormTooLate(Exception):
    """A form of our own page whose session has ended or is another's; `person`: who is signed in now."""

    def __init__(self, form: FormData, person: Person | None) -> None:
        super().__init__("the session of the form is over")
        self.form, self.person = form, person


class TooOften(Exception):
    """A limit of frequency; `wait` seconds until the next try."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"again in {wait} s")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that came from our own page, and who sent it."""

    person: Person
    form: FormData

    def number(self, name: str) -> int | None:
        """A field as the number of a row; None where it is none."""
        return number_of(self.form.get(name))

    def numbers(self, name: str) -> list[int]:
        """A field that may come several times, as numbers of rows; what is none is left out."""
        return [found for value in self.form.getlist(name) if (found := number_of(value)) is not None]

    def several(self, name: str, *, empty: bool = False) -> list[str]:
        """A field that may come several times, as texts; `empty`: those that were left empty, too."""
        values = (storable(value) for value in self.form.getlist(name) if isinstance(value, str))
        return [value for value in values if value or empty]

    def text(self, name: str, limit: int = 2000) -> str:
        """A field as text, trimmed at both ends; empty when absent or a file."""
        value = self.form.get(name)
        return storable(value).strip()[:limit] if isinstance(value, str) else ""


def number_of(written: object) -> int | None:
    """The number of a row, or of a page, as an address or a form holds it; None for what no row has.

    `isdigit` alone says yes to ² and to five thousand nines.
    """
    plain = isinstance(written, str) and written.isascii() and written.isdigit() and len(written) < 16
    return int(str(written)) if plain else None


def moment_of(written: str) -> datetime | None:
    """A form's datetime-local, which is Shanghai time; None for what is none, or in a year that nobody plans for."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    if not 2000 <= moment.year < 2200:  # the ends of the calendar cannot be moved into another zone
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


# ------------------------------------------------------------------ cookies
def cookie(request: Request, name: str = "xinshao") -> str:
    """The cookie's name; with the __Host- prefix wherever the service is reached over https."""
    return f"__Host-{name}" if _https(request) else name


def _https(request: Request) -> bool:
    return desk_of(request).https or request.url.scheme == "https"


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie of the browser session: HttpOnly, SameSite=Lax, Secure over https, for the whole site."""
    response.set_cookie(
        cookie(request, name), value, path="/", httponly=True, samesite="lax", secure=_https(request)
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str = "xinshao") -> None:
    """Takes the cookie away."""
    response.delete_cookie(cookie(request, name), path="/", httponly=True, samesite="lax", secure=_https(request))


# ------------------------------------------------------------------ sessions
def recognised(desk: Desk, name: str, password: str, address: str = "-") -> dict[str, Any] | None:
    """The account whose password it is, or None. Counts wrong ones and locks; opens nothing."""
    now = desk.now()
    with desk.store.read() as c:
        row = users.user(c, name)
    usable = row is not None and not row["disabled"]
    locked = row is not None and is_locked(row, now)
    right = passwords.matches(row["password"] if row and usable else None, password)
    if row is not None and right and not locked:
        return row
    wrong(desk, name, None if locked else row, address, "locked" if locked else "wrong name or password")
    return None


def is_locked(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether wrong tries have closed the account for a while."""
    return row["locked_until"] is not None and row["locked_until"] > now


def wrong(desk: Desk, name: str, row: Mapping[str, Any] | None, address: str, why: str) -> None:
    """Logs a refused sign-in; with its `row` it counts against the account, which the fifth locks."""
    if row is not None:
        until = _lock(row["failures"] + 1, desk.now())
        desk.store.unit(lambda c: users.failed(c, name, locked_until=until))
    log.warning("sign-in refused", user=name, address=address, why=why)


def open_session(desk: Desk, name: str, address: str, how: str = "password") -> str:
    """Opens a session for somebody who has shown all that is asked; the cookie's value."""
    token, now = secrets.token_urlsafe(32), desk.now()
    desk.store.unit(lambda c: _open(c, name, token, now))
    log.info("signed in", user=name, address=address, how=how)
    return token


def _open(c: Any, name: str, token: str, now: datetime) -> None:
    users.succeeded(c, name)
    users.drop_expired(c, now)
    csrf = secrets.token_urlsafe(32)
    users.open_session(c, fingerprint(token), user=name, csrf=csrf, now=now, expires_at=now + LIFE)


def _lock(failures: int, now: datetime) -> datetime | None:
    if failures < FREE_TRIES:
        return None
    longer: int = 2 ** min(failures - FREE_TRIES, 10)
    return now + min(LONGEST_LOCK, FIRST_LOCK * longer)


def fingerprint(token: str) -> str:
    """What is stored of a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def whoever(request: Request, opened: str | None = None) -> Person | None:
    """Who is asking, read anew for every request, so that a change of role acts at once; None: nobody signed in.

    `opened`: the cookie of a session that this very request has opened.
    """
    desk, token = desk_of(request), opened or request.cookies.get(cookie(request))
    if not token:
        return None
    now, id_ = desk.now(), fingerprint(token)
    with desk.store.read() as c:
        row = users.session(c, id_, now)
    if row is None:
        return None
    if now - row["seen_at"] > IDLE:
        desk.store.unit(lambda c: users.close_session(c, id_))
        return None
    if now - row["seen_at"] > SEEN_EVERY:
        desk.store.unit(lambda c: users.seen(c, id_, now))
    person = person_of(row, row["user"], session=id_, csrf=row["csrf"])
    request.state.person = person
    return person


def signed_in(request: Request) -> Person:
    """Dependency: somebody signed in; NotSignedIn otherwise."""
    person = whoever(request)
    if person is None:
        raise NotSignedIn
    return person


def need(right: Right) -> Callable[..., Person]:
    """Dependency: somebody who has this right."""

    def allowed(request: Request) -> Person:
        person = signed_in(request)
        _with_all_it_asks(request, person)
        if not person.may(right):
            raise Denied(f"needs {right}")
        return person

    return allowed


def _with_all_it_asks(request: Request, person: Person) -> None:
    """NotPaired where XINSHAO_SECOND_FACTOR names the role and the account has no second factor yet."""
    if not person.paired and person.role in desk_of(request).config.settings.paired_roles:
        raise NotPaired


# ------------------------------------------------------------------ forms
async def read_form(request: Request, *, files: int, fields: int) -> FormData:
    """The body of a form. Denied for one in another charset than UTF-8: no browser sends it, our pages being UTF-8,
    and Python knows charsets that take seconds for 60 kB (punycode) or give what no text is (unicode_escape).
    """
    _, asked = parse_options_header(request.headers.get("content-type"))
    if asked.get(b"charset", b"utf-8").strip().lower() not in (b"utf-8", b"utf8"):
        raise Denied("a form in another charset")
    return await request.form(max_files=files, max_fields=fields, max_part_size=256 * 1024)


async def submitted(request: Request) -> AsyncIterator[Submission]:
    """Dependency: a form with the session's token, from our own origin; Denied otherwise. Anybody signed in.

    FormTooLate where the browser vouches that it came from our own page and only the session is another or none.
    """
    await check_origin(request)
    person = await run_in_threadpool(whoever, request)
    ours = _vouched_for(request)
    if person is None and not ours:
        raise Denied("no session")
    if person is None and request.headers.get("content-type", "").startswith("multipart/"):
        raise FormTooLate(FormData(), None)  # files of nobody are not even read
    form = await read_form(request, files=5, fields=80)
    try:
        token = form.get("csrf")
        given = token if isinstance(token, str) else ""
        if person is None or not hmac.compare_digest(given.encode(), person.csrf.encode()):
            raise FormTooLate(form, person) if ours and given else Denied("no token in the form")
        request.state.written = form  # for the page that says why it was not done
        yield Submission(person, form)
    finally:
        await form.close()


def _vouched_for(request: Request) -> bool:
    """Whether the browser itself says, in a request that check_origin let pass, that the form is our own page's.

    By Origin where it sends no Sec-Fetch-Site: over plain http on an intranet address no browser does.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    return site == "same-origin" or (site is None and origin not in (None, "null"))


def submission(right: Right) -> Callable[..., Submission]:
    """Dependency: such a form from somebody who has this right."""

    def allowed(request: Request, sent: Submission = Depends(submitted)) -> Submission:
        _with_all_it_asks(request, sent.person)
        if not sent.person.may(right):
            raise Denied(f"needs {right}")
        return sent

    return allowed


async def check_origin(request: Request) -> None:
    """Denied for a form that another site made the browser send."""
    own = {request.headers.get("host", "").lower(), desk_of(request).host}
    if not any(same_origin(request.headers, host) for host in own):
        raise Denied("foreign origin")


def form_token(request: Request, response: Response | None = None) -> str:
    """The token of a form that is sent without a session; sets the cookie it belongs to when there is none."""
    name = cookie(request, "xinshao-form")
    value = request.cookies.get(name) or getattr(request.state, "form_cookie", "")
    if not value:
        value = request.state.form_cookie = secrets.token_urlsafe(16)
    if response is not None and not request.cookies.get(name):
        set_cookie(request, response, "xinshao-form", value)
    return desk_of(request).seal("form", value)


async def open_form(request: Request) -> FormData:
    """Dependency: a form without a session (sign-in), from our own origin and with its token; Denied otherwise."""
    await check_origin(request)
    form = await read_form(request, files=0, fields=20)
    token, value = form.get("token"), request.cookies.get(cookie(request, "xinshao-form"), "")
    expected = desk_of(request).seal("form", value)
    if not value or not isinstance(token, str) or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Denied("no token in the form")
    return form


# ------------------------------------------------------------------ what a page asks for
RowNumber = Annotated[int, Path(ge=0, lt=10**15)]  # of a row, in an address
Reader = Annotated[Person, Depends(need(Right.READ))]
Reviewer = Annotated[Person, Depends(need(Right.REVIEW))]
Operator = Annotated[Person, Depends(need(Right.OPERATE))]
Exporter = Annotated[Person, Depends(need(Right.EXPORT))]
Auditor = Annotated[Person, Depends(need(Right.AUDIT))]
Administrator = Annotated[Person, Depends(need(Right.ACCOUNTS))]
TextReader = Annotated[Person, Depends(need(Right.TEXT))]
Anybody = Annotated[Person, Depends(signed_in)]
ReaderForm = Annotated[Submission, Depends(submission(Right.READ))]
ReviewerForm = Annotated[Submission, Depends(submission(Right.REVIEW))]
LookerForm = Annotated[Submission, Depends(submission(Right.OPERATE))]
OperatorForm = Annotated[Submission, Depends(submission(Right.RETRY))]
AdministratorForm = Annotated[Submission, Depends(submission(Right.ACCOUNTS))]
TextForm = Annotated[Submission, Depends(submission(Right.TEXT))]
AnyForm = Annotated[Submission, Depends(submitted)]
OpenForm = Annotated[FormData, Depends(open_form)]
