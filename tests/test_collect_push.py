"""Who may hand posts in, and once: signature, replay window, size, idempotence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.push import LIMIT, WINDOW, Answer, document, settle, sign, verify
from monitor.model import Feed

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
SECRET, OLD = b"0123456789abcdef-new", b"0123456789abcdef-old"
BODY = '{"posts":[{"id":"1","text":"青禾县某工地拖欠工资"}]}'.encode()


def signed(
    body: bytes = BODY, *, secret: bytes = SECRET, at: datetime = NOW, batch: str = "20260120-0007"
) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = f"v1={sign(secret, stamp, batch, body)}"
    return {"X-Xinshao-Timestamp": stamp, "X-Xinshao-Batch": batch, "X-Xinshao-Signature": signature}


def answer(headers: dict[str, str], body: bytes = BODY, *, now: datetime = NOW) -> Answer:
    return verify("商家", headers, body, [SECRET, OLD], now).answer


def test_a_signed_fresh_batch_is_accepted_and_named() -> None:
    received = verify("商家", signed(), BODY, [SECRET], NOW)
    assert (received.answer, received.genuine) == (Answer.ACCEPTED, True)
    assert received.key.startswith("push:")
    assert received.key.endswith(":20260120-0007")


def test_while_a_secret_is_replaced_both_are_good() -> None:
    assert answer(signed(secret=OLD)) is Answer.ACCEPTED
    assert verify("商家", signed(secret=OLD), BODY, [SECRET], NOW).answer is Answer.UNSIGNED


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_a_message_from_another_time_is_a_replay(seconds: int) -> None:
    assert answer(signed(at=NOW + timedelta(seconds=seconds))) is Answer.UNSIGNED


@pytest.mark.parametrize("seconds", [-300, -1, 0, 300])
def test_within_the_window_a_clock_may_differ(seconds: int) -> None:
    assert answer(signed(at=NOW + timedelta(seconds=seconds))) is Answer.ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        {"X-Xinshao-Timestamp": str(int(NOW.timestamp()) + 1)}, {"X-Xinshao-Batch": "20260120-0008"},
        {"X-Xinshao-Signature": "v1=" + "0" * 64},
    ],
)  # fmt: skip
def test_nothing_signed_may_be_changed(change: dict[str, str]) -> None:
    assert answer(signed() | change) is Answer.UNSIGNED
    assert answer(signed(), BODY + b" ") is Answer.UNSIGNED


@pytest.mark.parametrize(
    "change",
    [
        {"X-Xinshao-Timestamp": ""}, {"X-Xinshao-Timestamp": "now"}, {"X-Xinshao-Timestamp": "1" * 13},
        {"X-Xinshao-Timestamp": "-5"}, {"X-Xinshao-Batch": ""}, {"X-Xinshao-Batch": "a/b"},

        {"X-Xinshao-Batch": "x" * 101}, {"X-Xinshao-Batch": "批次"}, {"X-Xinshao-Signature": ""},
        {"X-Xinshao-Signature": "v2=" + "0" * 64},
        {"X-Xinshao-Signature": "0" * 64},
    ],
)  # fmt: skip
def test_a_malformed_header_is_said_so(change: dict[str, str]) -> None:
    assert answer(signed() | change) is Answer.MALFORMED
    assert answer({}) is Answer.MALFORMED


def test_a_batch_larger_than_the_limit_is_refused() -> None:
    big = bytes(LIMIT + 1)
    assert answer(signed(big), big) is Answer.TOO_LARGE


def test_a_short_secret_opens_nothing() -> None:
    assert verify("商家", signed(secret=b""), BODY, [b"", b"short"], NOW).answer is Answer.UNSIGNED
    assert verify("商家", signed(), BODY, [], NOW).answer is Answer.UNSIGNED


def test_the_same_batch_again_is_a_duplicate_and_another_under_its_name_a_conflict() -> None:
    first = verify("商家", signed(), BODY, [SECRET], NOW)
    assert settle(first, None).answer is Answer.ACCEPTED
    again = verify("商家", signed(at=NOW + timedelta(seconds=90)), BODY, [SECRET], NOW + timedelta(seconds=90))
    assert settle(again, first.fingerprint).answer is Answer.DUPLICATE
    other = verify("商家", signed(b"{}"), b"{}", [SECRET], NOW)
    assert settle(other, first.fingerprint).answer is Answer.CONFLICT
    assert not settle(other, first.fingerprint).genuine
    forged = verify("商家", {}, BODY, [SECRET], NOW)
    assert settle(forged, first.fingerprint) == forged, "what is not genuine learns nothing of what is remembered"


def test_the_key_fits_the_store_whatever_the_feed_is_called() -> None:
    assert len(verify("名" * 500, signed(batch="x" * 100), BODY, [SECRET], NOW).key) <= 200


def test_two_feeds_and_batches_never_share_a_key() -> None:
    long = "名" * 200
    keys = {
        verify(feed, signed(batch=batch), BODY, [SECRET], NOW).key
        for feed in (long, long + "二")
        for batch in ("a", "b")
    }
    assert len(keys) == 4


def test_pushed_bytes_are_evidence_like_any_other() -> None:
    feed = Feed(name="商家", kind="push", url="push:商家", source="商家")
    kept = document(feed, "b1", BODY, "", NOW)
    assert (kept.url, kept.body, dict(kept.headers)) == ("push:商家/b1", BODY, {"content-type": "application/json"})


@given(st.dictionaries(st.sampled_from(list(signed())), st.text(max_size=80)), st.binary(max_size=50))
def test_nobody_gets_in_by_guessing(headers: dict[str, str], body: bytes) -> None:
    assert verify("商家", headers, body, [SECRET], NOW).answer in (Answer.MALFORMED, Answer.UNSIGNED)
    assert timedelta(minutes=5) == WINDOW
