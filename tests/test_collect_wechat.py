"""Messages to the office's own WeChat account: whose they are, once, and the whole way in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipelinehouse import installation, owed
from pydantic import SecretStr
from webhouse import TestClient

from monitor.collect.wechat import WINDOW, sign, verify
from monitor.model import Document, Feed
from monitor.pipeline.bring import bring
from monitor.pipeline.health import alarms
from monitor.pipeline.house import House
from monitor.store import incidents
from monitor.web.app import create_app

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
TOKEN = "the-accounts-own-token"


def query(*, token: str = TOKEN, at: datetime = NOW, nonce: str = "n1", **more: str) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {"signature": sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce, **more}


def test_the_signature_is_that_of_the_platform() -> None:
    joined = "".join(sorted(["pretend", "1767967200", "77"]))
    assert sign("pretend", "1767967200", "77") == hashlib.sha1(joined.encode()).hexdigest()


def test_a_fresh_call_is_genuine_and_each_nonce_has_a_name_of_its_own() -> None:
    calls = [verify("号", query(nonce=nonce), TOKEN, NOW) for nonce in ("n1", "n1", "n2")]
    assert all(call.genuine for call in calls)
    assert calls[0].key == calls[1].key != calls[2].key
    assert calls[0].key != verify("另一个号", query(), TOKEN, NOW).key


@pytest.mark.parametrize(
    ("asked", "token"),
    [
        (query(token="another"), TOKEN), (query(), "another"), (query(), ""), ({}, TOKEN),
        (query() | {"nonce": "n2"}, TOKEN), (query() | {"timestamp": "1"}, TOKEN), (query() | {"nonce": ""}, TOKEN),
        (query() | {"signature": "名"}, TOKEN), (query(at=NOW - WINDOW - timedelta(seconds=1)), TOKEN),
        (query(at=NOW + WINDOW + timedelta(seconds=1)), TOKEN),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_reason(asked: dict[str, str], token: str) -> None:
    refused = verify("号", asked, token, NOW)
    assert (refused.genuine, refused.key) == (False, "")
    assert refused.reason


@given(st.dictionaries(st.sampled_from(["signature", "timestamp", "nonce", "echostr"]), st.text()))
def test_no_query_breaks_it_or_passes_by_chance(asked: dict[str, str]) -> None:
    assert not verify("号", asked, TOKEN, NOW).genuine


# ------------------------------------------------------------------ the whole way in
def said(number: int, text: str) -> bytes:
    sent = int(NOW.timestamp())
    head = f"<ToUserName>gh</ToUserName><FromUserName>oA</FromUserName><CreateTime>{sent}</CreateTime>"
    return (
        f"<xml>{head}<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>".encode()
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    entry = {"name": "公众号", "kind": "wechat", "url": "push:wechat", "minimum": 0, "period": "2h"}
    opened = installation(tmp_path, [entry])
    opened.config.settings.tokens["公众号"] = SecretStr(TOKEN)
    yield opened
    opened.close()


def account(house: House, now: datetime) -> TestClient:
    """The platform, as the web room meets it."""

    def take(feed: Feed, document: Document) -> int:
        return bring(house.store, house.intake, feed, document, now).posts

    app = create_app(house.store, house.ledger, house.config, now=lambda: now, take=take)
    return TestClient(app, base_url="https://monitor.example")


def test_a_message_to_the_account_becomes_an_incident_once(house: House) -> None:
    platform, where = account(house, NOW), "/push/公众号/wechat"
    assert platform.get(where, params=query(echostr="1234567")).text == "1234567"
    assert platform.get(where, params=query(token="x", echostr="1234567")).status_code == 401
    for nonce in ("n1", "n1", "n2"):  # heard no answer: the same again, then under a new nonce
        answer = platform.post(where, params=query(nonce=nonce), content=said(1, owed(0)))
        assert (answer.status_code, answer.text) == (200, "success")
    with house.store.read() as c:
        (case,) = incidents.listing(c)
        assert case["posts"] == 1
    assert alarms(house.config, NOW + timedelta(hours=1), house.store) == []


def test_what_is_not_the_platforms_or_no_message_changes_nothing(house: House) -> None:
    platform, where = account(house, NOW), "/push/公众号/wechat"
    assert platform.post(where, params=query(token="x"), content=said(1, owed(0))).status_code == 401
    assert platform.post("/push/别家/wechat", params=query(), content=said(1, owed(0))).status_code == 401
    assert platform.post(where, params=query(at=NOW - timedelta(hours=1)), content=said(1, "x")).status_code == 401
    assert platform.post(where, params=query(nonce="n3"), content=b"x" * 200_000).status_code == 413
    assert platform.post(where, params=query(nonce="n4"), content=b"<xml>rubbish").text == "success"
    with house.store.read() as c:
        assert incidents.listing(c) == []
