"""The service as a process: it says what is in its way before it begins, and ends in order when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pipelinehouse import COUNTY, feeds_yaml

from monitor.pipeline.housekeeping import forget_letters
from monitor.service import listening

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    (folder / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": "http://127.0.0.1:9/a"}]), encoding="utf-8")
    own = {"XINSHAO_HOME": str(folder / "var"), "PYTHONPATH": str(Path(__file__).parents[1]), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "monitor", "run", "--port", str(port)]
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, stderr=subprocess.PIPE, encoding="utf-8")


def free() -> int:
    with closing(listening("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def test_a_port_that_is_taken_is_one_sentence_and_nothing_was_begun(tmp_path: Path) -> None:
    with closing(listening("127.0.0.1", 0)) as door:
        _, said = (process := start(tmp_path, door.getsockname()[1])).communicate(timeout=60)
    assert process.returncode == 1
    (line,) = said.strip().splitlines()
    assert line.startswith(f"127.0.0.1:{door_port(line)}: Address already in use")
    assert not (tmp_path / "var" / "xinshao.db").exists()


def door_port(line: str) -> str:
    return line.split(":")[1]


async def test_feeds_that_waited_for_the_service_are_not_told_of_as_silent(tmp_path: Path) -> None:
    """Chores look for silent feeds: when a service starts every feed is late, and the office would get a mail each."""
    from monitor import config
    from monitor.pipeline.house import assemble, now
    from monitor.service import Service

    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "a", "url": "http://127.0.0.1:9/a"}]), encoding="utf-8")
    settings = config.Settings(home=tmp_path / "var", quiet_hours="")
    with closing(assemble(config.load(feeds=tmp_path / "feeds.yaml", county=COUNTY, settings=settings))) as house:
        service = Service(house)
        await service.start()
        ahead = {job.id: (job.next_run_time - now()).total_seconds() for job in service.scheduler.get_jobs()}
        await service.stop()
    assert ahead["housekeep"] > 500
    assert {name for name, seconds in ahead.items() if seconds > 400} == {"housekeep"}


def test_an_address_that_this_machine_does_not_have_is_named() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        listening("192.0.2.1", 8420)  # RFC 5737: nobody's


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_in_order_when_it_is_told_to(tmp_path: Path, told: signal.Signals) -> None:
    """Fault F07: exit status 0, nothing half-done, no traceback of a job that was stopped."""
    port = free()
    process = start(tmp_path, port)
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    process.send_signal(told)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (0, False), said
    assert "sign in as admin" in said
    assert f"listens on 127.0.0.1:{port}" in said  # else it would be looked for at the address of the settings
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


def test_letters_written_for_want_of_a_mail_server_are_kept_as_long_as_sent_ones(tmp_path: Path) -> None:
    for name, days in (("old", 91), ("young", 89)):
        (tmp_path / f"{name}.eml").write_text("x")
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / f"{name}.eml", (at, at))
    assert forget_letters(tmp_path, NOW) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["young.eml"]
    assert forget_letters(tmp_path / "gone", NOW) == 0
