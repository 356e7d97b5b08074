"""值班: who is really reached, a hand-over note at every change of shift, the report before 除夕, gaps seen early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, KEY, by, county, joined, matrix, reading, stores

from monitor.channels.mail import compose
from monitor.clocks import Calendar
from monitor.config import Config, Settings
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.ledger.duty import agree_swap, ask_swap, enter_shifts, remove_shifts, take_handover
from monitor.model import Contact, County, Occasion
from monitor.pipeline.duty import go_round
from monitor.pipeline.housekeeping import of_roster
from monitor.store import Store, outbox, shifts
from monitor.store import ledger as rows
from monitor.text import SHANGHAI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


NOON = at("2026-01-20T12:00")  # a Tuesday
HOUR = timedelta(hours=1)


@pytest.fixture(params=BOTH)
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@dataclass
class Office:
    """An installation whose clock the test holds."""

    store: Store
    config: Config
    ledger: Ledger

    def enters(self, *given: Mapping[str, Any]) -> None:
        enter_shifts(self.ledger, given, by="zhou", at=at("2026-01-01T09:00"), reason="排班")

    def opens(self, moment: datetime, **given: Any) -> str:
        incident = self.ledger.record(joined(reading(at=moment, **given), moment)).incident
        assert incident is not None
        return incident

    def round(self, moment: datetime) -> dict[str, int]:
        return go_round(self.store, self.config, self.ledger, moment)

    def messages(self, occasion: Occasion) -> list[dict[str, Any]]:
        with self.store.read() as c:
            return [row for row in reversed(outbox.recent(c, 500)) if row["occasion"] == occasion.value]


def office_of(store: Store, home: Path, place: County) -> Office:
    settings = Settings(home=home, secret="s" * 40, quiet_hours="", _env_file=None)  # type: ignore[call-arg]
    return Office(store, Config(settings, (), place), Ledger(store, place, matrix(), Calendar(), KEY))


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return office_of(store, tmp_path, county())


def shift(start: str, end: str, name: str = "甲", department: str = "housing", **given: Any) -> dict[str, Any]:
    mail = {"mail": f"{ {'甲': 'jia', '乙': 'yi', '丙': 'bing'}.get(name, 'x') }@qinghe.example"}
    plain = {"department": department, "starts_at": at(start), "ends_at": at(end), "name": name, "phone": "0000-1"}
    return {**plain, **mail, "note": "", **given}


# ------------------------------------------------------------------ who is reached, and why (must show 7)
DAY = ("2026-01-20T08:00", "2026-01-21T08:00")
SPRING = at("2026-02-17T10:00")  # 春节
NO_HOUSING = replace(county(), contacts={k: v for k, v in county().contacts.items() if k != "housing"})
ONLY_PHONE = replace(county(), contacts={**county().contacts, "housing": (Contact("值班电话", phone="0000-9"),)})
NOBODY = replace(county(), contacts={"union": (Contact("工会", "gonghui@qinghe.example"),)})
TABLE: list[tuple[str, County, list[dict[str, Any]], dict[str, Any] | None, datetime, str, str]] = [
    ("on duty", county(), [shift(*DAY)], None, NOON, "jia@qinghe.example", "当班"),
    ("to the minute: before", county(), [shift(*DAY)], None, at("2026-01-20T07:59"), "housing@qinghe.example",
     "此刻无人"),
    ("to the minute: after", county(), [shift(*DAY)], None, at("2026-01-21T08:00"), "housing@qinghe.example",
     "此刻无人"),
    ("overlap: the later one", county(), [shift(*DAY), shift("2026-01-20T11:00", "2026-01-20T13:00", "乙")], None, NOON,
     "yi@qinghe.example", "2026-01-20 11:00"),
    ("swapped", county(), [shift(*DAY)], {}, NOON, "yi@qinghe.example", "甲由乙替班，理由：家中有事"),
    ("swap not yet begun", county(), [shift(*DAY)], {"starts_at": at("2026-01-20T14:00")}, NOON, "jia@qinghe.example",
     "当班"),
    ("swap over again", county(), [shift(*DAY)], {"ends_at": at("2026-01-20T11:00")}, NOON, "jia@qinghe.example",
     "当班"),
    ("swapped with somebody without mail", county(), [shift(*DAY)], {"mail": None}, NOON, "housing@qinghe.example",
     "乙没有邮箱或机器人"),
    ("on duty without mail", county(), [shift(*DAY, mail=None)], None, NOON, "housing@qinghe.example",
     "甲没有邮箱或机器人"),
    ("roster gap", county(), [shift("2026-01-19T08:00", "2026-01-20T08:00")], None, NOON, "housing@qinghe.example",
     "值班表此刻无人"),
    ("no roster at all", county(), [], None, NOON, "housing@qinghe.example", "联系人顺序第1位"),
    ("holiday, on duty", county(), [shift("2026-02-17T08:00", "2026-02-18T08:00")], None, SPRING, "jia@qinghe.example",
     "当班"),
    ("holiday, nobody", county(), [], None, SPRING, "housing@qinghe.example", "春节放假期间值班表无人"),
    ("makeup day is a working day", county(), [], None, at("2026-02-14T10:00"), "housing@qinghe.example", "此刻无人"),
    ("weekend, nobody", county(), [], None, at("2026-01-24T10:00"), "housing@qinghe.example", "周六期间值班表无人"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "place", "planned", "swap", "moment", "recipient", "why"), TABLE, ids=[row[0] for row in TABLE]
)
def test_the_right_person_or_the_fall_back_is_reached_with_the_reason(
    store: Store, tmp_path: Path, name: str, place: County, planned: list[dict[str, Any]], swap: dict[str, Any] | None,
    moment: datetime, recipient: str, why: str,
) -> None:  # fmt: skip
    office = office_of(store, tmp_path, place)
    office.enters(*planned)
    if swap is not None:
        hours = {key: value for key, value in swap.items() if key != "mail"}
        taker = Contact("乙", swap.get("mail", "yi@qinghe.example"), "0000-2")
        morning = at("2026-01-20T09:00")
        number = ask_swap(office.ledger, 1, taker, by="zhou", at=morning, reason="家中有事", **hours)
        agree_swap(office.ledger, number, by="wu", at=morning, reason="同意")
    office.opens(moment)
    leads = [row for row in office.messages(Occasion.FIRST) if row["data"].get("role") == "lead"]
    assert [row["recipient"] for row in leads] == [recipient]
    assert why in leads[0]["data"]["why_you"]


CALLED: list[tuple[str, County, str, str]] = [
    ("department not in the county", NO_HOUSING, "qx_office@qinghe.example", "qx_office-phone"),
    ("department has a phone only", ONLY_PHONE, "qx_office@qinghe.example", "值班电话 0000-9"),
    ("nobody but one", NOBODY, "gonghui@qinghe.example", "未登记电话"),
]


@pytest.mark.parametrize(("name", "place", "recipient", "number"), CALLED, ids=[row[0] for row in CALLED])
def test_where_nobody_can_be_written_to_the_stand_in_is_and_the_call_is_a_task(
    store: Store, tmp_path: Path, name: str, place: County, recipient: str, number: str
) -> None:
    office = office_of(store, tmp_path, place)
    office.opens(NOON)
    told = office.messages(Occasion.FIRST)
    assert recipient in {row["recipient"] for row in told if row["channel"] == "mail"}
    (call,) = [row for row in told if row["channel"] == "phone" and row["department"] == "housing"]
    assert "仍须电话通知" in call["reason"]
    assert number in call["reason"]


def test_a_swap_that_was_taken_back_leaves_the_one_who_was_planned(office: Office) -> None:
    from monitor.ledger.duty import undo_swap

    office.enters(shift(*DAY))
    number = ask_swap(office.ledger, 1, Contact("乙", "yi@qinghe.example"), by="zhou", at=at("2026-01-20T07:00"),
                      reason="家中有事")  # fmt: skip
    agree_swap(office.ledger, number, by="wu", at=at("2026-01-20T07:10"), reason="同意")
    undo_swap(office.ledger, number, by="wu", at=at("2026-01-20T07:20"), reason="不用换了")
    office.opens(NOON)
    assert office.messages(Occasion.FIRST)[0]["recipient"] == "jia@qinghe.example"


def test_a_gap_is_told_seven_days_ahead_to_the_office_and_the_department(office: Office) -> None:
    office.enters(
        shift("2026-01-20T08:00", "2026-01-26T08:00"),
        shift("2026-01-20T00:00", "2026-01-29T00:00", "丙", "qx_office"),
    )

    def told(moment: datetime) -> list[tuple[str, str]]:
        found = of_roster(office.store, office.config, matrix(), Calendar(), moment)
        return [(one.recipient, one.reason) for one in found]

    first = told(NOON)
    assert [recipient for recipient, _ in first] == ["bing@qinghe.example", "jia@qinghe.example"]
    assert "自2026-01-26 08:00至2026-01-27 12:00无人值班" in first[0][1]
    office.enters(shift("2026-01-26T08:00", "2026-02-20T08:00", "乙"))
    assert told(NOON) == []


# ------------------------------------------------------------------ 交班说明
def test_every_change_of_shift_leaves_one_note_mailed_to_who_comes(office: Office) -> None:
    office.enters(
        shift("2026-01-20T08:00", "2026-01-20T20:00", "甲", "qx_office"),
        shift("2026-01-20T20:00", "2026-01-21T08:00", "乙", "qx_office"),
    )
    incident = office.opens(NOON, text="锦禾苑三期甲木建工欠我们120个工人46万元，我们要堵路")
    assert office.round(at("2026-01-20T19:59"))["handovers"] == 1  # the morning's, made up for
    assert office.round(at("2026-01-20T20:01"))["handovers"] == 1
    assert office.round(at("2026-01-20T20:02"))["handovers"] == 0
    with office.store.read() as c:
        evening, morning = shifts.handovers_since(c, at("2026-01-20T00:00"))
        assert verify(c).whole
        acts = [row["actor"] for row in rows.rows(c) if row["act"] == "handover"]
    assert (evening["leaving"], evening["coming"], evening["zero"]) == ("甲", "乙", False)
    assert incident in evening["text"]
    assert "红级1件" in evening["text"]
    assert morning["leaving"] == ""
    assert acts == ["machine", "machine"]
    mail = office.messages(Occasion.HANDOVER)[-1]
    assert mail["recipient"] == "yi@qinghe.example"
    body = compose(mail, sender="x@office.example", base_url="https://x.example").get_body(("plain",))
    assert body is not None
    assert incident in body.get_content()
    take_handover(office.ledger, evening["id"], by="wu", at=at("2026-01-20T20:05"), reason="接收")
    with office.store.read() as c:
        assert shifts.handovers_since(c, at("2026-01-20T00:00"))[0]["taken_by"] == "wu"


def test_a_quiet_shift_hands_over_a_zero_report_and_a_swap_is_a_change_too(office: Office) -> None:
    office.enters(shift(*DAY, "甲", "qx_office"))
    office.round(at("2026-01-20T08:00"))
    number = ask_swap(office.ledger, 1, Contact("乙", "yi@qinghe.example"), by="zhou", at=at("2026-01-20T09:00"),
                      reason="家中有事", starts_at=at("2026-01-20T12:00"), ends_at=at("2026-01-20T18:00"))  # fmt: skip
    agree_swap(office.ledger, number, by="wu", at=at("2026-01-20T09:05"), reason="同意")
    office.round(at("2026-01-20T12:00"))
    office.round(at("2026-01-20T18:00"))
    with office.store.read() as c:
        notes = shifts.handovers_since(c, at("2026-01-20T00:00"))
    assert [(one["leaving"], one["coming"], one["zero"]) for one in reversed(notes)] == [
        ("", "甲", True),
        ("甲", "乙", True),
        ("乙", "甲", True),
    ]
    assert "零报告" in notes[0]["text"]


def test_a_department_is_handed_over_its_own_cases_only(office: Office) -> None:
    office.enters(shift(*DAY, "甲", "housing"), shift(*DAY, "乙", "water"))
    incident = office.opens(at("2026-01-20T07:00"))
    office.round(at("2026-01-20T08:00"))
    with office.store.read() as c:
        texts = {row["department"]: row["text"] for row in shifts.handovers_since(c, at("2026-01-20T00:00"))}
    assert incident in texts["housing"]
    assert incident not in texts["water"]
    remove_shifts(office.ledger, [1, 2], by="zhou", at=NOON, reason="改排")
    assert office.round(NOON)["handovers"] == 0


def test_who_answers_for_one_town_is_told_of_its_cases_only(store: Store, tmp_path: Path) -> None:
    """属地: first warnings, hand-over notes and the report before 除夕 of a department whose people share out towns."""
    people = {"town": (Contact("青石镇值班", "qingshi@qinghe.example", town="青石镇"),)}
    place = replace(county(), contacts={**county().contacts, **people})
    office = office_of(store, tmp_path, place)
    office.enters(
        {**shift("2026-02-09T08:00", "2026-02-11T08:00", "柳溪班", "town"), "mail": "liuxi@qinghe.example",
         "town": "柳溪镇"},
    )  # fmt: skip
    moment, cases = at("2026-02-10T07:00"), {}
    texts = {
        "青石镇": "青石镇砖窑上搬砖的3个人工资4万元一直拖着",
        "柳溪镇": "柳溪镇菌菇大棚摘菇，说好月结，8个人到现在没见到钱",
    }
    for number, (town, text) in enumerate(texts.items()):
        one = reading(f"t{number}", at=moment, text=text, url=f"https://bbs.qinghe.example/t/{number}")
        cases[town] = office.ledger.record(joined(one, moment)).incident
        office.ledger.record(
            by("zhou", "correct", cases[town], moment, facts={"town": town, "employer": f"第{number}砖厂"})
        )  # fmt: skip
        office.ledger.record(by("zhou", "reassign", cases[town], moment, lead="town", co=["hrss"]))
    told = [
        row
        for occasion in (Occasion.FIRST, Occasion.REASSIGNED)  # farms are the town's from the first
        for row in office.messages(occasion)
        if row["department"] == "town"
    ]
    assert {row["recipient"]: row["incident"] for row in told} == {
        "qingshi@qinghe.example": cases["青石镇"], "liuxi@qinghe.example": cases["柳溪镇"],
    }  # fmt: skip
    office.round(at("2026-02-10T09:00"))
    other = {"qingshi@qinghe.example": cases["柳溪镇"], "liuxi@qinghe.example": cases["青石镇"]}
    for occasion in (Occasion.HANDOVER, Occasion.EVE_REPORT):
        for row in office.messages(occasion):
            if row["recipient"] in other:
                assert other[row["recipient"]] not in "".join(row["data"]["lines"]), occasion
    reports = {row["recipient"]: row["data"]["lines"] for row in office.messages(Occasion.EVE_REPORT)}
    assert cases["青石镇"] in "".join(reports["qingshi@qinghe.example"])
    assert cases["柳溪镇"] in "".join(reports["liuxi@qinghe.example"])
    assert set(cases.values()) <= set(" ".join(reports["qx_office@qinghe.example"]).split())


# ------------------------------------------------------------------ 除夕前日报
def test_from_the_seventh_day_before_the_eve_every_open_case_is_reported_once_a_day(office: Office) -> None:
    incident = office.opens(at("2026-02-01T10:00"))
    found = {
        day: office.round(at(f"2026-02-{day:02d}T09:00"))["eve_reports"]
        for day in (8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    }
    assert found == {8: 0, 9: 2, 10: 2, 11: 2, 12: 2, 13: 2, 14: 2, 15: 2, 16: 2, 17: 0}
    assert office.round(at("2026-02-12T23:00"))["eve_reports"] == 0
    told = office.messages(Occasion.EVE_REPORT)
    assert {row["recipient"] for row in told} == {"housing@qinghe.example", "qx_office@qinghe.example"}
    first = next(row for row in told if row["department"] == "housing")
    assert "距除夕7日" in first["reason"]
    assert incident in "".join(first["data"]["lines"])
    body = compose(first, sender="x@office.example", base_url="https://x.example").get_body(("plain",))
    assert body is not None
    assert body.get_content().count(incident) == 1
    assert "硬停时限" in next(row for row in told if "距除夕1日" in row["reason"])["data"]["lines"][0]


def test_the_report_waits_for_the_morning_and_names_what_is_late_first(office: Office) -> None:
    late = office.opens(at("2026-01-05T10:00"))
    fresh = office.opens(at("2026-02-12T10:00"), name="q", text="望江里二期工地，丙木建工拖欠我们9个工人工资一共5万元")
    assert late != fresh
    office.ledger.record(by("zhou", "note", late, at("2026-02-12T10:00"), reason="催办"))
    assert office.round(at("2026-02-13T07:59"))["eve_reports"] == 0
    assert office.round(at("2026-02-13T08:00"))["eve_reports"] == 2
    lines = next(row for row in office.messages(Occasion.EVE_REPORT) if row["department"] == "housing")["data"]["lines"]
    assert [late in lines[0], "已超期" in lines[0], fresh in lines[1]] == [True, True, True]


@pytest.mark.parametrize("moment", ["2026-01-20T12:00", "2026-02-14T23:00"])
def test_in_a_campaign_no_resolution_is_due_after_the_day_before_the_eve(office: Office, moment: str) -> None:
    office.ledger.county = replace(county(), campaigns=((at("2025-11-01T00:00"), at("2026-02-17T00:00")),))
    incident = office.opens(at(moment), text="锦禾苑三期甲木建工欠我3个月工资一共4千元")
    with office.store.read() as c:
        from monitor.store import incidents

        due = next(row["due_at"] for row in incidents.clocks_of(c, incident) if row["name"] == "resolve")
    assert due <= at("2026-02-15T23:59:59")


def test_a_pause_begun_before_the_campaign_carries_no_resolution_past_its_hard_stop(office: Office) -> None:
    from monitor.store import incidents

    office.ledger.county = replace(county(), campaigns=((at("2025-11-01T00:00"), at("2026-02-17T00:00")),))
    incident = office.opens(at("2025-10-30T10:00"), text="锦禾苑三期甲木建工欠我3个月工资一共4千元")
    office.ledger.record(by("zhou", "pause", incident, at("2025-10-31T10:00"), reason="等法院裁定"))
    office.ledger.record(by("zhou", "resume", incident, at("2026-02-10T10:00"), reason="裁定已到"))
    with office.store.read() as c:
        clock = next(row for row in incidents.clocks_of(c, incident) if row["name"] == "resolve")
    assert clock["due_at"] == at("2026-02-15T23:59:59")
