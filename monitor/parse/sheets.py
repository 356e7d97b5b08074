"""Files that a person brings: CSV, XLSX, JSON and JSON lines, incl. exports of Weibo and Douyin tools and of a 12345
hotline.

Knows file formats; which column means what is in columns.yaml. Formulas are read as their last value, never run.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from monitor.model import Document, Feed, Post
from monitor.parse import bounds, markup, payload
from monitor.parse.decode import decode
from monitor.parse.faults import Unreadable
from monitor.parse.table import columns, headings, is_header, posts_of
from monitor.sheet import book
from monitor.sheet.book import Unopenable

MAX_ROWS = 50_000
_WHY = {  # as the phrases of faults.yaml have them
    "large": "it unpacks to more than can be read",
    "entities": "it defines document types",
    "formula": "it holds formulas without their results; open and save it in a spreadsheet programme",
}
_BINARY = _ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HEAD = 15  # rows in which a header may stand: sheets begin with a title and a date


def parse_file(document: Document, feed: Feed) -> list[Post]:
    """A post a row. Unreadable: no known columns, a broken row (named), a workbook that is none."""
    if not document.body.startswith(_BINARY):
        text = decode(document).text.lstrip("\ufeff \t\r\n")
        if text[:1] in "{[":
            return posts_of(document, feed, list(_objects(text)))
    return posts_of(document, feed, _rows(document, feed))


def _rows(document: Document, feed: Feed) -> list[Mapping[str, Any]]:
    """The rows of every sheet with a header that is known; a sheet of notes or of choices has none.

    Unreadable as the first sheet is, where no sheet has one.
    """
    found: list[Mapping[str, Any]] = []
    problem: Unreadable | None = None
    read = False
    for sheet in sheets_of(document):
        try:
            found += _under_header(sheet, feed)
            read = True
        except Unreadable as wrong:
            problem = problem or wrong
    if problem and not read:
        raise problem
    return found


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """JSON lines, or one JSON array."""
    if text.lstrip().startswith("["):
        yield from payload.rows(payload.loads(text), "", what="rows")
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _object(line, number)


def _object(line: str, number: int) -> Mapping[str, Any]:
    bounds.within_json_depth(line)
    try:
        row = json.loads(line, strict=False)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("bad_row", row=number, why=f"not JSON: {problem}"[:100]) from problem
    if not isinstance(row, dict):
        raise Unreadable("bad_row", row=number, why="not an object")
    engagement = row.get("engagement")
    return {**row, **engagement} if isinstance(engagement, dict) else row


def _html_table(text: str) -> Iterator[Sequence[Any]]:
    """Many office systems "export to Excel" as an HTML table named .xls."""
    for row in markup.tree(text).css("tr")[:MAX_ROWS]:
        yield [markup.words(cell) for cell in row.css("td, th")]


def _csv(text: str) -> Iterator[Sequence[Any]]:
    csv.field_size_limit(bounds.MAX_TEXT * 4)
    first = text[:4000]
    sign = max(",\t;|", key=lambda candidate: first.count(candidate))
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=sign)):
            if number >= MAX_ROWS:
                return
            yield row
    except csv.Error as problem:
        raise Unreadable("sheet", why=str(problem)) from problem


def _under_header(rows: Iterator[Sequence[Any]], feed: Feed) -> list[Mapping[str, Any]]:
    """Rows as {column: cell}; the header is the first row of known columns."""
    header: Sequence[Any] | None = None
    likeliest: Sequence[Any] = ()
    found: list[Mapping[str, Any]] = []
    for number, cells in enumerate(rows):
        if header is not None:
            found.append({str(name): cell for name, cell in zip(header, cells, strict=False) if name not in (None, "")})
        elif is_header(cells, feed):
            header = cells
        else:
            likeliest = max(likeliest, cells, key=lambda row: _likeness(row, feed))
            if number + 1 >= HEAD:
                break
    if header is None:
        raise Unreadable("no_header", rows=HEAD, **headings(likeliest, feed))
    return found


def _likeness(cells: Sequence[Any], feed: Feed) -> tuple[int, int]:
    """How much a row looks like a header: columns that are known, then cells that are filled; the first of equals."""
    given = [str(cell) for cell in cells if cell not in (None, "")]
    return sum(map(len, columns(given, feed).values())), len(given)


def unread_columns(document: Document, feed: Feed) -> list[str]:
    """Columns of a table that no field of a post is read from; none for JSON lines, whose other keys are nobody's."""
    header = next((cells for cells in islice(cells_of(document), HEAD) if is_header(cells, feed)), ())
    given = [str(cell) for cell in header if cell not in (None, "")]
    known = {name for listed in columns(given, feed).values() for name in listed}
    return [name[:20] for name in given if name not in known]


def cells_of(document: Document) -> Iterator[Sequence[Any]]:
    """Every row of a table, its header wherever it stands: a workbook, an HTML table, CSV; none for JSON lines.

    Unreadable where it is none of them.
    """
    yield from next(sheets_of(document), iter(()))


def sheets_of(document: Document) -> Iterator[Iterator[Sequence[Any]]]:
    """The rows of every sheet that has any; what is no workbook is one sheet."""
    if document.body.startswith(_ZIP):
        yield from _workbook(document.body)
        return
    if document.body.startswith(_OLE):
        raise Unreadable("sheet", why="it is an old .xls file; save it as .xlsx or .csv")
    text = decode(document).text.lstrip("\ufeff")
    if text.lstrip()[:1] not in "{[":
        yield _html_table(text) if re.search(r"<table\b", text[:20_000], re.I) else _csv(text)


def _workbook(body: bytes) -> Iterator[Iterator[Sequence[Any]]]:
    """Rows of each sheet that has any, values only."""
    try:
        for sheet in book.sheets(body, MAX_ROWS):
            yield _read(sheet)
    except Unopenable as problem:
        raise _unread(problem) from problem


def _read(sheet: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    try:
        for row in sheet:
            yield tuple(_cell(cell) for cell in row)
    except Unopenable as problem:
        raise _unread(problem) from problem


def _unread(problem: Unopenable) -> Unreadable:
    return Unreadable("sheet", why=_WHY.get(problem.key, problem.why))


def _cell(cell: Any) -> Any:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime.combine(cell, time())
    return re.sub(r"_x000[dD]_", "\n", cell) if isinstance(cell, str) else cell
