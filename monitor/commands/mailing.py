"""`bounce`: what comes back to the envelope senders of our mails. Knows the command line only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.saying import tell

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.outbox_bounces import Taken

TRY_AGAIN = 75  # sysexits.h EX_TEMPFAIL: a mail server that pipes into us keeps the letter and comes back


def register(app: typer.Typer) -> None:
    """Adds `bounce`."""
    app.command()(bounce)


def bounce(
    files: Annotated[list[Path] | None, typer.Argument(help="Returned mails; without any, one from stdin.")] = None,
    mailbox: Annotated[
        bool, typer.Option("--mailbox", help="Visit the mailbox of XINSHAO_BOUNCE_MAILBOX now instead.")
    ] = False,
) -> None:
    """Reads returned mails: marks what could not be delivered and tells the next person. One JSON line a letter.

    Outcomes: failed, delayed, delivered, unclear, none (no report), earlier, again (read before), refused (forged,
    unknown or expired token; exit status 1). Exit status 75: the database is busy, deliver the letter again.

    Example: xinshao bounce < bounce.eml
    """
    from monitor.config import read_settings
    from monitor.store.base import StoreError

    settings = read_settings()
    if not settings.bounce_address:
        tell("no bounce address is configured: set XINSHAO_BOUNCE_ADDRESS")
        raise typer.Exit(2)
    try:
        taken = _visited(settings) if mailbox else _given(settings, files or [])
    except StoreError as problem:
        tell(problem)
        raise typer.Exit(TRY_AGAIN) from problem
    if any(one.outcome == "refused" for one in taken) and not mailbox:
        raise typer.Exit(1)


def _given(settings: Settings, files: list[Path]) -> list[Taken]:
    from monitor.channels.bounces import LARGEST, Bounces
    from monitor.commands.opening import clock_now, opened_store
    from monitor.outbox_bounces import take_bounce

    bounces, taken = Bounces(settings.bounce_address, settings.key()), []
    with opened_store() as store:
        now = clock_now()
        letters = (file.read_bytes()[:LARGEST] for file in files) if files else iter([sys.stdin.buffer.read(LARGEST)])
        for letter in letters:
            one = take_bounce(store, bounces, letter, now, settings.duty_mail)
            _say(one)
            taken.append(one)
    return taken


def _visited(settings: Settings) -> list[Taken]:
    from monitor.commands.opening import clock_now, opened_store
    from monitor.outbox_bounces import visit_mailbox

    with opened_store() as store:
        taken = visit_mailbox(store, settings, clock_now())
    for one in taken:
        _say(one)
    return taken


def _say(one: Taken) -> None:
    import json
    from dataclasses import asdict

    print(json.dumps(asdict(one), ensure_ascii=False))
    if one.outcome == "refused":
        tell(f"refused: {one.reason}")
