"""Every fault of the matrix (F01 to F54) is held by a test; those that no other file holds stand here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from ledgerhouse import BOTH, NOON, joined, ledger_on, postgres, reading, stores
from sqlalchemy import Connection, text

from monitor.digest.make import write_whole
from monitor.store import Store, StoreError, base, incidents, open_store
from monitor.store.done import once, put

HERE = Path(__file__).parent
HELD = {  # fault -> file::test, where the test itself does not name the fault
    "F05": "test_fault_matrix::test_a_digest_is_the_old_file_or_the_new_one",
    "F08": "test_parse_hostile::test_depth_is_refused_before_any_parser_sees_it",
    "F09": "test_fault_matrix::test_what_is_committed_is_on_the_disk",
    "F12": "test_fault_matrix::test_a_database_held_for_too_long_is_a_sentence_and_the_work_is_done_afterwards",
    "F15": "test_commands_failing::test_what_the_machine_refuses_is_one_sentence",
    "F16": "test_store::test_a_damaged_file_is_refused_with_the_way_out_and_left_as_it_is",
    "F18": "test_fault_matrix::test_two_units_that_wait_for_each_other_are_both_done",
    "F20": "test_fault_matrix::test_one_post_told_twice_in_the_same_second_is_one_case",
    "F21": "test_store::test_a_killed_migration_leaves_no_table_behind",
    "F34": "test_collect_hostile::test_the_hostile_web_neither_hangs_floods_nor_misleads_the_fetcher",
    "F35": "test_pipeline_poll::test_a_feed_that_breaks_our_own_code_stops_no_other",
    "F37": "test_service::test_feeds_that_waited_for_the_service_are_not_told_of_as_silent",
    "F38": "test_collect_health::test_a_redesign_or_an_expired_token_is_named_within_two_periods",
    "F39": "test_pipeline_in_force::test_a_promoted_model_judges_without_a_restart_and_a_broken_one_changes_nothing",
    "F40": "test_clocks::test_restart_and_jumps_of_the_host_repeat_and_lose_nothing",
    "F43": "test_digest::test_the_zone_of_the_host_changes_nothing",
    "F44": "test_parse_dates::test_nothing_raises_and_nothing_lies_outside_the_plausible",
    "F45": "test_parse_dates::test_the_turn_of_the_year_is_crossed_backwards",
    "F51": "test_pipeline_in_force::test_a_wrong_feeds_yaml_stops_no_feed_and_is_named_until_it_is_right",
    "F53": "test_fault_matrix::test_a_log_that_cannot_be_written_stops_nothing",
}


@pytest.mark.parametrize("fault", [f"F{number:02d}" for number in range(1, 55)])
def test_every_fault_of_the_matrix_is_held_by_a_test(fault: str) -> None:
    if fault in HELD:
        file, _, name = HELD[fault].partition("::")
        assert f"def {name}(" in (HERE / f"{file}.py").read_text(encoding="utf-8")
        return
    number = int(fault[1:])
    told = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py") if path != Path(__file__))
    spans = [(int(a), int(b)) for a, b in re.findall(r"\bF(\d\d) to F(\d\d)\b", told)]
    assert re.search(rf"\b{fault}\b", told) or any(a <= number <= b for a, b in spans)


def test_a_digest_is_the_old_file_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault F05: the power goes after the bytes are written and before the file has its name."""
    path = tmp_path / "digest.docx"
    write_whole(path, b"old")

    def cut(*_: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", cut)
        with pytest.raises(OSError, match="power"):
            write_whole(path, b"new")
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (b"old", 1)
    assert write_whole(path, b"new").read_bytes() == b"new"


def test_what_is_committed_is_on_the_disk(tmp_path: Path) -> None:
    """Fault F09: synchronous=FULL (2) on every connection; the default of WAL would lose the last commits."""
    with closing(open_store(f"sqlite:///{tmp_path}/x.db")) as store, store.read() as c:
        assert c.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert c.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_a_database_held_for_too_long_is_a_sentence_and_the_work_is_done_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F12: another program holds the file for longer than all tries; no work is passed over in silence."""
    monkeypatch.setattr(base, "BUSY_MS", 50)
    url = f"sqlite:///{tmp_path}/x.db"
    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        with other.write(), pytest.raises(StoreError, match="stayed busy"):
            store.unit(lambda c: put(c, "a", NOON, ""))
        assert store.unit(lambda c: once(c, "a", NOON))


def test_two_units_that_wait_for_each_other_are_both_done() -> None:
    """Fault F18: PostgreSQL ends one of two that lock rows crosswise (40P01); its unit is done again."""
    with closing(open_store(postgres())) as store:
        store.unit(lambda c: (put(c, "a", NOON, ""), put(c, "b", NOON, "")))
        both, tries = threading.Barrier(2), list[str]()

        def cross(first: str, second: str) -> None:
            def work(c: Connection) -> None:
                tries.append(first)
                put(c, first, NOON, first)
                if tries.count(first) == 1:
                    both.wait(20)
                put(c, second, NOON, first)

            store.unit(work)

        threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(tries) == 3
        with store.read() as c:
            details = {row.detail for row in c.execute(text("SELECT detail FROM done WHERE key IN ('a', 'b')"))}
        assert len(details) == 1  # one after the other, each of them whole


@pytest.mark.parametrize("kind", BOTH)
def test_one_post_told_twice_in_the_same_second_is_one_case(tmp_path: Path, kind: str) -> None:
    """Fault F20: two sources, two threads, one debt."""
    for store in stores(kind, tmp_path):
        _tell_at_once(store)


def _tell_at_once(store: Store) -> None:
    ledger, both = ledger_on(store), threading.Barrier(2)

    def tell(name: str) -> None:
        both.wait(20)
        ledger.record(joined(reading(name, url=f"https://{name}.qinghe.example/t/1")))

    threads = [threading.Thread(target=tell, args=(name,)) for name in ("bbs", "board")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as c:
        (case,) = incidents.listing(c)
        assert len(incidents.posts_of(c, case["id"])) == 2


@pytest.mark.parametrize("where", ["a full disk", "nowhere"])
def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, where: str) -> None:
    """Fault F53 (and F14): a service had ended at its first note, on a full disk and without stderr alike."""
    code = (
        "import sys, structlog; sys.argv = ['xinshao', '--version']\n"
        "from monitor import __main__ as m, logs\n"
        "m._never_stop_for_a_log(); m._write_utf8(); logs.plain()\n"
        "for n in range(3): structlog.get_logger().error('failed', feed='论坛'); print('x' * 9000, file=sys.stderr)\n"
        "open('done', 'w').close()"
    )
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    shell = f'exec {sys.executable} -c "$CODE" ' + ("2>/dev/full" if where == "a full disk" else "2>&- >&-")
    ended = subprocess.run(["/bin/sh", "-c", shell], cwd=tmp_path, env={**env, "CODE": code}, timeout=60)
    assert ended.returncode == 0
    assert (tmp_path / "done").exists()
