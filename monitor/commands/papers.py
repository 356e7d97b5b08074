"""`xinshao paper`: the papers of one case as official documents. Knows files and exit codes; writes no wording."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import CountyFile, Feeds, clock_now, records
from monitor.commands.saying import tell

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.model import County
    from monitor.routing import Matrix


class Kind(StrEnum):
    report = "report"
    follow = "follow"
    transfer = "transfer"
    supervise = "supervise"
    reply = "reply"
    card = "card"
    referral = "referral"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(paper)


def paper(
    kind: Annotated[
        Kind,
        typer.Argument(
            help="report 舆情专报, follow 续报, transfer 转办单, supervise 督办单, reply 公开答复稿, card 维权告知单, "
            "referral 转送函."
        ),
    ],
    incident: Annotated[str, typer.Argument(help="Number of the incident, e.g. QX-2027-0042.")],
    out: Annotated[Path | None, typer.Option("--out", help="The .docx to write; default: KIND-INCIDENT.docx.")] = None,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """One paper of a case as docx, from what the ledger knows; a person signs it. Sends nothing.

    It keeps its number (第3期, 督办〔2027〕12号) however often it is made; a draft reply and the card for workers
    have none. A follow-up tells what was recorded since the last report (第3期续报一) and is refused where nothing was.

    Example: xinshao paper report QX-2027-0042 --out report.docx
    """
    from monitor.digest import papers
    from monitor.digest.make import write_whole
    from monitor.store import incidents

    with records(feeds, county) as (store, config, matrix):
        now = clock_now()
        with store.read() as c:
            row = incidents.one(c, incident)
            funds, signals = _lists(c, row, config.county, matrix, now) if row else ([], [])
            case = papers.case_file(
                c, incident, matrix=matrix, county=config.county, now=now, funds=funds, signals=signals
            )
        if case is None:
            tell(f"no incident {incident}")
            raise typer.Exit(1)
        body = papers.paper(case, kind.value, papers.numbered(store, case, kind.value, "operator"))
        print(write_whole(out or Path(f"{kind.value}-{incident}.docx"), body))


def _lists(
    c: Connection, row: Mapping[str, Any], county: County, matrix: Matrix, now: datetime
) -> tuple[list[str], list[str]]:
    """可动用的钱 and 工资支付隐患 of the case, in the few lines that a paper has room for."""
    from monitor.clocks import Calendar
    from monitor.ledger.behind import hint_letter, letter

    money = letter(c, row, register=county.register, matrix=matrix, calendar=Calendar(), now=now, brief=True)
    return money, hint_letter(c, row, register=county.register, now=now, brief=True)
