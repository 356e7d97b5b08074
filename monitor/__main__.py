"""The `xinshao` command: puts the parts of monitor/commands together. Knows no work itself."""

from __future__ import annotations

import importlib
import os
import pkgutil
import select
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BufferedWriter, FileIO, TextIOWrapper, UnsupportedOperation
from typing import Annotated, Any

import typer
import typer.main

from monitor import commands
from monitor.commands import chinese, failing, saying
from monitor.errors import ConfigError, XinshaoError

STDERR = 2  # its descriptor

app = typer.Typer(
    name="xinshao",
    help="薪哨: watches public posts for unpaid wages and brings each case to the desk that must act.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": list(chinese.HELP_NAMES)},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"xinshao {version('xinshao')}")
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


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
    whole.invoke = partial(_read_to_the_end, whole.invoke)  # type: ignore[method-assign]
    if chinese.wanted():
        chinese.translate(whole)
        saying.speak_chinese()
    return whole


def _read_to_the_end(invoke: Callable[[Any], Any], context: Any) -> Any:
    """A reader that has enough (`xinshao classify posts.jsonl | head -1`) is no failure: exit status 0, not a word."""
    try:
        try:
            return invoke(context)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_left():
            raise
        raise typer.Exit(0) from None


def _reader_left() -> bool:
    """Whether it was stdout that broke, and no other connection; what is still to be written goes nowhere then."""
    asked = select.poll()
    asked.register(sys.stdout.fileno(), select.POLLOUT)
    if not any(state & (select.POLLERR | select.POLLHUP) for _, state in asked.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _reader_left_the_help(end: SystemExit) -> bool:
    """Whether rich, which writes the help, ended with 1 because its reader had enough (`xinshao --help | head -1`)."""
    frames = [frame for frame, _ in traceback.walk_tb(end.__traceback__)]
    return isinstance(end.__context__, BrokenPipeError) and frames[-1].f_globals["__name__"] == "rich.console"


class _Patient(FileIO):
    """Where log and notes go: a full disk or a reader that left takes them, and the work goes on."""

    def write(self, said: Any) -> int:
        try:
            return super().write(said)
        except OSError:
            return len(said)


def _is_of_the_process(stream: TextIOWrapper) -> bool:
    """Not somebody's stand-in that only gathers what is said."""
    with suppress(UnsupportedOperation):
        return stream.fileno() == STDERR
    return False


def _never_stop_for_a_log() -> None:
    """A service begun without stdout and stderr, or with a log on a full disk, warns people all the same."""
    if isinstance(sys.stderr, TextIOWrapper) and _is_of_the_process(sys.stderr):
        told = BufferedWriter(_Patient(STDERR, "w", closefd=False))
        sys.stderr = TextIOWrapper(told, encoding=sys.stderr.encoding, line_buffering=True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  for as long as the process lives


def _write_utf8() -> None:
    """What a pipe or a file gets is UTF-8 whatever the host says; a terminal that lacks a character shows its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _read(argument: str) -> str:
    """An argument from a GBK terminal of a UTF-8 host, as text; one that names a file there stays as it was given."""
    strange = any("\udc80" <= char <= "\udcff" for char in argument)  # a byte that is no UTF-8: a lone surrogate
    if not strange or os.path.lexists(argument):
        return argument
    try:
        return os.fsencode(argument).decode("gb18030")
    except UnicodeError:
        return argument


def main() -> None:
    """Runs the command line. Exit status: 0 done, 1 the work failed, 2 wrong usage or configuration."""
    _never_stop_for_a_log()
    _write_utf8()
    sys.argv[1:] = map(_read, sys.argv[1:])
    try:
        command()()
    except SystemExit as end:
        if _reader_left_the_help(end):
            sys.exit(0)
        raise
    except ConfigError as problem:
        saying.tell(problem)
        sys.exit(2)
    except XinshaoError as problem:
        saying.tell(problem)
        sys.exit(1)
    except Exception as problem:
        said = failing.sentence(problem)
        if said is None:
            raise
        saying.tell(said)
        sys.exit(1)


if __name__ == "__main__":
    main()
