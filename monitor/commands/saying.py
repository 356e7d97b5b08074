"""What the command line says of faults, in the terminal's language. Knows the catalogue, no command.

The English sentences stand where the fault is found and are what a maintainer reads and a log keeps; said.zh.yaml has
the same for the people who run the service. A sentence that the catalogue lacks is told as it is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from monitor.commands import chinese
from monitor.errors import ConfigError, Fault
from monitor.text import visible

CATALOGUE = Path(__file__).with_name("said.zh.yaml")
DEPTH = 4  # a sentence in a sentence: `feed x: no answer: permission denied`


def tell(text: object) -> None:
    """A sentence, a fault or an error to stderr: data goes to stdout."""
    print(visible(said(text)), file=sys.stderr)


def said(text: object) -> str:
    """The sentence as the reader's terminal speaks it; an error of several faults as one line each."""
    if not chinese.wanted():
        return str(text)
    if isinstance(text, ConfigError):
        return "\n".join(map(said, text.faults))
    if isinstance(text, Fault):
        remedy = f"——{in_chinese(text.remedy)}" if text.remedy else ""
        return f"{text.path}：{in_chinese(text.problem)}{remedy}"
    own = getattr(text, "zh", None)  # parse's faults have their own catalogue
    return own if isinstance(own, str) else in_chinese(str(text))


def in_chinese(text: str, depth: int = DEPTH) -> str:
    """By the catalogue, the parts of a sentence too; where the whole is not known, what stands before a colon stays."""
    for phrase, words in _catalogue():
        if found := phrase.fullmatch(text):
            parts = (in_chinese(part, depth - 1) if depth else part for part in found.groups(""))
            return words.format(*parts)
    if not depth:
        return text
    for sign, joint in ((" — ", "——"), ("; ", "；"), (": ", "：")):
        head, found_sign, tail = text.partition(sign)
        told = (in_chinese(head, depth - 1), in_chinese(tail, depth - 1))
        if found_sign and told != (head, tail):
            return joint.join(told)
    return text


@cache
def _catalogue() -> Sequence[tuple[re.Pattern[str], str]]:
    rows: list[tuple[str, str]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["faults"]
    return [(re.compile(phrase, re.DOTALL), words) for phrase, words in rows]


# ------------------------------------------------------------------ typer's own words
def speak_chinese() -> None:
    """Lets typer tell of wrong usage in Chinese: how it is used, where to read on, what is wrong."""
    from typer import rich_utils

    rich_utils.rich_format_error = _usage_error  # type: ignore[assignment]
    rich_utils.ABORTED_TEXT = "已中止。"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"


def _usage_error(problem: Any) -> None:
    if type(problem).__name__ == "NoArgsIsHelpError":
        return
    context = getattr(problem, "ctx", None)
    if context is not None:
        pieces = " ".join((context.command_path, *context.command.collect_usage_pieces(context)))
        print(f"用法：{pieces}\n运行 {context.command_path} --help 查看说明。", file=sys.stderr)
    print(f"错误：{in_chinese(problem.format_message())}", file=sys.stderr)
