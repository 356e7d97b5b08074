"""`xinshao fetch` as its help promises it: one line an address, in order, whatever the addresses are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from collect_site import PAGE, Site, http

from monitor.collect import Outcome

KEYS = [
    "url", "outcome", "reason", "permanent", "retry_after", "http_status", "final_url", "bytes", "sha256", "charset",
    "elapsed_ms",
]  # fmt: skip


async def fetch(home: Path, *arguments: str, stdin: str = "") -> tuple[int, list[dict[str, object]], str]:
    """Exit status, lines and stderr of `xinshao fetch`, run as a process of its own beside the loop that serves."""
    import asyncio

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "fetch", *arguments,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"XINSHAO_HOME": str(home), "XINSHAO_CONTACT": "office@example.cn", "PATH": "/usr/bin:/bin"},
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 60)
    return process.returncode or 0, [json.loads(line) for line in out.splitlines()], err.decode()


async def test_each_address_has_its_line_in_order_with_every_key(tmp_path: Path) -> None:
    page = PAGE.replace("<title>", '<meta charset="gb2312"><title>').encode("gb18030")
    async with Site({"/a": http(page, Content_Type="text/html"), "/gone": http("", "404 x")}) as site:
        status, lines, _ = await fetch(
            tmp_path, "-", "--allow", "127.0.0.0/8", stdin=f"{site.url('/a')}\n\nnot an address\n{site.url('/gone')}\n"
        )
        refused, (line,), _ = await fetch(tmp_path, site.url("/a"))
    assert (status, [list(line) for line in lines]) == (1, [KEYS] * 3)
    assert [line["outcome"] for line in lines] == ["ok", "refused", "failed"]
    assert (lines[0]["charset"], lines[0]["bytes"], lines[0]["http_status"]) == ("gb18030", len(page), 200)
    assert (lines[2]["permanent"], lines[2]["sha256"], lines[2]["charset"]) == (True, None, None)
    assert (refused, line["outcome"], line["http_status"]) == (1, "refused", None), "loopback only where it is allowed"
    assert set(Outcome) == {"ok", "not_modified", "refused", "failed"}


async def test_bodies_are_kept_by_hash_and_asked_for_conditionally_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    async with Site({"/": [http(PAGE, ETag='"1"'), http("", "304 Not Modified")]}) as site:
        arguments = (site.url(), "--allow", "127.0.0.1/32", "--body", str(folder))
        status, (first,), _ = await fetch(tmp_path, *arguments)
        again, (second,), _ = await fetch(tmp_path, *arguments)
    assert (status, again, first["outcome"], second["outcome"]) == (0, 0, "ok", "not_modified")
    assert (folder / str(first["sha256"])).read_text() == PAGE
    assert site.asks("/")[1].headers["if-none-match"] == '"1"'


async def test_the_same_address_twice_in_one_run_is_asked_for_conditionally(tmp_path: Path) -> None:
    async with Site({"/": [http(PAGE, ETag='"1"'), http("", "304 Not Modified")]}) as site:
        _, lines, _ = await fetch(tmp_path, site.url(), site.url(), "--allow", "127.0.0.1")
    assert [line["outcome"] for line in lines] == ["ok", "not_modified"]


async def test_a_network_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    status, lines, error = await fetch(tmp_path, "http://example.cn/", "--allow", "intranet")
    assert (status, lines) == (2, [])
    assert "--allow" in error
