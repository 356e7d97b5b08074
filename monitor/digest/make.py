"""One digest, made: mail text, charts, document and sheet, written whole or not at all. Knows files; sends nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, select_autoescape

from monitor.digest.charts import LEVEL_COLOURS, burn_chart, days_chart
from monitor.digest.document import document
from monitor.digest.figures import Figures
from monitor.digest.kept_back import sheets
from monitor.digest.sentences import headings, sentences
from monitor.digest.sheet import workbook
from monitor.digest.told import LISTED, Told, told
from monitor.digest.words import words
from monitor.funds.hinting import rows as rows_of
from monitor.funds.wording import sites
from monitor.routing.matrix import Matrix
from monitor.store.papers import Number

Row = Mapping[str, Any]
DARKER = {"yellow": "#7a6000", "orange": "#a85400"}  # as words on white: a contrast of 4.5 at least (WCAG 1.4.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest ready to be queued. `inline`: content id -> PNG path; paths are absolute."""

    subject: str
    text: str
    html: str
    inline: Mapping[str, str]
    attachments: Sequence[str]


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """digest.yaml, read once."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        (files("monitor.digest") / "digest.yaml").read_text(encoding="utf-8")
    )
    return loaded


def make(
    figures: Figures,
    matrix: Matrix,
    folder: Path,
    *,
    county: str,
    base_url: str,
    ledger: tuple[Sequence[str], Sequence[Sequence[Any]]],
    number: Number | None = None,
) -> Digest:
    """Writes digest-DATE.docx, .xlsx, .png, .html and .txt into `folder`; each appears whole or not at all.

    `ledger`: header and rows of the 台账 that go into the sheet. `number`: which one of its kind and year it is.
    """
    words_ = catalogue()
    day = told(figures, matrix, county=county, base_url=base_url, labels=words_["counts"], number=number)
    burn = figures.burn
    charts = {
        "days": days_chart(figures.series),
        "burn": burn_chart(burn.in_hand, stop=burn.stop, finish=burn.finish),
    }
    html, text = _mail(day, words_)
    stem = f"digest-{figures.day.isoformat()}" + (f"-{figures.days}" if figures.days > 1 else "")
    paths = {
        "docx": write_whole(folder / f"{stem}.docx", document(day, words_, charts)),
        "xlsx": write_whole(folder / f"{stem}.xlsx", _sheet(day, ledger)),
        "png": write_whole(folder / f"{stem}.png", charts["days"]),
        "burn": write_whole(folder / f"{stem}-burn.png", charts["burn"]),
    }
    write_whole(folder / f"{stem}.html", html.encode())
    write_whole(folder / f"{stem}.txt", text.encode())
    return Digest(
        subject=f"{county}{day.title} {figures.day.isoformat()}",
        text=text,
        html=html,
        inline={"days": str(paths["png"]), "burn": str(paths["burn"])},
        attachments=[str(paths["docx"]), str(paths["xlsx"])],
    )


def _mail(day: Told, words_: Mapping[str, Any]) -> tuple[str, str]:
    environment = Environment(loader=PackageLoader("monitor.digest"), autoescape=select_autoescape(["html"]))
    said = sentences(day, words_)
    values = {
        "told": day,
        "said": said,
        "sections": headings(said, words_["sections"]),
        "columns": words_["columns"],
        "listed": LISTED,
        "colours": {**LEVEL_COLOURS, **DARKER},
        "chart_text": words()["charts"]["last_days"].format(days=len(day.figures.series)),
        "burn_text": words()["charts"]["burn"],
    }
    return environment.get_template("digest.html").render(values), environment.get_template("digest.txt").render(values)


def _sheet(day: Told, ledger: tuple[Sequence[str], Sequence[Sequence[Any]]]) -> bytes:
    names = words()["sheet"]
    rows = [(label, value, link) for _, label, value, link in day.counts]
    columns = catalogue()["columns"]
    hints = day.figures.hints
    late = [(row["lead"], row["items"], row["cases"], row["longest"]) for row in day.late_by_lead]
    return workbook(
        {
            names["ledger"]: ledger,
            names["figures"]: (columns["count"], rows),
            names["late"]: (columns["late_by_lead"], late),
            **sheets((day.aside, day.silences, day.look_backs), columns),
            **({names["funds"]: (columns["funds"], sites(day.figures.funds))} if day.figures.funds else {}),
            **({names["hints"]: (columns["hints"], rows_of(hints))} if hints and hints.hints else {}),
        }
    )


def write_whole(path: Path, body: bytes) -> Path:
    """Temporary file, fsync, rename: after a crash there is the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path.absolute()
