"""`xinshao facts`, `mask`, `register`: what a post states, the post without personal data, the county's own names."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import configured
from monitor.commands.stream import Row, post_from, post_row, run_filter

if TYPE_CHECKING:
    from monitor.model import County, Facts


def register(app: typer.Typer) -> None:
    """Adds the two filters and the register's way in and out."""
    app.command("facts")(facts)
    app.command("mask")(mask)
    app.command("register")(county_register)


def facts(
    file: Annotated[str | None, typer.Argument(help="posts, one JSON object a line; - or nothing: stdin")] = None,
    area: Annotated[str | None, typer.Option(help="division code of the area served: decides in_area")] = None,
    county: Annotated[Path | None, typer.Option(help="county.yaml whose register is known (or XINSHAO_COUNTY)")] = None,
) -> None:
    """What each post states: amount, workers, months, employer, project, place, sector, traits.

    Example: echo '{"id":"1","text":"我们18个人被拖欠工资32万6"}' | xinshao facts --area 410702
    """
    from monitor.facts import read

    if area is not None and not (area.isascii() and area.isdigit() and 2 <= len(area) <= 12):
        raise typer.BadParameter("a division code has 2 to 12 digits, like 410702", param_hint="--area")
    known = _county(county)

    def answer(row: Row) -> Row:
        post = post_from(row)
        return facts_row(post.id, read(post, known, area=area))

    raise typer.Exit(run_filter(file, answer))


def mask(
    file: Annotated[str | None, typer.Argument(help="posts, one JSON object a line; - or nothing: stdin")] = None,
) -> None:
    """The same posts without personal data, and where it stood.

    Example: echo '{"id":"1","text":"我叫周小满,电话13900000000"}' | xinshao mask
    """
    from monitor.facts.mask import mask as masked

    def answer(row: Row) -> Row:
        post = post_from(row)
        text, title = masked(post.text), masked(post.title) if post.title else None
        spans = [{"field": "title", **_span(span)} for span in (title.spans if title else ())]
        spans += [{"field": "text", **_span(span)} for span in text.spans]
        shown = {**post_row(post), "title": title.text if title else post.title, "text": text.text}
        return {**shown, "author": None, "spans": spans}  # an account is never shown by name

    raise typer.Exit(run_filter(file, answer))


def county_register(
    sheet: Annotated[Path, typer.Argument(help="the register as .xlsx: read, or written with --county")],
    county: Annotated[Path | None, typer.Option(help="county.yaml whose register is written to the sheet")] = None,
) -> None:
    """The county's projects, employers and place names: an .xlsx becomes the `register:` lines of county.yaml, or back.

    Columns on deposit, special account, contractor, real names and notice board of a project are taken where they are.

    Example: xinshao register projects.xlsx >> county.yaml
    """
    from monitor.config import read_county
    from monitor.facts.register_sheet import as_yaml, read_register, write_register
    from monitor.text import SHANGHAI

    if county is not None:
        rows = read_county(county).register
        sheet.write_bytes(write_register(rows))
        typer.echo(f"{sheet}: {len(rows)}", err=True)
        return
    if not sheet.is_file():
        raise typer.BadParameter(f"{sheet} is not there", param_hint="SHEET")
    today = datetime.now(SHANGHAI).date()
    typer.echo(as_yaml(read_register(sheet.read_bytes(), name=sheet.name, as_of=today)), nl=False)


def facts_row(identity: str, found: Facts) -> dict[str, Any]:
    """Facts as a line of the filter."""
    site = found.place
    return {
        "id": identity,
        "facts": {
            "workers": found.workers,
            "amount_yuan": found.amount_yuan,
            "months": found.months,
            "employer": found.employer,
            "project": found.project,
            "place": None if site is None else asdict(site),
            "sector": found.sector,
            "traits": list(found.traits),
        },
        "signs": list(found.signs),
        "spans": {fact: [asdict(span) for span in spans] for fact, spans in found.spans.items()},
        "missing": list(found.missing),
        "doubts": list(found.doubts),
    }


def _span(span: Any) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "kind": span.text}


def _county(path: Path | None) -> County | None:
    path = path or configured("county")
    if path is None:
        return None
    from monitor.config import read_county

    return read_county(path)
