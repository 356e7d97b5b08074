"""How the log is written. Knows no room.

A traceback stands there without the values of variables: these hold texts of posts, passwords and the secret key, and
one page that failed would fill some thousand lines with them.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import Any, TextIO

import structlog

from monitor.text import visible

PASSING = {"OperationalError", "ConnectorException", "PoolTimeout"}  # a database away: its sentence says all


class _Line(logging.Formatter):
    """What libraries log, as our own lines: with the time, on one line; a trace only where the code may be at fault."""

    def format(self, record: logging.LogRecord) -> str:
        record = logging.makeLogRecord(record.__dict__)
        record.msg, record.args = visible(" ".join(record.getMessage().split())), None
        problem = record.exc_info[1] if record.exc_info else None
        if problem is not None and type(problem).__name__ in PASSING:
            record.exc_info = record.exc_text = None
            record.msg += f" ({visible(' '.join(str(problem.__cause__ or problem).split()))})"
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        return _apart(super().formatException(ei))


def _apart(trace: str) -> str:
    """A trace, moved in: what an error quotes of a post begins no line of its own that looks like one of the log."""
    return "\n".join(f"    {visible(line)}" for line in trace.splitlines())


def _trace(out: TextIO, problem: Any) -> None:
    whole = io.StringIO()
    structlog.dev.plain_traceback(whole, problem)
    out.write("\n" + _apart(whole.getvalue().lstrip("\n")))


def plain() -> None:
    """Makes every log of this process so; calling it again changes nothing."""
    *before, _ = structlog.get_config()["processors"]
    last = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=_trace
    )  # fmt: skip
    structlog.configure(processors=[*before, last], logger_factory=_to_stderr)
    if logging.lastResort is not None:  # what writes where nobody asked otherwise
        logging.lastResort.setFormatter(_Line("%(asctime)s [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S"))


def _to_stderr(*_: object) -> structlog.PrintLogger:
    """Data goes to stdout: `xinshao replay ID | jq` must not meet a line of the log."""
    return structlog.PrintLogger(sys.stderr)
