"""The command line's help in Chinese, where the terminal's language is Chinese. Knows the catalogue, no command.

The English sentences stand beside the options they explain and are what a maintainer reads; help.zh.yaml has the same
for the people who run the service. Examples are the same in both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typer
import yaml

CATALOGUE = Path(__file__).with_name("help.zh.yaml")
EXAMPLE = "Example: "
ONE_LINE = 30  # characters
HELP_NAMES = ("-h", "--help")


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal speaks Chinese: the first of LC_ALL, LC_MESSAGES and LANG that is set decides (POSIX)."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return said.lower().startswith("zh")


def translate(command: Any) -> list[str]:
    """Puts the Chinese help into a command and all below it; returns what the catalogue lacks."""
    said = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    lacking = []
    for path, one in _walk(command, ""):
        example = (one.help or "").partition(EXAMPLE)[2].strip()
        text = said["commands"].get(path)
        if text is None:
            lacking.append(path)
            continue
        one.help = text + (f"\n\n{said['panels']['example']}{example}" if example and "例：" not in text else "")
        one.short_help = _short(text)
        one.options_metavar = said["panels"]["option"]
        if hasattr(one, "subcommand_metavar"):
            one.subcommand_metavar = said["panels"]["command"]
        one.format_usage = partial(_usage, one, said["panels"]["usage"])
        asked = one.get_help_option(typer.Context(one, help_option_names=list(HELP_NAMES)))
        if asked is not None:
            asked.help = said["panels"]["help"]
        for parameter in one.params:
            told = said["options"].get(f"{path} {parameter.name}") or said["options"].get(parameter.name)
            if told is None and getattr(parameter, "help", None) and parameter.name != "help":
                lacking.append(f"{path} {parameter.name}")
            elif told is not None:
                parameter.help = told
    _panels(said["panels"])
    return lacking


def _usage(command: Any, word: str, context: Any, formatter: Any) -> None:
    """How a command is called, as click writes it, after our own word."""
    formatter.write_usage(context.command_path, " ".join(command.collect_usage_pieces(context)), prefix=word)


def _short(text: str) -> str:
    """The first sentence, or its first clause where it would not stand on one line of a list of commands."""
    first = text.partition("。")[0]
    return first if len(first) <= ONE_LINE else re.split("[：；，]", first)[0]


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, below in (getattr(command, "commands", None) or {}).items():
        yield from _walk(below, f"{path} {name}".strip())


def _panels(said: Mapping[str, str]) -> None:
    from typer import rich_utils

    rich_utils.OPTIONS_PANEL_TITLE = said["options"]
    rich_utils.ARGUMENTS_PANEL_TITLE = said["arguments"]
    rich_utils.COMMANDS_PANEL_TITLE = said["commands"]
