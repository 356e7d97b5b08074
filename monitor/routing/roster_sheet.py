"""值班表 as a spreadsheet: bytes -> shifts, or every fault with its row; shifts -> bytes. Knows no store and no file.

A sheet's first row names the columns, in any order. Times are Asia/Shanghai. What is written is text: a name that
begins like a formula stays a name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.errors import ConfigError, Fault
from monitor.model import Contact
from monitor.routing.matrix import Matrix
from monitor.routing.roster import Shift
from monitor.routing.wording import label, say
from monitor.sheet import cells
from monitor.text import SHANGHAI, face, is_mail

COLUMNS = ("department", "starts_at", "ends_at", "name", "phone", "mail", "note", "town")
NEEDED = ("department", "starts_at", "ends_at", "name")
FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M", "%Y-%m-%dT%H:%M")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what a sheet cannot hold


def read_sheet(body: bytes, matrix: Matrix, *, name: str = "roster.xlsx") -> list[Shift]:
    """The shifts of the first sheet. ConfigError lists every fault, e.g. `roster.xlsx: 第3行 开始`."""
    rows = cells.lines(body, name)
    titles = {label("columns", column): column for column in COLUMNS}
    head = [titles.get(str(cell or "").strip(), "") for cell in next(rows, ())]
    missing = [label("columns", column) for column in NEEDED if column not in head]
    if missing:
        raise ConfigError([Fault(name, say("sheet", "missing", columns="、".join(missing)), say("sheet", "head"))])
    shifts: list[Shift] = []
    faults: list[Fault] = []
    for number, line in enumerate(rows, 2):
        row = {column: cell for column, cell in zip(head, line, strict=False) if column}
        if any(cell not in (None, "") for cell in row.values()):
            found = _shift(row, matrix, f"{name}: {say('sheet', 'row', number=number)}")
            if isinstance(found, Shift):
                shifts.append(found)
            else:
                faults += found
    if faults:
        raise ConfigError(faults)
    return shifts


def _shift(row: Mapping[str, Any], matrix: Matrix, where: str) -> Shift | list[Fault]:
    faults: list[Fault] = []

    def wrong(column: str, key: str, **values: Any) -> None:
        faults.append(Fault(f"{where} {label('columns', column)}", say("sheet", key, **values)))

    text = {column: CONTROL.sub("", str(row.get(column) or "")).strip() for column in COLUMNS}
    department = _department(text["department"], matrix)
    if department is None:
        wrong("department", "department", name=text["department"])
    start, end = (_moment(row.get(column)) for column in ("starts_at", "ends_at"))
    for column, moment in (("starts_at", start), ("ends_at", end)):
        if moment is None:
            wrong(column, "moment", value=text[column])
    if start is not None and end is not None and end <= start:
        wrong("ends_at", "backwards")
    if not text["name"]:
        wrong("name", "nobody")
    if text["mail"] and not is_mail(text["mail"]):
        wrong("mail", "mail", value=text["mail"])
    if not text["mail"] and not text["phone"]:
        wrong("phone", "unreachable")
    if faults or department is None or start is None or end is None:
        return faults
    contact = Contact(
        name=text["name"], mail=text["mail"] or None, phone=text["phone"] or None, town=text["town"] or None
    )  # fmt: skip
    return Shift(department=department, starts_at=start, ends_at=end, contact=contact, note=text["note"])


def _department(written: str, matrix: Matrix) -> str | None:
    """By id, by name, by short name, or by the name without what stands in brackets."""
    if written in matrix.departments:
        return written
    for one in matrix.departments.values():
        if written and written in (one.name, one.name.split("（")[0], *one.short):
            return one.id
    return None


def _moment(cell: Any) -> datetime | None:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=SHANGHAI)
    for form in FORMS:
        try:
            return datetime.strptime(str(cell or "").strip(), form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None


def write_sheet(shifts: Sequence[Shift], matrix: Matrix) -> bytes:
    """An .xlsx of these shifts that `read_sheet` reads back."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("sheet", "title"))
    sheet.freeze_panes = "A2"

    def texts(values: Sequence[str]) -> list[Any]:
        found = []
        for value in values:
            cell = WriteOnlyCell(sheet, value=CONTROL.sub("", value))
            cell.data_type = "s"  # never a formula
            found.append(cell)
        return found

    sheet.append(texts([label("columns", column) for column in COLUMNS]))
    for one in shifts:
        contact = one.contact
        moments = [face(one.starts_at), face(one.ends_at)]
        people = [contact.name, contact.phone or "", contact.mail or "", one.note, contact.town or ""]
        sheet.append(texts([matrix.name_of(one.department), *moments, *people]))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
