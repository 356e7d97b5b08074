"""打击报复: who is told when a later post says of it, and that it is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import webhouse
from ledgerhouse import BOTH, by, joined, later, ledger_on, reading, slip, stores
from webhouse import House

from monitor.channels.mail import compose
from monitor.errors import ForbiddenChange
from monitor.ledger import Ledger
from monitor.model import RETALIATION, Occasion
from monitor.store import Store, incidents, outbox

DEBT = "锦禾苑三期工地，甲木建工拖欠我们{n}个工人3个月工资一共46万元，找项目部一直推"
SACKED = "锦禾苑三期工地，甲木建工拖欠我们23个工人3个月工资一共46万元。{who}去劳动局投诉以后被公司开除了，还被踢出群"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def told(store: Store, occasion: Occasion) -> dict[str, dict[str, Any]]:
    with store.read() as c:
        rows = [row for row in outbox.recent(c, 500) if row["occasion"] == occasion.value]
    return {row["recipient"]: row for row in rows}


def case(ledger: Ledger, workers: int = 33) -> str:
    """An orange case that knows of no retaliation."""
    return str(ledger.record(joined(reading("p1", DEBT.format(n=workers)))).incident)


def sacked(ledger: Ledger, incident: str, name: str = "p2", who: str = "有人") -> None:
    one = reading(name, SACKED.format(who=who), author="另一网友", url=f"https://bbs.qinghe.example/t/{name}")
    assert RETALIATION in one.facts.traits
    assert ledger.record(joined(one, later(hours=1))).incident == incident


def test_a_later_post_of_retaliation_is_told_to_the_police_at_once(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    assert "police@qinghe.example" not in told(store, Occasion.FIRST)
    sacked(ledger, incident)
    called = told(store, Occasion.CALLED_IN)
    assert set(called) == {"police@qinghe.example"}
    message = called["police@qinghe.example"]
    assert "因投诉被打击报复" in message["reason"]
    assert message["data"]["token"], "the department acknowledges by the mail's link like every other"
    assert set(told(store, Occasion.JOINED)) == {"housing@qinghe.example", "qx_office@qinghe.example"}
    sacked(ledger, incident, "p3")
    assert set(told(store, Occasion.CALLED_IN)) == {"police@qinghe.example"}
    with store.read() as c:
        given = [one for one in incidents.assignments_of(c, incident) if one["department"] == "police"]
    assert [(one["role"], one["state"]) for one in given] == [("co", "sent")]


def test_a_raise_tells_the_newly_called_once_not_twice(store: Store) -> None:
    ledger = ledger_on(store)
    text = "锦禾苑三期工地，甲木建工拖欠我们5个工人3个月工资一共2万元"
    incident = str(ledger.record(joined(reading("p1", text))).incident)
    one = reading("p2", f"{text}。我去劳动局投诉以后被公司开除了", author="乙", url="https://bbs.qinghe.example/t/2")
    assert ledger.record(joined(one, later(hours=1))).incident == incident
    assert "police@qinghe.example" in told(store, Occasion.RAISED)
    assert told(store, Occasion.CALLED_IN) == {}


def test_a_correction_that_calls_a_department_in_tells_it(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    ledger.record(by("zhou", "correct", incident, later(hours=1), facts={"traits": [RETALIATION]}))
    assert set(told(store, Occasion.CALLED_IN)) == {"police@qinghe.example"}


def test_the_mail_says_how_who_complained_is_protected_and_names_nobody(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    sacked(ledger, incident, who="工友李建国（13812345678）")
    mail = compose(
        told(store, Occasion.CALLED_IN)["police@qinghe.example"],
        sender="x@qinghe.example",
        base_url="https://x.example",
    )
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert "保护反映人" in text
        assert "不说是谁反映的" in text
        assert "李建国" not in text
        assert "13812345678" not in text
    first = compose(
        told(store, Occasion.FIRST)["housing@qinghe.example"], sender="x@qinghe.example", base_url="https://x"
    )
    assert "保护反映人" not in first.as_string()


def paid(ledger: Ledger, incident: str) -> None:
    ledger.record(by("li", "acknowledge", incident, later(hours=2), department="housing"))
    ledger.record(by("li", "verify", incident, later(hours=3), verification="true", workers=33, yuan=460_000))
    proof = slip(ledger, incident, later(hours=4))
    ledger.record(
        by("li", "pay", incident, later(hours=5), yuan=460_000, workers=33, proofs=[proof], confirmed=33)
    )  # fmt: skip
    ledger.record(by("li", "reply", incident, later(hours=6), url="https://bbs.qinghe.example/t/reply"))


def test_paid_wages_do_not_close_what_nobody_has_looked_into(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    sacked(ledger, incident)
    paid(ledger, incident)
    with pytest.raises(ForbiddenChange) as refused:
        ledger.record(by("li", "close", incident, later(hours=7), code="C1"))
    assert refused.value.rule == "close_retaliation"
    with pytest.raises(ForbiddenChange) as refused:
        ledger.record(by("li", "verify", incident, later(hours=8), verification="true", retaliation="perhaps"))
    assert refused.value.rule == "data_wrong"
    ledger.record(by("li", "verify", incident, later(hours=8), verification="true", retaliation="found"))
    ledger.record(by("li", "close", incident, later(hours=9), code="C1"))
    ledger.record(by("zhou", "approve", incident, later(hours=10)))
    with store.read() as c:
        row = incidents.one(c, incident)
    assert row is not None
    assert row["state"] == "closed"
    assert row["closeout"]["retaliation"]["finding"] == "found"


def test_a_case_opened_again_asks_anew(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    sacked(ledger, incident)
    paid(ledger, incident)
    ledger.record(by("li", "verify", incident, later(hours=8), verification="true", retaliation="none"))
    ledger.record(by("li", "close", incident, later(hours=9), code="C1"))
    ledger.record(by("zhou", "approve", incident, later(hours=10)))
    again = reading(
        "p9", SACKED.format(who="又有人"), author="丙", url="https://bbs.qinghe.example/t/9", at=later(days=2)
    )
    assert ledger.record(joined(again, later(days=2))).incident == incident
    with store.read() as c:
        row = incidents.one(c, incident)
    assert row is not None
    assert (row["state"], row["closeout"].get("retaliation")) == ("assigned", None)


def finding(store: Store, incident: str) -> str | None:
    with store.read() as c:
        row = incidents.one(c, incident)
    assert row is not None
    found: dict[str, str] = row["closeout"].get("retaliation") or {}
    return found.get("finding")


@pytest.mark.parametrize(("found", "after"), [("none", None), ("found", "found")])
def test_what_was_found_before_somebody_told_of_it_is_asked_anew(store: Store, found: str, after: str | None) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    ledger.record(by("li", "acknowledge", incident, later(minutes=5), department="housing"))
    ledger.record(by("li", "verify", incident, later(minutes=10), verification="true", retaliation=found))
    sacked(ledger, incident)
    assert finding(store, incident) == after


def elsewhere(ledger: Ledger) -> str:
    """Another case, of a post that tells of retaliation."""
    text = SACKED.format(who="有人").replace("锦禾苑三期", "望江台").replace("甲木建工", "丙川建设")
    other = reading("q1", text, author="丁", url="https://bbs.qinghe.example/t/q1")
    return str(ledger.record(joined(other)).incident)


def test_a_case_merged_into_another_takes_its_open_question_along(store: Store) -> None:
    ledger = ledger_on(store)
    target, second = case(ledger), elsewhere(ledger)
    assert second != target
    ledger.record(by("li", "acknowledge", target, later(minutes=5), department="housing"))
    ledger.record(by("li", "verify", target, later(minutes=10), verification="true", retaliation="none"))
    ledger.record(by("zhou", "merge", second, later(minutes=20), into=target))
    assert finding(store, target) is None


def test_what_is_merged_in_while_a_second_person_is_asked_stops_the_close(store: Store) -> None:
    ledger = ledger_on(store)
    target, second = case(ledger), elsewhere(ledger)
    paid(ledger, target)
    ledger.record(by("li", "close", target, later(hours=7), code="C1"))
    ledger.record(by("zhou", "merge", second, later(hours=8), into=target))
    with pytest.raises(ForbiddenChange) as refused:
        ledger.record(by("zhou", "approve", target, later(hours=9)))
    assert refused.value.rule == "close_retaliation"
    ledger.record(by("zhou", "reopen", target, later(hours=10)))


def test_a_case_without_it_closes_as_before(store: Store) -> None:
    ledger = ledger_on(store)
    incident = case(ledger)
    paid(ledger, incident)
    ledger.record(by("li", "close", incident, later(hours=7), code="C1"))


# ------------------------------------------------------------------ the page
@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def test_the_page_says_what_to_do_and_takes_what_was_found(house: House) -> None:
    incident = house.opens(traits=(RETALIATION,))
    page = house.browser("jian").get(f"/incidents/{incident}").text
    assert "有人说因投诉被报复" in page
    assert "还没有查清" in page
    assert "公安局协办" in page
    sent = {
        "act": "verify", "version": house.version(incident), "verification": "true", "retaliation": "found",
        "reason": "调取考勤和解除通知",
    }  # fmt: skip
    assert house.browser("jian").post(f"/incidents/{incident}/acts/verify", sent).status_code == 303
    page = house.browser("jian").get(f"/incidents/{incident}").text
    assert "属实，已责令改正或移送处理" in page
    assert "还没有查清</b>" not in page


def test_a_case_without_it_has_neither_words_nor_field(house: House) -> None:
    incident = house.opens()
    page = house.browser("jian").get(f"/incidents/{incident}").text
    assert "因投诉被报复" not in page
    assert 'name="retaliation"' not in page
