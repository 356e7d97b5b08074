"""A whole house behind the web: real store, real ledger, the matrix, a fictional county. For the web tests."""

from __future__ import annotations

import atexit
import hashlib
import re
import shutil
import sqlite3
import tempfile
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute
from ledgerhouse import postgres

from classifiers.verdict import Assessment, Flag, Kind, Reason
from monitor.clocks import Calendar
from monitor.config import Config, Settings
from monitor.ledger import Ledger
from monitor.model import Act, Change, Contact, County, Engagement, Facts, Feed, Place, Post, Reading, RegisterRow
from monitor.routing import Matrix, load_matrix
from monitor.store import Store, open_store, posts, users
from monitor.web import create_app
from monitor.web.app import ROOMS

with warnings.catch_warnings():  # the client library it stands on is ours to choose, not the test client's
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # a Wednesday morning, ten o'clock in Shanghai
PASSWORD = "柳溪镇的桥修了三年还没修好"
PEOPLE = {
    "zhou": ("duty", None),
    "wu": ("duty", None),
    "lin": ("leader", None),
    "ruan": ("admin", None),
    "shen": ("auditor", None),
    "jian": ("handler", "housing"),
    "shui": ("handler", "water"),
    "ren": ("handler", "hrss"),
}
COUNTY = County(
    code="999901",
    name="青禾县",
    city="望舟市",
    towns=("柳溪镇", "石鼓岭镇", "东岸街道"),
    contacts={"housing": (Contact(name="住建局值班", mail="zj@qinghe.example"),)},
    register=(
        RegisterRow(kind="project", name="锦禾苑三期", town="柳溪镇", sector="building_municipal"),
        RegisterRow(kind="project", name="石鼓岭泵站除险加固", town="石鼓岭镇", owner_department="water"),
    ),
)
FEEDS = (
    Feed(name="县论坛", kind="discuz", url="https://bbs.qinghe.example/rss", source="青禾论坛", purpose="发现欠薪线索"),
    Feed(name="供应商", kind="vendor", url="push:vendor", source="授权供应商", purpose="发现欠薪线索"),
)


@dataclass
class House:
    """`now` may be moved by a test."""

    store: Store
    ledger: Ledger
    app: FastAPI
    now: datetime = START
    pushed: list[Any] = field(default_factory=list)

    def browser(self, name: str | None = None, *, base: str = "http://127.0.0.1:8420") -> Browser:
        """A browser, signed in as `name` where one is given."""
        client = Browser(TestClient(self.app, base_url=base, follow_redirects=False, raise_server_exceptions=False))
        if name:
            assert client.sign_in(name).status_code == 303
        return client

    def tick(self, **span: float) -> None:
        self.now += timedelta(**span)

    def opens(self, text: str = "", **facts: Any) -> str:
        """An incident opened by the machine; returns its number."""
        reading = reading_of(self, text or TEXT, **facts)
        change = Change(act=Act.OPEN, at=self.now, reason="分数达到直接预警线", readings=(reading,))
        recorded = self.ledger.record(change)
        assert recorded.incident is not None
        return recorded.incident

    def holds(
        self,
        text: str = "",
        *,
        score: float = 0.5,
        kind: Kind = Kind.OPEN,
        life_risk: bool = False,
        perhaps: bool = False,
    ) -> str:
        """A post in the review queue; returns its id."""
        given: dict[str, Any] = {"flag": Flag.REVIEW, "life_risk": life_risk, "perhaps": perhaps}
        reading = reading_of(self, text or HELD, score=score, kind=kind, **given)
        self.ledger.record(Change(act=Act.HOLD, at=self.now, reason="拿不准", readings=(reading,)))
        return reading.post.id

    def version(self, incident: str) -> int:
        from monitor.store import incidents

        with self.store.read() as c:
            row = incidents.one(c, incident)
        assert row is not None
        return int(row["version"])

    def row(self, incident: str) -> dict[str, Any]:
        from monitor.store import incidents

        with self.store.read() as c:
            row = incidents.one(c, incident)
        assert row is not None
        return row


TEXT = "锦禾苑三期的活七月就干完了，我们三十六个人的工资一百二十六万到现在一分没给。我叫张建国，电话13800001234"
HELD = "跟着老周干了三个月装修，活干完人没了影，三个人的钱一万八就这么没了？"
COUNT = iter(range(10_000))


def reading_of(
    house: House,
    text: str,
    *,
    score: float = 0.95,
    kind: Kind = Kind.OPEN,
    flag: Flag = Flag.ALERT,
    life_risk: bool = False,
    perhaps: bool = False,
    title: str | None = None,
    url: str | None = "https://bbs.qinghe.example/thread-1.html",
    words: str = "一分没给",
    **facts: Any,
) -> Reading:
    number = next(COUNT)
    known: dict[str, Any] = {
        "workers": 36, "amount_yuan": 1_260_000.0, "employer": "甲木建工", "project": "锦禾苑三期",
        "place": Place("柳溪镇", "999901", "青禾县", "town", True, "柳溪镇"), "sector": "building_municipal",
        "missing": ("period",),
    }  # fmt: skip
    post = Post(
        id=f"post{number:012d}",
        text=text,
        title=title,
        platform="青禾论坛",
        url=url,
        published_at=house.now - timedelta(minutes=30),
        author="江上一只船",
        engagement=Engagement(views=120, likes=3, comments=2, reposts=1),
        native_id=str(number),
        feed="县论坛",
        fetched_at=house.now,
    )
    at = post.full_text.find(words)
    reasons = (Reason(words, at, at + len(words), 2.0),) if at >= 0 else ()
    assessment = Assessment(
        flag=flag,
        score=score,
        kind=kind,
        life_risk=life_risk,
        model="words-1",
        reasons=reasons,
        perhaps_life_risk=perhaps,
    )
    return Reading(post, assessment, Facts(**{**known, **facts}))


@dataclass
class Browser:
    """Fills in forms as a person would: the token of the page goes with what is sent."""

    client: TestClient

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        page = self.client.get("/signin")
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        assert token, page.text
        return self.client.post("/signin", data={"name": name, "password": password, "token": token[1], "next": "/"})

    def token(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/account").text)
        assert found
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.client.post(path, data={"csrf": self.token(), **(data or {})}, **options)


@cache
def _matrix() -> Matrix:
    return load_matrix()


@cache
def _empty() -> Path:
    """A database with its tables and with everybody of PEOPLE, made once and copied for each test."""
    path = Path(tempfile.mkdtemp(prefix="xinshao-test-")) / "empty.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    store = open_store(f"sqlite:///{path}")
    store.unit(_everybody)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@cache
def _filled() -> str:
    """The same on a server: the name of a database to copy."""
    store = open_store(postgres())
    store.unit(_everybody)
    store.close()
    return str(store.engine.url.database)


def _everybody(c: Any) -> None:
    stored = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # a weak hash: many tests sign in
    for name, (role, department) in PEOPLE.items():
        users.add_user(c, name, display=f"{name}同志", password=stored, role=role, department=department)


def build(folder: Path, *, on: str = "sqlite", store: Store | None = None, **settings: Any) -> House:
    """A house in a folder, with everybody of PEOPLE; `on`: sqlite or postgres. `store`: one that is there already."""
    if store is not None:
        pass
    elif on == "sqlite":
        shutil.copyfile(_empty(), folder / "house.db")
        store = open_store(f"sqlite:///{folder / 'house.db'}")
    else:
        store = open_store(postgres(_filled()))
    configured = Settings(home=folder, secret="s" * 40, _env_file=None, **settings)  # type: ignore[call-arg]
    ledger = Ledger(store, COUNTY, _matrix(), Calendar(), configured.key())
    house = House(store, ledger, FastAPI())

    def take(feed: Feed, document: Any) -> int:
        house.pushed.append((feed.name, document.body))
        return 1

    house.app = create_app(store, ledger, Config(configured, FEEDS, COUNTY), now=lambda: house.now, take=take)
    return house


def stored_post(house: House, post: str) -> dict[str, Any]:
    with house.store.read() as c:
        row = posts.one(c, post)
    assert row is not None
    return row


ROUTES = [route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)]
OPEN_TO_ALL = {
    "/",
    "/signin",
    "/health",
    "/push/{name}/wechat",
    "/metrics",
    "/about",
    "/review",
    "/ack/{token}",
    "/subscribe/{name}/{seal}",
}


def addresses(house: House, method: str, incident: str = "QX-2026-0001", post: str = "post0") -> list[tuple[str, str]]:
    """(template, address) of every page of a method, with its parts filled in."""
    parts = {
        "incident": incident,
        "post": post,
        "name": "zhou",
        "step": "disable",
        "token": "k" * 40,
        "number": "1",
        "seal": "0" * 64,
        "kind": "report",
    }
    return [
        (route.path, re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], route.path))
        for route in ROUTES
        if method in route.methods
    ]


def database(house: House) -> str:
    """A digest of every row of every table but the register of who looked."""
    with sqlite3.connect(str(house.store.engine.url.database)) as connection:
        lines = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "looks"')]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
