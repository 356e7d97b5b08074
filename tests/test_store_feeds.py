"""Feed state and evidence on a real SQLite file: claims, leases, history, retention."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from monitor.errors import InputError
from monitor.model import Document
from monitor.store import evidence, feeds
from monitor.store.base import Store, open_store
from monitor.store.feeds import FeedState, Poll
from monitor.store.schema import evidence as evidence_table

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    yield opened
    opened.close()


def sync(store: Store, *names: str, at: datetime = NOW) -> list[str]:
    return store.unit(lambda c: feeds.sync(c, dict.fromkeys(names, at)))


def take(store: Store, at: datetime = NOW) -> list[FeedState]:
    return store.unit(lambda c: feeds.claim_due(c, at))


def finish(store: Store, state: FeedState, poll: Poll, **values: object) -> bool:
    due = values.pop("due_at", poll.at + 15 * MINUTE)
    return store.unit(lambda c: feeds.finish(c, state, poll, due_at=due, **values))  # type: ignore[arg-type]


def test_a_new_feed_is_due_at_its_first_moment_and_an_old_one_keeps_its_state(store: Store) -> None:
    assert sync(store, "a", "b") == ["a", "b"]
    assert sync(store, "a", "c", at=NOW + MINUTE) == ["c"]
    with store.read() as c:
        assert [state.name for state in feeds.due(c, NOW)] == ["a", "b"]
        assert feeds.due(c, NOW - MINUTE) == []
        assert [state.name for state in feeds.due(c, NOW + MINUTE, among={"b", "c"})] == ["b", "c"]
        assert len(feeds.due(c, NOW + MINUTE, limit=1, among={"b", "c"})) == 1


def test_a_claimed_feed_is_given_to_nobody_else_until_its_lease_ends(store: Store) -> None:
    sync(store, "a")
    (first,) = take(store)
    assert take(store) == []
    assert store.unit(lambda c: feeds.claim(c, "a", NOW)) is None
    (second,) = take(store, NOW + feeds.LEASE)
    assert second.claimed_until == NOW + 2 * feeds.LEASE
    late = Poll(feed="a", at=NOW + feeds.LEASE, outcome="ok", posts=3, new=3)
    assert not finish(store, first, late), "a worker that woke up after its lease writes nothing"
    assert finish(store, second, late)
    with store.read() as c:
        assert len(feeds.history(c, "a", NOW)) == 1


def test_two_workers_never_get_the_same_feed(store: Store) -> None:
    sync(store, *(f"feed {number}" for number in range(60)))
    got: list[list[str]] = [[], []]
    barrier = threading.Barrier(2)

    def work(which: int) -> None:
        barrier.wait()
        while taken := store.unit(lambda c: feeds.claim_due(c, NOW, limit=7)):
            got[which] += [state.name for state in taken]

    threads = [threading.Thread(target=work, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got[0] + got[1]) == sorted(f"feed {number}" for number in range(60))


def test_success_clears_failures_and_keeps_validators_failure_keeps_the_old_ones(store: Store) -> None:
    sync(store, "a")
    (state,) = take(store)
    finish(store, state, Poll(feed="a", at=NOW, outcome="ok", posts=5, new=2), etag='"1"', body_hash="h", cursor="9")
    moment = NOW + 15 * MINUTE
    for failures in (1, 2):
        (state,) = take(store, moment)
        finish(store, state, Poll(feed="a", at=moment, outcome="failed", reason="timeout: x"), due_at=moment + MINUTE)
        with store.read() as c:
            after = feeds.one(c, "a")
        assert after is not None
        assert (after.failures, after.etag, after.body_hash, after.cursor) == (failures, '"1"', "h", "9")
        assert (after.last_success_at, after.last_new_at, after.last_try_at) == (NOW, NOW, moment)
        assert after.reason == "timeout: x"
        moment += MINUTE
    (state,) = take(store, moment)
    finish(store, state, Poll(feed="a", at=moment, outcome="not_modified"))
    with store.read() as c:
        after = feeds.states(c)["a"]
    assert (after.failures, after.etag, after.last_success_at, after.last_new_at) == (0, '"1"', moment, NOW)


def test_release_gives_a_feed_back_at_once(store: Store) -> None:
    sync(store, "a")
    (state,) = take(store)
    store.unit(lambda c: feeds.release(c, state))
    assert [again.name for again in take(store)] == ["a"]


def test_rhythm_and_rates_come_from_the_polls(store: Store) -> None:
    sync(store, "a", "b")
    for number in range(4):
        at = NOW + number * 15 * MINUTE
        for name in ("a", "b"):
            state = store.unit(lambda c, name=name, at=at: feeds.claim(c, name, at))
            assert state is not None
            finish(store, state, Poll(feed=name, at=at, outcome="ok", posts=9, new=number if name == "a" else 0))
    with store.read() as c:
        assert feeds.new_at(c, NOW) == {"a": [NOW + n * 15 * MINUTE for n in (1, 2, 3)]}
        assert feeds.watched_since(c) == {"a": NOW, "b": NOW}
        assert feeds.yields(c, NOW + 15 * MINUTE) == {"a": [9, 9, 9], "b": [9, 9, 9]}
        assert [feeds.rate(c, name, NOW, NOW + 60 * MINUTE) for name in ("a", "b", "c")] == [6.0, 0.0, None]
        assert feeds.rate(c, "a", NOW, NOW + 59 * MINUTE) is None, "an hour is the least that makes a rate"
        assert feeds.rate(c, "a", NOW + 45 * MINUTE, NOW + 120 * MINUTE) == 0.0, "what the first poll found is no rate"
        assert len(feeds.polls_between(c, NOW, NOW + 30 * MINUTE)) == 4
        assert [poll.new for poll in feeds.history(c, "a", NOW, limit=2)] == [2, 3]


# ------------------------------------------------------------------ evidence
def page(text: str = "被欠薪三个月", at: datetime = NOW) -> Document:
    return Document(
        url="https://bbs.example.cn/1",
        final_url="https://bbs.example.cn/thread-1.html",
        fetched_at=at,
        body=text.encode("gb18030"),
        headers={"content-type": "text/html; charset=gbk", "date": "Tue, 20 Jan 2026 09:00:00 GMT"},
    )


def test_evidence_comes_back_as_it_was_fetched_and_is_stored_once(store: Store) -> None:
    name = store.unit(lambda c: evidence.add(c, page()))
    assert store.unit(lambda c: evidence.add(c, page(at=NOW + MINUTE))) == name
    with store.read() as c:
        assert evidence.load(c, name) == page()
        assert evidence.load(c, "0" * 64) is None


def test_an_altered_byte_of_evidence_shows(store: Store) -> None:
    import zlib

    name = store.unit(lambda c: evidence.add(c, page()))
    forged = zlib.compress(page("已经结清").body)
    store.unit(lambda c: c.execute(update(evidence_table).values(body=forged)))
    with store.read() as c, pytest.raises(InputError, match="altered"):
        evidence.load(c, name)


def test_evidence_of_no_incident_is_forgotten_after_a_week(store: Store) -> None:
    kept = store.unit(lambda c: evidence.add(c, page("一")))
    store.unit(lambda c: evidence.add(c, page("二")))
    recent = store.unit(lambda c: evidence.add(c, page("三", NOW + timedelta(days=3))))
    assert store.unit(lambda c: evidence.keep(c, [kept, kept])) == 1
    assert store.unit(lambda c: evidence.purge(c, NOW + timedelta(days=8))) == 1
    with store.read() as c:
        assert evidence.load(c, kept) is not None
        assert evidence.load(c, recent) is not None
