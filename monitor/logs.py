"""How the log is written. Knows no room.

A traceback stands there without the values of variables: these hold texts of posts, passwords and the secret key, and
one page that failed would fill some thousand lines with them.
"""

from __future__ import annotations

import logging
import sys

import structlog

PASSING = {"OperationalError", "ConnectorException", "PoolTimeout"}  # a database away: its sentence says all


class _Line(logging.Formatter):
    """What libraries log, as our own lines: with the time, on one line; a trace only where the code may be at fault."""

    def format(self, record: logging.LogRecord) -> str:
        record = logging.makeLogRecord(record.__dict__)
        record.msg, record.args = " ".join(record.getMessage().split()), None
        problem = record.exc_info[1] if record.exc_info else None
        if problem is not None and type(problem).__name__ in PASSING:
            record.exc_info = record.exc_text = None
            record.msg += f" ({' '.join(str(problem.__cause__ or problem).split())})"
        return super().format(record)


def plain() -> None:
    """Makes every log of this process so; calling it again changes nothing."""
    *before, _ = structlog.get_config()["processors"]
    last = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )  # fmt: skip
    structlog.configure(processors=[*before, last], logger_factory=_to_stderr)
    if logging.lastResort is not None:  # what writes where nobody asked otherwise
        logging.lastResort.setFormatter(_Line("%(asctime)s [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S"))


def _to_stderr(*_: object) -> structlog.PrintLogger:
    """Data goes to stdout: `xinshao replay ID | jq` must not meet a line of the log."""
    return structlog.PrintLogger(sys.stderr)
