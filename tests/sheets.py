"""An XLSX file of a few rows, for tests that bring one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import Workbook


def sheet(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()
