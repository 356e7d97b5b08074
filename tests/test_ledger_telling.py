"""Who hears of a change: rounds shared out fairly, departments without an address put before a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledgerhouse import BOTH, KEY, NOON, by, county, joined, later, matrix, reading, stores

from monitor.channels import Channels
from monitor.clocks import Calendar
from monitor.ledger import Ledger
from monitor.model import Change, Contact, Level
from monitor.outbox import deliver_due
from monitor.routing.policy import Policy
from monitor.store import Store, outbox

HOUSING = "housing@qinghe.example"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def ledger(store: Store, *, budget: int = 30, contacts: dict[str, tuple[Contact, ...]] | None = None) -> Ledger:
    place = county() if contacts is None else replace(county(), contacts=contacts)
    return Ledger(store, place, matrix(), Calendar(), KEY, Policy(budget=budget))


def case(number: int, workers: int, at: datetime = NOON) -> Change:
    """One debt of its own. 5 workers: blue or yellow; 40: orange; 120: red."""
    name = f"{'东西南北中甲乙丙丁戊己庚辛壬癸'[number % 15]}{number}号院工程"
    text = f"{name}拖欠我们{workers}个工人工资，一人欠2000元，找项目部一直推，位于青石镇"
    return joined(reading(f"p{number}", text, author=f"网友{number}", url=f"https://bbs.qinghe.example/t/{number}"), at)


def levels(store: Store, state: str, recipient: str = HOUSING) -> Counter[str]:
    with store.read() as c:
        rows = [row for row in outbox.recent(c, 2000) if (row["state"], row["recipient"]) == (state, recipient)]
    return Counter(list(Level)[row["level"]].value for row in rows)


def cases(store: Store) -> int:
    with store.read() as c:
        return len({row["incident"] for row in outbox.recent(c, 5000)})


def test_a_late_orange_is_not_lost_to_the_blues_of_the_morning(store: Store) -> None:
    door = ledger(store, budget=10)
    door.record_all([case(number, 5) for number in range(20)])
    morning = levels(store, "queued")
    assert sum(morning.values()) <= 8
    assert morning["orange"] == 0
    door.record_all([case(100 + number, 40, later(hours=3)) for number in range(2)])
    assert levels(store, "queued")["orange"] == 2
    with store.read() as c:
        aside = outbox.put_aside(c, NOON, later(hours=4))
        assert len({row["key"] for row in aside}) == len(aside) == outbox.depth(c)["digest"]
    assert all(row["why"] and row["title"] for row in aside)
    told = sum(morning.values()) + sum(levels(store, "digest").values())
    assert told == cases(store) - 2  # every one of the morning is either mailed or listed in the digest


def test_what_waits_in_the_outbox_makes_room_for_a_higher_level(store: Store) -> None:
    """At night blue and yellow wait for seven o'clock: an orange storm takes their place, and the digest lists them."""
    night = NOON + timedelta(hours=11)  # 23:00 in Shanghai
    door = ledger(store, budget=10)
    door.record_all([case(number, 5, night) for number in range(20)])
    waiting = sum(levels(store, "queued").values())
    door.record_all([case(100 + number, 40, night + timedelta(minutes=5)) for number in range(15)])
    assert levels(store, "queued") == {"orange": 10}
    assert sum(levels(store, "digest").values()) == cases(store) - 10
    with store.read() as c:
        reasons = Counter(
            row["why"] for row in outbox.put_aside(c, NOON, later(hours=24)) if row["recipient"] == HOUSING
        )
    assert sum(count for why, count in reasons.items() if "让位" in why) == waiting


def test_within_one_round_the_higher_level_goes_first_whatever_the_order(store: Store) -> None:
    ledger(store, budget=5).record_all([*(case(n, 5) for n in range(9)), *(case(50 + n, 40) for n in range(9))])
    sent, aside = levels(store, "queued"), levels(store, "digest")
    assert sent["orange"] == 5
    assert sent.total() == 5
    assert aside["orange"] >= 2


async def test_a_department_without_an_address_is_put_before_a_person_and_settled_by_a_call(store: Store) -> None:
    contacts = {**county().contacts, "housing": (Contact("住建值班", None, "0000-7"),)}
    ledger(store, contacts=contacts).record(case(1, 40))
    with store.read() as c:
        (call,) = [row for row in outbox.recent(c) if row["channel"] == "phone"]
    assert (call["recipient"], call["data"]["stood_in"]) == (matrix().name_of("housing"), True)
    spoken: list[str] = []

    class Spoken:
        async def send(self, row: dict[str, object]) -> None:
            spoken.append(str(row["recipient"]))

    await deliver_due(store, Channels({"mail": Spoken()}, "duty@qinghe.example"), later(minutes=1))
    assert "duty@qinghe.example" not in spoken  # who stands in was told with the message itself
    with store.read() as c:
        (shown,) = outbox.undelivered(c)
    assert shown["state"] == "failed"
    assert "住建值班 0000-7" in shown["last_error"]
    told = {"department": "housing", "name": "住建值班", "outcome": "no_answer"}
    door = ledger(store, contacts=contacts)
    door.record(by("zhou", "call", "QX-2026-0001", later(minutes=3), **told))
    with store.read() as c:
        assert outbox.undelivered(c)
    door.record(by("zhou", "call", "QX-2026-0001", later(minutes=9), **{**told, "outcome": "reached"}))
    with store.read() as c:
        assert outbox.undelivered(c) == []
        assert "已电话告知住建值班" in str([row["last_error"] for row in outbox.recent(c)])


async def test_a_county_nobody_of_which_can_be_written_to_reaches_the_fallback(store: Store) -> None:
    contacts = {"qx_office": (Contact("治欠办", None, "0000-1"),)}
    ledger(store, contacts=contacts).record(case(1, 40))
    spoken: list[str] = []

    class Spoken:
        async def send(self, row: dict[str, object]) -> None:
            spoken.append(str(row["recipient"]))

    channels = Channels({"mail": Spoken()}, "duty@qinghe.example")
    await deliver_due(store, channels, later(minutes=1))
    await deliver_due(store, channels, later(minutes=2))
    assert spoken == ["duty@qinghe.example"]  # one mail for all departments of the incident
    with store.read() as c:
        (mail,) = [row for row in outbox.recent(c) if row["channel"] == "mail"]
        assert outbox.depth(c)["failed"] >= 3
    assert {one["id"] for one in mail["data"]["to_call"]} >= {"housing", "qx_office"}
