"""Notifications: who, when and why; grouping, quiet hours, silences; red is never held back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.clocks import Calendar, start_clocks
from monitor.incidents.level import grade
from monitor.model import (
    Contact,
    County,
    Facts,
    Incident,
    IncidentState,
    Level,
    Occasion,
    Place,
    RegisterRow,
    Span,
    Verification,
)
from monitor.routing import load_matrix, route
from monitor.routing.duty import Duty, of_town
from monitor.routing.letter import Excerpt, Happened, Known
from monitor.routing.matters import Matter, notify
from monitor.routing.notifications import Decision, decide
from monitor.routing.policy import Silence
from monitor.routing.roster import Shift
from monitor.text import SHANGHAI

MATRIX = load_matrix()
COUNTY = County(
    code="990101",
    name="青禾县",
    register=(RegisterRow(kind="project", name="石鼓岭泵站除险加固", owner_department="water"),),
    contacts={
        one: (Contact(f"{one}值班", f"{one}@example.invalid"), Contact(f"{one}负责人", f"{one}-head@example.invalid"))
        for one in ("hrss", "qx_office", "housing", "water", "police", "gov_office", "town", "emergency", "owner")
    },
)
NOON = datetime(2026, 1, 12, 12, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 1, 12, 23, 30, tzinfo=SHANGHAI)
EXCERPT = Excerpt(
    post="p1", text="班组18个人，周**说一分没结", platform="douyin", url="https://example.invalid/1",
    reasons=(Span(7, 13, "一分没结"),), views=5200, reposts=40,
)  # fmt: skip


def incident(**given_: Any) -> Incident:
    facts = Facts(
        workers=18, amount_yuan=326_000.0, months=3.0, sector=given_.pop("sector", "building_municipal"),
        traits=given_.pop("traits", ("owner_arrears",)), project=given_.pop("project", "锦禾苑三期"),
        place=Place("", town="柳溪镇", in_area=True), missing=("employer",),
    )  # fmt: skip
    grading = grade(facts, severity=MATRIX.severity, life_risk=given_.get("life_risk", False))
    found = route(MATRIX, facts, grading=grading, county=COUNTY, life_risk=given_.get("life_risk", False))
    values: dict[str, Any] = {
        "id": "QX-2026-0001", "version": 1, "state": IncidentState.ASSIGNED,
        "verification": Verification.UNVERIFIED, "level": grading.level, "level_reasons": grading.reasons,
        "facts": facts, "title": "锦禾苑三期 18人 32.6万元", "opened_at": NOON, "updated_at": NOON,
        "lead": found.lead, "co": found.co,
    }  # fmt: skip
    return Incident(**{**values, **given_})


def duty(now: datetime = NOON, county: County = COUNTY, shifts: Sequence[Shift] = ()) -> Duty:
    return Duty(matrix=MATRIX, county=county, now=now, shifts=shifts)


def known(one: Incident, county: County = COUNTY, **given_: Any) -> Known:
    grading = grade(one.facts, severity=MATRIX.severity)
    found = route(MATRIX, one.facts, grading=grading, county=county, life_risk=one.life_risk)
    return Known(incident=one, route=found, **{"excerpts": [EXCERPT], **given_})


def decided(
    one: Incident, occasion: Occasion = Occasion.FIRST, *, now: datetime = NOON, county: County = COUNTY,
    silences: Sequence[Silence] = (), **given_: Any,
) -> Decision:  # fmt: skip
    return decide(known(one, county), Happened(occasion=occasion, **given_), duty(now, county), silences=silences)


def told(one: Decision) -> list[str]:
    return [message.recipient.split("@")[0] for message in one.send]


# ------------------------------------------------------------------ who
def test_first_alert_goes_to_lead_then_co_then_office() -> None:
    assert told(decided(incident())) == ["housing", "hrss", "town", "owner", "qx_office"]


def test_the_person_on_duty_is_the_one_who_is_told() -> None:
    contact = Contact("今晚值班", "tonight@example.invalid")
    shift = Shift(
        department="housing", starts_at=NOON - timedelta(hours=4), ends_at=NOON + timedelta(hours=4), contact=contact
    )
    message = decide(known(incident()), Happened(occasion=Occasion.FIRST), duty(shifts=[shift])).send[0]
    assert message.recipient == "tonight@example.invalid"
    assert "当班" in message.data["why_you"]


def test_a_case_goes_to_its_own_town_and_to_no_other() -> None:
    """属地管理: people of another town are neither written to nor on the phone list."""
    towns = (
        Contact("石鼓岭镇值班", "shiguling@example.invalid", "0000-1", town="石鼓岭镇"),
        Contact("联络群", "towns@example.invalid", "0000-2"),
        Contact("柳溪镇值班", "liuxi@example.invalid", "0000-3", town="柳溪镇"),
    )
    county = replace(COUNTY, contacts={**COUNTY.contacts, "town": towns})
    sent = decided(incident(traits=("collective_action",)), county=county).send
    assert [message.recipient for message in sent if message.department == "town"] == ["liuxi@example.invalid"]
    assert "石鼓岭" not in str([message.data for message in sent])
    assert [one.name for one in of_town(county, None).contacts["town"]] == ["联络群"], "the town is not known yet"
    assert [one.name for one in of_town(county, "柳溪镇").contacts["town"]] == ["柳溪镇值班", "联络群"]
    alone = replace(county, contacts={"town": towns[:1]})
    assert of_town(alone, "柳溪镇").contacts["town"] == towns[:1], "better another town than nobody"


def test_where_a_life_is_in_danger_the_police_of_the_next_town_are_better_than_none() -> None:
    far = (Contact("石鼓岭派出所", "shiguling@example.invalid", "0000-9", town="石鼓岭镇"),)
    county = replace(COUNTY, contacts={**COUNTY.contacts, "police": far})
    one = incident(traits=("self_harm",), level=Level.RED, life_risk=True)
    found = decided(one, county=county)
    assert "shiguling@example.invalid" in [message.recipient for message in found.send]
    assert of_town(county, "柳溪镇").contacts["police"] == (), "where nobody is in danger another department stands in"


def test_what_is_held_goes_to_the_office_only() -> None:
    assert told(decided(incident(state=IncidentState.HELD))) == ["qx_office"]


def test_what_is_held_but_threatens_a_life_also_calls_for_help() -> None:
    one = incident(state=IncidentState.HELD, traits=("self_harm", "project_payment"), life_risk=True)
    assert told(decided(one)) == ["qx_office", "police", "emergency", "gov_office"]


def test_the_unit_complained_of_is_told_nothing() -> None:
    one = incident(sector="water_works", project="石鼓岭泵站除险加固", lead="qx_office", co=("hrss", "town", "water"))
    for occasion in Occasion:
        assert not [name for name in told(decided(one, occasion, previous_lead="water")) if name.startswith("water")]


@pytest.mark.parametrize(
    ("step", "names"),
    [
        (0, ["housing"]),
        (1, ["housing", "housing-head", "qx_office", "qx_office-head"]),
        (2, ["housing", "housing-head", "qx_office", "qx_office-head", "gov_office", "gov_office-head"]),
    ],
)
def test_every_reminder_reaches_further(step: int, names: list[str]) -> None:
    found = told(decided(incident(), Occasion.UNACKNOWLEDGED, clock="acknowledge", step=step))
    assert set(names) <= set(found)
    assert found[0] == "housing"
    assert step > 0 or found == names


@pytest.mark.parametrize(
    ("occasion", "names"),
    [
        (Occasion.JOINED, {"housing", "qx_office"}),
        (Occasion.DUE_SOON, {"housing"}),
        (Occasion.OVERDUE, {"housing", "qx_office"}),
        (Occasion.OVERDUE_TWICE, {"housing", "qx_office", "gov_office"}),
        (Occasion.RETURNED, {"qx_office"}),
        (Occasion.REASSIGNED, {"housing", "water", "qx_office"}),
        (Occasion.RESOLVED, {"housing", "hrss", "town", "owner", "qx_office"}),
    ],
)
def test_who_is_told_of_what(occasion: Occasion, names: set[str]) -> None:
    assert set(told(decided(incident(), occasion, previous_lead="water"))) == names


def test_one_person_is_told_once() -> None:
    desk = Contact("一人多岗", "one@example.invalid")
    county = replace(COUNTY, contacts=dict.fromkeys(("housing", "hrss", "qx_office"), (desk,)))
    sent = decided(incident(), county=county).send
    assert [(message.recipient, message.department) for message in sent] == [("one@example.invalid", "housing")]


def test_nobody_who_can_be_written_to_is_said() -> None:
    county = replace(COUNTY, contacts={"qx_office": (Contact("治欠办", phone="0000-1"),)})
    one = incident()
    answer = decided(one, county=county)
    assert answer.send == ()
    assert {"housing", "qx_office"} <= set(answer.unreachable)
    calls = {message.department: message for message in answer.calls}
    assert set(calls) == set(answer.unreachable)
    assert {message.channel for message in calls.values()} == {"phone"}
    assert calls["qx_office"].recipient == MATRIX.name_of("qx_office")
    assert "治欠办 0000-1" in calls["qx_office"].data["call"]
    assert not any(message.data["stood_in"] for message in calls.values())
    assert len({message.data["once"] for message in calls.values()}) == 1
    assert calls["housing"].data["fact_sheet"]  # whoever reads it over the telephone needs no post
    again = decided(one, county=county, now=NIGHT)
    assert {message.key for message in again.calls} == {message.key for message in answer.calls}
    assert decided(one, Occasion.JOINED, county=county).calls == ()
    quiet = decided(one, county=county, silences=[silence(department="housing")])
    assert {message.department for message in quiet.calls} == set(calls) - {"housing"}


def test_who_comes_next_is_told_along() -> None:
    """The phone tree travels with the message: the outbox asks nobody who is to be told instead."""
    message = decided(incident()).send[0]
    assert (message.recipient, message.department) == ("housing@example.invalid", "housing")
    following = [one["recipient"].split("@")[0] for one in message.data["next"]]
    assert following[0] == "housing-head"  # the department's own people first, then who stands in
    assert len(following) == 4
    assert "housing值班未收到" in message.data["next"][0]["why"]
    reminder = decided(incident(), Occasion.UNACKNOWLEDGED, clock="acknowledge", step=1).send
    heads = {one.recipient: one.data["next"][0]["recipient"] for one in reminder if one.department == "housing"}
    assert "housing-head@example.invalid" in heads
    assert "housing-head@example.invalid" not in heads.values()  # told already


def test_who_is_complained_of_is_not_next_either() -> None:
    one = incident(sector="water_works", project="石鼓岭泵站除险加固", lead="qx_office", co=("hrss", "town", "water"))
    for message in decided(one).send:
        assert not [each for each in message.data["next"] if each["recipient"].startswith("water")]


def test_a_robot_is_a_second_way() -> None:
    county = replace(COUNTY, contacts={"housing": (Contact("值班", "h@example.invalid", robot="wecom-housing"),)})
    sent = decided(incident(), Occasion.DUE_SOON, county=county, clock="verify").send
    assert [(message.channel, message.recipient) for message in sent] == [
        ("mail", "h@example.invalid"),
        ("wecom", "wecom-housing"),
    ]


# ------------------------------------------------------------------ what
def test_a_message_holds_all_its_template_needs_as_plain_json() -> None:
    clocks = start_clocks(Level.YELLOW, NOON, calendar=Calendar())
    case = known(incident(), clocks=clocks, evidence={"快照": "https://example.invalid/e"})
    message = decide(case, Happened(occasion=Occasion.FIRST, reason="首次发现"), duty()).send[0]
    data = json.loads(json.dumps(message.data, ensure_ascii=False))
    assert data["lead"] == {"id": "housing", "name": "住房和城乡建设局"}
    assert data["articles"][0]["text"] == "《保障农民工工资支付条例》（国务院令第724号）第七条第二款"
    assert data["clocks"][0]["label"] == "签收"
    assert data["excerpts"][0]["reasons"] == [{"start": 7, "end": 13, "text": "一分没结"}]
    assert data["spread"] == {"posts": 1, "views": 5200, "comments": None, "reposts": 40}
    assert data["level_reasons"] == ["yellow:10-29人", "yellow:10万以上", "yellow:3个月且人均5000以上"]
    assert (data["what"], data["missing"], message.reason) == ("首次发现", ["employer"], "首次发现")


def test_who_stands_near_the_debtor_sees_the_fact_sheet_only() -> None:
    found = decide(known(incident(), evidence={"快照": "x"}), Happened(occasion=Occasion.FIRST), duty())
    messages = {message.department: message for message in found.send}
    assert messages["owner"].data["fact_sheet"]
    assert messages["owner"].data["excerpts"] == messages["owner"].data["evidence"] == []
    assert messages["housing"].data["excerpts"]


def test_the_phone_list_comes_with_people_and_numbers() -> None:
    police = (Contact("指挥中心", phone="0000-110"), Contact("带班局长", phone="0000-111"))
    county = replace(COUNTY, contacts={**COUNTY.contacts, "police": police})
    answer = decided(incident(traits=("self_harm",), life_risk=True), county=county)
    called = answer.send[0].data["notify_by_phone"][0]
    assert called["id"] == "police"
    assert called["contacts"][0] == {"name": "指挥中心", "phone": "0000-110"}
    assert "police" in answer.unreachable  # nobody there can be written to
    assert "police" in [one["id"] for one in answer.send[0].data["to_call"]]


# ------------------------------------------------------------------ when
def test_night_delays_yellow_to_the_morning_and_says_so() -> None:
    message = decided(incident(), now=NIGHT).send[0]
    assert message.not_before == datetime(2026, 1, 13, 7, 0, tzinfo=SHANGHAI)
    assert "静默时段" in message.data["delayed"][0]
    early = decided(incident(), now=datetime(2026, 1, 13, 6, 59, tzinfo=SHANGHAI)).send[0]
    assert early.not_before == message.not_before
    assert decided(incident(), now=datetime(2026, 1, 13, 7, 0, tzinfo=SHANGHAI)).send[0].not_before is None


@pytest.mark.parametrize("level", [Level.ORANGE, Level.RED])
def test_night_never_delays_what_is_due_in_minutes(level: Level) -> None:
    assert all(message.not_before is None for message in decided(incident(level=level), now=NIGHT).send)


def test_a_life_at_risk_is_never_delayed_whatever_the_level() -> None:
    assert decided(incident(level=Level.BLUE, life_risk=True), now=NIGHT).send[0].not_before is None


def test_joining_posts_are_one_message_a_window() -> None:
    window = [NOON + timedelta(minutes=minute) for minute in (0, 5, 29)]
    keys = {message.key for now in window for message in decided(incident(), Occasion.JOINED, now=now).send}
    assert len(keys) == 2  # lead and office
    first = decided(incident(), Occasion.JOINED, now=NOON).send[0]
    assert first.not_before == NOON + timedelta(minutes=30)
    later = decided(incident(), Occasion.JOINED, now=NOON + timedelta(minutes=30)).send[0]
    assert later.key != first.key


def test_a_message_of_the_same_moment_in_life_has_the_same_key() -> None:
    again = incident(version=7)
    assert [one.key for one in decided(incident()).send] == [one.key for one in decided(again, now=NIGHT).send]
    steps = {decided(incident(), Occasion.OVERDUE, clock="verify", step=step).send[0].key for step in (0, 1, 1)}
    assert len(steps) == 2
    raised = {decided(incident(version=version), Occasion.RAISED).send[0].key for version in (2, 3, 3)}
    assert len(raised) == 2


# ------------------------------------------------------------------ silences
def silence(**given_: Any) -> Silence:
    return Silence(**{"author": "值班长", "reason": "现场处置中", "until": NOON + timedelta(hours=1), **given_})


def test_a_silence_withholds_with_author_and_reason_until_it_ends() -> None:
    found = decided(incident(), Occasion.DUE_SOON, silences=[silence()])
    assert found.send == ()
    assert "值班长" in found.withheld[0].reason
    assert "现场处置中" in found.withheld[0].reason
    assert decided(incident(), Occasion.DUE_SOON, silences=[silence()], now=NOON + timedelta(hours=1)).send


@pytest.mark.parametrize(
    "scope", [{"incident": "QX-2026-0002"}, {"department": "hrss"}, {"occasions": (Occasion.JOINED,)}]
)
def test_a_silence_covers_only_what_it_names(scope: dict[str, Any]) -> None:
    assert decided(incident(), Occasion.DUE_SOON, silences=[silence(**scope)]).send


def test_red_is_never_silenced() -> None:
    found = decided(incident(level=Level.RED), silences=[silence()])
    assert "housing" in told(found)
    assert found.withheld == ()


def test_a_silence_needs_an_author_and_a_reason() -> None:
    with pytest.raises(ValueError, match="author"):
        silence(reason=" ")


# ------------------------------------------------------------------ the service itself
def test_a_gap_or_a_silent_feed_is_told_once_a_day_and_not_at_night() -> None:
    matter = Matter(occasion=Occasion.FEED_SILENT, subject="县论坛", reason="7天没有新帖", departments=("cyberspace",))
    noon, evening = (notify(matter, duty(now)) for now in (NOON, NOON + timedelta(hours=11)))
    assert [message.recipient for message in noon] == ["qx_office@example.invalid"]
    assert noon[0].key == evening[0].key
    assert evening[0].not_before == datetime(2026, 1, 13, 7, 0, tzinfo=SHANGHAI)
