"""The digest's own drawing and sheet: pictures that hold their words, workbooks that every programme reads."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from digesthouse import count
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgerhouse import matrix

from monitor.digest import canvas, charts
from monitor.digest.make import catalogue
from monitor.digest.sentences import sentences
from monitor.digest.sheet import workbook
from monitor.digest.told import told
from monitor.incidents.alarm import Usual
from monitor.incidents.excess import Excess, Outlook
from monitor.store import open_store

DAY = date(2027, 1, 20)
WHOLE = (round(charts.WIDE * canvas.DPI / 72), round(charts.HIGH * canvas.DPI / 72))


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


# ------------------------------------------------------------------ pictures
@pytest.mark.parametrize("days", [1, 14, 31, 366])
@pytest.mark.parametrize("count", [0, 1, 7, 4_000])
def test_a_chart_of_days_can_be_drawn_of_anything(days: int, count: int) -> None:
    series = [(DAY - timedelta(days=n), {"red": count, "blue": 1} if count else {}, count) for n in range(days)]
    assert size(charts.days_chart(series)) == WHOLE


@pytest.mark.parametrize(
    "counts", [{}, {"": 0}, {"一个名字长得在左边的空白里怎么也放不下的行业": 3}, {f"镇{n}": n for n in range(40)}]
)
def test_shares_have_a_bar_each_and_sum_up_the_rest(counts: dict[str, int]) -> None:
    width, height = size(charts.shares_chart(counts, "在办事件（按行业）"))
    assert width == round(charts.NARROW * canvas.DPI / 72)
    assert height == round((30 + 20 * min(max(len(counts), 1), 8)) * canvas.DPI / 72)


@pytest.mark.parametrize("stop", [None, DAY - timedelta(days=1), DAY + timedelta(days=1), DAY + timedelta(days=400)])
@pytest.mark.parametrize("finish", [None, DAY, DAY + timedelta(days=9), DAY + timedelta(days=100_000)])
def test_a_burn_down_is_drawn_wherever_it_ends(stop: date | None, finish: date | None) -> None:
    in_hand = [(DAY - timedelta(days=30 - n), 40 - n) for n in range(31)]
    assert size(charts.burn_chart(in_hand, stop=stop, finish=finish)) == WHOLE


def test_the_words_of_a_chart_are_drawn_in_a_font_that_has_them() -> None:
    """A font without Chinese draws the same box for every character."""
    if canvas.font()[0].startswith("DejaVu"):
        pytest.skip("no Chinese font here")
    pictures = set()
    for word in ("红", "橙", "黄", "蓝"):
        draw = canvas.Canvas(40, 20)
        draw.text(5, 10, word)
        pictures.add(draw.png())
    assert len(pictures) == 4


def test_long_words_end_in_an_ellipsis_and_fit() -> None:
    text = "青禾县根治拖欠农民工工资工作领导小组办公室"
    short = canvas.shortened(text, 60)
    assert short.endswith("…")
    assert canvas.width_of(short) <= 60
    assert canvas.shortened("青禾", 60) == "青禾"


# ------------------------------------------------------------------ sheets
def read(body: bytes) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_a_sheet_comes_back_as_it_was_written() -> None:
    header = [f"列{n}" for n in range(60)]
    row = ["=1+1", "a&<b>\"'", 3, 2.5, -0.1, float("inf"), True, None, "", datetime(2027, 1, 20, tzinfo=UTC), "  空格 "]
    body = workbook({"台账[1]:/?*'": (header, [row + [None] * 49])})
    sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    assert sheet.title == "台账 1      "[: len(sheet.title)]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:BH2")
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet["BH1"].value, sheet["A1"].font.b) == ("列59", True)
    told = ["=1+1", "a&<b>\"'", 3, 2.5, -0.1, "inf", "True", None, None, "2027-01-20 08:00", "  空格 "]
    assert read(body)[1][:11] == told
    assert all(cell.data_type in ("inlineStr", "s", "n") for cell in sheet[2])


@given(st.lists(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.none()), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_row_makes_a_sheet_that_is_whole_and_inert(row: list[object]) -> None:
    body = workbook({"a": (["x", "y", "z"], [row])})
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not sheet.findall(".//{*}f")
    texts = [value for value in row if isinstance(value, str) and value]
    assert len(sheet.findall(".//{*}row[@r='2']/{*}c[@t='inlineStr']")) >= len(texts) - 3


def test_a_sheet_without_rows_has_its_header() -> None:
    assert read(workbook({"空": (["甲", "乙"], [])})) == [["甲", "乙"]]


def test_what_stands_out_of_its_baseline_is_told_as_a_hint(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    usual = Usual(days=7, seen=6, expected=1.2, chance=0.0005)
    outlook = Outlook(history=90, watched=40, found=(Excess("柳溪镇", "building_municipal", DAY, usual),))
    shown = told(
        replace(count(store), above=outlook), matrix(), county="青禾县", base_url="http://x.example",
        labels=catalogue()["counts"],
    )  # fmt: skip
    line = "".join(sentences(shown, catalogue())["overview"])
    store.close()
    assert "柳溪镇、房屋建筑和市政基础设施7天内6件，平常约1.2件" in line
    assert "不作结论" in line
