"""Rows -> a workbook. Knows openpyxl; knows nothing of what the rows mean.

Every value that came from outside is written as a string cell: `=1+1` stays text (OWASP: formula injection).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.digest.official import clean
from monitor.text import face

WIDEST, LONGEST = 60, 32_000  # column width in characters; Excel's limit of a cell is 32,767
A3 = 8  # how the format numbers that paper: 34 columns on its width
MEASURED = 300  # rows whose values set the width of a column
SPECIAL = ("=", "#")  # what the library would take for a formula or an error value


def workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> bytes:
    """`{sheet name: (header, rows)}` as the bytes of an .xlsx file, header frozen, filters on.

    Written as a stream, for a year's ledger has a million cells.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, (header, rows) in sheets.items():
        _fill(book.create_sheet(clean(name)[:31]), header, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl.utils import get_column_letter

    for number, title in enumerate(header):
        widest = max(_width(row[number]) for row in (header, *rows[:MEASURED]))
        letter = get_column_letter(number + 1)
        sheet.column_dimensions[letter].width = min(max(widest, _width(title)) + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A3
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"
    sheet.append([_title(sheet, title) for title in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _title(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(sheet, value=clean(text))
    cell.data_type = "s"
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EDF3")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    text = face(value) if isinstance(value, datetime) else clean(value)[:LONGEST]
    return _inert(sheet, text) if text.startswith(SPECIAL) else text


def _inert(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # never a formula
    return cell


def _width(value: Any) -> int:
    """Columns a value takes; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in str("" if value is None else value)[:WIDEST])
