"""Every behaviour of the hostile mail server (faults F23 to F33), put to our outbox: what each recipient got, and when.

Time is simulated between passes, so that a day of retries takes as long as the server's own silences. With `-s` the
table is printed; the server is a tool beside the checkout (XINSHAO_SHARED).
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import NOON, later
from sqlalchemy import Connection

from monitor.channels import Channels
from monitor.channels.journal import Journal
from monitor.channels.mail import Smtp
from monitor.model import Level, Notification, Occasion
from monitor.outbox import deliver_due, queue
from monitor.store import Store, open_store, outbox

SHARED = Path(os.environ.get("XINSHAO_SHARED", Path(__file__).parents[2] / "shared"))
TOOL = SHARED / "tools" / "hostile_smtp.py"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not TOOL.exists(), reason="the hostile mail server is not here (XINSHAO_SHARED)"),
]
FALLBACK = "ok+duty@qinghe.example"
DAY = 24 * 60
MINUTES = (0, 0.8, 2.2, 5, 9, 15, 30, 60, 180, 600, DAY + 1, DAY + 2)
ONCE, TWICE, NEVER = (1, 1), (2, 1), (0, 0)  # copies on the wire, different Message-IDs
EXPECTED: dict[str, tuple[str, tuple[int, int]]] = {
    "ok": ("sent", ONCE), "multi": ("sent", ONCE), "slow": ("sent", ONCE),
    "greylist": ("sent", ONCE), "data451": ("sent", ONCE), "cutdata": ("sent", ONCE), "cutrcpt": ("sent", ONCE),
    "c421": ("sent", ONCE), "lostack": ("sent", TWICE), "lostacktime": ("sent", TWICE), "drip": ("sent", TWICE),
    "temp450": ("failed", NEVER), "temp451": ("failed", NEVER), "temp452": ("failed", NEVER),
    "badreply": ("failed", NEVER), "perm550": ("failed", NEVER), "perm553": ("failed", NEVER),
    "data552": ("failed", NEVER), "data554": ("failed", NEVER),
}  # fmt: skip
AT_ONCE_FAILED = {"perm550", "perm553", "data552", "data554"}


@dataclass
class Hostile:
    port: int
    journal: Path

    def stored(self) -> list[dict[str, Any]]:
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def copies(self, recipient: str) -> tuple[int, int]:
        ids = [one["message_id"] for one in self.stored() if one["rcpt"] == recipient]
        return len(ids), len(set(ids))


@contextmanager
def hostile(folder: Path, seconds: int = 240) -> Iterator[Hostile]:
    port = _nine_ports()
    server = Hostile(port, folder / "journal.jsonl")
    command = [sys.executable, str(TOOL), "--port", str(port), "--journal", str(server.journal)]
    process = subprocess.Popen([*command, "--seconds", str(seconds)])
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port + 8), 0.2):
                break
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()


def _nine_ports() -> int:
    for _ in range(50):
        base = random.randrange(20_000, 32_000)
        with suppress(OSError):
            plugs = []
            try:
                for port in range(base, base + 9):
                    plugs.append(socket.socket())
                    plugs[-1].bind(("127.0.0.1", port))
                return base
            finally:
                for plug in plugs:
                    plug.close()
    raise RuntimeError("no nine free ports in a row")


def warning(who: str, level: Level = Level.YELLOW) -> Notification:
    return Notification(
        key=f"k:{who}", occasion=Occasion.FIRST, channel="mail", recipient=f"{who}@qinghe.example",
        reason="监测到欠薪线索", level=level,
    )  # fmt: skip


def rows_of(store: Store) -> dict[str, dict[str, Any]]:
    with store.read() as c:
        return {row["recipient"].partition("@")[0]: row for row in outbox.recent(c, 5000)}


def tell(line: str) -> None:
    print(line, file=sys.stderr)


async def test_every_behaviour_of_a_recipient(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    store.unit(lambda c: queue(c, [warning(kind) for kind in EXPECTED], NOON))
    first: dict[str, tuple[str, float]] = {}
    with hostile(tmp_path) as server:
        mail = Smtp("127.0.0.1", server.port, "xinshao@qinghe.example", "http://h", tls="none", deadline=10)
        channels = Channels({"mail": mail}, FALLBACK, Journal(tmp_path / "sent"))
        for minute in MINUTES:
            await deliver_due(store, channels, later(minutes=minute))
            for kind, row in rows_of(store).items():
                if row["state"] in ("sent", "failed"):
                    first.setdefault(kind, (row["state"], minute))
        rows, copies = rows_of(store), {kind: server.copies(f"{kind}@qinghe.example") for kind in EXPECTED}
        told = server.copies(FALLBACK)
    tell("\nbehaviour     state   after min  attempts  copies  ids  last error")
    for kind in EXPECTED:
        row = rows[kind]
        error = (row["last_error"] or "")[:60]
        wire, ids = copies[kind]
        tell(f"{kind:13} {row['state']:7} {first[kind][1]:9g} {row['attempts']:9} {wire:7} {ids:4}  {error}")
    assert {kind: (rows[kind]["state"], copies[kind]) for kind in EXPECTED} == EXPECTED
    assert {kind for kind, (state, minute) in first.items() if state == "failed" and minute == 0} == AT_ONCE_FAILED
    assert first["greylist"][1] <= 15
    failed = sum(state == "failed" for state, _ in EXPECTED.values())
    assert told == (failed, failed)  # a person hears of each, once
    assert all(rows[kind]["attempts"] == 1 for kind in AT_ONCE_FAILED)
    assert max(rows[kind]["attempts"] for kind in EXPECTED) <= len(MINUTES)
    store.close()


PORTS: dict[int, tuple[str, dict[str, Any], str]] = {  # offset: what it does, settings, rows afterwards
    1: ("greets 554", {}, "queued"), 2: ("never greets", {"deadline": 2.0}, "queued"), 3: ("closes", {}, "queued"),
    4: ("greets 421", {}, "queued"), 5: ("refuses the login", {"user": "u", "password": "p"}, "queued"),
    6: ("breaks STARTTLS", {"tls": "starttls"}, "queued"), 8: ("knows HELO only", {}, "sent"),
}  # fmt: skip


@pytest.mark.parametrize("offset", sorted(PORTS))
async def test_every_behaviour_of_a_server(tmp_path: Path, offset: int) -> None:
    what, more, state = PORTS[offset]
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    store.unit(lambda c: queue(c, [warning(f"ok+{n}") for n in range(6)], NOON))
    spoken: list[str] = []

    class Robot:
        async def send(self, row: Any) -> None:
            spoken.append(row["recipient"])

    store.unit(lambda c: queue(c, [replace(warning("group"), channel="wecom")], NOON))
    with hostile(tmp_path, 60) as server:
        given: dict[str, Any] = {"tls": "none", **more}
        mail = Smtp("127.0.0.1", server.port + offset, "x@qinghe.example", "http://h", **given)
        began = time.monotonic()
        await deliver_due(store, Channels({"mail": mail, "wecom": Robot()}), NOON)
        took = time.monotonic() - began
        stored = server.stored()
    rows = [row for row in rows_of(store).values() if row["channel"] == "mail"]
    attempts = sum(row["attempts"] for row in rows)
    tell(f"\nport+{offset} {what}: {Counter(row['state'] for row in rows)}, {attempts} attempts, {took:.1f} s, "
         f"{next((row['last_error'] for row in rows if row['last_error']), '')}")  # fmt: skip
    assert {row["state"] for row in rows} == {state}
    assert attempts <= 6 if state == "sent" or offset == 2 else attempts == 1  # no tight loop, no locked account
    assert len(stored) == (6 if state == "sent" else 0)  # and nothing in plain text
    assert spoken == ["group@qinghe.example"]  # one failing channel stops no other
    store.close()


async def test_a_digest_too_large_goes_without_its_attachments(tmp_path: Path) -> None:
    """Fault F32: port+7 takes 1,000 bytes, which no mail of ours fits: a clear failure, told at once."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    store.unit(lambda c: queue(c, [warning("ok")], NOON))
    with hostile(tmp_path, 30) as server:
        mail = Smtp("127.0.0.1", server.port + 7, "x@qinghe.example", "http://h", tls="none")
        await deliver_due(store, Channels({"mail": mail}), NOON)
    row = rows_of(store)["ok"]
    tell(f"\nport+7 SIZE 1000: {row['state']}, {row['last_error']}")
    assert (row["state"], row["attempts"]) == ("failed", 1)
    assert "552" in row["last_error"]
    store.close()


def _put(some: list[Notification], at: datetime, c: Connection) -> None:
    queue(c, some, at)


async def test_a_server_that_was_down_for_six_hours_gets_red_first(tmp_path: Path) -> None:
    """Fault F31: 2,000 alerts wait; nobody knocks in a tight loop; afterwards by level, then by age."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    levels = list(Level)
    for number in range(20):
        some = [warning(f"ok+{number}.{n}", levels[n % 4]) for n in range(100)]
        store.unit(partial(_put, some, later(seconds=number)))
    down = Smtp("127.0.0.1", 1, "x@qinghe.example", "http://h", tls="none")
    for minute in range(1, 361, 10):
        await deliver_due(store, Channels({"mail": down}), later(minutes=minute))
    with store.read() as c:
        knocks = sum(row["attempts"] for row in outbox.recent(c, 5000))
        assert outbox.depth(c) == {"queued": 2000}
    with hostile(tmp_path) as server:
        up = Smtp("127.0.0.1", server.port, "x@qinghe.example", "http://h", tls="none")
        began = time.monotonic()
        for minute in (400, 405, 410):
            await deliver_due(
                store, Channels({"mail": up}, "", Journal(tmp_path / "sent")), later(minutes=minute), 5000
            )
        took = time.monotonic() - began
        order = [one["rcpt"].partition(".")[2].partition("@")[0] for one in server.stored()]
    ranks = [int(number) % 4 for number in order]
    swaps = sum(rank < following for rank, following in pairwise(ranks))
    tell(f"\nF31: {knocks} knocks in 6 h; then 2,000 in {took:.1f} s ({2000 / took:.0f}/s), {swaps} out of order")
    assert len(order) == 2000
    assert knocks <= 40
    assert swaps <= 12  # four on the way together may overtake each other where the level changes
    store.close()
