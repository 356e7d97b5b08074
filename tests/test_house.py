"""The architecture, kept: which room may import which, who may use which library, how large a file may grow."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS: dict[str, int] = {  # a room imports only from floors below it
    "monitor.systemd": 1,
    "monitor.trusted": 1,
    "monitor.text": 0, "monitor.errors": 0, "monitor.reasons": 0, "monitor.names": 0, "monitor.logs": 1,
    "monitor.backing": 0, "monitor.sheet": 1,
    "classifiers": 0, "monitor.model": 1, "monitor.written": 1, "monitor.config": 2,
    "monitor.collect": 3, "monitor.parse": 3, "monitor.facts": 3, "monitor.incidents": 3, "monitor.routing": 3,
    "monitor.clocks": 3, "monitor.channels": 3, "monitor.store": 3, "monitor.funds": 3,
    "monitor.ledger": 4, "monitor.digest": 4, "monitor.outbox": 4,
    "monitor.pipeline": 5, "monitor.web": 5, "monitor.service": 6, "monitor.workers": 6,
    "monitor.demo": 7, "monitor.commands": 8, "monitor.__main__": 9, "monitor": 0,
}  # fmt: skip
ROOM_FAMILIES = {"monitor.outbox": re.compile(r"monitor\.outbox_\w+")}  # files that belong to a room of another name
OWNERS: dict[str, tuple[str, ...]] = {  # a library is somebody's: who may import it
    "httpx": ("monitor.collect",),
    "sqlalchemy": ("monitor.store",),
    "alembic": ("monitor.store",),
    "sklearn": ("classifiers",),
    "jieba": ("classifiers",),
    "rjieba": ("classifiers",),
    "feedparser": ("monitor.parse",),
    "selectolax": ("monitor.parse",),
    "aiosmtplib": ("monitor.channels",),
    "apprise": ("monitor.channels",),
    "fastapi": ("monitor.web",),
    "apscheduler": ("monitor.service",),
    "procrastinate": ("monitor.workers",),
    "docxtpl": ("monitor.digest",),
    "PIL": ("monitor.digest",),
    "chinese_calendar": ("monitor.clocks",),
    "aiosmtpd": ("monitor.demo",),
    "typer": ("monitor.commands", "monitor.__main__"),
    "pickle": (),
}
TYPES = {"sqlalchemy.Connection"}  # a name in a signature, not a use
LONGEST = 450  # lines; about 400 is the aim
BENCHES = ("monitor.commands.bench", "monitor.commands.bench_")  # benchmarks compare with libraries they do not own


def modules() -> list[tuple[str, Path]]:
    found = []
    for package in ("monitor", "classifiers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts and "versions" in path.parts:
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


def room(name: str) -> str:
    """The room a module belongs to: the longest floor name that is a prefix of it."""
    for owner, family in ROOM_FAMILIES.items():
        if family.fullmatch(name):
            return owner
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in FLOORS:
            return ".".join(parts[:length])
    raise AssertionError(f"{name} stands on no floor: add it to FLOORS")


def ours(name: str) -> bool:
    return name.split(".")[0] in ("monitor", "classifiers")


@cache
def _is_module(name: str) -> bool:
    """Whether `from package import name` brings a module of the package, not something the package defines."""
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@cache
def imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
            if ours(node.module) and not all(_is_module(f"{node.module}.{alias.name}") for alias in node.names):
                found.add(node.module)
    return frozenset(found)


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value) if isinstance(value, str) else "")
def test_a_room_imports_only_from_the_floors_below_it(name: str, path: Path) -> None:
    here = room(name)
    for imported in filter(ours, imports(path)):
        there = room(imported)
        allowed = there == here or FLOORS[there] < FLOORS[here]
        assert allowed, f"{name} (floor {FLOORS[here]}) imports {imported} (floor {FLOORS[there]})"


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value) if isinstance(value, str) else "")
def test_a_library_is_used_only_by_its_owner(name: str, path: Path) -> None:
    if name.startswith(BENCHES):
        return
    for imported in imports(path) - TYPES:
        owners = OWNERS.get(imported.split(".")[0])
        assert owners is None or room(name) in owners or name in owners, f"{name} imports {imported}, owned by {owners}"


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value) if isinstance(value, str) else "")
def test_a_file_is_short_and_says_what_it_knows(name: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST, f"{path} has {len(text.splitlines())} lines"
    assert ast.get_docstring(ast.parse(text)), f"{path} has no module docstring"


MAPPED = ("classifiers", *(f"monitor.{one}" for one in (
    "facts", "store", "ledger", "web", "digest", "incidents", "pipeline", "routing", "config", "collect",
    "parse"
)))  # fmt: skip


@pytest.mark.parametrize("name", MAPPED)
def test_a_large_room_has_a_map_and_every_file_stands_on_it(name: str) -> None:
    """Who opens such a room for the first time finds in its `__init__` which file answers what."""
    folder = ROOT / name.replace(".", "/")
    told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert not [file for file in sorted(files) if not re.search(rf"\b{file}\b", told)]


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    known = dict(modules())
    graph = {
        name: {target for target in imports(path) if target in known and target != name} for name, path in known.items()
    }
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name in done:
            return
        for target in graph[name]:
            walk(target, (*trail, name))
        done.add(name)

    for name in graph:
        walk(name, ())


FORBIDDEN_NAMES = re.compile(r"(?:^|_)(utils?|helpers?|manager|engine|misc|common)(?:_|\.py$)", re.IGNORECASE)


def test_no_room_is_called_by_a_name_that_says_nothing() -> None:
    assert not [path for _, path in modules() if FORBIDDEN_NAMES.search(path.name)]


FORBIDDEN_VERBS = re.compile(
    r"def \w*(?:delete_post|request_removal|takedown|take_down|search_author|find_poster|person_score|author_profile)",
    re.I,
)


def test_there_is_no_verb_against_the_people_who_post() -> None:
    """A guard-rail of the README: nothing searches for, scores or follows a person, or asks for a post's removal."""
    for _, path in modules():
        assert not FORBIDDEN_VERBS.search(path.read_text(encoding="utf-8")), path


def test_nothing_committed_knows_this_machine_or_a_package_index() -> None:
    wrong = re.compile(
        r"--index-url|--extra-index-url|pypi\.org/simple|files\.pythonhosted|/root/|/work/(?:main|shared)"
    )
    for pattern in ("*.py", "*.txt", "*.toml", "*.md", "*.yaml", "Makefile", ".ci/run"):
        for path in ROOT.rglob(pattern):
            parts = path.relative_to(ROOT).parts
            if parts[0] in (".venv", "var", ".git", "build") or path.name == "test_house.py":
                continue
            assert not wrong.search(path.read_text(encoding="utf-8", errors="replace")), path
