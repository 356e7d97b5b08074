"""退信: what comes back later is believed only for the message whose token it carries, and then told to a person."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from collect_imap import Mailbox
from hypothesis import given
from hypothesis import strategies as st
from ledgerhouse import BOTH, KEY, NOON, later, stores
from mailserver import MailServer, running

from monitor.channels import Channels
from monitor.channels.bounces import Bounces, Token, fits, read_report
from monitor.channels.mail import Smtp
from monitor.commands.checking import _bounces
from monitor.config import Settings
from monitor.model import Level, Notification, Occasion
from monitor.outbox import deliver_due, queue
from monitor.outbox_bounces import Taken, read_bounces, take_bounce, visit_mailbox
from monitor.store import Store, outbox

FALLBACK = "ok+duty@qinghe.example"
BOUNCES = Bounces("bounce@qinghe.example", KEY)


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def warning(who: str = "ok", **more: Any) -> Notification:
    return Notification(
        key=f"k:{who}", occasion=Occasion.FIRST, channel="mail", recipient=f"{who}@qinghe.example",
        reason="监测到欠薪线索", level=Level.ORANGE, incident="QX-2026-0001", **more,
    )  # fmt: skip


async def sent(store: Store, *, at: Any = NOON) -> str:
    """The envelope sender of a warning that a real server accepted."""
    store.unit(lambda c: queue(c, [warning()], at))
    async with running(MailServer()) as server:
        mail = Smtp("127.0.0.1", server.port, "xinshao@qinghe.example", "http://h", tls="none", bounces=BOUNCES)
        await deliver_due(store, Channels({"mail": mail}), at)
    assert str(server.stored[0][1]["From"]) == "xinshao@qinghe.example"
    return server.senders[0]


def report(to: str, *, action: str = "failed", status: str = "5.1.1", diagnostic: str = "550 no such user") -> bytes:
    """A delivery status as a mail server writes it (RFC 3464)."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.qinghe.example
To: {to}
Subject: Undelivered mail
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

The letter below did not arrive.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.qinghe.example
Arrival-Date: Tue, 20 Jan 2026 12:00:00 +0800

Final-Recipient: rfc822; ok@qinghe.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx2.qinghe.example
Diagnostic-Code: smtp; {diagnostic}

--b1
Content-Type: message/rfc822

From: xinshao@qinghe.example
To: ok@qinghe.example
Subject: x

text
--b1--
""".replace("\n", "\r\n").encode()


def row_of(store: Store, recipient: str = "ok@qinghe.example") -> dict[str, Any]:
    with store.read() as c:
        return next(row for row in outbox.recent(c) if row["recipient"] == recipient)


# ------------------------------------------------------------------ what a report does
async def test_a_permanent_bounce_fails_the_message_and_tells_the_fallback_once(store: Store) -> None:
    back = await sent(store)
    taken = take_bounce(store, BOUNCES, report(back), later(minutes=5), FALLBACK)
    assert (taken.outcome, taken.recipient, taken.incident) == ("failed", "ok@qinghe.example", "QX-2026-0001")
    row = row_of(store)
    assert row["state"] == "failed"
    assert "5.1.1 550 no such user" in row["last_error"]
    assert "mx2.qinghe.example" in row["last_error"]
    told = row_of(store, FALLBACK)
    assert (told["occasion"], told["state"]) == ("undelivered", "queued")
    failed = told["data"]["failed"]
    assert (failed["recipient"], failed["error"]) == ("ok@qinghe.example", row["last_error"])
    assert take_bounce(store, BOUNCES, report(back), later(minutes=6), FALLBACK).outcome == "again"
    with store.read() as c:
        assert len(outbox.recent(c)) == 2


async def test_a_delay_is_noted_and_nothing_else(store: Store) -> None:
    back = await sent(store)
    late = report(back, action="delayed", status="4.4.1", diagnostic="no answer from host")
    assert take_bounce(store, BOUNCES, late, later(hours=4), FALLBACK).outcome == "delayed"
    row = row_of(store)
    assert row["state"] == "sent"
    assert "no answer from host" in row["last_error"]
    with store.read() as c:
        assert [one["id"] for one in outbox.undelivered(c)] == [row["id"]]  # shown, but nobody is told
        assert len(outbox.recent(c)) == 1
    assert take_bounce(store, BOUNCES, report(back, status="4.4.7"), later(hours=60), FALLBACK).outcome == "failed"
    assert row_of(store)["state"] == "failed"  # the server gave up after all


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
async def test_good_news_changes_nothing(store: Store, action: str) -> None:
    back = await sent(store)
    assert (
        take_bounce(store, BOUNCES, report(back, action=action, status="2.0.0"), later(hours=1)).outcome == "delivered"
    )
    assert (row_of(store)["state"], row_of(store)["last_error"]) == ("sent", None)


async def test_forged_unknown_and_expired_tokens_are_refused(store: Store) -> None:
    back = await sent(store)
    (token,) = BOUNCES.tokens([back])
    others = Bounces(BOUNCES.address, b"another secret")
    row = {**row_of(store), "claimed_until": later(minutes=1)}
    wrong = {
        "another secret": others.sender(row),
        "another row": back.replace(f"+{token}", f"+{Token(token.row + 1, token.stamp, token.mac)}"),
        "another attempt": back.replace(f"+{token}", f"+{Token(token.row, token.stamp + 60, token.mac)}"),
        "a changed letter": back.replace(token.mac, ("b" if token.mac[0] == "a" else "a") + token.mac[1:]),
        "another message": BOUNCES.sender({**row, "message_id": "<other@xinshao.local>"}),
        "no token": "bounce@qinghe.example",
        "another address": back.replace("bounce+", "bounces+"),
        "a row that never was": BOUNCES.sender({**row, "id": 2**31 - 2}),
        "nonsense": "bounce+zzzzzz-zzzzzzz-" + "a" * 24 + "@qinghe.example",
    }
    for name, address in wrong.items():
        assert take_bounce(store, BOUNCES, report(address), later(hours=1), FALLBACK).outcome == "refused", name
    late = take_bounce(store, BOUNCES, report(back), later(hours=24 * 31), FALLBACK)
    assert (late.outcome, row_of(store)["state"]) == ("refused", "sent")
    assert take_bounce(store, BOUNCES, report(back.upper()), later(hours=1)).outcome == "failed"  # case is no proof


async def test_an_old_bounce_does_not_undo_a_retry(store: Store) -> None:
    """A person corrected the address and pressed retry: the report about the first attempt comes too late."""
    back = await sent(store)
    store.unit(lambda c: outbox.returned(c, 1, "550"))
    store.unit(lambda c: outbox.release(c, [1], later(hours=2)))
    assert take_bounce(store, BOUNCES, report(back), later(hours=3), FALLBACK).outcome == "earlier"
    assert row_of(store)["state"] == "queued"
    async with running(MailServer()) as server:
        mail = Smtp("127.0.0.1", server.port, "xinshao@qinghe.example", "http://h", tls="none", bounces=BOUNCES)
        await deliver_due(store, Channels({"mail": mail}), later(hours=3))
    assert server.senders[0] != back  # every attempt has a token of its own
    assert take_bounce(store, BOUNCES, report(server.senders[0]), later(hours=4), FALLBACK).outcome == "failed"


# ------------------------------------------------------------------ dialects
PLAIN = """Return-Path: <>
From: postmaster@qinghe.example
To: bounce@qinghe.example
Subject: failure notice

I was not able to deliver your message: {said}
"""
NESTED = b'Content-Type: multipart/mixed; boundary="b"\n\n'
REPORTS: list[tuple[str, bytes, str]] = [
    ("no status at all", report("x", action="failed", status="", diagnostic=""), "failed"),
    ("no action", report("x", action="", status="5.7.1"), "failed"),
    ("no action, may pass", report("x", action="", status="4.2.2"), "delayed"),
    ("a plain notice, for good", PLAIN.format(said="<a@b.example>: 550 5.1.1 unknown").encode(), "failed"),
    ("a plain notice in Chinese", PLAIN.format(said="对方邮箱不存在 (554 5.7.0)").encode(), "failed"),
    ("a plain notice that says little", PLAIN.format(said="sorry").encode(), "unclear"),
    ("an answering machine", b"From: li@qinghe.example\nAuto-Submitted: auto-replied\n\n550 days off", "none"),
    ("a letter", b"From: li@qinghe.example\nTo: bounce@qinghe.example\n\nhello", "none"),
    ("a read receipt", report("x").replace(b"delivery-status;", b"disposition-notification;"), "none"),
    ("nothing", b"", "none"),
    ("bytes", bytes(range(256)) * 40, "none"),
    ("nested without end", NESTED + b"--b\n" * 3000, "none"),
    ("nested deep", b"--b\n".join([NESTED] * 3000), "none"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "letter", "fate"), REPORTS, ids=[name for name, _, _ in REPORTS])
def test_how_a_returned_letter_is_read(name: str, letter: bytes, fate: str) -> None:
    found = read_report(letter)
    assert found.fate in (fate, "unclear" if fate == "none" and "nested" in name else fate)
    assert not any(ord(char) < 32 for char in found.reason)


def test_of_several_recipients_the_worst_counts() -> None:
    second = b"Final-Recipient: rfc822; b@b.example\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\nFinal-Recipient"
    two = report("x", action="delivered").replace(b"Final-Recipient", second, 1)
    assert read_report(two).fate == "failed"


def test_a_report_inside_the_mail_that_came_back_is_not_ours() -> None:
    inner = report("x", action="failed")
    outer = report("x", action="delayed", status="4.4.1").replace(b"Subject: x\r\n\r\ntext", inner)
    assert read_report(outer).fate == "delayed"


@given(st.binary(max_size=400))
def test_no_letter_at_all_breaks_the_reader(letter: bytes) -> None:
    assert read_report(letter).fate in ("failed", "delayed", "delivered", "unclear", "none")
    assert read_report(report("x")[:300] + letter).fate in ("failed", "delayed", "delivered", "unclear", "none")


# ------------------------------------------------------------------ addresses
@given(st.integers(1, 2**31 - 1), st.integers(1_700_000_000, 4_000_000_000), st.text(min_size=1, max_size=40))
def test_what_we_give_out_we_know_again_and_nothing_else(row: int, stamp: int, message: str) -> None:
    at = NOON.fromtimestamp(stamp, tz=NOON.tzinfo)
    given_ = {"id": row, "claimed_until": at, "created_at": at, "message_id": message}
    for bounces in (BOUNCES, Bounces("b-*@qinghe.example", KEY), Bounces("*@b.qinghe.example", KEY)):
        address = bounces.sender(given_)
        assert len(address.partition("@")[0]) <= 64
        (token,) = bounces.tokens([f"退信 <{address.upper()}>, someone@else.example"])
        assert (token.row, token.stamp) == (row, stamp)
        assert bounces.genuine(token, message)
        assert not bounces.genuine(token, message + "x")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("bounce@qinghe.example", True), ("b-*@qinghe.example", True), ("*@b.qinghe.example", True), ("bounce", False),
        ("@qinghe.example", False), ("bounce@", False), ("b b@qinghe.example", False), ("x" * 40 + "@q.example", False),
        ("a*b*@q.example", False), ("b@*.example", False), ("退信@q.example", False),
    ],
)  # fmt: skip
def test_a_bounce_address_leaves_room_for_a_token(address: str, good: bool) -> None:
    assert fits(address) is good
    assert bool(list(_bounces(settings(bounce_address=address)))) is not good


def settings(**more: Any) -> Settings:
    return Settings(_env_file=None, **more)  # type: ignore[call-arg]


def test_off_unless_an_address_is_configured(tmp_path: Path) -> None:
    plain = Channels.from_settings(settings(home=tmp_path, smtp_host="h")).by_name["mail"]
    assert isinstance(plain, Smtp)
    assert plain.bounces is None
    asked = Channels.from_settings(settings(home=tmp_path, smtp_host="h", bounce_address="b@q.example")).by_name["mail"]
    assert isinstance(asked, Smtp)
    assert asked.bounces == Bounces("b@q.example", settings(home=tmp_path).key())
    faults = [fault.path for fault in _bounces(settings(bounce_mailbox="pop://h"))]
    assert faults == ["XINSHAO_BOUNCE_ADDRESS", "XINSHAO_BOUNCE_MAILBOX", "XINSHAO_BOUNCE_PASSWORD"]


# ------------------------------------------------------------------ the mailbox and the command
async def test_the_mailbox_is_read_once_and_one_bad_letter_stops_no_other(store: Store) -> None:
    back = await sent(store)
    letters = {1: b"huge", 2: b"From: spam@x.example\n\nbuy", 3: report("bounce@qinghe.example"), 4: report(back)}
    with Mailbox(letters) as box:
        url = f"imap://bounce@127.0.0.1:{box.port}/INBOX"

        def visit(hours: int) -> list[Taken]:
            return read_bounces(store, BOUNCES, url, "p", later(hours=hours), FALLBACK)

        assert [one.outcome for one in visit(1)] == ["none", "refused", "failed"]
        assert visit(2) == []
        letters[5] = report(back, action="delayed", status="4.4.1")
        assert [one.outcome for one in visit(3)] == ["delayed"]
        box.validity = 8  # the mailbox was rebuilt: everything is read again, and nothing is done twice
        assert [one.outcome for one in visit(4)] == ["none", "refused", "again", "again"]
    with store.read() as c:
        assert sorted(outbox.depth(c).items()) == [("failed", 1), ("queued", 1)]


def test_no_mailbox_no_visit(store: Store) -> None:
    assert visit_mailbox(store, settings(), NOON) == []


async def test_a_mail_server_can_pipe_letters_into_the_command(tmp_path: Path) -> None:
    from monitor.store import open_store

    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    from datetime import UTC, datetime

    back = await sent(store, at=datetime.now(UTC) - timedelta(minutes=5))
    store.close()
    environment = {"XINSHAO_HOME": str(tmp_path), "XINSHAO_SECRET": KEY.decode(), "PATH": "/usr/bin"}

    def bounce(letter: bytes, **more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "bounce"], input=letter, capture_output=True, check=False,
            cwd=Path(__file__).parent.parent, env=environment | more,
        )  # fmt: skip
        return done.returncode, done.stdout.decode()

    address = {"XINSHAO_BOUNCE_ADDRESS": BOUNCES.address}
    assert bounce(report(back))[0] == 2  # off
    code, said = bounce(report(back), **address)
    assert (code, json.loads(said)["outcome"]) == (0, "failed")
    code, said = bounce(report("bounce+1-1-" + "a" * 24 + "@qinghe.example"), **address)
    assert (code, json.loads(said)["outcome"]) == (1, "refused")
