"""A feed that goes silent, one that is redesigned, one whose token ends: named within two periods; none stops another.

The whole way through poll, store and health on a real site, with the clock moved on by hand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from collect_site import Asked, Site, http
from pipelinehouse import NOW, installation, json_feed, owed, poll
from pydantic import SecretStr

from monitor.collect.health import Ill
from monitor.pipeline.health import alarms, cells, seen

EVERY, PERIOD = timedelta(minutes=15), timedelta(hours=1)


def posts(first: int, count: int = 3) -> bytes:
    return http(
        json_feed({"id": f"n{n}", "content_text": owed(n)} for n in range(first, first + count)),
        Content_Type="application/feed+json",
    )


async def test_each_is_named_within_two_periods_and_none_stops_another(tmp_path: Path) -> None:
    tick = 0

    async def lively(asked: Asked, writer: object) -> None:
        writer.write(posts(10 + tick))  # type: ignore[attr-defined]

    async with Site(
        {"/well": lively, "/silent": posts(0), "/redesigned": posts(3), "/token": http("{}", "403 x")}
    ) as site:
        entries = [
            {"name": name, "url": site.url(f"/{name}"), "every": "15m", "period": "1h"}
            for name in ("well", "silent", "redesigned")
        ]
        entries.append({"name": "token", "url": site.url("/token"), "kind": "vendor", "every": "15m", "period": "1h"})
        house = installation(tmp_path, entries)
        house.config.settings.tokens["token"] = SecretStr("granted")
        named: dict[str, datetime] = {}
        try:
            for tick in range(9):
                now = NOW + tick * EVERY
                await poll(house, now=now)
                site.answers["/redesigned"] = http(
                    "<!doctype html><title>新版</title><div>欢迎访问全新的网站</div>" * 9
                )
                for alarm in alarms(house.config, now, house.store):
                    named.setdefault(f"{alarm.feed} {alarm.ill}", now)
        finally:
            house.close()
    assert set(named) == {f"silent {Ill.SILENT}", f"redesigned {Ill.REDESIGNED}", f"token {Ill.CREDENTIAL}"}
    assert named[f"token {Ill.CREDENTIAL}"] == NOW
    assert named[f"redesigned {Ill.REDESIGNED}"] - NOW <= 2 * EVERY
    assert named[f"silent {Ill.SILENT}"] - NOW <= 2 * PERIOD
    assert len(site.asks("/well")) == len(site.asks("/silent")) == 9, "none stops another"


async def test_no_incident_is_not_said_of_hours_that_nobody_could_see(tmp_path: Path) -> None:
    answers = {"/well": posts(0), "/down": http("no", "503 Service Unavailable")}
    async with Site(dict(answers)) as site:
        entries = [{"name": name, "url": site.url(f"/{name}"), "source": name} for name in ("well", "down")]
        house = installation(tmp_path, entries)
        try:
            assert seen(house.store, house.config, NOW) == (False, "nothing was watched")
            await poll(house)
            later = NOW + timedelta(minutes=5)
            good, why = seen(house.store, house.config, later)
            assert (good, why.endswith("platform-hours not covered: down")) == (False, True), why
            assert {(cell.platform, cell.good) for cell in cells(house.store, house.config, later)} == {
                ("well", True),
                ("down", False),
            }
        finally:
            house.close()
