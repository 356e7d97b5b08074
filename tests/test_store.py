"""The store: the same answers on both databases, nothing half written, one clear sentence when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, joined, ledger_on, reading, stores
from sqlalchemy import Connection, Select, insert, select
from sqlalchemy.exc import IntegrityError

from monitor.model import Document, Engagement, Post
from monitor.store import Store, StoreError, done, evidence, incidents, open_store, posts, shifts, tokens, users
from monitor.store import migrate as migrating
from monitor.store.schema import done as done_table
from monitor.store.schema import metadata
from monitor.text import storable


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def post_values(name: str, **changed: object) -> dict[str, object]:
    values: dict[str, object] = {
        "id": name, "feed": "forum", "native_id": name, "platform": "青禾论坛", "url": None, "title": None,
        "text": "三个月没发工资", "masked_title": None, "masked_text": "三个月没发工资", "author_code": "c0de",
        "published_at": NOON, "fetched_at": NOON, "evidence": None, "flag": "review", "score": 0.5, "kind": "open",
        "life_risk": False, "perhaps_life_risk": False, "reasons": [], "model": "m", "facts": {}, "incident": None,
        "joined_reason": None,
        "review": "pending", "reviewed_by": None, "reviewed_at": None, "recorded_at": NOON,
    }  # fmt: skip
    return values | changed


# ------------------------------------------------------------------ opening
def test_a_database_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """After a step back to an older program, or on a machine that was not upgraded with the others."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    open_store(url).close()
    with sqlite3.connect(tmp_path / "x.db") as plain:
        plain.execute("UPDATE alembic_version SET version_num = '0999'")
    plain.close()
    with pytest.raises(StoreError, match="newer version of this program"):
        open_store(url)
    with sqlite3.connect(tmp_path / "x.db") as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchone() == ("0999",)
    plain.close()


def test_the_migrations_lead_to_the_tables_of_the_schema(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.read() as c:
        assert compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata) == []


def test_the_newest_migration_is_the_one_that_opening_asks_for() -> None:
    found = sorted(path.name[:4] for path in (migrating.FOLDER / "versions").glob("[0-9]*.py"))
    assert found[-1] == migrating.HEAD


def test_opening_again_keeps_what_was_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a' / 'x.db'}"
    first = open_store(url)
    first.unit(lambda c: done.once(c, "digest:2026-01-20", NOON))
    first.close()
    second = open_store(url)
    with second.read() as c:
        assert done.when(c, "digest:2026-01-20") == NOON
    second.close()


def test_a_killed_migration_leaves_no_table_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.store import base

    def dies_half_way(c: Connection) -> None:
        migrating.upgrade(c)
        raise KeyboardInterrupt

    url = f"sqlite:///{tmp_path / 'x.db'}"
    with monkeypatch.context() as patch:
        patch.setattr(base, "upgrade", dies_half_way)
        with pytest.raises(KeyboardInterrupt):
            open_store(url)
    with sqlite3.connect(tmp_path / "x.db") as plain:
        assert plain.execute("select count(*) from sqlite_master").fetchone() == (0,)
    plain.close()
    open_store(url).close()


def test_a_damaged_file_is_refused_with_the_way_out_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    store = open_store(f"sqlite:///{path}")
    store.unit(lambda c: posts.add(c, [post_values(f"p{n}") for n in range(300)]))
    store.close()
    body = bytearray(path.read_bytes())
    body[8192 : len(body) - 4096 : 7] = b"\xff" * len(body[8192 : len(body) - 4096 : 7])
    path.write_bytes(body)
    with pytest.raises(StoreError, match="restore"):
        _open_and_check(path)
    assert path.read_bytes()[: len(body)] == bytes(body)


def test_what_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is a letter, not a database" * 400)
    with pytest.raises(StoreError, match="cannot be used"):
        _open_and_check(path)


def _open_and_check(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    try:
        store.check()
    finally:
        store.close()


def test_a_server_that_is_not_there_is_said_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://someone:a-secret-word@127.0.0.1:1/none?connect_timeout=1")
    assert "a-secret-word" not in str(caught.value)


# ------------------------------------------------------------------ units of work
def test_a_unit_writes_all_or_nothing(store: Store) -> None:
    def half(c: Connection) -> None:
        done.once(c, "one", NOON)
        raise ValueError("second half")

    with pytest.raises(ValueError, match="second half"):
        store.unit(half)
    with store.read() as c:
        assert done.when(c, "one") is None


def test_a_unit_waits_for_another_writer(tmp_path: Path) -> None:
    """Fault F10: another writer holds the database; the write waits and is not lost."""
    path = tmp_path / "x.db"
    store = open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    free = threading.Timer(0.4, lambda: other.execute("COMMIT"))
    free.start()
    assert store.unit(lambda c: done.once(c, "one", NOON))
    free.join()
    other.close()
    store.close()


def test_a_read_before_a_write_in_one_unit_never_meets_a_stale_snapshot(store: Store) -> None:
    """Fault F11: in WAL an upgrade from read to write fails at once; a write unit therefore begins as one."""

    def count_up(_: int) -> None:
        def work(c: Connection) -> None:
            seen = c.execute(select(done_table.c.key)).scalars().all()
            c.execute(insert(done_table).values(key=f"n{len(seen)}", at=NOON, detail=""))

        for _ in range(5):
            while True:
                try:
                    store.unit(work)
                    break
                except IntegrityError:  # PostgreSQL: two units saw the same number; the unit is asked again
                    continue

    threads = [threading.Thread(target=count_up, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as c:
        assert len(c.execute(select(done_table.c.key)).all()) == 20


def test_two_machines_that_write_one_row_in_the_same_moment_both_go_on(store: Store) -> None:
    """Both looked before either wrote: two workers that read the same page, its bytes named by their hash."""
    page = Document(url="https://bbs.qinghe.example/t/1", fetched_at=NOON, body=b"<p>page</p>")
    looked, names = threading.Barrier(2 if not store.sqlite else 1), list[str]()

    def keep(c: Connection) -> str:
        real = c.execute

        def execute(statement: Any, *rest: Any) -> Any:
            found = real(statement, *rest)
            if isinstance(statement, Select):
                with suppress(threading.BrokenBarrierError):  # the second try goes alone
                    looked.wait(5)
                    looked.abort()
            return found

        c.execute = execute  # type: ignore[method-assign]
        return evidence.add(c, page)

    threads = [threading.Thread(target=lambda: names.append(store.unit(keep))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [page.sha256] * 2
    with store.read() as c:
        kept = evidence.load(c, page.sha256)
    assert kept is not None
    assert kept.body == page.body


def test_what_the_database_refuses_is_said_without_what_was_to_be_written(store: Store) -> None:
    """The log gets the statement; the words of a post and a person's name stay out of it."""
    store.unit(lambda c: posts.add(c, [post_values("p1")]))
    with pytest.raises(IntegrityError) as refused:
        store.unit(lambda c: posts.add(c, [post_values("p1", text="张小明三个月没发工资")]))
    assert "INSERT INTO posts" in str(refused.value)
    assert "张小明" not in str(refused.value)


def test_what_must_happen_once_happens_once_whoever_asks(store: Store) -> None:
    """Faults F19, F42: two schedulers, one digest."""
    won = []

    def ask() -> None:
        try:
            won.append(store.unit(lambda c: done.once(c, "digest:2026-01-20", NOON)))
        except IntegrityError:
            won.append(False)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1


# ------------------------------------------------------------------ what is kept
def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    shanghai = datetime(2026, 1, 20, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    store.unit(lambda c: done.once(c, "one", shanghai))
    with store.read() as c:
        assert done.when(c, "one") == NOON
        assert done.when(c, "one").tzinfo is UTC  # type: ignore[union-attr]


def test_hostile_text_is_the_same_on_both_databases(store: Store) -> None:
    """Fault F22: NUL and lone surrogates."""
    text = storable("工\x00资\ud800没发")
    store.unit(lambda c: posts.add(c, [post_values("p1", text=text, masked_text=text)]))
    with store.read() as c:
        row = posts.one(c, "p1")
    assert row is not None
    assert row["text"] == "工资?没发"


def test_a_post_is_known_by_its_id_or_by_what_its_feed_calls_it(store: Store) -> None:
    store.unit(lambda c: posts.add(c, [post_values("p1", native_id="77")]))
    same_id = Post(id="p1", text="", feed="elsewhere")
    same_thread = Post(id="p9", text="", feed="forum", native_id="77")
    new = Post(id="p2", text="", feed="forum", native_id=None)
    with store.read() as c:
        assert posts.known(c, [same_id, same_thread, new]) == {"p1": "p1", "p9": "p1"}


def test_the_queue_shows_danger_first_and_no_unmasked_word(store: Store) -> None:
    rows = [
        post_values("calm", score=0.9),
        post_values("perhaps", perhaps_life_risk=True, score=0.05),
        post_values("danger", life_risk=True, score=0.1),
        post_values("done", review="confirmed"),
        post_values("sample", review="audit", flag="pass", score=0.01),
    ]
    store.unit(lambda c: posts.add(c, rows))
    with store.read() as c:
        queue = posts.review_queue(c, 10)
        assert posts.review_count(c) == 4
    assert [row["id"] for row in queue] == ["danger", "perhaps", "calm", "sample"]
    assert not {"text", "title", "author_code"} & set(queue[0])


def test_of_two_reviewers_one_decides(store: Store) -> None:
    """Fault F47."""
    store.unit(lambda c: posts.add(c, [post_values("p1")]))
    assert store.unit(lambda c: posts.reviewed(c, "p1", "confirmed", "zhou", NOON))
    assert not store.unit(lambda c: posts.reviewed(c, "p1", "dismissed", "lin", NOON))
    with store.read() as c:
        assert (posts.one(c, "p1") or {})["reviewed_by"] == "zhou"


def test_spread_is_the_sum_of_the_last_observations(store: Store) -> None:
    def work(c: Connection) -> None:
        posts.add(c, [post_values("p1", incident="QX-2026-0001"), post_values("p2", incident="QX-2026-0001")])
        posts.observe(c, [("p1", NOON, Engagement(100, 1, None, 2)), ("p2", NOON, Engagement(None, None, None, 5))])
        posts.observe(c, [("p1", NOON + timedelta(hours=1), Engagement(400, 2, None, 3))])
        posts.observe(c, [("p1", NOON + timedelta(hours=1), Engagement(500, 2, None, 3))])

    store.unit(work)
    with store.read() as c:
        assert posts.spread(c, ["QX-2026-0001", "QX-2026-0002"]) == {"QX-2026-0001": Engagement(500, 2, None, 8)}
        assert len(posts.observed(c, "QX-2026-0001")) == 3


def test_a_link_works_once_and_not_after_its_time(store: Store) -> None:
    row = {
        "incident": "QX-2026-0001", "department": "hrss", "purpose": "acknowledge", "used_at": None,
        "recipient": "a@qinghe.example", "expires_at": NOON + timedelta(days=7),
    }  # fmt: skip
    store.unit(lambda c: tokens.add(c, [{**row, "id": "a"}, {**row, "id": "b"}]))
    used = [store.unit(lambda c: tokens.use(c, "a", NOON)) for _ in range(2)]
    late = store.unit(lambda c: tokens.use(c, "b", NOON + timedelta(days=8)))
    assert (used, late) == ([True, False], False)


def test_a_swap_entered_later_stands_before_the_shift_it_replaces(store: Store) -> None:
    day = {"department": "hrss", "starts_at": NOON - timedelta(hours=4), "ends_at": NOON + timedelta(hours=8)}
    swap = {"department": "hrss", "starts_at": NOON - timedelta(hours=1), "ends_at": NOON + timedelta(hours=1)}
    store.unit(lambda c: shifts.add(c, [{**day, "name": "周"}, {**swap, "name": "林"}]))
    with store.read() as c:
        assert [row["name"] for row in shifts.on_duty(c, NOON, "hrss")] == ["林", "周"]
        assert [row["name"] for row in shifts.on_duty(c, NOON + timedelta(hours=2))] == ["周"]
        assert len(shifts.between(c, NOON, NOON + timedelta(days=1))) == 2


def test_a_disabled_person_has_no_session(store: Store) -> None:
    def work(c: Connection) -> None:
        users.add_user(c, "zhou", display="周", password="hash", role="duty")
        users.open_session(c, "s1", user="zhou", csrf="x", now=NOON, expires_at=NOON + timedelta(hours=8))

    store.unit(work)
    with store.read() as c:
        assert (users.session(c, "s1", NOON) or {})["role"] == "duty"
        assert users.session(c, "s1", NOON + timedelta(hours=9)) is None
    store.unit(lambda c: users.change_user(c, "zhou", {"disabled": True}))
    with store.read() as c:
        assert users.session(c, "s1", NOON) is None


# ------------------------------------------------------------------ very long lists
@pytest.mark.parametrize("size", [3, 400, 401, 40_000, 70_000])
def test_a_list_of_however_many_cases_is_narrowed_and_counted(store: Store, size: int) -> None:
    """SQLite refuses a statement of more than 32,766 values, PostgreSQL's driver one of more than 65,535."""
    ledger = ledger_on(store)
    ledger.record(joined(reading()))
    ledger.record(joined(reading("p2", "丙田食品厂欠我们12个人工资8万元，在柳溪镇", author="乙")))
    many = {f"QX-2031-{number:05d}" for number in range(size - 1)} | {"QX-2026-0001"}
    with store.read() as c:
        assert incidents.count(c) == 2
        of_these = incidents.Filter(ids=many)
        assert [row["id"] for row in incidents.listing(c, of_these)] == ["QX-2026-0001"]
        assert incidents.count(c, of_these) == 1
        without = incidents.Filter(within=incidents.Within(hidden=frozenset(many)))
        assert [row["id"] for row in incidents.listing(c, without)] == ["QX-2026-0002"]
        both = incidents.Filter(ids=many, within=incidents.Within(hidden=frozenset(many)))
        assert incidents.count(c, both) == 0
        assert incidents.count(c, incidents.Filter(ids=())) == 0
