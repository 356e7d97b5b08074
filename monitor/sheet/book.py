"""Opens a workbook that somebody brought: the rows of its sheets, or one error that says why not.

Knows what the parts of such a file may cost, not what they mean. A file of 20 kB can hold two million formats or seven
million strings; read, they take a minute and a gigabyte. So the parts are unpacked and counted first, which costs
next to nothing, and only then given to openpyxl. Formulas are read as the result they were saved with; a sheet whose
formulas have none is refused, for the sums in it would be lost without a word.
"""

from __future__ import annotations

import io
import lzma
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any

MOST_UNPACKED = 200 * 1024 * 1024  # bytes of all parts
MOST_PARTS = 2_000
MOST_TAGS, TAGS_A_ROW = 6_000_000, 300  # of all parts: a cell and its text take eight at most
MOST_OTHER_TAGS = 300_000  # of a part that is neither sheet nor its texts: Excel itself ends at 64,000 formats
MOST_COLUMNS = 200
CHUNK = 1 << 16
_LONG = re.compile(rb"<(?:\w+:)?(?:worksheet|sst|pivotCacheRecords)\b")  # what such a part begins with
_WHOLE = (
    ".rels",
    "styles.xml",
    "core.xml",
    "app.xml",
    "custom.xml",
    "[Content_Types].xml",
)  # read as one tree, 120 bytes a tag
_TYPES = tuple("<!DOCTYPE".encode(coding) for coding in ("ascii", "utf-16-le", "utf-16-be"))
_NO_RESULT = re.compile(rb"(?:</f>|<f\b[^<>]{0,300}/>)\s{0,9}</c>")
_BROKEN = (  # what zipfile and openpyxl raise for files that are none; XML's own error is a SyntaxError
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, SyntaxError, ArithmeticError,
    LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip


class Unopenable(Exception):
    """Why a workbook is not read. `key`: large, entities, formula or unreadable; `why`: as the library says it."""

    def __init__(self, key: str, why: str = "") -> None:
        super().__init__(why or key)
        self.key, self.why = key, why


def rows(body: bytes, most: int) -> Iterator[tuple[Any, ...]]:
    """Those of the first sheet that has any."""
    for sheet in sheets(body, most):
        yield from sheet
        return


def sheets(body: bytes, most: int) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Each sheet that has any row: at most `most` of them, values only, MOST_COLUMNS wide at most; Unopenable."""
    from openpyxl import load_workbook

    with _in_words(), zipfile.ZipFile(io.BytesIO(body)) as archive:
        _affordable(archive, min(MOST_TAGS, TAGS_A_ROW * most))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # exports lack styles and properties; their cells are read all the same
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            found = _rows(archive, sheet, most)
            first = next(found, None)
            if first is not None:
                yield chain((first,), found)


def _rows(archive: zipfile.ZipFile, sheet: Any, most: int) -> Iterator[tuple[Any, ...]]:
    with _in_words():
        sheet.reset_dimensions()  # exporters write wrong ones, and then one cell would be read
        found = sheet.iter_rows(max_row=most, max_col=MOST_COLUMNS, values_only=True)
        first = next(found, None)
        if first is not None:
            _with_results(archive, sheet)
            yield first
            yield from found


@contextmanager
def _in_words() -> Iterator[None]:
    """What the libraries raise becomes Unopenable."""
    from openpyxl.utils import exceptions as own

    broken = (*_BROKEN, own.CellCoordinatesException, own.InvalidFileException, own.NamedRangeException)
    try:
        yield
    except broken as problem:
        raise Unopenable("unreadable", str(problem)[:120]) from problem


def _affordable(archive: zipfile.ZipFile, most: int) -> None:
    """Unpacks every part once, keeping nothing of it; Unopenable where it would cost too much to read."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unopenable("large")
    tags = 0
    for part in parts:
        with archive.open(part) as unpacked:
            tags += _tags(unpacked, MOST_OTHER_TAGS if part.filename.endswith(_WHOLE) else most)
        if tags > most:
            raise Unopenable("large")
    with archive.open(_of_book(archive)) as unpacked:
        _tags(unpacked, MOST_OTHER_TAGS)


def _of_book(archive: zipfile.ZipFile) -> str:
    """The part that openpyxl takes for the book: the table of contents names it."""
    from openpyxl.packaging.manifest import Manifest
    from openpyxl.reader.excel import _find_workbook_part
    from openpyxl.xml.functions import fromstring

    contents = Manifest.from_tree(fromstring(archive.read("[Content_Types].xml")))
    return str(_find_workbook_part(contents).PartName).lstrip("/")


def _tags(unpacked: IO[bytes], longest: int) -> int:
    """How many; Unopenable beyond `longest` in a sheet or its texts, beyond MOST_OTHER_TAGS in any other part."""
    tags, before, most = 0, b"", MOST_OTHER_TAGS
    for number, chunk in enumerate(_chunks(unpacked)):
        tags += chunk.count(b"<")
        if number == 0 and _LONG.search(chunk[:4_000]):
            most = longest
        if tags > most:
            raise Unopenable("large")
        if any(sign in before + chunk for sign in _TYPES):
            raise Unopenable("entities")
        before = chunk[-20:]
    return tags


def _with_results(archive: zipfile.ZipFile, sheet: Any) -> None:
    """Unopenable where a formula stands in the sheet without its result: a programme wrote it and none opened it."""
    before = b""
    with archive.open(sheet._worksheet_path) as unpacked:
        for chunk in _chunks(unpacked):
            if _NO_RESULT.search(before + chunk):
                raise Unopenable("formula")
            before = chunk[-400:]


def _chunks(unpacked: IO[bytes]) -> Iterator[bytes]:
    while chunk := unpacked.read(CHUNK):
        yield chunk
