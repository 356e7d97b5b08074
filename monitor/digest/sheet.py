"""Rows -> a workbook (SpreadsheetML, ECMA-376). Knows the parts of such a file; knows nothing of what the rows mean.

Every value that came from outside is an inline string, which no programme takes for a formula: `=1+1` stays text
(OWASP: formula injection). Written as text instead of through a library's cell objects: 5,000 rows of the 台账 take
0.3 s instead of 1.5 s (docs/decisions/2026-11-25-reports-in-time.md).
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from monitor.digest.official import clean
from monitor.text import face

WIDEST, LONGEST = 28, 32_000  # column width in characters, beyond which a cell wraps; a cell holds 32,767 at most
MANY = 20  # columns from which a sheet is printed two pages wide, its first two columns on both
MEASURED = 300  # rows whose values set the width of a column
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")  # in the name of a sheet
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (  # 0: plain; 1: a header, bold on grey; 2: text that wraps
    f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8EDF3"/>'
    '</patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" fillId="2" applyFont="1" applyFill="1" '
    'applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf><xf xfId="0" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs><cellStyles count="1"><cellStyle '
    'name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]


def workbook(sheets: Mapping[str, Sheet]) -> bytes:
    """`{sheet name: (header, rows)}` as the bytes of an .xlsx file: header frozen and repeated in print, filters on."""
    names = [FORBIDDEN.sub(" ", clean(name))[:31] for name in sheets]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for path, text in _parts(names, [len(header) for header, _ in sheets.values()]).items():
            book.writestr(path, HEAD + text)
        for number, (header, rows) in enumerate(sheets.values(), 1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as file:
                for piece in _sheet(header, rows):
                    file.write(piece.encode())
    return buffer.getvalue()


def _titles(name: str, columns: int) -> str:
    """What is repeated on every printed page: the header, and of a wide sheet its first two columns."""
    return f"'{name}'!$A:$B,'{name}'!$1:$1" if columns > MANY else f"'{name}'!$1:$1"


def _parts(names: Sequence[str], widths: Sequence[int]) -> dict[str, str]:
    """Everything but the sheets themselves; `widths`: their columns."""
    numbers = range(1, len(names) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>' for n in numbers
    )
    links = "".join(
        f'<Relationship Id="s{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="s{n}"/>' for n, name in zip(numbers, names, strict=True)
    )
    repeated = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n - 1}">{escape(_titles(name, columns))}</definedName>'
        for n, name, columns in zip(numbers, names, widths, strict=True)
    )
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">'
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{relations}<Relationship Id="b" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{listed}</sheets><definedNames>'
        f"{repeated}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'{relations}{links}'
        f'<Relationship Id="st" Type="{DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }  # fmt: skip


def _sheet(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """One worksheet, landscape A3, as wide as a page; a row a piece."""
    letters = [_letters(number) for number in range(len(header))]
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{min(_widest(n - 1, header, rows) + 2, WIDEST)}" customWidth="1"/>'
        for n in range(1, len(header) + 1)
    )
    yield (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView '
        'workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>"
    )
    yield _row(1, letters, header, ' s="1"')
    for number, row in enumerate(rows, 2):
        yield _row(number, letters, row, ' s="2"')
    wide = 2 if len(header) > MANY else 1
    yield (
        f'</sheetData><autoFilter ref="A1:{letters[-1]}{len(rows) + 1}"/><pageMargins left="0.4" right="0.4" top="0.5" '
        'bottom="0.5" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="8" orientation="landscape" fitToWidth="{wide}" fitToHeight="0"/></worksheet>'
    )


def _row(number: int, letters: Sequence[str], values: Sequence[Any], style: str) -> str:
    cells = [
        _cell(f"{letter}{number}", value, style)
        for letter, value in zip(letters, values, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Any, style: str) -> str:
    """A number where the value is one; anything else as text."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return f'<c r="{place}"{style}><v>{value!r}</v></c>'
    text = face(value) if isinstance(value, datetime) else clean(value)[:LONGEST]
    return f'<c r="{place}" t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    tail = chr(ord("A") + number % 26)
    return tail if number < 26 else _letters(number // 26 - 1) + tail


def _widest(column: int, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    return max(_width(row[column]) for row in (header, *rows[:MEASURED]))


def _width(value: Any) -> int:
    """Columns a value takes; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in str("" if value is None else value)[:WIDEST])
