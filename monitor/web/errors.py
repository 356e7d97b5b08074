"""What goes wrong, as a page that says what to do next. Knows every error of the house; shows no trace and no query.

Refusals for want of a right are logged with who, what and from where (ASVS 5.0 V16.3.2).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.errors import ForbiddenChange, InputError, StaleVersion
from monitor.store import StoreError
from monitor.web import again
from monitor.web.desk import desk_of
from monitor.web.sessions import Denied, FormTooLate, NotPaired, NotSignedIn, TooOften, whoever
from monitor.web.shield import TooLarge

log = structlog.get_logger("monitor.web.access")
KEYS = ("/ack/", "/subscribe/")  # what follows opens something without signing in


def shown(request: Request, status: int, **details: Any) -> Response:
    """The error page; `details`: problem (a sentence), stale (who was first), number (to tell the administrator),
    written (label and value of what a refused form held), back (the page it stood on).
    """
    desk = desk_of(request)
    catalogue = desk.words["errors"]
    person = getattr(request.state, "person", None) if status < 500 else None
    details = {"problem": "", "stale": None, "number": "", "back": "", "written": [], **details}
    return desk.page(
        request, "error.html", person, status=status, code=status, says=catalogue.get(status, catalogue[400]), **details
    )


def install(app: FastAPI) -> None:
    """Gives the application an answer to each error."""
    answers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        NotSignedIn: _not_signed_in,
        NotPaired: lambda request, problem: RedirectResponse("/account/second?done=pair_first", status_code=303),
        FormTooLate: again.too_late,
        Denied: _denied,
        TooOften: _too_often,
        StaleVersion: _stale,
        ForbiddenChange: lambda request, problem: _refused(request, 422, problem),
        InputError: lambda request, problem: _refused(request, 400, problem),
        TooLarge: lambda request, problem: shown(request, 413),
        StoreError: _unavailable,
        RequestValidationError: lambda request, problem: shown(request, 400),
        HTTPException: _plain,
    }
    for kind, answer in answers.items():
        app.add_exception_handler(kind, answer)


def _refused(request: Request, status: int, problem: Exception) -> Response:
    """Why a form was not done, what it held, and the way back to it."""
    form = getattr(request.state, "written", None)
    if form is None:
        return shown(request, status, problem=str(problem))
    written = again.labelled(request, request.url.path, form.multi_items())
    return shown(request, status, problem=str(problem), written=written, back=again.local(again.came_from(request)))


def _not_signed_in(request: Request, problem: NotSignedIn) -> Response:
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/signin?next={quote(target, safe='')}", status_code=303)


def _denied(request: Request, problem: Denied) -> Response:
    person = getattr(request.state, "person", None)
    log.warning(
        "refused", why=str(problem), user=person.name if person else None, method=request.method,
        path=place(request), address=address(request),
    )  # fmt: skip
    return shown(request, 404 if problem.hidden else 403)


def _too_often(request: Request, problem: TooOften) -> Response:
    answer = shown(request, 429)
    answer.headers["retry-after"] = str(problem.wait)
    return answer


def _stale(request: Request, problem: StaleVersion) -> Response:
    back = "/queue" if request.url.path.startswith("/queue/") else ""
    return shown(request, 409, stale={"incident": problem.incident, "by": problem.by, "at": problem.at}, back=back)


def _unavailable(request: Request, problem: Exception) -> Response:
    log.error("store unavailable", path=place(request), problem=type(problem).__name__)
    answer = shown(request, 503)
    answer.headers["retry-after"] = "30"
    return answer


def _plain(request: Request, problem: HTTPException) -> Response:
    whoever(request)  # an address that no page has: who asks still gets the way back, the navigation
    answer = shown(request, problem.status_code)
    if problem.headers:
        answer.headers.update(problem.headers)
    return answer


def address(request: Request) -> str:
    """Where the request came from; X-Forwarded-For counts only as far as the server was told to trust its proxy."""
    return request.client.host if request.client else "-"


def place(request: Request) -> str:
    """The path as a log may hold it: an address that is itself a key is cut."""
    path = request.url.path
    return next((f"{start}..." for start in KEYS if path.startswith(start)), path)


def of_database(problem: BaseException) -> bool:
    """Whether it came from the database layer, whose library only the store knows."""
    return any(kind.__module__.split(".")[0] == "sqlalchemy" for kind in type(problem).__mro__)


class Mishap:
    """The web's one catch-all: an unforeseen error becomes a page with a number, and a log entry with the trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            log.info("gone before the end", method=scope["method"], path=place(Request(scope)))
        except Exception as problem:
            if started:
                raise
            await _answer(Request(scope), problem)(scope, receive, send)


def _answer(request: Request, problem: Exception) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    if isinstance(problem, TooLarge) or getattr(request.state, "too_large", False):
        return shown(request, 413)
    if of_database(problem) or isinstance(problem, StoreError):
        return _unavailable(request, problem)
    number = secrets.token_hex(4)
    log.error("unforeseen", number=number, method=request.method, path=place(request), exc_info=problem)
    return shown(request, 500, number=number)
