"""Rows -> a workbook. Knows openpyxl; knows nothing of what the rows mean.

Every value that came from outside is written as a string cell: `=1+1` stays text (OWASP: formula injection).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.digest.official import clean
from monitor.text import face

WIDEST, LONGEST = 60, 32_000  # column width in characters; Excel's limit of a cell is 32,767


def workbook(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """`{sheet name: (header, rows)}` as the bytes of an .xlsx file, header frozen, filters on."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, (header, rows) in sheets.items():
        _fill(book.create_sheet(clean(name)[:31]), header, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    widths = [_width(title) for title in header]
    sheet.append([_cell(sheet, title) for title in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        widths = [max(width, _width(value)) for width, value in zip(widths, row, strict=True)]
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell.cell import Cell

    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = face(value) if isinstance(value, datetime) else "" if value is None else clean(value)[:LONGEST]
    cell = Cell(sheet, value=text)
    cell.data_type = "s"  # never a formula
    return cell


def _width(value: Any) -> int:
    """Columns a value takes; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in str("" if value is None else value)[:WIDEST])
