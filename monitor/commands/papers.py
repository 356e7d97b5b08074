"""`xinshao paper`: the papers of one case as official documents. Knows files and exit codes; writes no wording."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    report = "report"
    transfer = "transfer"
    supervise = "supervise"
    reply = "reply"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(paper)


def paper(
    kind: Annotated[Kind, typer.Argument(help="report 舆情专报, transfer 转办单, supervise 督办单, reply 公开答复稿.")],
    incident: Annotated[str, typer.Argument(help="Number of the incident, e.g. QX-2027-0042.")],
    out: Annotated[Path | None, typer.Option("--out", help="The .docx to write; default: KIND-INCIDENT.docx.")] = None,
) -> None:
    """One paper of a case as docx, from what the ledger knows; a person signs it. Sends and records nothing.

    Example: xinshao paper report QX-2027-0042 --out report.docx
    """
    from monitor.commands.serving import house
    from monitor.digest import papers
    from monitor.digest.make import write_whole

    with house() as opened:
        with opened.store.read() as c:
            case = papers.case_file(
                c, incident, matrix=opened.matrix, county=opened.config.county.name, now=datetime.now(UTC)
            )
        if case is None:
            print(f"no incident {incident}", file=sys.stderr)
            raise typer.Exit(1)
        print(write_whole(out or Path(f"{kind.value}-{incident}.docx"), papers.paper(case, kind.value)))
