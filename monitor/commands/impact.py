"""`impact`: the assessment of impact on personal data (个人信息保护影响评估), to be filled in. Knows files only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.opening import CountyFile, Feeds, clock_now, records
from monitor.commands.saying import tell


def register(app: typer.Typer) -> None:
    app.command()(impact)


def impact(
    out: Annotated[Path | None, typer.Option("--out", help="The .docx to write; default: impact-DAY.docx.")] = None,
    feeds: Feeds = None,
    county: CountyFile = None,
) -> None:
    """The assessment that the law asks for before such data is processed (docx): what the system knows is filled in.

    Which data is kept, how long, who may see it, how much there is, and what settings leave open; a person judges and
    signs. What it found is told on stderr as well.

    Example: xinshao impact --out impact.docx
    """
    from importlib import metadata

    from monitor.digest import impact as paper
    from monitor.digest.make import write_whole

    with records(feeds, county) as (store, config, _), store.read() as c:
        found = paper.assess(c, config, clock_now(), metadata.version("xinshao"))
    for line in paper.findings(found):
        tell(line)
    print(write_whole(out or Path(f"impact-{found.day}.docx"), paper.paper(found)))
