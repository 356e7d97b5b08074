"""The county's register as a spreadsheet: bytes -> rows, or every fault with its row; rows -> bytes. Knows no file.

The first row names the columns, in any order; several names in one cell are parted by 、 or commas. What is written is
text: a name that begins like a formula stays a name.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.errors import ConfigError, Fault
from monitor.model import RegisterRow

NEEDED = ("kind", "name")
FLAGS = ("gov_invested", "soe")
LISTS = ("aliases", "employers")
MOST_BYTES, MOST_UNPACKED, MOST_ROWS = 5_000_000, 100_000_000, 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what a sheet cannot hold
_PARTS = re.compile(r"[、,，;；/\n]+")


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    with (files("monitor.facts") / "register_sheet.yaml").open(encoding="utf-8") as file:
        words: dict[str, Any] = yaml.safe_load(file)
    return words


def _say(key: str, **values: Any) -> str:
    return str(_words()["faults"][key]).format(**values)


def read_register(body: bytes, *, name: str = "register.xlsx") -> tuple[RegisterRow, ...]:
    """The rows of the first sheet. ConfigError lists every fault, e.g. `register.xlsx: 第3行 行业`."""
    lines = _lines(body, name)
    titles = {title: column for column, title in _words()["columns"].items()}
    head = [titles.get(str(cell or "").strip(), "") for cell in next(lines, ())]
    if any(column not in head for column in NEEDED):
        wanted = "、".join(_words()["columns"].values())
        raise ConfigError([Fault(name, _say("head", columns=wanted), _say("save"))])
    rows: list[RegisterRow] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(lines, 2):
        if number > MOST_ROWS:
            faults.append(Fault(name, _say("long", rows=MOST_ROWS)))
            break
        texts = {column: _text(cell) for column, cell in zip(head, cells, strict=False) if column}
        if any(texts.values()):
            where = f"{name}: {_words()['row'].format(number=number)}"
            found = list(_faults(texts, where, seen, number))
            faults += found
            if not found:
                rows.append(_row(texts))
    if faults:
        raise ConfigError(faults)
    return tuple(rows)


def _lines(body: bytes, name: str) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if len(body) > MOST_BYTES or unpacked > MOST_UNPACKED:
            raise ConfigError([Fault(name, _say("large"))])
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(values_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as problem:
        raise ConfigError([Fault(name, _say("unreadable"), _say("save"))]) from problem


def _text(cell: Any) -> str:
    return _CONTROL.sub("", "" if cell is None else str(cell)).strip()


def _id(table: Mapping[str, str], written: str) -> str | None:
    """The id that `written` is, or the Chinese word for."""
    if written in table:
        return written
    return next((key for key, word in table.items() if word == written), None)


def _faults(texts: Mapping[str, str], where: str, seen: dict[tuple[str, str], int], number: int) -> Iterator[Fault]:
    words = _words()
    columns = words["columns"]
    kind, name, sector = (texts.get(column, "") for column in ("kind", "name", "sector"))
    if _id(words["kinds"], kind) is None:
        yield Fault(f"{where} {columns['kind']}", _say("kind", value=kind))
    if not name:
        yield Fault(f"{where} {columns['name']}", _say("name"))
    elif (first := seen.setdefault((kind, name), number)) != number:
        yield Fault(f"{where} {columns['name']}", _say("twice", value=name, row=first))
    if sector and _id(words["sectors"], sector) is None:
        yield Fault(
            f"{where} {columns['sector']}", _say("sector", value=sector, known="、".join(words["sectors"].values()))
        )
    for flag in FLAGS:
        written = texts.get(flag, "").lower()
        if written not in (*words["yes"], *words["no"]):
            yield Fault(f"{where} {columns[flag]}", _say("flag", value=written))


def _row(texts: Mapping[str, str]) -> RegisterRow:
    words = _words()
    flags = {flag: texts.get(flag, "").lower() in words["yes"] for flag in FLAGS}
    lists = {key: tuple(part.strip() for part in _PARTS.split(texts.get(key, "")) if part.strip()) for key in LISTS}
    return RegisterRow(
        kind=str(_id(words["kinds"], texts["kind"])),
        name=texts["name"],
        town=texts.get("town") or None,
        sector=_id(words["sectors"], texts["sector"]) if texts.get("sector") else None,
        owner_department=texts.get("owner_department") or None,
        aliases=lists["aliases"],
        employers=lists["employers"],
        gov_invested=flags["gov_invested"],
        soe=flags["soe"],
    )


def as_yaml(rows: Sequence[RegisterRow]) -> str:
    """The rows as the `register:` part of county.yaml, one a line, empty values left out."""
    lines = ["register:"]
    for row in rows:
        given = {column: getattr(row, column) for column in _words()["columns"]}
        entry = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items() if value}
        written = yaml.safe_dump(entry, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000)
        lines.append(f"  - {written.strip()}")
    return "\n".join(lines) + "\n"


def write_register(rows: Sequence[RegisterRow]) -> bytes:
    """An .xlsx of these rows that `read_register` reads back."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_words()["title"])
    sheet.freeze_panes = "A2"
    for line in (list(_words()["columns"].values()), *(_cells(row) for row in rows)):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value=_CONTROL.sub("", value))
            cell.data_type = "s"  # never a formula
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(row: RegisterRow) -> list[str]:
    words = _words()
    shown: dict[str, str] = {
        "kind": words["kinds"].get(row.kind, row.kind),
        "sector": words["sectors"].get(row.sector or "", row.sector or ""),
    }
    shown |= {flag: words["yes"][0] if getattr(row, flag) else "" for flag in FLAGS}
    shown |= {key: "、".join(getattr(row, key)) for key in LISTS}
    return [shown.get(column, getattr(row, column) or "") for column in words["columns"]]
