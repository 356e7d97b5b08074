"""What every page stands on: store, ledger, configuration, clock, templates. Renders pages; knows none of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property
from importlib import metadata
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from monitor.config import Config, Unheeded
from monitor.ledger.standing import catalogue
from monitor.ledger.wishes import SOON
from monitor.model import Document, Feed
from monitor.names import names
from monitor.reasons import in_words
from monitor.store import Store, alive, ledger, outbox, posts, wishes
from monitor.text import SHANGHAI, face
from monitor.web import present
from monitor.web.access import Person, Right
from monitor.web.throttle import Throttle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.ledger import Ledger
    from monitor.routing import Matrix

T = TypeVar("T")
STATIC = files("monitor.web") / "static"
NAVIGATION: tuple[tuple[str, str, Right], ...] = (  # address, word, right
    ("/board", "board", Right.READ),
    ("/queue", "queue", Right.REVIEW),
    ("/incidents", "incidents", Right.READ),
    ("/situation", "situation", Right.READ),
    ("/feeds", "feeds", Right.OPERATE),
    ("/outbox", "outbox", Right.OPERATE),
    ("/roster", "roster", Right.OPERATE),
    ("/silences", "silences", Right.OPERATE),
    ("/plans", "plans", Right.READ),
    ("/audit", "audit", Right.AUDIT),
    ("/users", "users", Right.ACCOUNTS),
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    """One per application, in `app.state.desk`."""

    store: Store
    ledger: Ledger
    config: Config
    unheeded: Unheeded = field(default_factory=Unheeded)  # what was changed since the start and does not hold
    now: Callable[[], datetime] = _now
    take: Callable[[Feed, Document], int] | None = None  # what becomes of a signed push; gives how many posts it held
    by_address: Throttle = field(default_factory=lambda: Throttle(30, 600))  # wrong sign-ins from one address
    by_account: Throttle = field(default_factory=lambda: Throttle(10, 600))
    exports: Throttle = field(default_factory=lambda: Throttle(6, 3600))
    links: Throttle = field(default_factory=lambda: Throttle(240, 60))  # of mails, opened from one address
    pushes: Throttle = field(default_factory=lambda: Throttle(120, 60))
    searches: Throttle = field(default_factory=lambda: Throttle(60, 60))
    _named: tuple[Matrix, present.Names] | None = None
    _worked_out: dict[str, tuple[object, Any]] = field(default_factory=dict)

    def today(self) -> date:
        """The local day."""
        return self.now().astimezone(SHANGHAI).date()

    @cached_property
    def https(self) -> bool:
        return self.config.settings.base_url.startswith("https://")

    @cached_property
    def host(self) -> str:
        """Host and port of the configured base address, lower case."""
        return urlsplit(self.config.settings.base_url).netloc.lower()

    @cached_property
    def key(self) -> bytes:
        return hmac.new(self.config.settings.key(), b"web forms", hashlib.sha256).digest()

    @property
    def words(self) -> Mapping[str, Any]:
        return words()

    @property
    def names(self) -> present.Names:
        """What departments and sectors are called by the matrix in force."""
        matrix = self.ledger.matrix
        if self._named is None or self._named[0] is not matrix:
            self._named = (matrix, present.Names.of(matrix))
        return self._named[1]

    def watch(self, config: Config, unheeded: Unheeded) -> None:
        """Shows the pages of this configuration from now on, with what does not hold of what was changed."""
        self.config, self.unheeded = config, unheeded

    def since_last_row(self, c: Connection, what: str, day: date, make: Callable[[], T]) -> T:
        """`make()`, or what it gave before: on the same day, for the same county, with no new row in the ledger since.

        For what takes seconds in a large house and hangs on cases and on lists, whose changes are acts of the ledger.
        """
        state = (ledger.last(c), day, self.config)
        known = self._worked_out.get(what)
        if known is None or known[0] != state:
            self._worked_out[what] = known = (state, make())
        made: T = known[1]
        return made

    def seal(self, purpose: str, value: str) -> str:
        """A token that only this installation can make, for one purpose."""
        return hmac.new(self.key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()

    def page(
        self,
        request: Request,
        template: str,
        person: Person | None = None,
        *,
        status: int = 200,
        notices: Sequence[Mapping[str, str]] = (),
        **context: Any,
    ) -> HTMLResponse:
        """A rendered page; `person` gives it the navigation and the token for its forms."""
        late, counts = self._standing(person)
        said = [*self._stands_still(late), *self._told(request), *self._wishes(request, counts), *notices]
        text = (
            _templates()
            .get_template(template)
            .render(
                county_name=self.config.county.name,
                department=self.names.department,
                sector=self.names.sector,
                trait=self.names.trait,
                person=person,
                now=self.now(),
                navigation=self._navigation(request, person, counts),
                notices=said,
                csrf=lambda: _field("csrf", person.csrf) if person else "",
                field=_field,
                **context,
            )
        )
        return HTMLResponse(text, status_code=status)

    def _told(self, request: Request) -> list[Mapping[str, str]]:
        """What the last step did, by a key of the catalogue: never a text from the address."""
        told = self.words["told"].get(request.query_params.get("done", ""))
        return [told] if told else []

    def _wishes(self, request: Request, counts: Mapping[str, int]) -> list[Mapping[str, str]]:
        """On the overview: wishes whose time to answer is nearly over, or is over."""
        count = counts.get("wishes", 0)
        if not count or request.url.path != "/board":
            return []
        return [{"tone": "warn", "text": self.words["wishes_wait"].format(count=count)}]

    def _standing(self, person: Person | None) -> tuple[Sequence[alive.Late], Mapping[str, int]]:
        """What stands around every page: jobs that are late, and how much waits behind a word of the navigation."""
        if person is None:
            return (), {}
        counts = {}
        with self.store.read() as c:
            late = [one for one in alive.late(c, self.now()) if one.job in self.words["jobs"]]
            if person.may(Right.REVIEW):
                counts["queue"] = posts.review_count(c)
            if person.may(Right.OPERATE):
                depth = outbox.depth(c)
                counts["outbox"] = depth.get("failed", 0) + depth.get("held", 0)
                counts["wishes"] = wishes.near(c, self.now() + SOON)
        return late, counts

    def _stands_still(self, late: Sequence[alive.Late]) -> list[Mapping[str, str]]:
        """Said on every page while nothing is collected, sent or reminded of: a quiet page would be a lie."""
        if not late:
            return []
        what = "、".join(dict.fromkeys(self.words["jobs"][one.job] for one in late))
        return [{"tone": "bad", "text": self.words["stands_still"].format(since=face(late[0].since), what=what)}]

    def _navigation(self, request: Request, person: Person | None, counts: Mapping[str, int]) -> list[dict[str, Any]]:
        if person is None:
            return []
        return [
            {
                "href": href,
                "name": self.words["navigation"][word],
                "here": request.url.path == href or request.url.path.startswith(f"{href}/"),
                "count": counts.get(word, 0),
            }
            for href, word, right in NAVIGATION
            if person.may(right)
        ]


@cache
def _templates() -> Environment:
    """The templates, compiled once a process; everything of an installation comes with the page's context."""
    environment = Environment(
        loader=PackageLoader("monitor.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(words=words(), static=static, version=version())
    environment.filters.update(present.FILTERS)
    environment.filters["said"] = in_words
    return environment


def desk_of(request: Request) -> Desk:
    """The desk of the application that got this request."""
    desk: Desk = request.app.state.desk
    return desk


@cache
def words() -> Mapping[str, Any]:
    """The catalogue of words that stand on several pages; acts, states and return codes are the ledger's own words."""
    own: Mapping[str, Any] = yaml.safe_load((files("monitor.web") / "words.yaml").read_text("utf-8"))
    ledger = catalogue()
    return {
        **own,
        "verifications": names()["verification"],
        **{key: ledger[key] for key in ("acts", "states", "return_codes", "swap_states", "call_outcomes")},
    }


def static(name: str) -> str:
    """The address of a static file, with a mark of its content so that it may be cached."""
    return f"/static/{name}?v={_mark(name)}"


_MARKS: dict[str, str] = {}


def _mark(name: str) -> str:
    if name not in _MARKS:
        _MARKS[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return _MARKS[name]


def version() -> str:
    """The version of the installed distribution."""
    try:
        return metadata.version("xinshao")
    except metadata.PackageNotFoundError:
        return ""


def _field(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
