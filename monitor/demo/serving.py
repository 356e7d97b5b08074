"""What the town's sites share: pages from templates, conditional answers, robots.txt. Knows no site."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitor.text import SHANGHAI, aware, face


@cache
def _pages() -> Environment:
    pages = Environment(loader=PackageLoader("monitor.demo", "pages"), autoescape=True, trim_blocks=True)
    pages.filters["face"] = face
    pages.filters["seconds"] = lambda moment: aware(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    pages.filters["rfc822"] = rfc822
    pages.filters["rfc3339"] = lambda moment: aware(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
    pages.filters["cdata"] = lambda text: text.replace("]]>", "]]]]><![CDATA[>")
    return pages


def page(name: str, /, **values: Any) -> str:
    """A page of the town, filled in."""
    return _pages().get_template(name).render(**values)


def rfc822(moment: datetime) -> str:
    return format_datetime(aware(moment), usegmt=True)


def html(body: str, *, status: int = 200, charset: str = "utf-8") -> Response:
    """A page in the charset of its site; what the charset cannot hold becomes a character reference, as forums do."""
    data = body.encode(charset, "xmlcharrefreplace")
    return Response(data, status, media_type=None, headers={"content-type": f"text/html; charset={charset}"})


def conditional(request: Request, body: bytes, media_type: str, changed_at: datetime | None) -> Response:
    """The body with ETag and Last-Modified, or 304 where the client has it already (RFC 9110, 13.2.2)."""
    headers = {"etag": f'"{hashlib.sha256(body).hexdigest()[:20]}"', "content-type": media_type}
    if changed_at is not None:
        headers["last-modified"] = rfc822(changed_at)
    if _has_it(request, headers["etag"], changed_at):
        return Response(status_code=304, headers={key: headers[key] for key in headers if key != "content-type"})
    return Response(body, headers=headers)


def _has_it(request: Request, etag: str, changed_at: datetime | None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return any(each.strip().removeprefix("W/") == etag for each in known.split(","))
    since = request.headers.get("if-modified-since")
    try:
        return bool(since and changed_at and aware(changed_at).replace(microsecond=0) <= parsedate_to_datetime(since))
    except (TypeError, ValueError):
        return False


def robots(*closed: str) -> Route:
    """robots.txt (RFC 9309) that closes some paths to everyone."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Allow: /"]

    async def answer(request: Request) -> Response:
        return PlainTextResponse("\n".join(lines) + "\n")

    return Route("/robots.txt", answer)
