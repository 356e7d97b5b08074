"""Every stage is a filter: JSON lines in, JSON lines out, in order, one malformed line among them (docs: README)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from classifiers.registry import active
from classifiers.verdict import Flag, Kind, full_text

CASE = "甲木建工拖欠我们18个木工32万6工资，从8月干到11月，一分没结，联系电话13800000000，求有关部门管管"
POSTS = [
    {"id": "a", "text": CASE, "title": None, "platform": "douyin", "unknown": 1},
    {"id": "b", "text": "今天锦禾苑开盘，买房送车位"},
    {"id": "c", "title": "求助", "text": "我爬到塔吊上了，今天不给工资我就跳下去", "engagement": {"views": 3}},
]
FILTERS: dict[str, set[str]] = {
    "classify": {"id", "flag", "score", "kind", "life_risk", "reasons", "model"},
    "facts": {"id", "facts", "spans", "missing"},
    "cluster": {"id", "incident", "joined", "reason"},
    "route": {
        "id",
        "level",
        "level_reasons",
        "lead",
        "co",
        "notify_by_phone",
        "hold",
        "articles",
        "reasons",
        "ack_due",
    },
    "mask": {"id", "text", "title"},
}


def run(command: str, given: str, *more: str) -> tuple[int, list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", command, *more], input=given.encode(), capture_output=True, timeout=60
    )
    return done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()], done.stderr.decode()


@pytest.mark.parametrize("command", FILTERS)
def test_a_filter_answers_every_line_in_order_and_names_the_malformed_one(command: str) -> None:
    lines = [json.dumps(post, ensure_ascii=False) for post in POSTS]
    given = "\n".join([lines[0], "{not json", lines[1], '{"id": "x"}', lines[2]]) + "\n"
    status, rows, _ = run(command, given)
    assert status == 1
    assert [row["id"] for row in rows] == ["a", None, "b", "x", "c"]
    assert [("error" in row) for row in rows] == [False, True, False, True, False]
    for row in (rows[0], rows[2], rows[4]):
        assert FILTERS[command] <= set(row), (command, row)


@pytest.mark.parametrize("command", FILTERS)
def test_a_filter_of_good_lines_ends_well_and_nothing_in_is_nothing_out(command: str) -> None:
    given = "\n".join(json.dumps(post, ensure_ascii=False) for post in POSTS)
    assert run(command, given)[0] == 0
    assert run(command, "") == (0, [], "")


def test_a_file_as_windows_programs_write_it_is_read_and_one_in_gbk_is_refused_by_name() -> None:
    """Read as UTF-8, a line of GBK would be a post of rubbish, passed over as noise with status 0."""
    line = json.dumps(POSTS[0], ensure_ascii=False)
    status, rows, _ = run("classify", f"\ufeff{line}\r\n{line}\r\n")
    assert (status, [row["flag"] for row in rows]) == (0, ["alert", "alert"])
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "mask"], input=line.encode("gb18030"), capture_output=True, timeout=60
    )
    assert done.returncode == 1
    assert "line 1 is not UTF-8" in json.loads(done.stdout)["error"]
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "mask"],
        input=line.encode() + b'\n{"id":"s","text":"a\xffb"}',
        capture_output=True,
    )
    assert done.returncode == 0  # a stray byte costs itself only
    assert json.loads(done.stdout.splitlines()[1])["text"] == "a\ufffdb"


def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text((json.dumps({"id": "a", "text": CASE * 20}) + "\n") * 400)
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", "mask", str(posts)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as mask:
        assert mask.stdout is not None
        assert mask.stderr is not None
        assert json.loads(mask.stdout.readline())["id"] == "a"
        mask.stdout.close()  # as `| head -1` does
        assert mask.stderr.read() == b""
        assert mask.wait(60) == 0


@pytest.mark.parametrize("command", [[], ["digest"], ["model", "train"]])
def test_a_reader_that_has_enough_of_the_help_is_no_failure(command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)  # as `| head -1` does, here before the first word
    try:
        done = subprocess.run([sys.executable, "-m", "monitor", *command, "--help"], stdout=writer, stderr=-1)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("command", "line", "said"),
    [
        ("forecast", {"incident": "I-1", "now": "x", "observations": []}, "`now`"),
        ("forecast", {"incident": 7, "now": "2026-01-20T12:00:00+08:00", "observations": []}, "`incident`"),
        ("deadline", {"id": "I-1", "level": "blue", "opened_at": ""}, "`opened_at` is empty"),
        ("deadline", {"id": "I-1", "level": "blue", "opened_at": "9999-12-31T23:59:00+08:00"}, "outside the years"),
        ("deadline", {"id": "I-1", "level": "blue", "opened_at": "0001-01-01T00:00:00+14:00"}, "no ISO 8601 time"),
    ],
)
def test_a_line_that_no_clock_can_run_from_is_named_and_the_next_is_answered(
    command: str, line: dict[str, Any], said: str
) -> None:
    good = {"id": "g", "incident": "g", "level": "blue", "opened_at": "2026-01-20T12:00:00+08:00",
            "now": "2026-01-20T12:00:00+08:00", "observations": []}  # fmt: skip
    status, rows, _ = run(command, f"{json.dumps(line)}\n{json.dumps(good)}")
    assert status == 1
    assert rows[0]["id"] == line.get("id", line.get("incident"))
    assert said.replace("no ISO", "not an ISO") in rows[0]["error"]
    assert "error" not in rows[1]


def test_filters_chain_from_a_page_to_a_route(tmp_path: Path) -> None:
    page = tmp_path / "feed.json"
    items = [{"id": "1", "url": "http://site.example/1", "content_text": CASE}]
    page.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}), "utf-8")
    parsed = subprocess.run(
        [sys.executable, "-m", "monitor", "parse", str(page), "--kind", "rss", "--url", "http://site.example/feed"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    status, facts, _ = run("facts", parsed.stdout.decode())
    assert status == 0
    assert (facts[0]["facts"]["workers"], facts[0]["facts"]["amount_yuan"]) == (18, 326000)
    status, routed, _ = run("route", json.dumps(facts[0], ensure_ascii=False))
    assert status == 0
    assert (routed[0]["level"], "hrss" in [routed[0]["lead"], *routed[0]["co"]]) == ("yellow", True)


def test_reasons_point_into_the_published_text() -> None:
    _, rows, _ = run("classify", json.dumps({"id": "a", "title": "讨薪", "text": CASE}, ensure_ascii=False))
    whole = full_text("讨薪", CASE)
    assert rows[0]["flag"] == "alert"
    assert rows[0]["reasons"]
    for reason in rows[0]["reasons"]:
        assert whole[reason["start"] : reason["end"]] == reason["text"]


def test_a_phone_number_is_masked_and_an_amount_is_not() -> None:
    _, rows, _ = run("mask", json.dumps({"id": "a", "text": CASE}, ensure_ascii=False))
    assert "13800000000" not in rows[0]["text"]
    assert "32万6" in rows[0]["text"]
    assert "甲木建工" in rows[0]["text"]
    _, rows, _ = run("mask", json.dumps({"id": "a", "text": "欠我们32万工资 13800000000"}, ensure_ascii=False))
    assert rows[0]["text"] == "欠我们32万工资 138********"


# ------------------------------------------------------------------ what the shipped model must know
CONTRASTS = [  # the same story, another end: (text, kinds it may be, flags it may have)
    ("老板欠我们班组五个月工资，二十多万，一分没给", {Kind.OPEN}, {Flag.ALERT}),
    ("我在饭店干了三个月，走的时候老板不给工资，打电话也不接", {Kind.OPEN}, {Flag.ALERT, Flag.REVIEW}),
    ("感谢人社局，拖欠我们半年的工资今天全部发放到位了", set(Kind) - {Kind.OPEN}, {Flag.REVIEW, Flag.PASS}),
    ("招钢筋工，工资日结，绝不拖欠，管吃管住", set(Kind) - {Kind.OPEN}, {Flag.REVIEW, Flag.PASS}),
    ("今天天气真好，去河边走走", {Kind.NOISE}, {Flag.PASS}),
    ("作者今天又没更新，我们在评论区催更", {Kind.NOISE}, {Flag.PASS}),
]


@pytest.mark.parametrize(("text", "kinds", "flags"), CONTRASTS)
def test_the_shipped_model_tells_an_open_case_from_its_neighbours(
    text: str, kinds: set[Kind], flags: set[Flag]
) -> None:
    verdict = active().assess_one(None, text)
    assert verdict.flag in flags, verdict
    assert verdict.kind in kinds, verdict
    assert 0.0 <= verdict.score <= 1.0


def test_one_post_alone_and_in_a_batch_get_the_same_verdict() -> None:
    model = active()
    texts = [(None, text) for text, _, _ in CONTRASTS]
    assert model.assess(texts) == [model.assess_one(title, text) for title, text in texts]


@pytest.mark.parametrize(
    "text", ["", "\x00", "😀" * 500, "拖欠工资" * 20_000, "<script>alert(1)</script>", "\ud800工资"]
)
def test_odd_texts_get_a_verdict(text: str) -> None:
    assert active().assess_one(None, text).flag in set(Flag)


@pytest.mark.parametrize(
    "text",
    [
        "情况说明：网传我县某工地拖欠三百名工人半年工资系旧视频移花接木，请大家不信谣",
        "作者断更两个月，拖欠我们读者工资，集体讨薪，还我血汗钱",
        "县志里写着，那年矿上拖欠一百多名工人大半年工资，工人围住矿部讨要工钱",
    ],
)
def test_a_denial_a_jest_and_an_archive_wait_for_a_person_and_alert_no_desk(text: str) -> None:
    assert active().assess_one(None, text).flag is not Flag.ALERT


@pytest.mark.parametrize("command", ["classify", "mask"])
def test_a_pipe_that_is_still_written_to_is_answered_at_once(command: str) -> None:
    """`tail -f posts.jsonl | xinshao classify`: nobody waits for a full batch."""
    line = json.dumps(POSTS[0], ensure_ascii=False).encode() + b"\n"
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == "a"
        process.stdin.close()
        assert process.stdout.read() == b""


def test_answers_are_the_same_however_the_lines_came_in() -> None:
    given = "\n".join(json.dumps({**POSTS[at % 3], "id": str(at)}, ensure_ascii=False) for at in range(300))
    whole = run("classify", given)[1]
    parts = [
        row for at in range(0, 300, 100) for row in run("classify", "\n".join(given.split("\n")[at : at + 100]))[1]
    ]
    assert whole == parts


def test_a_line_stays_one_line_and_utf8_whatever_is_in_it_and_whatever_the_host_says() -> None:
    """U+2028 and U+0085 end a line for some readers; a host set to ASCII is no reason to fail."""
    given = json.dumps({"id": "a\u2028b", "text": "工资\u0085没发\u2029一分"}) + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "mask"], input=given.encode(), capture_output=True, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "POSIX"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (only,) = done.stdout.decode().splitlines()
    row = json.loads(only)
    assert (row["id"], row["text"]) == ("a\u2028b", "工资\u0085没发\u2029一分")


def test_a_campaign_that_is_a_number_is_a_fault_and_no_silent_no() -> None:
    line = {"id": "1", "level": "blue", "opened_at": "2026-01-08T09:00:00+08:00", "pauses": [], "campaign": 1}
    status, rows, _ = run("deadline", json.dumps(line))
    assert status == 1
    assert "campaign" in rows[0]["error"]


def test_a_filter_begun_without_stdin_says_so_in_one_line() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m monitor facts <&-', sys.executable], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.decode().splitlines()) == (1, ["there is no stdin: name a file"])
