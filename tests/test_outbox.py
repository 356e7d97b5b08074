"""The outbox: every message is sent, or told to a person; none is lost, none holds up another, none is sent unknown."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, later, stores
from mailserver import MailServer, running

from monitor import outbox as delivering
from monitor.channels import ChannelDown, Channels
from monitor.channels.mail import Smtp
from monitor.errors import DeliveryError
from monitor.model import Level, Notification, Occasion
from monitor.outbox import Delivered, deliver_due, queue, wait
from monitor.store import Store, outbox, retention

FALLBACK = "ok+duty@qinghe.example"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def message(who: str, *, key: str | None = None, level: Level = Level.YELLOW, channel: str = "mail") -> Notification:
    return Notification(
        key=key or f"k:{who}", occasion=Occasion.FIRST, channel=channel, recipient=f"{who}@qinghe.example",
        reason="监测到欠薪线索", level=level,
    )  # fmt: skip


def put(store: Store, *messages: Notification, at: datetime = NOON) -> None:
    store.unit(lambda c: queue(c, messages, at))


def states(store: Store) -> dict[str, str]:
    with store.read() as c:
        return {row["recipient"].partition("@")[0]: row["state"] for row in outbox.recent(c, 1000)}


def smtp(server: MailServer, **more: Any) -> Channels:
    mail = Smtp("127.0.0.1", server.port, "xinshao@qinghe.example", "http://127.0.0.1:8420", tls="none", **more)
    return Channels({"mail": mail}, FALLBACK)


class Spoken:
    """A channel that remembers, and fails as it is told."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.rows: list[Mapping[str, Any]] = []
        self.problem = problem

    async def send(self, row: Mapping[str, Any]) -> None:
        self.rows.append(row)
        if self.problem is not None:
            raise self.problem


async def passes(store: Store, channels: Channels, *minutes: float) -> list[Delivered]:
    return [await deliver_due(store, channels, later(minutes=minute)) for minute in minutes]


# ------------------------------------------------------------------ a server on a bad day
async def test_each_recipient_gets_what_the_server_allows_and_no_more(store: Store) -> None:
    """Faults F23 to F28: greylisting, refusals, cut connections, a lost acknowledgement."""
    kinds = ["ok", "temp", "perm", "greylist", "data451", "data554", "cut", "lostack"]
    put(store, *(message(kind) for kind in kinds))
    async with running(MailServer()) as server:
        await passes(store, smtp(server), 0, 2, 4, 10, 20, 40)
        assert states(store) == {
            "ok": "sent", "temp": "queued", "perm": "failed", "greylist": "sent", "data451": "sent",
            "data554": "failed", "cut": "sent", "lostack": "sent", "ok+duty": "sent",
        }  # fmt: skip
        await passes(store, smtp(server), 60 * 25, 60 * 25 + 1)
    assert states(store)["temp"] == "failed"  # given up after a day, and told
    copies = {kind: Counter(server.ids(f"{kind}@qinghe.example")) for kind in kinds}
    assert {kind: sum(found.values()) for kind, found in copies.items()} == {
        "ok": 1, "temp": 0, "perm": 0, "greylist": 1, "data451": 1, "data554": 0, "cut": 1, "lostack": 2,
    }  # fmt: skip
    assert len(copies["lostack"]) == 1  # twice on the wire, one Message-ID
    told = [mail for to, mail in server.stored if to == FALLBACK]
    assert len(told) == 3  # perm, data554, temp


async def test_a_server_that_is_down_is_left_alone_and_then_gets_red_first(store: Store) -> None:
    """Fault F31."""
    put(store, *(message(f"blue{n}", level=Level.BLUE) for n in range(3)))
    put(store, message("red", level=Level.RED), message("orange", level=Level.ORANGE), at=later(minutes=1))
    (down,) = await passes(
        store, Channels({"mail": Smtp("127.0.0.1", 1, "x@qinghe.example", "http://h", tls="none")}), 1
    )
    assert (down.sent, down.failed) == (0, 0)
    with store.read() as c:
        rows = outbox.recent(c)
        assert sum(row["attempts"] for row in rows) == 1  # one knocked, the others waited
        assert all(row["state"] == "queued" and row["due_at"] > later(minutes=1) for row in rows)
    spoken = Spoken()
    await passes(store, Channels({"mail": spoken}), 10)
    assert [row["recipient"].partition("@")[0] for row in spoken.rows] == ["red", "orange", "blue0", "blue1", "blue2"]


async def test_a_refused_login_is_not_tried_again_at_once(store: Store) -> None:
    """Fault F30: more tries would lock the account."""
    put(store, *(message(f"ok+{n}") for n in range(5)))
    async with running(MailServer(login=True)) as server:
        await passes(store, smtp(server, user="u", password="p"), 0, 1, 5, 9)
    assert server.connections == 1
    assert set(states(store).values()) == {"queued"}


async def test_starttls_never_falls_back_to_plain_text(store: Store) -> None:
    put(store, message("ok"))
    async with running(MailServer()) as server:
        mail = Smtp("127.0.0.1", server.port, "x@qinghe.example", "http://127.0.0.1:8420", tls="starttls")
        (done,) = await passes(store, Channels({"mail": mail}), 0)
    assert (done.sent, done.retried) == (0, 1)
    assert server.stored == []


async def test_a_server_that_says_nothing_costs_its_deadline_and_nobody_else(store: Store) -> None:
    """Fault F29."""
    robot = Spoken()
    put(store, message("ok"), message("group", channel="wecom"))
    async with running(MailServer(banner="")) as server:
        mail = Smtp("127.0.0.1", server.port, "x@qinghe.example", "http://h", tls="none", deadline=0.2)
        await passes(store, Channels({"mail": mail, "wecom": robot}), 0)
    assert states(store) == {"ok": "queued", "group": "sent"}
    with store.read() as c:
        assert "outcome unknown" in str([row["last_error"] for row in outbox.undelivered(c)])


# ------------------------------------------------------------------ claims
async def test_two_workers_send_each_message_once(store: Store) -> None:
    put(store, *(message(f"m{n}") for n in range(40)))
    spoken = Spoken()
    both = [deliver_due(store, Channels({"mail": spoken}), NOON) for _ in range(2)]
    done = await asyncio.gather(*both)
    assert Counter(row["message_id"] for row in spoken.rows).most_common(1)[0][1] == 1
    assert sum(one.sent for one in done) == 40


async def test_a_worker_that_lost_its_lease_notices(store: Store) -> None:
    """Fault F06: stopped for longer than the lease, woken after another has sent."""
    put(store, message("m"))
    first = store.unit(lambda c: outbox.claim(c, 1, NOON, later(minutes=1)))
    assert store.unit(lambda c: outbox.claim(c, 1, later(seconds=30), later(minutes=2))) is None
    spoken = Spoken()
    await passes(store, Channels({"mail": spoken}), 2)
    assert len(spoken.rows) == 1
    assert not store.unit(lambda c: outbox.finish(c, first or {}, state="failed"))
    assert states(store) == {"m": "sent"}


async def test_the_same_message_is_queued_once_and_tells_the_latest_until_it_leaves(store: Store) -> None:
    """Fault F48 and grouping."""
    put(store, message("m", key="QX-1:joined:w1"))
    newer = Notification(
        key="QX-1:joined:w1", occasion=Occasion.JOINED, channel="mail", recipient="m@qinghe.example", reason="又有两条",
        level=Level.ORANGE, data={"posts": 3},
    )  # fmt: skip
    put(store, newer)
    spoken = Spoken()
    await passes(store, Channels({"mail": spoken}), 0)
    put(store, newer)
    await passes(store, Channels({"mail": spoken}), 1)
    assert [(row["reason"], row["data"]) for row in spoken.rows] == [("又有两条", {"posts": 3})]


async def test_one_failing_channel_stops_no_other(store: Store) -> None:
    put(store, *(message(f"a{n}", channel="wecom") for n in range(3)), *(message(f"b{n}") for n in range(3)))
    broken, fine = Spoken(ValueError("a bug in the channel")), Spoken()
    await passes(store, Channels({"wecom": broken, "mail": fine}), 0)
    assert len(fine.rows) == 3
    assert all(states(store)[f"a{n}"] == "queued" for n in range(3))


async def test_what_is_held_or_kept_for_the_digest_does_not_leave(store: Store) -> None:
    """Fault F54: after a restore yesterday's queue waits for a person."""
    put(store, message("old"))
    store.unit(lambda c: outbox.set_aside(c, [(message("many"), "over budget")], NOON))
    assert store.unit(lambda c: outbox.hold(c, later(minutes=1), "restored")) == 1
    spoken = Spoken()
    await passes(store, Channels({"mail": spoken}), 5)
    assert spoken.rows == []
    store.unit(lambda c: outbox.release(c, [1], later(minutes=6)))
    await passes(store, Channels({"mail": spoken}), 7)
    assert [row["recipient"] for row in spoken.rows] == ["old@qinghe.example"]


def test_what_was_put_aside_is_listed_one_by_one(store: Store) -> None:
    """Every alert over the budget or under a silence, the highest level first; what left since is not among them."""
    many = [
        Notification(
            key=f"QX-{n}", occasion=Occasion.FIRST, channel="mail", recipient="many@qinghe.example", reason="线索",
            level=level, incident=f"QX-2026-000{n}", data={"title": f"锦禾苑{n}期"},
        )
        for n, level in enumerate((Level.BLUE, Level.ORANGE, Level.YELLOW))
    ]  # fmt: skip
    store.unit(lambda c: outbox.set_aside(c, [(one, "over budget") for one in many], NOON))
    store.unit(lambda c: outbox.set_aside(c, [(message("tomorrow"), "over budget")], later(hours=24)))
    put(store, message("ok"), many[2], at=later(minutes=1))  # another day's mail, and one that may leave after all
    with store.read() as c:
        listed = outbox.put_aside(c, NOON, later(hours=24))
    assert [(row["incident"], row["title"], row["why"]) for row in listed] == [
        ("QX-2026-0001", "锦禾苑1期", "over budget"),
        ("QX-2026-0000", "锦禾苑0期", "over budget"),
    ]


async def test_what_the_fallback_does_not_take_is_not_told_to_the_fallback_for_ever(store: Store) -> None:
    put(store, message("m"))
    refused = Channels({"mail": Spoken(DeliveryError("550 no", permanent=True))}, FALLBACK)
    await passes(store, refused, 0, 1, 2, 3)
    with store.read() as c:
        assert [row["occasion"] for row in outbox.undelivered(c)] == ["undelivered", "first"]


def person(who: str, *, channel: str = "mail") -> dict[str, str]:
    address = f"{who}@qinghe.example" if channel == "mail" else who
    return {"channel": channel, "recipient": address, "name": who, "why": f"{who}是下一顺位"}


async def test_what_fails_goes_down_the_phone_tree_and_then_to_the_fallback(store: Store) -> None:
    """Each is told why it is them and who could not be reached; nobody is tried twice, and the chain ends."""
    tree = [person("perm+second"), person("duty-group", channel="wecom"), person("perm+first"), person("ok+last")]
    first = {"next": tree, "recipient_name": "张三", "recipient_phone": "0000-1", "token": "a" * 40}
    told = Notification(
        key="k", occasion=Occasion.FIRST, channel="mail", recipient="perm+first@qinghe.example", reason="线索",
        level=Level.ORANGE, incident="QX-2026-0001", department="housing", data=first,
    )  # fmt: skip
    put(store, told)
    robot = Spoken(DeliveryError("the robot is gone", permanent=True))
    async with running(MailServer()) as server:
        channels = Channels({**smtp(server).by_name, "wecom": robot}, FALLBACK)
        await passes(store, channels, 0, 1, 2, 3, 4)
    with store.read() as c:
        rows = {row["recipient"]: row for row in outbox.recent(c)}
    assert {who: row["state"] for who, row in rows.items()} == {
        "perm+first@qinghe.example": "failed", "perm+second@qinghe.example": "failed", "duty-group": "failed",
        "ok+last@qinghe.example": "sent",
    }  # fmt: skip
    second, last = rows["perm+second@qinghe.example"], rows["ok+last@qinghe.example"]
    assert second["data"]["why_you"] == "perm+second是下一顺位"
    assert second["data"]["failed"]["recipient"] == "perm+first@qinghe.example"
    assert (second["data"]["failed"]["name"], second["data"]["failed"]["phone"]) == ("张三", "0000-1")
    assert second["data"]["token"] is None  # the link was somebody else's
    assert (last["occasion"], last["department"], last["level"]) == ("undelivered", "housing", 2)
    assert last["data"]["failed"]["error"] == "the robot is gone"


async def test_what_nobody_on_the_tree_takes_ends_at_the_fallback(store: Store) -> None:
    tree = {"next": [person("perm+second")]}
    put(store, replace(message("perm+first"), data=tree))
    async with running(MailServer()) as server:
        await passes(store, smtp(server), 0, 1, 2, 3)
    assert states(store) == {"perm+first": "failed", "perm+second": "failed", "ok+duty": "sent"}
    with store.read() as c:
        assert outbox.recent(c)[0]["data"]["tried"] == ["perm+first@qinghe.example", "perm+second@qinghe.example"]


async def test_what_has_no_address_is_failed_with_its_reason_and_told_on_once(store: Store) -> None:
    """Channel `phone`: two departments of one incident cannot be written to; the fallback hears of both in one mail."""
    call = {"call": "公安局须电话通知：指挥中心 0000-110", "stood_in": False, "once": "QX-2026-0001:first:1"}
    nobody = [
        replace(message(who, channel="phone"), recipient=who, data=call, incident="QX-2026-0001")
        for who in ("公安局", "应急局")
    ]
    covered = replace(
        message("水务局", channel="phone"), recipient="水务局", data={**call, "stood_in": True, "once": "x"}
    )
    put(store, *nobody, covered, message("a robot", channel="telegram"))
    spoken = Spoken()
    (done, _) = await passes(store, Channels({"mail": spoken}, FALLBACK), 0, 1)
    assert done.failed == 4
    assert [row["recipient"] for row in spoken.rows] == [FALLBACK, FALLBACK]  # the calls in one, the unknown channel
    with store.read() as c:
        failed = {row["recipient"]: row["last_error"] for row in outbox.undelivered(c, states=("failed",))}
    assert failed["公安局"] == failed["水务局"] == "公安局须电话通知：指挥中心 0000-110"
    assert "telegram" in failed["a robot@qinghe.example"]


async def test_a_person_who_telephoned_settles_it(store: Store) -> None:
    put(store, replace(message("公安局", channel="phone"), incident="QX-2026-0001", department="police"))
    put(store, message("perm"))
    await passes(store, Channels({"mail": Spoken(DeliveryError("550", permanent=True))}), 0)
    store.unit(lambda c: outbox.called(c, "QX-2026-0001", "police", "已电话告知"))
    with store.read() as c:
        (left,) = outbox.undelivered(c)
        assert outbox.depth(c) == {"failed": 1, "told": 1}
    assert store.unit(lambda c: outbox.settle(c, [left["id"]], "已电话告知")) == 1
    with store.read() as c:
        assert outbox.undelivered(c) == []
        assert "550; 已电话告知" in [row["last_error"] for row in outbox.recent(c)]


def test_contents_go_after_ninety_days_whatever_became_of_the_message(store: Store) -> None:
    put(store, *(replace(message(who), data={"title": "锦禾苑"}) for who in ("failed", "told", "waits")))
    store.unit(lambda c: (outbox.returned(c, 1, "550"), outbox.returned(c, 2, "550"), outbox.settle(c, [2], "x")))
    store.unit(lambda c: retention.purge(c, later(hours=24 * 91)))
    with store.read() as c:
        kept = {row["recipient"].partition("@")[0]: row["data"] for row in outbox.recent(c)}
    assert kept == {"failed": {}, "told": {}, "waits": {"title": "锦禾苑"}}


async def test_news_that_waited_for_hours_is_told_once(store: Store) -> None:
    """Fault F31: the server was down for six hours; of a dozen mails about further posts the newest tells them all."""
    for hour in range(6):
        news = [
            replace(message(who, key=f"QX-{n}:joined:w{hour}:{who}"), occasion=Occasion.JOINED, incident=f"QX-{n}")
            for who in ("a", "b")
            for n in (1, 2)
        ]
        put(store, *news, replace(message("a", key=f"step{hour}"), incident="QX-1"), at=later(hours=hour))
    spoken = Spoken()
    await passes(store, Channels({"mail": spoken}), 6 * 60)
    told = Counter(row["key"].rpartition(":w")[0] for row in spoken.rows if row["occasion"] == "joined")
    assert told == {"QX-1:joined": 4, "QX-2:joined": 4}  # of the last two hours nothing is old
    assert sum(row["occasion"] == "first" for row in spoken.rows) == 6  # and nothing else is gathered up
    with store.read() as c:
        aside = outbox.put_aside(c, NOON, later(hours=7))
    assert len(aside) == 24 - 8
    assert all(row["why"] for row in aside)


@pytest.mark.parametrize("attempts", [1, 2, 5, 30])
@pytest.mark.parametrize("level", [0, 3])
def test_pauses_grow_and_are_bounded(attempts: int, level: int) -> None:
    longest = delivering.LONGEST_WAIT_RED if level == 3 else delivering.LONGEST_WAIT
    pauses = {wait(attempts, level, DeliveryError("451")) for _ in range(20)}
    assert len(pauses) > 1  # spread by chance
    assert max(pauses) <= timedelta(seconds=longest * 1.2)
    assert min(pauses) >= timedelta(seconds=min(30 * 2 ** (attempts - 1), longest) * 0.8)
    assert wait(1, level, ChannelDown("down", wait=900)) >= timedelta(seconds=700)


# ------------------------------------------------------------------ kill -9
WORKER = textwrap.dedent("""
    import asyncio, sys
    from datetime import UTC, datetime, timedelta
    from monitor.channels import Channels
    from monitor.channels.mail import Smtp
    from monitor import outbox
    from monitor.store import open_store, outbox as rows
    outbox.LEASE = timedelta(seconds=0.5)
    store = open_store("sqlite:///" + sys.argv[1])
    mail = Smtp("127.0.0.1", int(sys.argv[2]), "x@qinghe.example", "http://h", tls="none")
    while True:
        asyncio.run(outbox.deliver_due(store, Channels({"mail": mail}), datetime.now(UTC), 20))
        with store.read() as c:
            if set(rows.depth(c)) == {"sent"}:
                break
""")


async def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path) -> None:
    """Faults F02 to F04: repeats only with the same Message-ID, at most one for each message on its way at a kill."""
    from monitor.store import open_store

    path = tmp_path / "x.db"
    store = open_store(f"sqlite:///{path}")
    put(store, *(message(f"ok+{n}") for n in range(60)))
    kills = 0
    async with running(MailServer()) as server:
        for pause in (0.9, 1.1, 1.3):
            worker = _worker(path, server.port)
            await asyncio.sleep(pause)
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
                kills += 1
            worker.wait()
        last = _worker(path, server.port)
        await asyncio.wait_for(asyncio.to_thread(last.wait), 30)
    copies = Counter(str(mail["Message-ID"]) for _, mail in server.stored)
    with store.read() as c:
        assert {row["message_id"] for row in outbox.recent(c, 100)} == set(copies)
        assert outbox.depth(c) == {"sent": 60}
    assert sum(copies.values()) - len(copies) <= kills * delivering.AT_ONCE
    store.check()
    store.close()


def _worker(path: Path, port: int) -> subprocess.Popen[bytes]:
    root = Path(__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), str(port)], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
