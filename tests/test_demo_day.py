"""The main job, end to end: the scripted day, as it goes on, through every real room to the mail box."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from monitor import config, demo
from monitor.collect import Fetcher
from monitor.demo import expected
from monitor.demo.script import DAY
from monitor.model import Assessment, Flag, Kind, Level
from monitor.outbox import deliver_due
from monitor.pipeline.house import House, assemble
from monitor.pipeline.poll import Poller
from monitor.pipeline.take import Intake
from monitor.store import incidents as incident_rows
from monitor.store import outbox as outbox_rows
from monitor.store import posts as post_rows

KNOWN_FAULTS = 0  # of the shipped model, printed as the reason of an expected failure; only ever lowered
SPEED = 4_800.0  # scripted minutes a minute: the day is over in twelve seconds


@dataclass(frozen=True)
class Replay:
    """The installation after its day. `mails`: how many had arrived when it was over, `again`: after a second round."""

    verdicts: str
    house: House
    town: demo.Town
    mails: int
    again: int


async def poll_all(house: House) -> None:
    now = datetime.now(UTC)
    async with Fetcher() as fetcher:
        poller = Poller(house.store, house.intake, fetcher, house.config)
        polled = await poller.poll_named(list(poller.feeds), now)
    unread = [f"{one.feed}: {one.reason}" for one in polled if one.outcome not in ("ok", "not_modified")]
    assert unread == [], unread
    while (await deliver_due(house.store, house.channels, datetime.now(UTC))).sent:
        pass


class Scripted:
    """The verdicts that the script itself gives: what is wrong after them is not the classifier's doing."""

    version = "scripted"

    def assess_one(self, title: str | None, text: str) -> Assessment:
        row = expected.row_of(text)
        if row is None:
            return Assessment(Flag.PASS, 0.0, Kind.NOISE, False, self.version)
        if row.kind is not Kind.OPEN:
            return Assessment(Flag.PASS, 0.0, row.kind, False, self.version)
        flag, score = (Flag.REVIEW, 0.5) if row.unsure else (Flag.ALERT, 1.0)
        return Assessment(flag, score, row.kind, row.incident == "crane", self.version)

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        return [self.assess_one(title, text) for title, text in posts]


def open_house(town: demo.Town, home: Path, verdicts: str) -> House:
    house = assemble(config.load(feeds=town.feeds_path, county=town.county_path, settings=settings(town, home)))
    if verdicts == "shipped":
        return house
    judge = Scripted()
    return replace(house, intake=Intake(house.store, house.ledger, judge, house.config.county))


@pytest.fixture(scope="module", params=["scripted", "shipped"])
def replay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    home = tmp_path_factory.mktemp("day")
    with demo.start(speed=SPEED, home=home / "town") as town:
        house = open_house(town, home, request.param)
        while town.daytime.minute() < DAY:
            asyncio.run(poll_all(house))
        asyncio.run(poll_all(house))
        mails = len(town.mail_box)
        asyncio.run(poll_all(house))
        yield Replay(request.param, house, town, mails, len(town.mail_box))
        house.close()


def settings(town: demo.Town, home: Path) -> config.Settings:
    return config.Settings(
        home=home,
        smtp_host=town.mail_box.smtp_host,
        smtp_port=town.mail_box.smtp_port,
        smtp_tls="none",
        quiet_hours="",
        mail_from="xinshao@qinghe.example",
    )


def text_of(c: Connection, post: str) -> str:
    row = post_rows.one(c, post)
    assert row is not None
    return str(row["text"])


def outcomes(house: House) -> list[expected.Outcome]:
    with house.store.read() as c:
        found = []
        for case in incident_rows.listing(c):
            posts = [expected.row_of(text_of(c, post["id"])) for post in incident_rows.posts_of(c, case["id"])]
            names = tuple(row.id for row in posts if row is not None)
            mailed = any(row["state"] == "sent" for row in outbox_rows.of_incident(c, case["id"]))
            found.append(expected.Outcome(case["id"], Level(case["level"]), case["lead"], names, mailed))
    return found


def test_every_incident_is_opened_once_at_its_level_and_lead_and_no_trap_is_mailed(replay: Replay) -> None:
    found = expected.faults(outcomes(replay.house))
    if replay.verdicts == "shipped" and found:
        assert len(found) <= KNOWN_FAULTS, found
        pytest.xfail("; ".join(found))
    assert found == []


def test_no_dispute_advice_or_story_becomes_a_case_not_even_a_blue_one(replay: Replay) -> None:
    hard = {row.id: row.text for row in expected.hard_negatives()}
    wrong = {one.id: hard[post] for one in outcomes(replay.house) for post in one.posts if post in hard}
    assert wrong == {}


def test_unsure_posts_wait_for_a_person(replay: Replay) -> None:
    with replay.house.store.read() as c:
        held = post_rows.review_queue(c, limit=500)
        waiting = {row.id for post in held if (row := expected.row_of(text_of(c, post["id"]))) is not None}
    assert {row.id for row in expected.unsure()} & waiting


def test_the_same_day_again_sends_nothing(replay: Replay) -> None:
    assert replay.mails > 0
    assert replay.again == replay.mails


def test_mail_reaches_the_duty_desk_of_every_lead(replay: Replay) -> None:
    reached = {address for mail in replay.town.mail_box for address in mail.recipients}
    contacts = replay.town.county.contacts
    for outcome in outcomes(replay.house):
        if outcome.mailed:
            assert {contact.mail for contact in contacts[outcome.lead]} & reached, outcome.id
