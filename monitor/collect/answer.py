"""What is asked of a site and what came of it. Knows words and shapes; knows no network and no policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.errors import CollectError
from monitor.model import Document


class Outcome(StrEnum):
    """How one fetch ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    REFUSED = "refused"  # we did not ask, or would not read on: address, robots.txt, pace, type
    FAILED = "failed"  # we asked, and did not get what was promised


class Why(StrEnum):
    """The class of a reason: the word before the colon of `Fetch.reason`, with a sentence each in reasons.yaml."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    ADDRESS = "address"  # not a public address, or written in a disguise
    SCHEME = "scheme"
    LAWFUL = "lawful"  # would need a cookie, a signature or a login
    CREDENTIAL = "credential"  # a granted token is missing, expired or not accepted
    ROBOTS = "robots"
    ROBOTS_UNKNOWN = "robots_unknown"  # robots.txt cannot be read just now: RFC 9309 says deny
    PACE = "pace"  # the site's turn comes later than we wait
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    TRUNCATED = "truncated"
    SIZE = "size"
    CODING = "coding"
    TYPE = "type"
    SHAPE = "shape"  # nested or written so that reading it would hurt
    REDIRECT = "redirect"
    RATE = "rate"
    STATUS = "status"
    GONE = "gone"
    BLOCKED = "blocked"  # a wall: captcha, WAF, login
    BUSY = "busy"  # 5xx
    YIELD = "yield"  # fetched well, but less in it than the feed promises: redesigned, emptied, or not what it was
    UNRECORDED = "unrecorded"  # fetched well, but our own database or disk did not take it
    BROKEN = "broken"  # our own fault: something nobody expected


class Trouble(CollectError):
    """A fetch that ends here. `str()` is `class: detail`; `refused` tells our own no from the site's."""

    def __init__(
        self,
        why: Why,
        detail: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        refused: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{why}: {detail}", permanent=permanent, retry_after=retry_after)
        self.why, self.refused, self.status = why, refused, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. `headers` are dropped when a redirect leaves the origin; no cookie is ever sent."""

    url: str
    method: str = "GET"
    form: Mapping[str, str] | None = None  # sent as application/x-www-form-urlencoded
    json: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    allow: tuple[str, ...] = ()  # CIDR networks admitted although not public
    robots: bool = True  # False only for an interface used under its owner's licence
    granted: bool = False  # carries a token the platform granted: a 401 or 403 then speaks of that token


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """What came of a request. `document` is there exactly when `outcome` is ok.

    `permanent`: asking the same again cannot help until a person changes something. `retry_after`: seconds the site
    (or our own pace) asks us to wait. `elapsed_ms` counts from the moment the request had its turn.
    """

    url: str
    outcome: Outcome
    reason: str
    permanent: bool = False
    retry_after: float | None = None
    http_status: int | None = None
    final_url: str = ""
    elapsed_ms: int = 0
    document: Document | None = None
    peer: str | None = None  # the address the last answer came from
    crawl_delay: float | None = None  # seconds, as robots.txt states it

    @property
    def why(self) -> Why:
        return Why(self.reason.partition(":")[0])
