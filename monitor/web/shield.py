"""What holds for every request and answer: headers, size of a body, origin of a form. Knows no page and no user.

Headers follow ASVS 5.0 V3.4: a policy without inline script or style, no framing, no sniffing, no referrer to other
sites, HSTS where the service is reached over https.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"
FORM_LIMIT = 64 * 1024


class TooLarge(Exception):
    """The body is larger than this address accepts."""


class Shield:
    """Wraps the application. `limits`: path prefix or suffix -> bytes accepted there; everywhere else FORM_LIMIT."""

    def __init__(self, app: ASGIApp, *, https: bool, limits: Mapping[str, int]) -> None:
        self.app, self.https, self.limits = app, https, dict(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        secure, head = self.https or scope.get("scheme") == "https", scope["method"] == "HEAD"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message), scope["path"], secure)
            await send({**message, "body": b""} if head and message["type"] == "http.response.body" else message)

        scope.setdefault("state", {})["too_large"] = False
        asked = {**scope, "method": "GET"} if head else scope  # RFC 9110, 9.3.2: as GET, without the content
        await self.app(_without_nul(asked), self._limited(scope, receive), answer)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        limit = next((size for part, size in self.limits.items() if _on(scope["path"], part)), FORM_LIMIT)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            scope["state"]["too_large"] = True
        received = 0

        async def counted() -> Message:
            nonlocal received
            if scope["state"]["too_large"]:
                raise TooLarge
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                scope["state"]["too_large"] = True
                raise TooLarge
            return message

        return counted


def _without_nul(scope: Scope) -> Scope:
    """The address with U+FFFD for NUL, which PostgreSQL refuses in any value it is asked about."""
    query = scope.get("query_string", b"")
    if "\x00" not in scope["path"] and b"%00" not in query and b"\x00" not in query:
        return scope
    bare = query.replace(b"%00", b"%EF%BF%BD").replace(b"\x00", b"%EF%BF%BD")
    return {**scope, "path": scope["path"].replace("\x00", "\ufffd"), "query_string": bare}


def _on(path: str, part: str) -> bool:
    return path.endswith(part[1:]) if part.startswith("*") else path.startswith(part)


def _dress(headers: MutableHeaders, path: str, secure: bool) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "public, max-age=86400" if path.startswith("/static/") else "no-store")
    if secure:
        headers["strict-transport-security"] = TWO_YEARS


def same_origin(headers: Headers, host: str) -> bool:
    """Whether a form came from our own page: by Sec-Fetch-Site where sent, by Origin where sent (ASVS V3.5.1).

    A request with neither header is no browser's cross-site form; the token still decides.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    if origin == "null" and site == "same-origin":
        return True  # a browser told to send no referrer hides the origin of our own page, too
    return origin is None or place_of(origin)[0].lower() == host.lower()


def place_of(address: str) -> tuple[str, str]:
    """Host with port, and path, of an address that a header told; both empty for what is none, like `http://[`."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.netloc, parts.path
