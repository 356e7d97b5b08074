"""The county's register as a spreadsheet: bytes -> rows, or every fault with its row; rows -> bytes. Knows no file.

The first row names the columns, in any order; several names in one cell are parted by 、 or commas. Columns on a
project's money (monitor.sheet.funds) may be there or not. What is written is text, never a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.backing import Funds
from monitor.errors import ConfigError, Fault
from monitor.facts.cell import nobody
from monitor.model import RegisterRow
from monitor.sheet import cells
from monitor.sheet.funds import OF_REGISTER, cells_of, funds
from monitor.sheet.rows import columns

NEEDED = ("kind", "name")
FLAGS = ("gov_invested", "soe")
LISTS = ("aliases", "employers")
_PARTS = re.compile(r"[、,，;；/\n]+")


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    with (files("monitor.facts") / "register_sheet.yaml").open(encoding="utf-8") as file:
        words: dict[str, Any] = yaml.safe_load(file)
    return words


def _say(key: str, **values: Any) -> str:
    return str(_words()["faults"][key]).format(**values)


def read_register(body: bytes, *, name: str = "register.xlsx", as_of: date | None = None) -> tuple[RegisterRow, ...]:
    """The rows of the first sheet. ConfigError lists every fault, e.g. `register.xlsx: 第3行 行业`.

    `as_of`: when it is brought in; what it says of money is then kept with the sheet's name and this date.
    """
    lines = cells.lines(body, name)
    titles = {title: column for column, title in _words()["columns"].items()}
    first = next(lines, ())
    head = [titles.get(cells.text(cell), "") for cell in first]
    if any(column not in head for column in NEEDED):
        wanted = "、".join(_words()["columns"].values())
        raise ConfigError([Fault(name, _say("head", columns=wanted), cells.fault("save"))])
    others = [None if column else cell for column, cell in zip(head, first, strict=True)]
    of_money = columns(others, OF_REGISTER, loose=False)
    rows: list[RegisterRow] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(lines, 2):
        texts = {column: cells.text(cell) for column, cell in zip(head, line, strict=False) if column}
        if any(texts.values()):
            where = f"{name}: {_words()['row'].format(number=number)}"
            money = of_money.row(line, name, number)
            held = _companies(funds(money, source=name if as_of else None, as_of=as_of))
            found = [*_faults(texts, where, seen, number), *money.faults]
            faults += found
            if not found:
                rows.append(_row(texts, held))
    if faults:
        raise ConfigError(faults)
    return tuple(rows)


def _companies(held: Funds | None) -> Funds | None:
    """Without a person's name in a company's place."""
    if held is None:
        return None
    people = {key: None for key in ("contractor", "owner") if (said := getattr(held, key)) and nobody(said)[1]}
    return replace(held, **people) if people else held


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


def _row(texts: Mapping[str, str], held: Funds | None) -> RegisterRow:
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
        funds=held,
    )


def as_yaml(rows: Sequence[RegisterRow]) -> str:
    """The rows as the `register:` part of county.yaml, one a line, empty values left out."""
    lines = ["register:"]
    for row in rows:
        given = {column: getattr(row, column) for column in _words()["columns"]}
        entry = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items() if value}
        if row.funds:
            entry["funds"] = _known(asdict(row.funds))
        written = yaml.safe_dump(entry, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000)
        lines.append(f"  - {written.strip()}")
    return "\n".join(lines) + "\n"


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is known, with a no among it; the month of a payment as 2026-09."""
    plain: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            plain[key] = _known(value)
        elif value is not None:
            plain[key] = f"{value:%Y-%m}" if key == "paid" else str(value) if isinstance(value, StrEnum) else value
    return plain


def write_register(rows: Sequence[RegisterRow]) -> bytes:
    """An .xlsx of these rows that `read_register` reads back."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_words()["title"])
    sheet.freeze_panes = "A2"
    money = OF_REGISTER if any(row.funds for row in rows) else ()
    head = [*_words()["columns"].values(), *(cells.words()["headings"][column][0] for column in money)]
    for line in (head, *(_cells(row, money) for row in rows)):
        written = []
        for value in line:
            cell = WriteOnlyCell(sheet, value=cells.storable(value))
            cell.data_type = "s"  # never a formula
            written.append(cell)
        sheet.append(written)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(row: RegisterRow, money: Sequence[str]) -> list[str]:
    words = _words()
    shown: dict[str, str] = {
        "kind": words["kinds"].get(row.kind, row.kind),
        "sector": words["sectors"].get(row.sector or "", row.sector or ""),
    }
    shown |= {flag: words["yes"][0] if getattr(row, flag) else "" for flag in FLAGS}
    shown |= {key: "、".join(getattr(row, key)) for key in LISTS}
    told = cells_of(row.funds)
    own = [shown.get(column, getattr(row, column) or "") for column in words["columns"]]
    return own + [told.get(column, "") for column in money]
