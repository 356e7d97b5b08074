"""A case's clocks in a real store, replayed across restarts while the host's clock jumps back two hours and on three.

The straight run and the jumped one must end with the same due times and the same last reminder of every clock, and no
reminder may be queued twice: what is due is a column, never a timer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import NOON, by, joined, later, ledger_on, reading

from monitor.ledger.chain import verify
from monitor.store import incidents, open_store, outbox

TEXTS = {
    "red": "锦禾苑三期甲木建工欠我们120个工人46万元，我们要堵路",
    "yellow": "望江里二期工地，丙木建工拖欠我们12个工人3个月工资一共9万元",
    "blue": "青石镇的小饭馆，己味小厨拖欠我1个月工资4千元",
}
MINUTES = 30
HOURS = 36
BACK, AHEAD = timedelta(hours=-2), timedelta(hours=3)


def straight() -> list[datetime]:
    """The moments at which the service asks what is due, on a host whose clock runs as it should."""
    return [later(minutes=MINUTES * number) for number in range(1, HOURS * 60 // MINUTES + 1)]


def jumped(jumps: Sequence[tuple[int, timedelta]]) -> list[datetime]:
    """The same, with the host's clock set by so much after so many hours; it ends at the same moment."""
    moments, shift = [], timedelta(0)
    left = list(jumps)
    for moment in straight():
        while left and moment >= NOON + timedelta(hours=left[0][0]):
            shift += left.pop(0)[1]
        moments.append(moment + shift)
    end = straight()[-1]
    return [*(moment for moment in moments if moment <= end), end]


def lived(folder: Path, moments: Sequence[datetime], restart_every: int) -> dict[str, Any]:
    """Opens one case of each level, lets time pass through `moments`, and tells how it all stands at the end."""
    url = f"sqlite:///{folder / 'x.db'}"
    store = open_store(url)
    for name, text in TEXTS.items():
        ledger_on(store).record(joined(reading(name, text=text)))
    ledger_on(store).record(by("zhou", "pause", "QX-2026-0002", later(hours=1), reason="等总包工资表"))
    ledger_on(store).record(by("zhou", "resume", "QX-2026-0002", later(hours=4), reason="已收到"))
    for number, moment in enumerate(moments):
        if number % restart_every == 0:  # the process ends and another begins
            store.close()
            store = open_store(url)
        ledger_on(store).escalate_due(moment)
    with store.read() as c:
        sent = [row for row in outbox.recent(c, 5000) if row["data"].get("clock")]
        found = {
            "due": {
                (one["incident"], one["name"]): one["due_at"]
                for name in _ids(c)
                for one in incidents.clocks_of(c, name)
            },
            "taken": {
                (one["incident"], one["name"]): one["escalation"]
                for name in _ids(c)
                for one in incidents.clocks_of(c, name)
            },
            "keys": [row["key"] for row in sent],
            "whole": verify(c).whole,
        }
    store.close()
    return found


def _ids(c: Any) -> Iterator[str]:
    return (row["id"] for row in incidents.listing(c))


JUMPS: list[tuple[str, list[tuple[int, timedelta]]]] = [
    ("back two hours", [(5, BACK)]),
    ("on three hours", [(5, AHEAD)]),
    ("back, then on", [(3, BACK), (14, AHEAD)]),
    ("on, then back", [(2, AHEAD), (20, BACK)]),
    ("again and again", [(1, BACK), (2, AHEAD), (9, BACK), (16, AHEAD), (25, BACK)]),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return lived(tmp_path_factory.mktemp("straight"), straight(), restart_every=10**6)


@pytest.mark.parametrize(("name", "jumps"), JUMPS, ids=[name for name, _ in JUMPS])
def test_jumps_and_restarts_lose_and_repeat_no_reminder(
    tmp_path: Path, plain: dict[str, Any], name: str, jumps: list[tuple[int, timedelta]]
) -> None:
    found = lived(tmp_path, jumped(jumps), restart_every=7)
    assert found["due"] == plain["due"]
    assert found["taken"] == plain["taken"]
    assert len(found["keys"]) == len(set(found["keys"]))
    assert set(found["keys"]) <= set(plain["keys"]), "a reminder that the straight run never sent"
    assert found["whole"]


def test_the_straight_run_reminds_and_shows_the_pause(plain: dict[str, Any]) -> None:
    assert len(plain["keys"]) >= 20
    assert plain["taken"]["QX-2026-0001", "acknowledge"] > 5
    assert plain["due"]["QX-2026-0002", "contact_worker"] == NOON + timedelta(hours=27)  # three hours did not count
