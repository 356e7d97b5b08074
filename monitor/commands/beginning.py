"""`init`: the files an installation begins with, put into a folder. Knows where they lie, in checkout or wheel."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.saying import tell
from monitor.errors import InputError

FILES = {
    "feeds.yaml": "feeds.yaml",
    "county.yaml": "docs/county.example.yaml",
    "xinshao.service": "docs/xinshao.service",
}


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="where it will run; made if it is not there")] = Path(),
) -> None:
    """Puts feeds.yaml, county.yaml and a systemd unit to begin with into a folder; overwrites nothing.

    Example: xinshao init /srv/xinshao
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        if (folder / name).exists():
            tell(f"{name} is there already")
            continue
        shutil.copyfile(_found(source), folder / name)
        print(folder / name)
    tell("now write your own area, departments and sources into them, then: xinshao check")


def _found(source: str) -> Path:
    """A file of the checkout this runs from; else as the wheel laid it beside the program."""
    checkout = Path(__file__).parents[2] / source
    installed = Path(sysconfig.get_path("data")) / "share" / "xinshao" / Path(source).name
    for file in (checkout, installed):
        if file.is_file():
            return file
    raise InputError(f"{installed} is not there: install xinshao anew")
