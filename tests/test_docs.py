"""What the guides say exists, and what exists is in the guides, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from monitor import __main__ as entry
from monitor.config import Settings

ROOT = Path(__file__).parent.parent
GUIDES = ("docs/operators-guide.md", "docs/operators-guide.zh-CN.md")
READ = (*GUIDES, "README.md", "README.zh-CN.md", "monitor/web/templates/manual.html")


def commands() -> set[str]:
    if not entry.app.registered_commands:
        entry._assemble()
    found: set[str] = set()

    def walk(command: object, path: str) -> None:
        for name, below in (getattr(command, "commands", None) or {}).items():
            found.add(f"{path} {name}".strip())
            walk(below, f"{path} {name}".strip())

    walk(typer.main.get_command(entry.app), "")
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_in_the_guide(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    for name in Settings.model_fields:
        family, _, part = name.partition("_")
        told = f"XINSHAO_{name.upper()}" in text or (
            f"XINSHAO_{family.upper()}_" in text and f"`_{part.upper()}`" in text
        )
        assert told, name


@pytest.mark.parametrize("page", READ)
def test_every_command_a_page_names_exists(page: str) -> None:
    known = commands()
    named = re.findall(r"xinshao ([a-z][a-z-]+)(?: ([a-z]+))?", (ROOT / page).read_text(encoding="utf-8"))
    assert named
    for first, second in named:
        assert first in known, first
        if any(one.startswith(f"{first} ") for one in known) and second:
            assert f"{first} {second}" in known, f"{first} {second}"


@pytest.mark.parametrize("page", READ)
def test_every_route_test_that_a_page_shows_is_answered(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XINSHAO_COUNTY", raising=False)
    for words in re.findall(r"xinshao route-test ((?:[a-z_]+=\S+ ?)+)", (ROOT / page).read_text(encoding="utf-8")):
        given = re.sub(r"<[^>]+>", "", words).split()
        done = CliRunner().invoke(entry.app, ["route-test", *given])
        assert done.exit_code == 0, (words, done.output)


def test_both_guides_have_the_same_chapters() -> None:
    chapters = [re.findall(r"^## ", (ROOT / guide).read_text(encoding="utf-8"), re.M) for guide in GUIDES]
    assert len(chapters[0]) == len(chapters[1])


def test_links_lead_to_files_that_are_there() -> None:
    for page in ("README.md", "README.zh-CN.md", *GUIDES):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"
