"""Terminals that are not UTF-8: every command says what it has to say there, and none ends in a traceback.

A pipe or a file gets UTF-8 whatever the host says; a terminal gets its own encoding, and the code of what that lacks.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.__main__ import _read

POST = json.dumps({"id": "一", "text": "老板拖欠我们三个月工资😀𠮷，电话13812345678"}, ensure_ascii=False) + "\n"
STRICT = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
HOSTS: dict[str, Mapping[str, str]] = {
    "a Chinese Windows": {"LANG": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", **STRICT},
    "C": {"LC_ALL": "C", **STRICT},
}


def environment(host: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    return {**plain, "PYTHONPATH": str(Path(__file__).parents[1]), "XINSHAO_HOME": "var", **HOSTS[host]}


def piped(host: str, folder: Path, *arguments: str | bytes, given: bytes = b"") -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command whose output is read by another."""
    command: list[str | bytes] = [sys.executable, "-m", "monitor", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(host), input=given, capture_output=True, timeout=100)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err, err
    return done.returncode, out, err


def shown(host: str, folder: Path, *arguments: str) -> tuple[int, bytes]:
    """Exit status and what a person sees on a terminal of that host."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "monitor", *arguments]
    started = subprocess.Popen(command, cwd=folder, env=environment(host), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # Linux: the other side was closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    return started.wait(100), seen


@pytest.mark.parametrize("host", HOSTS)
def test_a_filter_in_a_pipe_writes_the_same_on_every_host(tmp_path: Path, host: str) -> None:
    status, out, _ = piped(host, tmp_path, "mask", given=POST.encode())
    assert (status, json.loads(out)["text"][:16]) == (0, "老板拖欠我们三个月工资😀𠮷，电话")


@pytest.mark.parametrize(
    ("host", "encoding", "word"), [("a Chinese Windows", "gbk", "用法"), ("POSIX", "ascii", "Usage")]
)
def test_a_terminal_shows_help_posts_and_faults_in_its_own_encoding(
    tmp_path: Path, host: str, encoding: str, word: str
) -> None:
    (tmp_path / "p.jsonl").write_text(POST, encoding="utf-8")
    for arguments, status in ((["--help"], 0), (["mask", "p.jsonl"], 0), (["check"], 2), (["nosuch"], 2)):
        ended, seen = shown(host, tmp_path, *arguments)
        told = seen.decode(encoding)  # nothing that this terminal could not show
        assert (ended, "Traceback" in told) == (status, False), told
        if "mask" not in arguments and "check" not in arguments:
            assert word in told


def test_what_is_typed_on_a_gbk_terminal_is_understood(tmp_path: Path) -> None:
    """`user reset` with a name in GBK had ended in a traceback of the database's driver."""
    given: dict[bytes, list[str]] = {
        "没有这份.jsonl".encode("gbk"): ["classify"],
        "张三".encode("gbk"): ["user", "reset"],
    }
    for name, command in given.items():
        status, _, err = piped("a Chinese Windows", tmp_path, *command, name)
        assert (status, name.decode("gbk") in err, len(err.strip().splitlines())) == (1, True, 1), err


def test_what_no_host_can_write_is_told_in_one_line(tmp_path: Path) -> None:
    status, _, err = piped("a Chinese Windows", tmp_path, "user", "reset", b"\xff\xff")
    assert (status, "LC_ALL=C.UTF-8" in err, len(err.strip().splitlines())) == (1, True, 1), err
    status, _, err = piped("C", tmp_path, "classify", "没有这份.jsonl".encode("gbk"))
    assert (status, len(err.strip().splitlines())) == (1, 1), err


def test_a_file_whose_name_is_in_gbk_is_found(tmp_path: Path) -> None:
    name = "帖子.jsonl".encode("gbk")
    (Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))).write_text(POST, encoding="utf-8")
    status, out, _ = piped("C", tmp_path, "mask", name)
    assert (status, json.loads(out)["id"]) == (0, "一")


@pytest.mark.parametrize("said", ["中文\n第二行", "中文\t表格", "老板　跑路", "已付\u200b清"])
def test_text_of_this_host_stays_what_it_is_whatever_white_space_it_holds(said: str) -> None:
    assert _read(said) == said
    assert _read(said.encode("gb18030").decode("utf-8", "surrogateescape")) == said
