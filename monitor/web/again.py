"""A form that came after its session had ended: sign in, look at it once more, send it. Nothing written is lost.

Knows forms, no act. What was written travels in the page itself, never through the store; only a form that the browser
says came from our own page is kept, so that no other site can put words into somebody's mouth.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.web.access import Person
from monitor.web.desk import desk_of
from monitor.web.sessions import FormTooLate, form_token
from monitor.web.shield import place_of

log = structlog.get_logger("monitor.web.access")
NEVER_KEPT = ("/account", "/signout", "/signin", "/users")  # passwords, and what nobody wants done later
OURS = frozenset({"csrf", "token"})
LONGEST = 36 * 1024  # of what is carried on: it grows by two thirds on its way, and a form is at most 64 KB


def local(target: str) -> str:
    """An address of this site; anything that could lead elsewhere becomes the start page."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and "\\" not in target else "/"


def kept(path: str, form: FormData) -> str:
    """The fields as one text for a hidden field; empty where they cannot or must not be carried on."""
    values = form.multi_items()
    if path.startswith(NEVER_KEPT) or any(not isinstance(value, str) for _, value in values):
        return ""
    written = urlencode([(name, str(value)) for name, value in values if name not in OURS])
    return written if len(written) <= LONGEST else ""


def fields(written: str) -> list[tuple[str, str]]:
    """`kept`, back."""
    return parse_qsl(written, keep_blank_values=True, max_num_fields=100) if len(written) <= LONGEST else []


def labelled(request: Request, to: str, values: Sequence[tuple[str, object]]) -> list[tuple[str, str]]:
    """What a person would recognise of a form: the act by its name, the fields by theirs; nothing else."""
    words = desk_of(request).words
    labels, last = words["kept_fields"], to.rsplit("/", 1)[-1]
    act = words["acts"].get(last) if "/acts/" in to else words["decisions"].get(last, {}).get("name")
    shown = [(labels[name], value) for name, value in values if name in labels and isinstance(value, str)]
    return [*([(labels["act"], act)] if act else []), *((label, value) for label, value in shown if value.strip())]


def too_late(request: Request, problem: FormTooLate) -> Response:
    """The answer to such a form: the sign-in page that carries it, or, where somebody is signed in, the form again."""
    path = request.url.path
    who = problem.person.name if problem.person else None
    log.warning("refused", why="the form's session is over", user=who, method=request.method, path=path)
    written = kept(path, problem.form)
    back = local(came_from(request)) if not written else ""
    if problem.person is not None:
        return send_again(request, problem.person, path, fields(written), 409) if written else _back(back)
    return sign_in_page(request, back, to=path if written else "", written=written, status=401, over=True)


def came_from(request: Request) -> str:
    """The page on which the form stood, as the browser tells it for our own pages; the start page otherwise."""
    host, path = place_of(request.headers.get("referer", ""))
    return path if host and host == request.headers.get("host") else "/"


def _back(target: str) -> Response:
    return RedirectResponse(target, status_code=303)


def sign_in_page(
    request: Request,
    target: str,
    *,
    failed: bool = False,
    status: int = 200,
    to: str = "",
    written: str = "",
    over: bool = False,
    slow: bool = False,
) -> HTMLResponse:
    """The sign-in page. `to`, `written`: the form that waits for it; `over`: say that the session has ended; `slow`:
    that the second step came too late.
    """
    token = form_token(request)
    page = desk_of(request).page(
        request, "signin.html", status=status, token=token, target=local(target), failed=failed, to=to,
        written=written, over=over, slow=slow,
    )  # fmt: skip
    form_token(request, page)
    return page


def send_again(
    request: Request, person: Person, to: str, values: Sequence[tuple[str, str]], status: int = 200
) -> HTMLResponse:
    """The form as it was written, to be sent by a press of `person`, who may be another than who wrote it."""
    shown = labelled(request, to, values)
    return desk_of(request).page(request, "again.html", person, status=status, to=local(to), values=values, shown=shown)
