"""The `xinshao` command: puts the parts of monitor/commands together. Knows no work itself."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Any

import typer
import typer.main

from monitor import commands
from monitor.commands import chinese, failing, saying
from monitor.errors import ConfigError, XinshaoError

app = typer.Typer(
    name="xinshao",
    help="薪哨: watches public posts for unpaid wages and brings each case to the desk that must act.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _assemble() -> None:
    """Once a process: a part that registers twice would be there twice."""
    if app.registered_commands:
        return
    for module in pkgutil.iter_modules(commands.__path__):
        part = importlib.import_module(f"{commands.__name__}.{module.name}")
        if hasattr(part, "register"):
            part.register(app)


def command() -> Any:
    """The whole command line; its help is Chinese where the terminal is."""
    _assemble()
    whole = typer.main.get_command(app)
    if chinese.wanted():
        chinese.translate(whole)
        saying.speak_chinese()
    return whole


def main() -> None:
    """Runs the command line. Exit status: 0 done, 1 the work failed, 2 wrong usage or configuration."""
    try:
        command()()
    except ConfigError as problem:
        saying.tell(problem)
        sys.exit(2)
    except XinshaoError as problem:
        saying.tell(problem)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as problem:
        said = failing.sentence(problem)
        if said is None:
            raise
        saying.tell(said)
        sys.exit(1)


if __name__ == "__main__":
    main()
