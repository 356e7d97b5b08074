"""The command line explains itself in the reader's language, all of it, with the same examples."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer.main

from monitor import __main__ as entry
from monitor.commands import chinese


def test_every_command_and_every_option_has_its_chinese_sentence() -> None:
    if not entry.app.registered_commands:
        entry._assemble()
    lacking = chinese.translate(typer.main.get_command(entry.app))
    assert lacking == [], "monitor/commands/help.zh.yaml: add these"


def test_every_command_shows_its_example_in_both_languages() -> None:
    if not entry.app.registered_commands:
        entry._assemble()
    whole = typer.main.get_command(entry.app)
    plain = [path for path, one in chinese._walk(whole, "") if not hasattr(one, "commands")]
    lacking = [path for path, one in chinese._walk(whole, "") if path in plain and chinese.EXAMPLE not in one.help]
    chinese.translate(whole)
    lacking += [path for path, one in chinese._walk(whole, "") if path in plain and "例：" not in one.help]
    assert lacking == []


@pytest.mark.parametrize(
    ("environment", "chinese_wanted"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.GB18030"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({}, False),
    ],
)
def test_the_terminal_decides_which_language(environment: dict[str, str], chinese_wanted: bool) -> None:
    assert chinese.wanted(environment) is chinese_wanted


@pytest.mark.parametrize(
    ("language", "said"), [("zh_CN.UTF-8", "一个监测源输出一行"), ("C.UTF-8", "One pass: collect")]
)
def test_help_is_printed_in_that_language_with_its_example(language: str, said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "monitor", "poll", "--help"],
        env={**os.environ, "LC_ALL": language, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert said in run.stdout
    assert ("Usage:" in run.stdout) == language.startswith("C")
    assert "xinshao poll 县论坛" in run.stdout
