"""值班表: shifts, swaps, holidays, nobody on duty, gaps seven days ahead, the spreadsheet both ways."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from monitor.errors import ConfigError
from monitor.model import Contact, County
from monitor.routing import load_matrix
from monitor.routing.duty import Duty, chain
from monitor.routing.roster import Shift, Swap, doubled, gaps, on_duty, shift_from
from monitor.routing.roster_sheet import read_sheet, write_sheet
from monitor.text import SHANGHAI

MATRIX = load_matrix()
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def person(name: str, phone: str = "0000-6000001") -> Contact:
    return Contact(name=name, mail=f"{abs(hash(name)) % 10**8}@example.invalid", phone=phone)


def shift(department: str, start: str, end: str, name: str) -> Shift:
    return Shift(department=department, starts_at=at(start), ends_at=at(end), contact=person(name))


COUNTY = County(
    code="990101",
    name="青禾县",
    contacts={
        "hrss": (person("监察值班"), person("监察队长")),
        "qx_office": (person("治欠办值班"),),
        "gov_office": (person("总值班室"),),
        "dev_reform": (person("发改值班"),),
    },
)
SHIFTS = (
    shift("hrss", "2026-02-14T08:00", "2026-02-15T08:00", "甲"),
    shift("hrss", "2026-02-15T08:00", "2026-02-16T08:00", "乙"),
)


def duty(moment: datetime, county: County = COUNTY, **given_: Any) -> Duty:
    return Duty(matrix=MATRIX, county=county, now=moment, **given_)


def reached(
    department: str, moment: str, *, barred: frozenset[str] = frozenset(), **given_: Any
) -> list[tuple[str, str, str]]:
    found = chain(duty(at(moment), **given_), department, barred=barred)
    return [(one.contact.name, one.department, one.reason) for one in found]


# ------------------------------------------------------------------ who is reached
@pytest.mark.parametrize(
    ("moment", "name"), [("2026-02-15T07:59", "甲"), ("2026-02-15T08:00", "乙"), ("2026-02-16T07:59", "乙")]
)
def test_the_shift_decides_to_the_minute(moment: str, name: str) -> None:
    first = reached("hrss", moment, shifts=SHIFTS)[0]
    assert first[0] == name
    assert "当班" in first[2]


def test_a_swap_replaces_one_person_for_its_hours() -> None:
    swap = Swap(
        department="hrss", starts_at=at("2026-02-15T12:00"), ends_at=at("2026-02-15T18:00"), absent="乙",
        contact=person("丙"), reason="家中有事",
    )  # fmt: skip
    names = [
        on_duty(SHIFTS, [swap], "hrss", at(f"2026-02-15T{hour}:00"))[0].contact.name for hour in ("11", "12", "18")
    ]
    assert names == ["乙", "丙", "乙"]
    assert "家中有事" in on_duty(SHIFTS, [swap], "hrss", at("2026-02-15T12:00"))[0].reason


def test_of_overlapping_shifts_the_latest_begun_comes_first() -> None:
    extra = shift("hrss", "2026-02-15T09:00", "2026-02-15T11:00", "临时")
    assert [one.contact.name for one in on_duty([*SHIFTS, extra], [], "hrss", at("2026-02-15T10:00"))] == ["临时", "乙"]


def test_nobody_on_duty_falls_back_to_the_contacts_and_says_so() -> None:
    found = reached("hrss", "2026-02-17T10:00", shifts=SHIFTS)
    assert [one[0] for one in found[:2]] == ["监察值班", "监察队长"]
    assert "此刻无人" in found[0][2]


def test_on_a_holiday_the_reason_names_it() -> None:
    found = reached("hrss", "2026-02-17T10:00", shifts=SHIFTS, days_off={date(2026, 2, 17): "春节放假"})
    assert "春节放假" in found[0][2]


def test_a_department_the_county_lacks_is_answered_by_its_stand_in() -> None:
    found = reached("rail", "2026-01-12T10:00")
    assert found[0][:2] == ("发改值班", "dev_reform")
    assert "代接" in found[0][2]


def test_the_last_resort_is_anybody_the_county_has() -> None:
    only = County(code="990101", name="青禾县", contacts={"union": (person("工会"),)})
    found = chain(duty(at("2026-01-12T10:00"), only), "water")
    assert [one.contact.name for one in found] == ["工会"]


def test_the_barred_are_never_reached() -> None:
    found = reached("water", "2026-01-12T10:00", barred=frozenset({"qx_office"}))
    assert [one[0] for one in found] == ["总值班室"]


@given(st.sampled_from(sorted(MATRIX.departments)), st.integers(0, 60 * 24 * 10))
def test_somebody_is_always_reached_once_and_with_a_reason(department: str, minutes: int) -> None:
    moment = at("2026-02-12T00:00") + timedelta(minutes=minutes)
    found = chain(duty(moment, shifts=SHIFTS), department)
    assert found
    assert all(one.reason for one in found)
    assert len({one.contact for one in found}) == len(found)


def test_a_shift_must_end_after_it_begins() -> None:
    with pytest.raises(ValueError, match="结束"):
        shift("hrss", "2026-02-15T08:00", "2026-02-15T08:00", "甲")


# ------------------------------------------------------------------ gaps
def test_gaps_are_seen_seven_days_ahead() -> None:
    now = at("2026-02-14T10:00")
    holes = gaps(SHIFTS, ["hrss"], now, matrix=MATRIX, days_off={date(2026, 2, 16): "春节放假"})
    assert [(one.starts_at, one.ends_at) for one in holes] == [(at("2026-02-16T08:00"), at("2026-02-21T10:00"))]
    assert "春节放假" in holes[0].reason


def test_a_full_week_has_no_gap_and_a_hole_of_an_hour_is_one() -> None:
    now = at("2026-02-14T10:00")
    week = [
        Shift(department="hrss", starts_at=now + n * DAY, ends_at=now + (n + 1) * DAY, contact=person("甲"))
        for n in range(7)
    ]
    assert gaps(week, ["hrss"], now, matrix=MATRIX) == []
    week[3] = Shift(
        department="hrss", starts_at=now + 3 * DAY, ends_at=now + 4 * DAY - timedelta(hours=1), contact=person("甲")
    )
    assert len(gaps(week, ["hrss"], now, matrix=MATRIX)) == 1


def test_a_department_without_any_shift_is_one_gap() -> None:
    assert len(gaps([], ["qx_office"], at("2026-02-14T10:00"), matrix=MATRIX)) == 1


def test_one_person_in_two_places() -> None:
    other = shift("qx_office", "2026-02-14T20:00", "2026-02-14T22:00", "甲")
    assert doubled([*SHIFTS, other]) == [(SHIFTS[0], other)]


# ------------------------------------------------------------------ the spreadsheet
def test_what_is_written_is_read_back() -> None:
    hostile = Shift(
        department="hrss", starts_at=at("2026-02-15T08:00"), ends_at=at("2026-02-16T08:00"), note='=HYPERLINK("x")',
        contact=Contact(name="=1+1", phone="@SUM(A1)", mail="a@example.invalid"),
    )  # fmt: skip
    body = write_sheet([*SHIFTS, hostile], MATRIX)
    assert read_sheet(body, MATRIX) == [*SHIFTS, hostile]
    cells = [cell for row in load_workbook(io.BytesIO(body)).worksheets[0].iter_rows() for cell in row]
    assert all(cell.data_type != "f" and not cell.hyperlink for cell in cells)


def book(*rows: list[Any]) -> bytes:
    sheets = Workbook()
    for row in rows:
        sheets.worksheets[0].append(row)
    out = io.BytesIO()
    sheets.save(out)
    return out.getvalue()


def test_a_sheet_from_a_person_is_read_as_meant() -> None:
    body = book(
        ["姓名", "部门", "开始", "结束", "电话", "备注"],
        ["王某", "人社局", datetime(2026, 2, 15, 8), "2026年2月16日 8:00", "0000-1", "带班：李某"],  # noqa: DTZ001
        [None, None, None, None, None, None],
        ["赵某", "住房和城乡建设局", "2026-02-15 08:00", "2026/02/16 08:00", 12345, None],
    )
    found = read_sheet(body, MATRIX)
    assert [(one.department, one.contact.name, one.contact.phone) for one in found] == [
        ("hrss", "王某", "0000-1"),
        ("housing", "赵某", "12345"),
    ]
    assert found[0].ends_at == at("2026-02-16T08:00")


def test_every_fault_of_a_sheet_at_once() -> None:
    body = book(
        ["部门", "开始", "结束", "姓名", "电话", "邮箱"],
        ["天文台", "昨天", "2026-02-16 08:00", "", "", "not a mail"],
        ["hrss", "2026-02-16 08:00", "2026-02-15 08:00", "甲", "", ""],
    )
    with pytest.raises(ConfigError) as refused:
        read_sheet(body, MATRIX, name="值班表.xlsx")
    paths = [fault.path for fault in refused.value.faults]
    assert paths == [
        "值班表.xlsx: 第2行 部门",
        "值班表.xlsx: 第2行 开始",
        "值班表.xlsx: 第2行 姓名",
        "值班表.xlsx: 第2行 邮箱",
        "值班表.xlsx: 第3行 结束",
        "值班表.xlsx: 第3行 电话",
    ]


@pytest.mark.parametrize("body", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_what_is_no_sheet_is_refused_in_one_sentence(body: bytes) -> None:
    with pytest.raises(ConfigError, match="xlsx"):
        read_sheet(body, MATRIX)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ConfigError, match="部门、开始、结束"):
        read_sheet(book(["姓名"], ["甲"]), MATRIX)


def test_a_row_of_the_store_is_a_shift() -> None:
    row = {
        "id": 1, "department": "hrss", "starts_at": at("2026-02-15T08:00"), "ends_at": at("2026-02-16T08:00"),
        "name": "甲", "mail": None, "phone": "0000-1", "note": "",
    }  # fmt: skip
    assert shift_from(row).contact == Contact(name="甲", phone="0000-1")
