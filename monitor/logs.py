"""How the log is written. Knows no room.

A traceback stands there without the values of variables: these hold texts of posts, passwords and the secret key, and
one page that failed would fill some thousand lines with them.
"""

from __future__ import annotations

import sys

import structlog


def plain() -> None:
    """Makes every log of this process so; calling it again changes nothing."""
    *before, _ = structlog.get_config()["processors"]
    last = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )  # fmt: skip
    structlog.configure(processors=[*before, last])
