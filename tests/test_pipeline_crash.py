"""kill -9 in the middle of a poll, again and again: nothing lost, nothing stored or queued twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pipelinehouse import COUNTY, feeds_yaml, json_feed, owed

FEEDS, EACH = 6, 8


@pytest.fixture
def site() -> Iterator[int]:
    """A site whose six feeds hold eight posts of eight debts each, 48 debts in all."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed = self.path.strip("/")
            body = b"" if not feed.isdigit() else _feed(int(feed))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/feed+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def _feed(number: int) -> bytes:
    return json_feed({"id": f"{number}-{n}", "content_text": owed(number * EACH + n)} for n in range(EACH))


def kill_and_finish(folder: Path, port: int, kills: int, longest: float) -> dict[str, int]:
    """Starts `xinshao poll --all` and kills it at random moments, then lets it finish; what the store holds."""
    entries = [{"name": f"feed{n}", "url": f"http://127.0.0.1:{port}/{n}"} for n in range(FEEDS)]
    (folder / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")
    env = {**os.environ, "XINSHAO_HOME": str(folder / "var"), "XINSHAO_COUNTY": str(COUNTY)}
    command = [sys.executable, "-m", "monitor", "poll", "--all"]
    draw, killed = random.Random(7), 0
    for _ in range(kills):
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(draw.uniform(0.3, longest))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        _free_claims(folder / "var" / "xinshao.db")
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, timeout=120)
    with sqlite3.connect(folder / "var" / "xinshao.db") as c:
        counts = {
            "posts": c.execute("select count(*) from posts").fetchone()[0],
            "native": c.execute("select count(distinct native_id) from posts").fetchone()[0],
            "keys": c.execute("select count(*) - count(distinct key) from outbox").fetchone()[0],
            "unmailed": c.execute(
                "select count(*) from incidents where id not in (select incident from outbox where incident not null)"
            ).fetchone()[0],
            "cases": c.execute("select count(distinct incident) from posts where flag = 'alert'").fetchone()[0],
            "opened": c.execute("select count(*) from ledger where act = 'open'").fetchone()[0],
            "sound": int(c.execute("pragma integrity_check").fetchone()[0] == "ok"),
        }
    c.close()
    return {**counts, "killed": killed}


def _free_claims(database: Path) -> None:
    """The lease of a killed worker runs out after ten minutes; the test does not wait for it."""
    if not database.exists():
        return
    with sqlite3.connect(database, timeout=10) as c:
        if c.execute("select 1 from sqlite_master where name = 'feeds'").fetchone():
            c.execute("update feeds set claimed_until = null")
    c.close()


def judge(found: dict[str, int]) -> None:
    assert found["posts"] == found["native"] == FEEDS * EACH, found
    assert found["cases"] == found["opened"], found
    assert found["keys"] == found["unmailed"] == 0, found
    assert found["sound"], found


def test_a_poll_killed_at_random_loses_nothing_and_repeats_nothing(tmp_path: Path, site: int) -> None:
    found = kill_and_finish(tmp_path, site, kills=6, longest=3.0)
    assert found["killed"] >= 1
    judge(found)


@pytest.mark.soak
def test_fifty_kills(tmp_path: Path, site: int) -> None:
    found = kill_and_finish(tmp_path, site, kills=50, longest=2.5)
    print(found)
    assert found["killed"] >= 25
    judge(found)
