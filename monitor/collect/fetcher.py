"""Fetching, politely and guarded. Knows the order of the steps; every step's rule stands in a file of its own.

    read the address -> resolve and check -> robots.txt -> the host's turn -> one exchange -> redirect? from the top
    -> status -> type -> body, counted as it is unpacked -> is it a page at all -> Document

Nothing is raised to the caller: whatever happens to one address is a `Fetch` with its reason.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from monitor.collect.address import Target, check, read_address
from monitor.collect.answer import Fetch, Outcome, Request, Trouble, Why
from monitor.collect.coding import ACCEPT, stages, unpack
from monitor.collect.pace import Pace, Turn
from monitor.collect.resolver import Resolve, Resolver
from monitor.collect.robots import REDIRECTS as ROBOTS_REDIRECTS
from monitor.collect.robots import SIZE as ROBOTS_SIZE
from monitor.collect.robots import Robots, RobotsFile
from monitor.collect.soundness import check_body, refuse_type
from monitor.collect.status import judge, location
from monitor.collect.wire import Peer, Wire
from monitor.config import Settings
from monitor.model import Document

log = logging.getLogger(__name__)

AGENT = "Xinshao"  # the name robots.txt may address
KEPT_HEADERS = frozenset(
    ["content-type", "content-language", "content-encoding", "date", "etag", "last-modified", "age", "server", "link"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, sizes in bytes. `deadline` bounds the time at sites, all redirects together, whatever drips."""

    deadline: float = 20.0
    robots_deadline: float = 8.0
    size: int = 10 * 1024 * 1024  # of the body, before and after unpacking
    redirects: int = 5
    gap: float = 1.0  # between two starts at one host, unless robots.txt asks for more
    own_gap: float = 0.0  # the same on this very machine (loopback)
    together: int = 2  # at one host
    everywhere: int = 64
    patience: float = 600.0  # how long a request may wait for its turn
    retries: int = 2  # of a busy site (502, 503, 504), within the same fetch
    hosts: int = 1_024  # clients kept


class Fetcher:
    """`async with Fetcher(contact="...") as fetcher: await fetcher.fetch(Request(url=...))`; safe to share by tasks."""

    def __init__(
        self,
        *,
        contact: str = "",
        limits: Limits | None = None,
        resolve: Resolve | None = None,
        certificates: Path | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.agent = agent(contact)
        self._resolve = resolve or Resolver()
        self._certificates = certificates
        self._tls: ssl.SSLContext | None = None
        self._clients: OrderedDict[str, httpx.AsyncClient] = OrderedDict()
        self._robots = Robots(self._robots_file, AGENT)
        self._pace = Pace(
            together=self.limits.together, everywhere=self.limits.everywhere, patience=self.limits.patience
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """As the installation is told to present itself and whom it trusts."""
        return cls(contact=settings.contact, certificates=settings.certificates)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._robots.close()
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    # -------------------------------------------------------------- one fetch
    async def fetch(self, request: Request) -> Fetch:
        """What came of it; never raises for anything a site or an address can do."""
        visit = _Visit(request)
        try:
            return await self._visit(visit)
        except Trouble as trouble:
            return visit.ended(trouble)
        except TimeoutError:
            return visit.ended(Trouble(Why.TIMEOUT, f"not done within {self.limits.deadline:g} s"))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as problem:
            log.warning("unexpected while fetching %s: %r", request.url, problem)
            return visit.ended(Trouble(Why.PROTOCOL, f"{type(problem).__name__}: {problem}"[:200]))

    async def _visit(self, visit: _Visit) -> Fetch:
        target = read_address(visit.request.url)
        visit.moved_to(target)
        while True:
            gap = await self._admit(visit, target)
            async with self._pace.turn(target.netloc, gap) as turn:
                answer = await self._stay(visit, target, turn, gap)
            if isinstance(answer, Fetch):
                return answer
            target = answer

    async def _admit(self, visit: _Visit, target: Target) -> float:
        """Seconds between two starts at this host. Checks the address and asks robots.txt; Trouble when it says no."""
        peer = await self._peer(target, visit.request.allow)
        own = all(ip_address(address).is_loopback for address in peer.addresses)
        gap = self.limits.own_gap if own else self.limits.gap
        if not visit.request.robots:
            return gap
        rules = await self._robots.rules(target, visit.request.allow)
        if target.path != "/robots.txt":
            rules.check(target.url)
        visit.crawl_delay = rules.delay
        return max(gap, rules.delay or 0.0)

    async def _stay(self, visit: _Visit, target: Target, turn: Turn, gap: float) -> Fetch | Target:
        """The exchange, and those its redirects lead to at this host, each in its own time; or a target elsewhere."""
        while True:
            answer = await self._patiently(visit, target, turn, gap)
            if isinstance(answer, Fetch):
                return answer
            before, target = target, read_address(answer, base=target.url)
            visit.moved_to(target)
            if len(visit.seen) > self.limits.redirects + 1:
                raise Trouble(Why.REDIRECT, f"more than {self.limits.redirects} redirects")
            if target.netloc != before.netloc:
                return target
            gap = await self._admit(visit, target)
            await turn.again(gap)

    async def _patiently(self, visit: _Visit, target: Target, turn: Turn, gap: float) -> Fetch | str:
        """One exchange, again after a moment when the site says it is busy; never when it says `too many`."""
        for attempt in range(self.limits.retries + 1):
            try:
                visit.begin()
                async with asyncio.timeout(max(0.1, self.limits.deadline - visit.spent)):
                    return await self._exchange(visit, target, turn)
            except Trouble as trouble:
                wait = max(trouble.retry_after or 0.0, 1.0 * 2**attempt)
                again = trouble.why is Why.BUSY and visit.http_status in (502, 503, 504) and wait <= 4.0
                if attempt == self.limits.retries or not again or visit.request.method != "GET":
                    raise
                visit.pause()
                await asyncio.sleep(wait)
                await turn.again(gap)
            finally:
                visit.pause()
        raise AssertionError("unreachable")

    async def _exchange(self, visit: _Visit, target: Target, turn: Turn) -> Fetch | str:
        """Asks once. A string is where a redirect leads."""
        peer = await self._peer(target, visit.request.allow)
        request = self._request(visit, target, peer, turn.sent)
        response = await (await self._client(target)).send(request, stream=True, follow_redirects=False)
        try:
            visit.http_status, visit.peer = response.status_code, response.extensions["address"]
            if 300 <= response.status_code < 400 and response.status_code != 304:
                return location(response.status_code, response.extensions["location"])
            trouble = judge(
                response.status_code,
                response.headers,
                conditional=visit.conditional,
                granted=visit.request.granted,
            )
            self._pace.answered(target.netloc, too_often=_rest(trouble))
            if trouble is not None:
                raise trouble
            if response.status_code == 304:
                return visit.done(Outcome.NOT_MODIFIED, f"{Why.UNCHANGED}: the site says nothing changed")
            body = await self._body(response)
        finally:
            await response.aclose()
        check_body(body)
        return visit.done(Outcome.OK, f"{Why.FETCHED}: {len(body)} bytes", self._document(visit, response, body))

    async def _body(self, response: httpx.Response) -> bytes:
        refuse_type(response.headers.get("content-type", ""))
        if int(response.headers.get("content-length", "0") or 0) > self.limits.size:
            raise Trouble(Why.SIZE, f"says it is larger than {self.limits.size} bytes", permanent=True)
        layers = stages(response.headers.get("content-encoding", ""))
        pieces: list[bytes] = []
        wire = plain = 0
        async for data in response.aiter_raw():
            wire += len(data)
            for piece in unpack(layers, data):
                plain += len(piece)
                pieces.append(piece)
                if plain > self.limits.size:
                    raise Trouble(Why.SIZE, f"larger than {self.limits.size} bytes", permanent=True)
            if wire > self.limits.size:
                raise Trouble(Why.SIZE, f"larger than {self.limits.size} bytes", permanent=True)
            await asyncio.sleep(0)  # a long body must not hold the loop
        for layer in layers:
            layer.finish()
        return b"".join(pieces)

    def _document(self, visit: _Visit, response: httpx.Response, body: bytes) -> Document:
        headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        return Document(
            url=visit.url,
            fetched_at=datetime.now(UTC),
            body=body,
            status=response.status_code,
            headers=headers,
            final_url=visit.final_url,
        )

    # -------------------------------------------------------------- the parts of an exchange
    async def _peer(self, target: Target, allow: tuple[str, ...]) -> Peer:
        addresses = check(await self._resolve(target.host, target.port), allow)
        return Peer(tuple(addresses), target.port, target.host if target.scheme == "https" else None)

    def _request(
        self, visit: _Visit, target: Target, peer: Peer, sent: Callable[[], None] | None = None
    ) -> httpx.Request:
        asked = visit.request
        headers = {
            "Host": target.netloc,
            "User-Agent": self.agent,
            "Accept": "application/rss+xml, application/atom+xml, text/html, application/json, */*;q=0.5",
            "Accept-Language": "zh-CN, zh;q=0.9, en;q=0.5",
            "Accept-Encoding": ACCEPT,
            **asked.headers,
        }
        if visit.conditional and asked.etag:
            headers["If-None-Match"] = asked.etag
        if visit.conditional and asked.last_modified:
            headers["If-Modified-Since"] = asked.last_modified
        return httpx.Request(
            asked.method,
            f"{target.origin}/",
            headers=[(name.encode("ascii"), value.encode("utf-8", "replace")) for name, value in headers.items()],
            data=asked.form,
            json=asked.json,
            extensions={"peer": peer, "path": target.path, **({"sent": sent} if sent else {})},
        )

    async def _client(self, target: Target) -> httpx.AsyncClient:
        """The one small client of a host."""
        client = self._clients.get(target.netloc)
        if client is None:
            client = self._clients[target.netloc] = httpx.AsyncClient(
                transport=Wire(self._context), trust_env=False, timeout=self.limits.deadline
            )
            while len(self._clients) > self.limits.hosts:
                _, oldest = self._clients.popitem(last=False)
                await oldest.aclose()  # closes what is idle; an exchange still under way goes on
        self._clients.move_to_end(target.netloc)
        return client

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
            if self._certificates is not None:
                self._tls.load_verify_locations(self._certificates)
        return self._tls

    # -------------------------------------------------------------- robots.txt
    async def _robots_file(self, target: Target, allow: tuple[str, ...]) -> RobotsFile:
        """Fetches /robots.txt of an origin under its own deadline; trouble is a file with status 0."""
        where = replace(target, url=f"{target.origin}/robots.txt", path="/robots.txt")
        try:
            async with asyncio.timeout(self.limits.robots_deadline):
                for _ in range(ROBOTS_REDIRECTS + 1):
                    answer = await self._robots_once(where, allow)
                    if isinstance(answer, RobotsFile):
                        return answer
                    where = read_address(answer, base=where.url)
            return RobotsFile(404, reason="more than five redirects")
        except Trouble as trouble:
            return RobotsFile(0, reason=trouble.reason)
        except TimeoutError:
            return RobotsFile(0, reason=f"no answer within {self.limits.robots_deadline:g} s")
        except (httpx.HTTPError, OSError, ValueError) as problem:
            return RobotsFile(0, reason=repr(problem))

    async def _robots_once(self, where: Target, allow: tuple[str, ...]) -> RobotsFile | str:
        peer = await self._peer(where, allow)
        request = self._request(_Visit(Request(url=where.url)), where, peer)
        response = await (await self._client(where)).send(request, stream=True, follow_redirects=False)
        try:
            if response.status_code in (301, 302, 303, 307, 308):
                return location(response.status_code, response.extensions["location"])
            if not response.is_success:
                return RobotsFile(response.status_code)
            layers = stages(response.headers.get("content-encoding", ""))
            body = bytearray()
            async for data in response.aiter_raw():
                for piece in unpack(layers, data):
                    body += piece
                    if len(body) >= ROBOTS_SIZE:
                        return RobotsFile(response.status_code, bytes(body))
            return RobotsFile(response.status_code, bytes(body))
        finally:
            await response.aclose()


class _Visit:
    """What is known of a fetch while it goes on."""

    def __init__(self, request: Request) -> None:
        self.request, self.url, self.final_url = request, request.url, request.url
        self.http_status: int | None = None
        self.peer: str | None = None
        self.crawl_delay: float | None = None
        self.seen: set[str] = set()
        self.spent = 0.0  # seconds at sites, without waiting for turns
        self._since: float | None = None
        self._origin: str | None = None

    @property
    def conditional(self) -> bool:
        return bool(self.request.etag or self.request.last_modified)

    def begin(self) -> None:
        self._since = time.monotonic()

    def pause(self) -> None:
        if self._since is not None:
            self.spent += time.monotonic() - self._since
            self._since = None

    def moved_to(self, target: Target) -> None:
        """Where the fetch is now; what was meant for one origin is not carried to another, no form is sent twice."""
        if target.url in self.seen:
            raise Trouble(Why.REDIRECT, "redirects in a circle, or to itself until a cookie comes back")
        if self._origin not in (None, target.origin):
            self.request = replace(self.request, headers={}, etag=None, last_modified=None)
        if self.seen and self.request.method != "GET":
            self.request = replace(self.request, method="GET", form=None, json=None)
        self.seen.add(target.url)
        self._origin, self.final_url = target.origin, target.url

    def done(self, outcome: Outcome, reason: str, document: Document | None = None) -> Fetch:
        return Fetch(
            url=self.url,
            outcome=outcome,
            reason=reason,
            http_status=self.http_status,
            final_url=self.final_url,
            elapsed_ms=self._elapsed_ms(),
            document=document,
            peer=self.peer,
            crawl_delay=self.crawl_delay,
        )

    def ended(self, trouble: Trouble) -> Fetch:
        return replace(
            self.done(Outcome.REFUSED if trouble.refused else Outcome.FAILED, trouble.reason),
            permanent=trouble.permanent,
            retry_after=trouble.retry_after,
        )

    def _elapsed_ms(self) -> int:
        self.pause()
        return round(self.spent * 1000)


def agent(contact: str) -> str:
    """The truth about who asks, in ASCII: what is not is percent-encoded, as in an address."""
    known = quote(contact, safe=" !#$&'*+,-./:;=?@[]^_`{|}~") or "no contact configured"
    return f"{AGENT}/0.1 (public wage-arrears watch; {known})"


def _rest(trouble: Trouble | None) -> float | None:
    """Seconds a host asked for when it said `too many`; None when it did not."""
    return (trouble.retry_after or 60.0) if trouble is not None and trouble.why is Why.RATE else None


def validators(document: Document) -> Mapping[str, str | None]:
    """`etag` and `last_modified` of a document, for the next Request."""
    return {"etag": document.headers.get("etag"), "last_modified": document.headers.get("last-modified")}
