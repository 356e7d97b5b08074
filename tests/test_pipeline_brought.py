"""What is brought rather than fetched: letters to the office's mailbox, a vendor's push, a file. The whole way in."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from collect_imap import Mailbox
from pipelinehouse import NOW, installation, owed, poll
from pydantic import SecretStr
from sqlalchemy import select

from monitor.collect.health import Ill
from monitor.collect.push import document
from monitor.pipeline.bring import bring, bring_file
from monitor.pipeline.health import alarms
from monitor.pipeline.house import House
from monitor.store import feeds as feed_rows
from monitor.store import incidents
from monitor.store.schema import posts


def letter(number: int, text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "转发：工地的事", "同事 <a@mail.example>"
    mail["Message-ID"] = f"<m{number}@mail.example>"
    mail.set_content(text)
    return mail.as_bytes()


def mailbox(folder: Path, box: Mailbox) -> House:
    url = f"imap://clues%40office.example@127.0.0.1:{box.port}/INBOX"
    house = installation(folder, [{"name": "线索邮箱", "kind": "mailbox", "url": url, "minimum": 0}])
    house.config.settings.tokens["线索邮箱"] = SecretStr("password")
    return house


def count(house: House) -> tuple[int, int]:
    """Posts stored, incidents open."""
    with house.store.read() as c:
        return len(c.execute(select(posts.c.id)).all()), len(incidents.listing(c))


async def test_a_forwarded_letter_becomes_an_incident_once(tmp_path: Path) -> None:
    with Mailbox({1: letter(1, owed(0))}) as box:
        house = mailbox(tmp_path, box)
        polled = await poll(house)
        assert (polled["线索邮箱"].outcome, polled["线索邮箱"].taken.new) == ("ok", 1)
        assert count(house) == (1, 1)
        box.letters[2] = letter(2, owed(1))
        again = await poll(house, now=NOW + timedelta(minutes=10))
        assert again["线索邮箱"].taken.new == 1
        assert count(house) == (2, 2)
        house.close()


async def test_a_letter_that_cannot_be_read_is_told_and_stops_no_other(tmp_path: Path) -> None:
    with Mailbox({1: letter(1, ""), 2: b"rubbish", 3: letter(3, owed(2))}) as box:
        house = mailbox(tmp_path, box)
        polled = await poll(house)
        assert polled["线索邮箱"].reason.endswith("3 letters; 1 could not be read")
        assert count(house) == (2, 1), "a letter with a subject only is a post too"
        house.close()


async def test_what_somebody_writes_is_read_whatever_is_attached(tmp_path: Path) -> None:
    """A list of hours beside a cry for help had made the whole letter unreadable."""
    table = "--b\r\nContent-Disposition: attachment; filename=hours.csv\r\n\r\nname,hours\r\nA,30\r\n--b--\r\n"
    head = "Subject: help\r\nMessage-ID: <9@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    own = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{owed(0)}\r\n"
    with Mailbox({1: f"{head}{own}{table}".encode()}) as box:
        house = mailbox(tmp_path, box)
        polled = await poll(house)
        assert polled["线索邮箱"].reason.endswith("1 letters; 1 could not be read")
        assert count(house) == (1, 1)
        house.close()


@pytest.mark.parametrize(
    "bad",
    [
        b"Content-Type: message/rfc822\r\n\r\n" * 3_000 + b"Subject: x\r\n\r\nx",
        b"".join(
            b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(3_000)
        ),
        b"Subject: x\r\nFrom: " + b"(" * 50_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?a?= " * 300_000 + b"\r\n\r\n",
    ],
    ids=["letters in letters", "parts in parts", "brackets in brackets", "a subject without end"],
)
async def test_a_letter_made_to_hurt_does_not_stop_the_mailbox(bad: bytes, tmp_path: Path) -> None:
    """Python's own reader gives up on it; the mailbox had come to it again at every visit and never got past it."""
    with Mailbox({1: bad, 2: letter(2, owed(1))}) as box:
        house = mailbox(tmp_path, box)
        polled = await poll(house)
        assert polled["线索邮箱"].outcome == "ok"
        assert count(house)[1] == 1
        await poll(house, now=NOW + timedelta(minutes=10))
        assert sum("BODY" in said for said in box.said) == 2, "no letter is fetched twice"
        house.close()


async def test_letters_that_could_not_be_taken_come_again(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    with Mailbox({1: letter(1, owed(0))}) as box:
        house = mailbox(tmp_path, box)
        with monkeypatch.context() as patch:
            patch.setattr(house.intake, "take", lambda *_: 1 / 0)
            polled = await poll(house)
            assert polled["线索邮箱"].outcome == "failed"
        await poll(house, now=NOW + timedelta(minutes=10))
        assert count(house) == (1, 1)
        house.close()


VENDOR = [
    {"name": "甲商", "kind": "push", "url": "push:a", "period": "2h"},
    {"name": "乙商", "kind": "vendor", "url": "push:b", "period": "2h"},
]


async def test_a_push_of_either_spelling_is_taken_and_never_asked_for(tmp_path: Path) -> None:
    house = installation(tmp_path, VENDOR)
    for number, feed in enumerate(house.config.feeds):
        body = json.dumps({"posts": [{"id": f"v{number}", "content": owed(number)}]}).encode()
        taken = bring(house.store, house.intake, feed, document(feed, "b1", body, "application/json", NOW), NOW)
        assert taken.new == 1
    polled = await poll(house, "甲商", "乙商")
    assert {one.outcome for one in polled.values()} == {"held"}
    assert count(house) == (2, 2)
    with house.store.read() as c:
        assert {state.outcome for state in feed_rows.states(c).values()} == {"ok"}
    house.close()


async def test_a_vendor_that_falls_silent_is_named_and_one_that_pushes_is_not(tmp_path: Path) -> None:
    house = installation(tmp_path, VENDOR)
    await poll(house)
    assert alarms(house.config, NOW + timedelta(hours=1), house.store) == []
    feed, later = house.config.feeds[0], NOW + timedelta(hours=3)
    body = json.dumps({"posts": [{"id": "v1", "content": owed(0)}]}).encode()
    bring(house.store, house.intake, feed, document(feed, "b1", body, "application/json", later), later)
    (alarm,) = alarms(house.config, NOW + timedelta(hours=3.5), house.store)
    assert (alarm.feed, alarm.ill) == ("乙商", Ill.SILENT)
    house.close()


def test_an_import_under_a_name_of_its_own_raises_no_alarm(tmp_path: Path) -> None:
    house = installation(tmp_path, VENDOR[:1])
    body = f"编号,诉求内容\n1,{owed(3)}\n".encode()
    taken = bring_file(house.store, house.intake, house.config, Path("a.csv"), body, "热线", "file", NOW)
    assert taken.new == 1
    assert [alarm.feed for alarm in alarms(house.config, NOW, house.store)] == ["甲商"]
    house.close()
