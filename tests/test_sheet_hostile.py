"""Workbooks that were made to hurt, or that a programme wrote badly: read in little time and memory, or refused."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sheets import sheet

from monitor.errors import ConfigError, InputError
from monitor.facts.register_sheet import read_register
from monitor.model import Document, Feed
from monitor.parse.debts import Reader, read_debts
from monitor.parse.faults import Unreadable
from monitor.parse.sheets import parse_file
from monitor.routing import load_matrix
from monitor.routing.roster_sheet import read_sheet
from monitor.sheet import book
from monitor.sheet.funds import read_lists

TODAY = date(2026, 11, 26)
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = ("项目名称", "施工单位", "保证金形式", "金额（万元）", "日期", "单位", "标题", "内容")
LINE = ("锦禾苑三期", "甲木建工", "现金", 80, "2026-11-01", "甲木建工", "讨薪", "三个月工资没发")
SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
Change = Callable[[bytes], bytes]


def changed(part: str = "", change: Change = bytes, **more: bytes) -> bytes:
    """A good workbook with one part changed; `more`: parts by name with a table of shared texts among them."""
    made, out = zipfile.ZipFile(io.BytesIO(sheet(HEAD, LINE))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made.namelist():
            content = made.read(name)
            archive.writestr(name, change(content) if name == part else content)
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_texts(texts: bytes) -> bytes:
    """The same whose second cell points into a table of shared texts."""
    body = changed(
        SHEET, lambda content: re.sub(rb'<c r="B2" t="inlineStr">.*?</c>', b'<c r="B2" t="s"><v>0</v></c>', content)
    )
    made, out = zipfile.ZipFile(io.BytesIO(body)), io.BytesIO()
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made.namelist():
            content = made.read(name)
            archive.writestr(
                name, content.replace(b"</Types>", entry) if name == "[Content_Types].xml" else content
            )  # fmt: skip
        archive.writestr("xl/sharedStrings.xml", texts)
    return out.getvalue()


def texts(inside: str) -> bytes:
    return b"<sst " + MAIN + b">" + inside.encode() + b"</sst>"


def document(body: bytes) -> Document:
    return Document(url="file:a.xlsx", fetched_at=datetime(2026, 11, 26, tzinfo=UTC), body=body)


MATRIX = load_matrix()
FILE = Feed(name="f", kind="file", url="file:a.xlsx", source="s")
READERS: dict[str, Callable[[bytes], Any]] = {
    "deposits": lambda body: read_lists("deposits", [("a.xlsx", body)], today=TODAY),
    "roster": lambda body: read_sheet(body, MATRIX),
    "register": read_register,
    "debts": lambda body: read_debts(document(body), "a.xlsx", Reader(today=TODAY)),
    "posts": lambda body: parse_file(document(body), FILE),
}
MARK = b"</sheetData>"


def encrypted() -> bytes:
    body = bytearray(changed())
    for sign, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(sign), bytes(body)):
            body[found.start() + at] |= 1
    return bytes(body)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "two million formats": lambda: changed(
        STYLES, lambda _: b"<styleSheet " + MAIN + b"><cellXfs>" + b"<xf/>" * 2_000_000 + b"</cellXfs></styleSheet>"
    ),
    "seven million texts": lambda: with_texts(texts("<si><t>甲</t></si>" + "<si><t/></si>" * 7_000_000)),
    "a table that is a book": lambda: changed(
        BOOK, lambda content: content.replace(b"</sheets>", b"</sheets>" + b"<a/>" * 400_000)
    ),
    "a book in the dress of a table": lambda: changed(
        BOOK, lambda content: b"<!-- <sst --><workbook>" + b"<a/>" * 400_000 + content.partition(b"<workbook")[2]
    ),
    "ten thousand parts": lambda: changed(**{f"xl/{number}": b"" for number in range(10_000)}),
    "more than is read": lambda: changed(**{"xl/media/1": b"0" * 210_000_000}),
    "laughs": lambda: with_texts(b'<!DOCTYPE l [<!ENTITY a "haha">]>' + texts("<si><t>&a;</t></si>")),
    "a file of ours": lambda: with_texts(
        b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + texts("<si><t>&x;</t></si>")
    ),
    "an entity behind a comment": lambda: with_texts(
        b"<!--" + b" " * 70_000 + b'--><!DOCTYPE l [<!ENTITY a "b">]>' + texts("<si><t>&a;</t></si>")
    ),
    "entities in UTF-16": lambda: with_texts(
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE l [<!ENTITY a "b">]>' + texts("").decode()).encode("utf-16")
    ),
    "an unfinished sheet": lambda: changed(SHEET, lambda content: content[:-40]),
    "no XML": lambda: changed(SHEET, lambda _: b"\x00\x01 nothing"),
    "a book that is none": lambda: changed(BOOK, lambda _: b"nothing"),
    "texts that are none": lambda: with_texts(b"<sst"),
    "a nest": lambda: changed(
        STYLES, lambda _: b"<styleSheet " + MAIN + b">" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</styleSheet>"
    ),
    "a cell nowhere": lambda: changed(SHEET, lambda content: content.replace(b'r="A2"', b'r="!!"')),
    "five thousand digits": lambda: changed(SHEET, lambda content: content.replace(b"80<", b"9" * 5_000 + b"<")),
    "encrypted": encrypted,
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_workbook_made_to_hurt_is_refused_in_words(name: str, reader: str) -> None:
    """Each of them had ended in a trace on one of the pages, or (formats, texts) in a minute and a gigabyte."""
    with pytest.raises((ConfigError, Unreadable, InputError)) as told:
        READERS[reader](HOSTILE[name]())
    assert "Error" not in str(told.value).replace("UnicodeDecodeError", "")


@pytest.mark.parametrize("reader", ["deposits", "debts", "posts"])
def test_a_formula_without_its_result_is_not_read_as_an_empty_cell(reader: str) -> None:
    """A programme wrote the sheet and nobody opened it: the sum in it would be lost without a word."""
    body = changed(SHEET, lambda content: content.replace(b"<v>80</v>", b"<f>40+40</f>"))
    with pytest.raises((ConfigError, Unreadable)) as told:
        READERS[reader](body)
    said = told.value.zh if isinstance(told.value, Unreadable) else str(told.value)
    assert "公式" in said
    assert "保存一次" in said


def test_a_formula_is_read_as_the_result_it_was_saved_with() -> None:
    saved = changed(SHEET, lambda content: content.replace(b"<v>80</v>", b"<f>40+40</f><v>80</v>"))
    empty = changed(SHEET, lambda content: content.replace(b"<v>80</v>", b"<f>A9</f><v></v>"))
    assert READERS["deposits"](saved).lines[0].deposit.yuan == 800_000
    assert READERS["deposits"](empty).lines[0].deposit.yuan is None


@pytest.mark.parametrize("reader", ["deposits", "debts", "posts"])
def test_a_sheet_that_states_a_wrong_size_is_read_whole(reader: str) -> None:
    """As exporters write it: `A1`, and the deposits had found no heading but the first."""
    body = changed(SHEET, lambda content: re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1"/>', content))
    assert READERS[reader](body) == READERS[reader](changed())


def test_an_empty_first_sheet_is_passed_over() -> None:
    from openpyxl import Workbook

    made, out = Workbook(), io.BytesIO()
    page = made.create_sheet("名册")
    for row in (HEAD, LINE):
        page.append(row)
    made.save(out)
    assert READERS["deposits"](out.getvalue()) == READERS["deposits"](changed())


def test_rows_of_sixteen_thousand_columns_cost_no_more_than_what_is_read() -> None:
    wide = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(3, 50))
    body = changed(SHEET, lambda content: content.replace(MARK, wide + MARK))
    assert max(len(row) for row in book.rows(body, 100)) <= book.MOST_COLUMNS
