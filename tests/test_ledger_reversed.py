"""撤销支付登记: a payment mistyped or come back counts no more, and that it was registered stays told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import webhouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgerhouse import BOTH, NOON, accepted_on, by, joined, later, ledger_on, reading, slip, stores

from monitor.errors import ForbiddenChange
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.store import Store, incidents

CASE = "QX-2026-0001"
TOLD = ("state", "paid_yuan", "paid_workers")


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return accepted_on(store, NOON)


def row(ledger: Ledger) -> dict[str, Any]:
    with ledger.store.read() as c:
        found = incidents.one(c, CASE)
    assert found is not None
    return found


def pay(ledger: Ledger, yuan: float, workers: int = 1, **data: Any) -> None:
    ledger.record(by("li", "pay", CASE, yuan=yuan, workers=workers, **data))


def take_back(ledger: Ledger, place: int) -> None:
    ledger.record(by("li", "reverse", CASE, later(hours=1), payment=place, reason="多写了一个零"))


def test_a_mistyped_payment_is_taken_back_and_the_case_stands_where_it_stood(ledger: Ledger) -> None:
    before = row(ledger)
    pay(ledger, 4_600_000, 23, confirmed=23)
    assert row(ledger)["state"] == "paid"
    take_back(ledger, 0)
    after = row(ledger)
    assert [after[key] for key in TOLD] == [before[key] for key in TOLD]
    assert (after["closeout"]["payments"], after["closeout"]["confirmed"]) == ([], 0)
    (gone,) = after["closeout"]["reversed"]
    assert (gone["yuan"], gone["by"], gone["reversed_by"], gone["told"]) == (4_600_000, "li", "li", "多写了一个零")
    ledger.record(by("li", "return", CASE, later(hours=2), department="housing", code="R2", reason="非本部门行业"))
    with ledger.store.read() as c:
        assert verify(c).whole


def test_of_several_payments_the_one_meant_goes_and_the_case_stays_paid(ledger: Ledger) -> None:
    for yuan in (100_000.0, 200_000.0, 300_000.0):
        pay(ledger, yuan, 5, proofs=[slip(ledger, CASE)])
    take_back(ledger, 1)
    found = row(ledger)
    assert [one["yuan"] for one in found["closeout"]["payments"]] == [100_000, 300_000]
    assert (found["state"], found["paid_yuan"], found["paid_workers"]) == ("paid", 400_000, 10)


def test_what_is_taken_back_no_longer_closes_a_case(ledger: Ledger) -> None:
    ledger.record(by("li", "verify", CASE, verification="true", workers=23, yuan=460_000))
    ledger.record(by("li", "reply", CASE, url="https://bbs.qinghe.example/t/1#2"))
    pay(ledger, 460_000, 23, proofs=[slip(ledger, CASE)], confirmed=23)
    take_back(ledger, 0)
    with pytest.raises(ForbiddenChange) as caught:
        ledger.record(by("li", "close", CASE, later(hours=2), code="C1"))
    assert caught.value.rule == "close_no_payment"


def test_nothing_is_taken_back_that_is_not_there_nor_while_a_second_person_looks(ledger: Ledger) -> None:
    for place in (0, 1, -1):
        with pytest.raises(ForbiddenChange) as caught:
            take_back(ledger, place)
        assert caught.value.rule == "payment_unknown"
    ledger.record(by("li", "reply", CASE, url="https://bbs.qinghe.example/t/1#2"))
    ledger.record(by("li", "verify", CASE, verification="true", workers=23, yuan=460_000))
    pay(ledger, 460_000, 23, proofs=[slip(ledger, CASE)], confirmed=23)
    ledger.record(by("li", "close", CASE, later(hours=1), code="C1"))
    with pytest.raises(ForbiddenChange) as caught:
        take_back(ledger, 0)
    assert caught.value.rule == "state_forbids"
    ledger.record(by("zhou", "approve", CASE, later(hours=2), approved=False, reason="金额与回单不符"))
    take_back(ledger, 0)
    assert row(ledger)["paid_yuan"] == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0.01, 1e7).map(lambda yuan: round(yuan, 2)), min_size=1, max_size=5), st.data())
def test_however_payments_come_and_go_what_counts_is_what_is_left(
    tmp_path_factory: pytest.TempPathFactory, sums: list[float], data: st.DataObject
) -> None:
    (store,) = stores("sqlite", tmp_path_factory.mktemp("paid"))
    ledger = ledger_on(store)
    ledger.record(joined(reading()))
    left: list[float] = []
    for yuan in sums:
        pay(ledger, yuan)
        left.append(yuan)
        if data.draw(st.booleans()):
            place = data.draw(st.integers(0, len(left) - 1))
            take_back(ledger, place)
            left.pop(place)
    found = row(ledger)
    assert found["paid_yuan"] == pytest.approx(sum(left), abs=0.01)
    assert (found["paid_workers"], found["state"] == "paid") == (len(left), bool(left))


# ------------------------------------------------------------------ on the page
def test_the_page_offers_it_once_there_is_a_payment_and_tells_of_it_afterwards(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path)
    incident, office = house.opens(), house.browser("zhou")
    assert 'id="act-reverse"' not in office.get(f"/incidents/{incident}").text

    def act(name: str, **form: Any) -> None:
        sent = {"version": house.version(incident), "reason": "多写了一个零", **form}
        answer = office.post(f"/incidents/{incident}/acts/{name}", sent)
        assert answer.status_code == 303, answer.text

    act("pay", yuan="4600000", workers="23")
    page = office.get(f"/incidents/{incident}").text
    assert 'id="act-reverse"' in page
    act("reverse", payment="0")
    page = office.get(f"/incidents/{incident}").text
    assert 'id="act-reverse"' not in page
    assert "撤销支付登记" in page
    assert house.row(incident)["paid_yuan"] == 0
