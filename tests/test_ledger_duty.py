"""Swaps, silences, proofs and the roster as acts of the ledger: who is told follows at once, and the chain knows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import BOTH, NOON, by, joined, later, ledger_on, reading, stores
from sqlalchemy import Connection, create_engine, text

from monitor.errors import ForbiddenChange
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.ledger.duty import (
    agree_swap,
    ask_swap,
    begin_silence,
    end_silence,
    enter_shifts,
    file_proof,
    refuse_swap,
    remove_shifts,
    undo_swap,
)
from monitor.model import Contact, Occasion
from monitor.store import Store, incidents, outbox, retention, shifts, users
from monitor.store import ledger as rows

SHIFT = {
    "department": "housing", "starts_at": later(hours=-4), "ends_at": later(hours=20), "name": "甲",
    "mail": "jia@qinghe.example", "phone": "0000-1", "note": "",
}  # fmt: skip
YI = Contact("乙", "yi@qinghe.example", "0000-2")


@pytest.fixture(params=BOTH)
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    found = ledger_on(store)
    enter_shifts(found, [SHIFT], by="zhou", at=later(days=-1), reason="排班")
    return found


def read(ledger: Ledger, what: Callable[[Connection], Any]) -> Any:
    with ledger.store.read() as c:
        return what(c)


def rule(act: Callable[[], Any]) -> str:
    with pytest.raises(ForbiddenChange) as caught:
        act()
    return caught.value.rule


def opened(ledger: Ledger, at: datetime = NOON, **given: Any) -> str:
    incident = ledger.record(joined(reading(at=at, **given), at)).incident
    assert incident is not None
    return incident


def told(ledger: Ledger, incident: str, department: str = "housing") -> list[tuple[str, str]]:
    """(recipient, why this one) of a department's messages."""
    messages = read(ledger, lambda c: outbox.of_incident(c, incident))
    return [(row["recipient"], row["data"]["why_you"]) for row in messages if row["department"] == department]


def acts(ledger: Ledger) -> list[tuple[str, str, str]]:
    return read(ledger, lambda c: [(r["act"], r["actor"], r["data"]["input"].get("do", "")) for r in rows.rows(c)])


# ------------------------------------------------------------------ swaps
def swapped(ledger: Ledger, at: datetime = NOON, **given: Any) -> int:
    number = ask_swap(ledger, 1, YI, by="zhou", at=at, reason="家中有事", **given)
    agree_swap(ledger, number, by="wu", at=at, reason="电话确认，乙同意")
    return number


def test_a_swap_holds_when_both_have_agreed_and_who_is_told_follows_at_once(ledger: Ledger) -> None:
    number = ask_swap(ledger, 1, YI, by="zhou", at=NOON, reason="家中有事")
    assert told(ledger, opened(ledger))[0][0] == "jia@qinghe.example"
    agree_swap(ledger, number, by="wu", at=later(minutes=1), reason="电话确认")
    second = opened(
        ledger, later(minutes=2), name="q", text="望江里二期工地，丙木建工拖欠我们9个工人2个月工资一共5万元"
    )
    recipient, why = told(ledger, second)[0]
    assert recipient == "yi@qinghe.example"
    assert "甲由乙替班" in why
    assert "家中有事" in why
    assert read(ledger, verify).whole


def test_a_swap_may_be_swapped_on(ledger: Ledger) -> None:
    swapped(ledger)
    again = ask_swap(ledger, 1, Contact("丙", "bing@qinghe.example"), by="wu", at=NOON, reason="乙临时出警")
    agree_swap(ledger, again, by="zhou", at=NOON, reason="丙同意")
    assert told(ledger, opened(ledger))[0][0] == "bing@qinghe.example"


def test_a_swap_refused_or_taken_back_changes_nothing(ledger: Ledger) -> None:
    refused = ask_swap(ledger, 1, YI, by="zhou", at=NOON, reason="家中有事")
    refuse_swap(ledger, refused, by="wu", at=NOON, reason="乙另有任务")
    later_on = swapped(ledger, starts_at=later(hours=2))
    undo_swap(ledger, later_on, by="zhou", at=later(hours=1), reason="不用换了")
    assert told(ledger, opened(ledger, later(hours=3)))[0][0] == "jia@qinghe.example"
    states = [row["state"] for row in read(ledger, lambda c: shifts.swaps_shown(c, NOON))]
    assert sorted(states) == ["refused", "undone"]


SWAPS: list[tuple[str, dict[str, Any], str]] = [
    ("no such shift", {"shift": 9}, "swap_shift"),
    ("before the shift", {"starts_at": later(hours=-5)}, "swap_hours"),
    ("after the shift", {"ends_at": later(hours=21)}, "swap_hours"),
    ("over already", {"starts_at": later(hours=-3), "ends_at": later(hours=-1)}, "swap_hours"),
    ("backwards", {"starts_at": later(hours=2), "ends_at": later(hours=2)}, "swap_hours"),
    ("with oneself", {"taker": Contact("甲", "jia@qinghe.example")}, "swap_self"),
    ("with somebody no message reaches", {"taker": Contact("丁")}, "swap_reach"),
]


@pytest.mark.parametrize(("case", "given", "expected"), SWAPS, ids=[one[0] for one in SWAPS])
def test_what_is_no_swap_is_refused(ledger: Ledger, case: str, given: dict[str, Any], expected: str) -> None:
    given = {"shift": 1, "taker": YI, **given}
    shift, taker = given.pop("shift"), given.pop("taker")
    assert rule(lambda: ask_swap(ledger, shift, taker, by="zhou", at=NOON, reason="家中有事", **given)) == expected
    assert read(ledger, lambda c: shifts.swaps_shown(c, later(days=-9))) == []


def test_nobody_agrees_alone_nor_for_somebody_who_has_an_account(ledger: Ledger) -> None:
    number = ask_swap(ledger, 1, YI, by="zhou", at=NOON, reason="家中有事")
    words: dict[str, Any] = {"at": NOON, "reason": "同意"}
    assert rule(lambda: agree_swap(ledger, number, by="zhou", **words)) == "swap_both"
    ledger.store.unit(lambda c: users.add_user(c, "yi", display="乙", password="x", role="duty"))
    assert rule(lambda: agree_swap(ledger, number, by="wu", **words)) == "swap_not_yours"
    assert rule(lambda: ask_swap(ledger, 1, YI, by="zhou", at=NOON, reason="再提一次")) == "swap_double"
    agree_swap(ledger, number, by="yi", **words)
    assert rule(lambda: agree_swap(ledger, number, by="wu", **words)) == "swap_settled"
    assert rule(lambda: undo_swap(ledger, number, by="zhou", at=later(hours=1), reason="x")) == "swap_began"


def test_a_removed_shift_takes_its_swaps_with_it(ledger: Ledger) -> None:
    number = swapped(ledger, starts_at=later(hours=3))
    assert remove_shifts(ledger, [1, 77], by="zhou", at=NOON, reason="改排") == 1
    assert read(ledger, lambda c: shifts.swap(c, number))["state"] == "undone"
    assert read(ledger, lambda c: shifts.between(c, NOON, later(days=9))) == []


# ------------------------------------------------------------------ silences
def silenced(ledger: Ledger, **given: Any) -> int:
    values: dict[str, Any] = {"by": "zhou", "at": NOON, "reason": "专班已在现场处置", "until": later(hours=6)}
    return begin_silence(ledger, **{**values, **given})


def kept_back(ledger: Ledger, incident: str) -> list[dict[str, Any]]:
    messages = read(ledger, lambda c: outbox.of_incident(c, incident))
    return [row for row in messages if row["state"] == "digest"]


def test_what_a_silence_keeps_back_names_its_number_and_reason(ledger: Ledger) -> None:
    incident = opened(ledger)
    before = len(read(ledger, lambda c: outbox.of_incident(c, incident)))
    number = silenced(ledger, incident=incident, occasions=["due_soon", "unacknowledged"])
    ledger.escalate_due(later(hours=3))
    found = kept_back(ledger, incident)
    assert found
    assert {row["occasion"] for row in found} <= {"due_soon", "unacknowledged"}
    assert all(row["data"]["silence"] == number and "专班已在现场处置" in row["last_error"] for row in found)
    assert all("zhou" in row["last_error"] and f"静默{number}号" in row["last_error"] for row in found)
    assert len(read(ledger, lambda c: outbox.of_incident(c, incident))) == before + len(found)
    assert ("silence", "zhou", "begin") in acts(ledger)


def test_a_silence_ends_by_itself(ledger: Ledger) -> None:
    incident = opened(ledger)
    silenced(ledger, incident=incident, until=later(minutes=30))
    assert read(ledger, lambda c: shifts.silences_at(c, later(minutes=29)))
    assert not read(ledger, lambda c: shifts.silences_at(c, later(minutes=30)))
    ledger.escalate_due(later(hours=3))
    assert kept_back(ledger, incident) == []
    listed = read(ledger, lambda c: shifts.silences_between(c, later(hours=-1), later(days=1)))
    assert [row["incident"] for row in listed] == [incident]


def test_a_first_warning_that_was_kept_back_goes_out_when_the_silence_is_over(ledger: Ledger) -> None:
    silenced(ledger, department="housing", until=later(minutes=20))
    incident = opened(ledger)
    assert {row["department"] for row in kept_back(ledger, incident)} == {"housing"}
    before = {row["key"] for row in read(ledger, lambda c: outbox.of_incident(c, incident)) if row["state"] == "queued"}
    ledger.escalate_due(later(minutes=21))
    assert kept_back(ledger, incident) == []
    sent = [row for row in read(ledger, lambda c: outbox.of_incident(c, incident)) if row["key"] not in before]
    assert [(row["occasion"], row["recipient"]) for row in sent] == [("first", "jia@qinghe.example")]
    assert sent[0]["data"]["token"]
    assert "已结束" in sent[0]["reason"]
    ledger.escalate_due(later(minutes=22))
    assert read(ledger, lambda c: shifts.silences_over(c, later(minutes=22))) == []
    assert read(ledger, verify).whole


def test_a_call_that_a_silence_kept_back_is_on_record_and_is_made_when_it_ends(store: Store) -> None:
    """A department with a telephone alone: what was not to be called about had left no row at all."""
    found = ledger_on(store)
    found.county = replace(
        found.county, contacts={**found.county.contacts, "housing": (Contact("甲", None, "0000-1"),)}
    )
    number = silenced(found, department="housing", until=later(minutes=20))
    incident = opened(found)
    [call] = [row for row in kept_back(found, incident) if row["channel"] == "phone"]
    assert (call["department"], call["occasion"], call["data"]["silence"]) == ("housing", "first", number)
    assert "专班已在现场处置" in call["last_error"]
    listed = read(found, lambda c: outbox.put_aside(c, later(days=-1), later(days=1)))
    assert call["id"] in {row["id"] for row in listed}, "the digest tells of it"
    found.escalate_due(later(minutes=21))
    after = read(found, lambda c: outbox.one(c, call["id"]))
    assert (after["state"], after["last_error"]) == ("queued", None)


def test_kept_back_by_a_second_silence_it_goes_out_when_that_one_ends(ledger: Ledger) -> None:
    silenced(ledger, department="housing", until=later(minutes=20))
    incident = opened(ledger)
    second = silenced(ledger, department="housing", at=later(minutes=19), until=later(hours=3), reason="仍在现场处置")
    ledger.escalate_due(later(minutes=21))
    [row] = [row for row in kept_back(ledger, incident) if row["occasion"] == "first"]
    assert (row["data"]["silence"], row["created_at"]) == (second, later(minutes=21))
    assert "仍在现场处置" in row["last_error"]
    ledger.escalate_due(later(hours=4))
    assert read(ledger, lambda c: outbox.one(c, row["id"]))["state"] == "queued"


def test_who_has_answered_meanwhile_is_not_told_again(ledger: Ledger) -> None:
    silenced(ledger, department="housing", until=later(minutes=20))
    incident = opened(ledger)
    for row in read(ledger, lambda c: incidents.assignments_of(c, incident)):
        ledger.record(by("li", "acknowledge", incident, later(minutes=5), department=row["department"]))
    ledger.escalate_due(later(minutes=21))
    assert {row["occasion"] for row in kept_back(ledger, incident)} == {"first"}


def test_a_silence_of_one_department_leaves_the_others(ledger: Ledger) -> None:
    silenced(ledger, department="housing")
    incident = opened(ledger)
    messages = read(ledger, lambda c: outbox.of_incident(c, incident))
    assert {row["department"] for row in messages if row["state"] == "digest"} == {"housing"}
    assert {row["department"] for row in messages if row["state"] == "queued"} >= {"qx_office"}


@pytest.mark.parametrize("text", ["锦禾苑三期甲木建工欠我们120个工人46万元，我们要堵路", "再不给钱我就从塔吊上跳下去"])
def test_red_and_danger_to_life_go_out_whatever_is_silenced(ledger: Ledger, text: str) -> None:
    silenced(ledger, department="housing")
    silenced(ledger, occasions=[one.value for one in Occasion])
    incident = opened(ledger, text=text, life_risk="塔吊" in text)
    assert kept_back(ledger, incident) == []
    assert rule(lambda: silenced(ledger, incident=incident)) == "silence_red"


SILENCES: list[tuple[dict[str, Any], str]] = [
    ({"reason": "忙"}, "silence_reason"),
    ({"until": NOON}, "silence_until"),
    ({"until": later(days=8)}, "silence_until"),
    ({}, "silence_scope"),
    ({"department": "天文台"}, "silence_unknown"),
    ({"occasions": ["noise"]}, "silence_unknown"),
    ({"incident": "QX-2026-0009"}, "unknown_incident"),
]


@pytest.mark.parametrize(("given", "expected"), SILENCES)
def test_what_is_no_silence_is_refused(ledger: Ledger, given: dict[str, Any], expected: str) -> None:
    assert rule(lambda: silenced(ledger, **given)) == expected
    assert read(ledger, lambda c: shifts.silences_between(c, later(days=-1), later(days=9))) == []


def test_a_silence_is_ended_early_once(ledger: Ledger) -> None:
    number = silenced(ledger, department="housing")
    end_silence(ledger, number, by="wu", at=later(hours=1), reason="处置完毕")
    assert rule(lambda: end_silence(ledger, number, by="wu", at=later(hours=2), reason="再来")) == "silence_over"
    assert read(ledger, lambda c: shifts.silences_at(c, later(hours=2))) == []


# ------------------------------------------------------------------ the chain knows of all of it
def test_roster_and_proofs_are_acts_of_the_chain(ledger: Ledger) -> None:
    incident = opened(ledger)
    body = b"%PDF-1.4 slip"
    number = file_proof(
        ledger, incident, by="li", at=later(hours=1), reason="存入支付凭证", name="slip.pdf", purpose="payment",
        media_type="application/pdf", sha256="ab" * 32, body=body,
    )  # fmt: skip
    (kept,) = read(ledger, lambda c: incidents.files_of(c, incident))
    assert (kept["id"], kept["by"], kept["sha256"]) == (number, "li", "ab" * 32)
    written = [row for row in read(ledger, lambda c: incidents.history(c, incident)) if row["act"] == "file"]
    assert written[0]["data"]["input"] == {
        "file": number, "media_type": "application/pdf", "sha256": "ab" * 32,
        "purpose": "payment", "bytes": len(body),
    }  # fmt: skip
    assert acts(ledger)[0] == ("roster", "zhou", "enter")
    assert read(ledger, verify).whole
    refused = rule(lambda: file_proof(ledger, "QX-2026-0009", by="li", at=NOON, reason="x", name="a", body=b""))
    assert refused == "unknown_incident"


def test_a_call_is_written_down_and_one_that_was_answered_does_the_duty(ledger: Ledger) -> None:
    incident = opened(ledger, text="锦禾苑三期甲木建工欠我们120个工人46万元，我们要堵路")
    words: dict[str, Any] = {"department": "police", "name": "指挥中心", "clock": "phone_report"}
    ledger.record(by("zhou", "call", incident, reason="第一次拨打", outcome="no_answer", **words))
    assert "phone_report" in undone(ledger, incident)
    ledger.record(by("zhou", "call", incident, reason="已告知，派员到场", outcome="reached", **words))
    assert "phone_report" not in undone(ledger, incident)
    calls = read(ledger, lambda c: incidents.one(c, incident))["closeout"]["calls"]
    assert [(one["name"], one["outcome"], one["by"]) for one in calls] == [
        ("指挥中心", "no_answer", "zhou"),
        ("指挥中心", "reached", "zhou"),
    ]
    assert rule(lambda: ledger.record(by("zhou", "call", incident, **words, outcome="maybe"))) == "data_wrong"


def undone(ledger: Ledger, incident: str) -> set[str]:
    return {row["name"] for row in read(ledger, lambda c: incidents.clocks_of(c, incident)) if row["done_at"] is None}


def test_only_a_person_changes_the_roster(ledger: Ledger) -> None:
    assert rule(lambda: enter_shifts(ledger, [SHIFT], by="machine", at=NOON, reason="x")) == "machine_may_not"
    assert len(read(ledger, lambda c: shifts.between(c, NOON, later(days=1)))) == 1


# ------------------------------------------------------------------ 回头看
def closed(ledger: Ledger, at: datetime = NOON) -> str:
    """An incident closed as 不实 at a moment, by the shortest lawful way."""
    incident = opened(ledger, at)
    ledger.record(by("li", "accept", incident, at, department="housing"))
    ledger.record(by("li", "verify", incident, at, verification="false"))
    ledger.record(by("wang", "verify", incident, at, verification="false"))
    ledger.record(by("li", "reply", incident, at, url="https://bbs.qinghe.example/t/1#2"))
    ledger.record(by("li", "close", incident, at, code="C8", leader="林副县长", appeal="县治欠办窗口"))
    ledger.record(by("zhou", "approve", incident, at))
    return incident


def asked(ledger: Ledger, incident: str) -> list[tuple[str, str, str]]:
    messages = read(ledger, lambda c: outbox.of_incident(c, incident))
    return [
        (row["occasion"], row["department"], row["data"]["clock"])
        for row in messages
        if row["data"].get("clock", "").startswith("look_back")
    ]


def test_the_lead_is_asked_to_look_back_on_the_seventh_day_and_the_office_hears_when_nobody_did(
    ledger: Ledger,
) -> None:
    incident = closed(ledger)  # Tuesday the 20th of January
    ledger.escalate_due(later(days=7, seconds=-1))
    assert asked(ledger, incident) == []
    ledger.escalate_due(later(days=7))
    assert asked(ledger, incident) == [("look_back", "housing", "look_back_7")]
    ledger.escalate_due(later(days=7, hours=1))
    assert len(asked(ledger, incident)) == 1
    (due,) = read(ledger, lambda c: incidents.closed_without_look_back(c, later(days=8)))
    assert (due["id"], due["day"], due["late"]) == (incident, 7, False)
    assert due["asked_at"] == later(days=7)
    assert due["due_at"].astimezone().date() >= later(days=10).date()  # three working days: Wed, Thu, Fri
    ledger.escalate_due(later(days=11))
    assert ("overdue", "qx_office", "look_back_7") in asked(ledger, incident)
    assert read(ledger, lambda c: incidents.closed_without_look_back(c, later(days=11)))[0]["late"]
    ledger.record(by("li", "look_back", incident, later(days=11), day=7, recurred=False))
    assert read(ledger, lambda c: incidents.closed_without_look_back(c, later(days=29))) == []
    ledger.escalate_due(later(days=30))
    assert asked(ledger, incident)[-1] == ("look_back", "housing", "look_back_30")
    message = read(ledger, lambda c: outbox.of_incident(c, incident))[-1]
    assert "30日回头看" in message["reason"]
    assert "有无又欠" in message["reason"]


def test_a_case_closed_twice_is_looked_back_on_twice(ledger: Ledger) -> None:
    incident = closed(ledger)
    ledger.escalate_due(later(days=7))
    ledger.record(by("zhou", "reopen", incident, later(days=8), reason="工人来电又欠"))
    assert read(ledger, lambda c: incidents.closed_without_look_back(c, later(days=60))) == []
    for act, given in (
        ("accept", {"department": "housing"}), ("reply", {}),
        ("close", {"code": "C8", "leader": "林副县长", "appeal": "县治欠办窗口"}),
    ):  # fmt: skip
        ledger.record(by("li", act, incident, later(days=9), **given))
    ledger.record(by("zhou", "approve", incident, later(days=9)))
    ledger.escalate_due(later(days=16))
    assert [one for one in asked(ledger, incident) if one[0] == "look_back"] == [
        ("look_back", "housing", "look_back_7"),
        ("look_back", "housing", "look_back_7"),
    ]
    assert read(ledger, verify).whole


# ------------------------------------------------------------------ the tables beside the chain
def tampered(ledger: Ledger, statement: str) -> list[str]:
    said = statement if ledger.store.sqlite else statement.replace("x'00'", "cast('a' as bytea)")
    ledger.store.unit(lambda c: c.execute(text(said)))
    return [one.problem for one in read(ledger, lambda c: verify(c, bodies=True)).breaks]


TAMPERED: list[tuple[str, str]] = [
    ("update shifts set phone = '0000-9' where id = 1", "is not in the roster as it was entered"),
    ("delete from shifts", "is not in the roster as it was entered"),
    ("update swaps set name = '丁' where id = 1", "swap 1 differs from its history in name"),
    ("update swaps set state = 'undone' where id = 1", "swap 1 differs from its history in state"),
    ("delete from swaps", "swap 1 is missing"),
    ("update silences set department = NULL where id = 1", "silence 1 differs from its history in department"),
    ("insert into silences (author, reason, starts_at, until, occasions, released) select author, reason, starts_at, "
     "until, occasions, released from silences", "silence 2 was never entered"),
    ("update files set sha256 = 'cd'", "proof 1 is missing or was exchanged"),
    ("delete from files", "proof 1 is missing or was exchanged"),
    ("update files set body = x'00'", "the content of proof 1 was exchanged"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "problem"), TAMPERED, ids=[one[1][:40] + one[0][:10] for one in TAMPERED])
def test_what_was_changed_past_the_ledger_is_found(ledger: Ledger, statement: str, problem: str) -> None:
    incident = opened(ledger)
    swapped(ledger)
    silenced(ledger, department="housing")
    body = b"%PDF-1.4 slip"
    file_proof(
        ledger, incident, by="li", at=NOON, reason="存入凭证", name="a.pdf", purpose="payment", body=body,
        media_type="application/pdf", sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    assert read(ledger, lambda c: verify(c, bodies=True)).whole
    (found,) = tampered(ledger, statement)
    assert problem in found


def test_the_tables_agree_after_every_lawful_act(ledger: Ledger) -> None:
    number = swapped(ledger, starts_at=later(hours=3))
    undo_swap(ledger, number, by="zhou", at=later(hours=1), reason="不用换了")
    again = swapped(ledger, starts_at=later(hours=4))
    refused = ask_swap(ledger, 1, Contact("丙", "bing@qinghe.example"), by="wu", at=NOON, reason="再换",
                       starts_at=later(hours=2), ends_at=later(hours=3))  # fmt: skip
    refuse_swap(ledger, refused, by="zhou", at=NOON, reason="不换")
    end_silence(ledger, silenced(ledger, department="housing"), by="wu", at=later(hours=1), reason="处置完毕")
    remove_shifts(ledger, [1], by="zhou", at=later(hours=2), reason="改排")
    enter_shifts(ledger, [SHIFT, SHIFT], by="zhou", at=later(hours=2), reason="重排")
    assert read(ledger, lambda c: shifts.swap(c, again))["state"] == "undone"
    assert read(ledger, lambda c: verify(c, bodies=True)).breaks == ()


def test_silences_and_swaps_are_forgotten_after_their_time_and_the_ledger_misses_none(ledger: Ledger) -> None:
    for part in ({"ends_at": later(hours=2)}, {"starts_at": later(hours=2)}):
        swapped(ledger, **part)
        end_silence(ledger, silenced(ledger, department="housing"), by="wu", at=later(hours=1), reason="处置完毕")

    def left(days: int) -> Any:
        ledger.store.unit(lambda c: retention.purge(c, later(days=days)))
        return read(ledger, lambda c: (len(shifts.every(c, "silences")), len(shifts.every(c, "swaps"))))

    def carrying() -> int:
        """Rows of the ledger that still carry a swap: two of each, asked and agreed."""
        return len(read(ledger, lambda c: [1 for _, given in rows.inputs(c, "roster") if "swap" in given]))

    assert carrying() == 4
    assert left(900) == (2, 1)  # a silence whose end nobody has looked at yet stays
    assert carrying() == 2  # names and phones of the one that is gone went with it, its digests stay in the chain
    last = read(ledger, lambda c: rows.recent(c, 1))[0]
    assert (last["data"]["input"]["forgotten"], last["data"]["input"]["numbers"]) == ("swaps", [1])
    for number in (1, 2):
        ledger.store.unit(lambda c, number=number: shifts.released(c, number))
    assert left(390) == (2, 1)
    assert left(402) == (1, 1)  # the last of a table stays: its number must not be given again
    assert read(ledger, lambda c: verify(c, bodies=True)).whole
    silenced(ledger, department="housing", until=later(days=5))
    assert read(ledger, lambda c: verify(c, bodies=True)).whole


def test_a_database_of_the_first_version_keeps_its_roster(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    from monitor.store import open_store
    from monitor.store.migrate import FOLDER

    url = f"sqlite:///{tmp_path / 'old.db'}"
    old = create_engine(url)
    with old.begin() as c:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = c
        command.upgrade(config, "0001")
        c.execute(text(
            "insert into shifts (department, starts_at, ends_at, name, note) values "
            "('housing', '2026-01-20 00:00:00', '2026-01-21 00:00:00', '甲', '')"
        ))  # fmt: skip
    old.dispose()
    store = open_store(url)
    with store.read() as c:
        assert [row["name"] for row in shifts.between(c, later(days=-1), later(days=1))] == ["甲"]
        assert shifts.silences_at(c, NOON) == []
        assert verify(c).whole  # what was entered before these acts had rows cannot be judged
    store.close()
